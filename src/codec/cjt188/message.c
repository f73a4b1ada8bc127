/* Control codes. Standard frames carry an identifier, a serial number and data; a refusal serial
 * number and status; a maker's own functions what they like. */
#include "codec/cjt188/message.h"

#include "codec/cjt188/frame_priv.h"

enum { FUNCTION = 0x3F };

bool cjt188_function_known(uint8_t function)
{
    static const bool known[FUNCTION + 1] = {
#define ROW(symbol, code, zh, en) [code] = true,
        CJT188_FUNCTION_LIST(ROW)
#undef ROW
    };
    return function <= FUNCTION && known[function];
}

gt_err cjt188_message_decode(const cjt188_frame *frame, cjt188_message *out)
{
    const uint8_t function = frame->ctrl & FUNCTION;
    const bool reply = (frame->ctrl & CJT188_REPLY) != 0;
    const bool abnormal = (frame->ctrl & CJT188_ABNORMAL) != 0;
    const bool vendor = !cjt188_function_known(function);
    const bool refusal = abnormal && !vendor;
    const uint8_t head =
        vendor ? 0 : CJT188_IDENTIFIER_LEN; /* identifier and SER, or SER and status */
    if (refusal && !reply) {
        return GT_ERR_MALFORMED;
    }
    if (frame->data_len < head) {
        return GT_ERR_TRUNCATED;
    }
    if (refusal && frame->data_len > head) {
        return GT_ERR_TRAILING;
    }
    const uint8_t *at = frame->data;
    *out = (cjt188_message){.type = frame->type, .addr = frame->addr};
    out->function = function;
    out->reply = reply;
    out->abnormal = abnormal;
    out->vendor = vendor;
    if (refusal) {
        out->ser = at[0];
        out->status = (uint16_t)(at[2] << 8 | at[1]);
    } else if (!vendor) {
        out->di = cjt188_di_read(at, &out->di_high_first);
        out->ser = at[2];
    }
    out->data = at + head;
    out->data_len = (uint8_t)(frame->data_len - head);
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
    f.ctrl = (uint8_t)(m->function | (m->reply ? CJT188_REPLY : 0U) |
                       (m->abnormal ? CJT188_ABNORMAL : 0U));
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
