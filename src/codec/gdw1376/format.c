/* The BCD formats of appendix A, driven by the rows of format.def: a number is its size, its
 * decimals and whether the top bit is a sign; a time is one letter a byte. */
#include "codec/gdw1376/format.h"

enum {
    ABSENT = 0xEE,
    SIGN = 0x80,
    WEEKDAY_SHIFT = 5,
    MONTH_BITS = 0x1F,
    CENTURY = 2000,
    YEAR_MAX = 2099,
};

static const uint64_t absent_all = UINT64_C(0xEEEEEEEEEEEEEEEE);
static const uint64_t sign_top = UINT64_C(0x8000000000000000);

static const gdw1376_format_row rows[] = {
#define NUMBER(symbol, size_, decimals_, signed_, text_) \
    [GDW1376_##symbol] = {.kind = GDW1376_KIND_NUMBER,   \
                          .size = (size_),               \
                          .decimals = (decimals_),       \
                          .is_signed = (signed_),        \
                          .text = (text_)},
#define TIME(symbol, size_, bytes_, text_) \
    [GDW1376_##                            \
        symbol] = {.kind = GDW1376_KIND_TIME, .size = (size_), .time = (bytes_), .text = (text_)},
#define PLAIN(symbol, size_, text_) \
    [GDW1376_##symbol] = {.kind = GDW1376_KIND_PLAIN, .size = (size_), .text = (text_)},
#include "codec/gdw1376/format.def"
#undef NUMBER
#undef TIME
#undef PLAIN
};

const gdw1376_format_row *gdw1376_format_of(gdw1376_format format)
{
    GT_ASSERT((size_t)format < sizeof rows / sizeof rows[0]);
    return &rows[format];
}

gdw1376_num gdw1376_num_of(int64_t value)
{
    return (gdw1376_num){.present = true, .value = value};
}

gdw1376_num gdw1376_num_absent(void)
{
    return (gdw1376_num){0};
}

gdw1376_when gdw1376_when_absent(void)
{
    return (gdw1376_when){0};
}

gdw1376_when gdw1376_when_of(const gt_civil *at)
{
    if (!gt_civil_valid(at)) {
        return gdw1376_when_absent();
    }
    const unsigned sunday0 = gt_civil_weekday(at);
    return (gdw1376_when){
        .present = true, .weekday = (uint8_t)(sunday0 == 0 ? 7 : sunday0), .at = *at};
}

/* The field's bytes when all of them are EEH are taken, and this is true. */
static bool take_absent(gt_rd *r, size_t size)
{
    if (gt_rd_left(r) < size) {
        return false; /* the reader of the digits reports it */
    }
    for (size_t i = 0; i < size; i++) {
        if (r->buf[r->pos + i] != ABSENT) {
            return false;
        }
    }
    (void)gt_rd_take(r, size); /* cannot fail: counted above */
    return true;
}

gdw1376_num gdw1376_num_read(gt_rd *r, gdw1376_format format)
{
    const gdw1376_format_row *row = gdw1376_format_of(format);
    GT_ASSERT(row->kind == GDW1376_KIND_NUMBER);
    GT_ASSERT(row->size > 0);
    const uint8_t *at = gt_rd_take(r, row->size);
    if (at == NULL) {
        return gdw1376_num_absent();
    }
    uint64_t packed = 0;
    for (size_t i = row->size; i > 0; i--) {
        packed = packed << 8 | at[i - 1];
    }
    const unsigned unused = 64U - 8U * row->size;
    if (packed == absent_all >> unused) {
        return gdw1376_num_absent();
    }
    const uint64_t sign = row->is_signed ? sign_top >> unused : 0;
    const bool negative = (packed & sign) != 0;
    packed &= ~sign;
    if (!gt_bcd_valid(packed)) {
        r->pos -= row->size;
        gt_rd_fail(r, GT_ERR_MALFORMED);
        return gdw1376_num_absent();
    }
    const int64_t value = (int64_t)gt_bcd_number(packed);
    return gdw1376_num_of(negative ? -value : value);
}

/* Largest magnitude: all nines, the sign bit taking the top digit down to 7. */
static uint64_t number_max(const gdw1376_format_row *row)
{
    uint64_t power = 1;
    for (size_t i = 0; i < row->size; i++) {
        power *= 100;
    }
    return row->is_signed ? power / 10 * 8 - 1 : power - 1;
}

static uint64_t magnitude_of(int64_t value)
{
    return value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
}

static bool number_fits(const gdw1376_format_row *row, int64_t value)
{
    return (value >= 0 || row->is_signed) && magnitude_of(value) <= number_max(row);
}

gdw1376_num gdw1376_num_fit(gdw1376_format format, int64_t value)
{
    const gdw1376_format_row *row = gdw1376_format_of(format);
    GT_ASSERT(row->kind == GDW1376_KIND_NUMBER);
    return number_fits(row, value) ? gdw1376_num_of(value) : gdw1376_num_absent();
}

void gdw1376_num_write(gt_wr *w, gdw1376_format format, gdw1376_num num)
{
    const gdw1376_format_row *row = gdw1376_format_of(format);
    GT_ASSERT(row->kind == GDW1376_KIND_NUMBER);
    if (num.present && !number_fits(row, num.value)) {
        gt_wr_fail(w, GT_ERR_RANGE);
    }
    if (!num.present || !number_fits(row, num.value)) {
        gt_wr_fill(w, ABSENT, row->size);
        return;
    }
    const size_t top = w->len + row->size - 1U;
    gt_wr_bcd_le(w, magnitude_of(num.value), row->size);
    if (num.value < 0 && top < w->cap) {
        gt_wr_patch_u8(w, top, w->buf[top] | SIGN);
    }
}

/* One byte of a time; false when it is not two digits. */
static bool time_byte_read(uint8_t byte, char letter, gdw1376_when *when)
{
    if (letter == 'W') {
        when->weekday = byte >> WEEKDAY_SHIFT;
        byte &= MONTH_BITS;
    }
    gt_rd digits = gt_rd_of(&byte, 1);
    const uint8_t v = (uint8_t)gt_rd_bcd_le(&digits, 1);
    switch (letter) {
    case 's':
        when->at.second = v;
        break;
    case 'm':
        when->at.minute = v;
        break;
    case 'h':
        when->at.hour = v;
        break;
    case 'D':
        when->at.day = v;
        break;
    case 'W':
    case 'M':
        when->at.month = v;
        break;
    default: /* 'Y': the letters are checked by a test over format.def */
        when->at.year = (int16_t)(CENTURY + v);
        break;
    }
    return digits.err == GT_ERR_OK;
}

gdw1376_when gdw1376_when_read(gt_rd *r, gdw1376_format format)
{
    const gdw1376_format_row *row = gdw1376_format_of(format);
    GT_ASSERT(row->kind == GDW1376_KIND_TIME);
    if (take_absent(r, row->size)) {
        return gdw1376_when_absent();
    }
    const uint8_t *at = gt_rd_take(r, row->size);
    if (at == NULL) {
        return gdw1376_when_absent();
    }
    gdw1376_when when = {.present = true, .at = {.year = CENTURY, .month = 1, .day = 1}};
    bool good = true;
    for (size_t i = 0; i < row->size; i++) {
        good = time_byte_read(at[i], row->time[i], &when) && good;
    }
    if (!good || !gt_civil_valid(&when.at)) {
        r->pos -= row->size;
        gt_rd_fail(r, GT_ERR_MALFORMED);
        return gdw1376_when_absent();
    }
    return when;
}

static uint8_t time_byte(char letter, const gdw1376_when *when)
{
    switch (letter) {
    case 's':
        return when->at.second;
    case 'm':
        return when->at.minute;
    case 'h':
        return when->at.hour;
    case 'D':
        return when->at.day;
    case 'W':
    case 'M':
        return when->at.month;
    default: /* 'Y' */
        return (uint8_t)(when->at.year - CENTURY);
    }
}

void gdw1376_when_write(gt_wr *w, gdw1376_format format, const gdw1376_when *when)
{
    const gdw1376_format_row *row = gdw1376_format_of(format);
    GT_ASSERT(row->kind == GDW1376_KIND_TIME);
    if (!when->present) {
        gt_wr_fill(w, ABSENT, row->size);
        return;
    }
    if (!gt_civil_valid(&when->at) || when->at.year < CENTURY || when->at.year > YEAR_MAX ||
        when->weekday > 7) {
        gt_wr_fail(w, GT_ERR_RANGE);
        gt_wr_fill(w, ABSENT, row->size);
        return;
    }
    for (const char *letter = row->time; *letter != '\0'; letter++) {
        const size_t pos = w->len;
        gt_wr_bcd_le(w, time_byte(*letter, when), 1);
        if (*letter == 'W' && pos < w->cap) {
            gt_wr_patch_u8(w, pos, (uint8_t)(w->buf[pos] | when->weekday << WEEKDAY_SHIFT));
        }
    }
}
