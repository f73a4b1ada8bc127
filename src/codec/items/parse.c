/* The file's parser: one pass over the lines, each line's first word picks what is read. The first
 * fault sticks, with its line, what was expected and what was found. */
#include "codec/items/items.h"

#include <string.h>

enum { TIME_BYTES_MAX = 8, NUMBER_DIGITS_MAX = 2, HEX_DIGITS_MAX = 8, DECIMALS_MAX = 9 };

typedef struct word {
    const char *at;
    size_t len;
} word;

typedef struct parser {
    items_set *set;
    items_fault *fault;
    gt_err err;
    uint32_t line;
    word rest; /* of the line */
} parser;

static void fail(parser *p, gt_err err, const char *expected, word found)
{
    if (p->err != GT_ERR_OK) {
        return;
    }
    p->err = err;
    *p->fault = (items_fault){.line = p->line, .expected = expected};
    const char *text = found.len > 0 ? found.at : "end of line";
    const size_t len = found.len > 0 ? found.len : strlen(text);
    const size_t most = sizeof p->fault->found - 1;
    memcpy(p->fault->found, text, len < most ? len : most);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static word trimmed(word w)
{
    while (w.len > 0 && is_blank(w.at[0])) {
        w.at++;
        w.len--;
    }
    while (w.len > 0 && is_blank(w.at[w.len - 1])) {
        w.len--;
    }
    return w;
}

static word take(parser *p)
{
    p->rest = trimmed(p->rest);
    word w = {p->rest.at, 0};
    while (w.len < p->rest.len && !is_blank(w.at[w.len])) {
        w.len++;
    }
    p->rest.at += w.len;
    p->rest.len -= w.len;
    return w;
}

static bool is(word w, const char *text)
{
    return w.len == strlen(text) && memcmp(w.at, text, w.len) == 0;
}

static bool name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
}

/* A word of those characters into a field of @p cap bytes. */
static void name_take(parser *p, char *out, size_t cap, const char *expected)
{
    const word w = take(p);
    bool good = w.len > 0 && w.len < cap;
    for (size_t i = 0; good && i < w.len; i++) {
        good = name_char(w.at[i]);
    }
    if (!good) {
        fail(p, GT_ERR_SYNTAX, expected, w);
        return;
    }
    memcpy(out, w.at, w.len);
    out[w.len] = '\0';
}

static void title_set(parser *p, word w, char out[ITEMS_TITLE_MAX])
{
    w = trimmed(w);
    bool good = w.len > 0 && w.len < ITEMS_TITLE_MAX;
    for (size_t i = 0; good && i < w.len; i++) {
        good = (unsigned char)w.at[i] >= ' ';
    }
    if (!good) {
        fail(p, GT_ERR_SYNTAX, "a name of at most 63 bytes", w);
        return;
    }
    memcpy(out, w.at, w.len);
    out[w.len] = '\0';
}

/* "Battery | 电池": the rest of the line. */
static void titles_take(parser *p, char en[ITEMS_TITLE_MAX], char zh[ITEMS_TITLE_MAX])
{
    const char *bar = p->rest.len > 0 ? memchr(p->rest.at, '|', p->rest.len) : NULL;
    if (bar == NULL) {
        fail(p, GT_ERR_SYNTAX, "an English name, | and a Chinese one", trimmed(p->rest));
        return;
    }
    const size_t left = (size_t)(bar - p->rest.at);
    title_set(p, (word){p->rest.at, left}, en);
    title_set(p, (word){bar + 1, p->rest.len - left - 1}, zh);
    p->rest.len = 0;
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                  : -1;
}

static uint32_t hex_of(parser *p, word w, size_t digits_max, const char *expected)
{
    uint32_t value = 0;
    bool good = w.len > 0 && w.len <= digits_max;
    for (size_t i = 0; good && i < w.len; i++) {
        const int digit = hex_digit(w.at[i]);
        good = digit >= 0;
        value = value << 4 | (uint32_t)(good ? digit : 0);
    }
    if (!good) {
        fail(p, GT_ERR_SYNTAX, expected, w);
    }
    return value;
}

