/* What survives a power cut. The state is written whole into the next of 32 slots, so the newest
 * whole image always stands and each cell wears a thirty-second as fast. A record is written to its
 * ring first and counts only once the state that counts it is durable; every ring has more slots
 * than records shown, so a torn record is never one that anybody may read. */
#include "meter/meter_priv.h"

#include "base/bytes.h"
#include "base/sum.h"

#include <string.h>

enum {
    SLOTS = 32,
    SLOT_LEN = 256,
    MAGIC = 0x3154454D, /* "MET1" */
    HEAD_LEN = 10,      /* magic, sequence, length of the image */
    CRC_LEN = 4,
    RECORD_SLOT = METER_RECORD_LEN + CRC_LEN,
    FIRST_SEQ = 1,
    BLANK = 0xFF,
};

static_assert(HEAD_LEN + METER_STATE_LEN_MAX + CRC_LEN <= SLOT_LEN, "an image fits its slot");

static const struct {
    uint16_t at;
    uint16_t slots;
} rings[STORE_RINGS] = {
    [STORE_DAILY] = {SLOTS * SLOT_LEN, STORE_DAILY_KEPT + 1},
    [STORE_MONTHLY] = {10460, STORE_MONTHLY_KEPT + 1},
    [STORE_PURCHASES] = {10928, STORE_PURCHASES_KEPT + 1},
    [STORE_EVENTS] = {11324, METER_EVENTS_KEPT + 4},
};

static_assert(SLOTS * SLOT_LEN + (STORE_DAILY_KEPT + 1) * RECORD_SLOT == 10460, "daily");
static_assert(10460 + (STORE_MONTHLY_KEPT + 1) * RECORD_SLOT == 10928, "monthly");
static_assert(10928 + (STORE_PURCHASES_KEPT + 1) * RECORD_SLOT == 11324, "purchases");
static_assert(11324 + (METER_EVENTS_KEPT + 4) * RECORD_SLOT <= METER_NVM_SIZE, "events");

static uint32_t slot_at(uint32_t seq)
{
    return seq % SLOTS * SLOT_LEN;
}

/* One slot's image, if it is whole and carries that sequence number. */
static gt_err slot_read(const meter *m, uint32_t seq, meter_state *out)
{
    uint8_t buf[SLOT_LEN];
    const gt_nvm *nvm = &m->ports.nvm;
    GT_TRY(nvm->read(nvm->ctx, slot_at(seq), buf, sizeof buf));
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
    uint32_t seq[SLOTS]; /* 0: no head there */
    unsigned written;    /* slots that are not blank */
} survey;

static gt_err slots_survey(const meter *m, survey *out)
{
    const gt_nvm *nvm = &m->ports.nvm;
    survey s = {.written = 0};
    for (uint32_t i = 0; i < SLOTS; i++) {
        uint8_t head[HEAD_LEN];
        GT_TRY(nvm->read(nvm->ctx, slot_at(i), head, sizeof head));
        gt_rd r = gt_rd_of(head, sizeof head);
        const uint32_t magic = gt_rd_u32le(&r);
        const uint32_t seq = gt_rd_u32le(&r);
        s.seq[i] = magic == MAGIC && seq % SLOTS == i ? seq : 0;
        bool blank = true;
        for (unsigned k = 0; k < HEAD_LEN; k++) {
            blank = blank && head[k] == BLANK;
        }
        s.written += blank ? 0 : 1;
    }
    *out = s;
    return GT_ERR_OK;
}

static uint32_t newest_take(survey *s)
{
    uint32_t at = 0;
    for (uint32_t i = 1; i < SLOTS; i++) {
        if (s->seq[i] > s->seq[at]) {
            at = i;
        }
    }
    const uint32_t seq = s->seq[at];
    s->seq[at] = 0;
    return seq;
}

