/* A frame from its names: the address and the control code first, then what that code carries. */
#include "codec/dlt645/compose.h"

#include "codec/dlt645/item.h"
#include "codec/dlt645/message.h"

#include <string.h>

enum { ADDR_DIGITS = 12, CONTROL_DIGITS = 2, DI_DIGITS = 8, PREAMBLES_MAX = 4 };
enum { FUNCTION = 0x1F, REPLY = 0x80, FOLLOWING = 0x20 };

static void item_write(codec_composer *c, const codec_value *v, gt_wr *w)
{
    const uint64_t di = codec_value_hex(c, &(codec_value){v->id, v->id}, DI_DIGITS);
    const dlt645_item *item = dlt645_item_find((uint32_t)di);
    if (item == NULL ||
        (item->format->kind != DLT645_KIND_NUMBER && item->format->kind != DLT645_KIND_SIGNED)) {
        codec_compose_fail(c, GT_ERR_UNSUPPORTED, v, "an item of the table that is a number");
        return;
    }
    dlt645_value value = {.item = item, .di = (uint32_t)di, .absent = v->value == NULL};
    if (!value.absent) {
        value.raw = codec_value_decimal(c, v, item->format->decimals);
        value.negative = v->value[0] == '-';
    }
    uint8_t bytes[DLT645_DATA_MAX];
    size_t len = 0;
    const gt_err err = dlt645_value_encode(&value, bytes, sizeof bytes, &len);
    if (err != GT_ERR_OK) {
        codec_compose_fail(c, err, v, "a number of as many digits as the item has");
    }
    gt_wr_bytes(w, bytes, len);
}

static void read_compose(codec_composer *c, dlt645_message *m)
{
    gt_wr w = gt_wr_of(m->data, sizeof m->data);
    m->di = (uint32_t)codec_value_hex(c, codec_field_get(c, "di"), DI_DIGITS);
    if (m->reply) {
        for (const codec_value *v = codec_item_next(c); v != NULL; v = codec_item_next(c)) {
            item_write(c, v, &w);
        }
    }
    if (gt_wr_done(&w) != GT_ERR_OK) {
        codec_compose_fail(c, GT_ERR_SPACE, NULL, "data that fits one frame");
        return;
    }
    m->data_len = (uint8_t)w.len;
}

/* Digits or A. */
static uint64_t address(codec_composer *c)
{
    codec_value storage;
    const codec_value *v = codec_address_get(c, &storage);
    const uint64_t addr = codec_value_hex(c, v, ADDR_DIGITS);
    if (!dlt645_addr_valid(addr)) {
        codec_compose_fail(c, GT_ERR_RANGE, v, "12 digits 0 to 9 or A");
    }
    return addr;
}

gt_err dlt645_compose(codec_composer *c, uint8_t *buf, size_t cap, size_t *out_len)
{
    static const char *const derived[] = {"start", "start2", "length", "checksum", "end"};
    codec_fields_derived(c, derived, sizeof derived / sizeof derived[0]);
    gt_wr w = gt_wr_of(buf, cap);
    gt_wr_fill(&w, DLT645_PREAMBLE,
               (size_t)codec_value_number(c, codec_field_find(c, "preamble"), PREAMBLES_MAX));
    dlt645_message m = {.addr = address(c)};
    const codec_value *control = codec_field_get(c, "control");
    const unsigned code = (unsigned)codec_value_hex(c, control, CONTROL_DIGITS);
    m.function = (dlt645_function)(code & FUNCTION);
    m.reply = (code & REPLY) != 0;
    m.following = (code & FOLLOWING) != 0;
    if ((code & ~(unsigned)(REPLY | FOLLOWING)) != DLT645_READ) {
        codec_compose_fail(c, GT_ERR_UNSUPPORTED, control, "control code 11H, 91H or B1H");
    }
    read_compose(c, &m);
    GT_TRY(codec_compose_done(c));
    dlt645_frame frame;
    GT_TRY(dlt645_message_encode(&m, &frame));
    GT_TRY(gt_wr_done(&w));
    size_t len = 0;
    GT_TRY(dlt645_frame_encode(&frame, buf + w.len, cap - w.len, &len));
    *out_len = w.len + len;
    return GT_ERR_OK;
}
