/* A ring of slots a class: payload and a CRC into which the record's number is mixed, so that what
 * an earlier turn of the ring left is never taken for what is asked. */
#include "meter/meter_priv.h"

#include "base/sum.h"
#include "meter/layout.h"

#include <string.h>

enum { TAIL_MARK = 0x5441494C };

typedef struct ring {
    uint32_t at[2]; /* by profile */
    uint16_t depth[2];
    uint16_t len;
    uint16_t tail;
} ring;

static const ring rings[RECORD_CLASSES] = {
#define RECORD(symbol, len_, tail_, small, full)                                        \
    [RECORD_##symbol] = {.at = {LAYOUT_SMALL_##symbol##_AT, LAYOUT_FULL_##symbol##_AT}, \
                         .depth = {(small), (full)},                                    \
                         .len = (len_),                                                 \
                         .tail = (tail_)},
#include "meter/record.def"
#undef RECORD
};

#define RECORD(symbol, len, tail, small, full) \
    static_assert((len) <= RECORD_LEN_MAX && (full) <= UINT16_MAX, #symbol " fits");
#include "meter/record.def"
#undef RECORD

uint32_t meter_nvm_size(meter_profile profile)
{
    return profile == METER_PROFILE_SMALL ? LAYOUT_SMALL_SIZE : LAYOUT_FULL_SIZE;
}

uint16_t record_len(record_class class)
{
    return rings[class].len;
}

uint32_t record_depth(const meter *m, record_class class)
{
    return rings[class].depth[m->cfg->profile];
}

uint32_t record_count(const meter *m, record_class class)
{
    return m->state.account.written[class];
}

uint32_t record_shown(const meter *m, record_class class)
{
    return m->state.account.shown[class];
}

uint32_t record_kept(const meter *m, record_class class)
{
    const uint32_t shown = m->state.account.shown[class];
    const uint32_t depth = record_depth(m, class);
    return shown < depth ? shown : depth;
}

static uint32_t slot_at(const meter *m, record_class class, uint32_t number)
{
    const ring *r = &rings[class];
    const uint32_t slots = r->depth[m->cfg->profile] + (uint32_t)LAYOUT_RECORD_SPARE;
    return r->at[m->cfg->profile] + number % slots * (uint32_t)LAYOUT_SLOT(r->len, r->tail);
}

static gt_err write_through(meter *m, uint32_t at, const gt_wr *w)
{
    const gt_nvm *nvm = &m->ports.nvm;
    gt_err err = nvm->write(nvm->ctx, at, w->buf, w->len);
    if (err == GT_ERR_OK) {
        err = nvm->sync(nvm->ctx);
    }
    m->store.failing = m->store.failing || err != GT_ERR_OK;
    return err;
}

gt_err record_append(meter *m, record_class class, const uint8_t *payload)
{
    /* What an image in the memory shows is never overwritten before the next one counts what is
     * new. An order appends fewer than this, so an image never shows half of one. */
    if (m->store.appended == LAYOUT_RECORD_SPARE - 1) {
        GT_TRY(store_save(m));
    }
    const uint32_t number = record_count(m, class);
    uint8_t buf[RECORD_LEN_MAX + LAYOUT_CRC_LEN];
    gt_wr w = gt_wr_of(buf, sizeof buf);
    gt_wr_bytes(&w, payload, rings[class].len);
    gt_wr_u32le(&w, gt_crc32(payload, rings[class].len) ^ number);
    GT_ASSERT(gt_wr_done(&w) == GT_ERR_OK);
    GT_TRY(write_through(m, slot_at(m, class, number), &w));
    m->state.account.written[class]++;
    if (m->state.account.shown[class] < UINT16_MAX) {
        m->state.account.shown[class]++;
    }
    m->store.appended++;
    m->store.dirty = true;
    return GT_ERR_OK;
}

gt_err record_read(const meter *m, record_class class, uint32_t back, uint8_t *payload)
{
    if (back >= record_kept(m, class)) {
        return GT_ERR_NOT_FOUND;
    }
    const uint32_t number = record_count(m, class) - 1 - back;
    const size_t len = rings[class].len;
    uint8_t buf[RECORD_LEN_MAX + LAYOUT_CRC_LEN];
    const gt_nvm *nvm = &m->ports.nvm;
    GT_TRY(nvm->read(nvm->ctx, slot_at(m, class, number), buf, len + LAYOUT_CRC_LEN));
    gt_rd r = gt_rd_of(buf + len, LAYOUT_CRC_LEN);
    if (gt_rd_u32le(&r) != (gt_crc32(buf, len) ^ number)) {
        return GT_ERR_CORRUPT;
    }
    memcpy(payload, buf, len);
    return GT_ERR_OK;
}

/* The record's own CRC goes into that of its tail: a tail never joins another record that comes to
 * the same slot, not even one of the same number after a power cut. */
static gt_err tail_seed(const meter *m, record_class class, uint32_t number, uint32_t *out)
{
    uint8_t crc[LAYOUT_CRC_LEN];
    const gt_nvm *nvm = &m->ports.nvm;
    GT_TRY(nvm->read(nvm->ctx, slot_at(m, class, number) + rings[class].len, crc, sizeof crc));
    gt_rd r = gt_rd_of(crc, sizeof crc);
    *out = gt_rd_u32le(&r) ^ TAIL_MARK;
    return GT_ERR_OK;
}

gt_err record_tail_write(meter *m, record_class class, const uint8_t *tail)
{
    GT_ASSERT(rings[class].tail != 0);
    if (record_kept(m, class) == 0) {
        return GT_ERR_NOT_FOUND;
    }
    const uint32_t number = record_count(m, class) - 1;
    uint32_t seed = 0;
    GT_TRY(tail_seed(m, class, number, &seed));
    uint8_t buf[RECORD_LEN_MAX + LAYOUT_CRC_LEN];
    gt_wr w = gt_wr_of(buf, sizeof buf);
    gt_wr_bytes(&w, tail, rings[class].tail);
    gt_wr_u32le(&w, gt_crc32(tail, rings[class].tail) ^ seed);
    GT_ASSERT(gt_wr_done(&w) == GT_ERR_OK);
    return write_through(m, slot_at(m, class, number) + rings[class].len + LAYOUT_CRC_LEN, &w);
}

gt_err record_tail_read(const meter *m, record_class class, uint32_t back, uint8_t *tail)
{
    if (back >= record_kept(m, class) || rings[class].tail == 0) {
        return GT_ERR_NOT_FOUND;
    }
    const uint32_t number = record_count(m, class) - 1 - back;
    const size_t len = rings[class].tail;
    uint32_t seed = 0;
    GT_TRY(tail_seed(m, class, number, &seed));
    uint8_t buf[RECORD_LEN_MAX + LAYOUT_CRC_LEN];
    const gt_nvm *nvm = &m->ports.nvm;
    const uint32_t at = slot_at(m, class, number) + rings[class].len + LAYOUT_CRC_LEN;
    GT_TRY(nvm->read(nvm->ctx, at, buf, len + LAYOUT_CRC_LEN));
    gt_rd r = gt_rd_of(buf + len, LAYOUT_CRC_LEN);
    if (gt_rd_u32le(&r) != (gt_crc32(buf, len) ^ seed)) {
        return GT_ERR_NOT_FOUND;
    }
    memcpy(tail, buf, len);
    return GT_ERR_OK;
}

void record_clear(meter *m, record_class class)
{
    m->state.account.shown[class] = 0;
    m->store.dirty = true;
}
