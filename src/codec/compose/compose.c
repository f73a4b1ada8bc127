/* Reading a recipe strictly: what is missing, misspelt or out of its range is told by name. */
#include "codec/compose/compose.h"

#include "base/hex.h"
#include "base/quantity.h"

#include <assert.h>
#include <string.h>

enum { WORD_BITS = 64, DIGITS_MAX = 16 };

static_assert((int)CODEC_FIELDS_MAX <= (int)WORD_BITS, "one bit a field");

codec_composer codec_composer_of(const codec_recipe *recipe)
{
    codec_composer c = {.recipe = recipe, .fault = {GT_ERR_OK, "", "", ""}};
    if (recipe->field_count > CODEC_FIELDS_MAX) {
        codec_compose_fail(&c, GT_ERR_SPACE, NULL, "at most 40 header fields");
    }
    if (recipe->item_count > CODEC_ITEMS_MAX) {
        codec_compose_fail(&c, GT_ERR_SPACE, NULL, "at most 320 items");
    }
    return c;
}

void codec_compose_fail(codec_composer *c, gt_err err, const codec_value *v, const char *expected)
{
    if (c->fault.err != GT_ERR_OK) {
        return;
    }
    c->fault = (codec_recipe_fault){err, v != NULL ? v->id : "", expected,
                                    v != NULL && v->value != NULL ? v->value : "nothing"};
}

static bool item_read(const codec_composer *c, size_t index)
{
    return (c->items_read[index / WORD_BITS] >> index % WORD_BITS & 1) != 0;
}

gt_err codec_compose_done(codec_composer *c)
{
    const codec_recipe *r = c->recipe;
    for (size_t i = 0; c->fault.err == GT_ERR_OK && i < r->field_count; i++) {
        if ((c->fields_read >> i & 1) == 0) {
            codec_compose_fail(c, GT_ERR_UNKNOWN, &r->fields[i], "no such field in this frame");
        }
    }
    for (size_t i = 0; c->fault.err == GT_ERR_OK && i < r->item_count; i++) {
        if (!item_read(c, i)) {
            codec_compose_fail(c, GT_ERR_UNKNOWN, &r->items[i], "no such item in this frame");
        }
    }
    return c->fault.err;
}

const codec_value *codec_field_find(codec_composer *c, const char *id)
{
    for (size_t i = 0; c->fault.err == GT_ERR_OK && i < c->recipe->field_count; i++) {
        if ((c->fields_read >> i & 1) == 0 && strcmp(c->recipe->fields[i].id, id) == 0) {
            c->fields_read |= UINT64_C(1) << i;
            return &c->recipe->fields[i];
        }
    }
    return NULL;
}

const codec_value *codec_field_get(codec_composer *c, const char *id)
{
    const codec_value *v = codec_field_find(c, id);
    if (v == NULL) {
        codec_compose_fail(c, GT_ERR_NOT_FOUND, &(codec_value){id, NULL}, "a value");
    }
    return v;
}

void codec_fields_derived(codec_composer *c, const char *const *ids, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        while (codec_field_find(c, ids[i]) != NULL) {
        }
    }
}

const codec_value *codec_address_get(codec_composer *c, codec_value *out)
{
    const codec_value *field = codec_field_find(c, "address");
    *out = (codec_value){"address", c->recipe->address[0] != '\0' ? c->recipe->address : NULL};
    if (field == NULL) {
        if (out->value == NULL) {
            codec_compose_fail(c, GT_ERR_NOT_FOUND, out, "an address");
        }
        return out;
    }
    if (out->value != NULL && !codec_value_is(field, out->value)) {
        codec_compose_fail(c, GT_ERR_MISMATCH, field, "the same address as the frame's");
    }
    return field;
}

/* Index of the next item of that id (NULL: any) not read yet; item_count when there is none. */
static size_t item_index(const codec_composer *c, const char *id)
{
    const codec_recipe *r = c->recipe;
    if (c->fault.err != GT_ERR_OK) {
        return r->item_count;
    }
    size_t i = 0;
    while (i < r->item_count &&
           (item_read(c, i) || (id != NULL && strcmp(r->items[i].id, id) != 0))) {
        i++;
    }
    return i;
}

