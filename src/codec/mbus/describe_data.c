/* What a long frame carries, in words: header fields, one item a record or counter. Records are all
 * checked before the first item is told, so a telegram with a bad record tells its place only. */
#include "codec/mbus/describe_priv.h"

#include <string.h>

enum { ERROR_NAMES = 10 };

static codec_name medium_name(uint8_t code)
{
    static const struct {
        uint8_t code;
        codec_name name;
    } rows[] = {
#define MEDIUM(code, zh, en) {code, {zh, en}},
#include "codec/mbus/medium.def"
#undef MEDIUM
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].code == code) {
            return rows[i].name;
        }
    }
    return (codec_name){"保留", "reserved"};
}

static void bytes_add(codec_description *d, const mbus_value *v, bool text)
{
    for (size_t i = 0; i < v->len; i++) {
        const uint8_t *byte = v->bytes + (v->backwards ? v->len - 1 - i : i);
        if (text) {
            codec_text_add_bytes(d, byte, 1);
        } else {
            codec_text_add_hex(d, *byte, 2);
        }
    }
}

static void time_add(codec_description *d, const mbus_time *t)
{
    const unsigned date[] = {t->year, t->month, t->day};
    const unsigned clock[] = {t->hour, t->minute, t->second};
    const bool has_date = t->type != MBUS_TIME_J;
    codec_text_add_parts(d, has_date ? "dddd-dd-dd" : "", date);
    if (t->type != MBUS_TIME_G) {
        codec_text_add(d, has_date ? " " : "");
        codec_text_add_parts(d, t->type == MBUS_TIME_F ? "dd:dd" : "dd:dd:dd", clock);
    }
}

const char *mbus_value_text(codec_description *d, const mbus_value *value)
{
    const int exponent = value->meaning.exponent;
    switch (value->kind) {
    case MBUS_VALUE_NONE:
        return NULL;
    case MBUS_VALUE_NUMBER:
        codec_text_add_scaled(d, value->number, exponent);
        break;
    case MBUS_VALUE_NIBBLES:
        codec_text_add_hex(d, (uint64_t)value->number, value->nibbles);
        codec_text_add(d, "H");
        break;
    case MBUS_VALUE_REAL:
        if (!codec_text_add_real(d, value->real, exponent)) {
            return NULL;
        }
        break;
    case MBUS_VALUE_TEXT:
    case MBUS_VALUE_BYTES:
        bytes_add(d, value, value->kind == MBUS_VALUE_TEXT);
        break;
    case MBUS_VALUE_TIME:
        if (value->time.invalid || (value->time.type != MBUS_TIME_J && value->time.year == 0)) {
            return NULL;
        }
        time_add(d, &value->time);
        break;
    }
    return codec_text_end(d);
}

static void plain_unit_add(codec_description *d, const mbus_record *m, bool msb_first)
{
    const mbus_value text = {.bytes = m->text, .len = m->text_len, .backwards = !msb_first};
    bytes_add(d, &text, true);
}

/* The wire's own number of a value: its DIFs and VIFs; of a number of variable length the length
 * byte behind a point; a unit in plain text behind a colon. */
static const char *record_id(codec_description *d, const uint8_t *head, const mbus_record *m,
                             bool msb_first)
{
    const size_t difs = 1U + m->dife_count;
    codec_text_add_hex_bytes(d, head, difs);
    codec_text_add_hex(d, m->vif, 2);
    codec_text_add_hex_bytes(d, m->vife, m->vife_count);
    if (m->field == MBUS_FIELD_VARIABLE && m->lvar >= MBUS_LVAR_NUMBER) {
        codec_text_add(d, ".");
        codec_text_add_hex(d, m->lvar, 2);
    }
    if (m->text_len > 0) {
        codec_text_add(d, ":");
        plain_unit_add(d, m, msb_first);
    }
    return codec_text_end(d);
}

static void part_add(codec_description *d, const char *label, uint64_t number)
{
    if (number > 0) {
        codec_text_add(d, label);
        codec_text_add_number(d, number, 1);
    }
}

static void vifes_add(codec_description *d, const mbus_record *m, uint8_t pos, bool zh)
{
    const mbus_vife *vife;
    uint8_t code;
    while (mbus_vife_next(m, &pos, &vife, &code)) {
        if (vife == NULL) {
            codec_text_add(d, ", VIFE ");
            codec_text_add_hex(d, code, 2);
            codec_text_add(d, "H");
        } else if (vife->en != NULL) {
            codec_text_add(d, zh ? "，" : ", ");
            codec_text_add(d, zh ? vife->zh : vife->en);
        }
    }
}

