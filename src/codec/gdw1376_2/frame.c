/* The local module's frame. The outer marks, the length and the checksum are settled first; the
 * user data follow in wire order, with addresses only where R announces them. */
#include "codec/gdw1376_2/frame.h"

#include "base/sum.h"
#include "codec/stream/stream.h"

#include <string.h>

enum {
    MARK = 0x68,
    END = 0x16,
    C_AT = 3, /* the checksum starts here */
    TAIL_LEN = 2,
    C_DIR = 0x80,
    C_PRM = 0x40,
    C_MODE = 0x3F,
    ADDR_LEN = 6,
    ADDR_BITS = 48,
    FN_GROUP = 8,
    FN_GROUPS = 31,
};

typedef struct info_row {
    uint8_t byte;
    uint8_t shift;
    uint8_t bits;
} info_row;

static const info_row info_rows[] = {
#define INFO(way, symbol, id, byte_, shift_, bits_, zh, en) {byte_, shift_, bits_},
#include "codec/gdw1376_2/info.def"
#undef INFO
};

/* The part's bytes as a number: two, but one where it ends the field. */
static unsigned info_word(const gdw1376_2_frame *frame, const info_row *row)
{
    const unsigned high = row->shift + row->bits > 8 ? frame->info[row->byte + 1] : 0;
    return high << 8 | frame->info[row->byte];
}

uint16_t gdw1376_2_info_get(const gdw1376_2_frame *frame, gdw1376_2_info part)
{
    const info_row *row = &info_rows[part];
    return (uint16_t)(info_word(frame, row) >> row->shift & ((1U << row->bits) - 1));
}

gt_err gdw1376_2_info_set(gdw1376_2_frame *frame, gdw1376_2_info part, uint16_t value)
{
    const info_row *row = &info_rows[part];
    const unsigned mask = (1U << row->bits) - 1;
    if (value > mask) {
        return GT_ERR_RANGE;
    }
    const unsigned kept = info_word(frame, row) & ~(mask << row->shift);
    const unsigned word = kept | (unsigned)value << row->shift;
    frame->info[row->byte] = (uint8_t)word;
    if (row->shift + row->bits > 8) {
        frame->info[row->byte + 1] = (uint8_t)(word >> 8);
    }
    return GT_ERR_OK;
}

bool gdw1376_2_frame_has_addresses(const gdw1376_2_frame *frame)
{
    return gdw1376_2_info_get(frame,
                              frame->up ? GDW1376_2_INFO_UP_MODULE : GDW1376_2_INFO_MODULE) != 0;
}

size_t gdw1376_2_frame_relays(const gdw1376_2_frame *frame)
{
    return !frame->up && gdw1376_2_frame_has_addresses(frame)
               ? gdw1376_2_info_get(frame, GDW1376_2_INFO_RELAYS)
               : 0;
}

static uint64_t addr_read(gt_rd *r)
{
    const uint64_t low = gt_rd_u32le(r);
    return (uint64_t)gt_rd_u16le(r) << 32 | low;
}

static void addr_write(gt_wr *w, uint64_t addr)
{
    if (addr >> ADDR_BITS != 0) {
        gt_wr_fail(w, GT_ERR_RANGE);
    }
    gt_wr_u32le(w, (uint32_t)addr);
    gt_wr_u16le(w, (uint16_t)(addr >> 32));
}

/* DT: a mask of eight functions and their group; here exactly one function. */
static uint16_t fn_read(gt_rd *r)
{
    const uint8_t mask = gt_rd_u8(r);
    const uint8_t group = gt_rd_u8(r);
    unsigned bit = 0;
    while (bit < FN_GROUP && mask != 1U << bit) {
        bit++;
    }
    if (bit == FN_GROUP || group >= FN_GROUPS) {
        gt_rd_fail(r, GT_ERR_MALFORMED);
        return 0;
    }
    return (uint16_t)(group * FN_GROUP + bit + 1U);
}

static gt_err user_decode(gt_rd r, gdw1376_2_frame *out)
{
    gdw1376_2_frame f = {0};
    const uint8_t c = gt_rd_u8(&r);
    f.up = (c & C_DIR) != 0;
    f.prm = (c & C_PRM) != 0;
    f.mode = c & C_MODE;
    const uint8_t *info = gt_rd_take(&r, GDW1376_2_INFO_LEN);
    GT_TRY(r.err);
    memcpy(f.info, info, GDW1376_2_INFO_LEN);
    if (gdw1376_2_frame_has_addresses(&f)) {
        f.source = addr_read(&r);
        for (size_t i = 0; i < gdw1376_2_frame_relays(&f); i++) {
            f.relays[i] = addr_read(&r);
        }
        f.destination = addr_read(&r);
    }
    f.afn = gt_rd_u8(&r);
    f.fn = fn_read(&r);
    f.data_len = gt_rd_left(&r);
    f.data = gt_rd_take(&r, f.data_len);
    GT_TRY(gt_rd_done(&r));
    *out = f;
    return GT_ERR_OK;
}

