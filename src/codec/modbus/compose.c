/* A frame from its names: the function's shape and which fields there are say what kind it is; then
 * a request or an answer is filled and encoded as any other. */
#include "codec/modbus/compose_priv.h"

#include "codec/modbus/pdu_priv.h"
#include "codec/modbus/tcp.h"

#include <string.h>

/* One of the two is filled. */
typedef struct draft {
    bool answer;
    modbus_request request;
    modbus_reply reply;
    uint8_t objects[MODBUS_OBJECTS_MAX];
} draft;

static uint16_t number_get(codec_composer *c, const char *id)
{
    return (uint16_t)codec_value_number(c, codec_field_get(c, id), UINT16_MAX);
}

static uint16_t place_get(codec_composer *c, const char *id)
{
    return (uint16_t)codec_value_hex(c, codec_field_get(c, id), 4);
}

static uint8_t byte_get(codec_composer *c, const char *id)
{
    return (uint8_t)codec_value_hex(c, codec_field_get(c, id), 2);
}

static bool is_bits(unsigned shape)
{
    return shape == MODBUS_SHAPE_READ_BITS || shape == MODBUS_SHAPE_WRITE_BITS ||
           shape == MODBUS_SHAPE_WRITE_BIT;
}

static modbus_named named_of(const modbus_row_function *row)
{
    modbus_named n = {.bits = is_bits(row->shape)};
    n.table = row->code == MODBUS_READ_INPUT      ? MODBUS_TABLE_INPUT
              : row->code == MODBUS_READ_DISCRETE ? MODBUS_TABLE_DISCRETE
              : n.bits                            ? MODBUS_TABLE_COIL
                                                  : MODBUS_TABLE_HOLDING;
    return n;
}

/* Values a request carries, from its first register on: as many as its count says. */
static void request_values(codec_composer *c, const modbus_row_function *row, uint16_t start,
                           uint16_t count, draft *d)
{
    modbus_named n = named_of(row);
    n.placed = true;
    n.start = start;
    modbus_values_compose(c, &n);
    if (n.count > count) {
        codec_compose_fail(c, GT_ERR_RANGE, NULL, "no value beyond the count");
    }
    memcpy(d->request.values, n.values, sizeof d->request.values);
}

static void request_fill(codec_composer *c, const modbus_row_function *row, draft *d)
{
    modbus_request *q = &d->request;
    if (row->shape == MODBUS_SHAPE_IDENTIFY) {
        (void)codec_field_find(c, "mei");
        q->count = byte_get(c, "access");
        q->start = byte_get(c, "object");
        return;
    }
    q->start = place_get(c, "start");
    if (row->shape == MODBUS_SHAPE_WRITE_BIT || row->shape == MODBUS_SHAPE_WRITE_WORD) {
        q->count = 1;
        request_values(c, row, q->start, 1, d);
        return;
    }
    q->count = number_get(c, "count");
    if (row->shape == MODBUS_SHAPE_READ_WRITE) {
        q->write_start = place_get(c, "write_start");
        q->write_count = number_get(c, "write_count");
    }
    if (modbus_asks_values(row->shape)) {
        (void)codec_field_find(c, "byte_count"); /* follows from the count */
        const bool exchange = row->shape == MODBUS_SHAPE_READ_WRITE;
        request_values(c, row, exchange ? q->write_start : q->start,
                       exchange ? q->write_count : q->count, d);
    }
}

static void objects_fill(codec_composer *c, draft *d)
{
    modbus_identity *i = &d->reply.identity;
    gt_wr w = gt_wr_of(d->objects, sizeof d->objects);
    (void)codec_field_find(c, "mei");
    (void)codec_field_find(c, "objects");
    d->reply.count = byte_get(c, "access");
    i->conformity = byte_get(c, "conformity");
    i->more = byte_get(c, "more") != 0;
    i->next = byte_get(c, "next");
    for (const codec_value *v = codec_item_next(c); v != NULL; v = codec_item_next(c)) {
        const char *text = v->value != NULL ? v->value : "";
        const size_t len = strlen(text);
        modbus_object_add(
            &w, &(modbus_object){(uint8_t)codec_value_hex(c, &(codec_value){v->id, v->id}, 2),
                                 (uint8_t)len, (const uint8_t *)text});
        i->count++;
        if (len > UINT8_MAX || w.len > w.cap) {
            codec_compose_fail(c, GT_ERR_SPACE, v, "objects of at most 246 bytes");
            return;
        }
    }
    i->objects = d->objects;
    i->objects_len = (uint8_t)w.len;
}

