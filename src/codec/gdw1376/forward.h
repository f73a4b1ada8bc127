/**
 * @file forward.h
 * @brief AFN 10 F1: a meter's own frame, carried through the terminal.
 *
 * Layer:   codec.
 * Source:  Q/GDW 1376.1, 5.16 F1.
 */
#ifndef GT_CODEC_GDW1376_FORWARD_H
#define GT_CODEC_GDW1376_FORWARD_H

#include "codec/gdw1376/format.h"

enum {
    GDW1376_FN_FORWARD = 1,
    GDW1376_FORWARD_MAX = 512,   /* bytes of the inner frame we carry */
    GDW1376_LINE_DEFAULT = 0x6B, /* control byte: 2400 8E1 */
    GDW1376_LINE_9600_8N1 = 0xC3,
    GDW1376_WAIT_S_MAX = 127, /* longest wait the byte can say */
};

/** Frame bytes are borrowed from the input. */
typedef struct gdw1376_forward {
    uint8_t port;
    uint8_t line;        /* request: D7-5 speed (as meter_table.h), D4 two stop bits, D3 parity on,
                            D2 odd, D1-0 data bits - 5 */
    uint32_t wait_ms;    /* request: for the first byte; 10 ms steps to 1270, then whole seconds */
    uint32_t silence_ms; /* request: between bytes; 10 ms steps, 0 .. 2550 */
    const uint8_t *frame;
    uint16_t frame_len; /* reply: 0 when the meter was silent */
} gdw1376_forward;

/** RANGE above GDW1376_FORWARD_MAX, or a wait the byte cannot say (it is rounded up). */
GT_CHECKED gt_err gdw1376_forward_request_read(gt_rd *r, gdw1376_forward *out);
void gdw1376_forward_request_write(gt_wr *w, const gdw1376_forward *forward);
/** Reply: only port and frame. */
GT_CHECKED gt_err gdw1376_forward_reply_read(gt_rd *r, gdw1376_forward *out);
void gdw1376_forward_reply_write(gt_wr *w, const gdw1376_forward *forward);

#endif
