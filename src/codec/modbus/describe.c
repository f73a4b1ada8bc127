/* A Modbus RTU frame in words. Function and length decide whether it is a request or an answer; for
 * a write answer, which looks like a read request of another function, and for function 06, whose
 * answer repeats the request, the request before it decides. */
#include "codec/modbus/describe.h"

#include "base/sum.h"

#include <string.h>

enum { CRC_LEN = 2, FIXED_LEN = 8, READ_HEAD = 3, WRITE_HEAD = 7, FLAG = MODBUS_EXCEPTION_FLAG };

typedef enum shape {
    SHAPE_NONE,
    SHAPE_FIXED,       /* start and count, or start and value: request, or answer to a write */
    SHAPE_WRITE,       /* request 10H with its values */
    SHAPE_READ_ANSWER, /* byte count and values */
    SHAPE_EXCEPTION,
} shape;

typedef struct teller {
    codec_description *d;
    const modbus_context *context;
    const uint8_t *in;
    size_t in_len;
    uint32_t pos;
} teller;

static bool is_read(uint8_t function)
{
    return function == MODBUS_READ_HOLDING || function == MODBUS_READ_INPUT;
}

static size_t read_answer_len(const uint8_t *in, size_t in_len)
{
    const bool counted = in_len >= READ_HEAD && in[2] != 0 && in[2] % 2 == 0;
    return counted ? READ_HEAD + (size_t)in[2] + CRC_LEN : 0;
}

static size_t shape_len(shape what, const uint8_t *in, size_t in_len)
{
    size_t len = 0;
    switch (what) {
    case SHAPE_FIXED:
        return FIXED_LEN;
    case SHAPE_WRITE:
        return modbus_request_len(in, in_len, &len) == GT_ERR_OK ? len : 0;
    case SHAPE_READ_ANSWER:
        return read_answer_len(in, in_len);
    case SHAPE_EXCEPTION:
        return MODBUS_EXCEPTION_LEN;
    case SHAPE_NONE:
        break;
    }
    return 0;
}

/* The shapes a function allows, the two of them. */
static void shapes_of(uint8_t function, shape out[2])
{
    out[0] = SHAPE_NONE;
    out[1] = SHAPE_NONE;
    if (is_read(function)) {
        out[0] = SHAPE_FIXED;
        out[1] = SHAPE_READ_ANSWER;
    } else if (function == MODBUS_WRITE_SINGLE) {
        out[0] = SHAPE_FIXED;
    } else if (function == MODBUS_WRITE_MULTIPLE) {
        out[0] = SHAPE_WRITE;
        out[1] = SHAPE_FIXED;
    } else if (function == (MODBUS_READ_HOLDING | FLAG) || function == (MODBUS_READ_INPUT | FLAG) ||
               function == (MODBUS_WRITE_SINGLE | FLAG) ||
               function == (MODBUS_WRITE_MULTIPLE | FLAG)) {
        out[0] = SHAPE_EXCEPTION;
    }
}

/* The shape whose length fits and whose CRC is right. */
static shape shape_find(const uint8_t *in, size_t in_len, size_t *out_len)
{
    shape tries[2];
    shapes_of(in[1], tries);
    for (unsigned i = 0; i < 2; i++) {
        const size_t len = shape_len(tries[i], in, in_len);
        if (len > 0 && len <= in_len && modbus_adu_valid(in, len)) {
            *out_len = len;
            return tries[i];
        }
    }
    return SHAPE_NONE;
}

codec_match modbus_probe(const uint8_t *in, size_t in_len, size_t *out_len)
{
    if (in_len < 2 || in[0] > MODBUS_UNIT_MAX) {
        return CODEC_MATCH_NONE;
    }
    if (shape_find(in, in_len, out_len) != SHAPE_NONE) {
        return CODEC_MATCH_FRAME;
    }
    shape tries[2];
    shapes_of(in[1], tries);
    if (tries[0] == SHAPE_NONE) {
        return CODEC_MATCH_NONE;
    }
    *out_len = in_len < MODBUS_ADU_MAX ? in_len : MODBUS_ADU_MAX;
    return CODEC_MATCH_SHAPE;
}

static void tell(teller *t, codec_field field, const char *value)
{
    field.offset = t->pos;
    field.value = value;
    t->pos += field.len;
    codec_field_add(t->d, &field);
}

static uint16_t word_at(const teller *t, uint32_t pos)
{
    return (uint16_t)(t->in[pos] << 8 | t->in[pos + 1]);
}

