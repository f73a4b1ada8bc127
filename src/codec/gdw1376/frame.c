/* The link frame of Q/GDW 1376.1. Decoding first settles the outer marks, the two equal lengths and
 * the checksum; only then is the user data read, in wire order. What follows the data units (PW,
 * EC, Tp) is known from the head alone, so the units are simply what is left between. */
#include "codec/gdw1376/frame.h"

#include "base/sum.h"
#include "codec/gdw1376/gdw1376_priv.h"
#include "codec/stream/stream.h"

#include <string.h>

enum {
    MARK = 0x68,
    END = 0x16,
    BEFORE_USER = 6, /* 68 L L 68 */
    EC_LEN = 2,
    TP_LEN = 6,
    C_DIR = 0x80,
    C_PRM = 0x40,
    C_FCB_ACD = 0x20,
    C_FCV = 0x10,
    SEQ_TPV = 0x80,
    SEQ_FIR = 0x40,
    SEQ_FIN = 0x20,
    SEQ_CON = 0x10,
    LOW_NIBBLE = 0x0F,
    MSA_MAX = 127,
    PROTOCOL_MAX = 3,
};

bool gdw1376_head_has_pw(const gdw1376_head *head)
{
    return !head->up && (head->afn == GDW1376_AFN_RESET || head->afn == GDW1376_AFN_SET ||
                         head->afn == GDW1376_AFN_CONTROL || head->afn == GDW1376_AFN_AUTH ||
                         head->afn == GDW1376_AFN_FILE || head->afn == GDW1376_AFN_FORWARD);
}

bool gdw1376_head_has_ec(const gdw1376_head *head)
{
    return head->up && head->fcb_acd;
}

bool gdw1376_head_has_tp(const gdw1376_head *head)
{
    return head->tpv;
}

size_t gdw1376_head_aux_len(const gdw1376_head *head)
{
    return (gdw1376_head_has_pw(head) ? (size_t)GDW1376_PW_LEN : 0) +
           (gdw1376_head_has_ec(head) ? (size_t)EC_LEN : 0) +
           (gdw1376_head_has_tp(head) ? (size_t)TP_LEN : 0);
}

gdw1376_head gdw1376_head_request(const gdw1376_addr *addr, uint8_t afn, uint8_t seq)
{
    const bool second = afn == GDW1376_AFN_CLASS2 || afn == GDW1376_AFN_FORWARD;
    return (gdw1376_head){
        .addr = *addr,
        .protocol = GDW1376_PROTOCOL_2009,
        .prm = true,
        .function = second ? GDW1376_LINK_CLASS2 : GDW1376_LINK_CLASS1,
        .afn = afn,
        .fir = true,
        .fin = true,
        .con = afn == GDW1376_AFN_SET || afn == GDW1376_AFN_CONTROL,
        .seq = seq & LOW_NIBBLE,
    };
}

gdw1376_head gdw1376_head_reply(const gdw1376_head *request, uint8_t afn)
{
    return (gdw1376_head){
        .addr = request->addr,
        .protocol = request->protocol,
        .up = !request->up,
        .function = GDW1376_LINK_USER_DATA,
        .afn = afn,
        .fir = true,
        .fin = true,
        .seq = request->seq,
    };
}

gdw1376_head gdw1376_head_link(const gdw1376_addr *addr, uint8_t seq)
{
    return (gdw1376_head){
        .addr = *addr,
        .protocol = GDW1376_PROTOCOL_2009,
        .up = true,
        .prm = true,
        .function = GDW1376_LINK_TEST,
        .afn = GDW1376_AFN_LINK,
        .fir = true,
        .fin = true,
        .con = true,
        .seq = seq & LOW_NIBBLE,
    };
}

bool gdw1376_addr_equal(const gdw1376_addr *a, const gdw1376_addr *b)
{
    return a->region == b->region && a->terminal == b->terminal && a->group == b->group;
}

gt_err gdw1376_region_of_number(uint16_t number, uint16_t *out_region)
{
    uint8_t bcd[2];
    gt_wr w = gt_wr_of(bcd, sizeof bcd);
    gt_wr_bcd_be(&w, number, sizeof bcd);
    GT_TRY(gt_wr_done(&w));
    *out_region = (uint16_t)(bcd[0] << 8 | bcd[1]);
    return GT_ERR_OK;
}

gt_err gdw1376_region_number(uint16_t region, uint16_t *out_number)
{
    const uint8_t bcd[2] = {(uint8_t)(region >> 8), (uint8_t)region};
    gt_rd r = gt_rd_of(bcd, sizeof bcd);
    const uint16_t number = (uint16_t)gt_rd_bcd_be(&r, sizeof bcd);
    GT_TRY(gt_rd_done(&r));
    *out_number = number;
    return GT_ERR_OK;
}

