/**
 * @file meter_list.h
 * @brief The meter list (meters.csv) as text: parse and validate every row, touch nothing.
 *
 * Layer:   service. Pure: no store, no I/O. The station imports the list, a concentrator takes the
 *          rows of its own terminal.
 * Header:  building,floor,room,meter_no,customer_no,model,terminal,line,unit,point (any order).
 */
#ifndef GT_REGISTRY_METER_LIST_H
#define GT_REGISTRY_METER_LIST_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

enum {
    METER_LIST_ROWS_MAX = 65536,
    METER_LIST_ERRORS_MAX = 20,
    METER_LIST_NAME_MAX = 64, /* building, floor, room: bytes with terminator */
    METER_LIST_MODEL_MAX = 32,
    METER_LIST_LINE_MAX = 12,
    METER_LIST_UNIT_MAX = 247,
    METER_LIST_POINT_MAX = 2040,
};

typedef struct meter_list_row {
    unsigned line_no; /* of the file, for messages */
    char building[METER_LIST_NAME_MAX];
    char floor[METER_LIST_NAME_MAX];
    char room[METER_LIST_NAME_MAX];
    uint64_t meter_no;    /* up to 12 decimal digits */
    uint64_t customer_no; /* up to 12 decimal digits */
    char model[METER_LIST_MODEL_MAX];
    uint16_t region;  /* "4401-0001": 4 decimal digits, as a number: 4401 */
    uint16_t address; /* 1 .. 65535 */
    uint8_t line;     /* 1 .. METER_LIST_LINE_MAX: RS-485 line of the terminal */
    uint8_t unit;     /* 1 .. METER_LIST_UNIT_MAX: address on the line */
    uint16_t point;   /* 1 .. METER_LIST_POINT_MAX: measuring point of the terminal */
} meter_list_row;

/** One fault: "line 7: unit: expected a number 1 to 247, got '300'". */
typedef struct meter_list_error {
    unsigned line_no;
    char column[16];
    char expected[64];
    char got[32];
} meter_list_error;

typedef struct meter_list_errors {
    size_t count; /* all that were found; the first METER_LIST_ERRORS_MAX are kept */
    meter_list_error row[METER_LIST_ERRORS_MAX];
} meter_list_errors;

/** Scratch for finding duplicates: one per row of capacity. */
typedef uint32_t meter_list_index;

typedef struct meter_list {
    meter_list_row *row;     /* caller's */
    meter_list_index *index; /* caller's, as many as rows */
    size_t cap;
    size_t count;
} meter_list;

/**
 * Parse the whole text. Every row is looked at, so one run shows all faults.
 *
 * Refused: an unknown or missing column, a bad value, a meter_no twice, a (terminal, line, unit)
 * twice, a (terminal, point) twice, more rows than @p list->cap.
 *
 * @param list [in,out] row, index and cap given; row and count are filled
 * @return SYNTAX when @p errors holds any; count and row are then not to be used
 */
GT_CHECKED gt_err meter_list_parse(const char *text, size_t len, meter_list *list,
                                   meter_list_errors *errors);

/**
 * "4401-0001" -> 4401, 1. Exactly four digits, a dash, one to five digits.
 * @return SYNTAX not of that form, RANGE address 0 or above 65535
 */
GT_CHECKED gt_err terminal_name_parse(const char *text, uint16_t *out_region,
                                      uint16_t *out_address);
enum { TERMINAL_NAME_MAX = 12 };
/** 4401, 1 -> "4401-0001". */
void terminal_name_format(uint16_t region, uint16_t address, char buf[TERMINAL_NAME_MAX]);

#endif
