/* A meter on the bench, and a master that speaks M-Bus to it. */
#ifndef GT_TESTS_METER_MBUS_RIG_H
#define GT_TESTS_METER_MBUS_RIG_H

#include "codec/mbus/content.h"
#include "codec/mbus/value.h"
#include "rig.h"

enum {
    MB_SILENT = -1,
    MB_ACKED = 0xE5,
    MB_OWN = 17,
    MB_PULSES_UNIT = 1200,
    MB_DATA_MAX = 64,
    MB_MAKER = 0x1D94,
};

extern rig mb;
extern mbus_frame mb_reply; /* of the last exchange; points into mb.tx */
extern mbus_content mb_content;
extern const mbus_device mb_own;

void mb_power_on(uint8_t type);
int mb_setup(void **state); /* cold water */
/** @return MB_SILENT, MB_ACKED, or the CI field of the answer */
int mb_ask(mbus_frame frame);
int mb_send(uint8_t address, uint8_t ci, const uint8_t *data, size_t len);
/** The number of a record of the answer; fails when it is not there. */
int64_t mb_number(const char *name, uint64_t storage, uint32_t tariff, uint8_t vif, uint8_t vife);

#endif