gdw1376_head gdw1376_head_read(gt_rd *r, uint8_t protocol)
{
    gdw1376_head h = {.protocol = protocol};
    const uint8_t c = gt_rd_u8(r);
    h.up = (c & C_DIR) != 0;
    h.prm = (c & C_PRM) != 0;
    h.fcb_acd = (c & C_FCB_ACD) != 0;
    h.fcv = (c & C_FCV) != 0;
    h.function = c & LOW_NIBBLE;
    h.addr.region = gt_rd_u16le(r);
    h.addr.terminal = gt_rd_u16le(r);
    const uint8_t a3 = gt_rd_u8(r);
    h.addr.group = (a3 & 1) != 0;
    h.addr.msa = a3 >> 1;
    h.afn = gt_rd_u8(r);
    const uint8_t seq = gt_rd_u8(r);
    h.tpv = (seq & SEQ_TPV) != 0;
    h.fir = (seq & SEQ_FIR) != 0;
    h.fin = (seq & SEQ_FIN) != 0;
    h.con = (seq & SEQ_CON) != 0;
    h.seq = seq & LOW_NIBBLE;
    return h;
}

static void head_write(gt_wr *w, const gdw1376_head *h)
{
    if (h->function > LOW_NIBBLE || h->seq > GDW1376_SEQ_MAX || h->addr.msa > MSA_MAX) {
        gt_wr_fail(w, GT_ERR_RANGE);
    }
    gt_wr_u8(w, (uint8_t)((h->up ? C_DIR : 0) | (h->prm ? C_PRM : 0) |
                          (h->fcb_acd ? C_FCB_ACD : 0) | (h->fcv ? C_FCV : 0) | h->function));
    gt_wr_u16le(w, h->addr.region);
    gt_wr_u16le(w, h->addr.terminal);
    gt_wr_u8(w, (uint8_t)(h->addr.msa << 1 | (h->addr.group ? 1 : 0)));
    gt_wr_u8(w, h->afn);
    gt_wr_u8(w, (uint8_t)((h->tpv ? SEQ_TPV : 0) | (h->fir ? SEQ_FIR : 0) | (h->fin ? SEQ_FIN : 0) |
                          (h->con ? SEQ_CON : 0) | h->seq));
}

static gdw1376_tp tp_read(gt_rd *r)
{
    return (gdw1376_tp){
        .pfc = gt_rd_u8(r),
        .second = (uint8_t)gt_rd_bcd_le(r, 1),
        .minute = (uint8_t)gt_rd_bcd_le(r, 1),
        .hour = (uint8_t)gt_rd_bcd_le(r, 1),
        .day = (uint8_t)gt_rd_bcd_le(r, 1),
        .delay_min = gt_rd_u8(r),
    };
}

static void aux_read(gt_rd *r, const gdw1376_head *head, gdw1376_aux *aux)
{
    if (gdw1376_head_has_pw(head)) {
        const uint8_t *pw = gt_rd_take(r, GDW1376_PW_LEN);
        if (pw != NULL) {
            memcpy(aux->pw, pw, GDW1376_PW_LEN);
        }
    }
    if (gdw1376_head_has_ec(head)) {
        aux->ec_important = gt_rd_u8(r);
        aux->ec_normal = gt_rd_u8(r);
    }
    if (gdw1376_head_has_tp(head)) {
        aux->tp = tp_read(r);
    }
}

static gt_err user_decode(gt_rd r, uint8_t protocol, gdw1376_frame *out)
{
    gdw1376_frame f = {0};
    f.head = gdw1376_head_read(&r, protocol);
    const size_t aux_len = gdw1376_head_aux_len(&f.head);
    if (aux_len > gt_rd_left(&r)) {
        return GT_ERR_TRUNCATED;
    }
    f.units_len = gt_rd_left(&r) - aux_len;
    f.units = gt_rd_take(&r, f.units_len);
    aux_read(&r, &f.head, &f.aux);
    GT_TRY(gt_rd_done(&r));
    *out = f;
    return GT_ERR_OK;
}

