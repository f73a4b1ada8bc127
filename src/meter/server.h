/**
 * @file server.h
 * @brief What a protocol server is to the meter: it finds whole frames and answers them.
 *
 * Layer:   meter, for the protocol servers in this folder (a row of server.def each).
 * A server decodes with its codec, reads through the values and functions of meter_priv.h, calls
 * the same orders as every other carrier, and leaves its answer in line->tx. It keeps no state but
 * in the line, so two lines may speak the same protocol.
 */
#ifndef GT_METER_SERVER_H
#define GT_METER_SERVER_H

#include "meter/config.h"

#include <stddef.h>

enum { METER_FRAME_MAX = 256 }; /* longest frame in either direction */

/** One line as its server sees it. */
typedef struct meter_line {
    gt_mono last; /* end of the last byte */
    uint32_t baud;
    meter_protocol protocol;
    uint16_t rx_len;
    uint16_t tx_len; /* an answer waits */
    bool overrun;    /* more bytes came than fit */
    uint8_t next;    /* server's own: number of the frame that follows */
    uint32_t cursor; /* server's own: what is asked for goes on there */
    uint32_t before; /* server's own: where the frame sent last began */
    uint32_t di;     /* server's own: what is asked for */
    uint8_t rx[METER_FRAME_MAX];
    uint8_t tx[METER_FRAME_MAX];
} meter_line;

struct meter;

typedef struct meter_server {
    /** Length of the whole frame, leading idle bytes included, once it is complete; 0 while it is
     * not. NULL: only silence ends a frame of this protocol. */
    size_t (*whole)(const uint8_t *rx, size_t len);
    /** A frame of line->rx[0 .. len) is complete, or silence has ended whatever this is. Put the
     * answer into line->tx and line->tx_len, or nothing. */
    void (*frame)(struct meter *m, meter_line *line, size_t len, gt_mono now);
    /** Silence that ends a frame, microseconds at that speed. */
    int64_t (*silence_us)(uint32_t baud);
    uint8_t character_bits;
} meter_server;

#endif