/* "Volume, maximum, storage 1, tariff 2" in one language. */
static const char *name_in(codec_description *d, const mbus_record *m, const mbus_value *v,
                           bool msb_first, bool zh)
{
    static const codec_name functions[] = {{"", ""},
                                           {"，最大值", ", maximum"},
                                           {"，最小值", ", minimum"},
                                           {"，故障期间值", ", during error"}};
    const mbus_quantity *q = v->meaning.quantity;
    if (q != NULL) {
        codec_text_add(d, zh ? q->zh : q->en);
    } else if (m->text_len > 0) {
        plain_unit_add(d, m, msb_first);
    } else {
        codec_text_add(d, zh ? "未知量" : "Unknown quantity");
    }
    vifes_add(d, m, v->meaning.vifes_from, zh);
    codec_text_add(d, zh ? functions[m->function].zh : functions[m->function].en);
    part_add(d, zh ? "，存储" : ", storage ", m->storage);
    part_add(d, zh ? "，费率" : ", tariff ", m->tariff);
    part_add(d, zh ? "，子单元" : ", device ", m->device);
    return codec_text_end(d);
}

static const char *unit_of(codec_description *d, const mbus_record *m, const mbus_value *v,
                           bool msb_first)
{
    if (v->kind != MBUS_VALUE_NUMBER && v->kind != MBUS_VALUE_REAL) {
        return "";
    }
    if (v->meaning.unit != NULL) {
        return v->meaning.unit;
    }
    if (v->meaning.quantity != NULL) {
        return v->meaning.quantity->unit;
    }
    plain_unit_add(d, m, msb_first);
    return codec_text_end(d);
}

static const char *manufacturer_data(codec_description *d, const mbus_record *m)
{
    if (m->data_len == 0) {
        return NULL;
    }
    codec_text_add_hex_bytes(d, m->data, m->data_len);
    return codec_text_end(d);
}

static void special_add(codec_description *d, const mbus_record *m, codec_item item)
{
    static const struct {
        const char *id;
        codec_name name;
    } kinds[] = {
        [MBUS_RECORD_IDLE] = {"2F", {"填充字节", "Idle filler"}},
        [MBUS_RECORD_MANUFACTURER] = {"0F", {"厂家数据", "Manufacturer specific"}},
        [MBUS_RECORD_MORE] = {"1F", {"后续报文还有记录", "More records follow"}},
        [MBUS_RECORD_READ_ALL] = {"7F", {"请求全部记录", "Request for all records"}},
    };
    item.id = kinds[m->kind].id;
    item.name = kinds[m->kind].name;
    if (m->kind == MBUS_RECORD_IDLE) {
        codec_text_add_number(d, item.len, 1);
        item.value = codec_text_end(d);
    } else {
        item.value = manufacturer_data(d, m);
    }
    item.unit = "";
    codec_item_add(d, &item);
}

static void record_add(codec_description *d, const mbus_record *m, codec_bytes bytes,
                       uint32_t offset, bool msb_first)
{
    codec_item item = {.offset = offset, .len = (uint32_t)bytes.len};
    if (m->kind != MBUS_RECORD_VALUE) {
        special_add(d, m, item);
        return;
    }
    mbus_value v;
    mbus_value_decode(m, msb_first, &v);
    item.id = record_id(d, bytes.buf, m, msb_first);
    const char *zh = name_in(d, m, &v, msb_first, true);
    item.name = (codec_name){zh, name_in(d, m, &v, msb_first, false)};
    item.value = v.meaning.fault == NULL ? mbus_value_text(d, &v) : NULL;
    item.unit = unit_of(d, m, &v, msb_first);
    codec_item_add(d, &item);
}

static void records_add(codec_description *d, const mbus_content *c, uint32_t at)
{
    size_t bad = 0;
    const gt_err err = mbus_records_check(c->rest, c->rest_len, &bad);
    if (err != GT_ERR_OK) {
        codec_error_add_at(d, err, at + (uint32_t)bad,
                           err == GT_ERR_TRUNCATED ? "a record that ends inside the frame"
                           : err == GT_ERR_RANGE   ? "at most 10 DIFE and 10 VIFE"
                                                   : "a DIF or length byte that is not reserved",
                           (codec_bytes){c->rest - at, at + c->rest_len});
        return;
    }
    gt_rd r = gt_rd_of(c->rest, c->rest_len);
    mbus_record m;
    for (size_t pos = 0; gt_rd_left(&r) > 0 && mbus_record_decode(&r, &m) == GT_ERR_OK;
         pos = r.pos) {
        while (m.kind == MBUS_RECORD_IDLE && gt_rd_left(&r) > 0 && r.buf[r.pos] == r.buf[pos]) {
            r.pos++; /* fillers in a row are one item */
        }
        record_add(d, &m, (codec_bytes){c->rest + pos, r.pos - pos}, at + (uint32_t)pos,
                   c->msb_first);
    }
}

