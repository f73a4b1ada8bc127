/* A frame in words. The envelope is told first, field by field up to the damage if there is one;
 * only a frame that decodes as a whole gets its data explained. */
#include "codec/cjt188/describe.h"

#include "base/sum.h"
#include "codec/cjt188/describe_priv.h"

#include <string.h>

enum { ADDR_LEN = 7, FUNCTION = 0x3F, REPLY = 0x80, ABNORMAL = 0x40 };

typedef struct code_name {
    uint8_t code;
    codec_name name;
} code_name;

#define ROW(symbol, code, zh, en) {code, {zh, en}},
static const code_name type_names[] = {CJT188_TYPE_LIST(ROW)};
static const code_name function_names[] = {CJT188_FUNCTION_LIST(ROW)};
#undef ROW

static codec_name name_of(const code_name *table, size_t count, uint8_t code)
{
    for (size_t i = 0; i < count; i++) {
        if (table[i].code == code) {
            return table[i].name;
        }
    }
    return (codec_name){NULL, NULL};
}

codec_match cjt188_probe(const uint8_t *in, size_t in_len, size_t *out_len)
{
    const size_t skipped = cjt188_preambles(in, in_len);
    size_t whole = 0;
    const gt_err err = cjt188_frame_len(in, in_len, &whole);
    if (err == GT_ERR_OK && whole <= in_len) {
        cjt188_frame frame;
        *out_len = whole;
        return cjt188_frame_decode(in + skipped, whole - skipped, &frame) == GT_ERR_OK
                   ? CODEC_MATCH_FRAME
                   : CODEC_MATCH_SHAPE;
    }
    /* Type and address are all that tells a damaged frame from other bytes. */
    const bool started = in_len - skipped >= CJT188_HEAD_LEN - 2;
    if (err == GT_ERR_OK || (err == GT_ERR_TRUNCATED && started)) {
        *out_len = in_len < skipped + CJT188_FRAME_MAX ? in_len : skipped + CJT188_FRAME_MAX;
        return CODEC_MATCH_SHAPE;
    }
    return CODEC_MATCH_NONE;
}

typedef struct envelope {
    codec_description *d;
    codec_bytes in;
    uint32_t pos;
    bool damaged;
} envelope;

static void damage(envelope *e, gt_err err, const char *expected)
{
    codec_error_add_at(e->d, err, e->pos, expected, e->in);
    e->damaged = true;
}

/* Are that many bytes left? */
static bool has(envelope *e, size_t len, const char *expected)
{
    if (!e->damaged && e->in.len - e->pos < len) {
        e->pos = (uint32_t)e->in.len;
        damage(e, GT_ERR_TRUNCATED, expected);
    }
    return !e->damaged;
}

static void tell(envelope *e, codec_field field)
{
    field.offset = e->pos;
    e->pos += field.len;
    codec_field_add(e->d, &field);
}

static void fixed(envelope *e, uint8_t want, codec_field field)
{
    if (!has(e, 1, field.name.en)) {
        return;
    }
    if (e->in.buf[e->pos] != want) {
        damage(e, GT_ERR_MALFORMED, field.name.en);
        return;
    }
    field.len = 1;
    field.value = codec_text_hex(e->d, want, 2);
    tell(e, field);
}

static void type_and_address(envelope *e)
{
    if (!has(e, 1, "meter type")) {
        return;
    }
    const uint8_t type = e->in.buf[e->pos];
    if (!cjt188_type_valid(type)) {
        damage(e, GT_ERR_MALFORMED, "meter type 10H to 49H, or AAH");
        return;
    }
    tell(e, (codec_field){.id = "type",
                          .name = {"仪表类型T", "meter type"},
                          .len = 1,
                          .value = codec_text_hex(e->d, type, 2),
                          .meaning =
                              name_of(type_names, sizeof type_names / sizeof type_names[0], type)});
    if (!has(e, ADDR_LEN, "address: 7 bytes")) {
        return;
    }
    uint64_t addr = 0;
    for (uint32_t i = 0; i < ADDR_LEN; i++) {
        addr |= (uint64_t)e->in.buf[e->pos + i] << (8 * i);
        if (!cjt188_addr_valid(addr)) {
            e->pos += i;
            damage(e, GT_ERR_MALFORMED, "address: 5 bytes of BCD digits or A, then the maker's 2");
            return;
        }
    }
    codec_text_add_hex(e->d, addr, 2 * ADDR_LEN);
    e->d->address = codec_text_end(e->d);
    tell(e, (codec_field){.id = "address",
                          .name = {"地址", "address"},
                          .len = ADDR_LEN,
                          .value = e->d->address,
                          .meaning = addr == CJT188_ADDR_ANY ? (codec_name){"通配", "any meter"}
                                                             : (codec_name){NULL, NULL}});
}

