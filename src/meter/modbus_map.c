/* Registers out of the state, and commands out of registers. The rows of modbus_map.def expand to
 * straight lines of calls: one per field, in register order. */
#include "meter/modbus_map.h"

#include <string.h>

enum { RECORD_REGISTERS = RECORD_DAILY_LEN / 2 };
enum { CENTURY = 2000, CLOCK_YEAR_MAX = 99, WEEKDAY_MAX = 6, WORD = 0xFFFF };

/* What a status poll shows beyond the state itself. */
typedef struct view {
    gt_civil civil;
    credit_event level;
    uint8_t contacts;
} view;

static int64_t sum(const int32_t phase[METER_PHASES])
{
    return (int64_t)phase[0] + phase[1] + phase[2];
}

static bool awaits_button(const meter_account *a)
{
    const bool cut = a->credit == CREDIT_CUT || a->remote == REMOTE_CUT || a->protected_supply;
    return !cut && (a->credit == CREDIT_REARM || a->credit == CREDIT_WARNED ||
                    a->remote == REMOTE_ALLOWED || a->overload == OVERLOAD_LOCKED);
}

static int64_t clamp(int64_t v, int64_t min, int64_t max)
{
    return v < min ? min : v > max ? max : v;
}

/* Counts and registers show their low digits, as a mechanical register does; signed values stop at
 * their end, so that a debt never reads as credit. */
static void put_U16(uint16_t *regs, unsigned at, int64_t v)
{
    regs[at] = (uint16_t)v;
}

static void put_S16(uint16_t *regs, unsigned at, int64_t v)
{
    put_U16(regs, at, clamp(v, INT16_MIN, INT16_MAX));
}

static void put_U32(uint16_t *regs, unsigned at, int64_t v)
{
    regs[at] = (uint16_t)((uint64_t)v >> 16U);
    regs[at + 1] = (uint16_t)v;
}

static void put_S32(uint16_t *regs, unsigned at, int64_t v)
{
    put_U32(regs, at, clamp(v, INT32_MIN, INT32_MAX));
}

static void put_BCD6(uint16_t *regs, unsigned at, uint64_t v)
{
    for (unsigned i = 3; i > 0; i--) {
        unsigned word = 0;
        for (unsigned shift = 0; shift < 16; shift += 4, v /= 10) {
            word |= (unsigned)(v % 10) << shift;
        }
        regs[at + i - 1] = (uint16_t)word;
    }
}

static void put_CLOCK(uint16_t *regs, unsigned at, const gt_civil *civil)
{
    const bool known = civil->month != 0;
    const uint16_t digits[MAP_CLOCK_SET_COUNT] = {known ? (uint16_t)(civil->year - CENTURY) : 0U,
                                                  civil->month,
                                                  civil->day,
                                                  known ? (uint16_t)gt_civil_weekday(civil) : 0U,
                                                  civil->hour,
                                                  civil->minute,
                                                  civil->second};
    memcpy(regs + at, digits, sizeof digits);
}

static uint16_t bcd_pair(unsigned high, unsigned low)
{
    return (uint16_t)(high / 10U << 12U | high % 10U << 8U | low / 10U << 4U | low % 10U);
}

static void put_YMDH(uint16_t *regs, unsigned at, const gt_civil *civil)
{
    regs[at] = bcd_pair((unsigned)civil->year % 100U, civil->month);
    regs[at + 1] = bcd_pair(civil->day, civil->hour);
}

static void put_YMDHMS(uint16_t *regs, unsigned at, const gt_civil *civil)
{
    put_YMDH(regs, at, civil);
    regs[at + 2] = bcd_pair(civil->minute, civil->second);
}

static uint16_t get_U16(const uint16_t *regs, unsigned at)
{
    return regs[at];
}

static uint32_t get_U32(const uint16_t *regs, unsigned at)
{
    return (uint32_t)regs[at] << 16U | regs[at + 1];
}

static uint64_t get_BCD6(const uint16_t *regs, unsigned at)
{
    uint64_t v = 0;
    for (unsigned i = 0; i < 12; i++) {
        const unsigned digit = (unsigned)regs[at + i / 4] >> (12U - 4U * (i % 4)) & 0xFU;
        if (digit > 9) {
            return UINT64_MAX;
        }
        v = v * 10 + digit;
    }
    return v;
}

