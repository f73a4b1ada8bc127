/* Values of an item that a file lays out: bytes to text and text to bytes. */
#include "codec/items/items.h"

#include <string.h>

enum { WORD = 8, BYTE = 8, SIGN = 0x80, ABSENT = 0xFF };

const items_item *items_find(const items_set *set, items_key key)
{
    if (set == NULL || strcmp(set->protocol, key.protocol) != 0) {
        return NULL;
    }
    for (size_t i = 0; i < set->item_count; i++) {
        const items_item *item = &set->items[i];
        if (item->id == key.id && item->answer == key.answer && key.kind >= item->kind_first &&
            key.kind <= item->kind_last) {
            return item;
        }
    }
    return NULL;
}

/* Up to eight bytes as a word, whichever byte comes first. */
static uint64_t load(const items_value *v, const uint8_t *at)
{
    uint64_t word = 0;
    for (size_t i = 0; i < v->bytes; i++) {
        word = word << BYTE | at[v->high_first ? i : v->bytes - 1U - i];
    }
    return word;
}

static uint64_t top_bit(const items_value *v)
{
    return UINT64_C(1) << ((BYTE * v->bytes - 1U) % 64U);
}

static bool is_number(const items_value *v)
{
    return v->type == ITEMS_TYPE_BCD || v->type == ITEMS_TYPE_SBCD ||
           v->type == ITEMS_TYPE_BINARY || v->type == ITEMS_TYPE_SIGNED;
}

static bool is_absent(const items_value *v, const uint8_t *at)
{
    size_t i = 0;
    while (i < v->bytes && at[i] == ABSENT) {
        i++;
    }
    const bool may =
        v->type == ITEMS_TYPE_BCD || v->type == ITEMS_TYPE_SBCD || v->type == ITEMS_TYPE_TIME;
    return may && i == v->bytes;
}

/* @return MALFORMED, or RANGE when the number does not fit 63 bits */
static gt_err number_read(const items_value *v, const uint8_t *at, int64_t *out)
{
    uint64_t word = load(v, at);
    const bool negative =
        (v->type == ITEMS_TYPE_SBCD || v->type == ITEMS_TYPE_SIGNED) && (word & top_bit(v)) != 0;
    if (v->type == ITEMS_TYPE_BCD || v->type == ITEMS_TYPE_SBCD) {
        word &= negative ? ~top_bit(v) : UINT64_MAX;
        if (!gt_bcd_valid(word)) {
            return GT_ERR_MALFORMED;
        }
        word = gt_bcd_number(word);
    } else if (negative) { /* two's complement: its magnitude */
        word = (~word + 1) & (top_bit(v) | (top_bit(v) - 1));
    }
    if (word > INT64_MAX) {
        return GT_ERR_RANGE;
    }
    *out = negative ? -(int64_t)word : (int64_t)word;
    return GT_ERR_OK;
}

/* The number of the part's two digits within the limits of a date or time, 0 when it is not there.
 */
static gt_err part_read(const items_value *v, const uint8_t *at, char part, unsigned *out)
{
    const char *found = strchr(v->parts, part);
    *out = 0;
    if (found == NULL) {
        return GT_ERR_OK;
    }
    const uint8_t byte = at[found - v->parts];
    if (!gt_bcd_valid(byte)) {
        return GT_ERR_MALFORMED;
    }
    *out = (unsigned)gt_bcd_number(byte);
    const unsigned most = part == 's' || part == 'm' ? 59
                          : part == 'h'              ? 23
                          : part == 'D'              ? 31
                          : part == 'M'              ? 12
                          : part == 'W'              ? 7
                                                     : 99;
    return *out <= most ? GT_ERR_OK : GT_ERR_RANGE;
}

/* How a time is written: each part with what stands in front of it, when something did before. */
static const struct {
    char part;
    const char *before;
} time_parts[] = {{'C', ""},  {'Y', ""},  {'M', "-"}, {'D', "-"},
                  {'h', " "}, {'m', ":"}, {'s', ":"}, {'W', " w"}};

enum { TIME_PARTS = sizeof time_parts / sizeof time_parts[0] };