static const char *decimal(codec_description *d, uint64_t value)
{
    codec_text_add_number(d, value, 1);
    return codec_text_end(d);
}

static codec_name function_name(uint8_t function)
{
    switch (function & ~(unsigned)FLAG) {
    case MODBUS_READ_HOLDING:
        return (codec_name){"读保持寄存器", "read holding registers"};
    case MODBUS_READ_INPUT:
        return (codec_name){"读输入寄存器", "read input registers"};
    case MODBUS_WRITE_SINGLE:
        return (codec_name){"写单个寄存器", "write single register"};
    case MODBUS_WRITE_MULTIPLE:
        return (codec_name){"写多个寄存器", "write multiple registers"};
    default:
        return (codec_name){"未支持的功能码", "function not supported"};
    }
}

static codec_name exception_name(uint8_t code)
{
    static const codec_name names[] = {
        {NULL, NULL},
        {"非法功能", "illegal function"},
        {"非法数据地址", "illegal data address"},
        {"非法数据值", "illegal data value"},
        {"从站设备故障", "device failure"},
        {"确认，处理中", "acknowledge, in progress"},
        {"从站设备忙", "device busy"},
    };
    return code < sizeof names / sizeof names[0] ? names[code] : names[0];
}

static bool answers_write(const teller *t)
{
    const modbus_request *q = t->context != NULL ? t->context->request : NULL;
    return q != NULL && q->unit == t->in[0] && (uint8_t)q->function == t->in[1] &&
           q->start == word_at(t, 2);
}

static codec_name title_of(const teller *t, shape what)
{
    static const codec_name request = {"Modbus请求", "Modbus request"};
    static const codec_name answer = {"Modbus应答", "Modbus answer"};
    switch (what) {
    case SHAPE_WRITE:
        return request;
    case SHAPE_READ_ANSWER:
        return answer;
    case SHAPE_EXCEPTION:
        return (codec_name){"Modbus异常应答", "Modbus exception answer"};
    case SHAPE_FIXED:
        if (is_read(t->in[1])) {
            return request;
        }
        if (t->in[1] == MODBUS_WRITE_MULTIPLE || answers_write(t)) {
            return answer;
        }
        return (codec_name){"Modbus请求或应答", "Modbus request or answer (both look alike)"};
    case SHAPE_NONE:
        break;
    }
    return (codec_name){"", ""};
}

static void tell_head(teller *t)
{
    t->d->address = decimal(t->d, t->in[0]);
    tell(t,
         (codec_field){.id = "unit",
                       .name = {"从站地址", "unit"},
                       .len = 1,
                       .meaning = t->in[0] == MODBUS_BROADCAST ? (codec_name){"广播", "broadcast"}
                                                               : (codec_name){NULL, NULL}},
         t->d->address);
    tell(t,
         (codec_field){.id = "function",
                       .name = {"功能码", "function"},
                       .len = 1,
                       .meaning = function_name(t->in[1])},
         codec_text_hex(t->d, t->in[1], 2));
}

static void civil_text(codec_description *d, const modbus_row *row, const gt_civil *civil)
{
    const unsigned numbers[] = {(unsigned)civil->year, civil->month,  civil->day,
                                civil->hour,           civil->minute, civil->second};
    codec_text_add_parts(
        d, row->type == MODBUS_TYPE_YMDH ? "dddd-dd-dd dd:dd" : "dddd-dd-dd dd:dd:dd", numbers);
}

static const char *value_text(codec_description *d, const modbus_row *row,
                              const modbus_value *value)
{
    if (modbus_type_is_time(row->type)) {
        civil_text(d, row, &value->civil);
    } else if (row->type == MODBUS_TYPE_MAC) {
        codec_text_add_hex_bytes(d, value->mac, sizeof value->mac);
    } else if (row->type == MODBUS_TYPE_BCD6) {
        codec_text_add_number(d, (uint64_t)value->raw, 12);
    } else if (row->exponent <= 0) {
        codec_text_add_decimal(d, value->raw, (unsigned)-row->exponent);
    } else {
        codec_text_add_decimal(d, value->raw, 0);
        for (int i = 0; i < row->exponent; i++) {
            codec_text_add(d, value->raw != 0 ? "0" : "");
        }
    }
    return codec_text_end(d);
}

