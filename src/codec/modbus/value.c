/* Rows found by name; values in and out of registers, one small function per type of the map. */
#include "codec/modbus/map.h"

#include "base/real.h"

#include <string.h>

enum {
    CENTURY = 2000,
    CLOCK_WORDS = 7,
    BCD6_MAX_DIGITS = 12,
    BITS = 16,
    THOUSANDTHS = 3,
};

const modbus_block *modbus_map_block(const modbus_map *map, const char *name)
{
    for (uint16_t i = 0; i < map->block_count; i++) {
        if (strcmp(map->blocks[i].name, name) == 0) {
            return &map->blocks[i];
        }
    }
    return NULL;
}

const modbus_row *modbus_map_row(const modbus_map *map, const modbus_block *block, const char *item)
{
    for (uint16_t i = block->row_first; i < block->row_first + block->row_count; i++) {
        if (strcmp(map->rows[i].item, item) == 0) {
            return &map->rows[i];
        }
    }
    return NULL;
}

bool modbus_block_of_bits(const modbus_block *block)
{
    return block->table == MODBUS_TABLE_COIL || block->table == MODBUS_TABLE_DISCRETE;
}

bool modbus_block_in(const modbus_block *block, modbus_table table)
{
    const bool registers = table == MODBUS_TABLE_HOLDING || table == MODBUS_TABLE_INPUT;
    return block->table == table || (block->table == MODBUS_TABLE_ANY && registers);
}

unsigned modbus_row_registers(const modbus_row *row)
{
    static const uint8_t sizes[] = {
#define MODBUS_TYPE_SIZE(symbol, word, registers) [MODBUS_TYPE_##symbol] = (registers),
        MODBUS_TYPE_LIST(MODBUS_TYPE_SIZE)
#undef MODBUS_TYPE_SIZE
    };
    GT_ASSERT((unsigned)row->type < sizeof sizes);
    return sizes[row->type];
}

bool modbus_type_is_time(modbus_type type)
{
    return type == MODBUS_TYPE_CLOCK || type == MODBUS_TYPE_YMDH || type == MODBUS_TYPE_YMDHMS;
}

static bool all_zero(const uint16_t *regs, unsigned count)
{
    unsigned any = 0;
    for (unsigned i = 0; i < count; i++) {
        any |= regs[i];
    }
    return any == 0;
}

/* Two or four registers as one number. */
static uint64_t joined(const modbus_map *map, const uint16_t *regs, unsigned count)
{
    uint64_t v = 0;
    for (unsigned i = 0; i < count; i++) {
        v = v << 16 | regs[map->low_first ? count - 1 - i : i];
    }
    return v;
}

void modbus_words_put(const modbus_map *map, uint64_t value, unsigned count, uint16_t *regs)
{
    for (unsigned i = 0; i < count; i++) {
        regs[map->low_first ? i : count - 1 - i] = (uint16_t)(value >> (16 * i));
    }
}

static int64_t signed_of(uint64_t v, unsigned bits)
{
    const uint64_t sign = UINT64_C(1) << (bits - 1);
    return (int64_t)((v ^ sign) - sign);
}

/* Digits of n registers, four each, in reading order. */
static gt_err digits_get(const uint16_t *regs, unsigned count, int64_t *out)
{
    int64_t value = 0;
    for (unsigned i = 0; i < 4 * count; i++) {
        const unsigned digit = regs[i / 4] >> (4 * (3 - i % 4)) & 0x0F;
        if (digit > 9) {
            return GT_ERR_MALFORMED;
        }
        value = value * 10 + (int64_t)digit;
    }
    *out = value;
    return GT_ERR_OK;
}

static void digits_put(uint16_t *regs, unsigned count, int64_t value)
{
    for (unsigned i = count; i > 0; i--) {
        unsigned packed = 0;
        for (unsigned shift = 0; shift < 16; shift += 4) {
            packed |= (unsigned)(value % 10) << shift;
            value /= 10;
        }
        regs[i - 1] = (uint16_t)packed;
    }
}

static gt_err clock_get(const uint16_t *regs, gt_civil *out)
{
    static const uint16_t max[CLOCK_WORDS] = {99, 12, 31, 6, 23, 59, 59};
    for (unsigned i = 0; i < CLOCK_WORDS; i++) {
        if (regs[i] > max[i]) {
            return GT_ERR_MALFORMED;
        }
    }
    const gt_civil civil = {
        .year = (int16_t)(CENTURY + regs[0]),
        .month = (uint8_t)regs[1],
        .day = (uint8_t)regs[2],
        .hour = (uint8_t)regs[4],
        .minute = (uint8_t)regs[5],
        .second = (uint8_t)regs[6],
    };
    if (!gt_civil_valid(&civil)) {
        return GT_ERR_RANGE;
    }
    *out = civil;
    return GT_ERR_OK;
}