static gt_err value_check(const items_value *v, const uint8_t *at)
{
    int64_t number = 0;
    unsigned part = 0;
    if (is_absent(v, at)) {
        return GT_ERR_OK;
    }
    if (is_number(v)) {
        return number_read(v, at, &number);
    }
    for (size_t i = 0; v->type == ITEMS_TYPE_TIME && i < TIME_PARTS; i++) {
        GT_TRY(part_read(v, at, time_parts[i].part, &part));
    }
    return GT_ERR_OK;
}

static void time_text(codec_description *d, const items_value *v, const uint8_t *at)
{
    bool begun = false;
    for (size_t i = 0; i < TIME_PARTS; i++) {
        unsigned part = 0;
        if (strchr(v->parts, time_parts[i].part) == NULL) {
            continue;
        }
        (void)part_read(v, at, time_parts[i].part, &part); /* as value_check found */
        codec_text_add(d, begun ? time_parts[i].before : "");
        codec_text_add_number(d, part, 2);
        begun = true;
    }
}

static bool printable(const uint8_t *at, size_t len)
{
    size_t i = 0;
    while (i < len && at[i] >= ' ' && at[i] < 0x7F) {
        i++;
    }
    return i == len;
}

static const char *value_text(codec_description *d, const items_value *v, const uint8_t *at)
{
    int64_t number = 0;
    if (is_absent(v, at)) {
        return NULL;
    }
    if (is_number(v)) {
        (void)number_read(v, at, &number); /* as value_check found */
        codec_text_add_decimal(d, number, v->decimals);
    } else if (v->type == ITEMS_TYPE_TIME) {
        time_text(d, v, at);
    } else if (v->type == ITEMS_TYPE_HEX || !printable(at, v->bytes)) {
        codec_text_add(d, v->type == ITEMS_TYPE_HEX ? "" : "0x");
        codec_text_add_hex_bytes(d, at, v->bytes);
    } else {
        for (size_t i = 0; i < v->bytes; i++) {
            codec_text_add_bytes(d, &at[v->type == ITEMS_TYPE_ASCII ? i : v->bytes - 1U - i], 1);
        }
    }
    return codec_text_end(d);
}

gt_err items_describe(const items_set *set, const items_item *item, unsigned digits,
                      codec_bytes data, uint32_t offset, codec_description *d)
{
    const items_value *values = &set->values[item->value_first];
    size_t at = 0;
    for (size_t i = 0; i < item->value_count; i++) {
        if (data.len - at < values[i].bytes) {
            return GT_ERR_TRUNCATED;
        }
        GT_TRY(value_check(&values[i], data.buf + at));
        at += values[i].bytes;
    }
    if (at < data.len) {
        return GT_ERR_TRAILING;
    }
    at = 0;
    for (size_t i = 0; i < item->value_count; i++) {
        const items_value *v = &values[i];
        codec_text_add_hex(d, item->id, digits);
        codec_text_add(d, ".");
        codec_text_add(d, v->id);
        codec_item out = {
            .id = codec_text_end(d), .offset = offset + (uint32_t)at, .len = v->bytes};
        out.name = (codec_name){v->name_zh, v->name_en};
        out.unit = v->unit;
        out.value = value_text(d, v, data.buf + at);
        codec_item_add(d, &out);
        at += v->bytes;
    }
    return GT_ERR_OK;
}

static void word_write(const items_value *v, uint64_t word, gt_wr *w)
{
    for (size_t i = 0; i < v->bytes; i++) {
        const size_t byte = v->high_first ? v->bytes - 1U - i : i;
        gt_wr_u8(w, (uint8_t)(word >> (BYTE * byte)));
    }
}

/* Packed decimals; false when there are more digits than bytes for them. */
static bool packed_of(uint64_t number, unsigned bytes, uint64_t *out)
{
    uint64_t packed = 0;
    for (unsigned i = 0; i < 2 * bytes; i++) {
        packed |= number % 10 << (4 * i);
        number /= 10;
    }
    *out = packed;
    return number == 0;
}

