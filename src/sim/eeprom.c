/* Two images of one chip: what a read sees, and what a power cut leaves. Writes queue up until a
 * sync; a full queue syncs its oldest write, as a real chip finishes its page sooner or later. */
#include "sim/eeprom.h"

#include <string.h>

void sim_eeprom_init(sim_eeprom *e, uint64_t seed)
{
    memset(e, 0, sizeof *e);
    memset(e->durable, 0xFF, sizeof e->durable);
    memset(e->current, 0xFF, sizeof e->current);
    e->seed = seed;
}

/* SplitMix64. */
static uint64_t random_next(sim_eeprom *e)
{
    e->seed += 0x9E3779B97F4A7C15U;
    uint64_t z = e->seed;
    z = (z ^ z >> 30U) * 0xBF58476D1CE4E5B9U;
    z = (z ^ z >> 27U) * 0x94D049BB133111EBU;
    return z ^ z >> 31U;
}

static bool outside(uint32_t at, size_t len)
{
    return at > SIM_EEPROM_SIZE || len > SIM_EEPROM_SIZE - at;
}

static gt_err chip_read(void *ctx, uint32_t at, uint8_t *buf, size_t len)
{
    const sim_eeprom *e = ctx;
    if (e->dead) {
        return GT_ERR_IO;
    }
    if (outside(at, len)) {
        return GT_ERR_RANGE;
    }
    memcpy(buf, e->current + at, len);
    return GT_ERR_OK;
}

static void oldest_settle(sim_eeprom *e)
{
    memcpy(e->durable + e->queue[0].at, e->current + e->queue[0].at, e->queue[0].len);
    e->queued--;
    memmove(e->queue, e->queue + 1, e->queued * sizeof e->queue[0]);
}

static gt_err chip_write(void *ctx, uint32_t at, const uint8_t *buf, size_t len)
{
    sim_eeprom *e = ctx;
    if (e->dead) {
        return GT_ERR_IO;
    }
    if (outside(at, len)) {
        return GT_ERR_RANGE;
    }
    const bool cut = e->cut_byte != SIM_EEPROM_NO_CUT && e->bytes + len >= e->cut_byte;
    const size_t done = cut ? (size_t)(e->cut_byte - e->bytes - 1) : len;
    if (e->queued == SIM_EEPROM_QUEUE) {
        oldest_settle(e);
    }
    memcpy(e->current + at, buf, done);
    if (cut) {
        e->current[at + done] = (uint8_t)random_next(e); /* the byte being burnt */
    }
    e->queue[e->queued].at = at;
    e->queue[e->queued].len = (uint32_t)(cut ? done + 1 : done);
    e->queued++;
    e->bytes += len;
    e->writes++;
    if (cut) {
        sim_eeprom_cut(e);
        return GT_ERR_IO;
    }
    return GT_ERR_OK;
}

static gt_err chip_sync(void *ctx)
{
    sim_eeprom *e = ctx;
    if (e->dead) {
        return GT_ERR_IO;
    }
    while (e->queued > 0) {
        oldest_settle(e);
    }
    e->syncs++;
    return GT_ERR_OK;
}

gt_nvm sim_eeprom_port(sim_eeprom *e)
{
    return (gt_nvm){.ctx = e,
                    .size = SIM_EEPROM_SIZE,
                    .read = chip_read,
                    .write = chip_write,
                    .sync = chip_sync};
}

void sim_eeprom_cut_after(sim_eeprom *e, uint64_t byte)
{
    e->cut_byte = byte == 0 ? SIM_EEPROM_NO_CUT : e->bytes + byte;
}

void sim_eeprom_cut(sim_eeprom *e)
{
    for (uint32_t i = 0; i < e->queued; i++) {
        const uint64_t fate = random_next(e);
        const uint32_t len = e->queue[i].len;
        const uint32_t kept = fate % 3 == 0   ? len
                              : fate % 3 == 1 ? 0
                                              : (uint32_t)(fate >> 8U) % (len + 1);
        memcpy(e->durable + e->queue[i].at, e->current + e->queue[i].at, kept);
    }
    e->queued = 0;
    e->dead = true;
}

void sim_eeprom_restore(sim_eeprom *e)
{
    memcpy(e->current, e->durable, sizeof e->current);
    e->cut_byte = SIM_EEPROM_NO_CUT;
    e->queued = 0;
    e->dead = false;
}
