/* What survives a power cut. The state is written whole into the next of 16 slots, so the newest
 * whole image always stands; consumption since then, which changes all the time, is 38 bytes in the
 * next of 128 slots. What is found at start is the newest whole image and the newest whole use that
 * counts from it. A record is written to its ring first and counts only once the image that counts
 * it is durable; every ring has more slots than records shown, so a torn record is never one that
 * anybody may read. */
#include "meter/meter_priv.h"

#include "base/bytes.h"
#include "base/sum.h"
#include "meter/layout.h"

#include <string.h>

enum {
    MAGIC = 0x3254454D, /* "MET2" */
    FIRST_SEQ = 1,
    BLANK = 0xFF,
    IMAGE_MAX = LAYOUT_IMAGE_HEAD_LEN + METER_STATE_LEN_MAX + LAYOUT_CRC_LEN,
    USE_MAX = LAYOUT_USE_HEAD_LEN + METER_USE_LEN + LAYOUT_CRC_LEN,
    SAVE_RETRY_US = 10000000,
};

static_assert((int)IMAGE_MAX <= (int)LAYOUT_IMAGE_LEN, "an image fits its slot");
static_assert((int)USE_MAX <= (int)LAYOUT_USE_LEN, "a use fits its slot");

static uint32_t image_at(uint32_t seq)
{
    return seq % LAYOUT_IMAGE_SLOTS * LAYOUT_IMAGE_LEN;
}

static uint32_t use_at(uint32_t seq)
{
    return LAYOUT_USES_AT + seq % LAYOUT_USE_SLOTS * LAYOUT_USE_LEN;
}

/* One slot's image, if it is whole and carries that sequence number. */
static gt_err image_read(const meter *m, uint32_t seq, meter_state *out)
{
    uint8_t buf[IMAGE_MAX];
    const gt_nvm *nvm = &m->ports.nvm;
    GT_TRY(nvm->read(nvm->ctx, image_at(seq), buf, sizeof buf));
    gt_rd r = gt_rd_of(buf, sizeof buf);
    const uint32_t magic = gt_rd_u32le(&r);
    const uint32_t found = gt_rd_u32le(&r);
    const uint16_t len = gt_rd_u16le(&r);
    if (magic != MAGIC || found != seq || len > METER_STATE_LEN_MAX) {
        return GT_ERR_CORRUPT;
    }
    const uint8_t *image = gt_rd_take(&r, len);
    const uint32_t crc = gt_crc32(buf, r.pos);
    if (gt_rd_u32le(&r) != crc || meter_state_decode(image, len, out) != GT_ERR_OK) {
        return GT_ERR_CORRUPT;
    }
    return GT_ERR_OK;
}

typedef struct survey {
    uint32_t seq[LAYOUT_IMAGE_SLOTS]; /* 0: no head there */
    bool blank[LAYOUT_IMAGE_SLOTS];
    unsigned written; /* slots that are not blank */
} survey;

static gt_err images_survey(const meter *m, survey *out)
{
    const gt_nvm *nvm = &m->ports.nvm;
    survey s = {.written = 0};
    for (uint32_t i = 0; i < LAYOUT_IMAGE_SLOTS; i++) {
        uint8_t head[LAYOUT_IMAGE_HEAD_LEN];
        GT_TRY(nvm->read(nvm->ctx, image_at(i), head, sizeof head));
        gt_rd r = gt_rd_of(head, sizeof head);
        const uint32_t magic = gt_rd_u32le(&r);
        const uint32_t seq = gt_rd_u32le(&r);
        s.seq[i] = magic == MAGIC && seq % LAYOUT_IMAGE_SLOTS == i ? seq : 0;
        s.blank[i] = true;
        for (unsigned k = 0; k < sizeof head; k++) {
            s.blank[i] = s.blank[i] && head[k] == BLANK;
        }
        s.written += s.blank[i] ? 0 : 1;
    }
    *out = s;
    return GT_ERR_OK;
}

static uint32_t newest_take(survey *s)
{
    uint32_t at = 0;
    for (uint32_t i = 1; i < LAYOUT_IMAGE_SLOTS; i++) {
        if (s->seq[i] > s->seq[at]) {
            at = i;
        }
    }
    const uint32_t seq = s->seq[at];
    s->seq[at] = 0;
    return seq;
}

/* A memory whose only trace is a torn first image has never answered anybody: it starts blank. */
static gt_err nothing_found(const survey *s)
{
    const unsigned first = s->blank[FIRST_SEQ] ? 0 : 1;
    return s->written == first ? GT_ERR_NOT_FOUND : GT_ERR_CORRUPT;
}

typedef struct use_found {
    uint32_t base;
    uint32_t seq; /* 0: this slot holds no whole use */
    uint8_t bytes[METER_USE_LEN];
} use_found;

static gt_err use_read(const meter *m, uint32_t slot, use_found *out)
{
    uint8_t buf[USE_MAX];
    const gt_nvm *nvm = &m->ports.nvm;
    GT_TRY(nvm->read(nvm->ctx, use_at(slot), buf, sizeof buf));
    gt_rd r = gt_rd_of(buf, sizeof buf);
    use_found found = {.base = gt_rd_u32le(&r), .seq = gt_rd_u32le(&r)};
    memcpy(found.bytes, gt_rd_take(&r, METER_USE_LEN), METER_USE_LEN);
    const uint32_t crc = gt_crc32(buf, r.pos);
    if (gt_rd_u32le(&r) != crc || found.seq % LAYOUT_USE_SLOTS != slot) {
        found.seq = 0;
    }
    *out = found;
    return GT_ERR_OK;
}

