/* A frame from its names. The data grow behind the head in place: the walk that measures them asks
 * for each field in turn, the next item is read and its bytes appended, so that a count just
 * written rules what comes after. */
#include "codec/gdw1376_2/compose.h"

#include "codec/gdw1376_2/gdw1376_2_priv.h"
#include "codec/gdw1376_2/walk.h"

#include <string.h>

enum {
    MODULE = 0x04,
    AFN_REPORT = 0x06,
    MODE_DEFAULT = 3,
    INFO_PART_MAX = 0x7FFF,
    RATE_TEXT_MAX = 8
};

static uint64_t number_or(codec_composer *c, const char *id, uint64_t max, uint64_t otherwise)
{
    const codec_value *v = codec_field_find(c, id);
    return v != NULL ? codec_value_number(c, v, max) : otherwise;
}

static bool is_given(const codec_composer *c, const char *id)
{
    for (size_t i = 0; i < c->recipe->field_count; i++) {
        if (strcmp(c->recipe->fields[i].id, id) == 0) {
            return true;
        }
    }
    return false;
}

/* R as one field: then its parts follow from it. */
static void info_whole(codec_composer *c, const codec_value *v, gdw1376_2_frame *f)
{
    const gdw1376_2_info_row *row = NULL;
    gt_wr w = gt_wr_of(f->info, sizeof f->info);
    codec_value_bytes(c, v, &w);
    if (gt_wr_done(&w) != GT_ERR_OK || w.len != sizeof f->info) {
        codec_compose_fail(c, GT_ERR_RANGE, v, "twelve hexadecimal digits");
    }
    for (size_t i = 0; (row = gdw1376_2_info_at(i)) != NULL; i++) {
        codec_fields_derived(c, &row->id, 1);
    }
}

static void info_parts(codec_composer *c, gdw1376_2_frame *f)
{
    const gdw1376_2_info_row *row = NULL;
    if (c->recipe->address[0] != '\0' || is_given(c, "source") || is_given(c, "destination")) {
        f->info[0] = MODULE; /* unless the part says no */
    }
    for (size_t i = 0; (row = gdw1376_2_info_at(i)) != NULL; i++) {
        const bool mine = (row->way == GDW1376_2_WAY_UP) == f->up;
        const codec_value *v = mine ? codec_field_find(c, row->id) : NULL;
        const uint16_t part = v != NULL ? (uint16_t)codec_value_number(c, v, INFO_PART_MAX) : 0;
        if (v != NULL && gdw1376_2_info_set(f, row->part, part) != GT_ERR_OK) {
            codec_compose_fail(c, GT_ERR_RANGE, v, "a number of the part's bits");
        }
    }
}

/* The far node: by its own field, by the recipe's address, or both when they agree. */
static uint64_t far_read(codec_composer *c, const char *id)
{
    const codec_value whole = {"address", c->recipe->address};
    const codec_value *v = codec_field_find(c, id);
    if (c->recipe->address[0] == '\0') {
        v = v != NULL ? v : codec_field_get(c, id);
        return codec_value_hex(c, v, GDW1376_2_ADDR_DIGITS);
    }
    const uint64_t addr = codec_value_hex(c, &whole, GDW1376_2_ADDR_DIGITS);
    if (v != NULL && codec_value_hex(c, v, GDW1376_2_ADDR_DIGITS) != addr) {
        codec_compose_fail(c, GT_ERR_MISMATCH, v, "the same as the address");
    }
    return addr;
}

static void addresses_read(codec_composer *c, gdw1376_2_frame *f)
{
    if (!gdw1376_2_frame_has_addresses(f)) {
        return;
    }
    const codec_value *near = codec_field_find(c, f->up ? "destination" : "source");
    const uint64_t mine = near != NULL ? codec_value_hex(c, near, GDW1376_2_ADDR_DIGITS) : 0;
    const uint64_t far = far_read(c, f->up ? "source" : "destination");
    f->source = f->up ? far : mine;
    f->destination = f->up ? mine : far;
    for (size_t i = 0; i < gdw1376_2_frame_relays(f); i++) {
        f->relays[i] = codec_value_hex(c, codec_field_get(c, "relay"), GDW1376_2_ADDR_DIGITS);
    }
}

/* "F12" */
static uint16_t fn_read(codec_composer *c)
{
    const codec_value *v = codec_field_get(c, "fn");
    if (v == NULL || v->value == NULL || v->value[0] != 'F') {
        codec_compose_fail(c, GT_ERR_SYNTAX, v, "a function as F1");
        return 0;
    }
    return (uint16_t)codec_value_number(c, &(codec_value){v->id, v->value + 1}, GDW1376_2_FN_MAX);
}

static void head_read(codec_composer *c, gdw1376_2_frame *f)
{
    static const char *const derived[] = {"start", "length", "checksum", "end"};
    codec_fields_derived(c, derived, sizeof derived / sizeof derived[0]);
    f->afn = (uint8_t)codec_value_hex(c, codec_field_get(c, "afn"), 2);
    f->fn = fn_read(c);
    f->up = number_or(c, "dir", 1, f->afn == AFN_REPORT ? 1 : 0) != 0;
    f->prm = number_or(c, "prm", 1, 1) != 0;
    f->mode = (uint8_t)number_or(c, "mode", GDW1376_2_MODE_MAX, MODE_DEFAULT);
    const codec_value *info = codec_field_find(c, "info");
    if (info != NULL) {
        info_whole(c, info, f);
    } else {
        info_parts(c, f);
    }
    addresses_read(c, f);
}

