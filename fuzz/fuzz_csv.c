/* Any text through the CSV reader: it ends, its fields are terminated, its lines go forward. */
#include "base/csv.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static gt_csv_row row;
    gt_csv csv = gt_csv_of((const char *)data, size);
    unsigned line = 0;
    while (gt_csv_next(&csv, &row) == GT_ERR_OK) {
        GT_ASSERT(row.count >= 1);
        GT_ASSERT(csv.line > line);
        line = csv.line;
        for (size_t i = 0; i < row.count; i++) {
            GT_ASSERT(row.field[i] + strlen(row.field[i]) < row.text + sizeof row.text);
        }
    }
    return 0;
}
