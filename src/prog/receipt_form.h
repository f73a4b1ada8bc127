/**
 * @file receipt_form.h
 * @brief The template of receipts: the shop's own file, or the one built in.
 *
 * Layer:   prog.
 */
#ifndef GT_PROG_RECEIPT_FORM_H
#define GT_PROG_RECEIPT_FORM_H

#include "domain/receipt.h"

#include <stdio.h>

/** @param path  "" for the built-in one. Complains to @p errors: file, line, what was expected. */
GT_CHECKED gt_err receipt_form_load(const char *path, FILE *errors, receipt_template *out);

#endif
