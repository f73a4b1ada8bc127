/* The link frame of DL/T 698.45. The length is settled first, then both checks: HCS guards the
 * address and length, FCS everything. Only then is the control byte believed. */
#include "codec/dlt698/frame.h"

#include "base/sum.h"
#include "codec/dlt698/dlt698_priv.h"
#include "codec/stream/stream.h"

#include <string.h>

enum {
    C_DIR = 0x80,
    C_PRM = 0x40,
    C_FRAGMENT = 0x20,
    C_RESERVED = 0x10,
    C_SCRAMBLED = 0x08,
    C_FUNCTION = 0x07,
    LEN_KILOBYTE = 0x4000,
    LEN_RESERVED = 0x8000,
    AF_LEN = 0x0F,
    AF_PAIR = 3, /* two bits: type, logical */
    AF_LOGICAL_SHIFT = 4,
    AF_TYPE_SHIFT = 6,
    BLOCK_SHIFT = 14,
    BLOCK_RESERVED_SHIFT = 12,
    SCRAMBLE = 0x33,
    NIBBLE = 0x0F,
    WILD_DIGIT = 0x0A,
    METER_SA_LEN = 6,
    HEAD_FIXED = 8, /* 68 L L C AF .. CA HCS HCS without SA */
    TAIL = 3,       /* FCS FCS 16 */
    BLOCK_LEN = 2,
    CRC_CHECKED = 0x0F47, /* CRC of anything with its own right CRC behind it, so of 68 .. HCS */
};

/* 68 .. HCS as on the wire. */
typedef struct frame_head {
    uint16_t len;
    uint8_t control;
    uint8_t af;
    uint8_t ca;
    const uint8_t *sa;
} frame_head;

bool dlt698_control_split(uint8_t control, dlt698_frame *out)
{
    out->from_server = (control & C_DIR) != 0;
    out->prm = (control & C_PRM) != 0;
    out->fragment = (control & C_FRAGMENT) != 0;
    out->scrambled = (control & C_SCRAMBLED) != 0;
    out->function = control & C_FUNCTION;
    return (control & C_RESERVED) == 0;
}

static void head_fill(const frame_head *h, dlt698_frame *out)
{
    *out = (dlt698_frame){
        .addr = {.type = (dlt698_addr_type)(h->af >> AF_TYPE_SHIFT),
                 .logical = h->af >> AF_LOGICAL_SHIFT & AF_PAIR,
                 .len = (uint8_t)((h->af & AF_LEN) + 1),
                 .ca = h->ca},
    };
    (void)dlt698_control_split(h->control, out); /* the reserved bit was looked at */
    for (size_t i = 0; i < out->addr.len; i++) {
        out->addr.sa[i] = h->sa[out->addr.len - 1U - i];
    }
}

size_t dlt698_head_len(uint8_t af)
{
    return (size_t)HEAD_FIXED + (af & AF_LEN) + 1;
}

/* CHECKSUM when only HCS is wrong: then out is written all the same. */
static inline gt_err head_parse(gt_rd *r, frame_head *out)
{
    frame_head h;
    gt_rd_expect(r, DLT698_MARK);
    h.len = gt_rd_u16le(r);
    if ((h.len & LEN_RESERVED) != 0) {
        gt_rd_fail(r, GT_ERR_MALFORMED);
    } else if ((h.len & LEN_KILOBYTE) != 0) {
        gt_rd_fail(r, GT_ERR_UNSUPPORTED);
    } else if (h.len < DLT698_FRAME_MIN - 2) {
        gt_rd_fail(r, GT_ERR_RANGE);
    }
    h.control = gt_rd_u8(r);
    if ((h.control & C_RESERVED) != 0) {
        gt_rd_fail(r, GT_ERR_MALFORMED);
    }
    h.af = gt_rd_u8(r);
    h.sa = gt_rd_take(r, (size_t)(h.af & AF_LEN) + 1);
    h.ca = gt_rd_u8(r);
    if (h.len + 2U < r->pos + 2 + TAIL) {
        gt_rd_fail(r, GT_ERR_RANGE);
    }
    GT_TRY(r->err);
    const size_t checked = r->pos - 1;
    const uint16_t hcs = gt_rd_u16le(r);
    GT_TRY(r->err);
    *out = h;
    return hcs == gt_crc16_x25(r->buf + 1, checked) ? GT_ERR_OK : GT_ERR_CHECKSUM;
}

gt_err dlt698_head_read(gt_rd *r, dlt698_frame *out, uint16_t *out_len)
{
    frame_head h = {0};
    const gt_err err = head_parse(r, &h);
    if (err == GT_ERR_OK || err == GT_ERR_CHECKSUM) {
        head_fill(&h, out);
        *out_len = h.len;
    }
    return err;
}

