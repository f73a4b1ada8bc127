/* A frame from its names: the address and the control code first, then part by part what that code
 * carries. */
#include "codec/dlt645/compose.h"

#include "codec/dlt645/compose_priv.h"
#include "codec/dlt645/message_priv.h"

enum { ADDR_DIGITS = 12, CONTROL_DIGITS = 2, PREAMBLES_MAX = 4 };
static const char data_fits[] = "data that fits one frame";
enum { FUNCTION = 0x1F, REPLY = 0x80, ABNORMAL = 0x40, FOLLOWING = 0x20 };

/* Digits or A. */
static uint64_t addr_of(codec_composer *c, const codec_value *v)
{
    const uint64_t addr = codec_value_hex(c, v, ADDR_DIGITS);
    if (!dlt645_addr_valid(addr)) {
        codec_compose_fail(c, GT_ERR_RANGE, v, "12 digits 0 to 9 or A");
    }
    return addr;
}

static uint64_t hex_of(codec_composer *c, const char *id, unsigned digits)
{
    return codec_value_hex(c, codec_field_get(c, id), digits);
}

/* Two digits as they are sent. */
static uint8_t pair(unsigned number)
{
    return (uint8_t)(number / 10 << 4 | number % 10);
}

static void time_of(codec_composer *c, const char *id, dlt645_time *out)
{
    unsigned n[6] = {0};
    if (codec_value_parts(c, codec_field_get(c, id), "dd-dd-dd dd:dd:dd", n)) {
        *out =
            (dlt645_time){pair(n[5]), pair(n[4]), pair(n[3]), pair(n[2]), pair(n[1]), pair(n[0])};
    }
}

static void freeze_of(codec_composer *c, dlt645_time *out)
{
    unsigned n[4] = {0};
    if (codec_value_parts(c, codec_field_get(c, "freeze_time"), "dd-dd dd:dd", n)) {
        *out = (dlt645_time){0, pair(n[3]), pair(n[2]), pair(n[1]), pair(n[0]), 0};
    }
}

static void field_bytes(codec_composer *c, const char *id, gt_wr *w)
{
    const codec_value *v = codec_field_find(c, id);
    if (v != NULL) {
        codec_value_bytes(c, v, w);
    }
}

/* Whatever the recipe has of it, in the order of the wire. */
static void data_of(codec_composer *c, dlt645_message *m, const codec_value *cipher, gt_wr *w)
{
    if (cipher != NULL) {
        codec_value_bytes(c, cipher, w);
    }
    field_bytes(c, "blocks", w);
    field_bytes(c, "from", w);
    field_bytes(c, "data", w);
    dlt645_items_compose(c, m, w);
    field_bytes(c, "mac", w);
    if (gt_wr_done(w) != GT_ERR_OK) {
        codec_compose_fail(c, GT_ERR_SPACE, NULL, data_fits);
        return;
    }
    m->data = w->buf;
    m->data_len = (uint8_t)w->len;
    const bool whole = m->function != DLT645_CONTROL || m->data_len == DLT645_SEALED_LEN;
    if (cipher != NULL && (!whole || dlt645_content(m) != DLT645_CONTENT_SEALED)) {
        codec_compose_fail(c, GT_ERR_RANGE, cipher,
                           "a cipher of this command's length, a MAC, password level 98H");
    }
}

static void part_of(codec_composer *c, dlt645_part part, dlt645_message *m)
{
    const bool control = m->function == DLT645_CONTROL;
    switch (part) {
    case DLT645_PART_DI:
        m->di = (uint32_t)hex_of(c, "di", 8);
        break;
    case DLT645_PART_DI_SHORT:
        m->di = (uint32_t)hex_of(c, "di", 4);
        break;
    case DLT645_PART_PASSWORD:
        m->password.level = (uint8_t)hex_of(c, "level", 2);
        m->password.digits = (uint32_t)hex_of(c, "password", 6);
        break;
    case DLT645_PART_PASSWORD_NEW:
        m->password_new.level = (uint8_t)hex_of(c, "level_new", 2);
        m->password_new.digits = (uint32_t)hex_of(c, "password_new", 6);
        break;
    case DLT645_PART_OPERATOR:
        m->operator_code = (uint32_t)hex_of(c, "operator", 8);
        break;
    case DLT645_PART_ADDR:
        m->new_addr = addr_of(c, codec_field_get(c, "new_address"));
        break;
    case DLT645_PART_TIME:
        time_of(c, control ? "valid_until" : "time", &m->time);
        break;
    case DLT645_PART_FREEZE:
        freeze_of(c, &m->time);
        break;
    case DLT645_PART_CODE:
        m->code = (uint8_t)hex_of(c, control ? "command" : "code", 2);
        break;
    case DLT645_PART_CODE2:
        m->code2 = (uint8_t)hex_of(c, "reserved", 2);
        break;
    case DLT645_PART_DATA_SEQ:
    case DLT645_PART_SEQ:
        m->seq = (uint8_t)hex_of(c, "seq", 2);
        break;
    case DLT645_PART_ERROR:
        m->error = (uint16_t)hex_of(c, "error", 2);
        break;
    case DLT645_PART_ERROR_WORD:
        m->error = (uint16_t)hex_of(c, "error", 4);
        break;
    case DLT645_PART_DATA: /* behind all others: its items need the identifier */
    case DLT645_PART_NEVER:
    case DLT645_PART_END:
        break;
    }
}

