/* A row of the table says how long an order is, whose key it needs and where its count stands; what
 * it means is read only when the MAC is right. Purchases and valve orders then go the way of every
 * other carrier's. New prices wait in the spare set for the day they begin. */
#include "meter/order_block.h"

#include "codec/cjt188/item.h"
#include "meter/meter_priv.h"
#include "meter/service.h"

enum {
    MONEY_BYTES = 4,
    PRICE_BYTES = 3,
    CUSTOMER_BYTES = 6,
    COUNT_BYTES = 4,
    E4_PER_FEN = 100,
    CENTI = 100,
    PRICES = 3,
    DAYS_AHEAD = 62,
    MINUTES_DAY = 1440,
};

static gt_err purchase(meter *m, const guard_command *command, gt_mono now, uint16_t *out)
{
    gt_rd r = gt_rd_of(command->bytes, command->len);
    const uint8_t low = gt_rd_u8(&r);
    const uint64_t amount_fen = gt_rd_bcd_le(&r, MONEY_BYTES);
    const uint32_t count = gt_rd_u32le(&r);
    purchase_order order = {
        .count = count, .amount_fen = (uint32_t)amount_fen, .customer_no = UINT64_MAX};
    order.customer_no = r.err == GT_ERR_OK ? gt_rd_bcd_le(&r, CUSTOMER_BYTES) : UINT64_MAX;
    if (r.err != GT_ERR_OK || low != (uint8_t)count) {
        *out = METER_RESULT_OTHER;
        return GT_ERR_OK;
    }
    return purchase_signed(m, command, &order, now, out);
}

static gt_err valve(meter *m, const guard_command *command, gt_mono now, uint16_t *out)
{
    gt_rd r = gt_rd_of(command->bytes, command->len);
    const uint8_t to = gt_rd_u8(&r);
    control_order order = {.count = gt_rd_u32le(&r), .expiry_s = gt_rd_u32le(&r)};
    if (to != CJT188_VALVE_OPEN && to != CJT188_VALVE_CLOSE) {
        *out = METER_RESULT_OTHER;
        return GT_ERR_OK;
    }
    order.command =
        to == CJT188_VALVE_OPEN ? CONTROL_CLOSE : CONTROL_OPEN; /* contacts, not water */
    return control_signed(m, command, &order, now, out);
}

/* The count goes into the same image as what it stands for. */
static uint16_t parameter_result(meter *m, const meter_account *before, gt_err err, gt_mono now)
{
    if (err != GT_ERR_OK) {
        order_undo(m, before, now);
    }
    return err == GT_ERR_OK         ? METER_RESULT_OK
           : err == GT_ERR_CONFLICT ? METER_RESULT_STATE
                                    : METER_RESULT_OTHER;
}

static gt_err settle_day(meter *m, const guard_command *command, gt_mono now, uint16_t *out)
{
    const meter_account before = m->state.account;
    gt_rd r = gt_rd_of(command->bytes, command->len);
    const uint64_t day = gt_rd_bcd_le(&r, 1);
    const meter_settle_day settle[METER_SETTLE_DAYS] = {{.day = (uint8_t)day}};
    if (r.err != GT_ERR_OK || day == 0) {
        *out = METER_RESULT_OTHER;
        return GT_ERR_OK;
    }
    guard_take(m, command->purpose, command->count, guard_mac(command));
    const gt_err err = meter_settle_set(m, settle, now);
    *out = parameter_result(m, &before, err, now);
    return err == GT_ERR_IO ? err : GT_ERR_OK;
}

/* The next midnight that begins that day of a month, in civil minutes; 0 when there is none. */
static uint32_t midnight_of(const meter *m, uint64_t day_of_month, gt_mono now)
{
    const int32_t today = clock_day(m, now);
    for (int32_t day = today + 1; today != METER_DAY_NONE && day <= today + DAYS_AHEAD; day++) {
        gt_civil date = {0};
        if (gt_civil_of_day(day, &date) == GT_ERR_OK && date.day == day_of_month) {
            return (uint32_t)day * MINUTES_DAY;
        }
    }
    return 0;
}

