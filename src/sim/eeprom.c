/* One image of the chip, and what the writes not yet synced have replaced: a power cut puts some of
 * it back. A full queue settles its oldest write, as a real chip finishes its page sooner or later.
 */
#include "sim/eeprom.h"

#include <string.h>

static uint8_t *cells_of(sim_eeprom *e)
{
    return e->large != NULL ? e->large : e->cells;
}

void sim_eeprom_init_large(sim_eeprom *e, uint64_t seed, uint8_t *cells, uint32_t size)
{
    memset(e, 0, offsetof(sim_eeprom, cells));
    e->large = cells;
    e->size = size;
    e->seed = seed;
    memset(cells_of(e), 0xFF, size);
}

void sim_eeprom_init(sim_eeprom *e, uint64_t seed)
{
    sim_eeprom_init_large(e, seed, NULL, SIM_EEPROM_SIZE);
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

static bool outside(const sim_eeprom *e, uint32_t at, size_t len)
{
    return at > e->size || len > e->size - at;
}

static gt_err chip_read(void *ctx, uint32_t at, uint8_t *buf, size_t len)
{
    sim_eeprom *e = ctx;
    if (e->dead) {
        return GT_ERR_IO;
    }
    if (outside(e, at, len)) {
        return GT_ERR_RANGE;
    }
    memcpy(buf, cells_of(e) + at, len);
    return GT_ERR_OK;
}

/* Forget how to undo the oldest write: it is on the chip. */
static void oldest_settle(sim_eeprom *e)
{
    const uint32_t len = e->queue[0].len;
    e->queued--;
    e->undone -= len;
    memmove(e->undo, e->undo + len, e->undone);
    memmove(e->queue, e->queue + 1, e->queued * sizeof e->queue[0]);
}

/* Cells change, and what they held is kept until the next sync. */
static void change(sim_eeprom *e, uint32_t at, const uint8_t *buf, uint32_t len)
{
    while (e->queued > 0 && (e->queued == SIM_EEPROM_QUEUE || len > SIM_EEPROM_UNDO - e->undone)) {
        oldest_settle(e);
    }
    if (len <= SIM_EEPROM_UNDO) {
        memcpy(e->undo + e->undone, cells_of(e) + at, len);
        e->queue[e->queued].at = at;
        e->queue[e->queued].len = len;
        e->queued++;
        e->undone += len;
    }
    memcpy(cells_of(e) + at, buf, len);
}

static gt_err chip_write(void *ctx, uint32_t at, const uint8_t *buf, size_t len)
{
    sim_eeprom *e = ctx;
    if (e->dead) {
        return GT_ERR_IO;
    }
    if (outside(e, at, len)) {
        return GT_ERR_RANGE;
    }
    const bool cut = e->cut_byte != SIM_EEPROM_NO_CUT && e->bytes + len >= e->cut_byte;
    const uint32_t done = (uint32_t)(cut ? e->cut_byte - e->bytes - 1 : len);
    change(e, at, buf, done);
    e->bytes += len;
    e->writes++;
    if (cut) {
        const uint8_t burnt = (uint8_t)random_next(e); /* the byte being written */
        change(e, at + done, &burnt, 1);
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
    e->queued = 0;
    e->undone = 0;
    e->syncs++;
    return GT_ERR_OK;
}

gt_nvm sim_eeprom_port(sim_eeprom *e)
{
    return (gt_nvm){
        .ctx = e, .size = e->size, .read = chip_read, .write = chip_write, .sync = chip_sync};
}

void sim_eeprom_cut_after(sim_eeprom *e, uint64_t byte)
{
    e->cut_byte = byte == 0 ? SIM_EEPROM_NO_CUT : e->bytes + byte;
}

/* Newest first, so that what is put back under a later write is in the end what lay under all. */
void sim_eeprom_cut(sim_eeprom *e)
{
    while (e->queued > 0) {
        e->queued--;
        const uint32_t at = e->queue[e->queued].at;
        const uint32_t len = e->queue[e->queued].len;
        e->undone -= len;
        const uint64_t fate = random_next(e);
        const uint32_t kept = fate % 3 == 0   ? len
                              : fate % 3 == 1 ? 0
                                              : (uint32_t)(fate >> 8U) % (len + 1);
        memcpy(cells_of(e) + at + kept, e->undo + e->undone + kept, len - kept);
    }
    e->dead = true;
}

void sim_eeprom_restore(sim_eeprom *e)
{
    e->cut_byte = SIM_EEPROM_NO_CUT;
    e->queued = 0;
    e->undone = 0;
    e->dead = false;
}
