/**
 * @file dlt645_map.h
 * @brief Which identifier of DL/T 645-2007 is which value of the meter, and what may be written.
 *
 * Layer:   meter. Rows: dlt645_map.def. Both editions read and write through these; the layout of
 *          a value on the wire is the codec's.
 */
#ifndef GT_METER_DLT645_MAP_H
#define GT_METER_DLT645_MAP_H

#include "codec/dlt645/item.h"
#include "meter/meter_priv.h"

/** Which value is asked for. */
typedef struct dlt645_at {
    const meter *m;
    gt_mono now;
    uint32_t di;      /* no FFH in it */
    unsigned element; /* of an item that holds many values; else 0 */
} dlt645_at;

/**
 * @param[out] out  raw and stamp, or absent; item is not set
 * @return NOT_FOUND  this meter has no such value; IO, CORRUPT  of a record
 */
GT_CHECKED gt_err dlt645_map_read(const dlt645_at *at, dlt645_value *out);

/** Digits of a time; of a civil minute since 1970: all zero when that is 0. */
dlt645_stamp dlt645_map_stamp(const gt_civil *civil);
dlt645_stamp dlt645_map_stamp_of_minute(uint32_t civil_min);

/** Values that come in, of either edition. */
typedef struct dlt645_write {
    meter *m;
    gt_mono now;
    uint32_t di;       /* of 2007, no FFH in it */
    dlt645_walk *walk; /* the values */
    int64_t scale;     /* raw values are so many times as large: 1 in 2007 */
} dlt645_write;

/** Is it money, price or identity, so that a meter with a security element wants a MAC for it? */
bool dlt645_map_guarded(uint32_t di);

/** In place of an error byte: the outcome is not certain, so nobody is answered. */
enum { DLT645_SILENT = 0x80 };

/** Carry the write out. @return 0, bits of DLT645_FAULT_LIST, or DLT645_SILENT */
uint8_t dlt645_map_write(const dlt645_write *write);
/** What the meter's refusals are in DL/T 645. */
uint8_t dlt645_fault_of(gt_err err);

#endif