/* One named value, if the window holds it; its bytes start at values_at of the input. */
static void tell_row(teller *t, const modbus_row *row, uint16_t record, modbus_window window,
                     uint32_t values_at)
{
    const modbus_map *map = t->context->map;
    const modbus_block *block = &map->blocks[row->block];
    modbus_value value;
    const gt_err err = modbus_value_get(map, row, record, window, &value);
    const uint32_t reg = block->start + (uint32_t)record * block->stride + row->offset;
    const uint32_t count = modbus_row_registers(row);
    if (reg < window.start || reg + count > (uint32_t)window.start + window.count) {
        return;
    }
    const uint32_t offset = values_at + 2 * (reg - window.start);
    codec_text_add(t->d, "0x");
    codec_text_add_hex(t->d, reg, 4);
    if (row->type == MODBUS_TYPE_BIT) {
        codec_text_add(t->d, ".");
        codec_text_add_number(t->d, row->bit, 1);
    }
    const char *id = codec_text_end(t->d);
    if (err != GT_ERR_OK && err != GT_ERR_NOT_FOUND) {
        codec_text_add_hex_bytes(t->d, t->in + offset, 2 * count);
        codec_error_add(t->d, &(codec_error){err, offset, row->item, codec_text_end(t->d)});
        return;
    }
    codec_item item = {.id = id, .offset = offset, .len = 2 * count, .unit = row->unit};
    item.name = (codec_name){row->item, row->item};
    item.value = err == GT_ERR_OK ? value_text(t->d, row, &value) : NULL;
    codec_item_add(t->d, &item);
}

static void tell_rows(teller *t, modbus_window window, uint32_t values_at)
{
    const modbus_map *map = t->context->map;
    for (uint16_t b = 0; b < map->block_count; b++) {
        const modbus_block *block = &map->blocks[b];
        const uint32_t end = (uint32_t)window.start + window.count;
        for (uint32_t record = 0; record < block->records; record++) {
            const uint32_t start = block->start + record * block->stride;
            if (start >= end || start + block->stride <= window.start) {
                continue;
            }
            for (uint16_t i = 0; i < block->row_count; i++) {
                tell_row(t, &map->rows[block->row_first + i], (uint16_t)record, window, values_at);
            }
        }
    }
}

/* Registers by number, where no map names them. */
static void tell_plain(teller *t, int32_t start, modbus_window window, uint32_t values_at)
{
    for (uint32_t i = 0; i < window.count; i++) {
        if (start >= 0) {
            codec_text_add(t->d, "0x");
            codec_text_add_hex(t->d, (uint32_t)start + i, 4);
        } else {
            codec_text_add(t->d, "+");
            codec_text_add_number(t->d, i, 1);
        }
        const char *id = codec_text_end(t->d);
        codec_item item = {.id = id, .offset = values_at + 2 * i, .len = 2, .unit = ""};
        item.name = (codec_name){"寄存器", "register"};
        item.value = decimal(t->d, window.regs[i]);
        codec_item_add(t->d, &item);
    }
}

static void tell_values(teller *t, int32_t start, uint16_t count)
{
    uint16_t regs[MODBUS_READ_MAX + 2];
    const uint32_t values_at = t->pos;
    for (uint32_t i = 0; i < count; i++) {
        regs[i] = word_at(t, values_at + 2 * i);
    }
    modbus_window window = {regs, (uint16_t)(start < 0 ? 0 : start), count};
    const size_t before = t->d->item_count + t->d->error_count;
    if (start >= 0 && t->context != NULL && t->context->map != NULL) {
        tell_rows(t, window, values_at);
    }
    if (t->d->item_count + t->d->error_count == before) {
        tell_plain(t, start, window, values_at);
    }
    t->pos += 2U * count;
}

static void tell_start(teller *t)
{
    const uint16_t start = word_at(t, t->pos);
    codec_text_add(t->d, "0x");
    codec_text_add_hex(t->d, start, 4);
    tell(t, (codec_field){.id = "start", .name = {"起始寄存器", "first register"}, .len = 2},
         codec_text_end(t->d));
}

static void tell_fixed(teller *t)
{
    const uint16_t start = word_at(t, t->pos);
    tell_start(t);
    if (t->in[1] == MODBUS_WRITE_SINGLE) {
        tell_values(t, start, 1);
        return;
    }
    tell(t, (codec_field){.id = "count", .name = {"寄存器数量", "registers"}, .len = 2},
         decimal(t->d, word_at(t, t->pos)));
}

