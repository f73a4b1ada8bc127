/* A meter is replaced, and its customer's account goes with him: out of the old one in one step,
 * into the new one in one step. What was taken out can be read again; what was taken in is not
 * taken twice. */
#include "meter/service.h"

#include "meter/meter_priv.h"

static const uint64_t number_max = 999999999999U;

static void parameter_put(gt_wr *w, const meter_parameter *p)
{
    gt_wr_u32le(w, p->alarm1_fen);
    gt_wr_u32le(w, p->alarm2_fen);
    gt_wr_u32le(w, p->overdraft_fen);
    gt_wr_u32le(w, p->hoarding_fen);
    for (unsigned i = 0; i < METER_RATES; i++) {
        gt_wr_u32le(w, p->price_e4[i]);
    }
    gt_wr_u32le(w, p->emergency_fen);
    gt_wr_u32le(w, p->permit_fen);
    gt_wr_u32le(w, p->free_centikwh);
    gt_wr_u16le(w, p->friendly_from);
    gt_wr_u16le(w, p->friendly_to);
    gt_wr_u8(w, p->friendly_days);
    gt_wr_u8(w, p->friendly_holidays ? 1 : 0);
    gt_wr_u32le(w, p->power.limit_w);
    gt_wr_u16le(w, p->power.delay_s);
    gt_wr_u16le(w, p->power.return_s);
    gt_wr_u8(w, p->power.trips_max);
}

static void parameter_get(gt_rd *r, meter_parameter *out)
{
    out->alarm1_fen = gt_rd_u32le(r);
    out->alarm2_fen = gt_rd_u32le(r);
    out->overdraft_fen = gt_rd_u32le(r);
    out->hoarding_fen = gt_rd_u32le(r);
    for (unsigned i = 0; i < METER_RATES; i++) {
        out->price_e4[i] = gt_rd_u32le(r);
    }
    out->emergency_fen = gt_rd_u32le(r);
    out->permit_fen = gt_rd_u32le(r);
    out->free_centikwh = gt_rd_u32le(r);
    out->friendly_from = gt_rd_u16le(r);
    out->friendly_to = gt_rd_u16le(r);
    out->friendly_days = gt_rd_u8(r);
    out->friendly_holidays = gt_rd_u8(r) != 0;
    out->power.limit_w = gt_rd_u32le(r);
    out->power.delay_s = gt_rd_u16le(r);
    out->power.return_s = gt_rd_u16le(r);
    out->power.trips_max = gt_rd_u8(r);
}

void meter_exchange_encode(const meter_exchange *x, uint8_t out[METER_EXCHANGE_LEN])
{
    gt_wr w = gt_wr_of(out, METER_EXCHANGE_LEN);
    gt_wr_u64le(&w, x->meter_no);
    gt_wr_u64le(&w, x->customer_no);
    gt_wr_u64le(&w, (uint64_t)x->balance.fen);
    gt_wr_u32le(&w, (uint32_t)x->carry_e6);
    gt_wr_u32le(&w, x->count);
    gt_wr_u32le(&w, x->purchased_fen);
    gt_wr_u32le(&w, x->purchase_last_fen);
    for (unsigned i = 0; i <= METER_RATES; i++) {
        const uint64_t v = (uint64_t)x->forward[i].centikwh;
        gt_wr_u32le(&w, (uint32_t)v);
        gt_wr_u8(&w, (uint8_t)(v >> 32U));
    }
    parameter_put(&w, &x->parameter);
    tariff_tiers_put(&w, &x->tiers);
    GT_ASSERT(w.len == METER_EXCHANGE_LEN);
}

