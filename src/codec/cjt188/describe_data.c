/* What the data of a right frame says: identifier and serial number as fields, values as items. */
#include "codec/cjt188/describe_priv.h"

enum { VALUES_AT_ONCE = 8 };

typedef struct teller {
    codec_description *d;
    const cjt188_message *m;
    uint32_t pos; /* offset in the input of the next part */
} teller;

static void tell(teller *t, codec_field field, uint64_t value)
{
    field.offset = t->pos;
    field.value = codec_text_hex(t->d, value, 2 * field.len);
    t->pos += field.len;
    codec_field_add(t->d, &field);
}

static const char *value_text(codec_description *d, const cjt188_value *v)
{
    const cjt188_format *format = cjt188_format_of(v->field);
    if (v->absent) {
        return NULL;
    }
    switch (format->kind) {
    case CJT188_KIND_NUMBER:
    case CJT188_KIND_UNITED:
        codec_text_add_decimal(d, (int64_t)v->raw, format->decimals);
        break;
    case CJT188_KIND_BINARY:
        codec_text_add_number(d, v->raw, 1);
        break;
    case CJT188_KIND_STATUS:
        return codec_text_hex(d, v->raw, 4);
    case CJT188_KIND_VALVE:
        codec_text_add(d, v->raw == CJT188_VALVE_OPEN    ? "open"
                          : v->raw == CJT188_VALVE_CLOSE ? "close"
                                                         : "");
        if (v->raw != CJT188_VALVE_OPEN && v->raw != CJT188_VALVE_CLOSE) {
            codec_text_add_hex(d, v->raw, 2);
        }
        break;
    case CJT188_KIND_HEX:
        codec_text_add_hex(d, v->raw, 2U * format->bytes);
        break;
    case CJT188_KIND_TIME:
        codec_text_add_parts(d, "dddd-dd-dd dd:dd:dd",
                             (const unsigned[]){v->stamp.year, v->stamp.month, v->stamp.day,
                                                v->stamp.hour, v->stamp.minute, v->stamp.second});
        break;
    }
    return codec_text_end(d);
}

/* Valve and battery, which decide what to do. */
static void tell_status(teller *t, uint32_t offset, unsigned status)
{
    const unsigned valve = status & CJT188_STATUS_VALVE;
    const char *text = valve == CJT188_STATUS_VALVE_OPEN     ? "open"
                       : valve == CJT188_STATUS_VALVE_CLOSED ? "closed"
                       : valve == CJT188_STATUS_VALVE_FAULT  ? "fault"
                                                             : "reserved";
    codec_item_add(t->d, &(codec_item){"status.valve", {"阀门状态", "Valve"}, offset, 2, text, ""});
    codec_item_add(t->d, &(codec_item){"status.battery",
                                       {"电池电压（1欠压）", "Battery low"},
                                       offset,
                                       2,
                                       (status & CJT188_STATUS_BATTERY_LOW) != 0 ? "1" : "0",
                                       ""});
}

static void tell_value(teller *t, const cjt188_value *v)
{
    const cjt188_format *format = cjt188_format_of(v->field);
    codec_text_add_hex(t->d, v->di, 4);
    codec_text_add(t->d, ".");
    codec_text_add(t->d, v->field->id);
    codec_item item = {.id = codec_text_end(t->d),
                       .offset = t->pos + (uint32_t)(v->bytes - t->m->data)};
    item.len = format->bytes;
    item.name = (codec_name){v->field->name_zh, v->field->name_en};
    item.unit = v->field->unit;
    if (format->kind == CJT188_KIND_UNITED) {
        const char *unit = cjt188_unit_text(v->unit);
        item.unit = unit != NULL ? unit : codec_text_hex(t->d, v->unit, 2);
    }
    item.value = value_text(t->d, v);
    codec_item_add(t->d, &item);
    if (format->kind == CJT188_KIND_UNITED) { /* the byte that names the unit */
        codec_text_add(t->d, item.id);
        codec_text_add(t->d, ".unit");
        const codec_item unit = {codec_text_end(t->d),
                                 {"计量单位代号", "Unit code"},
                                 item.offset + item.len - 1U,
                                 1,
                                 codec_text_hex(t->d, v->unit, 2),
                                 ""};
        codec_item_add(t->d, &unit);
    }
    if (format->kind == CJT188_KIND_STATUS) {
        tell_status(t, item.offset, (unsigned)v->raw);
    }
}

/* Data that no row explains is shown as it is. */
static void tell_raw(teller *t, const char *id)
{
    codec_text_add_hex_bytes(t->d, t->m->data, t->m->data_len);
    codec_item_add(t->d, &(codec_item){id,
                                       {"未收录的数据", "Data without a row"},
                                       t->pos,
                                       t->m->data_len,
                                       codec_text_end(t->d),
                                       ""});
}

