/* A record's slot follows from its time, and it carries that time under its CRC. So nothing need be
 * counted in the state, a record costs one write and no image, a torn one is no record, and an
 * interval that was missed shows by itself: its slot still holds another time. */
#include "meter/profile.h"

#include "base/sum.h"
#include "meter/layout.h"
#include "meter/meter_priv.h"
#include "meter/service.h"

enum { MS_MINUTE = 60000, TIME_LEN = 4, PAYLOAD_MAX = 24, INTERVAL_DEFAULT = 15, BYTE = 8 };
enum { SLOT_MAX = TIME_LEN + PAYLOAD_MAX + LAYOUT_CRC_LEN };

static const struct {
    uint32_t at[2]; /* by profile */
    uint32_t slots[2];
    uint8_t len;
    bool measured;
} classes[METER_PROFILE_CLASSES] = {
#define PROFILE(class, len_, measured_, small, full)                                           \
    [METER_PROFILE_##                                                                          \
        class] = {.at = {LAYOUT_SMALL_PROFILE_##class##_AT, LAYOUT_FULL_PROFILE_##class##_AT}, \
                  .slots = {(small), (full)},                                                  \
                  .len = (len_),                                                               \
                  .measured = (measured_)},
#include "meter/profile.def"
};

#define PROFILE(class, len, measured, small, full) \
    static_assert((len) <= (int)PAYLOAD_MAX, #class " fits");
#include "meter/profile.def"

static const struct {
    uint8_t class;
    uint8_t bytes;
} fields[] = {
#define PROFILE_FIELD(class_, bytes_, value) {METER_PROFILE_##class_, (bytes_)},
#include "meter/profile.def"
};

static void put(gt_wr *w, int64_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++) {
        gt_wr_u8(w, (uint8_t)((uint64_t)value >> (i * BYTE)));
    }
}

static int64_t take(gt_rd *r, unsigned bytes)
{
    GT_ASSERT(bytes != 0);
    uint64_t v = 0;
    for (unsigned i = 0; i < bytes; i++) {
        v |= (uint64_t)gt_rd_u8(r) << (i * BYTE);
    }
    const uint64_t sign = UINT64_C(1) << (bytes * BYTE - 1);
    return (int64_t)((v ^ sign) - sign);
}

uint32_t meter_profile_depth(const meter *m, meter_profile_class class)
{
    return classes[class].slots[m->cfg->profile];
}

uint8_t meter_profile_interval(const meter *m, meter_profile_class class)
{
    return meter_profile_depth(m, class) != 0 ? m->profile.interval_min[class] : 0;
}

static uint32_t slot_at(const meter *m, meter_profile_class class, uint32_t at_min)
{
    const uint32_t interval = meter_profile_interval(m, class);
    GT_ASSERT(interval != 0); /* and so there are slots */
    const uint32_t nth = at_min / interval % classes[class].slots[m->cfg->profile];
    return classes[class].at[m->cfg->profile] +
           nth * (uint32_t)(TIME_LEN + classes[class].len + LAYOUT_CRC_LEN);
}

static gt_err record_write(meter *m, meter_profile_class class, uint32_t at_min)
{
    uint8_t buf[SLOT_MAX];
    gt_wr w = gt_wr_of(buf, sizeof buf);
    gt_wr_u32le(&w, at_min);
#define PROFILE_FIELD(class_, bytes, value) \
    if (class == METER_PROFILE_##class_) {  \
        put(&w, (int64_t)(value), (bytes)); \
    }
#include "meter/profile.def"
    GT_ASSERT(w.len == (size_t)TIME_LEN + classes[class].len);
    gt_wr_u32le(&w, gt_crc32(buf, w.len));
    GT_ASSERT(gt_wr_done(&w) == GT_ERR_OK);
    const gt_nvm *nvm = &m->ports.nvm;
    GT_TRY(nvm->write(nvm->ctx, slot_at(m, class, at_min), buf, w.len));
    return nvm->sync(nvm->ctx);
}

static int64_t minute_now(const meter *m, gt_mono now)
{
    return clock_local_ms(m, now) / MS_MINUTE;
}

void profile_next(meter *m, gt_mono now)
{
    int64_t next = INT64_MAX;
    const int64_t minute = minute_now(m, now);
    for (unsigned i = 0; i < METER_PROFILE_CLASSES; i++) {
        const uint8_t interval = meter_profile_interval(m, (meter_profile_class)i);
        if (interval != 0 && minute - minute % interval + interval < next) {
            next = minute - minute % interval + interval;
        }
    }
    m->due[METER_DUE_PROFILE] =
        next == INT64_MAX ? GT_MONO_NEVER : clock_instant(m, next * MS_MINUTE);
}

void profile_due(meter *m, gt_mono at)
{
    const uint32_t minute = (uint32_t)minute_now(m, at);
    meter_demand_advance(m, at);
    for (unsigned i = 0; i < METER_PROFILE_CLASSES; i++) {
        const meter_profile_class class = (meter_profile_class)i;
        const uint8_t interval = meter_profile_interval(m, class);
        const bool known = !classes[i].measured || m->profile.measured;
        if (interval != 0 && minute % interval == 0 && known &&
            record_write(m, class, minute) != GT_ERR_OK) {
            m->store.failing = true; /* shown; this one is missing */
        }
    }
    profile_next(m, at);
}

gt_err profile_start(meter *m)
{
    static_assert((int)BLOCK_PROFILE_LEN == (int)METER_PROFILE_CLASSES, "a byte a class");
    uint8_t block[BLOCK_PROFILE_LEN];
    const gt_err err = block_read(m, BLOCK_PROFILE, 0, block);
    if (err != GT_ERR_OK && err != GT_ERR_NOT_FOUND) {
        return err;
    }
    for (unsigned i = 0; i < METER_PROFILE_CLASSES; i++) {
        const bool good = err == GT_ERR_OK && block[i] <= METER_PROFILE_INTERVAL_MAX;
        m->profile.interval_min[i] = good ? block[i] : INTERVAL_DEFAULT;
    }
    return GT_ERR_OK;
}

gt_err meter_profile_set(meter *m, const uint8_t interval_min[METER_PROFILE_CLASSES], gt_mono now)
{
    if (!order_allowed(m, METER_ACT_PARAMETER)) {
        return GT_ERR_CONFLICT;
    }
    for (unsigned i = 0; i < METER_PROFILE_CLASSES; i++) {
        if (interval_min[i] > METER_PROFILE_INTERVAL_MAX) {
            return GT_ERR_RANGE;
        }
    }
    GT_TRY(block_write(m, BLOCK_PROFILE, 0, interval_min));
    GT_TRY(profile_start(m));
    if (m->clock.known) {
        profile_next(m, now);
    }
    meter_programmed(m, now);
    return GT_ERR_OK;
}

uint32_t meter_profile_last(const meter *m, meter_profile_class class, gt_mono now)
{
    const uint8_t interval = meter_profile_interval(m, class);
    if (interval == 0 || !m->clock.known) {
        return 0;
    }
    const int64_t minute = minute_now(m, now);
    return (uint32_t)(minute - minute % interval);
}

gt_err meter_profile_get(const meter *m, meter_profile_class class, uint32_t at_min,
                         int64_t out[METER_PROFILE_VALUES])
{
    if (meter_profile_interval(m, class) == 0) {
        return GT_ERR_NOT_FOUND;
    }
    uint8_t buf[SLOT_MAX];
    const size_t covered = (size_t)TIME_LEN + classes[class].len;
    const gt_nvm *nvm = &m->ports.nvm;
    GT_TRY(nvm->read(nvm->ctx, slot_at(m, class, at_min), buf, covered + LAYOUT_CRC_LEN));
    gt_rd r = gt_rd_of(buf, covered);
    gt_rd crc = gt_rd_of(buf + covered, LAYOUT_CRC_LEN);
    if (gt_rd_u32le(&r) != at_min || gt_rd_u32le(&crc) != gt_crc32(buf, covered)) {
        return GT_ERR_NOT_FOUND;
    }
    unsigned n = 0;
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (fields[i].class == (uint8_t) class) {
            out[n] = take(&r, fields[i].bytes);
            n++;
        }
    }
    return GT_ERR_OK;
}
