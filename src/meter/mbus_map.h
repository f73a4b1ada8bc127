/**
 * @file mbus_map.h
 * @brief The meter as M-Bus shows it: who it is, its state, and its records in two telegrams.
 *
 * Layer:   meter, internal. Rows: mbus_map.def.
 */
#ifndef GT_METER_MBUS_MAP_H
#define GT_METER_MBUS_MAP_H

#include "base/bytes.h"
#include "codec/mbus/content.h"
#include "meter/meter_priv.h"

/** Bits of the status byte, which are an alarm too; the upper three are this project's own. */
enum {
    MBUS_STATUS_ERROR = 0x08, /* valve stuck, memory failing */
    MBUS_STATUS_DEBT = 0x20,
    MBUS_STATUS_ALARM = 0x40, /* balance at alarm 1 or below */
    MBUS_STATUS_CLOSED = 0x80,
    MBUS_STATUS_URGENT = MBUS_STATUS_ERROR | MBUS_STATUS_DEBT | MBUS_STATUS_ALARM,
};

/** Secondary address: the low eight digits of the meter's number, maker, model, medium. */
mbus_device mbus_map_device(const meter *m);
uint8_t mbus_map_status(const meter *m);
/** Telegrams of one readout, 1 or 2: the second holds the settlements, once there are any. */
unsigned mbus_map_telegrams(const meter *m);
/** Records of a telegram, 0 or 1. @return IO, SPACE */
GT_CHECKED gt_err mbus_map_records(const meter *m, unsigned telegram, gt_mono now, gt_wr *w);

#endif
