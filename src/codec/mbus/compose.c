/* A frame from its names: which of control, CI and header there are says what kind it is. */
#include "codec/mbus/compose.h"

#include "codec/mbus/compose_priv.h"
#include "codec/mbus/content.h"
#include "codec/mbus/value.h"

#include <string.h>

enum { ID_DIGITS = 8, LETTERS = 3 };

static uint8_t byte_of(codec_composer *c, const codec_value *v)
{
    return (uint8_t)codec_value_hex(c, v, 2);
}

/* Three characters of the five bits that a letter has, @ to _, or four hex digits. */
static uint16_t manufacturer_of(codec_composer *c)
{
    const codec_value *v = codec_field_get(c, "manufacturer");
    if (v == NULL || v->value == NULL || strlen(v->value) != LETTERS) {
        return (uint16_t)codec_value_hex(c, v, 4);
    }
    unsigned code = 0;
    for (unsigned i = 0; i < LETTERS; i++) {
        if (v->value[i] < '@' || v->value[i] > '_') {
            codec_compose_fail(c, GT_ERR_SYNTAX, v, "three upper-case letters, or four hex digits");
        }
        code = code << 5 | ((uint8_t)v->value[i] & 0x1FU);
    }
    return (uint16_t)code;
}

static mbus_device device_of(codec_composer *c)
{
    mbus_device d = {0};
    d.id = (uint32_t)codec_value_hex(c, codec_field_get(c, "id"), ID_DIGITS);
    d.manufacturer = manufacturer_of(c);
    d.version = (uint8_t)codec_value_number(c, codec_field_get(c, "version"), UINT8_MAX);
    d.medium = byte_of(c, codec_field_get(c, "medium"));
    return d;
}

static mbus_header header_of(codec_composer *c, mbus_header_kind kind)
{
    mbus_header h = {.kind = kind};
    if (kind == MBUS_HEADER_LONG) {
        h.device = device_of(c);
    }
    h.access = (uint8_t)codec_value_number(c, codec_field_get(c, "access"), UINT8_MAX);
    h.status = byte_of(c, codec_field_get(c, "status"));
    h.config = (uint16_t)codec_value_hex(c, codec_field_get(c, "signature"), 4);
    return h;
}

