/**
 * @file freeze.h
 * @brief Which frozen records of a meter the box still has to fetch, and from where.
 *
 * Layer:   concentrator. Pure.
 * A meter keeps its records newest first: 62 daily, 12 monthly. A night without power leaves no
 * record, so the place of a day in the table is not known beforehand: the box walks the table from
 * the newest record until everything it lacks was met or passed. What a whole walk did not meet the
 * meter does not have, and it is not asked for again before a restart; only the newest period is,
 * since a meter whose clock is behind will have it later.
 * Periods: days since 1970 for daily records, year * 12 + month - 1 for monthly ones.
 */
#ifndef GT_CONCENTRATOR_FREEZE_H
#define GT_CONCENTRATOR_FREEZE_H

#include "base/time.h"

#include <stddef.h>

enum {
    BOX_FREEZE_DAYS = 62,
    BOX_FREEZE_MONTHS = 12,
    BOX_FREEZE_MINUTE = 5,        /* not before 00:05: the meters freeze at 00:00 by their clocks */
    BOX_FREEZE_RETRY_MS = 300000, /* after a meter that did not answer */
    BOX_FREEZE_LATER_MS = 1800000, /* after one that has not frozen yet */
};

typedef enum box_freeze_kind { BOX_FREEZE_DAILY = 1, BOX_FREEZE_MONTHLY = 2 } box_freeze_kind;

typedef struct box_freeze {
    uint8_t span;       /* BOX_FREEZE_DAYS or BOX_FREEZE_MONTHS: also the records in the meter */
    uint8_t next;       /* record to read next while walking */
    bool walking;       /* a walk is under way */
    int32_t newest;     /* period of bit 0 below; 0 not yet set */
    uint64_t have;      /* bit n: the record of newest - n is stored */
    uint64_t absent;    /* bit n: the meter does not have it */
    gt_mono not_before; /* no read before */
} box_freeze;

box_freeze box_freeze_of(box_freeze_kind kind);
/** The period that @p local lies in; the newest a meter can have frozen. */
int32_t box_freeze_period(box_freeze_kind kind, const gt_civil *local);
/**
 * The period now. Going forward ages what is known; going back (a clock was set) keeps what is
 * known of the periods still in view.
 */
void box_freeze_roll(box_freeze *f, int32_t newest);
/** This record is stored already. Out of view: ignored. */
void box_freeze_mark(box_freeze *f, int32_t period);
bool box_freeze_has(const box_freeze *f, int32_t period);
/**
 * @param settled  the wall clock is past 00:05, so the newest period counts as due
 * @param[out] out_record  to read, counted from the newest
 * @return false when nothing is to be read now
 */
bool box_freeze_next(const box_freeze *f, gt_mono now, bool settled, uint8_t *out_record);
/** The read that box_freeze_next named is being made. */
void box_freeze_begin(box_freeze *f);

/** What box_freeze_took is told of a record that holds nothing, or no date. */
enum { BOX_FREEZE_EMPTY = 0, BOX_FREEZE_UNREADABLE = INT32_MAX };

/** The record of the read begun last. It counts as stored from here on. */
void box_freeze_took(box_freeze *f, gt_mono now, int32_t period);
/** The store did not take this record after all. */
void box_freeze_forget(box_freeze *f, int32_t period);
/** The meter did not answer: the walk starts over later. */
void box_freeze_failed(box_freeze *f, gt_mono now);

#endif
