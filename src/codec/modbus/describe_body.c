/* The body of a frame in words: what a request names, what an answer holds. Registers and coils get
 * their names from a map where one is given, else they are shown by number or place. */
#include "codec/modbus/describe_priv.h"

enum { COIL_ON = 0xFF00, BITS = 16, WORDS_MAX = 128 };

/* Values of a body, unpacked, and where they stand. */
typedef struct told {
    uint16_t values[WORDS_MAX]; /* as in modbus_request */
    modbus_window window;
    bool bits;
    bool placed;      /* window.start is known */
    uint32_t at;      /* offset of the first value's bytes */
    uint32_t one_len; /* bytes of a value; 0: eight to a byte */
} told;

void modbus_tell(modbus_teller *t, codec_field field, const char *value)
{
    field.offset = t->pos;
    field.value = value;
    t->pos += field.len;
    codec_field_add(t->d, &field);
}

static uint16_t word_at(const modbus_teller *t, uint32_t pos)
{
    return (uint16_t)(t->in[pos] << 8 | t->in[pos + 1]);
}

static const char *decimal(codec_description *d, uint64_t value)
{
    codec_text_add_number(d, value, 1);
    return codec_text_end(d);
}

static bool is_bits(unsigned shape)
{
    return shape == MODBUS_SHAPE_READ_BITS || shape == MODBUS_SHAPE_WRITE_BITS ||
           shape == MODBUS_SHAPE_WRITE_BIT;
}

static bool is_single(unsigned shape)
{
    return shape == MODBUS_SHAPE_WRITE_BIT || shape == MODBUS_SHAPE_WRITE_WORD;
}

static modbus_table table_of(const modbus_teller *t)
{
    switch (t->row->code) {
    case MODBUS_READ_INPUT:
        return MODBUS_TABLE_INPUT;
    case MODBUS_READ_DISCRETE:
        return MODBUS_TABLE_DISCRETE;
    default:
        return is_bits(t->row->shape) ? MODBUS_TABLE_COIL : MODBUS_TABLE_HOLDING;
    }
}

static void civil_text(codec_description *d, const modbus_row *row, const gt_civil *civil)
{
    const unsigned numbers[] = {(unsigned)civil->year, civil->month,  civil->day,
                                civil->hour,           civil->minute, civil->second};
    codec_text_add_parts(
        d, row->type == MODBUS_TYPE_YMDH ? "dddd-dd-dd dd:dd" : "dddd-dd-dd dd:dd:dd", numbers);
}

const char *modbus_value_text(codec_description *d, const modbus_row *row,
                              const modbus_value *value)
{
    if (modbus_type_is_time(row->type)) {
        civil_text(d, row, &value->civil);
    } else if (row->type == MODBUS_TYPE_MAC) {
        codec_text_add_hex_bytes(d, value->mac, sizeof value->mac);
    } else if (row->type == MODBUS_TYPE_BCD6) {
        codec_text_add_number(d, (uint64_t)value->raw, 12);
    } else if (modbus_type_is_real(row->type)) {
        const int exponent = row->type == MODBUS_TYPE_F32M ? -3 : 0;
        (void)codec_text_add_real(d, value->real,
                                  exponent); /* modbus_value_get took it for a number */
    } else {
        codec_text_add_scaled(d, value->raw, row->exponent);
    }
    return codec_text_end(d);
}

/* Offset and length of a row's bytes in the frame. */
static void bytes_of(const told *v, uint32_t first, uint32_t count, codec_item *item)
{
    item->offset = v->at + (v->one_len > 0 ? v->one_len * first : first / 8);
    item->len = v->one_len > 0 ? v->one_len * count : 1;
}

/* One named value, if the window holds it. */
static void tell_row(modbus_teller *t, const modbus_row *row, uint16_t record, const told *v)
{
    const modbus_map *map = t->context->map;
    const modbus_block *block = &map->blocks[row->block];
    const uint32_t reg = block->start + (uint32_t)record * block->stride + row->offset;
    const uint32_t count = modbus_row_registers(row);
    if (reg < v->window.start || reg + count > (uint32_t)v->window.start + v->window.count) {
        return;
    }
    codec_text_add(t->d, "0x");
    codec_text_add_hex(t->d, reg, 4);
    if (row->type == MODBUS_TYPE_BIT && !v->bits) {
        codec_text_add(t->d, ".");
        codec_text_add_number(t->d, row->bit, 1);
    }
    codec_item item = {.id = codec_text_end(t->d), .unit = row->unit};
    item.name = (codec_name){row->item, row->item};
    bytes_of(v, reg - v->window.start, count, &item);
    modbus_value value;
    const gt_err err = modbus_value_get(map, row, record, v->window, &value);
    if (err != GT_ERR_OK && err != GT_ERR_NOT_FOUND) {
        codec_text_add_hex_bytes(t->d, t->in + item.offset, item.len);
        codec_error_add(t->d, &(codec_error){err, item.offset, row->item, codec_text_end(t->d)});
        return;
    }
    item.value = err == GT_ERR_OK ? modbus_value_text(t->d, row, &value) : NULL;
    codec_item_add(t->d, &item);
}

