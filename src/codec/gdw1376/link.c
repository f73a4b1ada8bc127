/* Login, heartbeat and logout of a terminal, and the confirmations either side sends. */
#include "codec/gdw1376/link.h"

gt_err gdw1376_link_encode(const gdw1376_addr *addr, uint8_t seq, uint16_t fn, uint8_t *buf,
                           size_t cap, size_t *out_len)
{
    const gdw1376_head head = gdw1376_head_link(addr, seq);
    gdw1376_message m = gdw1376_message_begin(buf, cap, &head);
    gdw1376_message_add(&m, 0, fn);
    return gdw1376_message_end(&m, NULL, out_len);
}

gt_err gdw1376_link_decode(const gdw1376_frame *frame, uint16_t *out_fn)
{
    if (frame->head.afn != GDW1376_AFN_LINK || !frame->head.up) {
        return GT_ERR_MISMATCH;
    }
    gdw1376_units it = gdw1376_units_of(frame);
    gdw1376_unit unit = {0};
    GT_TRY(gdw1376_units_next(&it, &unit));
    if (unit.point != 0 || gdw1376_units_more(&it)) {
        return GT_ERR_MISMATCH;
    }
    *out_fn = unit.fn;
    return GT_ERR_OK;
}

gt_err gdw1376_confirm_encode(const gdw1376_head *request, const gdw1376_confirm *confirm,
                              uint8_t *buf, size_t cap, size_t *out_len)
{
    gdw1376_head head = gdw1376_head_reply(request, GDW1376_AFN_CONFIRM);
    if (request->afn == GDW1376_AFN_LINK) {
        head.function = GDW1376_LINK_STATUS;
    }
    if (confirm->count > GDW1376_EACH_MAX) {
        return GT_ERR_RANGE;
    }
    gdw1376_message m = gdw1376_message_begin(buf, cap, &head);
    gdw1376_message_add(&m, 0, confirm->fn);
    if (confirm->fn == GDW1376_FN_CONFIRM_EACH) {
        gt_wr_u8(&m.w, confirm->afn);
        for (size_t i = 0; i < confirm->count; i++) {
            gdw1376_id_write(&m.w, &confirm->each[i].id);
            gt_wr_u8(&m.w, confirm->each[i].err);
        }
    }
    return gdw1376_message_end(&m, NULL, out_len);
}

static gt_err each_decode(gt_rd r, gdw1376_confirm *out)
{
    out->afn = gt_rd_u8(&r);
    while (gt_rd_left(&r) > 0) {
        if (out->count == GDW1376_EACH_MAX) {
            return GT_ERR_RANGE;
        }
        gdw1376_each *each = &out->each[out->count++];
        gdw1376_id_read(&r, &each->id);
        each->err = gt_rd_u8(&r);
    }
    return gt_rd_done(&r);
}

gt_err gdw1376_confirm_decode(const gdw1376_frame *frame, gdw1376_confirm *out)
{
    if (frame->head.afn != GDW1376_AFN_CONFIRM) {
        return GT_ERR_MISMATCH;
    }
    gdw1376_units it = gdw1376_units_of(frame);
    gdw1376_unit unit = {0};
    GT_TRY(gdw1376_units_next(&it, &unit));
    if (unit.point != 0 || gdw1376_units_more(&it)) {
        return GT_ERR_MALFORMED;
    }
    gdw1376_confirm c = {.fn = unit.fn};
    if (unit.fn == GDW1376_FN_CONFIRM_EACH) {
        GT_TRY(each_decode(gdw1376_unit_reader(&unit), &c));
    }
    *out = c;
    return GT_ERR_OK;
}

bool gdw1376_confirm_ok(const gdw1376_confirm *confirm)
{
    for (size_t i = 0; i < confirm->count; i++) {
        if (confirm->each[i].err != GDW1376_EACH_OK) {
            return false;
        }
    }
    return confirm->fn != GDW1376_FN_DENY_ALL;
}
