/* Strict input: a body is exactly the fields that its route lists. */
#include "api/form.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

static form_fault fault_at(form *f, form_fault fault, const char *name)
{
    (void)snprintf(f->field, sizeof f->field, "%s", name);
    return fault;
}

static bool known(const char *name, const form_field *fields, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(fields[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static form_fault take(form *f, const form_field *field, const json_t *value, form_value *out)
{
    if (value == NULL) {
        return field->optional ? FORM_OK : fault_at(f, FORM_MISSING_FIELD, field->name);
    }
    switch (field->type) {
    case FORM_TEXT:
        if (json_is_string(value) && json_string_length(value) <= field->text_max) {
            out->text = json_string_value(value);
            return FORM_OK;
        }
        break;
    case FORM_ID:
        if (json_is_integer(value) && json_integer_value(value) >= 1) {
            out->id = json_integer_value(value);
            return FORM_OK;
        }
        break;
    }
    return fault_at(f, FORM_BAD_FIELD, field->name);
}

form_fault form_open(form *f, const char *body, size_t len, const form_field *fields, size_t count)
{
    json_error_t error;
    *f = (form){0};
    GT_ASSERT(count <= FORM_FIELDS_MAX);
    json_t *root = json_loadb(body, len, JSON_REJECT_DUPLICATES, &error);
    f->root = root;
    if (!json_is_object(root)) {
        return FORM_NO_JSON;
    }
    const char *name;
    json_t *value;
    json_object_foreach(root, name, value)
    {
        if (!known(name, fields, count)) {
            return fault_at(f, FORM_UNKNOWN_FIELD, name);
        }
    }
    for (size_t i = 0; i < count; i++) {
        const form_fault fault =
            take(f, &fields[i], json_object_get(root, fields[i].name), &f->value[i]);
        if (fault != FORM_OK) {
            return fault;
        }
    }
    return FORM_OK;
}

void form_close(form *f)
{
    json_t *root = f->root;
    json_decref(root);
    f->root = NULL;
}