static void block_fill(const uint8_t *at, dlt698_frame *out)
{
    const uint8_t offset = out->scrambled ? SCRAMBLE : 0;
    const uint16_t head = (uint16_t)((uint8_t)(at[1] - offset) << 8 | (uint8_t)(at[0] - offset));
    out->block = (dlt698_block)(head >> BLOCK_SHIFT);
    out->block_seq = head & DLT698_BLOCK_SEQ_MAX;
    out->block_reserved = head >> BLOCK_RESERVED_SHIFT & AF_PAIR;
}

gt_err dlt698_frame_decode(const uint8_t *in, size_t in_len, dlt698_frame *out)
{
    gt_rd r = gt_rd_of(in, in_len);
    frame_head h;
    GT_TRY(head_parse(&r, &h));
    size_t user_len = h.len + 2U - r.pos - TAIL;
    const uint8_t *user = gt_rd_take(&r, user_len);
    const uint16_t fcs = gt_rd_u16le(&r);
    gt_rd_expect(&r, DLT698_END);
    GT_TRY(gt_rd_done(&r));
    if (fcs != gt_crc16_x25_more(CRC_CHECKED, user, user_len)) {
        return GT_ERR_CHECKSUM;
    }
    const size_t block_len = (h.control & C_FRAGMENT) != 0 ? BLOCK_LEN : 0;
    if (user_len < block_len) {
        return GT_ERR_TRUNCATED;
    }
    head_fill(&h, out);
    if (block_len > 0) {
        block_fill(user, out);
    }
    out->data = user + block_len;
    out->data_len = user_len - block_len;
    return GT_ERR_OK;
}

gt_err dlt698_frame_data(const dlt698_frame *frame, uint8_t *buf, size_t cap,
                         const uint8_t **out_data)
{
    if (!frame->scrambled) {
        *out_data = frame->data;
        return GT_ERR_OK;
    }
    if (cap < frame->data_len) {
        return GT_ERR_SPACE;
    }
    for (size_t i = 0; i < frame->data_len; i++) {
        buf[i] = (uint8_t)(frame->data[i] - SCRAMBLE);
    }
    *out_data = buf;
    return GT_ERR_OK;
}

static void addr_write(gt_wr *w, const dlt698_addr *a)
{
    if (a->len < 1 || a->len > DLT698_SA_MAX || a->logical > AF_PAIR ||
        a->type > DLT698_ADDR_BROADCAST) {
        gt_wr_fail(w, GT_ERR_RANGE);
        return;
    }
    gt_wr_u8(w, (uint8_t)((unsigned)a->type << AF_TYPE_SHIFT |
                          (unsigned)a->logical << AF_LOGICAL_SHIFT | (a->len - 1U)));
    for (size_t i = a->len; i > 0; i--) {
        gt_wr_u8(w, a->sa[i - 1]);
    }
    gt_wr_u8(w, a->ca);
}

static void user_write(gt_wr *w, const dlt698_frame *f)
{
    const uint8_t offset = f->scrambled ? SCRAMBLE : 0;
    if (f->fragment) {
        if (f->block > DLT698_BLOCK_MIDDLE || f->block_reserved > AF_PAIR ||
            f->block_seq > DLT698_BLOCK_SEQ_MAX) {
            gt_wr_fail(w, GT_ERR_RANGE);
        }
        const uint16_t head =
            (uint16_t)((unsigned)f->block << BLOCK_SHIFT |
                       (unsigned)f->block_reserved << BLOCK_RESERVED_SHIFT | f->block_seq);
        gt_wr_u8(w, (uint8_t)(head + offset));
        gt_wr_u8(w, (uint8_t)((head >> 8) + offset));
    }
    if (!f->scrambled) {
        gt_wr_bytes(w, f->data, f->data_len);
        return;
    }
    for (size_t i = 0; i < f->data_len; i++) {
        gt_wr_u8(w, (uint8_t)(f->data[i] + offset));
    }
}

gt_err dlt698_frame_encode(const dlt698_frame *frame, uint8_t *buf, size_t cap, size_t *out_len)
{
    const size_t len = (size_t)HEAD_FIXED + frame->addr.len + (frame->fragment ? 2 : 0) +
                       frame->data_len + TAIL - 2;
    if (frame->data_len > DLT698_LEN_MAX || len > DLT698_LEN_MAX || frame->function > C_FUNCTION) {
        return GT_ERR_RANGE;
    }
    gt_wr w = gt_wr_of(buf, cap);
    gt_wr_u8(&w, DLT698_MARK);
    gt_wr_u16le(&w, (uint16_t)len);
    gt_wr_u8(&w, (uint8_t)((frame->from_server ? C_DIR : 0) | (frame->prm ? C_PRM : 0) |
                           (frame->fragment ? C_FRAGMENT : 0) |
                           (frame->scrambled ? C_SCRAMBLED : 0) | frame->function));
    addr_write(&w, &frame->addr);
    if (gt_wr_done(&w) == GT_ERR_OK) {
        gt_wr_u16le(&w, gt_crc16_x25(buf + 1, w.len - 1));
        user_write(&w, frame);
    }
    if (gt_wr_done(&w) == GT_ERR_OK) {
        gt_wr_u16le(&w, gt_crc16_x25(buf + 1, w.len - 1));
        gt_wr_u8(&w, DLT698_END);
    }
    GT_TRY(gt_wr_done(&w));
    *out_len = w.len;
    return GT_ERR_OK;
}

