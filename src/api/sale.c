/* A sale: the one place where the page takes money. */
#include "api/order_priv.h"
#include "api/pick_priv.h"

#include "base/quantity.h"

typedef struct sale {
    vending_sale_request request;
    vending_sale_result result;
    gt_err refusal; /* the sale's own no; the transaction itself went through */
} sale;

static gt_err sale_work(const store_tx *tx, void *arg)
{
    sale *s = arg;
    s->result = (vending_sale_result){0};
    s->refusal = vending_sale(tx, &s->request, &s->result);
    return s->refusal;
}

static void put_result(call *c, const sale *s)
{
    c->answer->status = s->result.replayed ? 200 : 201;
    call_begin(c);
    json_writer_bool(&c->json, "replayed", s->result.replayed);
    order_put(&c->json, "order", &s->result.order);
    call_end(c);
}

/* What the till said no to, in its own words. */
static void put_refusal(call *c, vending_sale_reason reason)
{
    const call_reason said = {
        .status = reason == VENDING_SALE_AMOUNT || reason == VENDING_SALE_KEY ||
                          reason == VENDING_SALE_OPERATOR
                      ? 400
                      : 409,
        .code = vending_sale_reason_name(reason),
        .zh = vending_sale_reason_zh(reason),
        .en = vending_sale_reason_en(reason),
        .field = reason == VENDING_SALE_AMOUNT || reason == VENDING_SALE_HOARDING  ? "amount"
                 : reason == VENDING_SALE_KEY || reason == VENDING_SALE_KEY_REUSED ? "key"
                                                                                   : NULL,
    };
    call_fail_reason(c, &said);
}

static void fill_request(const call *c, const pick *p, vending_sale_request *out)
{
    const reading *r = &p->latest.values;
    out->meter_id = p->meter_id;
    out->operator_name = c->session.who.name;
    out->now = c->request->now;
    out->limits = c->cfg->limits;
    out->balance_known = p->read && reading_has(r, ITEM_BALANCE);
    out->balance_fen = reading_get(r, ITEM_BALANCE);
    if (p->read && reading_get(r, ITEM_HOARDING_LIMIT) > 0) {
        out->limits.hoarding_fen = reading_get(r, ITEM_HOARDING_LIMIT); /* the meter's own */
    }
}

static void sell(call *c, const form *f)
{
    sale s = {.request = {.key = f->value[2].text}};
    pick p = {.room_id = f->value[0].id, .meter_id = f->value[3].id};
    if (gt_decimal_parse(f->value[1].text, 2, &s.request.amount_fen) != GT_ERR_OK) {
        call_fail(c, API_ERROR_BAD_AMOUNT, "amount");
        return;
    }
    if (!pick_or_fail(c, &p)) {
        return;
    }
    fill_request(c, &p, &s.request);
    const gt_err err = store_write(c->cfg->till, sale_work, &s);
    if (err == GT_ERR_OK) {
        c->cfg->wake(c->cfg->ctx);
        put_result(c, &s);
    } else if (s.result.reason != VENDING_SALE_NONE && err == s.refusal) {
        put_refusal(c, s.result.reason);
    } else {
        call_fail_err(c, err);
    }
}

void route_sale(call *c)
{
    static const form_field fields[] = {
        {.name = "room_id", .type = FORM_ID},
        {.name = "amount", .text_max = GT_DECIMAL_MAX},
        {.name = "key", .text_max = VENDING_KEY_MAX - 1},
        {.name = "meter_id", .type = FORM_ID, .optional = true},
    };
    form f;
    if (call_form(c, &f, fields, sizeof fields / sizeof fields[0])) {
        sell(c, &f);
        form_close(&f);
    }
}
