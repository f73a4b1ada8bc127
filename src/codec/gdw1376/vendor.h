/**
 * @file vendor.h
 * @brief MANUFACTURER-DEFINED items, F241 and F242, in the range the standard leaves free: a block
 *        of a meter's own registers, as read, with the second it was read.
 *
 * Layer:   codec.
 * The standard has no item for alarms, debt, protection, re-arm, the last command's result or a
 * signed balance. Carrying the registers themselves loses nothing: the station decodes them with
 * the register map of the meter's model, the same as the concentrator's.
 *
 *     [class 2: Td_d 3] | taken 6 (ss mm hh DD MM YY, BCD, local) | model 2 | first register 2 |
 *     count 1 | registers 2 each                        (model and registers high byte first)
 *
 * A point that was never read answers taken EE.., count 0.
 */
#ifndef GT_CODEC_GDW1376_VENDOR_H
#define GT_CODEC_GDW1376_VENDOR_H

#include "codec/gdw1376/format.h"

enum {
    GDW1376_FN_VENDOR_STATUS = 241,   /* 0C: status block */
    GDW1376_FN_VENDOR_SETTINGS = 242, /* 0C: settings block */
    GDW1376_FN_VENDOR_DAILY = 241,    /* 0D: daily record of the day named */
    GDW1376_REGISTERS_MAX = 64,
    GDW1376_SNAPSHOT_HEAD = 11, /* bytes before the registers */
};

typedef struct gdw1376_snapshot {
    gdw1376_when taken; /* format FULL */
    uint16_t model;     /* model_code of the meter's register map */
    uint16_t first;     /* address of registers[0] */
    uint8_t count;      /* 0 .. GDW1376_REGISTERS_MAX */
    uint16_t registers[GDW1376_REGISTERS_MAX];
} gdw1376_snapshot;

/** @return RANGE above GDW1376_REGISTERS_MAX, TRUNCATED when they cannot fit the bytes left */
GT_CHECKED gt_err gdw1376_snapshot_read(gt_rd *r, gdw1376_snapshot *out);
void gdw1376_snapshot_write(gt_wr *w, const gdw1376_snapshot *snapshot);

#endif