/* The newest use that counts from the image just loaded. */
static gt_err use_load(meter *m)
{
    use_found newest = {.seq = 0};
    for (uint32_t slot = 0; slot < LAYOUT_USE_SLOTS; slot++) {
        use_found found;
        GT_TRY(use_read(m, slot, &found));
        if (found.seq > m->store.use_seq) {
            m->store.use_seq = found.seq;
        }
        if (found.seq > newest.seq && found.base == m->store.base) {
            newest = found;
        }
    }
    if (newest.seq == 0) {
        return GT_ERR_OK;
    }
    return meter_use_apply(newest.bytes, &m->state, &m->use) == GT_ERR_OK ? GT_ERR_OK
                                                                          : GT_ERR_CORRUPT;
}

gt_err store_load(meter *m)
{
    survey s;
    GT_TRY(images_survey(m, &s));
    for (uint32_t seq = newest_take(&s); seq != 0; seq = newest_take(&s)) {
        const gt_err err = image_read(m, seq, &m->state);
        if (err == GT_ERR_OK) {
            m->store.seq = seq; /* the next save replaces the ruin of the one that was cut */
            m->store.base = seq;
            return use_load(m);
        }
        if (err != GT_ERR_CORRUPT) {
            return err;
        }
    }
    return nothing_found(&s);
}

static gt_err write_through(meter *m, uint32_t at, const uint8_t *buf, size_t len)
{
    const gt_nvm *nvm = &m->ports.nvm;
    gt_err err = nvm->write(nvm->ctx, at, buf, len);
    if (err == GT_ERR_OK) {
        err = nvm->sync(nvm->ctx);
    }
    m->store.failing = err != GT_ERR_OK;
    return err;
}

static void saved(meter *m)
{
    m->store.unsaved_centikwh = 0;
    m->due[METER_DUE_SAVE] = GT_MONO_NEVER;
}

gt_err store_save(meter *m)
{
    uint8_t buf[IMAGE_MAX];
    gt_wr w = gt_wr_of(buf, sizeof buf);
    m->store.seq++; /* a failed write keeps its number: the next one must be newer than its ruins */
    gt_wr_u32le(&w, MAGIC);
    gt_wr_u32le(&w, m->store.seq);
    gt_wr_u16le(&w, 0);
    meter_state_encode(&m->state, &w);
    gt_wr_patch_u16le(&w, LAYOUT_IMAGE_HEAD_LEN - 2, (uint16_t)(w.len - LAYOUT_IMAGE_HEAD_LEN));
    GT_ASSERT(w.len <= sizeof buf - LAYOUT_CRC_LEN);
    gt_wr_u32le(&w, gt_crc32(buf, w.len));
    GT_ASSERT(gt_wr_done(&w) == GT_ERR_OK);
    m->store.dirty = true; /* until it has been written, nothing less will do */
    GT_TRY(write_through(m, image_at(m->store.seq), buf, w.len));
    m->store.base = m->store.seq;
    m->store.dirty = false;
    m->store.peaks = false;
    m->store.appended = 0;
    m->use = (meter_use){0};
    saved(m);
    return GT_ERR_OK;
}

static gt_err use_save(meter *m)
{
    uint8_t buf[USE_MAX];
    gt_wr w = gt_wr_of(buf, sizeof buf);
    m->store.use_seq++;
    gt_wr_u32le(&w, m->store.base);
    gt_wr_u32le(&w, m->store.use_seq);
    meter_use_encode(&m->use, &m->state, &w);
    gt_wr_u32le(&w, gt_crc32(buf, w.len));
    GT_ASSERT(gt_wr_done(&w) == GT_ERR_OK);
    const gt_err err = write_through(m, use_at(m->store.use_seq), buf, w.len);
    if (err != GT_ERR_OK) {
        m->store.dirty = true; /* a ruin with the same base may be there: an image outdoes it */
        return err;
    }
    saved(m);
    return GT_ERR_OK;
}

void store_flush(meter *m, gt_mono now)
{
    gt_utc utc = {0};
    const bool known = meter_clock_utc(m, now, &utc) == GT_ERR_OK;
    m->state.stamp_s = known ? (uint32_t)(utc.ms / 1000) : 0;
    const gt_err err = m->store.dirty || m->store.peaks ? store_save(m) : use_save(m);
    if (err != GT_ERR_OK) {
        m->due[METER_DUE_SAVE].us = now.us + SAVE_RETRY_US;
    }
}

void store_due(meter *m, gt_mono at)
{
    store_flush(m, at);
}

void store_settle(meter *m, gt_mono now)
{
    /* When it has failed the deadline tries again; but something else may have failed. */
    if (m->store.dirty && (!m->store.failing || m->due[METER_DUE_SAVE].us == INT64_MAX)) {
        store_flush(m, now);
    }
}
