/**
 * @file keystore.h
 * @brief Where the keys are: services ask for a MAC, they never see a key.
 *
 * Layer:   port.
 * Real:    adapter/keystore (master key in a file of the station, 0600), sim (keys of the test
 * site).
 */
#ifndef GT_PORT_KEYSTORE_H
#define GT_PORT_KEYSTORE_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

enum { KEYSTORE_MAC_LEN = 8 };

typedef struct gt_keystore {
    void *ctx;
    /**
     * AES-CMAC cut to 8 bytes over @p data under the meter's key for @p purpose ("purchase",
     * "control", "parameter"); see the register map for the derivation.
     *
     * @param meter_no 12 decimal digits
     * @return NOT_FOUND no key of that version, INTERNAL the engine failed
     */
    gt_err (*mac)(void *ctx, uint64_t meter_no, uint8_t key_version, const char *purpose,
                  const uint8_t *data, size_t len, uint8_t out[KEYSTORE_MAC_LEN]);
} gt_keystore;

#endif