/* The length counts as soon as it is there, unless what has come behind it contradicts. */
static gt_err frame_len(const uint8_t *in, size_t in_len, size_t *out_len)
{
    gt_rd r = gt_rd_of(in, in_len);
    gt_rd_expect(&r, MARK);
    const uint8_t low = gt_rd_u8(&r);
    const uint8_t high = gt_rd_u8(&r);
    GT_TRY(r.err);
    gt_rd_expect(&r, low);
    gt_rd_expect(&r, high);
    gt_rd_expect(&r, MARK);
    if (r.err == GT_ERR_MALFORMED) {
        return GT_ERR_MALFORMED;
    }
    const size_t user_len = (size_t)(high << 8 | low) >> 2;
    if (user_len < GDW1376_USER_MIN || user_len > GDW1376_USER_MAX) {
        return GT_ERR_RANGE;
    }
    *out_len = user_len + GDW1376_FRAME_EXTRA;
    return GT_ERR_OK;
}

static gt_err frame_check(const uint8_t *in, size_t in_len)
{
    size_t whole = 0;
    GT_TRY(frame_len(in, in_len, &whole));
    gt_rd r = gt_rd_of(in, in_len);
    (void)gt_rd_take(&r, BEFORE_USER);
    const size_t user_len = whole - GDW1376_FRAME_EXTRA;
    const uint8_t *user = gt_rd_take(&r, user_len);
    const uint8_t cs = gt_rd_u8(&r);
    gt_rd_expect(&r, END);
    GT_TRY(gt_rd_done(&r));
    return cs == gt_sum8(user, user_len) ? GT_ERR_OK : GT_ERR_CHECKSUM;
}

gt_err gdw1376_frame_decode(const uint8_t *in, size_t in_len, gdw1376_frame *out)
{
    GT_TRY(frame_check(in, in_len));
    return user_decode(gt_rd_of(in + BEFORE_USER, in_len - GDW1376_FRAME_EXTRA),
                       in[1] & PROTOCOL_MAX, out);
}

const codec_framing gdw1376_framing = {
    .frame_len = frame_len,
    .frame_check = frame_check,
    .cap_min = GDW1376_FRAME_MIN,
};

void gdw1376_frame_open(gt_wr *w, const gdw1376_head *head)
{
    if (head->protocol > PROTOCOL_MAX) {
        gt_wr_fail(w, GT_ERR_RANGE);
    }
    gt_wr_u8(w, MARK);
    gt_wr_u16le(w, 0); /* both lengths are patched in gdw1376_frame_close */
    gt_wr_u16le(w, 0);
    gt_wr_u8(w, MARK);
    head_write(w, head);
}

static void aux_write(gt_wr *w, const gdw1376_head *head, const gdw1376_aux *aux)
{
    if (gdw1376_head_has_pw(head)) {
        gt_wr_bytes(w, aux->pw, GDW1376_PW_LEN);
    }
    if (gdw1376_head_has_ec(head)) {
        gt_wr_u8(w, aux->ec_important);
        gt_wr_u8(w, aux->ec_normal);
    }
    if (gdw1376_head_has_tp(head)) {
        gt_wr_u8(w, aux->tp.pfc);
        gt_wr_bcd_le(w, aux->tp.second, 1);
        gt_wr_bcd_le(w, aux->tp.minute, 1);
        gt_wr_bcd_le(w, aux->tp.hour, 1);
        gt_wr_bcd_le(w, aux->tp.day, 1);
        gt_wr_u8(w, aux->tp.delay_min);
    }
}

gt_err gdw1376_frame_close(gt_wr *w, const gdw1376_head *head, const gdw1376_aux *aux,
                           size_t *out_len)
{
    static const gdw1376_aux zeros = {0};
    aux_write(w, head, aux != NULL ? aux : &zeros);
    const size_t user_len = w->len - BEFORE_USER;
    if (user_len > GDW1376_USER_MAX) {
        gt_wr_fail(w, GT_ERR_RANGE);
    }
    GT_TRY(gt_wr_done(w));
    const uint16_t length = (uint16_t)(user_len << 2 | head->protocol);
    gt_wr_patch_u16le(w, 1, length);
    gt_wr_patch_u16le(w, 3, length);
    gt_wr_u8(w, gt_sum8(w->buf + BEFORE_USER, user_len));
    gt_wr_u8(w, END);
    GT_TRY(gt_wr_done(w));
    *out_len = w->len;
    return GT_ERR_OK;
}

gt_err gdw1376_frame_encode(const gdw1376_frame *frame, uint8_t *buf, size_t cap, size_t *out_len)
{
    gt_wr w = gt_wr_of(buf, cap);
    gdw1376_frame_open(&w, &frame->head);
    gt_wr_bytes(&w, frame->units, frame->units_len);
    return gdw1376_frame_close(&w, &frame->head, &frame->aux, out_len);
}
