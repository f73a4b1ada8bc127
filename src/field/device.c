/* A model is a register map whose every row has been understood: rows of blocks that are read name
 * items of item.def, with the same unit and no finer scale; rows of blocks that are written name
 * the fields that a command has. What is not understood is refused here, with its line, so that
 * nothing surprises later. */
#include "field/device.h"

#include "field/device_priv.h"

#include <stdio.h>
#include <string.h>

const device_block_row *device_block_of(device_block block)
{
    static const device_block_row table[DEVICE_BLOCKS] = {
        [DEVICE_STATUS] = {"status", false, true, 0, {{0}}},
        [DEVICE_SETTINGS] = {"settings", false, true, 0, {{0}}},
        [DEVICE_DAILY] = {"daily", true, true, 0, {{0}}},
        [DEVICE_MONTHLY] = {"monthly", true, true, 0, {{0}}},
        [DEVICE_PURCHASES] = {"purchases", true, true, 0, {{0}}},
        [DEVICE_PURCHASE] = {"purchase",
                             false,
                             false,
                             3,
                             {{"purchase_amount", 2}, {"purchase_count", 0}, {"customer_no", 0}}},
        [DEVICE_CONTROL] = {"control",
                            false,
                            false,
                            3,
                            {{"control_command", 0}, {"control_count", 0}, {"control_expiry", 0}}},
        [DEVICE_PARAMETER] = {"parameter",
                              false,
                              false,
                              9,
                              {{"parameter_count", 0},
                               {"alarm1_limit", 2},
                               {"alarm2_limit", 2},
                               {"overdraft_limit", 2},
                               {"hoarding_limit", 2},
                               {"price_t1", 4},
                               {"price_t2", 4},
                               {"price_t3", 4},
                               {"price_t4", 4}}},
        [DEVICE_CLOCK_SET] = {"clock_set", false, false, 1, {{"clock", 0}}},
    };
    return &table[block];
}

/* Line of the text on which row number @p row stands: the row-th value, bit or coil line. */
static unsigned line_of_row(const char *text, size_t len, size_t row)
{
    unsigned line = 1;
    size_t at = 0;
    size_t seen = 0;
    while (at < len) {
        while (at < len && (text[at] == ' ' || text[at] == '\t')) {
            at++;
        }
        const size_t left = len - at;
        if ((left > 5 && memcmp(text + at, "value", 5) == 0) ||
            (left > 3 && memcmp(text + at, "bit", 3) == 0) ||
            (left > 4 && memcmp(text + at, "coil", 4) == 0)) {
            if (seen == row) {
                return line;
            }
            seen++;
        }
        const char *end = memchr(text + at, '\n', left);
        at = end == NULL ? len : (size_t)(end - text) + 1;
        line++;
    }
    return line;
}

static gt_err row_refuse(const modbus_row *row, const char *expected, device_fault *fault)
{
    (void)snprintf(fault->expected, sizeof fault->expected, "%s, got \"%s\"", expected, row->item);
    return GT_ERR_NOT_FOUND;
}

/* A row of a block that is read. fault->line is the caller's. */
static gt_err row_bind(const modbus_row *row, device_item *out, device_fault *fault)
{
    item_id id = ITEM_MODEL_CODE;
    if (item_find(row->item, &id) != GT_ERR_OK) {
        return row_refuse(row, "an item of domain/item.def", fault);
    }
    if (modbus_type_is_time(row->type)) {
        *out = (device_item){id, 0};
        return GT_ERR_OK;
    }
    const item_row *item = item_of(id);
    if (strcmp(row->unit, item->unit) != 0) {
        (void)snprintf(fault->expected, sizeof fault->expected, "unit \"%s\" for %s, got \"%s\"",
                       item->unit, row->item, row->unit);
        return GT_ERR_SYNTAX;
    }
    const int shift = (int)item->decimals + row->exponent;
    if (shift < 0 || shift > 9 || row->type == MODBUS_TYPE_MAC) {
        (void)snprintf(fault->expected, sizeof fault->expected,
                       "a number with a scale not finer than %u decimals for %s", item->decimals,
                       row->item);
        return GT_ERR_SYNTAX;
    }
    *out = (device_item){id, (uint8_t)shift};
    return GT_ERR_OK;
}

