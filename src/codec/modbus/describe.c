/* A Modbus frame in words, on a serial line or on TCP. Function and length decide whether it is a
 * request or an answer; where both fit (single writes are answered by themselves, three bytes of
 * coils are as long as a request for them) the request before it decides. */
#include "codec/modbus/describe_priv.h"

#include "base/sum.h"
#include "codec/modbus/tcp.h"

enum {
    CRC_LEN = 2,
    FIXED = 5,          /* function, two words */
    WRITE_HEAD = 6,     /* function, two words, byte count */
    EXCHANGE_HEAD = 10, /* function, four words, byte count */
    IDENTIFY_LEN = 4,
    IDENTITY_HEAD = 7,
    EXCEPTION_LEN = 2, /* function, code */
    READ_HEAD = 2,     /* function, byte count */
    TCP_BASE = 6,
    LOOKS = 2,
};

static const modbus_row_function *row_of(uint8_t code)
{
    return modbus_function_find((uint8_t)(code & ~(unsigned)MODBUS_EXCEPTION_FLAG));
}

/* Bytes behind a byte count at that place: 0 when it is missing or none that the shape has. */
static size_t counted_len(unsigned shape, size_t head, codec_bytes pdu)
{
    if (pdu.len < head || pdu.buf[head - 1] == 0) {
        return 0;
    }
    const uint8_t bytes = pdu.buf[head - 1];
    const bool bits = shape == MODBUS_SHAPE_READ_BITS || shape == MODBUS_SHAPE_WRITE_BITS;
    return bits || bytes % 2 == 0 ? head + bytes : 0;
}

/* An answer may look like a request for that many: three bytes of coils are as long as one, and an
 * answer of seven bytes with a zero behind it has a right CRC again. No such count decides. */
static bool answers(unsigned shape, codec_bytes pdu)
{
    if (pdu.len < FIXED || pdu.buf[1] == 0 || shape > MODBUS_SHAPE_READ_WORDS) {
        return false;
    }
    const unsigned count = (unsigned)pdu.buf[3] << 8 | pdu.buf[4];
    return count == 0 || count > modbus_function_find(pdu.buf[0])->most;
}

static size_t request_len(unsigned shape, codec_bytes pdu)
{
    if (shape == MODBUS_SHAPE_IDENTIFY) {
        return pdu.len >= 2 && pdu.buf[1] == MODBUS_MEI_IDENTIFY ? IDENTIFY_LEN : 0;
    }
    if (!modbus_asks_values(shape)) {
        return answers(shape, pdu) ? 0 : FIXED;
    }
    return counted_len(shape, shape == MODBUS_SHAPE_READ_WRITE ? EXCHANGE_HEAD : WRITE_HEAD, pdu);
}

static size_t identity_len(codec_bytes pdu)
{
    gt_rd r = gt_rd_of(pdu.buf, pdu.len);
    const uint8_t *head = gt_rd_take(&r, IDENTITY_HEAD);
    if (head == NULL || head[1] != MODBUS_MEI_IDENTIFY) {
        return 0;
    }
    modbus_object object;
    for (unsigned n = 0; n < head[IDENTITY_HEAD - 1]; n++) {
        if (modbus_object_next(&r, &object) != GT_ERR_OK) {
            return 0;
        }
    }
    return r.pos;
}

static size_t answer_len(unsigned shape, codec_bytes pdu)
{
    if (shape == MODBUS_SHAPE_IDENTIFY) {
        return identity_len(pdu);
    }
    return modbus_answers_values(shape) ? counted_len(shape, READ_HEAD, pdu) : FIXED;
}

/* Bytes of function and body under that look; 0: it cannot look so. */
static size_t look_len(modbus_look look, codec_bytes pdu)
{
    const unsigned shape = row_of(pdu.buf[0])->shape;
    return look == MODBUS_LOOK_EXCEPTION ? EXCEPTION_LEN
           : look == MODBUS_LOOK_REQUEST ? request_len(shape, pdu)
                                         : answer_len(shape, pdu);
}

const modbus_request *modbus_asked(const modbus_context *context, const uint8_t *unit_at)
{
    const modbus_request *q = context != NULL ? context->request : NULL;
    const bool fits = q != NULL && q->unit == unit_at[0] && (uint8_t)q->function == unit_at[1];
    return fits ? q : NULL;
}

/* The looks a frame may have, the likelier one first. @p unit_at: unit, function, body. */
static void looks_of(const modbus_context *context, const uint8_t *unit_at, modbus_look out[LOOKS])
{
    const modbus_row_function *row = row_of(unit_at[1]);
    out[0] = out[1] = MODBUS_LOOK_NONE;
    if (row != NULL && (unit_at[1] & MODBUS_EXCEPTION_FLAG) != 0) {
        out[0] = MODBUS_LOOK_EXCEPTION;
    } else if (row != NULL) {
        const bool answer =
            row->shape == MODBUS_SHAPE_READ_BITS && modbus_asked(context, unit_at) != NULL;
        out[0] = answer ? MODBUS_LOOK_ANSWER : MODBUS_LOOK_REQUEST;
        out[1] = answer ? MODBUS_LOOK_REQUEST : MODBUS_LOOK_ANSWER;
    }
}

