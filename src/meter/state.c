/* The image is a fixed list of fields behind a version byte. Decoding checks every enumeration and
 * range, because a state that passes its checksum may still come from another firmware. */
#include "meter/state.h"

enum { VERSION = 1, CARRY_MAX = 100 * 20000 };

static void register_encode(const meter_register *reg, gt_wr *w)
{
    gt_wr_u64le(w, (uint64_t)reg->total.centikwh);
    for (unsigned i = 0; i < METER_RATES; i++) {
        gt_wr_u64le(w, (uint64_t)reg->rate[i].centikwh);
    }
    gt_wr_u32le(w, reg->carry);
}

static void register_decode(gt_rd *r, meter_register *out)
{
    out->total.centikwh = (int64_t)gt_rd_u64le(r);
    for (unsigned i = 0; i < METER_RATES; i++) {
        out->rate[i].centikwh = (int64_t)gt_rd_u64le(r);
    }
    out->carry = gt_rd_u32le(r);
}

static void guard_encode(const meter_guard *guard, gt_wr *w)
{
    gt_wr_u32le(w, guard->count);
    gt_wr_bytes(w, guard->last_mac, sizeof guard->last_mac);
    gt_wr_u8(w, guard->wrong);
    gt_wr_u32le(w, (uint32_t)guard->wrong_day);
}

static void guard_decode(gt_rd *r, meter_guard *out)
{
    out->count = gt_rd_u32le(r);
    for (unsigned i = 0; i < sizeof out->last_mac; i++) {
        out->last_mac[i] = gt_rd_u8(r);
    }
    out->wrong = gt_rd_u8(r);
    out->wrong_day = (int32_t)gt_rd_u32le(r);
}

static void parameter_encode(const meter_parameter *parameter, gt_wr *w)
{
    gt_wr_u32le(w, parameter->alarm1_fen);
    gt_wr_u32le(w, parameter->alarm2_fen);
    gt_wr_u32le(w, parameter->overdraft_fen);
    gt_wr_u32le(w, parameter->hoarding_fen);
    for (unsigned i = 0; i < METER_RATES; i++) {
        gt_wr_u32le(w, parameter->price_e4[i]);
    }
}

static void parameter_decode(gt_rd *r, meter_parameter *out)
{
    out->alarm1_fen = gt_rd_u32le(r);
    out->alarm2_fen = gt_rd_u32le(r);
    out->overdraft_fen = gt_rd_u32le(r);
    out->hoarding_fen = gt_rd_u32le(r);
    for (unsigned i = 0; i < METER_RATES; i++) {
        out->price_e4[i] = gt_rd_u32le(r);
    }
}

void meter_state_encode(const meter_state *state, gt_wr *w)
{
    gt_wr_u8(w, VERSION);
    register_encode(&state->reg, w);
    gt_wr_u64le(w, (uint64_t)state->balance.fen);
    gt_wr_u32le(w, (uint32_t)state->carry_e6);
    gt_wr_u32le(w, state->purchased_fen);
    gt_wr_u32le(w, state->purchase_last_fen);
    for (unsigned i = 0; i < METER_KEY_PURPOSES; i++) {
        guard_encode(&state->guard[i], w);
    }
    parameter_encode(&state->parameter, w);
    gt_wr_u8(w, (uint8_t)state->credit);
    gt_wr_u8(w, (uint8_t)state->remote);
    gt_wr_u8(w, state->protected_supply ? 1 : 0);
    gt_wr_u16le(w, state->last_result);
    gt_wr_u32le(w, (uint32_t)state->freeze_day);
    gt_wr_u32le(w, (uint32_t)state->freeze_month);
    gt_wr_u32le(w, (uint32_t)state->clock_set_day);
    gt_wr_u32le(w, state->daily_count);
    gt_wr_u32le(w, state->monthly_count);
    gt_wr_u32le(w, state->purchase_records);
    gt_wr_u32le(w, state->event_count);
}

static uint8_t read_below(gt_rd *r, unsigned limit)
{
    const uint8_t v = gt_rd_u8(r);
    if (v >= limit) {
        gt_rd_fail(r, GT_ERR_RANGE);
        return 0;
    }
    return v;
}

gt_err meter_state_decode(const uint8_t *buf, size_t len, meter_state *out)
{
    gt_rd r = gt_rd_of(buf, len);
    meter_state s = {0};
    gt_rd_expect(&r, VERSION);
    register_decode(&r, &s.reg);
    s.balance.fen = (int64_t)gt_rd_u64le(&r);
    s.carry_e6 = (int32_t)gt_rd_u32le(&r);
    s.purchased_fen = gt_rd_u32le(&r);
    s.purchase_last_fen = gt_rd_u32le(&r);
    for (unsigned i = 0; i < METER_KEY_PURPOSES; i++) {
        guard_decode(&r, &s.guard[i]);
    }
    parameter_decode(&r, &s.parameter);
    s.credit = (credit_state)read_below(&r, CREDIT_STATES);
    s.remote = (remote_state)read_below(&r, REMOTE_STATES);
    s.protected_supply = read_below(&r, 2) != 0;
    s.last_result = gt_rd_u16le(&r);
    s.freeze_day = (int32_t)gt_rd_u32le(&r);
    s.freeze_month = (int32_t)gt_rd_u32le(&r);
    s.clock_set_day = (int32_t)gt_rd_u32le(&r);
    s.daily_count = gt_rd_u32le(&r);
    s.monthly_count = gt_rd_u32le(&r);
    s.purchase_records = gt_rd_u32le(&r);
    s.event_count = gt_rd_u32le(&r);
    GT_TRY(gt_rd_done(&r));
    if (s.carry_e6 < 0 || s.carry_e6 >= GT_FEN_E6 || s.reg.carry >= CARRY_MAX) {
        return GT_ERR_RANGE;
    }
    GT_TRY(meter_parameter_check(&s.parameter));
    *out = s;
    return GT_ERR_OK;
}
