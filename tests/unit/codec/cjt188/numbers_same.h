/* Does cjt188_numbers_read say of some bytes what frame, message and walk say, value by value? For
 * tests and the fuzzer. */
#ifndef GT_TESTS_CJT188_NUMBERS_SAME_H
#define GT_TESTS_CJT188_NUMBERS_SAME_H

#include "codec/cjt188/item.h"

static uint64_t numbers_stamp(const cjt188_stamp *s)
{
    return ((((s->year * UINT64_C(100) + s->month) * 100 + s->day) * 100 + s->hour) * 100 +
            s->minute) *
               100 +
           s->second;
}

static bool numbers_value_same(const cjt188_number *n, const cjt188_value *v)
{
    const bool time = cjt188_format_of(v->field)->kind == CJT188_KIND_TIME;
    return n->field == v->field && n->absent == v->absent && n->unit == v->unit &&
           n->raw == (time ? numbers_stamp(&v->stamp) : v->raw);
}

static bool numbers_same(const uint8_t *in, size_t len)
{
    cjt188_numbers numbers = {0};
    const gt_err err = cjt188_numbers_read(in, len, &numbers);
    cjt188_frame frame;
    const gt_err frame_err = cjt188_frame_decode(in, len, &frame);
    if (frame_err != GT_ERR_OK) {
        return err == frame_err;
    }
    cjt188_message m;
    if (cjt188_message_decode(&frame, &m) != GT_ERR_OK || m.function != CJT188_READ || !m.reply ||
        m.abnormal) {
        return err == GT_ERR_UNSUPPORTED;
    }
    cjt188_walk walk = cjt188_walk_of(&m);
    cjt188_value v;
    size_t one = 0;
    size_t n = 0;
    gt_err walk_err = cjt188_walk_take(&walk, &v, 1, &one);
    for (; walk_err == GT_ERR_OK; walk_err = cjt188_walk_take(&walk, &v, 1, &one)) {
        if (err == GT_ERR_OK &&
            (n >= numbers.count || !numbers_value_same(&numbers.value[n], &v))) {
            return false;
        }
        n++;
    }
    if (walk_err != GT_ERR_NOT_FOUND || n == 0) {
        return err == walk_err;
    }
    return err == GT_ERR_OK && n == numbers.count && numbers.addr == m.addr &&
           numbers.type == m.type && numbers.di == m.di;
}

#endif