static void field_add(codec_description *d, const char *id, codec_name name, uint32_t range[2],
                      const char *value)
{
    codec_field_add(d, &(codec_field){id, name, range[0], range[1], value, {NULL, NULL}});
    range[0] += range[1];
}

static const char *digits_text(codec_description *d, uint32_t id)
{
    codec_text_add_hex(d, id, 8);
    return codec_text_end(d);
}

static void device_add(codec_description *d, const mbus_device *device, uint32_t *pos)
{
    uint32_t range[2] = {*pos, 4};
    field_add(d, "id", (codec_name){"标识号", "identification"}, range, digits_text(d, device->id));
    range[1] = 2;
    char letters[4];
    mbus_manufacturer_format(device->manufacturer, letters);
    if (device->manufacturer >> 15 == 0) {
        codec_text_add(d, letters);
    } else {
        codec_text_add_hex(d, device->manufacturer, 4); /* a wildcard, or no letters */
    }
    field_add(d, "manufacturer", (codec_name){"厂家", "manufacturer"}, range, codec_text_end(d));
    range[1] = 1;
    codec_text_add_number(d, device->version, 1);
    field_add(d, "version", (codec_name){"版本", "version"}, range, codec_text_end(d));
    *pos = range[0] + 1;
    codec_field_add(d, &(codec_field){"medium",
                                      {"介质", "medium"},
                                      range[0],
                                      1,
                                      codec_text_hex(d, device->medium, 2),
                                      medium_name(device->medium)});
}

static const char *secondary_text(codec_description *d, const mbus_device *device)
{
    codec_text_add_hex(d, device->id, 8);
    codec_text_add(d, ".");
    codec_text_add_hex(d, device->manufacturer, 4);
    codec_text_add(d, ".");
    codec_text_add_hex(d, device->version, 2);
    codec_text_add(d, ".");
    codec_text_add_hex(d, device->medium, 2);
    return codec_text_end(d);
}

static void access_add(codec_description *d, uint8_t access, uint8_t status, uint32_t range[2])
{
    codec_text_add_number(d, access, 1);
    field_add(d, "access", (codec_name){"访问序号", "access number"}, range, codec_text_end(d));
    field_add(d, "status", (codec_name){"状态", "status"}, range, codec_text_hex(d, status, 2));
}

static void header_add(codec_description *d, const mbus_header *h, uint32_t at)
{
    if (h->kind == MBUS_HEADER_LONG) {
        device_add(d, &h->device, &at);
    }
    if (h->kind != MBUS_HEADER_NONE) {
        uint32_t range[2] = {at, 1};
        access_add(d, h->access, h->status, range);
        range[1] = 2;
        field_add(d, "signature", (codec_name){"签名/配置字", "signature or configuration"}, range,
                  codec_text_hex(d, h->config, 4));
    }
}

static void counter_add(codec_description *d, const mbus_fixed *f, unsigned i, uint32_t offset)
{
    static const codec_name counters[] = {{"计数器1", "Counter 1"}, {"计数器2", "Counter 2"}};
    static const char *const ids[] = {"C1", "C2"};
    const bool historic = f->unit[i] == MBUS_FIXED_HISTORIC;
    const mbus_quantity *q = mbus_fixed_unit(historic ? f->unit[0] : f->unit[i]);
    const uint8_t code = historic ? f->unit[0] : f->unit[i];
    const mbus_record like = {.field = (f->status & MBUS_FIXED_BINARY) != 0 ? MBUS_FIELD_INT32
                                                                            : MBUS_FIELD_BCD8};
    uint8_t bytes[4];
    gt_wr w = gt_wr_of(bytes, sizeof bytes);
    gt_wr_u32le(&w, f->counter[i]);
    mbus_record m = like;
    m.data = bytes;
    m.data_len = sizeof bytes;
    mbus_value v;
    mbus_value_decode(&m, false, &v);
    v.meaning =
        (mbus_meaning){.quantity = q, .exponent = q != NULL ? q->exponent + (code - q->first) : 0};
    const char *zh = counters[i].zh;
    const char *en = counters[i].en;
    if (q != NULL) {
        codec_text_add(d, q->zh);
        codec_text_add(d, historic ? "（历史）" : "");
        zh = codec_text_end(d);
        codec_text_add(d, q->en);
        codec_text_add(d, historic ? ", historic" : "");
        en = codec_text_end(d);
    }
    const char *value = mbus_value_text(d, &v);
    const bool number = v.kind == MBUS_VALUE_NUMBER && q != NULL;
    codec_item_add(d, &(codec_item){ids[i], {zh, en}, offset, 4, value, number ? q->unit : ""});
}

