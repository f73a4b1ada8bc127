/**
 * @file items.h
 * @brief Data items of a meter model as text: identifiers that a standard lacks, or lays out
 * otherwise.
 *
 * Layer:   codec. No I/O, no allocation. Knows no protocol: a codec asks it for an identifier.
 * Source:  models/README.md describes the file.
 *
 * A line holds blank-separated words; '#' at its start makes it a comment. `model`, `name en`,
 * `name zh` and `protocol` each stand once, before the first item; value lines belong to the item
 * above them, in wire order.
 */
#ifndef GT_CODEC_ITEMS_ITEMS_H
#define GT_CODEC_ITEMS_ITEMS_H

#include "codec/compose/compose.h"
#include "codec/describe/describe.h"

enum {
    ITEMS_WORD_MAX = 32, /* bytes with terminator, as all here */
    ITEMS_TITLE_MAX = 64,
    ITEMS_UNIT_MAX = 12,
    ITEMS_MAX = 64,
    ITEMS_VALUES_MAX = 256,
    ITEMS_BYTES_MAX = 64, /* of one value */
    ITEMS_FOUND_MAX = 40,
};

/** X(symbol, word in the file, most bytes): the word is followed by how many bytes. */
#define ITEMS_TYPE_LIST(X) \
    X(BCD, "bcd", 8)       \
    X(SBCD, "sbcd", 8)     \
    X(BINARY, "u", 8)      \
    X(SIGNED, "s", 8)      \
    X(HEX, "hex", 64)      \
    X(ASCII, "ascii", 64)  \
    X(RASCII, "rascii", 64)

typedef enum items_type {
#define ITEMS_TYPE_ENUM(symbol, word, bytes) ITEMS_TYPE_##symbol,
    ITEMS_TYPE_LIST(ITEMS_TYPE_ENUM)
#undef ITEMS_TYPE_ENUM
        ITEMS_TYPE_TIME, /* "time:" and a letter a byte */
} items_type;

typedef struct items_value {
    char id[ITEMS_WORD_MAX];
    items_type type;
    uint8_t bytes;
    bool high_first;
    uint8_t decimals;
    char parts[ITEMS_UNIT_MAX]; /* TIME: s m h D M Y, C for the two digits before Y, W weekday */
    char unit[ITEMS_UNIT_MAX];  /* "" where the file says - */
    char name_en[ITEMS_TITLE_MAX];
    char name_zh[ITEMS_TITLE_MAX];
} items_value;

typedef struct items_item {
    uint32_t id;
    bool answer;        /* or the data of a request */
    uint8_t kind_first; /* of meter, where the protocol has such a number */
    uint8_t kind_last;
    char name_en[ITEMS_TITLE_MAX];
    char name_zh[ITEMS_TITLE_MAX];
    uint16_t value_first;
    uint16_t value_count;
} items_item;

typedef struct items_set {
    char model[ITEMS_WORD_MAX];
    char name_en[ITEMS_TITLE_MAX];
    char name_zh[ITEMS_TITLE_MAX];
    char protocol[ITEMS_WORD_MAX]; /* "cjt188" */
    items_item items[ITEMS_MAX];
    uint16_t item_count;
    items_value values[ITEMS_VALUES_MAX];
    uint16_t value_count;
} items_set;

/** Where and why a file was refused, for the person who wrote it. */
typedef struct items_fault {
    uint32_t line;               /* from 1 */
    const char *expected;        /* "request or answer" */
    char found[ITEMS_FOUND_MAX]; /* the word, cut to fit; "end of line", "end of file" */
} items_fault;

/**
 * @param text       need not be terminated
 * @param[out] out   its content is unspecified after a failure (it is large)
 * @param[out] fault written only on failure
 * @return SYNTAX  see the fault; SPACE  more items or values than fit
 */
GT_CHECKED gt_err items_parse(const char *text, size_t len, items_set *out, items_fault *fault);

/** What a codec looks for: an identifier that a meter of that kind sends or is sent. */
typedef struct items_key {
    const char *protocol;
    uint32_t id;
    bool answer;
    uint8_t kind;
} items_key;

/** @return NULL when the set (which may be NULL) has none */
const items_item *items_find(const items_set *set, items_key key);

/**
 * Adds every value as an item "C120.battery"; nothing when the data is not as the file says.
 *
 * @param digits of the identifier
 * @param offset of the data in the input of the description
 * @return TRUNCATED TRAILING  the data is shorter or longer; MALFORMED not BCD; RANGE no such time
 */
GT_CHECKED gt_err items_describe(const items_set *set, const items_item *item, unsigned digits,
                                 codec_bytes data, uint32_t offset, codec_description *d);

/** The inverse: the recipe's items of that identifier, as data. Faults are the composer's. */
void items_compose(const items_set *set, const items_item *item, unsigned digits, codec_composer *c,
                   gt_wr *w);

/** Is it the id of that value of the item: "C120.battery"? @param digits of an identifier */
bool items_id_is(const char *id, uint32_t item, unsigned digits, const char *name);

#endif
