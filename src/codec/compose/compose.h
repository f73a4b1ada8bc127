/**
 * @file compose.h
 * @brief A frame from its names: the inverse of codec/describe/describe.h, the same for every
 * codec.
 *
 * Layer:   codec. No I/O, no allocation, no clock, no globals.
 *
 * A codec offers one function of this shape, in its own compose.h, and a row in
 * codec/detect/compose.c:
 *
 *   gt_err NAME_compose(codec_composer *c, uint8_t *buf, size_t cap, size_t *out_len);
 *     Reads fields and items by their ids, each once, in any order it likes, and writes one frame.
 *     Returns codec_compose_done(c) as soon as that is not OK, then the encoder's error.
 *     buf may be written on failure, *out_len not.
 *
 * Ids and texts are those that NAME_describe makes: for a canonical frame x, compose(describe(x))
 * is x byte for byte. So a field or item must not be described in a form that cannot be read back,
 * and what describe tells in several ways must agree, or else one of them is marked derived.
 * - Fields that follow from the others (start, length, checksum, end) are computed. A recipe may
 *   hold them; they are named with codec_fields_derived and not looked at.
 * - Fields that have an obvious default (dir, reserved, preamble) may be left out: use _find.
 * - A field or item that nothing has read when codec_compose_done is called is UNKNOWN, so a
 *   misspelt name never passes silently.
 *
 * Like the byte cursors, a composer keeps its first failure; later reads return zero.
 */
#ifndef GT_CODEC_COMPOSE_COMPOSE_H
#define GT_CODEC_COMPOSE_COMPOSE_H

#include "base/bytes.h"
#include "codec/describe/describe.h"

struct dtu_profile;
struct items_set;
struct modbus_map;

typedef struct codec_value {
    const char *id;
    const char *value; /* NULL: none; of an item: the meter has no such value */
} codec_value;

/** What to build. The texts are the caller's and outlive the composer. */
typedef struct codec_recipe {
    const char *address; /* as a description's `address`; "" when not given */
    const codec_value *fields;
    size_t field_count; /* at most CODEC_FIELDS_MAX */
    const codec_value *items;
    size_t item_count;             /* in wire order, at most CODEC_ITEMS_MAX */
    const struct modbus_map *map;  /* Modbus: types of registers; NULL when there is none */
    const struct dtu_profile *dtu; /* DTU: templates of its packets; NULL when there are none */
    const struct items_set *own;   /* items of the meter's model; NULL when there are none */
} codec_recipe;

typedef struct codec_recipe_fault {
    gt_err err;
    const char *id;       /* field or item that is wrong, "" when it is the whole recipe */
    const char *expected; /* English, static storage */
    const char *found;    /* text of the recipe, or "nothing" */
} codec_recipe_fault;

enum { CODEC_ITEM_WORDS = (CODEC_ITEMS_MAX + 63) / 64 };

typedef struct codec_composer {
    const codec_recipe *recipe;
    codec_recipe_fault fault; /* the first; err is OK when there is none */
    uint64_t fields_read;     /* one bit a field */
    uint64_t items_read[CODEC_ITEM_WORDS];
} codec_composer;

/** A recipe of more fields or items than fit is a fault at once (SPACE). */
codec_composer codec_composer_of(const codec_recipe *recipe);
/** Remembers the first fault. @p v NULL: the whole recipe. @p expected static storage. */
void codec_compose_fail(codec_composer *c, gt_err err, const codec_value *v, const char *expected);
/** @return the first fault's error, or UNKNOWN when a field or item was not read by anyone */
GT_CHECKED gt_err codec_compose_done(codec_composer *c);

/* Fields. Each call gives the next one of that id that was not read yet, and marks it read. */

/** @return NULL when there is none */
const codec_value *codec_field_find(codec_composer *c, const char *id);
/** @return NULL, and a fault (NOT_FOUND), when there is none */
const codec_value *codec_field_get(codec_composer *c, const char *id);
/** Marks all fields of those ids as read. */
void codec_fields_derived(codec_composer *c, const char *const *ids, size_t count);
/** The field "address", else the recipe's address as a value of that id; a fault when neither is
 * there (NOT_FOUND) or both and they differ (MISMATCH). @p out is its storage when needed. */
const codec_value *codec_address_get(codec_composer *c, codec_value *out);

/* Items. */

/** The first item that was not read yet, NULL past the last; marks it read. */
const codec_value *codec_item_next(codec_composer *c);
/** The same without marking it. */
const codec_value *codec_item_peek(const codec_composer *c);
/** The first of that id that was not read yet, or NULL. */
const codec_value *codec_item_find(codec_composer *c, const char *id);

/* Values. All take NULL (after a failed _get) and return zero; a text that is not exactly of its
 * form is a fault (SYNTAX, or RANGE when only too large), and so is a value that is none. */

/** "91H", "0x91" or "91": at most @p digits hex digits, of either case. */
uint64_t codec_value_hex(codec_composer *c, const codec_value *v, unsigned digits);
/** Decimal digits only, 0 .. max. */
uint64_t codec_value_number(codec_composer *c, const codec_value *v, uint64_t max);
/** "-123.45" with 2 decimals -> -12345; at most @p decimals (0 .. 9) digits after the point. */
int64_t codec_value_decimal(codec_composer *c, const codec_value *v, unsigned decimals);
/** "-12.340" -> -12340 and exponent -3: any number of decimals, what is left fits 63 bits. */
int64_t codec_value_scaled(codec_composer *c, const codec_value *v, int *out_exponent);
/** The same as a count of 10^exponent; a number that is none of it is a fault (RANGE). */
int64_t codec_value_count(codec_composer *c, const codec_value *v, int exponent);
/** Exactly @p digits (at most 16) characters 0 .. 9, as nibbles: "0012" -> 0x0012. */
uint64_t codec_value_digits(codec_composer *c, const codec_value *v, unsigned digits);
/** Pairs of hex digits, appended to @p w in reading order. Room is the writer's matter. */
void codec_value_bytes(codec_composer *c, const codec_value *v, gt_wr *w);
/** Is it that text? No fault when not. */
bool codec_value_is(const codec_value *v, const char *text);
/**
 * Numbers at fixed places: each run of 'd' in the pattern is one number of just so many digits,
 * every other character stands for itself: "dddd-dd-dd dd:dd" takes "2026-11-21 09:30".
 *
 * @param[out] out one number a run, untouched on a fault; their ranges are the caller's to check
 * @return true when it matched
 */
bool codec_value_parts(codec_composer *c, const codec_value *v, const char *pattern, unsigned *out);

#endif
