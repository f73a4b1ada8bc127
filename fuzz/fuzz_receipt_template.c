/* Any bytes as a receipt's template: refused with a place, or shown within its bounds. */
#include "domain/receipt.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static receipt_template parsed;
    receipt_fault fault = {0};
    receipt_values values;
    memset(&values, 0, sizeof values);
    for (unsigned i = 0; i < RECEIPT_FIELDS; i++) {
        memset(values.field[i], 'v', i * 7);
    }
    if (receipt_template_parse((const char *)data, size, &parsed, &fault) != GT_ERR_OK) {
        if (fault.line_no == 0 || fault.expected == NULL) {
            abort();
        }
        return 0;
    }
    for (size_t i = 0; i < parsed.count; i++) {
        char shown[RECEIPT_SHOWN_MAX];
        receipt_show(parsed.line[i].text, &values, shown);
        receipt_show(parsed.line[i].value, &values, shown);
    }
    return 0;
}
