/* Where receipts get their form from. */
#include "prog/receipt_form.h"

#include "receipt_embedded.h"

#include <errno.h>
#include <string.h>

enum { FILE_MAX = 65536 };

static gt_err parse(const char *name, const char *text, size_t len, FILE *errors,
                    receipt_template *out)
{
    receipt_fault fault = {.line_no = 0};
    const gt_err err = receipt_template_parse(text, len, out, &fault);
    if (err != GT_ERR_OK) {
        (void)fprintf(errors, "%s:%u: expected %s\n", name, fault.line_no, fault.expected);
    }
    return err;
}

gt_err receipt_form_load(const char *path, FILE *errors, receipt_template *out)
{
    char text[FILE_MAX];
    if (path[0] == '\0') {
        return parse("built-in template", embedded_receipt, sizeof embedded_receipt - 1, errors,
                     out);
    }
    FILE *file = fopen(path, "rb");
    const size_t len = file == NULL ? 0 : fread(text, 1, sizeof text, file);
    if (file == NULL || ferror(file) != 0 || len == sizeof text) {
        (void)fprintf(errors, "%s: %s\n", path,
                      len == sizeof text ? "longer than 64 KiB" : strerror(errno));
        if (file != NULL) {
            (void)fclose(file);
        }
        return GT_ERR_IO;
    }
    (void)fclose(file);
    return parse(path, text, len, errors, out);
}
