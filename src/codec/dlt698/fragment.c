/* Blocks of an APDU. Numbers run from 0 and wrap at 4096; a block that came twice (its confirmation
 * was lost) is confirmed again and changes nothing. */
#include "codec/dlt698/fragment.h"

#include <string.h>

void dlt698_joiner_init(dlt698_joiner *j, uint8_t *buf, size_t cap)
{
    *j = (dlt698_joiner){.buf = buf, .cap = cap};
}

static uint16_t seq_after(uint16_t seq)
{
    return (uint16_t)((seq + 1U) & DLT698_BLOCK_SEQ_MAX);
}

static gt_err drop(dlt698_joiner *j, gt_err why)
{
    j->open = false;
    j->len = 0;
    return why;
}

gt_err dlt698_joiner_take(dlt698_joiner *j, const dlt698_frame *frame, dlt698_join *out)
{
    if (!frame->fragment || frame->block == DLT698_BLOCK_CONFIRM || frame->data_len == 0) {
        return GT_ERR_MALFORMED;
    }
    if (frame->block == DLT698_BLOCK_FIRST) {
        j->len = 0;
        j->open = true;
        j->next_seq = frame->block_seq;
    } else if (!j->open) {
        return GT_ERR_MISMATCH;
    } else if (seq_after(frame->block_seq) == j->next_seq && frame->block == DLT698_BLOCK_MIDDLE) {
        *out = DLT698_JOIN_AGAIN;
        return GT_ERR_OK;
    }
    if (frame->block_seq != j->next_seq) {
        return drop(j, GT_ERR_MISMATCH);
    }
    if (frame->data_len > j->cap - j->len) {
        return drop(j, GT_ERR_SPACE);
    }
    const uint8_t *data = NULL;
    GT_TRY(dlt698_frame_data(frame, j->buf + j->len, j->cap - j->len, &data));
    if (data != j->buf + j->len) {
        memcpy(j->buf + j->len, data, frame->data_len);
    }
    j->len += frame->data_len;
    j->next_seq = seq_after(frame->block_seq);
    j->open = frame->block != DLT698_BLOCK_LAST;
    *out = j->open ? DLT698_JOIN_MORE : DLT698_JOIN_DONE;
    return GT_ERR_OK;
}

dlt698_frame dlt698_block_confirm(const dlt698_frame *block)
{
    dlt698_frame f = dlt698_frame_reply(block, NULL, 0);
    f.fragment = true;
    f.block = DLT698_BLOCK_CONFIRM;
    f.block_seq = block->block_seq;
    return f;
}

gt_err dlt698_splitter_init(dlt698_splitter *s, const uint8_t *apdu, size_t len, size_t block_len)
{
    if (block_len == 0 || len <= block_len || (len - 1) / block_len > DLT698_BLOCK_SEQ_MAX) {
        return GT_ERR_RANGE;
    }
    *s = (dlt698_splitter){.apdu = apdu, .len = len, .block_len = block_len};
    return GT_ERR_OK;
}

dlt698_frame dlt698_splitter_block(const dlt698_splitter *s, const dlt698_frame *base)
{
    const size_t left = s->len - s->at;
    const bool last = left <= s->block_len;
    dlt698_frame f = *base;
    f.fragment = true;
    f.block_reserved = 0;
    f.block = last ? DLT698_BLOCK_LAST : DLT698_BLOCK_MIDDLE;
    if (s->at == 0) {
        f.block = DLT698_BLOCK_FIRST;
    }
    f.block_seq = s->seq;
    f.data = s->apdu + s->at;
    f.data_len = last ? left : s->block_len;
    return f;
}

gt_err dlt698_splitter_confirm(dlt698_splitter *s, const dlt698_frame *confirm)
{
    if (!confirm->fragment || confirm->block != DLT698_BLOCK_CONFIRM ||
        confirm->block_seq != s->seq) {
        return GT_ERR_MISMATCH;
    }
    if (s->len - s->at <= s->block_len) {
        return GT_ERR_CONFLICT;
    }
    s->at += s->block_len;
    s->seq = seq_after(s->seq);
    return GT_ERR_OK;
}
