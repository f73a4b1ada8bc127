/* Readings, money and prices out of the state. The rows of cjt188_map.def expand to straight lines
 * of calls, one a field in wire order. */
#include "meter/cjt188_map.h"

#include "codec/cjt188/item.h"
#include "meter/comm.h"
#include "meter/settlement.h"

enum {
    UNIT_KWH = 0x05,
    UNIT_KW = 0x17,
    UNIT_M3 = 0x2C,
    TYPE_HEAT = 0x20,
    TYPE_KIND = 0xF0,
    ABSENT = 0xFF,
    ID_DIGITS = 10,
    NIBBLE = 4,
    PERCENT = 100,
    WATT_PER_DEKA = 10,
    NOT_YET = -1,
    STATUS_RESULT_HIGH = 3, /* where the higher bits of a refusal stand in the low byte */
    STATUS_DEBT = 0x40,
    STATUS_ALARM = 0x80,
};

typedef struct view {
    gt_civil civil;
    int64_t settled; /* NOT_YET */
    uint16_t status;
    uint8_t unit;
} view;

static int64_t sum(const int32_t phase[METER_PHASES])
{
    const int64_t all = (int64_t)phase[0] + phase[1] + phase[2];
    return all < 0 ? 0 : all;
}

static int64_t price_fen(const meter_account *a, const meter_state *s, unsigned tier)
{
    if (tier != 0 && tier >= a->tiers.count) {
        return NOT_YET;
    }
    const uint32_t of_tier = a->tiers.count != 0 ? a->tiers.price_e4[tier] : 0;
    return ((int64_t)a->parameter.price_e4[s->rate - 1] + of_tier) / PERCENT;
}

static int64_t volume_upto(const meter_account *a, unsigned tier)
{
    return tier + 1 < a->tiers.count ? (int64_t)a->tiers.upto_centikwh[tier] / PERCENT : NOT_YET;
}

/* The low digits, as a mechanical register shows them. */
static void put_bcd(gt_wr *w, int64_t v, size_t bytes)
{
    int64_t modulus = 1;
    for (size_t i = 0; i < bytes; i++) {
        modulus *= PERCENT;
    }
    if (v < 0) {
        gt_wr_fill(w, ABSENT, bytes);
    } else {
        gt_wr_bcd_le(w, (uint64_t)(v % modulus), bytes);
    }
}

static void put_united(gt_wr *w, int64_t v, uint8_t unit)
{
    put_bcd(w, v, 4);
    gt_wr_u8(w, v < 0 ? ABSENT : unit);
}

static void put_time(gt_wr *w, const gt_civil *civil)
{
    const unsigned parts[] = {civil->second, civil->minute, civil->hour, civil->day, civil->month};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        gt_wr_bcd_le(w, parts[i], 1);
    }
    gt_wr_bcd_le(w, (uint64_t)civil->year, 2);
}

#define put_BCD3(w, value) put_bcd(w, value, 3)
#define put_BCD4(w, value) put_bcd(w, value, 4)
#define put_UNITED(w, value) put_united(w, value, v->unit)
#define put_KILOWATT(w, value) put_united(w, value, UNIT_KW)
#define put_ABSENT5(w, value) put_united(w, NOT_YET, ABSENT)
#define put_U8(w, value) gt_wr_u8(w, (uint8_t)(value))
#define put_TIME(w, value) put_time(w, value)
#define put_STATUS(w, value) gt_wr_u16le(w, value)

static void flow_fill(const meter *m, const view *v, gt_wr *w)
{
    const meter_state *s = &m->state;
#define FLOW(type, value) put_##type(w, value);
#include "meter/cjt188_map.def"
}

static void heat_fill(const meter *m, const view *v, gt_wr *w)
{
    const meter_state *s = &m->state;
#define HEAT(type, value) put_##type(w, value);
#include "meter/cjt188_map.def"
}

static void purchase_fill(const meter *m, const view *v, gt_wr *w)
{
    const meter_account *a = &m->state.account;
#define PURCHASE(type, value) put_##type(w, value);
#include "meter/cjt188_map.def"
}

