/**
 * @file receipt.h
 * @brief Turns a receipt into what a printer or a person takes.
 *
 * Layer:   port.
 * Real:    adapter/receipt: PDF (A4, the parts below each other), ESC/POS (a strip each).
 */
#ifndef GT_PORT_RECEIPT_H
#define GT_PORT_RECEIPT_H

#include "base/err.h"
#include "domain/receipt.h"

#include <stddef.h>

typedef struct receipt_sink {
    void *ctx;
    void (*write)(void *ctx, const void *buf, size_t len);
} receipt_sink;

typedef struct gt_receipt_printer {
    void *ctx;
    const char *content_type;
    /**
     * Any thread.
     * @param parts  values of each part, @p count of them
     * @return MEMORY, IO the library failed; SPACE a QR text too long
     */
    gt_err (*print)(void *ctx, const receipt_template *form, const receipt_values *parts,
                    size_t count, const receipt_sink *to);
} gt_receipt_printer;

#endif