/* Price, volume up to which it holds, next price .. Volumes in whole units. */
static gt_err tiers_read(gt_rd *r, tariff_tiers *out)
{
    tariff_tiers tiers = {.count = PRICES};
    for (unsigned i = 0; i < PRICES; i++) {
        tiers.price_e4[i] = (uint32_t)gt_rd_bcd_le(r, PRICE_BYTES) * E4_PER_FEN;
        if (i < PRICES - 1) {
            tiers.upto_centikwh[i] = (uint32_t)gt_rd_bcd_le(r, PRICE_BYTES) * CENTI;
        }
    }
    GT_TRY(r->err);
    GT_TRY(tariff_tiers_check(&tiers));
    *out = tiers;
    return GT_ERR_OK;
}

/* @return RANGE a value; CONFLICT; IO */
static gt_err prices_set(meter *m, const guard_command *command, gt_mono now)
{
    static const uint32_t none_e4[METER_RATES] = {0}; /* the tiers' prices are all there is */
    gt_rd r = gt_rd_of(command->bytes, command->len);
    tariff_tiers tiers;
    GT_TRY(tiers_read(&r, &tiers));
    const uint64_t day = gt_rd_bcd_le(&r, 1);
    const uint32_t at_min = day <= METER_SETTLE_DAY_MAX ? midnight_of(m, day, now) : 0;
    if (r.err != GT_ERR_OK || at_min == 0) {
        return GT_ERR_RANGE;
    }
    if (!order_allowed(m, METER_ACT_PARAMETER)) {
        return GT_ERR_CONFLICT;
    }
    GT_TRY(tariff_spare_prices_write(m, none_e4));
    GT_TRY(tariff_spare_tiers_write(m, &tiers));
    guard_take(m, command->purpose, command->count, guard_mac(command));
    m->state.account.switch_min[TARIFF_PART_PRICES] = at_min;
    return meter_switch_set(m, TARIFF_PART_TIERS, at_min, now);
}

static gt_err prices(meter *m, const guard_command *command, gt_mono now, uint16_t *out)
{
    const meter_account before = m->state.account;
    const gt_err err = prices_set(m, command, now);
    *out = parameter_result(m, &before, err, now);
    return err == GT_ERR_IO ? err : GT_ERR_OK;
}

/* Purchases and valve orders check MAC and count on their way; parameters here. */
static gt_err parameter(meter *m, const guard_command *command, gt_mono now, uint16_t *out)
{
    uint16_t result = METER_RESULT_OK;
    if (guard_check(m, command, now, &result) == GUARD_NEW) {
        result = guard_fresh(m, command);
        if (result == METER_RESULT_OK) {
            return command->first_register == CJT188_DI_PRICES_SET
                       ? prices(m, command, now, out)
                       : settle_day(m, command, now, out);
        }
    }
    *out = result;
    return GT_ERR_OK;
}

static const struct row {
    uint16_t id;
    uint8_t fields; /* bytes before the count */
    uint8_t behind; /* bytes between count and MAC */
    meter_key_purpose purpose;
    gt_err (*take)(meter *m, const guard_command *command, gt_mono now, uint16_t *out);
} rows[] = {
    {CJT188_DI_PRICES_SET, 16, 0, METER_KEY_PARAMETER, parameter},
    {CJT188_DI_SETTLE_DAY_SET, 1, 0, METER_KEY_PARAMETER, parameter},
    {CJT188_DI_PURCHASE_SET, 5, CUSTOMER_BYTES, METER_KEY_PURCHASE, purchase},
    {CJT188_DI_VALVE_SET, 1, 4, METER_KEY_CONTROL, valve},
};

gt_err order_block_take(meter *m, const order_block *block, gt_mono now, uint16_t *out_result)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *row = &rows[i];
        if (row->id != block->id) {
            continue;
        }
        if (block->len != (size_t)row->fields + COUNT_BYTES + row->behind + METER_MAC_LEN) {
            *out_result = METER_RESULT_AUTH; /* no MAC: not one of ours */
            return GT_ERR_OK;
        }
        gt_rd r = gt_rd_of(block->data + row->fields, COUNT_BYTES);
        const guard_command command = {.purpose = row->purpose,
                                       .first_register = row->id,
                                       .bytes = block->data,
                                       .len = block->len,
                                       .count = gt_rd_u32le(&r)};
        return row->take(m, &command, now, out_result);
    }
    return GT_ERR_NOT_FOUND;
}