typedef struct sheet {
    codec_composer *c;
    gt_wr *w;
    size_t start; /* of the data */
    uint16_t fn;
} sheet;

/* "F1", "F1 #2" names what the walk wants? */
static bool id_is(const char *id, unsigned fn, unsigned nth)
{
    enum { ID_MAX = 24 };
    codec_value tail = {0};
    char text[ID_MAX];
    size_t at = sizeof text;
    text[--at] = '\0';
    for (unsigned part = nth > 0 ? nth + 1 : 0; part > 0; part /= 10) {
        text[--at] = (char)('0' + part % 10);
    }
    if (nth > 0) {
        text[--at] = '#';
        text[--at] = ' ';
    }
    for (; fn > 0; fn /= 10) {
        text[--at] = (char)('0' + fn % 10);
    }
    text[--at] = 'F';
    tail.value = id;
    return codec_value_is(&tail, text + at);
}

static void number_write(gt_wr *w, uint64_t v, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        gt_wr_u8(w, (uint8_t)(v >> (8 * i)));
    }
}

/* "9600", "100k" */
static void rate_write(codec_composer *c, const codec_value *v, gt_wr *w)
{
    const size_t len = v->value != NULL ? strlen(v->value) : 0;
    const bool kilo = len > 0 && v->value[len - 1] == 'k';
    char digits[RATE_TEXT_MAX] = "";
    if (len < sizeof digits) {
        memcpy(digits, len > 0 ? v->value : "", len - (kilo ? 1 : 0));
    }
    const uint64_t rate = codec_value_number(c, &(codec_value){v->id, digits}, GDW1376_2_RATE_MAX);
    number_write(w, rate | (kilo ? GDW1376_2_RATE_MAX + 1 : 0), 2);
}

/* Characters, last first; or, told by being longer, their bytes in hex and an H. */
static void text_write(codec_composer *c, const codec_value *v, size_t len, gt_wr *w)
{
    const size_t text_len = v->value != NULL ? strlen(v->value) : 0;
    if (text_len != len && text_len != 2 * len + 1) {
        codec_compose_fail(c, GT_ERR_SYNTAX, v, "so many characters, or hex digits and H");
        return;
    }
    const bool hex = text_len != len;
    const uint64_t bytes = hex ? codec_value_hex(c, v, (unsigned)len * 2) : 0;
    for (size_t i = len; i > 0; i--) {
        gt_wr_u8(w, hex ? (uint8_t)(bytes >> (8 * (i - 1))) : (uint8_t)v->value[i - 1]);
    }
}

static void value_write(codec_composer *c, const codec_value *v, const gdw1376_2_met *met, gt_wr *w)
{
    const size_t before = w->len;
    switch (met->field->kind) {
    case GDW1376_2_KIND_NUMBER:
        number_write(w, codec_value_number(c, v, UINT64_MAX >> (64 - 8 * met->len)), met->len);
        return;
    case GDW1376_2_KIND_DIGITS:
        number_write(w, codec_value_hex(c, v, (unsigned)met->len * 2), met->len);
        return;
    case GDW1376_2_KIND_RATE:
        rate_write(c, v, w);
        return;
    case GDW1376_2_KIND_TEXT:
        text_write(c, v, met->len, w);
        return;
    default:
        codec_value_bytes(c, v, w);
        if (met->len != SIZE_MAX && c->fault.err == GT_ERR_OK && w->len - before != met->len) {
            codec_compose_fail(c, GT_ERR_MISMATCH, v, "as many bytes as the length before it says");
        }
    }
}

static void visit(void *ctx, const gdw1376_2_met *met, gt_rd *r)
{
    sheet *s = ctx;
    const codec_value *v = codec_item_next(s->c);
    if (v == NULL) {
        codec_compose_fail(s->c, GT_ERR_NOT_FOUND, NULL, "an item for each field");
    } else if (!id_is(v->id, s->fn, met->nth)) {
        codec_compose_fail(s->c, GT_ERR_MISMATCH, v, "the fields of the function in order");
    } else {
        value_write(s->c, v, met, s->w);
    }
    if (s->w->len > s->w->cap) {
        codec_compose_fail(s->c, GT_ERR_SPACE, NULL, "data that fit one frame");
    }
    if (s->c->fault.err != GT_ERR_OK) {
        gt_rd_fail(r, s->c->fault.err);
    } else {
        r->len = s->w->len - s->start;
    }
}

static bool more(void *ctx)
{
    const sheet *s = ctx;
    return codec_item_peek(s->c) != NULL;
}

gt_err gdw1376_2_compose(codec_composer *c, uint8_t *buf, size_t cap, size_t *out_len)
{
    gdw1376_2_frame f = {0};
    head_read(c, &f);
    gt_wr w = gt_wr_of(buf, cap);
    gdw1376_2_head_write(&w, &f);
    if (c->fault.err == GT_ERR_OK) {
        GT_TRY(gt_wr_done(&w)); /* items not reached are no fault */
    }
    sheet s = {.c = c, .w = &w, .start = w.len, .fn = f.fn};
    gt_rd r = gt_rd_of(w.len <= cap ? buf + w.len : buf, 0);
    const gdw1376_2_layout layout = gdw1376_2_item_layout(gdw1376_2_item_of(f.afn, f.fn), f.up);
    gdw1376_2_layout_walk(layout, &r,
                          &(gdw1376_2_visitor){.visit = visit, .more = more, .ctx = &s});
    GT_TRY(codec_compose_done(c));
    return gdw1376_2_frame_end(&w, out_len);
}
