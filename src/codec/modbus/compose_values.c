/* Values from items: by number, or by the type that a map gives the number. */
#include "codec/modbus/compose_priv.h"

#include "base/hex.h"
#include "base/real.h"

#include <string.h>

enum { BITS = 16, NOT_A_NUMBER = 0x7FC00000, NO_BIT = 16, THOUSANDTHS = 3 };

/* What an id says. */
typedef struct place {
    bool relative; /* "+3": from the first one */
    uint32_t number;
    unsigned bit; /* NO_BIT: the whole register */
} place;

static bool decimal_read(const char **text, uint32_t max, uint32_t *out)
{
    uint32_t value = 0;
    size_t digits = 0;
    for (; **text >= '0' && **text <= '9' && value <= max; ++*text, digits++) {
        value = value * 10 + (uint32_t)(**text - '0');
    }
    *out = value;
    return digits > 0 && value <= max;
}

static bool place_read(const char *id, place *out)
{
    place p = {.relative = id[0] == '+', .bit = NO_BIT};
    const char *text = id + 1;
    if (p.relative) {
        if (!decimal_read(&text, UINT16_MAX, &p.number)) {
            return false;
        }
    } else {
        if (id[0] != '0' || id[1] != 'x') {
            return false;
        }
        text = id + 2;
        for (; gt_hex_digit(*text) >= 0 && p.number <= UINT16_MAX; text++) {
            p.number = p.number << 4 | (uint32_t)gt_hex_digit(*text);
        }
        if (text == id + 2 || p.number > UINT16_MAX) {
            return false;
        }
    }
    if (*text == '.') {
        uint32_t bit = 0;
        text++;
        if (!decimal_read(&text, NO_BIT - 1, &bit)) {
            return false;
        }
        p.bit = bit;
    }
    *out = p;
    return *text == '\0';
}

/* The map's row for a register or a bit of it; NULL: none. */
static const modbus_row *row_find(const modbus_map *map, modbus_table table, const place *p)
{
    for (uint16_t i = 0; map != NULL && i < map->row_count; i++) {
        const modbus_row *row = &map->rows[i];
        const modbus_block *block = &map->blocks[row->block];
        const uint32_t end = (uint32_t)block->start + (uint32_t)block->records * block->stride;
        const bool whole = row->type != MODBUS_TYPE_BIT; /* in registers */
        if (!modbus_block_in(block, table) || p->number < block->start || p->number >= end ||
            (p->number - block->start) % block->stride != row->offset) {
            continue;
        }
        if (whole ? p->bit == NO_BIT : p->bit == row->bit) {
            return row;
        }
    }
    return NULL;
}

static void civil_read(codec_composer *c, const codec_value *v, modbus_type type, gt_civil *out)
{
    unsigned n[6] = {0};
    if (codec_value_parts(
            c, v, type == MODBUS_TYPE_YMDH ? "dddd-dd-dd dd:dd" : "dddd-dd-dd dd:dd:dd", n)) {
        *out = (gt_civil){(int16_t)n[0], (uint8_t)n[1], (uint8_t)n[2],
                          (uint8_t)n[3], (uint8_t)n[4], (uint8_t)n[5]};
    }
}

static void real_write(codec_composer *c, const codec_value *v, const modbus_row *row,
                       uint16_t *regs)
{
    uint32_t bits = NOT_A_NUMBER;
    if (v->value != NULL) {
        int exponent = 0;
        const int64_t number = codec_value_scaled(c, v, &exponent);
        exponent += row->type == MODBUS_TYPE_F32M ? THOUSANDTHS : 0;
        if (gt_real_of(number, exponent, &bits) != GT_ERR_OK) {
            codec_compose_fail(c, GT_ERR_RANGE, v, "a number that a real can hold");
        }
    }
    modbus_words_put(c->recipe->map, bits, 2, regs);
}

/* By the row's type into @p regs, the registers of its block. */
static void row_write(codec_composer *c, const codec_value *v, const modbus_row *row,
                      uint16_t *regs)
{
    modbus_value value = {0};
    if (modbus_type_is_real(row->type)) {
        real_write(c, v, row, regs + row->offset);
        return;
    }
    if (modbus_type_is_time(row->type)) {
        if (v->value == NULL) {
            return; /* zeros */
        }
        civil_read(c, v, row->type, &value.civil);
    } else if (row->type == MODBUS_TYPE_MAC) {
        gt_wr w = gt_wr_of(value.mac, sizeof value.mac);
        codec_value_bytes(c, v, &w);
        if (w.len != sizeof value.mac) {
            codec_compose_fail(c, GT_ERR_SYNTAX, v, "eight bytes");
        }
    } else {
        value.raw = codec_value_count(c, v, row->exponent);
    }
    if (c->fault.err == GT_ERR_OK &&
        modbus_value_put(c->recipe->map, row, &value, regs) != GT_ERR_OK) {
        codec_compose_fail(c, GT_ERR_RANGE, v, "a value that the register's type can hold");
    }
}

/* Copies what a row covers into its place among the values. */
static void mapped_write(codec_composer *c, const codec_value *v, const modbus_row *row,
                         uint32_t at, modbus_named *named)
{
    uint16_t regs[MODBUS_READ_MAX] = {0};
    const unsigned count = modbus_row_registers(row);
    if (at + count > MODBUS_READ_MAX) {
        codec_compose_fail(c, GT_ERR_RANGE, v, "a register of the same frame");
        return;
    }
    memcpy(regs + row->offset, named->values + at, count * sizeof regs[0]); /* for single bits */
    row_write(c, v, row, regs);
    memcpy(named->values + at, regs + row->offset, count * sizeof regs[0]);
    if (at + count > named->count) {
        named->count = (uint16_t)(at + count);
    }
}

static void plain_write(codec_composer *c, const codec_value *v, uint32_t at, modbus_named *named)
{
    const uint32_t most = named->bits ? MODBUS_BITS_MAX : MODBUS_READ_MAX;
    if (at >= most) {
        codec_compose_fail(c, GT_ERR_RANGE, v, "a number of the same frame");
        return;
    }
    if (named->bits) {
        const unsigned bit = (unsigned)codec_value_number(c, v, 1) << at % BITS;
        named->values[at / BITS] = (uint16_t)(named->values[at / BITS] | bit);
    } else {
        named->values[at] = (uint16_t)codec_value_number(c, v, UINT16_MAX);
    }
    if (at + 1 > named->count) {
        named->count = (uint16_t)(at + 1);
    }
}

void modbus_values_compose(codec_composer *c, modbus_named *named)
{
    for (const codec_value *v = codec_item_next(c); v != NULL; v = codec_item_next(c)) {
        place p;
        if (!place_read(v->id, &p)) {
            codec_compose_fail(c, GT_ERR_SYNTAX, v, "a register as 0x0015, 0x0024.3 or +0");
            return;
        }
        if (!named->placed && !p.relative) { /* the first item is the lowest, as it is told */
            named->start = (uint16_t)p.number;
            named->placed = true;
        }
        if (!p.relative && p.number < named->start) {
            codec_compose_fail(c, GT_ERR_RANGE, v, "a register from the first one on");
            return;
        }
        const uint32_t at = p.relative ? p.number : p.number - named->start;
        const modbus_row *row =
            p.relative || named->bits ? NULL : row_find(c->recipe->map, named->table, &p);
        if (row != NULL) {
            mapped_write(c, v, row, at, named);
        } else if (p.bit == NO_BIT) {
            plain_write(c, v, at, named);
        } else {
            codec_compose_fail(c, GT_ERR_UNKNOWN, v, "a bit that the register map names");
        }
    }
}
