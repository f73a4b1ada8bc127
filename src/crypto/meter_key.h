/**
 * @file meter_key.h
 * @brief A meter's own keys and the MAC of a command to it, once for meter, simulator and station.
 *
 * Layer:   crypto. Freestanding.
 * Source:  models/prepaid-3p.map.
 *          key = KBKDF-CMAC(master, label = purpose, context = meter_no (6 BCD) | version (1))
 *          mac = AES-CMAC(key, first register (2, high first) | meter_no (6 BCD) | block) cut to 8
 * The meter holds its own keys only; the master never leaves the station's key store.
 */
#ifndef GT_CRYPTO_METER_KEY_H
#define GT_CRYPTO_METER_KEY_H

#include "base/err.h"
#include "crypto/aes.h"

#include <stddef.h>
#include <stdint.h>

enum { METER_KEY_LEN = AES128_KEY_LEN, METER_MAC_LEN = 8, METER_NO_DIGITS = 12 };

/** What a key is good for; the label is the name of the register block it guards. */
typedef enum meter_key_purpose {
    METER_KEY_PURCHASE,
    METER_KEY_CONTROL,
    METER_KEY_PARAMETER,
} meter_key_purpose;

enum { METER_KEY_PURPOSES = METER_KEY_PARAMETER + 1 };

/** Inputs of meter_key_derive other than the master key. */
typedef struct meter_key_info {
    meter_key_purpose purpose;
    uint64_t meter_no; /* 12 decimal digits */
    uint8_t version;
} meter_key_info;

/** @return RANGE  meter number of more than 12 digits */
GT_CHECKED gt_err meter_key_derive(const uint8_t master[METER_KEY_LEN], const meter_key_info *info,
                                   uint8_t out[METER_KEY_LEN]);

/** The command a MAC covers: the block's bytes without the mac field itself. */
typedef struct meter_command {
    uint16_t first_register;
    uint64_t meter_no;
    const uint8_t *block;
    size_t block_len;
} meter_command;

/** @return RANGE  meter number of more than 12 digits */
GT_CHECKED gt_err meter_command_mac(const uint8_t key[METER_KEY_LEN], const meter_command *command,
                                    uint8_t out[METER_MAC_LEN]);

#endif
