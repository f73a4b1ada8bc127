/**
 * @file values.h
 * @brief Every value of an answer at once, in one pass: what it is of, its number, unit, decimals.
 *
 * Layer:   codec. No I/O, no allocation; borrows its input.
 * Source:  DL/T 698.45-2017, application layer and object list (rows in object.def).
 * This is how programs read what a meter or terminal answers or reports. apdu.h reads requests, and
 * answers piece by piece; walk.h reads anything.
 */
#ifndef GT_CODEC_DLT698_VALUES_H
#define GT_CODEC_DLT698_VALUES_H

#include "codec/dlt698/object.h"

/** Most columns of a record this reads; dlt698_entries has no such limit. */
enum { DLT698_COLUMNS_MAX = 32 };

/** One leaf: a number, text, time, ... inside any number of arrays and structures. */
typedef struct dlt698_value {
    const dlt698_object *object; /* NULL: not in object.def */
    dlt698_oad oad;              /* attribute or method; of a record: the column */
    uint32_t row;                /* of a record, from 0 */
    uint16_t nth;                /* member of the outermost group, from 0 */
    uint16_t member;             /* member of the group inside that, from 0 */
    uint8_t depth;               /* groups around it: 0 a single value */
    uint8_t decimals;            /* of number */
    bool is_follow;              /* came along as follow report: was not asked for */
    uint8_t type;                /* dlt698_type; DAR: refused, or done when number is 0 */
    int64_t number;              /* integers, bool, enum, DAR; 0 otherwise, and above INT64_MAX */
    const uint8_t *bytes;        /* as on the wire, without tag and length */
    uint32_t len;
} dlt698_value;

/**
 * Values of a GET-, SET-, ACTION-, REPORT- or PROXY APDU, in wire order; none of the others.
 *
 * @param[out] values     unspecified after a failure
 * @param[out] out_count  written only on GT_ERR_OK
 * @return GT_ERR_SPACE        more than @p cap values
 *         GT_ERR_UNSUPPORTED  a record of more than DLT698_COLUMNS_MAX columns
 *         others as dlt698_walk_done
 */
GT_CHECKED gt_err dlt698_values_read(const uint8_t *apdu, size_t len, dlt698_value *values,
                                     size_t cap, size_t *out_count);

/** date_time and date_time_s. Errors as dlt698_node_civil. */
GT_CHECKED gt_err dlt698_value_civil(const dlt698_value *value, gt_civil *out);

#endif
