/**
 * @file receipt.h
 * @brief A receipt's form: a template of lines, which the shop may change, and what is put into it.
 *
 * Layer:   domain. Pure.
 * A template is text: a line is a word of receipt_line.def and what it shows; {name} stands for a
 * field of receipt_field.def, {{ for a brace; lines that are empty or start with # are skipped.
 *
 *     title {station}
 *     row 金额 Amount | {amount} 元
 *     qr GT1;{book};{number};{amount};{code}
 */
#ifndef GT_DOMAIN_RECEIPT_H
#define GT_DOMAIN_RECEIPT_H

#include "base/err.h"

#include <stddef.h>

enum {
    RECEIPT_LINES_MAX = 48,
    RECEIPT_TEXT_MAX = 160,  /* of a template's line, with terminator */
    RECEIPT_VALUE_MAX = 128, /* of a field, with terminator */
    RECEIPT_SHOWN_MAX = 512, /* of a text with its fields put in, with terminator */
};

typedef enum receipt_line_kind {
#define RECEIPT_LINE(symbol, word, follows) RECEIPT_LINE_##symbol,
#include "domain/receipt_line.def"
#undef RECEIPT_LINE
} receipt_line_kind;

typedef enum receipt_field {
#define RECEIPT_FIELD(symbol, name) RECEIPT_FIELD_##symbol,
#include "domain/receipt_field.def"
#undef RECEIPT_FIELD
} receipt_field;

enum { RECEIPT_FIELDS = RECEIPT_FIELD_STATE_EN + 1 };

typedef struct receipt_line {
    receipt_line_kind kind;
    char text[RECEIPT_TEXT_MAX];  /* a row's label */
    char value[RECEIPT_TEXT_MAX]; /* of a row; "" else */
} receipt_line;

typedef struct receipt_template {
    size_t count;
    receipt_line line[RECEIPT_LINES_MAX];
} receipt_template;

typedef struct receipt_values {
    char field[RECEIPT_FIELDS][RECEIPT_VALUE_MAX];
} receipt_values;

typedef struct receipt_fault {
    unsigned line_no; /* from 1 */
    const char *expected;
} receipt_fault;

/**
 * @param out_fault set on SYNTAX and SPACE
 * @return SYNTAX a word, a field or a brace that is not known, or a control character;
 *         SPACE a line too long or too many of them
 */
GT_CHECKED gt_err receipt_template_parse(const char *text, size_t len, receipt_template *out,
                                         receipt_fault *out_fault);

/** A text of a parsed template with its fields put in; what does not fit is cut at a whole
 * character. */
void receipt_show(const char *text, const receipt_values *values, char out[RECEIPT_SHOWN_MAX]);

#endif
