/* The plan of fetching frozen records. Two bitmaps say what is stored and what cannot be had; the
 * rest is owed by the meter. */
#include "concentrator/freeze.h"

static uint64_t mask_of(unsigned bits)
{
    return bits >= 64 ? UINT64_MAX : ((uint64_t)1 << bits) - 1;
}

static uint64_t bit_of(unsigned n)
{
    return (uint64_t)1 << n;
}

box_freeze box_freeze_of(box_freeze_kind kind)
{
    return (box_freeze){.span = kind == BOX_FREEZE_DAILY ? BOX_FREEZE_DAYS : BOX_FREEZE_MONTHS,
                        .not_before = {.us = INT64_MIN}};
}

int32_t box_freeze_period(box_freeze_kind kind, const gt_civil *local)
{
    if (kind == BOX_FREEZE_DAILY) {
        return gt_civil_day(local);
    }
    return local->year * 12 + local->month - 1;
}

void box_freeze_roll(box_freeze *f, int32_t newest)
{
    if (newest == f->newest) {
        return;
    }
    const int32_t by = newest - f->newest;
    if (by > 0) {
        f->have = by < 64 ? f->have << by : 0;
        f->absent = by < 64 ? f->absent << by : 0;
    } else {
        f->have = by > -64 ? f->have >> -by : 0;
        f->absent = by > -64 ? f->absent >> -by : 0;
    }
    f->have &= mask_of(f->span);
    f->absent &= mask_of(f->span);
    f->newest = newest;
    f->walking = false; /* the table in the meter moves too */
    f->next = 0;
    f->not_before = (gt_mono){.us = INT64_MIN};
}

void box_freeze_mark(box_freeze *f, int32_t period)
{
    if (period <= f->newest && period > f->newest - f->span) {
        f->have |= bit_of((unsigned)(f->newest - period));
    }
}

bool box_freeze_has(const box_freeze *f, int32_t period)
{
    return period <= f->newest && period > f->newest - f->span &&
           (f->have & bit_of((unsigned)(f->newest - period))) != 0;
}

/* What the meter owes. Before 00:05 the newest period is not owed. */
static uint64_t owed(const box_freeze *f, bool settled)
{
    const uint64_t due = settled ? mask_of(f->span) : mask_of(f->span) & ~bit_of(0);
    return due & ~(f->have | f->absent);
}

bool box_freeze_next(const box_freeze *f, gt_mono now, bool settled, uint8_t *out_record)
{
    if (now.us < f->not_before.us || owed(f, settled) == 0) {
        return false;
    }
    *out_record = f->walking ? f->next : 0;
    return true;
}

void box_freeze_begin(box_freeze *f)
{
    if (!f->walking) {
        f->walking = true;
        f->next = 0;
    }
}

static gt_mono after_ms(gt_mono now, int64_t ms)
{
    return (gt_mono){.us = now.us + ms * 1000};
}

/* The walk is over: what it should have met and did not is not there. */
static void finish(box_freeze *f, gt_mono now)
{
    f->walking = false;
    f->next = 0;
    f->absent |= mask_of(f->span) & ~(f->have | bit_of(0));
    if ((f->have & bit_of(0)) == 0) {
        f->not_before = after_ms(now, BOX_FREEZE_LATER_MS);
    }
}

void box_freeze_took(box_freeze *f, gt_mono now, int32_t period)
{
    box_freeze_mark(f, period);
    if (!f->walking) {
        return; /* the period changed while the answer was under way: the next walk goes on */
    }
    f->next++;
    /* Owed periods younger than this record do not exist, or it would not be this far down. Are
     * there older ones? */
    const bool dated = period != BOX_FREEZE_EMPTY && period <= f->newest;
    const uint64_t older = dated ? ~mask_of((unsigned)f->newest - (unsigned)period) : UINT64_MAX;
    if (period == BOX_FREEZE_EMPTY || f->next >= f->span || (owed(f, true) & older) == 0) {
        finish(f, now);
    }
}

void box_freeze_forget(box_freeze *f, int32_t period)
{
    if (box_freeze_has(f, period)) {
        f->have &= ~bit_of((unsigned)(f->newest - period));
    }
}

void box_freeze_failed(box_freeze *f, gt_mono now)
{
    f->walking = false;
    f->next = 0;
    f->not_before = after_ms(now, BOX_FREEZE_RETRY_MS);
}
