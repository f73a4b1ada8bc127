/**
 * @file nvm.h
 * @brief Byte-addressed non-volatile memory of a meter: EEPROM or FRAM.
 *
 * Layer:   port.
 * Real:    a board's I2C or SPI driver; sim/eeprom (which can cut, tear and forget).
 * A write may be torn at any byte by a power cut, and is durable only once `sync` has returned OK.
 * Bytes of other writes are never harmed. Never-written bytes read FFH.
 */
#ifndef GT_PORT_NVM_H
#define GT_PORT_NVM_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

typedef struct gt_nvm {
    void *ctx;
    uint32_t size; /* bytes */
    /** All return IO when the chip does not answer, RANGE outside the chip. */
    gt_err (*read)(void *ctx, uint32_t at, uint8_t *buf, size_t len);
    gt_err (*write)(void *ctx, uint32_t at, const uint8_t *buf, size_t len);
    gt_err (*sync)(void *ctx);
} gt_nvm;

#endif
