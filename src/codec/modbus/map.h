/**
 * @file map.h
 * @brief Register maps as text: which register means what, and values out of and into registers.
 *
 * Layer:   codec. No I/O, no allocation. Item names stay strings: what they mean is not known here.
 * Source:  docs/protocols/modbus.md describes the format.
 *
 * A line holds blank-separated words; '#' at its start makes it a comment. `model`, `name en`,
 * `name zh`, `protocol` and `words` each stand once, before the first block. value and bit lines
 * belong to the block or repeat above them and lie inside it; they do not overlap.
 */
#ifndef GT_CODEC_MODBUS_MAP_H
#define GT_CODEC_MODBUS_MAP_H

#include "base/time.h"
#include "codec/modbus/frame.h"

enum {
    MODBUS_NAME_MAX = 32, /* bytes with terminator */
    MODBUS_UNIT_TEXT_MAX = 16,
    MODBUS_TITLE_MAX = 64,
    MODBUS_BLOCKS_MAX = 32,
    MODBUS_ROWS_MAX = 256,
    MODBUS_MAC_LEN = 8,
    MODBUS_FOUND_MAX = 40,
};

/** X(symbol, word in the map, registers); F32M counts thousandths of its unit: W for kW */
#define MODBUS_TYPE_LIST(X) \
    X(U16, "u16", 1)        \
    X(S16, "s16", 1)        \
    X(U32, "u32", 2)        \
    X(S32, "s32", 2)        \
    X(U64, "u64", 4)        \
    X(S64, "s64", 4)        \
    X(F32, "f32", 2)        \
    X(F32M, "f32m", 2)      \
    X(BCD6, "bcd6", 3)      \
    X(CLOCK, "clock", 7)    \
    X(YMDH, "ymdh", 2)      \
    X(YMDHMS, "ymdhms", 3)  \
    X(MAC, "mac", 4)        \
    X(BIT, "bit", 1)

typedef enum modbus_type {
#define MODBUS_TYPE_ENUM(symbol, word, registers) MODBUS_TYPE_##symbol,
    MODBUS_TYPE_LIST(MODBUS_TYPE_ENUM)
#undef MODBUS_TYPE_ENUM
} modbus_type;

/** Where a block's numbers live, when the map says it. */
typedef enum modbus_table {
    MODBUS_TABLE_ANY, /* holding and input registers alike */
    MODBUS_TABLE_HOLDING,
    MODBUS_TABLE_INPUT,
    MODBUS_TABLE_COIL,
    MODBUS_TABLE_DISCRETE,
} modbus_table;

typedef struct modbus_row {
    char item[MODBUS_NAME_MAX];
    char unit[MODBUS_UNIT_TEXT_MAX]; /* "" where the map says - */
    uint16_t offset;                 /* from the block's first register, or within a record */
    modbus_type type;
    uint8_t bit;     /* BIT: 0 .. 15, 0 is the lowest */
    int8_t exponent; /* scale as a power of ten: 0.01 -> -2 */
    uint8_t block;   /* index into blocks */
} modbus_row;

typedef struct modbus_block {
    char name[MODBUS_NAME_MAX];
    uint16_t start;   /* first register */
    uint16_t records; /* 1 for a plain block */
    uint16_t stride;  /* registers of one record; of the whole block when records is 1 */
    bool repeat;      /* written as `repeat` */
    modbus_table table;
    uint16_t row_first;
    uint16_t row_count;
} modbus_block;

typedef struct modbus_map {
    char model[MODBUS_NAME_MAX];
    char name_en[MODBUS_TITLE_MAX];
    char name_zh[MODBUS_TITLE_MAX];
    bool low_first; /* of a two-register value the low word comes first */
    modbus_block blocks[MODBUS_BLOCKS_MAX];
    uint16_t block_count;
    modbus_row rows[MODBUS_ROWS_MAX];
    uint16_t row_count;
} modbus_map;

/** Where and why a map was refused, for the person who wrote it. */
typedef struct modbus_map_fault {
    uint32_t line;                /* from 1 */
    const char *expected;         /* "register 0x0000 to 0xFFFF" */
    char found[MODBUS_FOUND_MAX]; /* the word, cut to fit; "end of line", "end of file" */
} modbus_map_fault;

/**
 * @param text       need not be terminated
 * @param[out] out   its content is unspecified after a failure (it is large)
 * @param[out] fault written only on failure
 * @return SYNTAX  see the fault; SPACE  more blocks or rows than fit
 */
GT_CHECKED gt_err modbus_map_parse(const char *text, size_t len, modbus_map *out,
                                   modbus_map_fault *fault);

/** @return NULL when there is none */
const modbus_block *modbus_map_block(const modbus_map *map, const char *name);
/** The row of that item within the block, or NULL. */
const modbus_row *modbus_map_row(const modbus_map *map, const modbus_block *block,
                                 const char *item);
/** Does a block describe what is read from or written to that table (never ANY)? */
bool modbus_block_in(const modbus_block *block, modbus_table table);
/** Does a block count coils or discrete inputs, not registers? */
bool modbus_block_of_bits(const modbus_block *block);
/** Registers (of a block of bits: coils) a row covers. */
unsigned modbus_row_registers(const modbus_row *row);

/** A value by its type: only the member that the type names is meaningful. */
typedef struct modbus_value {
    int64_t raw;                 /* u16 to s64, bcd6 (12 digits), bit (0 or 1), reals rounded */
    uint32_t real;               /* f32 f32m: IEEE 754 single precision, as sent */
    gt_civil civil;              /* clock ymdh ymdhms; the meter's own wall clock, years 20YY */
    uint8_t mac[MODBUS_MAC_LEN]; /* mac */
} modbus_value;

/** Is it a wall-clock type (civil), rather than a number (raw)? */
bool modbus_type_is_time(modbus_type type);
/** Is it a real? */
bool modbus_type_is_real(modbus_type type);

/** Consecutive registers, or coils, that were read or are to be written. */
typedef struct modbus_window {
    const uint16_t *regs; /* coils are packed as in modbus_request */
    uint16_t start;       /* register number of regs[0] */
    uint16_t count;
} modbus_window;

/**
 * Value of a row out of registers read. ymdh: registers YYMM DDhh, ymdhms: YYMM DDhh mmss, in BCD;
 * clock: YY MM DD WW hh mm ss in binary, one register each (WW 0 .. 6 is checked for range only).
 *
 * @param record 0 for a plain block
 * @return NOT_FOUND  the window does not hold all of it, a time whose registers are all zero, or a
 *                    real that is no number
 *         MALFORMED  a nibble above 9, or a clock register or weekday out of its range
 *         RANGE      no real date, no such record, a u64 or f32 too large for raw
 */
GT_CHECKED gt_err modbus_value_get(const modbus_map *map, const modbus_row *row, uint16_t record,
                                   modbus_window window, modbus_value *out);

/** A number of @p count registers, in the map's word order. */
void modbus_words_put(const modbus_map *map, uint64_t value, unsigned count, uint16_t *regs);

/**
 * Writes a value into registers; regs[0] is the row's block's first register (of that record), and
 * regs holds the block's stride. A bit row changes its bit only. A real is made of raw. Seconds and
 * minutes that the type does not carry are dropped; the weekday of a clock is computed.
 *
 * @return RANGE  the value does not fit the type
 */
GT_CHECKED gt_err modbus_value_put(const modbus_map *map, const modbus_row *row,
                                   const modbus_value *value, uint16_t *regs);

#endif
