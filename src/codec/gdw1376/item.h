/**
 * @file item.h
 * @brief The table of functions (AFN, Fn): names, and how their data are laid out.
 *
 * Layer:   codec. Rows in item.def (functions), field_*.def (layouts and their fields), erc.def
 *          (event records), span.def, afn.def.
 */
#ifndef GT_CODEC_GDW1376_ITEM_H
#define GT_CODEC_GDW1376_ITEM_H

#include "codec/gdw1376/format.h"

typedef enum gdw1376_layout {
    GDW1376_LAYOUT_NONE,
#define LAYOUT(symbol) GDW1376_LAYOUT_##symbol,
#define FIELD(format, times, unit, zh, en)
#include "codec/gdw1376/field.def"
#undef LAYOUT
#undef FIELD
} gdw1376_layout;

/**
 * How often a field occurs. Neighbouring fields with the same COUNTED, REST or FIX repeat as a
 * group; a RUN repeats on its own.
 */
typedef enum gdw1376_times {
    GDW1376_ONCE,
    /* once, and its value says how often COUNTED and RUN come after it: */
    GDW1376_COUNT,   /* as it stands */
    GDW1376_LESS1,   /* less 1: harmonics 2 .. N */
    GDW1376_LESS4,   /* less 4: a length that counts an identifier */
    GDW1376_LOW7,    /* its low seven bits */
    GDW1376_BITS,    /* how many of its bits are set */
    GDW1376_SINCE,   /* itself less the count before it, modulo 256: pointers of a ring */
    GDW1376_DENSITY, /* a freeze density: points an hour */
    GDW1376_COUNTED, /* count times */
    GDW1376_RUN,     /* the same, not joined with its neighbours */
    GDW1376_REST,    /* until the bytes end */
    /* inside a COUNTED group: */
    GDW1376_INNER,      /* once each time; its value is the count of INNERED */
    GDW1376_INNER_BITS, /* the same, by its bits that are set */
    GDW1376_INNERED,    /* inner count times, joined with its neighbours */
    GDW1376_FIX0 = 64,  /* n times, joined */
    GDW1376_FIX3 = GDW1376_FIX0 + 3,
    GDW1376_FIX4 = GDW1376_FIX0 + 4,
    GDW1376_FIX10 = GDW1376_FIX0 + 10,
    GDW1376_FIX19 = GDW1376_FIX0 + 19,
    GDW1376_AGAIN0 = 96, /* the same, right after a group of as many */
    GDW1376_AGAIN3 = GDW1376_AGAIN0 + 3,
    GDW1376_RUN0 = 128, /* n times, not joined */
    GDW1376_RUN3 = GDW1376_RUN0 + 3,
    GDW1376_RUN4 = GDW1376_RUN0 + 4,
    GDW1376_RUN7 = GDW1376_RUN0 + 7,
    GDW1376_RUN8 = GDW1376_RUN0 + 8,
    GDW1376_RUN9 = GDW1376_RUN0 + 9,
    GDW1376_RUN12 = GDW1376_RUN0 + 12,
    GDW1376_RUN16 = GDW1376_RUN0 + 16,
    GDW1376_RUN18 = GDW1376_RUN0 + 18,
    GDW1376_RUN19 = GDW1376_RUN0 + 19,
    GDW1376_RUN48 = GDW1376_RUN0 + 48,
} gdw1376_times;

typedef struct gdw1376_field {
    uint8_t format; /* gdw1376_format */
    uint8_t times;  /* gdw1376_times */
    const char *unit;
    const char *zh; /* "": the function's own name and unit */
    const char *en;
} gdw1376_field;

typedef enum gdw1376_access {
    GDW1376_ACCESS_A,  /* link and confirmation */
    GDW1376_ACCESS_C,  /* command */
    GDW1376_ACCESS_R,  /* read */
    GDW1376_ACCESS_W,  /* write */
    GDW1376_ACCESS_RW, /* parameter */
} gdw1376_access;

/** A word in both languages. */
typedef struct gdw1376_words {
    const char *zh;
    const char *en;
} gdw1376_words;

typedef struct gdw1376_item {
    uint8_t afn; /* 04 rows stand for 0A too */
    uint8_t fn;
    uint8_t down; /* layouts as the row has them; gdw1376_item_shape tells what travels */
    uint8_t up;
    uint8_t span;   /* gdw1376_span_of */
    uint8_t access; /* gdw1376_access */
    const char *unit;
    const char *zh;
    const char *en;
} gdw1376_item;

/** @return NULL when the table has no such row */
const gdw1376_item *gdw1376_item_of(uint8_t afn, uint16_t fn);
/** Row by index, for docs and tests; NULL past the end. Ascending by AFN, Fn. */
const gdw1376_item *gdw1376_item_at(size_t idx);
/** The word before the name: "日冻结", "Day: ". */
gdw1376_words gdw1376_span_of(const gdw1376_item *item);
/** Fields of a layout, in wire order; none for NONE. */
const gdw1376_field *gdw1376_layout_fields(gdw1376_layout layout, size_t *out_count);

/** What one datum is made of: the fields of one layout, then those of another. */
typedef struct gdw1376_shape {
    gdw1376_layout first;
    gdw1376_layout second;
} gdw1376_shape;

/** @param afn of the frame: 0A differs from 04 */
gdw1376_shape gdw1376_item_shape(const gdw1376_item *item, uint8_t afn, bool up);

typedef struct gdw1376_afn_row {
    uint8_t afn;
    gdw1376_words name;
} gdw1376_afn_row;

/** @return NULL for a reserved AFN */
const gdw1376_afn_row *gdw1376_afn_of(uint8_t afn);

/** An event record (AFN 0E): its code, its body's layout. */
typedef struct gdw1376_erc_row {
    uint8_t code;
    uint8_t layout;
    gdw1376_words name;
} gdw1376_erc_row;

/** @return NULL for an unknown code */
const gdw1376_erc_row *gdw1376_erc_of(uint8_t code);

#endif