static void tell_byte_count(teller *t)
{
    tell(t, (codec_field){.id = "byte_count", .name = {"字节数", "byte count"}, .len = 1},
         decimal(t->d, t->in[t->pos]));
}

static void tell_write(teller *t)
{
    const uint16_t start = word_at(t, t->pos);
    tell_fixed(t);
    const uint16_t count = t->in[t->pos] / 2;
    tell_byte_count(t);
    if (count != word_at(t, 4)) {
        codec_error_add_at(t->d, GT_ERR_MALFORMED, WRITE_HEAD - 1, "byte count of twice the count",
                           (codec_bytes){t->in, t->in_len});
    }
    tell_values(t, start, count);
}

static void tell_read_answer(teller *t)
{
    const uint16_t count = t->in[t->pos] / 2;
    int32_t start = t->context != NULL ? t->context->start : -1;
    const modbus_request *q = t->context != NULL ? t->context->request : NULL;
    if (q != NULL && q->unit == t->in[0] && (uint8_t)q->function == t->in[1] && q->count == count) {
        start = q->start;
    }
    tell_byte_count(t);
    tell_values(t, start, count);
}

static void tell_exception(teller *t)
{
    const uint8_t code = t->in[t->pos];
    tell(t,
         (codec_field){.id = "exception",
                       .name = {"异常码", "exception"},
                       .len = 1,
                       .meaning = exception_name(code)},
         codec_text_hex(t->d, code, 2));
}

static void tell_body(teller *t, shape what)
{
    switch (what) {
    case SHAPE_FIXED:
        tell_fixed(t);
        break;
    case SHAPE_WRITE:
        tell_write(t);
        break;
    case SHAPE_READ_ANSWER:
        tell_read_answer(t);
        break;
    case SHAPE_EXCEPTION:
        tell_exception(t);
        break;
    case SHAPE_NONE:
        break;
    }
}

/* No shape fits: say what is wrong with what came closest. */
static void tell_damage(teller *t)
{
    codec_description *d = t->d;
    const codec_bytes in = {t->in, t->in_len};
    if (t->in_len < MODBUS_ADU_MIN) {
        codec_error_add_at(d, GT_ERR_TRUNCATED, (uint32_t)t->in_len, "at least 4 bytes", in);
        return;
    }
    tell_head(t);
    shape tries[2];
    shapes_of(t->in[1], tries);
    if (tries[0] == SHAPE_NONE) {
        codec_error_add_at(d, GT_ERR_UNSUPPORTED, 1, "function 03H 04H 06H 10H or its exception",
                           in);
        return;
    }
    const uint16_t crc = gt_crc16_modbus(t->in, t->in_len - CRC_LEN);
    codec_text_add(d, "whole frame ending in CRC ");
    codec_text_add_hex(d, (uint16_t)(crc << 8 | crc >> 8), 4);
    const char *expected = codec_text_end(d);
    codec_text_add_hex_bytes(d, t->in + t->in_len - CRC_LEN, CRC_LEN);
    const bool right = modbus_adu_valid(t->in, t->in_len);
    codec_error_add(
        d, &(codec_error){right ? GT_ERR_MALFORMED : GT_ERR_CHECKSUM, (uint32_t)t->in_len - CRC_LEN,
                          right ? "a length that fits the function" : expected, codec_text_end(d)});
}

void modbus_describe(const modbus_context *context, const uint8_t *in, size_t in_len,
                     codec_description *out)
{
    codec_description_begin(out, "modbus");
    teller t = {.d = out, .context = context, .in = in, .in_len = in_len};
    size_t len = 0;
    const shape what = in_len >= MODBUS_ADU_MIN ? shape_find(in, in_len, &len) : SHAPE_NONE;
    if (what == SHAPE_NONE) {
        tell_damage(&t);
        return;
    }
    out->title = title_of(&t, what);
    tell_head(&t);
    tell_body(&t, what);
    tell(&t,
         (codec_field){.id = "crc",
                       .name = {"CRC校验（低字节在前）", "CRC (low byte first)"},
                       .len = CRC_LEN,
                       .meaning = {"正确", "right"}},
         codec_text_hex(out, gt_crc16_modbus(in, len - CRC_LEN), 4));
    if (len < in_len) {
        codec_error_add_at(out, GT_ERR_TRAILING, (uint32_t)len, "end of the frame",
                           (codec_bytes){in, in_len});
    }
}
