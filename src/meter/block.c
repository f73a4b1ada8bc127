/* Each block lies twice in the memory. A write goes over the older copy, with the next sequence
 * number; what is read is the newest copy that is whole. */
#include "meter/meter_priv.h"

#include "base/sum.h"
#include "meter/layout.h"

#include <string.h>

static const struct {
    uint32_t at;
    uint16_t count;
    uint16_t len;
} blocks[BLOCK_IDS] = {
#define BLOCK(symbol, count_, len_) \
    [BLOCK_##symbol] = {.at = LAYOUT_##symbol##_AT, .count = (count_), .len = (len_)},
#include "meter/block.def"
#undef BLOCK
};

#define BLOCK(symbol, count, len) static_assert((len) <= BLOCK_LEN_MAX, #symbol " fits");
#include "meter/block.def"
#undef BLOCK

enum { SEQ_LEN = 4, COPIES = 2 };

static uint32_t copy_at(block_id id, unsigned nth, unsigned copy)
{
    const uint32_t len = blocks[id].len + (uint32_t)LAYOUT_BANK_EXTRA;
    return blocks[id].at + (nth * COPIES + copy) * len;
}

/* @param buf  sequence, block, CRC. @param out_seq 0 when the copy is not whole */
static gt_err copy_read(const meter *m, block_id id, uint32_t at, uint8_t *buf, uint32_t *out_seq)
{
    const size_t covered = SEQ_LEN + blocks[id].len;
    const gt_nvm *nvm = &m->ports.nvm;
    GT_TRY(nvm->read(nvm->ctx, at, buf, covered + LAYOUT_CRC_LEN));
    gt_rd r = gt_rd_of(buf, covered + LAYOUT_CRC_LEN);
    const uint32_t seq = gt_rd_u32le(&r);
    (void)gt_rd_take(&r, blocks[id].len);
    *out_seq = gt_rd_u32le(&r) == gt_crc32(buf, covered) ? seq : 0;
    return GT_ERR_OK;
}

typedef struct newest {
    uint32_t seq; /* 0: none is whole */
    unsigned copy;
} newest;

static gt_err newest_find(const meter *m, block_id id, unsigned nth, newest *out)
{
    uint8_t buf[BLOCK_LEN_MAX + LAYOUT_BANK_EXTRA];
    newest found = {0};
    for (unsigned copy = 0; copy < COPIES; copy++) {
        uint32_t seq = 0;
        GT_TRY(copy_read(m, id, copy_at(id, nth, copy), buf, &seq));
        if (seq > found.seq) {
            found = (newest){.seq = seq, .copy = copy};
        }
    }
    *out = found;
    return GT_ERR_OK;
}

gt_err block_read(const meter *m, block_id id, unsigned nth, uint8_t *out)
{
    GT_ASSERT(nth < blocks[id].count);
    newest found = {0};
    GT_TRY(newest_find(m, id, nth, &found));
    if (found.seq == 0) {
        return GT_ERR_NOT_FOUND;
    }
    const gt_nvm *nvm = &m->ports.nvm;
    return nvm->read(nvm->ctx, copy_at(id, nth, found.copy) + SEQ_LEN, out, blocks[id].len);
}

gt_err block_write(meter *m, block_id id, unsigned nth, const uint8_t *bytes)
{
    GT_ASSERT(nth < blocks[id].count);
    newest found = {0};
    GT_TRY(newest_find(m, id, nth, &found));
    uint8_t buf[BLOCK_LEN_MAX + LAYOUT_BANK_EXTRA];
    gt_wr w = gt_wr_of(buf, sizeof buf);
    gt_wr_u32le(&w, found.seq + 1);
    gt_wr_bytes(&w, bytes, blocks[id].len);
    gt_wr_u32le(&w, gt_crc32(buf, w.len));
    GT_ASSERT(gt_wr_done(&w) == GT_ERR_OK);
    const unsigned copy = found.seq == 0 ? 0 : 1 - found.copy;
    const gt_nvm *nvm = &m->ports.nvm;
    GT_TRY(nvm->write(nvm->ctx, copy_at(id, nth, copy), buf, w.len));
    return nvm->sync(nvm->ctx);
}
