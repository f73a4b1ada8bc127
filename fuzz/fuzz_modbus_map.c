/* Register maps: whatever the text, the parser ends; what it accepts holds its own promises, and
 * values put into registers come out again. */
#include "codec/modbus/map.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
    if (!good) {
        abort();
    }
}

static void row_check(const modbus_map *map, const modbus_row *row)
{
    const modbus_block *block = &map->blocks[row->block];
    must(memchr(row->item, 0, sizeof row->item) != NULL);
    must(memchr(row->unit, 0, sizeof row->unit) != NULL);
    must(row->offset + modbus_row_registers(row) <= block->stride);
    must(modbus_map_row(map, block, row->item) == row);
    uint16_t regs[MODBUS_READ_MAX];
    memset(regs, 0x11, sizeof regs);
    const modbus_window window = {regs, block->start, block->stride};
    modbus_value value;
    if (modbus_value_get(map, row, 0, window, &value) == GT_ERR_OK) {
        uint16_t back[MODBUS_READ_MAX];
        memset(back, 0x11, sizeof back);
        if (modbus_value_put(map, row, &value, back) == GT_ERR_OK &&
            row->type != MODBUS_TYPE_CLOCK) {
            must(memcmp(back, regs, sizeof regs) == 0);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    modbus_map *map = malloc(sizeof *map);
    must(map != NULL);
    modbus_map_fault fault = {.line = 0};
    if (modbus_map_parse((const char *)data, size, map, &fault) == GT_ERR_OK) {
        for (uint16_t i = 0; i < map->row_count; i++) {
            row_check(map, &map->rows[i]);
        }
    } else {
        must(fault.expected != NULL && memchr(fault.found, 0, sizeof fault.found) != NULL);
    }
    free(map);
    return 0;
}