/* All values, or what is wrong with the data at @p out_at. */
static gt_err values_check(const cjt188_message *m, size_t *out_at)
{
    cjt188_walk walk = cjt188_walk_of(m);
    cjt188_value v[VALUES_AT_ONCE];
    size_t count = 0;
    gt_err err = GT_ERR_OK;
    while (err == GT_ERR_OK) {
        err = cjt188_walk_take(&walk, v, VALUES_AT_ONCE, &count);
    }
    *out_at = walk.pos;
    return err;
}

static void tell_fault(teller *t, gt_err err, size_t at)
{
    codec_text_add_hex_bytes(t->d, t->m->data + at, t->m->data_len - at);
    codec_error_add(t->d, &(codec_error){err, t->pos + (uint32_t)at,
                                         "data in the identifier's layout", codec_text_end(t->d)});
}

static void tell_values(teller *t, const items_set *extra)
{
    const cjt188_message *m = t->m;
    size_t at = 0;
    const items_item *own = items_find(extra, (items_key){"cjt188", m->di, m->reply, m->type});
    gt_err err = GT_ERR_OK;
    if (own != NULL && m->data_len > 0) {
        err = items_describe(extra, own, 4, (codec_bytes){m->data, m->data_len}, t->pos, t->d);
        if (err != GT_ERR_OK) {
            tell_fault(t, err, 0);
        }
        return;
    }
    err = values_check(m, &at);
    if (err == GT_ERR_UNKNOWN) {
        codec_text_add_hex(t->d, m->di, 4);
        tell_raw(t, codec_text_end(t->d));
        return;
    }
    if (err != GT_ERR_NOT_FOUND) {
        tell_fault(t, err, at);
        return;
    }
    cjt188_walk walk = cjt188_walk_of(m);
    cjt188_value v[VALUES_AT_ONCE];
    size_t count = 0;
    while (cjt188_walk_take(&walk, v, VALUES_AT_ONCE, &count) == GT_ERR_OK) {
        for (size_t i = 0; i < count; i++) {
            tell_value(t, &v[i]);
        }
    }
}

/* An identifier that only the model's own items know may be sent either way round too. */
static void di_turn(cjt188_message *m, const items_set *extra)
{
    const uint16_t turned = (uint16_t)(m->di << 8 | m->di >> 8);
    const items_key key = {"cjt188", m->di, m->reply, m->type};
    const items_key other = {"cjt188", turned, m->reply, m->type};
    if (cjt188_item_find(m->di) == NULL && items_find(extra, key) == NULL &&
        items_find(extra, other) != NULL) {
        m->di = turned;
        m->di_high_first = !m->di_high_first;
    }
}

static void tell_message(teller *t, const items_set *extra)
{
    const cjt188_message *m = t->m;
    if (m->vendor) {
        if (m->data_len > 0) {
            tell_raw(t, "data");
        }
        return;
    }
    const codec_field ser = {.id = "ser", .name = {"序列号SER", "serial number"}, .len = 1};
    if (m->abnormal) {
        tell(t, ser, m->ser);
        tell_status(t, t->pos, m->status);
        tell(t, (codec_field){.id = "status", .name = {"状态ST", "status"}, .len = 2}, m->status);
        return;
    }
    const cjt188_item *item = cjt188_item_find(m->di);
    const items_item *own = items_find(extra, (items_key){"cjt188", m->di, m->reply, m->type});
    codec_field di = {.id = "di", .name = {"数据标识DI", "data identifier"}, .len = 2};
    if (own != NULL) {
        di.meaning = (codec_name){own->name_zh, own->name_en};
    } else if (item != NULL) {
        di.meaning = (codec_name){item->name_zh, item->name_en};
    }
    if (m->di_high_first) {
        di.id = "di_high_first";
        di.name = (codec_name){"数据标识DI（高字节在前）", "data identifier, high byte first"};
    }
    tell(t, di, m->di);
    tell(t, ser, m->ser);
    tell_values(t, extra);
}

void cjt188_data_describe(codec_description *d, const items_set *extra, const cjt188_frame *frame,
                          uint32_t data_at)
{
    cjt188_message m;
    const gt_err err = cjt188_message_decode(frame, &m);
    if (err != GT_ERR_OK) {
        const bool control = err == GT_ERR_MALFORMED; /* a refusal that is no answer */
        codec_text_add_hex(d, frame->ctrl, 2);
        codec_text_add(d, "H with ");
        codec_text_add_number(d, frame->data_len, 1);
        codec_text_add(d, " bytes");
        codec_error_add(
            d, &(codec_error){err, data_at - (control ? 2 : 1),
                              control ? "a control code" : "identifier and SER, or SER and status",
                              codec_text_end(d)});
        return;
    }
    di_turn(&m, extra);
    teller t = {d, &m, data_at};
    tell_message(&t, extra);
}
