/**
 * @file csv.h
 * @brief Comma-separated text, one record at a time: meter lists, imports.
 *
 * Layer:   base. No I/O, no allocation.
 * Source:  RFC 4180; a byte order mark and LF line ends are accepted too, blank lines are skipped.
 */
#ifndef GT_BASE_CSV_H
#define GT_BASE_CSV_H

#include "base/err.h"

#include <stddef.h>

enum { GT_CSV_FIELDS_MAX = 32, GT_CSV_ROW_MAX = 2048 };

/** A whole text being read. Fill by gt_csv_of. */
typedef struct gt_csv {
    const char *text;
    size_t len;
    size_t pos;
    unsigned line; /* of the record read last; of the fault after SYNTAX or SPACE; from 1 */
    unsigned next_line;
} gt_csv;

/** One record. Fields are terminated, unquoted, and not trimmed. */
typedef struct gt_csv_row {
    size_t count; /* at least 1 */
    const char *field[GT_CSV_FIELDS_MAX];
    char text[GT_CSV_ROW_MAX]; /* what the fields point into: a row must not be copied */
} gt_csv_row;

gt_csv gt_csv_of(const char *text, size_t len);

/**
 * Read the next record.
 *
 * @return NOT_FOUND  no more records
 *         SYNTAX     a quote inside a bare field, text after a closing quote, a missing closing
 *                    quote, or a NUL byte
 *         SPACE      more than GT_CSV_FIELDS_MAX fields or GT_CSV_ROW_MAX bytes
 * @param[out] out_row  undefined after an error
 */
GT_CHECKED gt_err gt_csv_next(gt_csv *csv, gt_csv_row *out_row);

/**
 * Place of a field in a header row.
 * @return NOT_FOUND  no field has that name
 *         EXISTS     two have it
 */
GT_CHECKED gt_err gt_csv_column(const gt_csv_row *header, const char *name, size_t *out);

#endif