/* A row of a block that is written must be a field of that command. */
static gt_err row_allow(const modbus_row *row, const device_block_row *kind, device_fault *fault)
{
    if (row->type == MODBUS_TYPE_MAC) {
        return GT_ERR_OK;
    }
    for (size_t i = 0; i < kind->field_count; i++) {
        if (strcmp(kind->field[i].name, row->item) == 0) {
            return GT_ERR_OK;
        }
    }
    return row_refuse(row, "a field of this command", fault);
}

static gt_err block_bind(device_model *m, device_block which, size_t *out_row, device_fault *fault)
{
    const device_block_row *kind = device_block_of(which);
    const modbus_block *block = modbus_map_block(&m->map, kind->name);
    m->block[which] = block;
    if (block == NULL) {
        return GT_ERR_OK;
    }
    *out_row = block->row_first;
    if (modbus_block_of_bits(block)) {
        (void)snprintf(fault->expected, sizeof fault->expected, "block %s to be of registers",
                       kind->name);
        return GT_ERR_SYNTAX;
    }
    if (block->repeat != kind->repeat || block->stride > DEVICE_REGISTERS_MAX) {
        (void)snprintf(fault->expected, sizeof fault->expected,
                       "block %s to be %s of at most %d registers", kind->name,
                       kind->repeat ? "repeated records" : "one block", DEVICE_REGISTERS_MAX);
        return GT_ERR_SYNTAX;
    }
    for (size_t i = 0; i < block->row_count; i++) {
        *out_row = block->row_first + i;
        const modbus_row *row = &m->map.rows[*out_row];
        if (kind->read) {
            GT_TRY(row_bind(row, &m->item[*out_row], fault));
        } else {
            GT_TRY(row_allow(row, kind, fault));
        }
    }
    return GT_ERR_OK;
}

static gt_err model_bind(device_model *m, const char *text, size_t len, device_fault *fault)
{
    for (size_t i = 0; i < DEVICE_BLOCKS; i++) {
        size_t row = 0;
        const gt_err err = block_bind(m, (device_block)i, &row, fault);
        if (err != GT_ERR_OK) {
            fault->line = line_of_row(text, len, row);
            return err;
        }
    }
    if (m->block[DEVICE_STATUS] == NULL) {
        (void)snprintf(fault->expected, sizeof fault->expected, "a block \"status\"");
        fault->line = 1;
        return GT_ERR_NOT_FOUND;
    }
    return GT_ERR_OK;
}

gt_err device_model_load(gt_arena *arena, const char *text, size_t len, int zone_min,
                         device_fault *out_fault, const device_model **out)
{
    device_model *m = gt_arena_take(arena, sizeof *m);
    if (m == NULL) {
        return GT_ERR_MEMORY;
    }
    m->zone_min = zone_min;
    modbus_map_fault where = {0};
    if (modbus_map_parse(text, len, &m->map, &where) != GT_ERR_OK) {
        out_fault->line = where.line;
        (void)snprintf(out_fault->expected, sizeof out_fault->expected, "%s, got \"%s\"",
                       where.expected, where.found);
        return GT_ERR_SYNTAX;
    }
    GT_TRY(model_bind(m, text, len, out_fault));
    *out = m;
    return GT_ERR_OK;
}

const char *device_model_name(const device_model *model)
{
    return model->map.model;
}

const char *device_model_label(const device_model *model, int zh)
{
    return zh != 0 ? model->map.name_zh : model->map.name_en;
}

unsigned device_block_records(const device_model *model, device_block block)
{
    return model->block[block] == NULL ? 0 : model->block[block]->records;
}

uint16_t device_block_first(const device_model *model, device_block block)
{
    return model->block[block] == NULL ? 0 : model->block[block]->start;
}

uint8_t device_block_count(const device_model *model, device_block block)
{
    return model->block[block] == NULL ? 0 : (uint8_t)model->block[block]->stride;
}