/* RTU: the look whose length fits and whose CRC is right. */
static modbus_look rtu_look(const modbus_context *context, codec_bytes in, size_t *out_len)
{
    modbus_look looks[LOOKS];
    looks_of(context, in.buf, looks);
    const codec_bytes pdu = {in.buf + 1, in.len - 1 - CRC_LEN};
    for (unsigned i = 0; i < LOOKS && looks[i] != MODBUS_LOOK_NONE; i++) {
        const size_t len = look_len(looks[i], pdu) + 1 + CRC_LEN;
        if (len > 1 + CRC_LEN && len <= in.len && modbus_adu_valid(in.buf, len)) {
            *out_len = len;
            return looks[i];
        }
    }
    return MODBUS_LOOK_NONE;
}

/* TCP: the look that fills what the header says. */
static modbus_look tcp_look(const modbus_context *context, codec_bytes in)
{
    modbus_look looks[LOOKS];
    looks_of(context, in.buf + TCP_BASE, looks);
    const codec_bytes pdu = {in.buf + MODBUS_TCP_HEAD, in.len - MODBUS_TCP_HEAD};
    for (unsigned i = 0; i < LOOKS && looks[i] != MODBUS_LOOK_NONE; i++) {
        if (look_len(looks[i], pdu) == pdu.len) {
            return looks[i];
        }
    }
    return MODBUS_LOOK_NONE;
}

codec_match modbus_probe(const uint8_t *in, size_t in_len, size_t *out_len)
{
    if (in_len < 2 || in[0] > MODBUS_UNIT_MAX || row_of(in[1]) == NULL) {
        return CODEC_MATCH_NONE;
    }
    if (in_len >= MODBUS_ADU_MIN &&
        rtu_look(NULL, (codec_bytes){in, in_len}, out_len) != MODBUS_LOOK_NONE) {
        return CODEC_MATCH_FRAME;
    }
    *out_len = in_len < MODBUS_ADU_MAX ? in_len : MODBUS_ADU_MAX;
    return CODEC_MATCH_SHAPE;
}

codec_match modbus_tcp_probe(const uint8_t *in, size_t in_len, size_t *out_len)
{
    size_t len = 0;
    if (modbus_tcp_len(in, in_len, &len) != GT_ERR_OK) {
        return CODEC_MATCH_NONE;
    }
    if (in_len > TCP_BASE && in[TCP_BASE] > MODBUS_UNIT_MAX && in[TCP_BASE] != MODBUS_TCP_DEVICE) {
        return CODEC_MATCH_NONE;
    }
    const bool whole = len <= in_len && tcp_look(NULL, (codec_bytes){in, len}) != MODBUS_LOOK_NONE;
    *out_len = len < in_len ? len : in_len;
    return whole ? CODEC_MATCH_FRAME : CODEC_MATCH_SHAPE;
}

static codec_name function_name(uint8_t code)
{
    static const struct {
        uint8_t code;
        codec_name name;
    } names[] = {
#define MODBUS_FUNCTION(symbol, code, shape, most, zh, en, clause) {code, {zh, en}},
#include "codec/modbus/function.def"
#undef MODBUS_FUNCTION
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (names[i].code == (code & ~(unsigned)MODBUS_EXCEPTION_FLAG)) {
            return names[i].name;
        }
    }
    return (codec_name){"未支持的功能码", "function not supported"};
}

static codec_name title_of(const modbus_teller *t, modbus_look look)
{
    if (look == MODBUS_LOOK_EXCEPTION) {
        return (codec_name){"Modbus异常应答", "Modbus exception answer"};
    }
    const bool single =
        t->row->shape == MODBUS_SHAPE_WRITE_BIT || t->row->shape == MODBUS_SHAPE_WRITE_WORD;
    const modbus_request *q = modbus_asked(t->context, t->in + t->base);
    const uint8_t *start = t->in + t->base + 2;
    const bool echo = q != NULL && q->start == (start[0] << 8 | start[1]);
    if (look == MODBUS_LOOK_ANSWER || (single && echo)) {
        return (codec_name){"Modbus应答", "Modbus answer"};
    }
    return single ? (codec_name){"Modbus请求或应答", "Modbus request or answer (both look alike)"}
                  : (codec_name){"Modbus请求", "Modbus request"};
}

static const char *decimal(codec_description *d, uint64_t value)
{
    codec_text_add_number(d, value, 1);
    return codec_text_end(d);
}