static void status_fill(const meter *m, const view *v, uint16_t *regs)
{
    const meter_state *s = &m->state;
    const meter_account *a = &s->account;
#define STATUS(at, type, item, value) put_##type(regs, at, value);
#define STATUS_BIT(at, bit, item, value) \
    regs[at] = (uint16_t)(regs[at] | ((value) ? 1U << (bit) : 0U));
#include "meter/modbus_map.def"
}

static void settings_fill(const meter *m, uint16_t *regs)
{
    const meter_account *a = &m->state.account;
#define SETTING(at, type, item, value) put_##type(regs, at, value);
#include "meter/modbus_map.def"
}

void modbus_map_bytes(const uint16_t *regs, size_t count, uint8_t *out)
{
    for (size_t i = 0; i < count; i++) {
        out[2 * i] = (uint8_t)(regs[i] >> 8U);
        out[2 * i + 1] = (uint8_t)regs[i];
    }
}

void modbus_map_freeze(const meter_state *s, const gt_civil *at, uint8_t out[RECORD_DAILY_LEN])
{
    uint16_t regs[RECORD_REGISTERS] = {0};
    const meter_account *a = &s->account;
#define FREEZE(offset, type, item, value) put_##type(regs, offset, value);
#include "meter/modbus_map.def"
    modbus_map_bytes(regs, RECORD_REGISTERS, out);
}

void modbus_map_purchase(const purchase_record *b, uint8_t out[RECORD_PURCHASE_LEN])
{
    uint16_t regs[RECORD_REGISTERS] = {0};
#define BOUGHT(at, type, item, value) put_##type(regs, at, value);
#include "meter/modbus_map.def"
    modbus_map_bytes(regs, RECORD_REGISTERS, out);
}

static unsigned pair_high(uint16_t bcd)
{
    return (unsigned)(bcd >> 12U) * 10U + (bcd >> 8U & 0xFU);
}

static unsigned pair_low(uint16_t bcd)
{
    return (bcd >> 4U & 0xFU) * 10U + (bcd & 0xFU);
}

/* Digits that the meter wrote itself; no month: no time. */
static void get_YMDHMS(const uint16_t *regs, unsigned at, gt_civil *out)
{
    const unsigned month = pair_low(regs[at]);
    *out = (gt_civil){.year = month == 0 ? 0 : (int16_t)(CENTURY + (int)pair_high(regs[at])),
                      .month = (uint8_t)month,
                      .day = (uint8_t)pair_high(regs[at + 1]),
                      .hour = (uint8_t)pair_low(regs[at + 1]),
                      .minute = (uint8_t)pair_high(regs[at + 2]),
                      .second = (uint8_t)pair_low(regs[at + 2])};
}

static void words_of(const uint8_t *payload, uint16_t regs[RECORD_REGISTERS])
{
    for (unsigned i = 0; i < RECORD_REGISTERS; i++) {
        regs[i] = (uint16_t)((unsigned)payload[2 * i] << 8U | payload[2 * i + 1]);
    }
}

gt_err meter_purchase_get(const meter *m, uint32_t back, purchase_record *out)
{
    uint8_t payload[RECORD_PURCHASE_LEN];
    GT_TRY(record_read(m, RECORD_PURCHASE, back, payload));
    uint16_t regs[RECORD_REGISTERS];
    words_of(payload, regs);
    purchase_record found = {0};
    purchase_record *b = &found;
#define TAKE_YMDHMS(at, value) get_YMDHMS(regs, at, value);
#define TAKE_U16(at, value) value = get_U16(regs, at);
#define TAKE_U32(at, value) value = get_U32(regs, at);
#define TAKE_S32(at, value) value = (int32_t)get_U32(regs, at);
#define BOUGHT(at, type, item, value) TAKE_##type(at, value)
#include "meter/modbus_map.def"
    *out = found;
    return GT_ERR_OK;
}

purchase_order modbus_map_purchase_order(const uint16_t *regs)
{
    purchase_order order = {0};
#define PURCHASE(at, type, item, member) order.member = get_##type(regs, at);
#include "meter/modbus_map.def"
    return order;
}

