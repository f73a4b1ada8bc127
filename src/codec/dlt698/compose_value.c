/* Texts back into leaves: each format reads what text.c wrote, and nothing else. */
#include "codec/dlt698/compose_priv.h"

#include <string.h>

enum { BYTE_BITS = 8, NONE8 = 0xFF, NONE16 = 0xFFFF };

/* The text of the value; "" and a fault when there is none. */
static const char *text_of(codec_composer *c, const codec_value *v, const char *expected)
{
    if (v == NULL || v->value == NULL) {
        codec_compose_fail(c, GT_ERR_SYNTAX, v, expected);
        return "";
    }
    return v->value;
}

static void wide_write(gt_wr *w, uint64_t value, size_t width)
{
    for (size_t i = width; i > 0; i--) {
        gt_wr_u8(w, (uint8_t)(value >> (BYTE_BITS * (i - 1))));
    }
}

static void number_compose(codec_composer *c, const codec_value *v, const dlt698_type_row *row,
                           unsigned decimals, gt_wr *w)
{
    const char *text = text_of(c, v, "a number");
    const size_t len = strlen(text);
    const bool is_signed = row->format == DLT698_FORMAT_SIGNED;
    const unsigned bits = BYTE_BITS * row->size;
    if (len > 0 && text[len - 1] == 'H' && row->size == sizeof(uint64_t)) {
        wide_write(w, codec_value_hex(c, v, 2U * row->size), row->size); /* above 63 bits */
        return;
    }
    const int64_t value = codec_value_decimal(c, v, decimals);
    const int64_t max = INT64_MAX >> (sizeof(uint64_t) * BYTE_BITS - bits);
    const bool above = is_signed ? value > max : (value >> 1) > max;
    if (above || value < (is_signed ? -max - 1 : 0)) {
        codec_compose_fail(c, GT_ERR_RANGE, v, "a number that its type holds");
    }
    wide_write(w, (uint64_t)value, row->size);
}

static void bits_compose(codec_composer *c, const codec_value *v, gt_wr *w)
{
    const char *text = text_of(c, v, "bits, as 0110");
    const char *colon = strchr(text, ':');
    if (colon != NULL) { /* "A5F0:12": bytes, then their bits */
        const uint64_t bits =
            codec_value_number(c, &(codec_value){v->id, colon + 1}, DLT698_LEN_MAX * BYTE_BITS);
        if ((size_t)(colon - text) != (bits + BYTE_BITS - 1) / BYTE_BITS * 2) {
            codec_compose_fail(c, GT_ERR_SYNTAX, v, "as many bytes as the bits fill");
            return;
        }
        dlt698_write_length(w, (uint32_t)bits);
        for (const char *at = text; at < colon; at += 2) {
            const char pair[] = {at[0], at[1], '\0'};
            codec_value_bytes(c, &(codec_value){v->id, pair}, w);
        }
        return;
    }
    const size_t count = strlen(text);
    dlt698_write_length(w, (uint32_t)count);
    uint8_t byte = 0;
    for (size_t i = 0; i < count; i++) {
        if (text[i] != '0' && text[i] != '1') {
            codec_compose_fail(c, GT_ERR_SYNTAX, v, "bits, as 0110");
        }
        byte = (uint8_t)(byte | (text[i] == '1' ? 0x80U >> i % BYTE_BITS : 0U));
        if (i % BYTE_BITS == BYTE_BITS - 1 || i + 1 == count) {
            gt_wr_u8(w, byte);
            byte = 0;
        }
    }
}

static void bytes_compose(codec_composer *c, const codec_value *v, const dlt698_type_row *row,
                          gt_wr *w)
{
    const size_t count = strlen(text_of(c, v, "bytes as pairs of hexadecimal digits")) / 2;
    if (row->shape == DLT698_SHAPE_BYTES) {
        dlt698_write_length(w, (uint32_t)count);
    } else if (count != row->size) {
        codec_compose_fail(c, GT_ERR_RANGE, v, "as many bytes as its type has");
    }
    codec_value_bytes(c, v, w);
}