static const codec_value *item_take(codec_composer *c, const char *id)
{
    const size_t i = item_index(c, id);
    if (i == c->recipe->item_count) {
        return NULL;
    }
    c->items_read[i / WORD_BITS] |= UINT64_C(1) << i % WORD_BITS;
    return &c->recipe->items[i];
}

const codec_value *codec_item_next(codec_composer *c)
{
    return item_take(c, NULL);
}

const codec_value *codec_item_peek(const codec_composer *c)
{
    const size_t i = item_index(c, NULL);
    return i < c->recipe->item_count ? &c->recipe->items[i] : NULL;
}

const codec_value *codec_item_find(codec_composer *c, const char *id)
{
    return item_take(c, id);
}

/* The text to read, or NULL: nothing to read because of an earlier fault, or a fault of its own. */
static const char *text_of(codec_composer *c, const codec_value *v, const char *expected)
{
    if (v == NULL || c->fault.err != GT_ERR_OK) {
        return NULL;
    }
    if (v->value == NULL) {
        codec_compose_fail(c, GT_ERR_SYNTAX, v, expected);
    }
    return v->value;
}

uint64_t codec_value_hex(codec_composer *c, const codec_value *v, unsigned digits)
{
    static const char expected[] = "hexadecimal digits, as 91H or 0x91";
    const char *text = text_of(c, v, expected);
    if (text == NULL) {
        return 0;
    }
    text += text[0] == '0' && (text[1] == 'x' || text[1] == 'X') ? 2 : 0;
    uint64_t value = 0;
    size_t count = 0;
    for (; gt_hex_digit(text[count]) >= 0 && count < DIGITS_MAX; count++) {
        value = value << 4 | (uint64_t)gt_hex_digit(text[count]);
    }
    const char *rest = text + count;
    if (count == 0 || !(rest[0] == '\0' || (rest[0] == 'H' && rest[1] == '\0'))) {
        codec_compose_fail(c, GT_ERR_SYNTAX, v, expected);
        return 0;
    }
    if (digits < DIGITS_MAX && value >> (4 * digits) != 0) {
        codec_compose_fail(c, GT_ERR_RANGE, v, "a smaller number: its field is shorter");
        return 0;
    }
    return value;
}

uint64_t codec_value_number(codec_composer *c, const codec_value *v, uint64_t max)
{
    static const char expected[] = "a whole number in decimal digits";
    const char *text = text_of(c, v, expected);
    if (text == NULL) {
        return 0;
    }
    uint64_t value = 0;
    bool large = false;
    size_t count = 0;
    for (; text[count] >= '0' && text[count] <= '9'; count++) {
        const uint64_t digit = (uint64_t)(text[count] - '0');
        large = large || value > (UINT64_MAX - digit) / 10;
        value = large ? 0 : value * 10 + digit;
    }
    if (count == 0 || text[count] != '\0') {
        codec_compose_fail(c, GT_ERR_SYNTAX, v, expected);
        return 0;
    }
    if (large || value > max) {
        codec_compose_fail(c, GT_ERR_RANGE, v, "a smaller number: its field is shorter");
        return 0;
    }
    return value;
}

int64_t codec_value_decimal(codec_composer *c, const codec_value *v, unsigned decimals)
{
    static const char *const expected[] = {
        "a whole number",
        "a number with at most 1 decimal",
        "a number with at most 2 decimals",
        "a number with at most 3 decimals",
        "a number with at most 4 decimals",
        "a number with at most 5 decimals",
        "a number with at most 6 decimals",
        "a number with at most 7 decimals",
        "a number with at most 8 decimals",
        "a number with at most 9 decimals",
    };
    GT_ASSERT(decimals < sizeof expected / sizeof expected[0]);
    const char *text = text_of(c, v, expected[decimals]);
    int64_t value = 0;
    if (text == NULL) {
        return 0;
    }
    const gt_err err = gt_decimal_parse(text, decimals, &value);
    if (err != GT_ERR_OK) {
        codec_compose_fail(c, err, v, expected[decimals]);
    }
    return value;
}