/* YYMM DDhh [mmss] in BCD. */
static gt_err digits_time_get(const uint16_t *regs, unsigned count, gt_civil *out)
{
    int64_t digits = 0;
    GT_TRY(digits_get(regs, count, &digits));
    if (count == 2) {
        digits *= 10000;
    }
    const gt_civil civil = {
        .year = (int16_t)(CENTURY + digits / 10000000000),
        .month = (uint8_t)(digits / 100000000 % 100),
        .day = (uint8_t)(digits / 1000000 % 100),
        .hour = (uint8_t)(digits / 10000 % 100),
        .minute = (uint8_t)(digits / 100 % 100),
        .second = (uint8_t)(digits % 100),
    };
    if (!gt_civil_valid(&civil)) {
        return GT_ERR_RANGE;
    }
    *out = civil;
    return GT_ERR_OK;
}

static void mac_get(const uint16_t *regs, uint8_t out[MODBUS_MAC_LEN])
{
    for (unsigned i = 0; i < MODBUS_MAC_LEN; i += 2) {
        out[i] = (uint8_t)(regs[i / 2] >> 8);
        out[i + 1] = (uint8_t)regs[i / 2];
    }
}

bool modbus_type_is_real(modbus_type type)
{
    return type == MODBUS_TYPE_F32 || type == MODBUS_TYPE_F32M;
}

/* Power of ten of the real's own unit that raw counts in. */
static int real_exponent(const modbus_row *row)
{
    return row->exponent + (row->type == MODBUS_TYPE_F32M ? THOUSANDTHS : 0);
}

static gt_err real_get(const modbus_row *row, modbus_value *out)
{
    const gt_err err = gt_real_count(out->real, real_exponent(row), &out->raw);
    return err == GT_ERR_MALFORMED ? GT_ERR_NOT_FOUND : err; /* the device has no value there */
}

static gt_err get(const modbus_map *map, const modbus_row *row, const uint16_t *regs,
                  modbus_value *out)
{
    const uint64_t v =
        joined(map, regs, modbus_row_registers(row) <= 4 ? modbus_row_registers(row) : 4);
    switch (row->type) {
    case MODBUS_TYPE_U16:
    case MODBUS_TYPE_U32:
        out->raw = (int64_t)v;
        return GT_ERR_OK;
    case MODBUS_TYPE_S16:
        out->raw = signed_of(v, 16);
        return GT_ERR_OK;
    case MODBUS_TYPE_S32:
        out->raw = signed_of(v, 32);
        return GT_ERR_OK;
    case MODBUS_TYPE_U64:
        out->raw = (int64_t)v;
        return v > INT64_MAX ? GT_ERR_RANGE : GT_ERR_OK;
    case MODBUS_TYPE_S64:
        out->raw = (int64_t)v;
        return GT_ERR_OK;
    case MODBUS_TYPE_F32:
    case MODBUS_TYPE_F32M:
        out->real = (uint32_t)v;
        return real_get(row, out);
    case MODBUS_TYPE_BCD6:
        return digits_get(regs, 3, &out->raw);
    case MODBUS_TYPE_CLOCK:
        return clock_get(regs, &out->civil);
    case MODBUS_TYPE_YMDH:
        return digits_time_get(regs, 2, &out->civil);
    case MODBUS_TYPE_YMDHMS:
        return digits_time_get(regs, 3, &out->civil);
    case MODBUS_TYPE_MAC:
        mac_get(regs, out->mac);
        return GT_ERR_OK;
    case MODBUS_TYPE_BIT:
        out->raw = regs[0] >> row->bit & 1;
        return GT_ERR_OK;
    }
    return GT_ERR_UNSUPPORTED;
}

gt_err modbus_value_get(const modbus_map *map, const modbus_row *row, uint16_t record,
                        modbus_window window, modbus_value *out)
{
    const modbus_block *block = &map->blocks[row->block];
    if (record >= block->records) {
        return GT_ERR_RANGE;
    }
    const uint32_t at =
        (uint32_t)block->start + (uint32_t)record * block->stride + (uint32_t)row->offset;
    const unsigned count = modbus_row_registers(row);
    if (at < window.start || at + count > (uint32_t)window.start + window.count) {
        return GT_ERR_NOT_FOUND;
    }
    const uint32_t skipped = at - window.start;
    if (modbus_block_of_bits(block)) {
        *out = (modbus_value){.raw = window.regs[skipped / BITS] >> skipped % BITS & 1};
        return GT_ERR_OK;
    }
    const uint16_t *regs = window.regs + skipped;
    if (modbus_type_is_time(row->type) && all_zero(regs, count)) {
        return GT_ERR_NOT_FOUND;
    }
    modbus_value value = {0};
    GT_TRY(get(map, row, regs, &value));
    *out = value;
    return GT_ERR_OK;
}

