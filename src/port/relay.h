/**
 * @file relay.h
 * @brief The latching relay of a meter: driven by pulses, told by its own feedback.
 *
 * Layer:   port.
 * Real:    a board's driver pins; sim (a struct, which can stick).
 */
#ifndef GT_PORT_RELAY_H
#define GT_PORT_RELAY_H

#include <stdbool.h>
#include <stdint.h>

enum { GT_RELAY_ALL = 7 };

typedef struct gt_relay {
    void *ctx;
    /** Give one drive pulse; the contacts have moved, or not, 200 ms later. */
    void (*drive)(void *ctx, bool close);
    /** Contacts found closed: bit 0 phase A, 1 B, 2 C. A single-phase meter reports all alike. */
    uint8_t (*closed)(void *ctx);
} gt_relay;

#endif