int64_t codec_value_scaled(codec_composer *c, const codec_value *v, int *out_exponent)
{
    static const char expected[] = "a decimal number";
    const char *text = text_of(c, v, expected);
    *out_exponent = 0;
    if (text == NULL) {
        return 0;
    }
    const bool minus = text[0] == '-';
    const char *at = text + minus;
    uint64_t value = 0;
    bool large = false;
    bool good = *at >= '0' && *at <= '9';
    bool point = false;
    int exponent = 0;
    for (; good && *at != '\0'; at++) {
        if (*at == '.' && !point) {
            point = true;
            good = at[1] != '\0';
            continue;
        }
        good = *at >= '0' && *at <= '9';
        const uint64_t digit = good ? (uint64_t)(*at - '0') : 0;
        large = large || value > (INT64_MAX - digit) / 10;
        value = large ? 0 : value * 10 + digit;
        exponent -= point ? 1 : 0;
    }
    if (!good || large) {
        codec_compose_fail(c, good ? GT_ERR_RANGE : GT_ERR_SYNTAX, v, expected);
        return 0;
    }
    *out_exponent = exponent;
    return minus ? -(int64_t)value : (int64_t)value;
}

int64_t codec_value_count(codec_composer *c, const codec_value *v, int exponent)
{
    int has = 0;
    int64_t number = codec_value_scaled(c, v, &has);
    for (; has > exponent && number != 0; has--) {
        if (number > INT64_MAX / 10 || number < -INT64_MAX / 10) {
            codec_compose_fail(c, GT_ERR_RANGE, v, "a smaller number");
            return 0;
        }
        number *= 10;
    }
    for (; has < exponent && number != 0; has++) {
        if (number % 10 != 0) {
            codec_compose_fail(c, GT_ERR_RANGE, v, "no finer number than the record counts");
            return 0;
        }
        number /= 10;
    }
    return number;
}

uint64_t codec_value_digits(codec_composer *c, const codec_value *v, unsigned digits)
{
    static const char expected[] = "as many digits 0 to 9 as the field has";
    GT_ASSERT(digits <= DIGITS_MAX);
    const char *text = text_of(c, v, expected);
    if (text == NULL) {
        return 0;
    }
    uint64_t value = 0;
    size_t count = 0;
    for (; count < digits && text[count] >= '0' && text[count] <= '9'; count++) {
        value = value << 4 | (uint64_t)(text[count] - '0');
    }
    if (count != digits || text[count] != '\0') {
        codec_compose_fail(c, GT_ERR_SYNTAX, v, expected);
        return 0;
    }
    return value;
}

void codec_value_bytes(codec_composer *c, const codec_value *v, gt_wr *w)
{
    static const char expected[] = "bytes as pairs of hexadecimal digits";
    const char *text = text_of(c, v, expected);
    if (text == NULL) {
        return;
    }
    for (; text[0] != '\0'; text += 2) {
        const int high = gt_hex_digit(text[0]);
        const int low = gt_hex_digit(text[1]);
        if (high < 0 || low < 0) {
            codec_compose_fail(c, GT_ERR_SYNTAX, v, expected);
            return;
        }
        gt_wr_u8(w, (uint8_t)(high << 4 | low));
    }
}

bool codec_value_is(const codec_value *v, const char *text)
{
    return v != NULL && v->value != NULL && strcmp(v->value, text) == 0;
}

/* One run of digits as the pattern has them. */
static bool part_read(const char **text, const char **pattern, unsigned *out)
{
    *out = 0;
    for (; **pattern == 'd'; ++*pattern, ++*text) {
        if (**text < '0' || **text > '9') {
            return false;
        }
        *out = *out * 10 + (unsigned)(**text - '0');
    }
    return true;
}

bool codec_value_parts(codec_composer *c, const codec_value *v, const char *pattern, unsigned *out)
{
    enum { PARTS_MAX = 8 };
    const char *text = text_of(c, v, pattern);
    unsigned parts[PARTS_MAX];
    size_t count = 0;
    if (text == NULL) {
        return false;
    }
    for (const char *at = pattern; *at != '\0' || *text != '\0';) {
        GT_ASSERT(count < PARTS_MAX || *at != 'd');
        const bool matched = *at == 'd' ? part_read(&text, &at, &parts[count++]) : *at++ == *text++;
        if (!matched) {
            codec_compose_fail(c, GT_ERR_SYNTAX, v, pattern);
            return false;
        }
    }
    memcpy(out, parts, count * sizeof parts[0]);
    return true;
}
