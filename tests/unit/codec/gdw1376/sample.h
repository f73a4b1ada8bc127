/* Data of any layout, made up: the walk that measures a datum asks for each field and gets a value
 * that its format can hold. What the values are follows from a seed alone. */
#ifndef GT_TESTS_GDW1376_SAMPLE_H
#define GT_TESTS_GDW1376_SAMPLE_H

#include "codec/gdw1376/message.h"
#include "codec/gdw1376/walk.h"

#include <string.h>

enum { SAMPLE_MAX = 1800 };

typedef struct sample {
    uint32_t seed;
    bool in_event;
    uint8_t erc; /* of the event being made */
    gt_wr w;
} sample;

static inline uint32_t sample_random(sample *s, uint32_t below)
{
    s->seed = s->seed * 1664525U + 1013904223U;
    return (s->seed >> 8) % below;
}

static inline void sample_digits(sample *s, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        const uint32_t low = sample_random(s, 10);
        gt_wr_u8(&s->w, (uint8_t)(sample_random(s, 8) << 4 | low));
    }
}

static inline void sample_time(sample *s, gdw1376_format format)
{
    const gt_civil at = {
        (int16_t)(2000 + sample_random(s, 100)), (uint8_t)(1 + sample_random(s, 12)),
        (uint8_t)(1 + sample_random(s, 28)),     (uint8_t)sample_random(s, 24),
        (uint8_t)sample_random(s, 60),           (uint8_t)sample_random(s, 60)};
    gdw1376_when when = gdw1376_when_of(&at);
    when.weekday = sample_random(s, 2) != 0 ? when.weekday : (uint8_t)sample_random(s, 8);
    gdw1376_when_write(&s->w, format, &when);
}

static inline void sample_scaled(sample *s, gdw1376_format format)
{
    const bool small = format == GDW1376_A2;
    const int32_t digits = (int32_t)sample_random(s, small ? 1000 : 10000000);
    const gdw1376_scaled v = {.present = true,
                              .digits = digits > 0 && sample_random(s, 2) != 0 ? -digits : digits,
                              .exponent = small ? (int)sample_random(s, 8) - 3
                                                : 3 * (int)sample_random(s, 2)};
    gdw1376_scaled_write(&s->w, format, &v);
}

/* The length of an event whose counts are 0: just its other fields. Unknown ones have a few bytes.
 */
static inline uint8_t sample_event_len(uint8_t code)
{
    const gdw1376_erc_row *erc = gdw1376_erc_of(code);
    size_t rows = 0;
    const gdw1376_field *row =
        erc != NULL ? gdw1376_layout_fields((gdw1376_layout)erc->layout, &rows) : NULL;
    size_t len = erc != NULL ? 0 : 7;
    for (size_t i = 0; i < rows; i++) {
        const size_t size = gdw1376_format_of((gdw1376_format)row[i].format)->size;
        const unsigned times = row[i].times;
        len += times == GDW1376_COUNTED ? 0
               : times == GDW1376_REST  ? 2 * size
               : times >= GDW1376_RUN0  ? (times - GDW1376_RUN0) * size
                                        : size;
    }
    return (uint8_t)len;
}

/* Code and length of an event; false for any other field. */
static inline bool sample_event(sample *s, const gdw1376_met *met)
{
    const bool length = strcmp(met->field->zh, "长度Le") == 0;
    if (!length && strcmp(met->field->zh, "事件代码ERC") != 0) {
        return false;
    }
    if (length) {
        gt_wr_u8(&s->w, sample_event_len(s->erc));
    } else {
        s->in_event = true;
        s->erc = (uint8_t)sample_random(s, 45);
        gt_wr_u8(&s->w, s->erc);
    }
    return true;
}

