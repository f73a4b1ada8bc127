/**
 * @file device.h
 * @brief Device models: which register of which meter is which item, and the requests that read or
 *        command it.
 *
 * Layer:   field. Pure. A model is made once from a register map (models/NAME.map) and then only
 *          read. Frames go over a line (bus/line.h) or inside a 1376.1 transparent forward alike.
 * Units:   readings hold items in the units of domain/item.def, converted exactly; a number that
 *          has no exact integer there is RANGE, never rounded.
 */
#ifndef GT_FIELD_DEVICE_H
#define GT_FIELD_DEVICE_H

#include "base/arena.h"
#include "base/quantity.h"
#include "base/time.h"
#include "domain/reading.h"
#include "port/keystore.h"

#include <stddef.h>
#include <stdint.h>

enum {
    DEVICE_FRAME_MAX = 128,
    DEVICE_REGISTERS_MAX = 64, /* of one block or record */
    DEVICE_NAME_MAX = 32,
    DEVICE_FAULT_MAX = 96,
    DEVICE_TEXT_MAX = 65536, /* bytes of a register map */
};

typedef enum device_block {
    DEVICE_STATUS,   /* read: what a status poll shows */
    DEVICE_SETTINGS, /* read */
    DEVICE_DAILY,    /* read: records, 0 is the newest */
    DEVICE_MONTHLY,
    DEVICE_PURCHASES,
    DEVICE_PURCHASE, /* write */
    DEVICE_CONTROL,
    DEVICE_PARAMETER,
    DEVICE_CLOCK_SET,
} device_block;

enum { DEVICE_BLOCKS = DEVICE_CLOCK_SET + 1 };

typedef struct device_model device_model;

/** Where and why a register map was refused. */
typedef struct device_fault {
    unsigned line;                   /* from 1 */
    char expected[DEVICE_FAULT_MAX]; /* "an item of domain/item.def, got \"volts\"" */
} device_fault;

/**
 * Read a register map.
 *
 * @param zone_min civil time of the meters' clocks and freezes
 * @param[out] out_fault written on SYNTAX and NOT_FOUND
 * @return SYNTAX     a line does not follow the format, or two values overlap
 *         NOT_FOUND  an item or a type has no such name, or the status block is missing
 *         MEMORY     the arena is full (a model takes about 24 KiB)
 */
GT_CHECKED gt_err device_model_load(gt_arena *arena, const char *text, size_t len, int zone_min,
                                    device_fault *out_fault, const device_model **out);
/** "prepaid-3p": what meter lists call it. */
const char *device_model_name(const device_model *model);
/** Name for people. @p zh chooses the Chinese one. */
const char *device_model_label(const device_model *model, int zh);
/** Records the meter keeps of a repeated block (62 days), 1 for others, 0 when it has none. */
unsigned device_block_records(const device_model *model, device_block block);
/** First register and register count of a block (of one record of a repeated block). */
uint16_t device_block_first(const device_model *model, device_block block);
uint8_t device_block_count(const device_model *model, device_block block);

/** One whole frame, check sum included. */
typedef struct device_frame {
    uint16_t len;
    uint8_t bytes[DEVICE_FRAME_MAX];
} device_frame;

/** Registers as read: what the uplink's vendor items carry. */
typedef struct device_registers {
    uint16_t first;
    uint8_t count;
    uint16_t value[DEVICE_REGISTERS_MAX];
} device_registers;

/**
 * Ask for a block, or for one record of it.
 *
 * @param unit   1 .. 247
 * @param record 0 newest; 0 for blocks that are not repeated
 * @return UNSUPPORTED the model has no such block, RANGE unit or record
 */
GT_CHECKED gt_err device_read_request(const device_model *model, uint8_t unit, device_block block,
                                      unsigned record, device_frame *out);
/**
 * Take the registers out of the answer.
 *
 * @param record as asked for: sets out->first
 * @return REFUSED the meter answered an exception; MISMATCH, TRUNCATED, TRAILING, CHECKSUM,
 *         MALFORMED it is no answer to that request
 */
GT_CHECKED gt_err device_read_registers(const device_model *model, uint8_t unit, device_block block,
                                        unsigned record, const uint8_t *reply, size_t len,
                                        device_registers *out);
/**
 * Registers of a block -> items. Times that are no real date are left out (a meter that lost its
 * clock). taken is @p taken.
 *
 * @return TRUNCATED fewer registers than the block has, or another first register
 *         NOT_FOUND an empty record (its time is zero)
 *         MALFORMED a digit above 9 in a BCD field
 */
GT_CHECKED gt_err device_reading_of(const device_model *model, device_block block,
                                    const device_registers *registers, gt_utc taken, reading *out);

/** The status block, in one call each. Errors as above. */
GT_CHECKED gt_err device_status_request(const device_model *model, uint8_t unit, device_frame *out);
GT_CHECKED gt_err device_status_parse(const device_model *model, uint8_t unit, const uint8_t *reply,
                                      size_t len, gt_utc taken, reading *out);

/** The meter a command is for. */
typedef struct device_target {
    uint8_t unit;
    uint8_t key_version;
    uint64_t meter_no;
} device_target;

typedef struct device_purchase {
    gt_money amount; /* 1 fen .. 2^31-1 fen */
    uint32_t count;  /* the meter's purchase count + 1 */
    uint64_t customer_no;
} device_purchase;

typedef enum device_control_command {
    DEVICE_RELAY_OPEN = 0x1A,
    DEVICE_RELAY_ALLOW = 0x1B, /* close by the button */
    DEVICE_RELAY_CLOSE = 0x1C,
    DEVICE_PROTECT = 0x3A,
    DEVICE_PROTECT_END = 0x3B,
} device_control_command;

typedef struct device_control {
    device_control_command command;
    uint32_t count; /* above the meter's control count */
    gt_utc expires;
} device_control;

typedef struct device_parameter {
    uint32_t count; /* above the meter's parameter count */
    gt_money alarm1;
    gt_money alarm2;
    gt_money overdraft;
    gt_money hoarding;
    gt_price price[4];
} device_parameter;

/**
 * Write requests with their MAC.
 *
 * @return RANGE a value does not fit the meter's field, UNSUPPORTED the model has no such block,
 *         NOT_FOUND or INTERNAL from the key store
 */
GT_CHECKED gt_err device_purchase_request(const device_model *model, const device_target *target,
                                          const gt_keystore *keys, const device_purchase *purchase,
                                          device_frame *out);
GT_CHECKED gt_err device_control_request(const device_model *model, const device_target *target,
                                         const gt_keystore *keys, const device_control *control,
                                         device_frame *out);
GT_CHECKED gt_err device_parameter_request(const device_model *model, const device_target *target,
                                           const gt_keystore *keys,
                                           const device_parameter *parameter, device_frame *out);
/** Set the clock; @p unit 0 broadcasts it to a whole line. */
GT_CHECKED gt_err device_clock_request(const device_model *model, uint8_t unit, gt_utc now,
                                       device_frame *out);

/**
 * The answer to a write of @p block.
 *
 * @param[out] out_exception 0 the meter took it; 4 refused: read last_result; else the Modbus code
 * @return MISMATCH, TRUNCATED, TRAILING, CHECKSUM, MALFORMED it is no answer to that write
 */
GT_CHECKED gt_err device_write_result(const device_model *model, uint8_t unit, device_block block,
                                      const uint8_t *reply, size_t len, uint8_t *out_exception);

#endif
