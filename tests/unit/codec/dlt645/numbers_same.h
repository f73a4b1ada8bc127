/* Does dlt645_numbers_read say of some bytes what frame, message and walk say, value by value? For
 * tests and the fuzzer. */
#ifndef GT_TESTS_DLT645_NUMBERS_SAME_H
#define GT_TESTS_DLT645_NUMBERS_SAME_H

#include "codec/dlt645/message.h"
#include "codec/dlt645/numbers.h"

/* The values one by one until the numbers' errors, or ours, end them. */
static bool numbers_walk_same(const dlt645_message *m, gt_err err, const dlt645_numbers *numbers)
{
    dlt645_walk walk = dlt645_walk_of(m->di, m->data, m->data_len);
    dlt645_value v;
    size_t one = 0;
    size_t n = 0;
    uint8_t format = 0;
    gt_err walk_err = dlt645_walk_take(&walk, &v, 1, &one);
    for (; walk_err == GT_ERR_OK; walk_err = dlt645_walk_take(&walk, &v, 1, &one)) {
        format = n == 0 ? v.item->format : format;
        if (dlt645_value_format(&v)->kind != DLT645_KIND_NUMBER || v.item->format != format) {
            return err == GT_ERR_UNSUPPORTED;
        }
        if (err == GT_ERR_OK) {
            const uint32_t di = numbers->di + (uint32_t)n * numbers->step;
            const int64_t want = v.absent ? DLT645_NUMBER_ABSENT : v.raw;
            if (n >= numbers->count || numbers->value[n] != want || v.di != di ||
                (n == 0 && v.item != numbers->item)) {
                return false;
            }
        }
        n++;
    }
    if (walk_err == GT_ERR_NOT_FOUND && n > 0) {
        return err == GT_ERR_OK && n == numbers->count;
    }
    const bool other =
        walk.item != NULL && (dlt645_item_format(walk.item)->kind != DLT645_KIND_NUMBER ||
                              (n > 0 && walk.item->format != format));
    return err == walk_err || (other && err == GT_ERR_UNSUPPORTED);
}

static bool numbers_same(const uint8_t *in, size_t len)
{
    dlt645_numbers numbers;
    const gt_err err = dlt645_numbers_read(in, len, &numbers);
    dlt645_frame frame;
    const gt_err frame_err = dlt645_frame_decode(in, len, &frame);
    if (frame_err != GT_ERR_OK) {
        return err == frame_err;
    }
    dlt645_message m;
    if (dlt645_message_decode(&frame, &m) != GT_ERR_OK || m.function != DLT645_READ || !m.reply ||
        m.abnormal) {
        return err == GT_ERR_UNSUPPORTED;
    }
    return numbers_walk_same(&m, err, &numbers) &&
           (err != GT_ERR_OK || (numbers.addr == m.addr && numbers.following == m.following));
}

#endif
