/* Control codes. Standard frames carry an identifier, a serial number and data; a refusal serial
 * number and status; a maker's own functions what they like. */
#include "codec/cjt188/message.h"

#include "base/bytes.h"
#include "codec/cjt188/item.h"

#include <string.h>

enum { REPLY = 0x80, ABNORMAL = 0x40, FUNCTION = 0x3F };

bool cjt188_function_known(uint8_t function)
{
    static const uint8_t known[] = {
#define ROW(symbol, code, zh, en) code,
        CJT188_FUNCTION_LIST(ROW)
#undef ROW
    };
    return function != 0 && memchr(known, function, sizeof known) != NULL;
}

/* Low byte first is the standard; high byte first is as common. The table decides; an identifier
 * that it does not know either way is taken as the standard says. */
static bool is_high_first(uint8_t first, uint8_t second)
{
    const uint16_t low_first = (uint16_t)(second << 8 | first);
    const uint16_t high_first = (uint16_t)(first << 8 | second);
    return cjt188_item_find(low_first) == NULL && cjt188_item_find(high_first) != NULL;
}

static void di_read(gt_rd *r, cjt188_message *m)
{
    const uint8_t first = gt_rd_u8(r);
    const uint8_t second = gt_rd_u8(r);
    m->di_high_first = is_high_first(first, second);
    m->di = (uint16_t)(m->di_high_first ? first << 8 | second : second << 8 | first);
}

gt_err cjt188_message_decode(const cjt188_frame *frame, cjt188_message *out)
{
    cjt188_message m = {.type = frame->type, .addr = frame->addr};
    m.function = frame->ctrl & FUNCTION;
    m.reply = (frame->ctrl & REPLY) != 0;
    m.abnormal = (frame->ctrl & ABNORMAL) != 0;
    m.vendor = !cjt188_function_known(m.function);
    gt_rd r = gt_rd_of(frame->data, frame->data_len);
    if (!m.vendor && m.abnormal) {
        if (!m.reply) {
            return GT_ERR_MALFORMED;
        }
        m.ser = gt_rd_u8(&r);
        m.status = gt_rd_u16le(&r);
        GT_TRY(gt_rd_done(&r));
        *out = m;
        return GT_ERR_OK;
    }
    if (!m.vendor) {
        di_read(&r, &m);
        m.ser = gt_rd_u8(&r);
        GT_TRY(r.err);
    }
    m.data_len = (uint8_t)gt_rd_left(&r);
    if (m.data_len > 0) {
        memcpy(m.data, gt_rd_take(&r, m.data_len), m.data_len);
    }
    *out = m;
    return GT_ERR_OK;
}

gt_err cjt188_message_encode(const cjt188_message *message, cjt188_frame *out)
{
    const cjt188_message *m = message;
    if (!cjt188_type_valid(m->type) || !cjt188_addr_valid(m->addr) || m->function > FUNCTION ||
        m->vendor == cjt188_function_known(m->function) ||
        (!m->vendor && m->abnormal && !m->reply)) {
        return GT_ERR_RANGE;
    }
    cjt188_frame f = {.type = m->type, .addr = m->addr};
    f.ctrl = (uint8_t)(m->function | (m->reply ? REPLY : 0U) | (m->abnormal ? ABNORMAL : 0U));
    gt_wr w = gt_wr_of(f.data, sizeof f.data);
    if (!m->vendor && m->abnormal) {
        gt_wr_u8(&w, m->ser);
        gt_wr_u16le(&w, m->status);
    } else {
        if (!m->vendor) {
            gt_wr_u8(&w, (uint8_t)(m->di_high_first ? m->di >> 8 : m->di));
            gt_wr_u8(&w, (uint8_t)(m->di_high_first ? m->di : m->di >> 8));
            gt_wr_u8(&w, m->ser);
        }
        gt_wr_bytes(&w, m->data, m->data_len);
    }
    GT_TRY(gt_wr_done(&w));
    f.data_len = (uint8_t)w.len;
    *out = f;
    return GT_ERR_OK;
}