/* "0x" and bytes, or the characters themselves. */
static void text_compose(codec_composer *c, const codec_value *v, const dlt698_type_row *row,
                         gt_wr *w)
{
    const char *text = text_of(c, v, "text");
    const codec_value raw = {v != NULL ? v->id : "", text + 2};
    if (strncmp(text, "0x", 2) == 0) {
        bytes_compose(c, &raw, row, w);
        return;
    }
    const size_t len = strlen(text);
    if (row->shape == DLT698_SHAPE_BYTES) {
        dlt698_write_length(w, (uint32_t)len);
    } else if (len != row->size) {
        codec_compose_fail(c, GT_ERR_RANGE, v, "as many characters as its type has");
    }
    for (size_t i = 0; i < len; i++) {
        gt_wr_u8(w, (uint8_t)text[i]);
    }
}

/* An address of so many digits, with the byte before it that says its length. */
static void server_compose(codec_composer *c, const codec_value *v, const dlt698_type_row *row,
                           gt_wr *w)
{
    const char *text = text_of(c, v, "an address of 1 to 16 bytes");
    const size_t count = strlen(text) / 2;
    if (strncmp(text, "0x", 2) == 0) {
        bytes_compose(c, &(codec_value){v->id, text + 2}, row, w);
        return;
    }
    if (count < 1 || count > DLT698_SA_MAX) {
        codec_compose_fail(c, GT_ERR_RANGE, v, "an address of 1 to 16 bytes");
    }
    dlt698_write_length(w, (uint32_t)count + 1);
    gt_wr_u8(w, (uint8_t)(count - 1));
    codec_value_bytes(c, v, w);
}

/* One number of a time, "**" or "****" for none; false when it is not there. */
static bool time_part(const char **text, unsigned none, unsigned *out)
{
    const size_t stars = none == NONE16 ? 4 : 2;
    if (strncmp(*text, "****", stars) == 0) {
        *text += stars;
        *out = none;
        return true;
    }
    unsigned value = 0;
    const char *first = *text;
    for (; **text >= '0' && **text <= '9' && value < none; ++*text) {
        value = value * 10 + (unsigned)(**text - '0');
    }
    *out = value;
    return *text > first && value < none;
}

/* 'w' is a number of two bytes, 'b' of one, every other character stands for itself. */
static bool time_parts(const char **text, const char *pattern, unsigned *out)
{
    for (const char *at = pattern; *at != '\0'; at++) {
        const bool number = *at == 'w' || *at == 'b';
        if (number ? !time_part(text, *at == 'w' ? NONE16 : NONE8, out++) : *(*text)++ != *at) {
            return false;
        }
    }
    return true;
}

/* " (3)", or what the date says. */
static bool weekday_part(const char **text, const unsigned *date, unsigned *out)
{
    if (strncmp(*text, " (", 2) == 0) {
        return time_parts(text, " (b)", out);
    }
    const gt_civil day = {.year = (int16_t)(date[0] > INT16_MAX ? 0 : date[0]),
                          .month = (uint8_t)date[1],
                          .day = (uint8_t)date[2]};
    if (!gt_civil_valid(&day)) {
        return false;
    }
    *out = gt_civil_weekday(&day);
    return true;
}

static const char *time_pattern(dlt698_type type)
{
    switch (dlt698_type_of(type)->size) {
    case 10:
        return "w-b-b b:b:b.w"; /* date_time */
    case 7:
        return "w-b-b b:b:b"; /* date_time_s */
    case 5:
        return "w-b-b"; /* date */
    default:
        return "b:b:b"; /* time */
    }
}

static void time_compose(codec_composer *c, const codec_value *v, dlt698_type type, gt_wr *w)
{
    enum { PARTS_MAX = 7, DATE_PARTS = 3 };
    const char *text = text_of(c, v, "a time");
    const char *pattern = time_pattern(type);
    const bool weekday = type == DLT698_TYPE_DATE_TIME || type == DLT698_TYPE_DATE;
    unsigned parts[PARTS_MAX] = {0};
    unsigned day = 0;
    if (!time_parts(&text, pattern, parts) || (weekday && !weekday_part(&text, parts, &day)) ||
        *text != '\0') {
        codec_compose_fail(c, GT_ERR_SYNTAX, v, "a time as 2026-11-21 09:30:00, ** for none");
        return;
    }
    size_t count = 0;
    for (const char *at = pattern; *at != '\0'; at++) {
        if (count == DATE_PARTS && weekday && *at == ' ') {
            gt_wr_u8(w, (uint8_t)day);
        }
        if (*at == 'w') {
            gt_wr_u16be(w, (uint16_t)parts[count++]);
        } else if (*at == 'b') {
            gt_wr_u8(w, (uint8_t)parts[count++]);
        }
    }
    if (type == DLT698_TYPE_DATE) {
        gt_wr_u8(w, (uint8_t)day);
    }
}

