/* A frame from its names: head first, so that the APDU is composed where it will travel and the
 * frame then written around it. */
#include "codec/dlt698/compose.h"

#include "codec/dlt698/compose_priv.h"

#include <string.h>

enum {
    BYTE_DIGITS = 2,
    AF_LEN = 0x0F,
    AF_PAIR = 3,
    AF_LOGICAL_SHIFT = 4,
    AF_TYPE_SHIFT = 6,
    HEAD_FIXED = DLT698_HEAD_MIN - 1,
    BLOCK_LEN = 2,
};

/* The field "server", else the recipe's address. */
static void server_compose(codec_composer *c, dlt698_addr *addr)
{
    codec_value storage;
    gt_wr w = gt_wr_of(addr->sa, sizeof addr->sa);
    const codec_value *v = codec_field_find(c, "server");
    if (v == NULL) {
        v = codec_address_get(c, &storage);
    } else if (c->recipe->address[0] != '\0' && !codec_value_is(v, c->recipe->address)) {
        codec_compose_fail(c, GT_ERR_MISMATCH, v, "the same address as the frame's");
    }
    codec_value_bytes(c, v, &w);
    if (w.len < 1 || w.len > sizeof addr->sa) {
        codec_compose_fail(c, GT_ERR_RANGE, v, "1 to 16 bytes");
        return;
    }
    addr->len = (uint8_t)w.len;
    const codec_value *kind = codec_field_find(c, "address_type");
    if (kind == NULL) {
        return;
    }
    const uint64_t af = codec_value_hex(c, kind, BYTE_DIGITS);
    addr->type = (dlt698_addr_type)(af >> AF_TYPE_SHIFT);
    addr->logical = af >> AF_LOGICAL_SHIFT & AF_PAIR;
    if ((af & AF_LEN) + 1 != addr->len) {
        codec_compose_fail(c, GT_ERR_MISMATCH, kind, "the length of the address, less 1");
    }
}

static void control_compose(codec_composer *c, dlt698_frame *f)
{
    const codec_value *v = codec_field_find(c, "control");
    if (v == NULL) {
        const codec_value *head = codec_item_peek(c); /* "0501": service and kind */
        const bool reply = head != NULL && head->value != NULL && head->value[0] >= '8';
        const bool link = codec_value_is(head, "01") || codec_value_is(head, "81");
        f->from_server = reply != link;
        f->prm = !link;
        f->function = link ? DLT698_FUNC_LINK : DLT698_FUNC_DATA;
        return;
    }
    const uint8_t control = (uint8_t)codec_value_hex(c, v, BYTE_DIGITS);
    if (!dlt698_control_split(control, f)) {
        codec_compose_fail(c, GT_ERR_RANGE, v, "a control byte with its reserved bit 0");
    }
}

static void block_compose(codec_composer *c, dlt698_frame *f, gt_wr *w)
{
    const codec_value *data = codec_item_find(c, "block");
    f->block_seq =
        (uint16_t)codec_value_number(c, codec_field_get(c, "block"), DLT698_BLOCK_SEQ_MAX);
    f->block =
        (dlt698_block)codec_value_number(c, codec_field_get(c, "block_kind"), DLT698_BLOCK_MIDDLE);
    const codec_value *reserved = codec_field_find(c, "block_reserved");
    f->block_reserved = reserved != NULL ? (uint8_t)codec_value_number(c, reserved, AF_PAIR) : 0;
    codec_value_bytes(c, data, w);
}

gt_err dlt698_compose(codec_composer *c, uint8_t *buf, size_t cap, size_t *out_len)
{
    static const char *const derived[] = {"start",    "length", "dir",     "prm", "fragment",
                                          "scramble", "hcs",    "logical", "fcs", "end"};
    codec_fields_derived(c, derived, sizeof derived / sizeof derived[0]);
    dlt698_frame f = {0};
    server_compose(c, &f.addr);
    control_compose(c, &f);
    const codec_value *client = codec_field_find(c, "client");
    f.addr.ca = client != NULL ? (uint8_t)codec_value_hex(c, client, BYTE_DIGITS) : 0;
    const size_t head = HEAD_FIXED + (size_t)f.addr.len + (f.fragment ? BLOCK_LEN : 0);
    const size_t at = head < cap ? head : cap; /* where the data stay */
    gt_wr w = gt_wr_of(buf + at, cap - at);
    if (f.fragment) {
        block_compose(c, &f, &w);
    } else if (codec_item_peek(c) != NULL) {
        dlt698_apdu_compose(c, &w);
    }
    if (c->fault.err == GT_ERR_OK) {
        GT_TRY(gt_wr_done(&w)); /* without room not all items are read */
    }
    GT_TRY(codec_compose_done(c));
    f.data = buf + at;
    f.data_len = w.len;
    return dlt698_frame_encode(&f, buf, cap, out_len);
}