static void answer_fill(codec_composer *c, const modbus_row_function *row, draft *d)
{
    modbus_reply *a = &d->reply;
    if (row->shape == MODBUS_SHAPE_IDENTIFY) {
        objects_fill(c, d);
    } else if (!modbus_answers_values(row->shape)) {
        a->start = place_get(c, "start");
        a->count = number_get(c, "count");
    } else {
        modbus_named n = named_of(row);
        const codec_value *bytes = codec_field_find(c, "byte_count");
        modbus_values_compose(c, &n);
        memcpy(a->values, n.values, sizeof a->values);
        a->count = n.count;
        if (bytes != NULL) { /* registers behind the last one named */
            const uint16_t said = (uint16_t)codec_value_number(c, bytes, UINT8_MAX);
            const uint16_t held = (uint16_t)(n.bits ? 8U * said : said / 2U);
            a->count = modbus_packed_len(row->shape, n.count) < said ? held : n.count;
        }
    }
}

static bool is_answer(const codec_composer *c, const modbus_row_function *row)
{
    const codec_recipe *r = c->recipe;
    const char *asks = row->shape == MODBUS_SHAPE_IDENTIFY ? "object"
                       : modbus_answers_values(row->shape) ? "count"
                                                           : NULL;
    if (asks == NULL) {
        return row->shape != MODBUS_SHAPE_WRITE_BIT && row->shape != MODBUS_SHAPE_WRITE_WORD &&
               r->item_count == 0;
    }
    for (size_t i = 0; i < r->field_count; i++) {
        if (strcmp(r->fields[i].id, asks) == 0) {
            return false;
        }
    }
    return true;
}

/* Unit and function, then the rest. */
static void draft_fill(codec_composer *c, draft *d)
{
    const codec_value address = {"unit", c->recipe->address};
    const codec_value *unit = codec_field_find(c, "unit");
    d->request.unit = (uint8_t)codec_value_number(c, unit != NULL ? unit : &address, UINT8_MAX);
    d->reply.unit = d->request.unit;
    const codec_value *function = codec_field_get(c, "function");
    const uint8_t code = (uint8_t)codec_value_hex(c, function, 2);
    if ((code & MODBUS_EXCEPTION_FLAG) != 0) {
        d->answer = true;
        d->reply.function = (modbus_function)(code & ~(unsigned)MODBUS_EXCEPTION_FLAG);
        d->reply.exception = byte_get(c, "exception");
        return;
    }
    const modbus_row_function *row = modbus_function_find(code);
    if (row == NULL) {
        codec_compose_fail(c, GT_ERR_UNSUPPORTED, function, "a function of the table");
        return;
    }
    d->answer = is_answer(c, row);
    if (d->answer) {
        d->reply.function = (modbus_function)code;
        answer_fill(c, row, d);
    } else {
        d->request.function = (modbus_function)code;
        request_fill(c, row, d);
    }
}

gt_err modbus_compose(codec_composer *c, uint8_t *buf, size_t cap, size_t *out_len)
{
    static const char *const derived[] = {"crc"};
    draft d = {.answer = false};
    codec_fields_derived(c, derived, 1);
    draft_fill(c, &d);
    GT_TRY(codec_compose_done(c));
    return d.answer ? modbus_reply_encode(&d.reply, buf, cap, out_len)
                    : modbus_request_encode(&d.request, buf, cap, out_len);
}

gt_err modbus_tcp_compose(codec_composer *c, uint8_t *buf, size_t cap, size_t *out_len)
{
    static const char *const derived[] = {"protocol", "length"};
    draft d = {.answer = false};
    codec_fields_derived(c, derived, 2);
    const uint16_t transaction = number_get(c, "transaction");
    draft_fill(c, &d);
    GT_TRY(codec_compose_done(c));
    return d.answer ? modbus_tcp_reply_encode(&d.reply, transaction, buf, cap, out_len)
                    : modbus_tcp_request_encode(&d.request, transaction, buf, cap, out_len);
}