static void tell_rows(modbus_teller *t, const told *v)
{
    const modbus_map *map = t->context->map;
    const modbus_table table = table_of(t);
    const uint32_t end = (uint32_t)v->window.start + v->window.count;
    for (uint16_t b = 0; b < map->block_count; b++) {
        const modbus_block *block = &map->blocks[b];
        if (!modbus_block_in(block, table)) {
            continue;
        }
        for (uint32_t record = 0; record < block->records; record++) {
            const uint32_t start = block->start + record * block->stride;
            if (start >= end || start + block->stride <= v->window.start) {
                continue;
            }
            for (uint16_t i = 0; i < block->row_count; i++) {
                tell_row(t, &map->rows[block->row_first + i], (uint16_t)record, v);
            }
        }
    }
}

/* By number, where no map names them. */
static void tell_plain(modbus_teller *t, const told *v)
{
    for (uint32_t i = 0; i < v->window.count; i++) {
        codec_text_add(t->d, v->placed ? "0x" : "+");
        if (v->placed) {
            codec_text_add_hex(t->d, v->window.start + i, 4);
        } else {
            codec_text_add_number(t->d, i, 1);
        }
        codec_item item = {.id = codec_text_end(t->d), .unit = ""};
        bytes_of(v, i, 1, &item);
        item.name = v->bits ? (codec_name){"线圈/离散量", "coil or input"}
                            : (codec_name){"寄存器", "register"};
        const unsigned value = v->bits ? v->values[i / BITS] >> i % BITS & 1U : v->values[i];
        item.value = decimal(t->d, value);
        codec_item_add(t->d, &item);
    }
}

static void tell_told(modbus_teller *t, told *v, int32_t start)
{
    v->placed = start >= 0;
    v->window.start = (uint16_t)(start < 0 ? 0 : start);
    v->window.regs = v->values;
    const size_t before = t->d->item_count + t->d->error_count;
    if (v->placed && t->context != NULL && t->context->map != NULL) {
        tell_rows(t, v);
    }
    if (t->d->item_count + t->d->error_count == before) {
        tell_plain(t, v);
    }
}

/* Values behind a byte count; @p count 0: as many as the bytes hold. */
static void tell_packed(modbus_teller *t, int32_t start, uint16_t count)
{
    const uint8_t bytes = t->in[t->pos];
    modbus_tell(t, (codec_field){.id = "byte_count", .name = {"字节数", "byte count"}, .len = 1},
                decimal(t->d, bytes));
    told v = {.at = t->pos, .bits = is_bits(t->row->shape)};
    v.one_len = v.bits ? 0 : 2;
    const uint16_t held = (uint16_t)(v.bits ? 8U * bytes : bytes / 2U);
    v.window.count = count == 0 || count > held ? held : count;
    for (uint32_t i = 0; v.bits && i < bytes; i++) {
        v.values[i / 2] = (uint16_t)(v.values[i / 2] | t->in[t->pos + i] << 8 * (i % 2));
    }
    for (uint32_t i = 0; !v.bits && i < held; i++) {
        v.values[i] = word_at(t, t->pos + 2 * i);
    }
    if (count != 0 && modbus_packed_len(t->row->shape, count) != bytes) {
        codec_error_add_at(t->d, GT_ERR_MALFORMED, t->pos - 1, "the byte count of that many",
                           (codec_bytes){t->in, t->in_len});
    }
    tell_told(t, &v, start);
    t->pos += bytes;
}

/* The one value of functions 05 and 06. */
static void tell_single(modbus_teller *t, uint16_t start)
{
    told v = {.at = t->pos, .bits = is_bits(t->row->shape), .one_len = 2};
    const uint16_t word = word_at(t, t->pos);
    v.window.count = 1;
    v.values[0] = v.bits ? word == COIL_ON : word;
    if (v.bits && word != COIL_ON && word != 0) {
        codec_error_add_at(t->d, GT_ERR_MALFORMED, t->pos, "FF00H or 0000H",
                           (codec_bytes){t->in, t->in_len});
    } else {
        tell_told(t, &v, start);
    }
    t->pos += 2;
}

static uint16_t tell_place(modbus_teller *t, const char *id, codec_name name)
{
    const uint16_t start = word_at(t, t->pos);
    codec_text_add(t->d, "0x");
    codec_text_add_hex(t->d, start, 4);
    modbus_tell(t, (codec_field){.id = id, .name = name, .len = 2}, codec_text_end(t->d));
    return start;
}

static uint16_t tell_start(modbus_teller *t)
{
    return tell_place(t, "start",
                      is_bits(t->row->shape) ? (codec_name){"起始线圈", "first coil"}
                                             : (codec_name){"起始寄存器", "first register"});
}

static uint16_t tell_count(modbus_teller *t, const char *id, codec_name name)
{
    const uint16_t count = word_at(t, t->pos);
    modbus_tell(t, (codec_field){.id = id, .name = name, .len = 2}, decimal(t->d, count));
    return count;
}

