/* A frame from its names. Behind the serial number come the values of the identifier, in the order
 * of its layout; each is read by its field's format. */
#include "codec/cjt188/compose.h"

#include "codec/cjt188/item.h"
#include "codec/items/items.h"

#include <string.h>

enum { ADDR_DIGITS = 14, PREAMBLES_MAX = 32, FUNCTION = 0x3F, REPLY = 0x80, ABNORMAL = 0x40 };
enum { VALUE_BYTES_MAX = 16 };

static uint64_t hex_of(codec_composer *c, const char *id, unsigned digits)
{
    return codec_value_hex(c, codec_field_get(c, id), digits);
}

static void time_of(codec_composer *c, const codec_value *v, cjt188_stamp *out)
{
    unsigned n[6] = {0};
    if (codec_value_parts(c, v, "dddd-dd-dd dd:dd:dd", n)) {
        *out = (cjt188_stamp){(uint16_t)n[0], (uint8_t)n[1], (uint8_t)n[2],
                              (uint8_t)n[3],  (uint8_t)n[4], (uint8_t)n[5]};
    }
}

/* "901F.current.unit": the code behind the number. */
static uint8_t unit_of(codec_composer *c, const codec_value *number)
{
    const codec_value *v = codec_item_next(c);
    const size_t len = strlen(number->id);
    if (v == NULL || strncmp(v->id, number->id, len) != 0 || strcmp(v->id + len, ".unit") != 0) {
        codec_compose_fail(c, v == NULL ? GT_ERR_NOT_FOUND : GT_ERR_SYNTAX, v,
                           "the code of the unit of the value before it");
        return 0;
    }
    return (uint8_t)codec_value_hex(c, v, 2);
}

static uint64_t valve_of(codec_composer *c, const codec_value *v)
{
    return codec_value_is(v, "open")    ? CJT188_VALVE_OPEN
           : codec_value_is(v, "close") ? CJT188_VALVE_CLOSE
                                        : codec_value_hex(c, v, 2);
}

static void value_write(codec_composer *c, const codec_value *v, const cjt188_field *field,
                        gt_wr *w)
{
    const cjt188_format *format = cjt188_format_of(field);
    cjt188_value value = {.field = field, .absent = v->value == NULL};
    int64_t number = 0;
    switch (format->kind) {
    case CJT188_KIND_NUMBER:
    case CJT188_KIND_UNITED:
        number = value.absent ? 0 : codec_value_decimal(c, v, format->decimals);
        if (number < 0) {
            codec_compose_fail(c, GT_ERR_RANGE, v, "a number that is not negative");
        }
        value.raw = (uint64_t)number;
        value.unit = format->kind == CJT188_KIND_UNITED ? unit_of(c, v) : 0;
        break;
    case CJT188_KIND_BINARY:
        value.raw = codec_value_number(c, v, UINT8_MAX);
        break;
    case CJT188_KIND_STATUS:
    case CJT188_KIND_HEX:
        value.raw = codec_value_hex(c, v, 2U * format->bytes);
        break;
    case CJT188_KIND_VALVE:
        value.raw = valve_of(c, v);
        break;
    case CJT188_KIND_TIME:
        if (!value.absent) {
            time_of(c, v, &value.stamp);
        }
        break;
    }
    uint8_t bytes[VALUE_BYTES_MAX];
    size_t len = 0;
    if (cjt188_value_encode(&value, bytes, sizeof bytes, &len) != GT_ERR_OK) {
        codec_compose_fail(c, GT_ERR_RANGE, v, "a value of as many digits as the item has");
        return;
    }
    gt_wr_bytes(w, bytes, len);
}

/* Bits of a status word are told behind it; they follow from it. */
static void status_skip(codec_composer *c)
{
    (void)codec_item_find(c, "status.valve");
    (void)codec_item_find(c, "status.battery");
}

static void values_of(codec_composer *c, const cjt188_message *m, gt_wr *w)
{
    cjt188_walk walk = cjt188_walk_of(m);
    if (walk.next == NULL) { /* no layout: bytes */
        codec_value_bytes(c, codec_item_next(c), w);
        return;
    }
    while (walk.next != NULL && c->fault.err == GT_ERR_OK) {
        const codec_value *v = codec_item_next(c);
        if (v == NULL || !items_id_is(v->id, m->di, 4, walk.next->id)) {
            codec_compose_fail(c, v == NULL ? GT_ERR_NOT_FOUND : GT_ERR_SYNTAX, v,
                               "the identifier's values in their order");
            return;
        }
        value_write(c, v, walk.next, w);
        cjt188_walk_skip(&walk);
        status_skip(c);
    }
}

