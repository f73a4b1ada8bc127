/* A frame in words. The envelope is walked byte by byte first, so that a damaged frame still shows
 * what comes before the damage; only a frame that decodes as a whole gets its data explained. */
#include "codec/dlt645/describe.h"

#include "base/sum.h"
#include "codec/dlt645/describe_priv.h"
#include "codec/dlt645/message_priv.h"

#include <string.h>

enum { ADDR_LEN = 6, ADDR_DIGITS = 12, FUNCTION = 0x1F, REPLY = 0x80, ABNORMAL = 0x40 };

typedef struct envelope {
    codec_description *d;
    codec_bytes in;
    uint32_t pos;
    unsigned edition; /* 0 or DLT645_1997 */
    bool damaged;
} envelope;

static size_t preambles(const uint8_t *in, size_t in_len)
{
    size_t n = 0;
    while (n < in_len && in[n] == DLT645_PREAMBLE) {
        n++;
    }
    return n;
}

codec_match dlt645_probe(const uint8_t *in, size_t in_len, size_t *out_len)
{
    const size_t skipped = preambles(in, in_len);
    size_t whole = 0;
    const gt_err err = dlt645_frame_len(in, in_len, &whole);
    if (err == GT_ERR_OK && whole <= in_len) {
        dlt645_frame frame;
        *out_len = whole;
        return dlt645_frame_decode(in + skipped, whole - skipped, &frame) == GT_ERR_OK
                   ? CODEC_MATCH_FRAME
                   : CODEC_MATCH_SHAPE;
    }
    const bool started = in_len - skipped >= DLT645_HEAD_LEN - 2;
    if (err == GT_ERR_OK || err == GT_ERR_RANGE || (err == GT_ERR_TRUNCATED && started)) {
        const size_t most = skipped + DLT645_FRAME_MAX;
        *out_len = in_len < most ? in_len : most;
        return CODEC_MATCH_SHAPE;
    }
    return CODEC_MATCH_NONE;
}

static void damage(envelope *e, gt_err err, const char *expected)
{
    codec_error_add_at(e->d, err, e->pos, expected, e->in);
    e->damaged = true;
}

/* A byte that the standard fixes. */
static void fixed(envelope *e, uint8_t want, codec_field field)
{
    if (e->damaged) {
        return;
    }
    if (e->pos >= e->in.len) {
        damage(e, GT_ERR_TRUNCATED, field.name.en);
        return;
    }
    if (e->in.buf[e->pos] != want) {
        damage(e, GT_ERR_MALFORMED, field.name.en);
        return;
    }
    field.offset = e->pos++;
    field.len = 1;
    field.value = codec_text_hex(e->d, want, 2);
    codec_field_add(e->d, &field);
}

static void address(envelope *e)
{
    if (e->damaged) {
        return;
    }
    static const char expected[] = "address: 6 bytes of BCD digits or A";
    if (e->in.len - e->pos < ADDR_LEN) {
        e->pos = (uint32_t)e->in.len;
        damage(e, GT_ERR_TRUNCATED, expected);
        return;
    }
    uint64_t addr = 0;
    for (uint32_t i = 0; i < ADDR_LEN; i++) {
        const uint8_t byte = e->in.buf[e->pos + i];
        if (!dlt645_addr_valid(byte)) {
            e->pos += i;
            damage(e, GT_ERR_MALFORMED, expected);
            return;
        }
        addr |= (uint64_t)byte << (8 * i);
    }
    codec_text_add_hex(e->d, addr, ADDR_DIGITS);
    e->d->address = codec_text_end(e->d);
    const codec_name meaning = addr == DLT645_ADDR_BROADCAST ? (codec_name){"广播", "broadcast"}
                               : addr == DLT645_ADDR_ANY     ? (codec_name){"通配", "any meter"}
                                                             : (codec_name){NULL, NULL};
    codec_field_add(
        e->d,
        &(codec_field){"address", {"地址", "address"}, e->pos, ADDR_LEN, e->d->address, meaning});
    e->pos += ADDR_LEN;
}

/* "答复 读数据 / answer to read"; built, since the parts combine. */
static codec_name control_meaning(codec_description *d, unsigned edition, uint8_t ctrl)
{
    const codec_name function = dlt645_function_name(edition | (ctrl & FUNCTION));
    if (function.en == NULL) {
        return edition == DLT645_1997
                   ? (codec_name){"非1997版控制码", "not a control code of the 1997 edition"}
                   : (codec_name){"非2007版控制码", "not a control code of the 2007 edition"};
    }
    const bool reply = (ctrl & REPLY) != 0;
    const bool abnormal = (ctrl & ABNORMAL) != 0;
    codec_text_add(d, function.zh);
    codec_text_add(d, abnormal ? "，从站异常应答" : reply ? "，从站正常应答" : "，主站请求");
    codec_text_add(d, (ctrl & 0x20) != 0 ? "，有后续帧" : "");
    const char *zh = codec_text_end(d);
    codec_text_add(d, function.en);
    codec_text_add(d, abnormal ? ", refused by the meter" : reply ? ", answer" : ", request");
    codec_text_add(d, (ctrl & 0x20) != 0 ? ", more frames follow" : "");
    return (codec_name){zh, codec_text_end(d)};
}

