/* Rows and texts of a description. Rows go into fixed tables; texts are appended to one pool, so a
 * value is a pointer into it. What does not fit is left out and remembered in `cut`. */
#include "codec/describe/describe.h"

#include <string.h>

#include "base/quantity.h"
#include "base/real.h"

void codec_description_begin(codec_description *d, const char *protocol)
{
    d->protocol = protocol;
    d->title = (codec_name){"", ""};
    d->address = "";
    d->field_count = 0;
    d->item_count = 0;
    d->error_count = 0;
    d->inner_offset = 0;
    d->inner_len = 0;
    d->cut = false;
    d->text_len = 0;
    d->text_start = 0;
}

void codec_field_add(codec_description *d, const codec_field *field)
{
    if (d->field_count == CODEC_FIELDS_MAX) {
        d->cut = true;
        return;
    }
    d->fields[d->field_count++] = *field;
}

void codec_item_add(codec_description *d, const codec_item *item)
{
    if (d->item_count == CODEC_ITEMS_MAX) {
        d->cut = true;
        return;
    }
    d->items[d->item_count++] = *item;
}

void codec_error_add(codec_description *d, const codec_error *error)
{
    if (d->error_count == CODEC_ERRORS_MAX) {
        d->cut = true;
        return;
    }
    d->errors[d->error_count++] = *error;
}

/* One byte always stays free for the terminator. */
static void put(codec_description *d, char c)
{
    if (d->text_len >= CODEC_TEXT_MAX - 1) {
        d->cut = true;
        return;
    }
    d->text[d->text_len++] = c;
}

void codec_text_add(codec_description *d, const char *text)
{
    for (const char *at = text; *at != '\0'; at++) {
        put(d, *at);
    }
}

void codec_text_add_bytes(codec_description *d, const uint8_t *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        const bool shown = text[i] >= 0x20 && text[i] < 0x7F;
        put(d, shown ? (char)text[i] : '.');
    }
}

void codec_text_add_number(codec_description *d, uint64_t value, unsigned digits_min)
{
    enum { DIGITS_MAX = 20 };
    char digits[DIGITS_MAX];
    unsigned count = 0;
    while (count < DIGITS_MAX && (value != 0 || count == 0 || count < digits_min)) {
        digits[count++] = (char)('0' + value % 10);
        value /= 10;
    }
    while (count > 0) {
        put(d, digits[--count]);
    }
}

void codec_text_add_parts(codec_description *d, const char *pattern, const unsigned *numbers)
{
    while (*pattern != '\0') {
        const size_t digits = strspn(pattern, "d");
        if (digits > 0) {
            codec_text_add_number(d, *numbers++, (unsigned)digits);
            pattern += digits;
        } else {
            put(d, *pattern++);
        }
    }
}

void codec_text_add_decimal(codec_description *d, int64_t value, unsigned decimals)
{
    char buf[GT_DECIMAL_MAX];
    (void)gt_decimal_format(value, decimals, buf);
    codec_text_add(d, buf);
}

/* digits * 10^exponent without an E: "0.0012", "1200". */
static void digits_add(codec_description *d, const char *digits, size_t count, int exponent)
{
    const int point = (int)count + exponent; /* digits before the point */
    if (count == 0 || point <= 0) {
        codec_text_add(d, "0");
    }
    for (int i = 0; i < point && count > 0; i++) {
        codec_text_add_bytes(d, (const uint8_t *)(i < (int)count ? digits + i : "0"), 1);
    }
    if (exponent >= 0) {
        return;
    }
    codec_text_add(d, ".");
    for (int i = count == 0 ? exponent : point; i < (int)count; i++) {
        codec_text_add_bytes(d, (const uint8_t *)(i < 0 ? "0" : digits + i), 1);
    }
}

void codec_text_add_scaled(codec_description *d, int64_t number, int exponent)
{
    enum { DIGITS_MAX = 20 };
    char digits[DIGITS_MAX];
    size_t at = DIGITS_MAX;
    uint64_t left = number < 0 ? -(uint64_t)number : (uint64_t)number;
    for (; left > 0; left /= 10) {
        digits[--at] = (char)('0' + left % 10);
    }
    codec_text_add(d, number < 0 ? "-" : "");
    digits_add(d, digits + at, DIGITS_MAX - at, exponent);
}

bool codec_text_add_real(codec_description *d, uint32_t bits, int exponent)
{
    char digits[GT_REAL_DIGITS];
    size_t count = 0;
    int ten = 0;
    if (!gt_real_digits(bits, digits, &count, &ten)) {
        return false;
    }
    codec_text_add(d, bits >> 31 != 0 && count > 0 ? "-" : "");
    digits_add(d, digits, count, count > 0 ? ten + exponent : 0);
    return true;
}

void codec_text_add_hex(codec_description *d, uint64_t value, unsigned digits)
{
    static const char digit[] = "0123456789ABCDEF";
    for (unsigned i = digits; i > 0; i--) {
        put(d, digit[value >> (4 * (i - 1)) & 0x0F]);
    }
}

void codec_text_add_hex_bytes(codec_description *d, const uint8_t *buf, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        codec_text_add_hex(d, buf[i], 2);
    }
}

const char *codec_text_end(codec_description *d)
{
    if (d->text_len >= CODEC_TEXT_MAX - 1) {
        /* The pool is full: the last byte terminates this text and every later, empty one. */
        d->text[CODEC_TEXT_MAX - 1] = '\0';
        const char *last = d->text + d->text_start;
        d->text_start = CODEC_TEXT_MAX - 1;
        return last;
    }
    d->text[d->text_len++] = '\0';
    const char *text = d->text + d->text_start;
    d->text_start = d->text_len;
    return text;
}

const char *codec_text_hex(codec_description *d, uint64_t value, unsigned digits)
{
    codec_text_add_hex(d, value, digits);
    codec_text_add(d, "H");
    return codec_text_end(d);
}

void codec_error_add_at(codec_description *d, gt_err err, uint32_t offset, const char *expected,
                        codec_bytes in)
{
    const char *found = offset < in.len ? codec_text_hex(d, in.buf[offset], 2) : "end of input";
    codec_error_add(d, &(codec_error){err, offset, expected, found});
}
