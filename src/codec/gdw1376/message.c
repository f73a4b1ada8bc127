/* Writing a frame in place, and following the frames of one answer. */
#include "codec/gdw1376/message.h"

#include "codec/gdw1376/gdw1376_priv.h"

enum { BEFORE_USER = 6, AFTER_USER = 2, SEQ_AT = 13, FIR = 0x40, FIN = 0x20 };

gdw1376_message gdw1376_message_begin(uint8_t *buf, size_t cap, const gdw1376_head *head)
{
    gdw1376_message m = {.w = gt_wr_of(buf, cap), .head = *head};
    gdw1376_frame_open(&m.w, head);
    m.mark = m.w.len;
    return m;
}

void gdw1376_message_add_set(gdw1376_message *m, const gdw1376_id *id)
{
    m->mark = m->w.len;
    m->mark_err = m->w.err;
    m->added++;
    gdw1376_id_write(&m->w, id);
}

void gdw1376_message_add(gdw1376_message *m, uint16_t point, uint16_t fn)
{
    const gdw1376_id id = gdw1376_id_of(point, fn);
    gdw1376_message_add_set(m, &id);
}

bool gdw1376_message_fits(const gdw1376_message *m)
{
    const size_t user_end = m->w.len + gdw1376_head_aux_len(&m->head);
    return user_end - BEFORE_USER <= GDW1376_USER_MAX && user_end + AFTER_USER <= m->w.cap;
}

void gdw1376_message_drop(gdw1376_message *m)
{
    if (m->w.len > m->mark) {
        m->w.len = m->mark;
        m->w.err = m->mark_err;
        m->added--;
    }
}

void gdw1376_message_part(gdw1376_message *m, bool fir, bool fin)
{
    m->head.fir = fir;
    m->head.fin = fin;
    if (SEQ_AT < m->w.cap) {
        const unsigned rest = m->w.buf[SEQ_AT] & ~(unsigned)(FIR | FIN);
        gt_wr_patch_u8(&m->w, SEQ_AT, (uint8_t)(rest | (fir ? FIR : 0U) | (fin ? FIN : 0U)));
    }
}

gt_err gdw1376_message_end(gdw1376_message *m, const gdw1376_aux *aux, size_t *out_len)
{
    return gdw1376_frame_close(&m->w, &m->head, aux, out_len);
}

gdw1376_series gdw1376_series_of(const gdw1376_head *request)
{
    return (gdw1376_series){.next = request->seq & GDW1376_SEQ_MAX};
}

gt_err gdw1376_series_step(gdw1376_series *s, const gdw1376_head *head, bool *out_last)
{
    if (head->seq != s->next || head->fir == s->open) {
        return GT_ERR_MISMATCH;
    }
    s->open = !head->fin;
    s->next = (s->next + 1) & GDW1376_SEQ_MAX;
    s->frames++;
    *out_last = head->fin;
    return GT_ERR_OK;
}