/* A count that keeps the datum small. */
static inline bool sample_count(sample *s, const gdw1376_met *met, const gt_rd *r)
{
    static const uint8_t densities[] = {0, 1, 2, 3, 254};
    uint32_t v = s->in_event ? 0 : sample_random(s, 4);
    switch ((unsigned)met->field->times) {
    case GDW1376_COUNT:
    case GDW1376_INNER:
        break;
    case GDW1376_LESS1:
        v++;
        break;
    case GDW1376_LESS4:
        v += 4;
        break;
    case GDW1376_LOW7:
        v += 0x80;
        break;
    case GDW1376_BITS:
    case GDW1376_INNER_BITS:
        v = 1U << v | 0x10;
        break;
    case GDW1376_SINCE:
        v = (v + r->buf[r->pos - 1]) & 0xFF;
        break;
    case GDW1376_DENSITY:
        v = densities[sample_random(s, sizeof densities)];
        break;
    default:
        return false;
    }
    gt_wr_u8(&s->w, (uint8_t)v);
    gt_wr_fill(&s->w, 0, met->len - 1);
    return true;
}

static inline void sample_id(sample *s)
{
    gdw1376_id id = {.points = {.count = 2, .number = {0}}, .fns = {.count = 1, .number = {0}}};
    id.points.number[0] = (uint16_t)(1 + 8 * sample_random(s, 255));
    id.points.number[1] = (uint16_t)(id.points.number[0] + 1 + sample_random(s, 7));
    id.fns.number[0] = (uint16_t)(1 + sample_random(s, GDW1376_FN_MAX));
    gdw1376_id_write(&s->w, &id);
}

static inline void sample_visit(void *ctx, const gdw1376_met *met, gt_rd *r)
{
    sample *s = ctx;
    const gdw1376_format format = (gdw1376_format)met->field->format;
    const gdw1376_format_row *row = gdw1376_format_of(format);
    const bool can_lack = row->kind == GDW1376_KIND_NUMBER || row->kind == GDW1376_KIND_TIME ||
                          row->kind == GDW1376_KIND_SCALED;
    if (sample_event(s, met) || sample_count(s, met, r)) {
        /* done */
    } else if (can_lack && sample_random(s, 8) == 0) {
        gt_wr_fill(&s->w, 0xEE, row->size);
    } else if (row->kind == GDW1376_KIND_NUMBER) {
        sample_digits(s, row->size);
        if (row->is_signed && s->w.buf[s->w.len - 1] != 0) {
            s->w.buf[s->w.len - 1] |= sample_random(s, 2) != 0 ? 0x80 : 0; /* not of zero */
        }
    } else if (row->kind == GDW1376_KIND_TIME) {
        sample_time(s, format);
    } else if (row->kind == GDW1376_KIND_SCALED) {
        sample_scaled(s, format);
    } else if (row->kind == GDW1376_KIND_DADT) {
        sample_id(s);
    } else if (row->kind == GDW1376_KIND_TEXT && sample_random(s, 2) != 0) {
        const size_t len = 1 + sample_random(s, (uint32_t)met->len);
        for (size_t i = 0; i < len; i++) {
            gt_wr_u8(&s->w, (uint8_t)('!' + sample_random(s, 90)));
        }
        gt_wr_fill(&s->w, 0, met->len - len);
    } else {
        for (size_t i = 0; i < met->len; i++) {
            gt_wr_u8(&s->w, (uint8_t)sample_random(s, 256));
        }
    }
    r->len = s->w.len;
}

/* A field until the end: three of them. */
static inline bool sample_more(void *ctx, const gdw1376_met *met)
{
    (void)ctx;
    return met->nth <= 3;
}

/* One datum; @return its length. */
static inline size_t sample_make(gdw1376_shape shape, uint32_t seed, uint8_t *buf)
{
    sample s = {.seed = seed, .w = gt_wr_of(buf, SAMPLE_MAX)};
    gt_rd r = gt_rd_of(buf, 0);
    const gdw1376_visitor v = {.visit = sample_visit, .more = sample_more, .ctx = &s};
    gdw1376_shape_walk(shape, &r, &v);
    return r.err == GT_ERR_OK && s.w.len <= SAMPLE_MAX ? s.w.len : SIZE_MAX;
}

#endif