/* Numbers of one byte with ", " between them; the first of a Scaler_Unit may be negative. */
static void list_compose(codec_composer *c, const codec_value *v, const dlt698_type_row *row,
                         gt_wr *w)
{
    enum { DIGITS_MAX = 4 };
    const char *text = text_of(c, v, "numbers with commas between them");
    for (unsigned i = 0; i < row->size; i++) {
        const char *end = strchr(text, ',');
        const size_t len = end != NULL ? (size_t)(end - text) : strlen(text);
        char part[DIGITS_MAX + 1] = {0};
        if (len > DIGITS_MAX || (end == NULL) != (i + 1 == row->size)) {
            codec_compose_fail(c, GT_ERR_SYNTAX, v, "numbers with commas between them");
            return;
        }
        for (size_t k = 0; k < len; k++) {
            part[k] = text[k];
        }
        const int64_t value = codec_value_decimal(c, &(codec_value){v->id, part}, 0);
        const bool negative = row->format == DLT698_FORMAT_SCALER && i == 0;
        if (value < (negative ? INT8_MIN : 0) || value > (negative ? INT8_MAX : UINT8_MAX)) {
            codec_compose_fail(c, GT_ERR_RANGE, v, "numbers of one byte");
        }
        gt_wr_u8(w, (uint8_t)value);
        text += len;
        text += strncmp(text, ", ", 2) == 0 ? 2 : 0;
    }
}

/* "15 min" */
static void interval_compose(codec_composer *c, const codec_value *v, gt_wr *w)
{
    static const char *const units[] = {"s", "min", "h", "day", "month", "year"};
    const char *text = text_of(c, v, "an interval as 15 min");
    unsigned parts[2] = {0};
    const char *unit = text;
    bool good = time_part(&unit, NONE16 + 1U, &parts[0]) && *unit++ == ' ';
    size_t i = 0;
    while (good && i < sizeof units / sizeof units[0] && strcmp(unit, units[i]) != 0) {
        i++;
    }
    parts[1] = (unsigned)i;
    if (good && i == sizeof units / sizeof units[0]) {
        good = time_part(&unit, NONE8 + 1U, &parts[1]) && *unit == '\0';
    }
    if (!good) {
        codec_compose_fail(c, GT_ERR_SYNTAX, v, "an interval as 15 min");
        return;
    }
    gt_wr_u8(w, (uint8_t)parts[1]);
    gt_wr_u16be(w, (uint16_t)parts[0]);
}

void dlt698_leaf_compose(codec_composer *c, const codec_value *v, dlt698_type type,
                         unsigned decimals, gt_wr *w)
{
    const dlt698_type_row *row = dlt698_type_of(type);
    switch ((dlt698_format)row->format) {
    case DLT698_FORMAT_NONE:
        if (v != NULL && v->value != NULL) {
            codec_compose_fail(c, GT_ERR_SYNTAX, v, "no value");
        }
        break;
    case DLT698_FORMAT_BOOL:
    case DLT698_FORMAT_DAR:
    case DLT698_FORMAT_SIGNED:
    case DLT698_FORMAT_UNSIGNED:
        number_compose(c, v, row, decimals, w);
        break;
    case DLT698_FORMAT_BITS:
        bits_compose(c, v, w);
        break;
    case DLT698_FORMAT_HEX:
    case DLT698_FORMAT_ID:
        bytes_compose(c, v, row, w);
        break;
    case DLT698_FORMAT_TEXT:
        text_compose(c, v, row, w);
        break;
    case DLT698_FORMAT_TIME:
        time_compose(c, v, type, w);
        break;
    case DLT698_FORMAT_INTERVAL:
        interval_compose(c, v, w);
        break;
    case DLT698_FORMAT_SERVER:
        server_compose(c, v, row, w);
        break;
    case DLT698_FORMAT_SCALER:
    case DLT698_FORMAT_PORT:
        list_compose(c, v, row, w);
        break;
    case DLT698_FORMAT_PIID:
        gt_wr_u8(w, (uint8_t)codec_value_hex(c, v, 2));
        break;
    }
}