static void prices_fill(const meter *m, gt_wr *w)
{
    const meter_state *s = &m->state;
    const meter_account *a = &s->account;
#define PRICES(type, value) put_##type(w, value);
#include "meter/cjt188_map.def"
}

uint64_t cjt188_map_addr(const meter *m)
{
    const uint64_t own = comm_address(m) & ((UINT64_C(1) << (NIBBLE * ID_DIGITS)) - 1);
    return own | (uint64_t)m->cfg->cjt188_maker << (NIBBLE * ID_DIGITS);
}

uint8_t cjt188_map_type(const meter *m)
{
    return m->cfg->cjt188_type != 0 ? m->cfg->cjt188_type : (uint8_t)CJT188_TYPE_ELECTRICITY;
}

static bool is_heat(const meter *m)
{
    return (cjt188_map_type(m) & TYPE_KIND) == TYPE_HEAT;
}

static uint8_t unit_of(const meter *m)
{
    return is_heat(m) || cjt188_map_type(m) == CJT188_TYPE_ELECTRICITY ? UNIT_KWH : UNIT_M3;
}

uint16_t cjt188_map_status(const meter *m, uint16_t result)
{
    const meter_account *a = &m->state.account;
    const bool open = m->ports.relay.closed(m->ports.relay.ctx) == GT_RELAY_ALL; /* water flows */
    unsigned low = open ? CJT188_STATUS_VALVE_OPEN : CJT188_STATUS_VALVE_CLOSED;
    low = m->relay.fault ? CJT188_STATUS_VALVE_FAULT : low;
    low |= (unsigned)result >> 8U << STATUS_RESULT_HIGH;
    low |= a->balance.fen < 0 ? STATUS_DEBT : 0U;
    low |= supply_level(a) != CREDIT_EV_BALANCE_OK ? STATUS_ALARM : 0U;
    return (uint16_t)(low | (unsigned)(result & 0xFFU) << 8U);
}

static gt_err settled_at(const meter *m, uint32_t back, int64_t *out)
{
    meter_settlement settlement;
    const gt_err err = meter_settlement_get(m, back, &settlement);
    if (err == GT_ERR_OK) {
        *out = settlement.forward[0].centikwh;
    } else {
        *out = NOT_YET;
    }
    return err == GT_ERR_NOT_FOUND || err == GT_ERR_CORRUPT ? GT_ERR_OK : err;
}

static gt_err current_read(const meter *m, gt_mono now, gt_wr *w)
{
    view v = {.status = cjt188_map_status(m, METER_RESULT_OK), .unit = unit_of(m)};
    GT_TRY(settled_at(m, 0, &v.settled));
    if (clock_civil(m, now, &v.civil) != GT_ERR_OK) {
        v.civil = (gt_civil){0};
    }
    if (is_heat(m)) {
        heat_fill(m, &v, w);
    } else {
        flow_fill(m, &v, w);
    }
    return GT_ERR_OK;
}

gt_err cjt188_map_read(const meter *m, uint16_t di, gt_mono now, gt_wr *w)
{
    const view v = {.status = cjt188_map_status(m, METER_RESULT_OK)};
    const cjt188_item *item = cjt188_item_find(di);
    int64_t settled = NOT_YET;
    switch (item != NULL ? item->id : 0) {
    case CJT188_DI_CURRENT:
        return current_read(m, now, w);
    case CJT188_DI_HISTORY:
        GT_TRY(settled_at(m, di - item->id, &settled));
        put_united(w, settled, unit_of(m));
        return GT_ERR_OK;
    case CJT188_DI_PURCHASE:
        purchase_fill(m, &v, w);
        return GT_ERR_OK;
    case CJT188_DI_PRICES:
        prices_fill(m, w);
        return GT_ERR_OK;
    case CJT188_DI_SETTLE_DAY:
        put_bcd(w, m->state.account.settle[0].day != 0 ? m->state.account.settle[0].day : 1, 1);
        return GT_ERR_OK;
    case CJT188_DI_KEY_VERSION:
        gt_wr_u8(w, m->cfg->key_version);
        return GT_ERR_OK;
    default:
        GT_ASSERT(di == CJT188_DI_ADDR); /* which stands in the head of the frame */
        return GT_ERR_OK;
    }
}