static void number_write(codec_composer *c, const codec_value *text, const items_value *v, gt_wr *w)
{
    const int64_t number = codec_value_decimal(c, text, v->decimals);
    const bool negative = number < 0;
    const bool may = v->type == ITEMS_TYPE_SBCD || v->type == ITEMS_TYPE_SIGNED;
    uint64_t word = negative ? 0U - (uint64_t)number : (uint64_t)number;
    bool good = may || !negative;
    if (v->type == ITEMS_TYPE_BCD || v->type == ITEMS_TYPE_SBCD) {
        good = good && packed_of(word, v->bytes, &word);
        good = good && (v->type == ITEMS_TYPE_BCD || word < top_bit(v));
        word |= negative ? top_bit(v) : 0;
    } else {
        const uint64_t most = may ? top_bit(v) - (negative ? 0 : 1) : top_bit(v) | (top_bit(v) - 1);
        good = good && word <= most;
        word = negative ? 0U - word : word;
    }
    if (!good) {
        codec_compose_fail(c, GT_ERR_RANGE, text, "a number that fits the value's bytes");
        return;
    }
    word_write(v, word, w);
}

static void time_write(codec_composer *c, const codec_value *text, const items_value *v, gt_wr *w)
{
    uint8_t bytes[ITEMS_UNIT_MAX] = {0};
    const char *at = text->value;
    bool begun = false;
    bool good = true;
    for (size_t i = 0; good && i < TIME_PARTS; i++) {
        const char *part = strchr(v->parts, time_parts[i].part);
        if (part == NULL) {
            continue;
        }
        const char *before = begun ? time_parts[i].before : "";
        good = strncmp(at, before, strlen(before)) == 0;
        at += good ? strlen(before) : 0;
        good = good && at[0] >= '0' && at[0] <= '9' && at[1] >= '0' && at[1] <= '9';
        if (good) {
            bytes[part - v->parts] = (uint8_t)((at[0] - '0') << 4 | (at[1] - '0'));
            at += 2;
            begun = true;
        }
    }
    if (!good || *at != '\0' || value_check(v, bytes) != GT_ERR_OK) {
        codec_compose_fail(c, GT_ERR_SYNTAX, text, "a time as 2026-11-21 09:30:05, its parts only");
        return;
    }
    gt_wr_bytes(w, bytes, v->bytes);
}

static void text_write(codec_composer *c, const codec_value *text, const items_value *v, gt_wr *w)
{
    const size_t len = strlen(text->value);
    const bool hex = v->type == ITEMS_TYPE_HEX;
    const bool prefixed = !hex && strncmp(text->value, "0x", 2) == 0 && len == 2U + 2U * v->bytes;
    if (hex ? len == 2U * v->bytes : prefixed) {
        codec_value_bytes(c, &(codec_value){text->id, text->value + (prefixed ? 2 : 0)}, w);
    } else if (!hex && len == v->bytes) {
        for (size_t i = 0; i < len; i++) {
            gt_wr_u8(w, (uint8_t)text->value[v->type == ITEMS_TYPE_ASCII ? i : len - 1 - i]);
        }
    } else {
        codec_compose_fail(c, GT_ERR_SYNTAX, text, "as many bytes as the value has");
    }
}

bool items_id_is(const char *id, uint32_t item, unsigned digits, const char *name)
{
    static const char hex[] = "0123456789ABCDEF";
    for (unsigned i = 0; i < digits; i++) {
        if (id[i] != hex[item >> (4 * (digits - 1 - i)) & 0x0F]) {
            return false;
        }
    }
    return id[digits] == '.' && strcmp(id + digits + 1, name) == 0;
}

void items_compose(const items_set *set, const items_item *item, unsigned digits, codec_composer *c,
                   gt_wr *w)
{
    for (size_t i = 0; i < item->value_count; i++) {
        const items_value *v = &set->values[item->value_first + i];
        const codec_value *text = codec_item_next(c);
        if (text == NULL || !items_id_is(text->id, item->id, digits, v->id)) {
            codec_compose_fail(c, text == NULL ? GT_ERR_NOT_FOUND : GT_ERR_SYNTAX, text,
                               "the item's values in the order of the file");
        } else if (text->value == NULL) {
            gt_wr_fill(w, ABSENT, v->bytes);
        } else if (is_number(v)) {
            number_write(c, text, v, w);
        } else if (v->type == ITEMS_TYPE_TIME) {
            time_write(c, text, v, w);
        } else {
            text_write(c, text, v, w);
        }
    }
}