/* A line of the head; an item is read only when all of them were. */
static void once(parser *p, const char *field, word w)
{
    if (field[0] != '\0') {
        fail(p, GT_ERR_SYNTAX, "this line only once", w);
    }
}

static void line_name(parser *p)
{
    const word w = take(p);
    if (!is(w, "en") && !is(w, "zh")) {
        fail(p, GT_ERR_SYNTAX, "en or zh", w);
        return;
    }
    char *out = is(w, "zh") ? p->set->name_zh : p->set->name_en;
    once(p, out, w);
    title_set(p, p->rest, out);
    p->rest.len = 0;
}

/* "all" or "20-29": kinds of meter. */
static void kinds_take(parser *p, items_item *item)
{
    const word w = take(p);
    if (is(w, "all")) {
        item->kind_last = UINT8_MAX;
        return;
    }
    const char *expected = "all, or kinds of meter as 20-29";
    const char *dash = w.len > 0 ? memchr(w.at, '-', w.len) : NULL;
    const size_t first = dash != NULL ? (size_t)(dash - w.at) : w.len;
    item->kind_first = (uint8_t)hex_of(p, (word){w.at, first}, 2, expected);
    item->kind_last = item->kind_first;
    if (dash != NULL) {
        item->kind_last = (uint8_t)hex_of(p, (word){dash + 1, w.len - first - 1}, 2, expected);
    }
}

static void line_item(parser *p)
{
    items_set *set = p->set;
    items_item item = {.value_first = set->value_count};
    const word id = take(p);
    item.id = hex_of(p, id, HEX_DIGITS_MAX, "an identifier of at most 8 hex digits");
    const word way = take(p);
    item.answer = is(way, "answer");
    if (!item.answer && !is(way, "request")) {
        fail(p, GT_ERR_SYNTAX, "request or answer", way);
    }
    kinds_take(p, &item);
    titles_take(p, item.name_en, item.name_zh);
    if (set->model[0] == '\0' || set->protocol[0] == '\0' || set->name_en[0] == '\0' ||
        set->name_zh[0] == '\0') {
        fail(p, GT_ERR_SYNTAX, "model, name en, name zh and protocol first", id);
    }
    if (set->item_count == ITEMS_MAX) {
        fail(p, GT_ERR_SPACE, "at most 64 items", id);
    }
    if (p->err == GT_ERR_OK) {
        set->items[set->item_count++] = item;
    }
}

/* "time:smhDMYC" or a type's word, how many bytes, and "be" when the high byte comes first. */
static void type_take(parser *p, items_value *v)
{
    static const struct {
        const char *text;
        uint8_t bytes;
    } types[] = {
#define ROW(symbol, text, bytes) {text, bytes},
        ITEMS_TYPE_LIST(ROW)
#undef ROW
    };
    const char *expected =
        "bcd1 .. bcd8, sbcd, u, s, hex, ascii, rascii with bytes, or time:smhDMY";
    const word w = take(p);
    if (w.len > 5 && memcmp(w.at, "time:", 5) == 0) {
        v->type = ITEMS_TYPE_TIME;
        v->bytes = (uint8_t)(w.len - 5 <= TIME_BYTES_MAX ? w.len - 5 : 0);
        static const char letters[] = {'s', 'm', 'h', 'D', 'M', 'Y', 'C', 'W'};
        for (size_t i = 0; i < v->bytes; i++) {
            v->parts[i] = w.at[5 + i];
            if (memchr(letters, v->parts[i], sizeof letters) == NULL ||
                memchr(v->parts, v->parts[i], i) != NULL) {
                fail(p, GT_ERR_SYNTAX, "each of s m h D M Y C W at most once", w);
            }
        }
    } else {
        size_t letters = 0;
        while (letters < w.len && w.at[letters] >= 'a' && w.at[letters] <= 'z') {
            letters++;
        }
        size_t end = letters;
        unsigned bytes = 0;
        for (; end < w.len && end < letters + NUMBER_DIGITS_MAX && w.at[end] >= '0' &&
               w.at[end] <= '9';
             end++) {
            bytes = bytes * 10 + (unsigned)(w.at[end] - '0');
        }
        const word tail = {w.at + end, w.len - end};
        v->high_first = is(tail, "be");
        for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
            if (is((word){w.at, letters}, types[i].text) && bytes <= types[i].bytes &&
                (tail.len == 0 || v->high_first)) {
                v->type = (items_type)i;
                v->bytes = (uint8_t)bytes;
            }
        }
    }
    if (v->bytes == 0) {
        fail(p, GT_ERR_SYNTAX, expected, w);
    }
}