static codec_name control_meaning(codec_description *d, uint8_t ctrl)
{
    codec_name function =
        name_of(function_names, sizeof function_names / sizeof function_names[0], ctrl & FUNCTION);
    if (function.en == NULL) {
        function = (codec_name){"厂商自定义功能", "maker's own function"};
    }
    const bool reply = (ctrl & REPLY) != 0;
    const bool abnormal = (ctrl & ABNORMAL) != 0;
    codec_text_add(d, function.zh);
    codec_text_add(d, abnormal ? "，通信异常应答" : reply ? "，应答" : "，主站请求");
    const char *zh = codec_text_end(d);
    codec_text_add(d, function.en);
    codec_text_add(d, abnormal ? ", refused by the meter" : reply ? ", answer" : ", request");
    return (codec_name){zh, codec_text_end(d)};
}

static uint32_t control_and_length(envelope *e)
{
    if (!has(e, 1, "control code")) {
        return 0;
    }
    const uint8_t ctrl = e->in.buf[e->pos];
    e->d->title = control_meaning(e->d, ctrl);
    tell(e, (codec_field){.id = "control",
                          .name = {"控制码C", "control code"},
                          .len = 1,
                          .value = codec_text_hex(e->d, ctrl, 2),
                          .meaning = e->d->title});
    if (!has(e, 1, "data length")) {
        return 0;
    }
    const uint8_t len = e->in.buf[e->pos];
    codec_text_add_number(e->d, len, 1);
    tell(e, (codec_field){.id = "length",
                          .name = {"数据长度L", "data length"},
                          .len = 1,
                          .value = codec_text_end(e->d)});
    if (e->in.len - e->pos < len) {
        e->pos = (uint32_t)e->in.len;
        damage(e, GT_ERR_TRUNCATED, "as many data bytes as the length says");
    }
    return len;
}

static void tail(envelope *e, uint32_t start, uint32_t data_len)
{
    if (e->damaged) {
        return;
    }
    e->pos += data_len;
    const uint8_t sum = gt_sum8(e->in.buf + start, e->pos - start);
    if (e->pos < e->in.len && e->in.buf[e->pos] != sum) {
        codec_text_add(e->d, "checksum ");
        damage(e, GT_ERR_CHECKSUM, codec_text_hex(e->d, sum, 2));
        return;
    }
    fixed(e, sum,
          (codec_field){"checksum", {"校验码CS", "checksum"}, .meaning = {"正确", "right"}});
    fixed(e, CJT188_END, (codec_field){"end", {"结束符", "end mark 16H"}});
    if (!e->damaged && e->pos < e->in.len) {
        damage(e, GT_ERR_TRAILING, "end of the frame");
    }
}

void cjt188_describe(const items_set *extra, const uint8_t *in, size_t in_len,
                     codec_description *out)
{
    codec_description_begin(out, "cjt188");
    envelope e = {.d = out, .in = {in, in_len}};
    const uint32_t start = (uint32_t)cjt188_preambles(in, in_len);
    if (start > 0) {
        const bool idle = memchr(in, CJT188_PREAMBLE_IDLE, start) != NULL;
        if (idle) {
            codec_text_add_hex_bytes(out, in, start);
        } else {
            codec_text_add_number(out, start, 1);
        }
        tell(&e, (codec_field){.id = idle ? "preamble_bytes" : "preamble",
                               .name = {"前导字节", "preamble"},
                               .len = start,
                               .value = codec_text_end(out),
                               .meaning = {idle ? "FEH或FFH" : "FEH的个数",
                                           idle ? "FEH or FFH" : "number of FEH"}});
    }
    fixed(&e, CJT188_START, (codec_field){"start", {"帧起始符", "start mark 68H"}});
    type_and_address(&e);
    const uint32_t data_len = control_and_length(&e);
    const uint32_t data_at = e.pos;
    tail(&e, start, data_len);
    cjt188_frame frame;
    if (!e.damaged) {
        const gt_err err = cjt188_frame_decode(in + start, in_len - start, &frame);
        GT_ASSERT(err == GT_ERR_OK); /* byte by byte it was right */
        cjt188_data_describe(out, extra, &frame, data_at);
    }
}
