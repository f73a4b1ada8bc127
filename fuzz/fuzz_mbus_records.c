/* M-Bus records and values: decode, encode, decode again, compare; numbers and times go back into
 * the bytes they came from. */
#include "base/real.h"
#include "codec/mbus/describe.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { RECORDS_MAX = 1024 };

static void must(bool good)
{
    if (!good) {
        abort();
    }
}

/* BCD has two zeros and two ways to be negative in two digits; all else has one form. */
static void number_check(const mbus_record *m, const mbus_value *v)
{
    uint8_t back[8];
    if (m->field == MBUS_FIELD_VARIABLE) {
        return;
    }
    must(mbus_number_encode(m->field, v->number, back) == GT_ERR_OK);
    must(v->number == 0 || memcmp(back, m->data, m->data_len) == 0);
}

static void time_check(const mbus_record *m, const mbus_value *v)
{
    uint8_t back[6];
    size_t len = 0;
    const gt_err err = mbus_time_encode(&v->time, back, &len);
    if (err != GT_ERR_OK) {
        must(v->time.type != MBUS_TIME_J);
        must(v->time.year == 0 || v->time.year < 1981 || v->time.year > 2080);
        return;
    }
    must(len == m->data_len);
    mbus_record again = *m;
    again.data = back;
    mbus_value w;
    mbus_value_decode(&again, false, &w);
    must(w.kind == MBUS_VALUE_TIME);
    must(w.time.year == v->time.year && w.time.month == v->time.month &&
         w.time.day == v->time.day && w.time.hour == v->time.hour &&
         w.time.minute == v->time.minute && w.time.second == v->time.second);
}

static void value_check(const mbus_record *m, codec_description *d)
{
    mbus_value v;
    mbus_value_decode(m, true, &v);
    codec_description_begin(d, "mbus");
    (void)mbus_value_text(d, &v);
    mbus_value_decode(m, false, &v);
    (void)mbus_value_text(d, &v);
    if (v.kind == MBUS_VALUE_NUMBER) {
        number_check(m, &v);
    } else if (v.kind == MBUS_VALUE_TIME) {
        time_check(m, &v);
    } else if (v.kind == MBUS_VALUE_REAL) {
        char digits[GT_REAL_DIGITS];
        size_t count = 0;
        int exponent = 0;
        must(!gt_real_digits(v.real, digits, &count, &exponent) ||
             (count <= GT_REAL_DIGITS && (count == 0 || digits[0] != '0')));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || size > RECORDS_MAX) {
        return 0;
    }
    codec_description *d = malloc(sizeof *d);
    must(d != NULL);
    uint8_t back[RECORDS_MAX];
    gt_wr w = gt_wr_of(back, sizeof back);
    gt_rd r = gt_rd_of(data, size);
    size_t end = 0;
    mbus_record m;
    while (gt_rd_left(&r) > 0 && mbus_record_decode(&r, &m) == GT_ERR_OK) {
        must(r.pos > end);
        end = r.pos;
        must(mbus_record_encode(&m, &w) == GT_ERR_OK);
        must(w.len == end && memcmp(back, data, end) == 0);
        if (m.kind == MBUS_RECORD_VALUE) {
            value_check(&m, d);
        }
    }
    size_t bad = 0;
    must((mbus_records_check(data, size, &bad) == GT_ERR_OK) == (end == size));
    (void)mbus_records_more(data, size);
    free(d);
    return 0;
}
