/* Numbers of a read answer, row by row. A block runs through one byte of the identifier, and a row
 * of the table covers a stretch of that run, so the format is looked up once a stretch. */
#include "codec/dlt645/numbers.h"

#include "base/bytes.h"
#include "codec/dlt645/item.h"

enum { ANSWER = 0x91, FOLLOWING = 0x20, BYTE = 8, DI1 = 8 };

static const uint32_t block = 0xFF; /* in place of a byte that counts */

/* Where the reading stands: the next identifier and the row that may cover it. */
typedef struct run {
    uint32_t di;
    uint32_t step; /* to the next identifier; 0 when only one was asked for */
    size_t row;
} run;

/* The run of an identifier with FFH in DI1 or DI0; a block starts at number 0 where that exists.
 * The rows from the block's start up to the identifier itself are few, so one search does. */
static run run_of(uint32_t di)
{
    const bool high = (uint8_t)(di >> DI1) == block;
    if (!high && (uint8_t)di != block) {
        return (run){di, 0, dlt645_item_count_to(di) - 1};
    }
    const uint32_t step = high ? 1U << DI1 : 1;
    const uint32_t zeroth = di & ~(block * step);
    run r = {zeroth, step, dlt645_item_count_to(zeroth) - 1};
    const dlt645_item *item = dlt645_item_at(r.row);
    size_t last = r.row + 1;
    for (const dlt645_item *at = dlt645_item_at(last); at != NULL && at->id <= di; last++) {
        at = dlt645_item_at(last + 1);
    }
    const dlt645_item *exact = dlt645_item_at(last - 1);
    if (exact != NULL && dlt645_item_covers(exact, di)) {
        return (run){di, 0, last - 1};
    }
    if (item == NULL || !dlt645_item_covers(item, zeroth)) {
        r.di += step;
        r.row++;
    }
    return r;
}

/* The row that covers the next identifier: most often the one at hand or the one behind it. */
static const dlt645_item *row_of(run *r)
{
    const dlt645_item *item = dlt645_item_at(r->row);
    if (item == NULL || !dlt645_item_covers(item, r->di)) {
        r->row = dlt645_item_count_to(r->di) - 1;
        item = dlt645_item_at(r->row);
    }
    return item != NULL && dlt645_item_covers(item, r->di) ? item : NULL;
}

/* How many values the row gives from here on. */
static size_t stretch(const run *r, const dlt645_item *item)
{
    if (r->step == 0) {
        return item->format->many ? DLT645_NUMBERS_MAX : 1;
    }
    return r->step == 1 ? (size_t)item->di0_last - (uint8_t)r->di + 1
                        : (size_t)item->di1_last - (uint8_t)(r->di >> DI1) + 1;
}

static inline uint64_t packed_load(const uint8_t *at, size_t bytes)
{
    if (bytes == 4) { /* energies and money: one load */
        return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
    }
    uint64_t packed = 0;
    for (size_t i = bytes; i > 0; i--) {
        packed = packed << BYTE | at[i - 1];
    }
    return packed;
}

/* @p count values of one format; @p at holds that many. */
static gt_err values_read(const dlt645_format *format, const uint8_t *at, size_t count,
                          int64_t *values)
{
    const size_t bytes = format->bytes;
    const uint64_t absent = UINT64_MAX >> (64 - BYTE * bytes);
    const uint64_t sign =
        format->kind == DLT645_KIND_SIGNED ? UINT64_C(1) << (BYTE * bytes - 1) : 0;
    for (size_t i = 0; i < count; i++) {
        const uint64_t packed = packed_load(at + i * bytes, bytes);
        const uint64_t digits = packed & ~sign;
        if (packed == absent) {
            values[i] = DLT645_NUMBER_ABSENT;
        } else if (gt_bcd_valid(digits)) {
            const int64_t magnitude = (int64_t)gt_bcd_number(digits);
            values[i] = (packed & sign) != 0 ? -magnitude : magnitude;
        } else {
            return GT_ERR_MALFORMED;
        }
    }
    return GT_ERR_OK;
}

gt_err dlt645_numbers_read(const dlt645_frame *frame, int64_t *values, size_t *out_count)
{
    if ((frame->ctrl & ~(unsigned)FOLLOWING) != ANSWER) {
        return GT_ERR_MISMATCH;
    }
    gt_rd in = gt_rd_of(frame->data, frame->data_len);
    const uint32_t di = gt_rd_u32le(&in);
    GT_TRY(in.err);
    size_t count = 0;
    for (run r = run_of(di); gt_rd_left(&in) > 0;) {
        const dlt645_item *item = row_of(&r);
        if (item == NULL) {
            return GT_ERR_UNKNOWN;
        }
        if (item->format->kind != DLT645_KIND_NUMBER && item->format->kind != DLT645_KIND_SIGNED) {
            return GT_ERR_UNSUPPORTED;
        }
        const size_t here = stretch(&r, item);
        const size_t there = gt_rd_left(&in) / item->format->bytes;
        const size_t n = here < there ? here : there;
        if (n == 0) {
            return GT_ERR_TRUNCATED;
        }
        const uint8_t *at = gt_rd_take(&in, n * item->format->bytes);
        GT_TRY(values_read(item->format, at, n, values + count));
        count += n;
        if (r.step == 0 && gt_rd_left(&in) > 0) {
            return item->format->many ? GT_ERR_TRUNCATED : GT_ERR_TRAILING;
        }
        r.di += (uint32_t)n * r.step;
        r.row++;
    }
    *out_count = count;
    return GT_ERR_OK;
}
