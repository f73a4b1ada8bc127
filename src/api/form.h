/**
 * @file form.h
 * @brief A request's JSON body against the list of fields a route takes. Nothing else is accepted.
 *
 * Layer:   api, over jansson.
 */
#ifndef GT_API_FORM_H
#define GT_API_FORM_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FORM_FIELDS_MAX = 8, FORM_NAME_MAX = 64 };

typedef enum form_type { FORM_TEXT, FORM_ID } form_type;

/** TEXT: a string of at most text_max bytes. ID: a whole number from 1. */
typedef struct form_field {
    const char *name;
    form_type type;
    bool optional; /* absent: text NULL, id 0 */
    size_t text_max;
} form_field;

typedef struct form_value {
    const char *text; /* lives until form_close */
    int64_t id;
} form_value;

typedef enum form_fault {
    FORM_OK,
    FORM_NO_JSON, /* no JSON object, a key twice, NaN, a NUL in a string */
    FORM_UNKNOWN_FIELD,
    FORM_MISSING_FIELD,
    FORM_BAD_FIELD, /* another type, too long, not a whole number, below 1 */
} form_fault;

typedef struct form {
    void *root;                        /* jansson's tree */
    form_value value[FORM_FIELDS_MAX]; /* in the order of the fields */
    char field[FORM_NAME_MAX];         /* the one at fault */
} form;

/** Always close the form, also after a fault. */
form_fault form_open(form *f, const char *body, size_t len, const form_field *fields, size_t count);
void form_close(form *f);

#endif