static uint32_t counter_of(codec_composer *c, const mbus_fixed *f, unsigned i)
{
    const char *id = i == 0 ? "C1" : "C2";
    const codec_value *v = codec_item_find(c, id);
    if (v == NULL) {
        codec_compose_fail(c, GT_ERR_NOT_FOUND, &(codec_value){id, NULL}, "both counters");
        return 0;
    }
    const bool binary = (f->status & MBUS_FIXED_BINARY) != 0;
    const uint8_t code = f->unit[i] == MBUS_FIXED_HISTORIC ? f->unit[0] : f->unit[i];
    const mbus_quantity *q = mbus_fixed_unit(code);
    uint8_t bytes[8] = {0};
    if (v->value != NULL && strlen(v->value) == ID_DIGITS + 1 && v->value[ID_DIGITS] == 'H') {
        return (uint32_t)codec_value_hex(c, v, ID_DIGITS); /* BCD that is no number */
    }
    const int64_t number = codec_value_count(c, v, q != NULL ? q->exponent + (code - q->first) : 0);
    if (mbus_number_encode(binary ? MBUS_FIELD_INT32 : MBUS_FIELD_BCD8, number, bytes) !=
        GT_ERR_OK) {
        codec_compose_fail(c, GT_ERR_RANGE, v, "a number of eight digits, or 32 bits");
    }
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static void fixed_write(codec_composer *c, gt_wr *w)
{
    mbus_fixed f = {0};
    f.id = (uint32_t)codec_value_hex(c, codec_field_get(c, "id"), ID_DIGITS);
    f.access = (uint8_t)codec_value_number(c, codec_field_get(c, "access"), UINT8_MAX);
    f.status = byte_of(c, codec_field_get(c, "status"));
    f.medium = byte_of(c, codec_field_get(c, "medium"));
    f.unit[0] = byte_of(c, codec_field_get(c, "unit1"));
    f.unit[1] = byte_of(c, codec_field_get(c, "unit2"));
    f.counter[0] = counter_of(c, &f, 0);
    f.counter[1] = counter_of(c, &f, 1);
    uint8_t bytes[MBUS_FIXED_LEN];
    if (mbus_fixed_encode(&f, bytes) != GT_ERR_OK) {
        codec_compose_fail(c, GT_ERR_RANGE, NULL, "units of 6 bits, a medium of 4");
        return;
    }
    gt_wr_bytes(w, bytes, sizeof bytes);
}

static void header_write(codec_composer *c, const mbus_content *like, gt_wr *w)
{
    uint8_t bytes[MBUS_LONG_HEADER];
    if (like->header.kind == MBUS_HEADER_NONE) {
        return;
    }
    const mbus_header h = header_of(c, like->header.kind);
    mbus_header_encode(&h, bytes);
    const size_t skipped =
        h.kind == MBUS_HEADER_SHORT ? (size_t)(MBUS_LONG_HEADER - MBUS_SHORT_HEADER) : 0;
    gt_wr_bytes(w, bytes + skipped, sizeof bytes - skipped);
}

static void records_write(codec_composer *c, gt_wr *w)
{
    for (const codec_value *v = codec_item_next(c); v != NULL; v = codec_item_next(c)) {
        mbus_record_compose(c, v, w);
    }
}

static void bytes_write(codec_composer *c, gt_wr *w)
{
    const codec_value *v = codec_item_find(c, "data");
    if (v != NULL) {
        codec_value_bytes(c, v, w);
    }
}

/* What the CI field announces. */
static void content_write(codec_composer *c, uint8_t ci, gt_wr *w)
{
    static const uint8_t nothing[MBUS_DATA_MAX];
    mbus_content like; /* what such a frame would hold, for its kind and header */
    const mbus_frame frame = {MBUS_LONG, 0, 0, ci, MBUS_FIXED_LEN, nothing};
    if (mbus_content_decode(&frame, &like) != GT_ERR_OK || like.msb_first) {
        codec_compose_fail(c, GT_ERR_UNSUPPORTED, NULL, "a CI field that is not of mode 2");
        return;
    }
    uint8_t bytes[MBUS_SELECT_LEN];
    const codec_value *error = NULL;
    mbus_device device;
    switch (like.kind) {
    case MBUS_CONTENT_FIXED:
        fixed_write(c, w);
        return;
    case MBUS_CONTENT_SELECT:
        device = device_of(c);
        mbus_device_encode(&device, bytes);
        gt_wr_bytes(w, bytes, sizeof bytes);
        records_write(c, w);
        return;
    case MBUS_CONTENT_RECORDS:
    case MBUS_CONTENT_ENCRYPTED:
        header_write(c, &like, w);
        bytes_write(c, w);
        records_write(c, w);
        return;
    case MBUS_CONTENT_ERROR:
        error = codec_field_find(c, "error");
        if (error != NULL) {
            gt_wr_u8(w, byte_of(c, error));
        }
        return;
    case MBUS_CONTENT_UNKNOWN:
    case MBUS_CONTENT_RESET:
    case MBUS_CONTENT_ALARM:
    case MBUS_CONTENT_BAUD:
    case MBUS_CONTENT_BYTES:
        bytes_write(c, w);
        return;
    }
}

gt_err mbus_compose(codec_composer *c, uint8_t *buf, size_t cap, size_t *out_len)
{
    static const char *const derived[] = {"start",  "length",   "length2",
                                          "start2", "checksum", "end"};
    codec_fields_derived(c, derived, sizeof derived / sizeof derived[0]);
    uint8_t data[MBUS_DATA_MAX];
    gt_wr w = gt_wr_of(data, sizeof data);
    mbus_frame frame = mbus_ack();
    const codec_value *control = codec_field_find(c, "control");
    const codec_value *ci = codec_field_find(c, "ci");
    if (control != NULL || ci != NULL) {
        frame.kind = ci != NULL ? MBUS_LONG : MBUS_SHORT;
        frame.control = byte_of(c, control);
        frame.address = (uint8_t)codec_value_number(c, codec_field_get(c, "address"), UINT8_MAX);
    }
    if (ci != NULL) {
        frame.ci = byte_of(c, ci);
        content_write(c, frame.ci, &w);
    }
    if (gt_wr_done(&w) != GT_ERR_OK) {
        codec_compose_fail(c, GT_ERR_SPACE, NULL, "data of at most 252 bytes");
    }
    GT_TRY(codec_compose_done(c));
    frame.data = data;
    frame.data_len = (uint8_t)w.len;
    return mbus_frame_encode(&frame, buf, cap, out_len);
}
