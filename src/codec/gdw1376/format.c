/* The BCD formats of appendix A, driven by the rows of format.def: a number is its size, its
 * decimals and whether the top bit is a sign; a time is one letter a byte. */
#include "codec/gdw1376/format.h"

#include "codec/gdw1376/gdw1376_priv.h"

#include <string.h>

enum {
    ABSENT = 0xEE,
    SIGN = 0x80,
    WEEKDAY_SHIFT = 5,
    WEEKDAY_BITS = 0xE0,
    A1_MONTH_AT = 4,
    CENTURY = 2000,
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
#define SCALED(symbol, size_, text_) \
    [GDW1376_##symbol] = {.kind = GDW1376_KIND_SCALED, .size = (size_), .text = (text_)},
#define PLAIN(symbol, kind_, size_, text_) \
    [GDW1376_##symbol] = {.kind = GDW1376_KIND_##kind_, .size = (size_), .text = (text_)},
#include "codec/gdw1376/format.def"
#undef NUMBER
#undef SCALED
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

static uint64_t packed_le(const uint8_t *at, size_t size)
{
    uint64_t packed = 0;
    for (size_t i = size; i > 0; i--) {
        packed = packed << 8 | at[i - 1];
    }
    return packed;
}

/* False on a digit above 9. */
static bool num_of_packed(uint64_t packed, const gdw1376_format_row *row, gdw1376_num *out)
{
    const unsigned unused = 64U - 8U * row->size;
    if (packed == absent_all >> unused) {
        *out = gdw1376_num_absent();
        return true;
    }
    const uint64_t sign = row->is_signed ? sign_top >> unused : 0;
    const bool negative = (packed & sign) != 0;
    packed &= ~sign;
    if (!gt_bcd_valid(packed)) {
        return false;
    }
    const int64_t value = (int64_t)gt_bcd_number(packed);
    *out = gdw1376_num_of(negative ? -value : value);
    return true;
}

static const gdw1376_format_row *number_row(gdw1376_format format)
{
    const gdw1376_format_row *row = gdw1376_format_of(format);
    GT_ASSERT(row->kind == GDW1376_KIND_NUMBER);
    GT_ASSERT(row->size > 0);
    return row;
}

gdw1376_num gdw1376_num_read(gt_rd *r, gdw1376_format format)
{
    const gdw1376_format_row *row = number_row(format);
    const uint8_t *at = gt_rd_take(r, row->size);
    gdw1376_num num = gdw1376_num_absent();
    if (at != NULL && !num_of_packed(packed_le(at, row->size), row, &num)) {
        r->pos -= row->size;
        gt_rd_fail(r, GT_ERR_MALFORMED);
    }
    return num;
}

/* Eight bytes at once; written out so that compilers see one load. */
static uint64_t word_le(const uint8_t *at)
{
    return at[0] | (uint64_t)at[1] << 8 | (uint64_t)at[2] << 16 | (uint64_t)at[3] << 24 |
           (uint64_t)at[4] << 32 | (uint64_t)at[5] << 40 | (uint64_t)at[6] << 48 |
           (uint64_t)at[7] << 56;
}

/* Is every byte of the run two digits? Then no value is absent, negative or malformed, and the
 * run needs no look at each. A nibble above 9 shows within its byte, so words are taken in the
 * machine's order. */
static bool run_plain(const uint8_t *at, size_t len)
{
    uint64_t bad = 0;
    size_t i = 0;
    for (; i + sizeof bad <= len; i += sizeof bad) {
        uint64_t word;
        memcpy(&word, at + i, sizeof word);
        bad |= word & (word << 1 | word << 2);
    }
    const uint64_t rest = packed_le(at + i, len - i);
    bad |= rest & (rest << 1 | rest << 2);
    return (bad & UINT64_C(0x8888888888888888)) == 0;
}

/* Two numbers of four bytes in one word: digits to pairs, pairs to fours, fours to eights, each
 * step taking back what its upper half weighs too much. */
static void fours_convert(const uint8_t *at, int32_t *out, size_t count)
{
    for (size_t i = 0; i + 2 <= count; i += 2) {
        uint64_t v = word_le(at + 4 * i);
        v -= (v >> 4 & UINT64_C(0x0F0F0F0F0F0F0F0F)) * (16 - 10);
        v -= (v >> 8 & UINT64_C(0x00FF00FF00FF00FF)) * (256 - 100);
        v -= (v >> 16 & UINT64_C(0x0000FFFF0000FFFF)) * (65536 - 10000);
        out[i] = (int32_t)(uint32_t)v;
        out[i + 1] = (int32_t)(v >> 32);
    }
    if (count % 2 != 0) {
        out[count - 1] = (int32_t)gt_bcd_number(packed_le(at + 4 * (count - 1), 4));
    }
}

void gdw1376_points_read(gt_rd *r, gdw1376_format format, int32_t *out, size_t count)
{
    const gdw1376_format_row *row = number_row(format);
    GT_ASSERT(row->size <= sizeof *out);
    if (count > gt_rd_left(r) / row->size) {
        gt_rd_fail(r, GT_ERR_TRUNCATED);
        return;
    }
    const uint8_t *at = r->buf + r->pos;
    if (row->size == 4 && run_plain(at, count * row->size)) { /* no format of four has a sign */
        r->pos += count * row->size;
        fours_convert(at, out, count);
        return;
    }
    gt_rd check = *r;
    for (size_t i = 0; i < count; i++) {
        (void)gdw1376_num_read(&check, format); /* the error stays in the reader */
    }
    for (size_t i = 0; i < count && check.err == GT_ERR_OK; i++) {
        const gdw1376_num num = gdw1376_num_read(r, format);
        out[i] = num.present ? (int32_t)num.value : GDW1376_POINT_ABSENT;
    }
    *r = check;
}

void gdw1376_points_write(gt_wr *w, gdw1376_format format, const int32_t *points, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const bool present = points[i] != GDW1376_POINT_ABSENT;
        gdw1376_num_write(w, format, present ? gdw1376_num_of(points[i]) : gdw1376_num_absent());
    }
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

/* How the top byte of A.2 and A.3 says sign and power of ten; the low nibble is a digit. */
typedef struct scale {
    uint8_t sign;
    uint8_t zero; /* bits left 0 */
    int32_t digits_max;
} scale;

static scale scale_of(gdw1376_format format)
{
    return format == GDW1376_A2 ? (scale){0x10, 0, 999} : (scale){0x10, 0xA0, 9999999};
}

static int exponent_of(gdw1376_format format, uint8_t top)
{
    if (format == GDW1376_A2) {
        return 4 - (top >> 5); /* 000 is 10^4, 111 is 10^-3 */
    }
    return (top & 0x40) != 0 ? 3 : 0;
}

gdw1376_scaled gdw1376_scaled_read(gt_rd *r, gdw1376_format format)
{
    const gdw1376_format_row *row = gdw1376_format_of(format);
    GT_ASSERT(row->kind == GDW1376_KIND_SCALED);
    const scale rule = scale_of(format);
    if (take_absent(r, row->size)) {
        return (gdw1376_scaled){0};
    }
    const uint8_t *at = gt_rd_take(r, row->size);
    if (at == NULL) {
        return (gdw1376_scaled){0};
    }
    const uint8_t top = at[row->size - 1];
    const uint64_t packed = packed_le(at, row->size - 1U) | (uint64_t)(top & 0x0F)
                                                                << 8 * (row->size - 1U);
    if (!gt_bcd_valid(packed) || (top & rule.zero) != 0) {
        r->pos -= row->size;
        gt_rd_fail(r, GT_ERR_MALFORMED);
        return (gdw1376_scaled){0};
    }
    const int32_t digits = (int32_t)gt_bcd_number(packed);
    return (gdw1376_scaled){.present = true,
                            .digits = (top & rule.sign) != 0 ? -digits : digits,
                            .exponent = exponent_of(format, top)};
}

void gdw1376_scaled_write(gt_wr *w, gdw1376_format format, const gdw1376_scaled *scaled)
{
    const gdw1376_format_row *row = gdw1376_format_of(format);
    GT_ASSERT(row->kind == GDW1376_KIND_SCALED);
    const scale rule = scale_of(format);
    const int e = scaled->exponent;
    const bool power = format == GDW1376_A2 ? e >= -3 && e <= 4 : e == 0 || e == 3;
    const bool fits =
        power && scaled->digits >= -rule.digits_max && scaled->digits <= rule.digits_max;
    if (!scaled->present || !fits) {
        if (scaled->present) {
            gt_wr_fail(w, GT_ERR_RANGE);
        }
        gt_wr_fill(w, ABSENT, row->size);
        return;
    }
    const size_t top = w->len + row->size - 1U;
    const unsigned code =
        format == GDW1376_A2 ? (unsigned)(4 - e) << 5 : (unsigned)(e == 3 ? 0x40 : 0);
    gt_wr_bcd_le(w, magnitude_of(scaled->digits), row->size);
    if (top < w->cap) {
        gt_wr_patch_u8(w, top,
                       (uint8_t)(w->buf[top] | code | (scaled->digits < 0 ? rule.sign : 0U)));
    }
}

void gdw1376_when_set(gdw1376_when *when, char letter, unsigned value)
{
    switch (letter) {
    case 's':
        when->at.second = (uint8_t)value;
        return;
    case 'm':
        when->at.minute = (uint8_t)value;
        return;
    case 'h':
        when->at.hour = (uint8_t)value;
        return;
    case 'D':
        when->at.day = (uint8_t)value;
        return;
    case 'M':
        when->at.month = (uint8_t)value;
        return;
    default: /* 'Y': the letters are checked by a test over format.def */
        when->at.year = (int16_t)value;
        return;
    }
}

unsigned gdw1376_when_get(const gdw1376_when *when, char letter)
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
    case 'M':
        return when->at.month;
    default: /* 'Y' */
        return (unsigned)when->at.year;
    }
}

gdw1376_when gdw1376_when_read(gt_rd *r, gdw1376_format format)
{
    const gdw1376_format_row *row = gdw1376_format_of(format);
    GT_ASSERT(row->kind == GDW1376_KIND_TIME);
    GT_ASSERT(row->size >= 1 && row->size <= sizeof absent_all);
    const uint8_t *at = gt_rd_take(r, row->size);
    if (at == NULL) {
        return gdw1376_when_absent();
    }
    uint64_t packed = packed_le(at, row->size);
    if (packed == absent_all >> (64U - 8U * row->size)) {
        return gdw1376_when_absent();
    }
    gdw1376_when when = {.present = true, .at = {.year = CENTURY, .month = 1, .day = 1}};
    if (format == GDW1376_A1) { /* the weekday stands above the month */
        when.weekday = at[A1_MONTH_AT] >> WEEKDAY_SHIFT;
        packed &= ~((uint64_t)WEEKDAY_BITS << 8 * A1_MONTH_AT);
    }
    for (size_t i = 0; i < row->size; i++) {
        const unsigned byte = packed >> 8 * i & 0xFF;
        const unsigned v = byte - (byte >> 4) * 6;
        const char letter = row->time[i];
        gdw1376_when_set(&when, letter == 'W' ? 'M' : letter, letter == 'Y' ? CENTURY + v : v);
    }
    if (!gt_bcd_valid(packed) || !gt_civil_valid(&when.at)) {
        r->pos -= row->size;
        gt_rd_fail(r, GT_ERR_MALFORMED);
        return gdw1376_when_absent();
    }
    return when;
}

void gdw1376_when_write(gt_wr *w, gdw1376_format format, const gdw1376_when *when)
{
    const gdw1376_format_row *row = gdw1376_format_of(format);
    GT_ASSERT(row->kind == GDW1376_KIND_TIME);
    if (!when->present) {
        gt_wr_fill(w, ABSENT, row->size);
        return;
    }
    if (!gt_civil_valid(&when->at) || when->at.year < CENTURY || when->weekday > 7) {
        gt_wr_fail(w, GT_ERR_RANGE);
        gt_wr_fill(w, ABSENT, row->size);
        return;
    }
    for (const char *letter = row->time; *letter != '\0'; letter++) {
        const size_t pos = w->len;
        const unsigned v = gdw1376_when_get(when, *letter == 'W' ? 'M' : *letter);
        gt_wr_bcd_le(w, *letter == 'Y' ? v - CENTURY : v, 1);
        if (*letter == 'W' && pos < w->cap) {
            gt_wr_patch_u8(w, pos, (uint8_t)(w->buf[pos] | when->weekday << WEEKDAY_SHIFT));
        }
    }
}

void gdw1376_time_form(const gdw1376_format_row *row, gdw1376_form *out)
{
    static const struct {
        char letter;
        char separator; /* before it, when something stands before it */
        const char *digits;
    } parts[] = {{'Y', '-', "dddd"}, {'M', '-', "dd"}, {'D', '-', "dd"},
                 {'h', ' ', "dd"},   {'m', ':', "dd"}, {'s', ':', "dd"}};
    const bool full = strchr(row->time, 'Y') != NULL && strchr(row->time, 'm') != NULL;
    size_t letters = 0;
    size_t len = 0;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        const char letter = parts[i].letter;
        const bool has = strchr(row->time, letter) != NULL || (letter == 's' && full) ||
                         (letter == 'M' && strchr(row->time, 'W') != NULL);
        if (has) {
            out->pattern[len] = parts[i].separator;
            len += letters > 0 ? 1 : 0;
            memcpy(out->pattern + len, parts[i].digits, strlen(parts[i].digits));
            len += strlen(parts[i].digits);
            out->letters[letters++] = letter;
        }
    }
    out->letters[letters] = '\0';
    out->pattern[len] = '\0';
}