static void message_of(codec_composer *c, const codec_value *control, dlt645_message *m,
                       gt_wr *data)
{
    const bool can_seal =
        !m->reply && (m->function == DLT645_CONTROL || m->function == DLT645_WRITE);
    const codec_value *cipher = can_seal ? codec_field_find(c, "cipher") : NULL;
    if (cipher != NULL) { /* it takes the place of a command's parts */
        m->data_len = DLT645_SEALED_LEN;
    }
    const uint8_t *parts = dlt645_message_parts(m);
    if (parts == NULL || parts[0] == DLT645_PART_NEVER ||
        (!m->reply && (m->abnormal || m->following))) {
        codec_compose_fail(c, GT_ERR_UNSUPPORTED, control, "a control code of this edition");
        return;
    }
    bool open = false;
    for (size_t i = 0; i < DLT645_PARTS_MAX && parts[i] != DLT645_PART_END; i++) {
        part_of(c, (dlt645_part)parts[i], m);
        open = parts[i] == DLT645_PART_DATA || parts[i] == DLT645_PART_DATA_SEQ; /* the last */
    }
    m->data_len = 0;
    if (open) {
        data_of(c, m, cipher, data);
    }
}

static gt_err compose(codec_composer *c, unsigned edition, gt_wr *w, size_t *out_len)
{
    static const char *const derived[] = {"start", "start2", "length", "checksum", "end"};
    codec_fields_derived(c, derived, sizeof derived / sizeof derived[0]);
    gt_wr_fill(w, DLT645_PREAMBLE,
               (size_t)codec_value_number(c, codec_field_find(c, "preamble"), PREAMBLES_MAX));
    codec_value storage;
    dlt645_message m = {.addr = addr_of(c, codec_address_get(c, &storage))};
    const codec_value *control = codec_field_get(c, "control");
    const unsigned code = (unsigned)codec_value_hex(c, control, CONTROL_DIGITS);
    m.function = (dlt645_function)(edition | (code & FUNCTION));
    m.reply = (code & REPLY) != 0;
    m.abnormal = (code & ABNORMAL) != 0;
    m.following = (code & FOLLOWING) != 0;
    uint8_t bytes[DLT645_DATA_MAX];
    gt_wr data = gt_wr_of(bytes, sizeof bytes);
    message_of(c, control, &m, &data);
    GT_TRY(codec_compose_done(c));
    dlt645_frame frame;
    const gt_err err = dlt645_message_encode(&m, &frame);
    if (err != GT_ERR_OK) { /* all else was checked part by part */
        codec_compose_fail(c, err, NULL, data_fits);
        return err;
    }
    GT_TRY(gt_wr_done(w));
    size_t len = 0;
    GT_TRY(dlt645_frame_encode(&frame, w->buf + w->len, w->cap - w->len, &len));
    *out_len = w->len + len;
    return GT_ERR_OK;
}

gt_err dlt645_compose(codec_composer *c, uint8_t *buf, size_t cap, size_t *out_len)
{
    gt_wr w = gt_wr_of(buf, cap);
    return compose(c, 0, &w, out_len);
}

gt_err dlt645_1997_compose(codec_composer *c, uint8_t *buf, size_t cap, size_t *out_len)
{
    gt_wr w = gt_wr_of(buf, cap);
    return compose(c, DLT645_1997, &w, out_len);
}