control_order modbus_map_control_order(const uint16_t *regs)
{
    control_order order = {0};
#define CONTROL(at, type, item, member) order.member = get_##type(regs, at);
#include "meter/modbus_map.def"
    return order;
}

parameter_order modbus_map_parameter_order(const uint16_t *regs, const meter_parameter *now)
{
    parameter_order order = {.value = *now};
#define PARAMETER(at, type, item, member) order.member = get_##type(regs, at);
#include "meter/modbus_map.def"
    return order;
}

gt_err modbus_map_clock(const uint16_t *regs, gt_civil *out)
{
    static const uint16_t max[MAP_CLOCK_SET_COUNT] = {
        CLOCK_YEAR_MAX, 12, 31, WEEKDAY_MAX, 23, 59, 59};
    for (unsigned i = 0; i < MAP_CLOCK_SET_COUNT; i++) {
        if (regs[i] > max[i]) {
            return GT_ERR_MALFORMED;
        }
    }
    *out = (gt_civil){.year = (int16_t)(CENTURY + regs[0]),
                      .month = (uint8_t)regs[1],
                      .day = (uint8_t)regs[2],
                      .hour = (uint8_t)regs[4],
                      .minute = (uint8_t)regs[5],
                      .second = (uint8_t)regs[6]};
    return GT_ERR_OK;
}

/* A ring as a read sees it. */
typedef struct table {
    record_class class;
    uint16_t first;
    uint16_t records;
} table;

static gt_err table_register(const meter *m, const table *t, unsigned at,
                             uint16_t regs[RECORD_REGISTERS])
{
    uint8_t payload[RECORD_DAILY_LEN] = {0};
    const gt_err err = record_read(m, t->class, at / RECORD_REGISTERS, payload);
    if (err != GT_ERR_OK && err != GT_ERR_CORRUPT && err != GT_ERR_NOT_FOUND) {
        return err; /* a record that is damaged, or is not there yet, shows as an empty one */
    }
    words_of(payload, regs);
    return GT_ERR_OK;
}

static gt_err table_read(const meter *m, const table *t, uint16_t start, uint16_t count,
                         uint16_t *out)
{
    uint16_t regs[RECORD_REGISTERS] = {0};
    for (unsigned i = 0; i < count; i++) {
        const unsigned at = start + i - t->first;
        if (i == 0 || at % RECORD_REGISTERS == 0) {
            GT_TRY(table_register(m, t, at, regs));
        }
        out[i] = regs[at % RECORD_REGISTERS];
    }
    return GT_ERR_OK;
}

static bool within(uint16_t start, uint16_t count, unsigned first, unsigned len)
{
    return start >= first && (unsigned)start + count <= first + len;
}

gt_err modbus_map_read(const meter *m, gt_mono now, uint16_t start, uint16_t count, uint16_t *out)
{
    uint16_t regs[MAP_STATUS_COUNT] = {0};
    if (within(start, count, MAP_STATUS_FIRST, MAP_STATUS_COUNT)) {
        view v = {.level = supply_level(&m->state.account),
                  .contacts = m->ports.relay.closed(m->ports.relay.ctx)};
        if (clock_civil(m, now, &v.civil) != GT_ERR_OK) {
            v.civil = (gt_civil){0};
        }
        status_fill(m, &v, regs);
        memcpy(out, regs + (start - MAP_STATUS_FIRST), count * sizeof regs[0]);
        return GT_ERR_OK;
    }
    if (within(start, count, MAP_SETTINGS_FIRST, MAP_SETTINGS_COUNT)) {
        settings_fill(m, regs);
        memcpy(out, regs + (start - MAP_SETTINGS_FIRST), count * sizeof regs[0]);
        return GT_ERR_OK;
    }
    static const table tables[] = {{RECORD_DAILY, MAP_DAILY_FIRST, MAP_DAILY_RECORDS},
                                   {RECORD_MONTHLY, MAP_MONTHLY_FIRST, MAP_MONTHLY_RECORDS},
                                   {RECORD_PURCHASE, MAP_PURCHASES_FIRST, MAP_PURCHASES_RECORDS}};
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        const table *t = &tables[i];
        if (within(start, count, t->first, (unsigned)t->records * RECORD_REGISTERS)) {
            return table_read(m, t, start, count, out);
        }
    }
    return GT_ERR_NOT_FOUND;
}
