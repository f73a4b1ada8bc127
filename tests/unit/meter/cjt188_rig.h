/* A water, gas or heat meter on the bench, and a master that speaks CJ/T 188 to it. */
#ifndef GT_TESTS_METER_CJT188_RIG_H
#define GT_TESTS_METER_CJT188_RIG_H

#include "codec/cjt188/item.h"
#include "rig.h"

#include "base/bytes.h"

enum {
    CJT_MAKER = 0x1234,
    CJT_SER = 0x5A,
    CJT_SILENT = 0xFFFF,
    CJT_DATA_MAX = 64,
    CJT_PULSES = 1200, /* of one unit */
};

extern rig cjt;
extern cjt188_message cjt_reply; /* of the last exchange */
extern const uint64_t cjt_own;

typedef struct cjt_request {
    uint8_t type;
    uint64_t addr;
    uint8_t function;
    uint16_t di;
    const uint8_t *data;
    size_t len;
    bool high_first;
} cjt_request;

void cjt_power_on(uint8_t type);
int cjt_setup(void **state); /* cold water */
size_t cjt_frame(const cjt_request *q, uint8_t buf[CJT188_FRAME_MAX]);
/** @return status word of a refusal, 0 of an answer, CJT_SILENT */
unsigned cjt_ask(const cjt_request *q);
unsigned cjt_ask_own(uint8_t function, uint16_t di, const uint8_t *data, size_t len);
void cjt_data_is(const char *name, const uint8_t *want, size_t len);
/** Appends the MAC. @return length with it */
size_t cjt_sign(meter_key_purpose purpose, uint16_t di, uint8_t *data, size_t len);

#endif