gt_err gdw1376_2_frame_decode(const uint8_t *in, size_t in_len, gdw1376_2_frame *out)
{
    size_t whole = 0;
    GT_TRY(gdw1376_2_frame_len(in, in_len, &whole));
    gt_rd r = gt_rd_of(in, in_len);
    (void)gt_rd_take(&r, C_AT);
    const size_t user_len = whole - C_AT - TAIL_LEN;
    const uint8_t *user = gt_rd_take(&r, user_len);
    const uint8_t cs = gt_rd_u8(&r);
    gt_rd_expect(&r, END);
    GT_TRY(gt_rd_done(&r));
    if (cs != gt_sum8(user, user_len)) {
        return GT_ERR_CHECKSUM;
    }
    return user_decode(gt_rd_of(user, user_len), out);
}

void gdw1376_2_head_write(gt_wr *w, const gdw1376_2_frame *f)
{
    if (f->mode > GDW1376_2_MODE_MAX || f->fn == 0 || f->fn > GDW1376_2_FN_MAX) {
        gt_wr_fail(w, GT_ERR_RANGE);
        return;
    }
    gt_wr_u8(w, MARK);
    gt_wr_u16le(w, 0); /* the length, put in by frame_end */
    gt_wr_u8(w, (uint8_t)((f->up ? C_DIR : 0) | (f->prm ? C_PRM : 0) | f->mode));
    gt_wr_bytes(w, f->info, GDW1376_2_INFO_LEN);
    if (gdw1376_2_frame_has_addresses(f)) {
        addr_write(w, f->source);
        for (size_t i = 0; i < gdw1376_2_frame_relays(f); i++) {
            addr_write(w, f->relays[i]);
        }
        addr_write(w, f->destination);
    }
    gt_wr_u8(w, f->afn);
    gt_wr_u8(w, (uint8_t)(1U << (f->fn - 1U) % FN_GROUP));
    gt_wr_u8(w, (uint8_t)((f->fn - 1U) / FN_GROUP));
}

gt_err gdw1376_2_frame_end(gt_wr *w, size_t *out_len)
{
    if (w->len + TAIL_LEN > GDW1376_2_FRAME_MAX) {
        gt_wr_fail(w, GT_ERR_RANGE);
    }
    GT_TRY(gt_wr_done(w));
    gt_wr_patch_u16le(w, 1, (uint16_t)(w->len + TAIL_LEN));
    gt_wr_u8(w, gt_sum8(w->buf + C_AT, w->len - C_AT));
    gt_wr_u8(w, END);
    GT_TRY(gt_wr_done(w));
    *out_len = w->len;
    return GT_ERR_OK;
}

gt_err gdw1376_2_frame_encode(const gdw1376_2_frame *frame, uint8_t *buf, size_t cap,
                              size_t *out_len)
{
    if (frame->data_len > GDW1376_2_FRAME_MAX) {
        return GT_ERR_RANGE;
    }
    gt_wr w = gt_wr_of(buf, cap);
    gdw1376_2_head_write(&w, frame);
    gt_wr_bytes(&w, frame->data, frame->data_len);
    return gdw1376_2_frame_end(&w, out_len);
}

gt_err gdw1376_2_frame_len(const uint8_t *in, size_t in_len, size_t *out_len)
{
    gt_rd r = gt_rd_of(in, in_len);
    gt_rd_expect(&r, MARK);
    const uint16_t whole = gt_rd_u16le(&r);
    GT_TRY(r.err);
    if (whole < GDW1376_2_FRAME_MIN || whole > GDW1376_2_FRAME_MAX) {
        return GT_ERR_RANGE;
    }
    *out_len = whole;
    return GT_ERR_OK;
}

static gt_err frame_check(const uint8_t *in, size_t in_len)
{
    gdw1376_2_frame frame;
    return gdw1376_2_frame_decode(in, in_len, &frame);
}

const codec_framing gdw1376_2_framing = {
    .frame_len = gdw1376_2_frame_len,
    .frame_check = frame_check,
    .cap_min = GDW1376_2_FRAME_MIN,
};