static uint16_t tell_how_many(modbus_teller *t)
{
    return tell_count(t, "count",
                      is_bits(t->row->shape) ? (codec_name){"线圈数量", "coils"}
                                             : (codec_name){"寄存器数量", "registers"});
}

static void tell_byte(modbus_teller *t, const char *id, codec_name name, codec_name meaning)
{
    modbus_tell(t, (codec_field){.id = id, .name = name, .len = 1, .meaning = meaning},
                codec_text_hex(t->d, t->in[t->pos], 2));
}

static codec_name object_name(uint8_t id)
{
    static const struct {
        uint8_t id;
        codec_name name;
    } names[] = {
#define MODBUS_OBJECT(symbol, id, zh, en, clause) {id, {zh, en}},
#include "codec/modbus/object.def"
#undef MODBUS_OBJECT
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (names[i].id == id) {
            return names[i].name;
        }
    }
    return (codec_name){"其它对象", "other object"};
}

static void tell_identify(modbus_teller *t)
{
    static const codec_name accesses[] = {{NULL, NULL},
                                          {"基本", "basic"},
                                          {"常规", "regular"},
                                          {"扩展", "extended"},
                                          {"单个对象", "one object"}};
    const codec_name none = {NULL, NULL};
    tell_byte(t, "mei", (codec_name){"MEI类型", "MEI type"}, none);
    const uint8_t access = t->in[t->pos];
    tell_byte(t, "access", (codec_name){"读取方式", "read code"},
              access < sizeof accesses / sizeof accesses[0] ? accesses[access] : none);
}

static void tell_identity(modbus_teller *t)
{
    const codec_name none = {NULL, NULL};
    tell_identify(t);
    tell_byte(t, "conformity", (codec_name){"符合等级", "conformity level"}, none);
    tell_byte(t, "more", (codec_name){"后续", "more follows"},
              t->in[t->pos] != 0 ? (codec_name){"有后续", "yes"} : (codec_name){"无", "no"});
    tell_byte(t, "next", (codec_name){"下一对象", "next object"}, none);
    const uint8_t count = t->in[t->pos];
    modbus_tell(t, (codec_field){.id = "objects", .name = {"对象数", "objects"}, .len = 1},
                decimal(t->d, count));
    gt_rd r = gt_rd_of(t->in, t->in_len);
    r.pos = t->pos;
    modbus_object object;
    for (unsigned n = 0; n < count && modbus_object_next(&r, &object) == GT_ERR_OK; n++) {
        codec_item item = {.offset = t->pos, .len = (uint32_t)(r.pos - t->pos), .unit = ""};
        item.id = codec_text_hex(t->d, object.id, 2);
        item.name = object_name(object.id);
        codec_text_add_bytes(t->d, object.text, object.len);
        item.value = codec_text_end(t->d);
        codec_item_add(t->d, &item);
        t->pos = (uint32_t)r.pos;
    }
}

static void tell_request(modbus_teller *t)
{
    const unsigned shape = t->row->shape;
    if (shape == MODBUS_SHAPE_IDENTIFY) {
        tell_identify(t);
        tell_byte(t, "object", (codec_name){"对象", "first object"}, object_name(t->in[t->pos]));
        return;
    }
    uint16_t start = tell_start(t);
    if (is_single(shape)) {
        tell_single(t, start);
        return;
    }
    uint16_t count = tell_how_many(t);
    if (shape == MODBUS_SHAPE_READ_WRITE) {
        start = tell_place(t, "write_start", (codec_name){"写起始寄存器", "first to write"});
        count = tell_count(t, "write_count", (codec_name){"写寄存器数量", "registers to write"});
    }
    if (modbus_asks_values(shape)) {
        tell_packed(t, start, count);
    }
}

static void tell_answer(modbus_teller *t)
{
    const unsigned shape = t->row->shape;
    if (shape == MODBUS_SHAPE_IDENTIFY) {
        tell_identity(t);
    } else if (modbus_answers_values(shape)) {
        const modbus_request *q = modbus_asked(t->context, t->in + t->base);
        const bool fits = q != NULL && modbus_packed_len(shape, q->count) == t->in[t->pos];
        const int32_t given = t->context != NULL ? t->context->start : -1;
        tell_packed(t, fits ? q->start : given, fits ? q->count : 0);
    } else {
        (void)tell_start(t);
        (void)tell_how_many(t);
    }
}

static codec_name exception_name(uint8_t code)
{
    static const struct {
        uint8_t code;
        codec_name name;
    } names[] = {
#define MODBUS_EXCEPTION(symbol, code, zh, en, clause) {code, {zh, en}},
#include "codec/modbus/exception.def"
#undef MODBUS_EXCEPTION
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (names[i].code == code) {
            return names[i].name;
        }
    }
    return (codec_name){NULL, NULL};
}

void modbus_body_tell(modbus_teller *t, modbus_look look)
{
    if (look == MODBUS_LOOK_EXCEPTION) {
        tell_byte(t, "exception", (codec_name){"异常码", "exception"},
                  exception_name(t->in[t->pos]));
    } else if (look == MODBUS_LOOK_REQUEST) {
        tell_request(t);
    } else {
        tell_answer(t);
    }
}