static void tell_head(modbus_teller *t, bool tcp)
{
    const uint8_t unit = t->in[t->base];
    const bool broadcast = !tcp && unit == MODBUS_BROADCAST;
    t->pos = t->base;
    t->d->address = decimal(t->d, unit);
    modbus_tell(t,
                (codec_field){.id = "unit",
                              .name = {"从站地址", "unit"},
                              .len = 1,
                              .meaning = broadcast ? (codec_name){"广播", "broadcast"}
                                                   : (codec_name){NULL, NULL}},
                t->d->address);
    modbus_tell(t,
                (codec_field){.id = "function",
                              .name = {"功能码", "function"},
                              .len = 1,
                              .meaning = function_name(t->in[t->pos])},
                codec_text_hex(t->d, t->in[t->pos], 2));
}

static void unsupported(codec_description *d, uint32_t at, codec_bytes in)
{
    codec_error_add_at(d, GT_ERR_UNSUPPORTED, at,
                       "function 01H-06H 0FH 10H 17H 2BH or its exception", in);
}

/* No look fits: say what is wrong with what came closest. */
static void rtu_damage(modbus_teller *t)
{
    codec_description *d = t->d;
    const codec_bytes in = {t->in, t->in_len};
    if (t->in_len < MODBUS_ADU_MIN) {
        codec_error_add_at(d, GT_ERR_TRUNCATED, (uint32_t)t->in_len, "at least 4 bytes", in);
        return;
    }
    tell_head(t, false);
    if (row_of(t->in[1]) == NULL) {
        unsupported(d, 1, in);
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

static void trailing(codec_description *d, size_t len, codec_bytes in)
{
    if (len < in.len) {
        codec_error_add_at(d, GT_ERR_TRAILING, (uint32_t)len, "end of the frame", in);
    }
}

void modbus_describe(const modbus_context *context, const uint8_t *in, size_t in_len,
                     codec_description *out)
{
    codec_description_begin(out, "modbus");
    modbus_teller t = {.d = out, .context = context, .in = in, .in_len = in_len};
    const codec_bytes all = {in, in_len};
    size_t len = 0;
    const modbus_look look =
        in_len >= MODBUS_ADU_MIN ? rtu_look(context, all, &len) : MODBUS_LOOK_NONE;
    if (look == MODBUS_LOOK_NONE) {
        rtu_damage(&t);
        return;
    }
    t.row = row_of(in[1]);
    out->title = title_of(&t, look);
    tell_head(&t, false);
    modbus_body_tell(&t, look);
    modbus_tell(&t,
                (codec_field){.id = "crc",
                              .name = {"CRC校验（低字节在前）", "CRC (low byte first)"},
                              .len = CRC_LEN,
                              .meaning = {"正确", "right"}},
                codec_text_hex(out, gt_crc16_modbus(in, len - CRC_LEN), 4));
    trailing(out, len, all);
}

static bool tcp_head(modbus_teller *t, size_t *out_len)
{
    const codec_bytes in = {t->in, t->in_len};
    const gt_err err = modbus_tcp_len(t->in, t->in_len, out_len);
    if (err != GT_ERR_OK) {
        const bool short_of = err == GT_ERR_TRUNCATED;
        const uint32_t at = short_of ? (uint32_t)t->in_len : err == GT_ERR_MALFORMED ? 2 : 4;
        codec_error_add_at(t->d, err, at,
                           short_of                  ? "a header of 7 bytes"
                           : err == GT_ERR_MALFORMED ? "protocol 0000H"
                                                     : "length 2 to 254",
                           in);
        return false;
    }
    modbus_tell(t,
                (codec_field){.id = "transaction", .name = {"事务标识", "transaction"}, .len = 2},
                decimal(t->d, (uint64_t)t->in[0] << 8 | t->in[1]));
    modbus_tell(t, (codec_field){.id = "protocol", .name = {"协议标识", "protocol"}, .len = 2},
                codec_text_hex(t->d, 0, 4));
    modbus_tell(t, (codec_field){.id = "length", .name = {"长度", "length"}, .len = 2},
                decimal(t->d, *out_len - TCP_BASE));
    if (t->in_len < *out_len) {
        codec_error_add_at(t->d, GT_ERR_TRUNCATED, (uint32_t)t->in_len,
                           "as many bytes as the length says", in);
        return false;
    }
    return true;
}

void modbus_tcp_describe(const modbus_context *context, const uint8_t *in, size_t in_len,
                         codec_description *out)
{
    codec_description_begin(out, "modbus-tcp");
    modbus_teller t = {.d = out, .context = context, .in = in, .in_len = in_len, .base = TCP_BASE};
    const codec_bytes all = {in, in_len};
    size_t len = 0;
    if (!tcp_head(&t, &len)) {
        return;
    }
    tell_head(&t, true);
    t.row = row_of(in[MODBUS_TCP_HEAD]);
    if (t.row == NULL) {
        unsupported(out, MODBUS_TCP_HEAD, all);
        return;
    }
    const modbus_look look = tcp_look(context, (codec_bytes){in, len});
    if (look == MODBUS_LOOK_NONE) {
        codec_error_add_at(out, GT_ERR_MALFORMED, MODBUS_TCP_HEAD + 1,
                           "a body as long as the header says", all);
        return;
    }
    out->title = title_of(&t, look);
    modbus_body_tell(&t, look);
    trailing(out, len, all);
}