static void control(envelope *e)
{
    if (e->damaged) {
        return;
    }
    if (e->pos >= e->in.len) {
        damage(e, GT_ERR_TRUNCATED, "control code");
        return;
    }
    const uint8_t ctrl = e->in.buf[e->pos];
    const codec_name meaning = control_meaning(e->d, e->edition, ctrl);
    e->d->title = meaning;
    codec_field_add(e->d, &(codec_field){"control",
                                         {"控制码C", "control code"},
                                         e->pos,
                                         1,
                                         codec_text_hex(e->d, ctrl, 2),
                                         meaning});
    e->pos++;
}

/* L, then a look whether the rest is there. */
static uint32_t length(envelope *e)
{
    if (e->damaged) {
        return 0;
    }
    if (e->pos >= e->in.len) {
        damage(e, GT_ERR_TRUNCATED, "data length");
        return 0;
    }
    const uint8_t len = e->in.buf[e->pos];
    if (len > DLT645_DATA_MAX) {
        damage(e, GT_ERR_RANGE, "data length 00H to C8H");
        return 0;
    }
    codec_text_add_number(e->d, len, 1);
    codec_field_add(
        e->d,
        &(codec_field){
            "length", {"数据长度L", "data length"}, e->pos, 1, codec_text_end(e->d), {NULL, NULL}});
    e->pos++;
    if (e->in.len - e->pos < len) {
        e->pos = (uint32_t)e->in.len;
        damage(e, GT_ERR_TRUNCATED, "as many data bytes as the length says");
    }
    return len;
}

static void checksum(envelope *e, uint32_t start, uint32_t data_len)
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
}

static void describe(unsigned edition, const items_set *own, codec_bytes input,
                     codec_description *out)
{
    const uint8_t *in = input.buf;
    const size_t in_len = input.len;
    codec_description_begin(out, dlt645_protocol(edition));
    envelope e = {.d = out, .in = {in, in_len}, .edition = edition};
    const uint32_t start = (uint32_t)preambles(in, in_len);
    if (start > 0) {
        codec_text_add_number(out, start, 1);
        codec_field_add(out, &(codec_field){"preamble",
                                            {"前导字节", "preamble"},
                                            0,
                                            start,
                                            codec_text_end(out),
                                            {"FEH的个数", "number of FEH"}});
    }
    e.pos = start;
    fixed(&e, DLT645_START, (codec_field){"start", {"帧起始符", "start mark 68H"}});
    address(&e);
    fixed(&e, DLT645_START, (codec_field){"start2", {"帧起始符", "second start mark 68H"}});
    control(&e);
    const uint32_t data_len = length(&e);
    const uint32_t data_at = e.pos;
    checksum(&e, start, data_len);
    fixed(&e, DLT645_END, (codec_field){"end", {"结束符", "end mark 16H"}});
    if (!e.damaged && e.pos < in_len) {
        damage(&e, GT_ERR_TRAILING, "end of the frame");
    }
    dlt645_frame frame;
    if (!e.damaged) {
        const gt_err err = dlt645_frame_decode(in + start, in_len - start, &frame);
        GT_ASSERT(err == GT_ERR_OK); /* byte by byte it was right */
        dlt645_data_describe(out, own, &frame, edition, data_at);
    }
}

void dlt645_describe(const items_set *own, const uint8_t *in, size_t in_len, codec_description *out)
{
    describe(0, own, (codec_bytes){in, in_len}, out);
}

void dlt645_1997_describe(const items_set *own, const uint8_t *in, size_t in_len,
                          codec_description *out)
{
    describe(DLT645_1997, own, (codec_bytes){in, in_len}, out);
}

/* 03H: security of 2007, or read again. Security has an error word of two bytes where 1997 has one
 * byte; its identifiers all start with 07H; its requests carry at least identifier and operator. */
static bool is_read_again(uint8_t ctrl, const uint8_t *rest, size_t rest_len)
{
    enum { SECURITY_CLASS = 0x07 + DLT645_MASK, SECURITY_REQUEST_MIN = 8, DI_LEN = 4 };
    const size_t data_len = rest_len > 0 ? rest[0] : 0;
    if ((ctrl & ABNORMAL) != 0) {
        return data_len == 1;
    }
    if ((ctrl & REPLY) == 0) {
        return data_len < SECURITY_REQUEST_MIN;
    }
    return data_len < DI_LEN || rest_len <= DI_LEN || rest[DI_LEN] != SECURITY_CLASS;
}

bool dlt645_1997_likely(const uint8_t *in, size_t in_len)
{
    const size_t at = preambles(in, in_len) + DLT645_HEAD_LEN - 2;
    if (at >= in_len) {
        return false;
    }
    const unsigned function = in[at] & FUNCTION;
    if (function == DLT645_SECURITY) {
        return is_read_again(in[at], in + at + 1, in_len - at - 1);
    }
    return dlt645_function_name(function).en == NULL &&
           dlt645_function_name(DLT645_1997 | function).en != NULL;
}