static gt_err real_put(const modbus_map *map, const modbus_row *row, int64_t raw, uint16_t *regs)
{
    uint32_t bits = 0;
    GT_TRY(gt_real_of(raw, real_exponent(row), &bits));
    modbus_words_put(map, bits, 2, regs);
    return GT_ERR_OK;
}

static gt_err number_put(const modbus_map *map, const modbus_row *row, int64_t raw, uint16_t *regs)
{
    static const struct {
        int64_t min;
        int64_t max;
    } limits[] = {
        [MODBUS_TYPE_U16] = {0, UINT16_MAX},
        [MODBUS_TYPE_S16] = {INT16_MIN, INT16_MAX},
        [MODBUS_TYPE_U32] = {0, UINT32_MAX},
        [MODBUS_TYPE_S32] = {INT32_MIN, INT32_MAX},
        [MODBUS_TYPE_U64] = {0, INT64_MAX},
        [MODBUS_TYPE_S64] = {INT64_MIN, INT64_MAX},
        [MODBUS_TYPE_F32] = {INT64_MIN, INT64_MAX},
        [MODBUS_TYPE_F32M] = {INT64_MIN, INT64_MAX},
        [MODBUS_TYPE_BCD6] = {0, INT64_C(999999999999)},
        [MODBUS_TYPE_BIT] = {0, 1},
    };
    if (raw < limits[row->type].min || raw > limits[row->type].max) {
        return GT_ERR_RANGE;
    }
    if (modbus_type_is_real(row->type)) {
        return real_put(map, row, raw, regs);
    }
    if (row->type == MODBUS_TYPE_BCD6) {
        digits_put(regs, BCD6_MAX_DIGITS / 4, raw);
    } else if (row->type == MODBUS_TYPE_BIT) {
        const unsigned mask = 1U << row->bit;
        regs[0] = (uint16_t)(raw != 0 ? regs[0] | mask : regs[0] & ~mask);
    } else {
        modbus_words_put(map, (uint64_t)raw, modbus_row_registers(row), regs);
    }
    return GT_ERR_OK;
}

/* A coil of a block of bits. */
static gt_err coil_put(const modbus_row *row, int64_t raw, uint16_t *packed)
{
    const modbus_row bit = {.type = MODBUS_TYPE_BIT, .bit = row->offset % BITS};
    return number_put(NULL, &bit, raw, packed + row->offset / BITS);
}

static gt_err time_put(modbus_type type, const gt_civil *civil, uint16_t *regs)
{
    if (!gt_civil_valid(civil) || civil->year < CENTURY) {
        return GT_ERR_RANGE;
    }
    if (type == MODBUS_TYPE_CLOCK) {
        regs[0] = (uint16_t)(civil->year - CENTURY);
        regs[1] = civil->month;
        regs[2] = civil->day;
        regs[3] = (uint16_t)gt_civil_weekday(civil);
        regs[4] = civil->hour;
        regs[5] = civil->minute;
        regs[6] = civil->second;
        return GT_ERR_OK;
    }
    int64_t digits = civil->year - CENTURY;
    digits = digits * 100 + civil->month;
    digits = digits * 100 + civil->day;
    digits = digits * 100 + civil->hour;
    if (type == MODBUS_TYPE_YMDHMS) {
        digits = digits * 100 + civil->minute;
        digits = digits * 100 + civil->second;
        digits_put(regs, 3, digits);
    } else {
        digits_put(regs, 2, digits);
    }
    return GT_ERR_OK;
}

gt_err modbus_value_put(const modbus_map *map, const modbus_row *row, const modbus_value *value,
                        uint16_t *regs)
{
    if (modbus_block_of_bits(&map->blocks[row->block])) {
        return coil_put(row, value->raw, regs);
    }
    uint16_t *at = regs + row->offset;
    if (modbus_type_is_time(row->type)) {
        return time_put(row->type, &value->civil, at);
    }
    if (row->type == MODBUS_TYPE_MAC) {
        for (unsigned i = 0; i < MODBUS_MAC_LEN; i += 2) {
            at[i / 2] = (uint16_t)(value->mac[i] << 8 | value->mac[i + 1]);
        }
        return GT_ERR_OK;
    }
    return number_put(map, row, value->raw, at);
}