dlt698_frame dlt698_frame_request(const dlt698_addr *addr, const uint8_t *data, size_t len)
{
    return (dlt698_frame){
        .prm = true, .function = DLT698_FUNC_DATA, .addr = *addr, .data = data, .data_len = len};
}

dlt698_frame dlt698_frame_reply(const dlt698_frame *request, const uint8_t *data, size_t len)
{
    return (dlt698_frame){.from_server = !request->from_server,
                          .prm = request->prm,
                          .scrambled = request->scrambled,
                          .function = request->function,
                          .addr = request->addr,
                          .data = data,
                          .data_len = len};
}

gt_err dlt698_addr_of_number(uint64_t number, uint8_t ca, dlt698_addr *out)
{
    dlt698_addr a = {.type = DLT698_ADDR_SINGLE, .len = METER_SA_LEN, .ca = ca};
    gt_wr w = gt_wr_of(a.sa, METER_SA_LEN);
    gt_wr_bcd_be(&w, number, METER_SA_LEN);
    GT_TRY(gt_wr_done(&w));
    *out = a;
    return GT_ERR_OK;
}

gt_err dlt698_addr_number(const dlt698_addr *addr, uint64_t *out_number)
{
    enum { BCD_BYTES_MAX = 8 };
    if (addr->len > BCD_BYTES_MAX) {
        return GT_ERR_MALFORMED;
    }
    gt_rd r = gt_rd_of(addr->sa, addr->len);
    const uint64_t number = gt_rd_bcd_be(&r, addr->len);
    GT_TRY(gt_rd_done(&r));
    *out_number = number;
    return GT_ERR_OK;
}

dlt698_addr dlt698_addr_broadcast(uint8_t ca)
{
    return (dlt698_addr){.type = DLT698_ADDR_BROADCAST, .len = 1, .sa = {0xAA}, .ca = ca};
}

dlt698_addr dlt698_addr_any(uint8_t ca)
{
    return (dlt698_addr){.type = DLT698_ADDR_WILDCARD,
                         .len = METER_SA_LEN,
                         .sa = {0xAA, 0xAA, 0xAA, 0xAA, 0xAA, 0xAA},
                         .ca = ca};
}

/* Digit @p i counted from the least significant; 0 above the address. */
static uint8_t addr_digit(const dlt698_addr *a, size_t i)
{
    if (i / 2 >= a->len) {
        return 0;
    }
    const uint8_t pair = a->sa[a->len - 1U - i / 2];
    return i % 2 == 0 ? pair & NIBBLE : pair >> 4;
}

bool dlt698_addr_matches(const dlt698_addr *asked, const dlt698_addr *own)
{
    if (asked->type == DLT698_ADDR_BROADCAST) {
        return true;
    }
    if (asked->type == DLT698_ADDR_GROUP || asked->logical != own->logical) {
        return false;
    }
    const size_t digits = 2U * (asked->len > own->len ? asked->len : own->len);
    for (size_t i = 0; i < digits; i++) {
        const uint8_t want = addr_digit(asked, i);
        const bool wild = asked->type == DLT698_ADDR_WILDCARD && want == WILD_DIGIT;
        if (!wild && want != addr_digit(own, i)) {
            return false;
        }
    }
    return true;
}

/* HCS settles early whether a 68H starts a frame, so a false start is not believed for long. */
static gt_err frame_len(const uint8_t *in, size_t in_len, size_t *out_len)
{
    gt_rd r = gt_rd_of(in, in_len);
    dlt698_frame frame;
    uint16_t len = 0;
    GT_TRY(dlt698_head_read(&r, &frame, &len));
    *out_len = (size_t)len + 2;
    return GT_ERR_OK;
}

static gt_err frame_check(const uint8_t *in, size_t in_len)
{
    dlt698_frame frame;
    return dlt698_frame_decode(in, in_len, &frame);
}

const codec_framing dlt698_framing = {
    .frame_len = frame_len,
    .frame_check = frame_check,
    .cap_min = DLT698_STREAM_MIN,
};
