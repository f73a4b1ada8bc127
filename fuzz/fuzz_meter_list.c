/* Any text as a meter list: parsed without harm, and a list that is taken holds its own promises.
 */
#include "registry/meter_list.h"

enum { ROWS = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    meter_list_row row[ROWS];
    meter_list_index index[ROWS];
    meter_list list = {.row = row, .index = index, .cap = ROWS};
    meter_list_errors errors;
    const gt_err err = meter_list_parse((const char *)data, size, &list, &errors);
    GT_ASSERT((err == GT_ERR_OK) == (errors.count == 0));
    for (size_t i = 0; err == GT_ERR_OK && i < list.count; i++) {
        char name[TERMINAL_NAME_MAX];
        uint16_t region = 0;
        uint16_t address = 0;
        terminal_name_format(row[i].region, row[i].address, name);
        GT_ASSERT(terminal_name_parse(name, &region, &address) == GT_ERR_OK);
        GT_ASSERT(region == row[i].region && address == row[i].address);
        GT_ASSERT(row[i].room[0] != '\0' && row[i].meter_no != 0 && row[i].unit != 0);
        for (size_t j = 0; j < i; j++) {
            GT_ASSERT(row[i].meter_no != row[j].meter_no);
        }
    }
    return 0;
}