static codec_name unit_name(uint8_t code)
{
    const mbus_quantity *q = mbus_fixed_unit(code);
    if (q == NULL) {
        return code == MBUS_FIXED_HISTORIC ? (codec_name){"同1，历史", "as unit 1, historic"}
                                           : (codec_name){"保留", "reserved"};
    }
    return (codec_name){q->zh, q->en};
}

static void fixed_add(codec_description *d, const mbus_fixed *f, uint32_t at)
{
    uint32_t range[2] = {at, 4};
    field_add(d, "id", (codec_name){"标识号", "identification"}, range, digits_text(d, f->id));
    range[1] = 1;
    access_add(d, f->access, f->status, range);
    codec_field_add(d, &(codec_field){"medium",
                                      {"介质与单位", "medium and units"},
                                      range[0],
                                      2,
                                      codec_text_hex(d, f->medium, 1),
                                      medium_name(f->medium)});
    for (uint32_t i = 0; i < 2; i++) {
        codec_field_add(d, &(codec_field){i == 0 ? "unit1" : "unit2",
                                          {"单位", "unit"},
                                          range[0] + i,
                                          1,
                                          codec_text_hex(d, f->unit[i], 2),
                                          unit_name(f->unit[i])});
    }
    d->address = digits_text(d, f->id);
    counter_add(d, f, 0, at + 8);
    counter_add(d, f, 1, at + 12);
}

static void error_add(codec_description *d, const mbus_content *c, uint32_t at)
{
    if (c->rest_len == 0) {
        return;
    }
    static const codec_name names[ERROR_NAMES] = {
#define MBUS_ERROR(code, zh, en) [code] = {zh, en},
#include "codec/mbus/error.def"
#undef MBUS_ERROR
    };
    const uint8_t code = c->rest[0];
    codec_name meaning = {"保留", "reserved"};
    if (code < ERROR_NAMES && names[code].en != NULL) {
        meaning = names[code];
    }
    codec_field_add(d, &(codec_field){"error",
                                      {"错误码", "error code"},
                                      at,
                                      (uint32_t)c->rest_len,
                                      codec_text_hex(d, code, 2),
                                      meaning});
}

static void bytes_item_add(codec_description *d, const mbus_content *c, uint32_t at,
                           codec_name name)
{
    if (c->rest_len > 0) {
        codec_text_add_hex_bytes(d, c->rest, c->rest_len);
        codec_item_add(
            d, &(codec_item){"data", name, at, (uint32_t)c->rest_len, codec_text_end(d), ""});
    }
}

static void content_add(codec_description *d, const mbus_content *c, uint32_t at)
{
    const uint32_t rest_at = at + c->rest_offset;
    switch (c->kind) {
    case MBUS_CONTENT_RECORDS:
        header_add(d, &c->header, at);
        records_add(d, c, rest_at);
        break;
    case MBUS_CONTENT_ENCRYPTED:
        header_add(d, &c->header, at);
        bytes_item_add(d, c, rest_at, (codec_name){"加密数据", "Encrypted data"});
        break;
    case MBUS_CONTENT_SELECT:
        device_add(d, &c->select, &at);
        records_add(d, c, rest_at);
        break;
    case MBUS_CONTENT_FIXED:
        fixed_add(d, &c->fixed, at);
        break;
    case MBUS_CONTENT_ERROR:
        error_add(d, c, rest_at);
        break;
    case MBUS_CONTENT_UNKNOWN:
    case MBUS_CONTENT_RESET:
    case MBUS_CONTENT_ALARM:
    case MBUS_CONTENT_BAUD:
    case MBUS_CONTENT_BYTES:
        bytes_item_add(d, c, rest_at, (codec_name){"数据", "Data"});
        break;
    }
}

void mbus_data_describe(codec_description *d, const mbus_frame *frame, uint32_t at)
{
    mbus_content c;
    const gt_err err = mbus_content_decode(frame, &c);
    if (err != GT_ERR_OK) {
        const uint32_t end = at + frame->data_len;
        codec_error_add(d, &(codec_error){err, err == GT_ERR_TRAILING ? at + MBUS_FIXED_LEN : end,
                                          "as many bytes of data as its CI field asks for",
                                          err == GT_ERR_TRAILING ? "more data" : "end of data"});
        return;
    }
    if (c.en != NULL) {
        d->title = (codec_name){c.zh, c.en};
    }
    if (c.kind == MBUS_CONTENT_SELECT || c.header.kind == MBUS_HEADER_LONG) {
        d->address =
            secondary_text(d, c.kind == MBUS_CONTENT_SELECT ? &c.select : &c.header.device);
    }
    content_add(d, &c, at);
}
