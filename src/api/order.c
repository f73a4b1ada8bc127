/* Orders: one with its timeline, and the list. */
#include "api/order_priv.h"

#include "registry/registry.h"

#include <stdio.h>
#include <string.h>

enum { LIST_DEFAULT = 50, LIST_MAX = 200 };

static void put_reason(json_writer *j, const vending_order *order)
{
    if (order->state != ORDER_REFUSED) {
        json_writer_null(j, "refusal");
        return;
    }
    json_writer_object(j, "refusal");
    json_writer_text(j, "code", order_refusal_name(order->reason_word));
    json_writer_text(j, "zh", order_refusal_zh(order->reason_word));
    json_writer_text(j, "en", order_refusal_en(order->reason_word));
    json_writer_object_end(j);
}

static void put_order_fields(json_writer *j, const vending_order *order)
{
    json_writer_int(j, "id", order->id);
    json_writer_int(j, "meter_id", order->meter_id);
    json_writer_int(j, "room_id", order->room_id);
    json_writer_decimal(j, "amount", order->amount_fen, 2);
    json_writer_int(j, "count", order->count);
    json_writer_text(j, "state", order_state_name(order->state));
    json_writer_text(j, "state_zh", order_state_zh(order->state));
    json_writer_text(j, "state_en", order_state_en(order->state));
    json_writer_bool(j, "settled", !order_state_open(order->state));
    json_writer_text(j, "book", order->book);
    json_writer_int(j, "receipt_no", order->receipt_no);
    json_writer_text(j, "operator", order->operator_name);
    json_writer_int(j, "sends", order->sends);
    json_writer_int(j, "created_ms", order->created.ms);
    json_writer_int(j, "updated_ms", order->updated.ms);
    put_reason(j, order);
}

void order_put(json_writer *j, const char *key, const vending_order *order)
{
    json_writer_object(j, key);
    put_order_fields(j, order);
    json_writer_object_end(j);
}

gt_err order_timeline_put(json_writer *j, const store_tx *till, int64_t order_id)
{
    vending_event events[ORDER_TIMELINE_MAX];
    size_t count = 0;
    GT_TRY(vending_order_timeline(till, order_id, events, ORDER_TIMELINE_MAX, &count));
    json_writer_array(j, "timeline");
    for (size_t i = 0; i < count; i++) {
        json_writer_object(j, NULL);
        json_writer_text(j, "step", vending_step_name(events[i].step));
        json_writer_text(j, "zh", vending_step_zh(events[i].step));
        json_writer_text(j, "en", vending_step_en(events[i].step));
        json_writer_int(j, "at_ms", events[i].at.ms);
        json_writer_int(j, "since_ms", events[i].at.ms - events[0].at.ms);
        json_writer_text(j, "detail", events[i].detail);
        json_writer_object_end(j);
    }
    json_writer_array_end(j);
    return GT_ERR_OK;
}

static void put_place(json_writer *j, const registry_meter *meter)
{
    json_writer_text(j, "building", meter->building);
    json_writer_text(j, "floor", meter->floor);
    json_writer_text(j, "room", meter->room);
}

static gt_err one_work(const store_tx *tx, void *arg)
{
    call *c = arg;
    vending_order order;
    registry_meter meter;
    GT_TRY(vending_order_find(tx, c->id, &order));
    GT_TRY(registry_meter_find(tx, order.meter_id, &meter));
    call_begin(c);
    json_writer_object(&c->json, "order");
    put_order_fields(&c->json, &order);
    put_place(&c->json, &meter);
    GT_TRY(order_timeline_put(&c->json, tx, order.id));
    json_writer_object_end(&c->json);
    call_end(c);
    return GT_ERR_OK;
}

void route_order(call *c)
{
    const gt_err err = call_read_till(c, one_work, c);
    if (err != GT_ERR_OK) {
        call_fail_err(c, err);
    }
}

typedef struct list {
    call *c;
    vending_order_query query;
    int64_t limit;
} list;

static gt_err list_work(const store_tx *tx, void *arg)
{
    list *l = arg;
    json_writer *j = &l->c->json;
    vending_order orders[LIST_MAX];
    registry_meter meter;
    size_t count = 0;
    GT_TRY(vending_order_list(tx, &l->query, orders, (size_t)l->limit, &count));
    call_begin(l->c);
    json_writer_array(j, "orders");
    for (size_t i = 0; i < count; i++) {
        GT_TRY(registry_meter_find(tx, orders[i].meter_id, &meter));
        json_writer_object(j, NULL);
        put_order_fields(j, &orders[i]);
        put_place(j, &meter);
        json_writer_object_end(j);
    }
    json_writer_array_end(j);
    if ((int64_t)count == l->limit) {
        json_writer_int(j, "next_before", orders[count - 1].id);
    } else {
        json_writer_null(j, "next_before");
    }
    call_end(l->c);
    return GT_ERR_OK;
}

void route_orders(call *c)
{
    static const char *const names[] = {"before", "limit", "meter_id", NULL};
    list l = {.c = c};
    if (!call_query_known(c, names) || !call_query_number(c, "before", 0, &l.query.before_id) ||
        !call_query_number(c, "meter_id", 0, &l.query.meter_id) ||
        !call_query_number(c, "limit", LIST_DEFAULT, &l.limit)) {
        return;
    }
    if (l.limit > LIST_MAX) {
        call_fail(c, API_ERROR_BAD_QUERY, "limit");
        return;
    }
    const gt_err err = call_read_till(c, list_work, &l);
    if (err != GT_ERR_OK) {
        call_fail_err(c, err);
    }
}
