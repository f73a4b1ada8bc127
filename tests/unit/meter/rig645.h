/* Frames of DL/T 645 for a rig, put together and taken apart here once more, from the words of the
 * standard, so that the meter's codec is not tested against itself. */
#ifndef GT_TESTS_METER_RIG645_H
#define GT_TESTS_METER_RIG645_H

#include "rig.h"

enum { RIG645_DATA_MAX = 200 };

/** An exchange in words: bytes in hex, data as they are before 33H is added. */
typedef struct rig645_row {
    const char *what;
    uint8_t ctrl;
    const char *data;
    uint8_t want_ctrl; /* 0: silence */
    const char *want;
} rig645_row;

/** Bytes of a text of hex digits. @return how many */
size_t rig645_hex(const char *text, uint8_t *out);
/** Send a frame to an address (12 digits as written) and wait. */
void rig645_send(rig *r, const char *address, uint8_t ctrl, const char *data);
/** Control code of the answer, its data in @p out; 0 silence; asserts that the frame is right and
 * from that address. */
uint8_t rig645_answer(const rig *r, const char *address, uint8_t out[RIG645_DATA_MAX],
                      size_t *out_len);
/** Every row, one after the other; a row that is not as wanted fails the test with its name. */
void rig645_run(rig *r, const char *address, const rig645_row *rows, size_t count);

#endif