/* A memory whose only trace is a torn first image has never answered anybody: it starts blank. */
static gt_err nothing_found(const meter *m, unsigned written)
{
    if (written == 0) {
        return GT_ERR_NOT_FOUND;
    }
    uint8_t first[HEAD_LEN];
    const gt_nvm *nvm = &m->ports.nvm;
    GT_TRY(nvm->read(nvm->ctx, slot_at(FIRST_SEQ), first, sizeof first));
    return written == 1 && first[0] != BLANK ? GT_ERR_NOT_FOUND : GT_ERR_CORRUPT;
}

gt_err store_load(meter *m)
{
    survey s;
    GT_TRY(slots_survey(m, &s));
    for (uint32_t seq = newest_take(&s); seq != 0; seq = newest_take(&s)) {
        const gt_err err = slot_read(m, seq, &m->state);
        if (err == GT_ERR_OK) {
            m->store.seq = seq; /* the next save replaces the ruin of the one that was cut */
            return GT_ERR_OK;
        }
        if (err != GT_ERR_CORRUPT) {
            return err;
        }
    }
    return nothing_found(m, s.written);
}

gt_err store_save(meter *m, const meter_state *state)
{
    uint8_t buf[SLOT_LEN];
    uint8_t image[METER_STATE_LEN_MAX];
    gt_wr body = gt_wr_of(image, sizeof image);
    meter_state_encode(state, &body);
    gt_wr w = gt_wr_of(buf, sizeof buf);
    m->store.seq++; /* a failed write keeps its number: the next one must be newer than its ruins */
    gt_wr_u32le(&w, MAGIC);
    gt_wr_u32le(&w, m->store.seq);
    gt_wr_u16le(&w, (uint16_t)body.len);
    gt_wr_bytes(&w, image, body.len);
    gt_wr_u32le(&w, gt_crc32(buf, w.len));
    GT_ASSERT(gt_wr_done(&body) == GT_ERR_OK && gt_wr_done(&w) == GT_ERR_OK);
    const gt_nvm *nvm = &m->ports.nvm;
    gt_err err = nvm->write(nvm->ctx, slot_at(m->store.seq), buf, w.len);
    if (err == GT_ERR_OK) {
        err = nvm->sync(nvm->ctx);
    }
    m->store.failing = err != GT_ERR_OK;
    return err;
}

static uint32_t record_at(store_ring ring, uint32_t number)
{
    return rings[ring].at + number % rings[ring].slots * RECORD_SLOT;
}

gt_err store_record_write(meter *m, store_ring ring, uint32_t number,
                          const uint8_t payload[METER_RECORD_LEN])
{
    uint8_t buf[RECORD_SLOT];
    gt_wr w = gt_wr_of(buf, sizeof buf);
    gt_wr_bytes(&w, payload, METER_RECORD_LEN);
    gt_wr_u32le(&w, gt_crc32(payload, METER_RECORD_LEN) ^ number);
    GT_ASSERT(gt_wr_done(&w) == GT_ERR_OK);
    const gt_nvm *nvm = &m->ports.nvm;
    GT_TRY(nvm->write(nvm->ctx, record_at(ring, number), buf, sizeof buf));
    return nvm->sync(nvm->ctx);
}

gt_err store_record_read(const meter *m, store_ring ring, uint32_t number,
                         uint8_t payload[METER_RECORD_LEN])
{
    uint8_t buf[RECORD_SLOT];
    const gt_nvm *nvm = &m->ports.nvm;
    GT_TRY(nvm->read(nvm->ctx, record_at(ring, number), buf, sizeof buf));
    gt_rd r = gt_rd_of(buf + METER_RECORD_LEN, CRC_LEN);
    if (gt_rd_u32le(&r) != (gt_crc32(buf, METER_RECORD_LEN) ^ number)) {
        return GT_ERR_CORRUPT;
    }
    memcpy(payload, buf, METER_RECORD_LEN);
    return GT_ERR_OK;
}
