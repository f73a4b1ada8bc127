/**
 * @file roster.h
 * @brief Which meters hang on which line of this box: the rows of meters.csv that name it.
 *
 * Layer:   concentrator. Pure; the caller's memory.
 * The station imports the same file, so both sides number points alike.
 */
#ifndef GT_CONCENTRATOR_ROSTER_H
#define GT_CONCENTRATOR_ROSTER_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

enum {
    BOX_LINES_MAX = 12,
    BOX_POINTS_MAX = 2040, /* points a 1376.1 terminal can name */
    BOX_UNIT_MAX = 247,    /* Modbus */
    BOX_MODEL_NAME_MAX = 32,
    BOX_TERMINAL_NAME_MAX = 16, /* "4401-0001" */
};

typedef struct box_meter {
    uint16_t point;    /* 1 .. BOX_POINTS_MAX */
    uint8_t line;      /* 1 .. BOX_LINES_MAX */
    uint8_t unit;      /* 1 .. BOX_UNIT_MAX */
    uint64_t meter_no; /* up to 12 decimal digits, not 0 */
    char model[BOX_MODEL_NAME_MAX];
} box_meter;

/** What is wrong with a list, in words for the person who wrote it. */
typedef struct box_roster_fault {
    unsigned line;        /* of the text, from 1; 0: the whole text */
    const char *key;      /* column */
    const char *expected; /* "a number 1 .. 247" */
} box_roster_fault;

/**
 * The rows whose terminal is @p terminal, ascending by point.
 *
 * @param terminal  as written in the column: region, dash, four decimal digits
 * @param cap       room of @p out_meters; more rows are a fault
 * @param[out] out_fault  written on an error only
 * @return SYNTAX  not CSV, a column is missing, or a field of one of our rows does not follow its
 *                 form (other boxes' rows are the station's to check)
 *         EXISTS  two of our rows have the same point, the same line and unit, or the same meter
 *         SPACE   more than @p cap rows of ours
 */
GT_CHECKED gt_err box_roster_parse(const char *text, size_t len, const char *terminal,
                                   box_meter *out_meters, size_t cap, size_t *out_count,
                                   box_roster_fault *out_fault);

#endif
