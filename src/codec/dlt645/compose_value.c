/* Items into data: each item's identifier leads to its row, the row's format says how its text is
 * read. Texts are those of describe_value.c. */
#include "codec/dlt645/compose_priv.h"

#include "base/sum.h"
#include "codec/dlt645/item_priv.h"
#include "codec/dlt645/message_priv.h"
#include "codec/items/items.h"

#include <string.h>

enum { ASCII_MAX = 32, DECIMAL_DIGITS_MAX = 18 };

/* Where a text is read; bad as soon as it is not of its form. */
typedef struct text {
    const char *at;
    bool bad;
} text;

static void expect(text *t, const char *word)
{
    const size_t len = strlen(word);
    t->bad = t->bad || strncmp(t->at, word, len) != 0;
    t->at += t->bad ? 0 : len;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Digits, at least one and at most so many. */
static uint64_t number(text *t, unsigned digits_min, unsigned digits_max)
{
    uint64_t value = 0;
    unsigned n = 0;
    for (; n < digits_max && is_digit(*t->at); n++) {
        value = value * 10 + (uint64_t)(*t->at++ - '0');
    }
    t->bad = t->bad || n < digits_min;
    return value;
}

/* "-12.30" with just that many decimals. */
static void decimal(text *t, unsigned decimals, dlt645_value *v)
{
    v->negative = *t->at == '-';
    t->at += v->negative;
    uint64_t value = number(t, 1, DECIMAL_DIGITS_MAX - decimals);
    expect(t, ".");
    for (unsigned i = 0; i < decimals; i++) {
        value = value * 10 + number(t, 1, 1);
    }
    v->raw = v->negative ? -(int64_t)value : (int64_t)value;
}

static uint8_t weekday(text *t)
{
    static const char names[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    for (uint8_t i = 0; i < 7 && !t->bad; i++) {
        if (strncmp(t->at, names[i], 3) == 0) {
            t->at += 3;
            return i;
        }
    }
    t->bad = true;
    return 0;
}

static void stamp(text *t, const char *parts, dlt645_stamp *s)
{
    const bool date = strchr(parts, 'D') != NULL;
    if (strchr(parts, 'Y') != NULL) {
        expect(t, "20");
        s->year = (uint8_t)number(t, 2, 2);
        expect(t, "-");
    }
    if (strchr(parts, 'M') != NULL) {
        s->month = (uint8_t)number(t, 2, 2);
        expect(t, "-");
    }
    if (date) {
        s->day = (uint8_t)number(t, 2, 2);
    }
    if (strchr(parts, 'h') != NULL) {
        expect(t, date ? " " : "");
        s->hour = (uint8_t)number(t, 2, 2);
        expect(t, ":");
        s->minute = (uint8_t)number(t, 2, 2);
        t->bad = t->bad || (s->minute > 0 && strchr(parts, 'm') == NULL);
    }
    if (strchr(parts, 's') != NULL) {
        expect(t, ":");
        s->second = (uint8_t)number(t, 2, 2);
    }
    if (strchr(parts, 'W') != NULL) {
        expect(t, " ");
        s->weekday = weekday(t);
    }
    if (strchr(parts, 'N') != NULL) {
        expect(t, " -> ");
        s->number = (uint8_t)number(t, 1, 2);
    }
}

/* Characters, or "0x" and the bytes as they are sent. */
static void ascii_write(codec_composer *c, const codec_value *v, size_t len, gt_wr *w)
{
    if (strncmp(v->value, "0x", 2) == 0 && strlen(v->value) == 2 + 2 * len) {
        codec_value_bytes(c, &(codec_value){v->id, v->value + 2}, w);
    } else if (strlen(v->value) == len) {
        for (size_t i = len; i > 0; i--) {
            gt_wr_u8(w, (uint8_t)v->value[i - 1]);
        }
    } else {
        codec_compose_fail(c, GT_ERR_SYNTAX, v, "as many characters as the item has");
    }
}

static const char *form_of(dlt645_kind kind)
{
    return kind == DLT645_KIND_TIME     ? "a time as the item has it: 2026-11-21 09:30"
           : kind == DLT645_KIND_DEMAND ? "a number and its time: 1.2345 @ 2026-11-21 09:30"
                                        : "as many digits as the item has";
}

/* The value's text, for all formats but text and bytes. */
static void text_read(codec_composer *c, const codec_value *v, const dlt645_format *format,
                      dlt645_value *out)
{
    const dlt645_kind kind = (dlt645_kind)format->kind;
    text t = {.at = v->value};
    if (kind == DLT645_KIND_CODE || kind == DLT645_KIND_BITS) {
        out->raw = (int64_t)codec_value_hex(c, v, 2U * format->bytes);
        return;
    }
    if (kind == DLT645_KIND_NUMBER || kind == DLT645_KIND_BINARY) {
        out->raw = codec_value_decimal(c, v, format->decimals);
        out->negative = v->value[0] == '-';
        return;
    }
    if (kind == DLT645_KIND_DIGITS) {
        out->raw = (int64_t)number(&t, 2U * format->bytes, 2U * format->bytes);
    } else if (kind != DLT645_KIND_TIME) {
        decimal(&t, format->decimals, out);
    }
    if (kind == DLT645_KIND_DEMAND) {
        expect(&t, " @ ");
    }
    if (kind == DLT645_KIND_DEMAND || kind == DLT645_KIND_TIME) {
        stamp(&t, format->parts, &out->stamp);
    }
    if (t.bad || *t.at != '\0') {
        codec_compose_fail(c, GT_ERR_SYNTAX, v, form_of(kind));
    }
}

static void value_write(codec_composer *c, const codec_value *v, const dlt645_item *item,
                        const dlt645_part_row *part, gt_wr *w)
{
    dlt645_value value = {.item = item, .part = part, .absent = v->value == NULL};
    const dlt645_format *format = dlt645_value_format(&value);
    if (!value.absent && format->kind == DLT645_KIND_BYTES) {
        const size_t from = w->len;
        codec_value_bytes(c, v, w);
        if (format->bytes > 0 && w->len - from != format->bytes) {
            codec_compose_fail(c, GT_ERR_RANGE, v, "as many bytes as the item has");
        }
        return;
    }
    if (!value.absent && format->kind == DLT645_KIND_ASCII) {
        ascii_write(c, v, format->bytes, w);
        return;
    }
    if (!value.absent) {
        text_read(c, v, format, &value);
    }
    uint8_t bytes[ASCII_MAX] = {0};
    size_t len = 0;
    if (dlt645_value_encode(&value, bytes, sizeof bytes, &len) != GT_ERR_OK) {
        codec_compose_fail(c, GT_ERR_RANGE, v,
                           format->kind == DLT645_KIND_NUMBER
                               ? "a number of as many digits as the item has"
                               : "a value that fits the item");
        return;
    }
    gt_wr_bytes(w, bytes, len);
}

/* An open load profile block: where it began and the next value's number. */
typedef struct profile {
    size_t at;
    unsigned next; /* 0: none is open */
} profile;

/* Separators of the classes that end before that value. */
static void profile_split(profile *p, unsigned element, gt_wr *w)
{
    static const uint8_t ends[] = {8, 16, 20, 24, 28, DLT645_PROFILE_VALUES};
    for (size_t i = 0; i < sizeof ends; i++) {
        if (p->next <= ends[i] && ends[i] <= element) {
            gt_wr_u8(w, DLT645_PROFILE_SPLIT);
            p->next = ends[i] + 1U;
        }
    }
}

static void profile_close(profile *p, gt_wr *w)
{
    if (p->next == 0) {
        return;
    }
    profile_split(p, DLT645_PROFILE_VALUES, w);
    const size_t len = w->len - p->at;
    if (w->len <= w->cap) {
        w->buf[p->at + 2] = (uint8_t)(len - DLT645_PROFILE_HEAD);
        gt_wr_u8(w, gt_sum8(w->buf + p->at, len));
    }
    gt_wr_u8(w, DLT645_PROFILE_END);
    p->next = 0;
}

/* Marks in front of value @p element of the profile. */
static void profile_open(codec_composer *c, const codec_value *v, profile *p, unsigned element,
                         gt_wr *w)
{
    if (element == 0) {
        profile_close(p, w);
        *p = (profile){.at = w->len, .next = 1};
        gt_wr_u8(w, DLT645_PROFILE_START);
        gt_wr_u8(w, DLT645_PROFILE_START);
        gt_wr_u8(w, 0);
        return;
    }
    if (p->next == 0 || element + 1 < p->next) {
        codec_compose_fail(c, GT_ERR_RANGE, v, "values of a block in order, its time first");
        return;
    }
    profile_split(p, element, w);
    p->next = element + 1;
}

/* "03010101.7": an identifier of that many hex digits, and which of its values. */
typedef struct item_id {
    uint32_t di;
    unsigned element;
    bool dotted;
    bool bad;
} item_id;

static item_id id_read(const char *id, unsigned digits)
{
    static const char hex[] = "0123456789ABCDEF";
    item_id out = {0};
    text t = {.at = id};
    for (unsigned i = 0; i < digits; i++) {
        const char *at = *t.at != '\0' ? strchr(hex, *t.at) : NULL;
        if (at == NULL) {
            out.bad = true;
            return out;
        }
        out.di = out.di << 4 | (uint32_t)(at - hex);
        t.at++;
    }
    out.dotted = *t.at == '.';
    if (out.dotted) {
        t.at++;
        out.element = (unsigned)number(&t, 1, 3);
    }
    out.bad = t.bad || *t.at != '\0';
    return out;
}

static void item_write(codec_composer *c, const dlt645_message *m, const codec_value *v, profile *p,
                       gt_wr *w)
{
    const bool edition_1997 = ((unsigned)m->function & DLT645_1997) != 0;
    const item_id id = id_read(v->id, edition_1997 ? 4 : 8);
    if (id.bad) {
        codec_compose_fail(c, GT_ERR_SYNTAX, v,
                           "an item's identifier, with its number behind a point");
        return;
    }
    const uint32_t answer = dlt645_values_di(m) & DLT645_DI_ANSWER;
    const dlt645_item *item =
        edition_1997 ? dlt645_1997_item_find(id.di) : dlt645_item_find(id.di | answer);
    if (item == NULL) {
        codec_value_bytes(c, v, w);
        return;
    }
    const dlt645_format *format = dlt645_item_format(item);
    if (format->kind != DLT645_KIND_RECORD) {
        if (!id.dotted || format->many) { /* else a bit of a word: it follows from the word */
            value_write(c, v, item, NULL, w);
        }
        return;
    }
    const bool is_profile = item->axis == DLT645_AXIS_PROFILE;
    unsigned times = 0;
    const unsigned element = is_profile ? id.element % DLT645_PROFILE_VALUES : id.element;
    const dlt645_part_row *part = dlt645_part_of(format, element, &times);
    if (part == NULL) {
        codec_compose_fail(c, GT_ERR_RANGE, v, "a part that the record has");
        return;
    }
    if (is_profile) {
        profile_open(c, v, p, element, w);
    }
    value_write(c, v, item, part, w);
}

void dlt645_items_compose(codec_composer *c, const dlt645_message *m, gt_wr *w)
{
    profile p = {0};
    const unsigned edition = (unsigned)m->function & DLT645_1997;
    const items_item *own =
        items_find(c->recipe->own, (items_key){dlt645_protocol(edition), m->di, m->reply, 0});
    if (own != NULL && codec_item_peek(c) != NULL) {
        items_compose(c->recipe->own, own, edition != 0 ? 4 : 8, c, w);
        return;
    }
    for (const codec_value *v = codec_item_next(c); v != NULL; v = codec_item_next(c)) {
        const codec_value id = {v->id, v->id};
        const bool mark = codec_value_is(&id, "mark");
        if (codec_value_is(&id, "data") || (mark && ((unsigned)m->function & DLT645_1997) != 0)) {
            codec_value_bytes(c, v, w);
        } else if (!mark) { /* those of the load profile follow from its values */
            item_write(c, m, v, &p, w);
        }
    }
    profile_close(&p, w);
}
