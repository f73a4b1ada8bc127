/**
 * @file value.h
 * @brief Values of DL/T 698.45: out of a walk's node, and onto the wire.
 *
 * Layer:   codec. No I/O, no allocation, no floating point (floats are carried as bytes).
 * Writers fail as cursors do: the first error sticks, gt_wr_done tells it.
 */
#ifndef GT_CODEC_DLT698_VALUE_H
#define GT_CODEC_DLT698_VALUE_H

#include "base/time.h"
#include "codec/dlt698/walk.h"

/** An attribute: OI, attribute number with its feature bits D7..D5, index of the element (0: all).
 * An OMD is written the same way: OI, method, mode. */
typedef struct dlt698_oad {
    uint16_t oi;
    uint8_t attribute;
    uint8_t index;
} dlt698_oad;

/** 0x20000200 -> OI 2000H, attribute 2, index 0. */
dlt698_oad dlt698_oad_of(uint32_t number);
uint32_t dlt698_oad_number(dlt698_oad oad);

/* Reading: MISMATCH when the node is of another kind. */

/** bool, enum, unsigned kinds, DAR and the counts of APDUs. */
GT_CHECKED gt_err dlt698_node_unsigned(const dlt698_node *node, uint64_t *out);
/** Every integer kind. @return GT_ERR_RANGE  an unsigned one above INT64_MAX */
GT_CHECKED gt_err dlt698_node_signed(const dlt698_node *node, int64_t *out);
/** OAD and OMD. */
GT_CHECKED gt_err dlt698_node_oad(const dlt698_node *node, dlt698_oad *out);
/** date_time (its milliseconds dropped) and date_time_s; MALFORMED when that moment cannot be. */
GT_CHECKED gt_err dlt698_node_civil(const dlt698_node *node, gt_civil *out);
/** A single value, tag included: for attributes that are not groups. Errors as dlt698_walk_done. */
GT_CHECKED gt_err dlt698_data_one(const uint8_t *data, size_t len, dlt698_node *out);

/* Writing: a tag and its value. */

void dlt698_put_null(gt_wr *w);
/** @param type one of the unsigned kinds, ENUM or BOOL; RANGE when it does not fit */
void dlt698_put_unsigned(gt_wr *w, dlt698_type type, uint64_t value);
/** @param type one of the signed kinds; RANGE when it does not fit */
void dlt698_put_signed(gt_wr *w, dlt698_type type, int64_t value);
/** @param type OCTETS, VISIBLE, UTF8, TSA, MAC or RN */
void dlt698_put_bytes(gt_wr *w, dlt698_type type, const uint8_t *bytes, size_t len);
void dlt698_put_bits(gt_wr *w, const uint8_t *bits, uint32_t bit_count);
/** ARRAY or STRUCTURE: @p count values are to follow. */
void dlt698_put_group(gt_wr *w, dlt698_type type, uint32_t count);
/** DATE_TIME (no milliseconds) or DATE_TIME_S. */
void dlt698_put_civil(gt_wr *w, dlt698_type type, const gt_civil *civil);
/** OAD or OMD. */
void dlt698_put_oad(gt_wr *w, dlt698_type type, dlt698_oad oad);

/* Writing without a tag, as APDUs hold them. */

/** A length or count, in the fewest bytes. */
void dlt698_write_length(gt_wr *w, uint32_t length);
void dlt698_write_oad(gt_wr *w, dlt698_oad oad);
void dlt698_write_civil(gt_wr *w, dlt698_type type, const gt_civil *civil);
/** Octet-string and the like: length, bytes. */
void dlt698_write_bytes(gt_wr *w, const uint8_t *bytes, size_t len);
/** What the walk gave out, again: its head in the fewest bytes, a leaf's value. */
void dlt698_write_node(gt_wr *w, const dlt698_node *node);

#endif