static void data_of(codec_composer *c, cjt188_message *m, gt_wr *w)
{
    const items_set *own_set = c->recipe->own;
    if (m->abnormal && !m->vendor) {
        m->ser = (uint8_t)hex_of(c, "ser", 2);
        m->status = (uint16_t)hex_of(c, "status", 4);
        status_skip(c);
        return;
    }
    if (!m->vendor) {
        const codec_value *high = codec_field_find(c, "di_high_first");
        m->di_high_first = high != NULL;
        m->di = (uint16_t)codec_value_hex(c, high != NULL ? high : codec_field_get(c, "di"), 4);
        m->ser = (uint8_t)hex_of(c, "ser", 2);
    }
    if (codec_item_peek(c) == NULL) {
        return;
    }
    const items_item *own = items_find(own_set, (items_key){"cjt188", m->di, m->reply, m->type});
    if (m->vendor) {
        codec_value_bytes(c, codec_item_find(c, "data"), w);
    } else if (own != NULL) {
        items_compose(own_set, own, 4, c, w);
    } else {
        values_of(c, m, w);
    }
}

static cjt188_message message_of(codec_composer *c)
{
    codec_value storage;
    const codec_value *type = codec_field_get(c, "type");
    cjt188_message m = {.type = (uint8_t)codec_value_hex(c, type, 2)};
    if (!cjt188_type_valid(m.type)) {
        codec_compose_fail(c, GT_ERR_RANGE, type, "10H to 49H, or AAH");
    }
    const codec_value *addr = codec_address_get(c, &storage);
    m.addr = codec_value_hex(c, addr, ADDR_DIGITS);
    if (!cjt188_addr_valid(m.addr)) {
        codec_compose_fail(c, GT_ERR_RANGE, addr, "the maker's 4 digits, then 10 of 0 to 9 or A");
    }
    const codec_value *code = codec_field_get(c, "control");
    const unsigned control = (unsigned)codec_value_hex(c, code, 2);
    m.function = control & FUNCTION;
    m.reply = (control & REPLY) != 0;
    m.abnormal = (control & ABNORMAL) != 0;
    m.vendor = !cjt188_function_known(m.function);
    if (m.abnormal && !m.reply && !m.vendor) {
        codec_compose_fail(c, GT_ERR_UNSUPPORTED, code, "a control code");
    }
    return m;
}

static void preamble_of(codec_composer *c, gt_wr *w)
{
    const codec_value *v = codec_field_find(c, "preamble_bytes");
    uint8_t bytes[PREAMBLES_MAX];
    gt_wr own = gt_wr_of(bytes, sizeof bytes);
    if (v == NULL) {
        return;
    }
    codec_value_bytes(c, v, &own);
    if (gt_wr_done(&own) != GT_ERR_OK || cjt188_preambles(bytes, own.len) != own.len) {
        codec_compose_fail(c, GT_ERR_RANGE, v, "at most 32 bytes FE or FF");
        return;
    }
    gt_wr_bytes(w, bytes, own.len);
}

gt_err cjt188_compose(codec_composer *c, uint8_t *buf, size_t cap, size_t *out_len)
{
    static const char *const derived[] = {"start", "length", "checksum", "end"};
    codec_fields_derived(c, derived, sizeof derived / sizeof derived[0]);
    gt_wr w = gt_wr_of(buf, cap);
    gt_wr_fill(&w, CJT188_PREAMBLE,
               (size_t)codec_value_number(c, codec_field_find(c, "preamble"), PREAMBLES_MAX));
    preamble_of(c, &w);
    cjt188_message m = message_of(c);
    uint8_t bytes[CJT188_DATA_MAX];
    gt_wr data = gt_wr_of(bytes, sizeof bytes);
    data_of(c, &m, &data);
    m.data = bytes;
    m.data_len = (uint8_t)data.len;
    cjt188_frame frame;
    if (gt_wr_done(&data) != GT_ERR_OK || cjt188_message_encode(&m, &frame) != GT_ERR_OK) {
        codec_compose_fail(c, GT_ERR_SPACE, NULL, "data that fits one frame");
    }
    GT_TRY(codec_compose_done(c));
    GT_TRY(gt_wr_done(&w));
    size_t len = 0;
    GT_TRY(cjt188_frame_encode(&frame, buf + w.len, cap - w.len, &len));
    *out_len = w.len + len;
    return GT_ERR_OK;
}