/* "1" or "0.01": a power of ten. */
static void scale_take(parser *p, items_value *v)
{
    const word w = take(p);
    bool good = w.len > 0;
    const bool one = is(w, "1");
    if (!one) {
        good = w.len >= 3 && w.len <= 2 + DECIMALS_MAX && memcmp(w.at, "0.", 2) == 0 &&
               w.at[w.len - 1] == '1';
        for (size_t i = 2; good && i + 1 < w.len; i++) {
            good = w.at[i] == '0';
        }
        v->decimals = (uint8_t)(good ? w.len - 2 : 0);
    }
    if (!good) {
        fail(p, GT_ERR_SYNTAX, "1, 0.1, 0.01 ..", w);
    }
}

static void line_value(parser *p)
{
    items_set *set = p->set;
    items_value v = {0};
    name_take(p, v.id, sizeof v.id, "a value's name of a-z 0-9 _ - .");
    type_take(p, &v);
    scale_take(p, &v);
    const word unit = take(p);
    if (unit.len == 0 || unit.len >= sizeof v.unit) {
        fail(p, GT_ERR_SYNTAX, "a unit of at most 11 bytes, or -", unit);
    } else if (!is(unit, "-")) {
        memcpy(v.unit, unit.at, unit.len);
    }
    titles_take(p, v.name_en, v.name_zh);
    if (set->item_count == 0) {
        fail(p, GT_ERR_SYNTAX, "an item line above its values", unit);
    }
    if (set->value_count == ITEMS_VALUES_MAX) {
        fail(p, GT_ERR_SPACE, "at most 256 values", unit);
    }
    if (p->err == GT_ERR_OK) {
        set->values[set->value_count++] = v;
        set->items[set->item_count - 1].value_count++;
    }
}

static void line_parse(parser *p)
{
    p->rest = trimmed(p->rest);
    if (p->rest.len == 0 || p->rest.at[0] == '#') {
        return;
    }
    const word w = take(p);
    if (is(w, "model")) {
        once(p, p->set->model, w);
        name_take(p, p->set->model, sizeof p->set->model, "a model of a-z 0-9 _ - .");
    } else if (is(w, "protocol")) {
        once(p, p->set->protocol, w);
        name_take(p, p->set->protocol, sizeof p->set->protocol, "a protocol's name");
    } else if (is(w, "name")) {
        line_name(p);
    } else if (is(w, "item")) {
        line_item(p);
    } else if (is(w, "value")) {
        line_value(p);
    } else {
        fail(p, GT_ERR_SYNTAX, "model, name, protocol, item or value", w);
    }
    const word more = take(p);
    if (more.len > 0) {
        fail(p, GT_ERR_SYNTAX, "end of line", more);
    }
}

gt_err items_parse(const char *text, size_t len, items_set *out, items_fault *fault)
{
    *out = (items_set){0};
    parser p = {.set = out, .fault = fault};
    size_t at = 0;
    while (at < len && p.err == GT_ERR_OK) {
        size_t end = at;
        while (end < len && text[end] != '\n') {
            end++;
        }
        p.line++;
        p.rest = (word){text + at, end - at};
        line_parse(&p);
        at = end + 1;
    }
    if (p.err == GT_ERR_OK && out->value_count == 0) {
        p.line++;
        fail(&p, GT_ERR_SYNTAX, "an item with a value",
             (word){"end of file", strlen("end of file")});
    }
    return p.err;
}