gt_err meter_exchange_decode(const uint8_t buf[METER_EXCHANGE_LEN], meter_exchange *out)
{
    gt_rd r = gt_rd_of(buf, METER_EXCHANGE_LEN);
    meter_exchange x = {.meter_no = gt_rd_u64le(&r), .customer_no = gt_rd_u64le(&r)};
    x.balance.fen = (int64_t)gt_rd_u64le(&r);
    x.carry_e6 = (int32_t)gt_rd_u32le(&r);
    x.count = gt_rd_u32le(&r);
    x.purchased_fen = gt_rd_u32le(&r);
    x.purchase_last_fen = gt_rd_u32le(&r);
    for (unsigned i = 0; i <= METER_RATES; i++) {
        const uint64_t low = gt_rd_u32le(&r);
        x.forward[i].centikwh = (int64_t)((uint64_t)gt_rd_u8(&r) << 32U | low);
    }
    parameter_get(&r, &x.parameter);
    GT_TRY(tariff_tiers_get(&r, &x.tiers));
    GT_TRY(gt_rd_done(&r));
    if (x.meter_no == 0 || x.meter_no > number_max || x.customer_no == 0 ||
        x.customer_no > number_max || x.balance.fen < -INT32_MAX || x.balance.fen > INT32_MAX ||
        x.carry_e6 < 0 || x.carry_e6 >= GT_FEN_E6) {
        return GT_ERR_RANGE;
    }
    GT_TRY(meter_parameter_check(&x.parameter));
    *out = x;
    return GT_ERR_OK;
}

static void exchange_fill(const meter_state *s, meter_exchange *out)
{
    const meter_account *a = &s->account;
    *out = (meter_exchange){.meter_no = a->meter_no,
                            .customer_no = a->customer_no,
                            .balance = a->balance,
                            .carry_e6 = a->carry_e6,
                            .count = a->guard[METER_KEY_PURCHASE].count,
                            .purchased_fen = a->purchased_fen,
                            .purchase_last_fen = a->purchase_last_fen,
                            .parameter = a->parameter,
                            .tiers = a->tiers};
    out->forward[0] = s->forward.total;
    for (unsigned i = 0; i < METER_RATES; i++) {
        out->forward[1 + i] = s->forward.rate[i];
    }
}

/* Not static: a frame of its own, beside which the account set aside has room on the stack. */
gt_err exchange_append(meter *m)
{
    meter_exchange exchange;
    exchange_fill(&m->state, &exchange);
    uint8_t payload[METER_EXCHANGE_LEN];
    meter_exchange_encode(&exchange, payload);
    return record_append(m, RECORD_EXCHANGE, payload);
}

gt_err meter_export(meter *m, gt_mono now)
{
    const meter_account before = m->state.account;
    GT_TRY(order_life(m, METER_ACT_EXPORT));
    const gt_err err = exchange_append(m);
    if (err != GT_ERR_OK) {
        order_undo(m, &before, now);
        return err;
    }
    service_account_empty(&m->state.account);
    service_life_note(m, now);
    GT_TRY(order_commit(m, &before, now));
    supply_update(m, now);
    return GT_ERR_OK;
}

gt_err meter_exported(const meter *m, meter_exchange *out)
{
    uint8_t payload[METER_EXCHANGE_LEN];
    GT_TRY(record_read(m, RECORD_EXCHANGE, 0, payload));
    return meter_exchange_decode(payload, out);
}

gt_err meter_import(meter *m, const meter_exchange *exchange, gt_mono now)
{
    meter_account *a = &m->state.account;
    const meter_account before = *a;
    if (exchange->meter_no == a->exchange_no && exchange->count == a->exchange_count) {
        return GT_ERR_REPLAY;
    }
    if (exchange->customer_no != a->customer_no) {
        return GT_ERR_MISMATCH;
    }
    GT_TRY(meter_parameter_check(&exchange->parameter));
    GT_TRY(tariff_tiers_check(&exchange->tiers));
    GT_TRY(order_life(m, METER_ACT_IMPORT));
    a->balance = exchange->balance;
    a->carry_e6 = exchange->carry_e6;
    a->purchased_fen = exchange->purchased_fen;
    a->purchase_last_fen = exchange->purchase_last_fen;
    a->exchange_no = exchange->meter_no;
    a->exchange_count = exchange->count;
    if (exchange->count > a->guard[METER_KEY_PURCHASE].count) {
        guard_take(m, METER_KEY_PURCHASE, exchange->count, NULL);
    }
    a->parameter = exchange->parameter;
    a->tiers = exchange->tiers;
    service_life_note(m, now);
    GT_TRY(order_commit(m, &before, now));
    calendar_recycle(m, now);
    parameter_apply(m, &exchange->parameter, now);
    supply_update(m, now);
    return GT_ERR_OK;
}
