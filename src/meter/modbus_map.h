/**
 * @file modbus_map.h
 * @brief Register image of the meter: state and records to registers, written blocks to commands.
 *
 * Layer:   meter.
 * Source:  models/prepaid-3p.map, row by row in modbus_map.def.
 */
#ifndef GT_METER_MODBUS_MAP_H
#define GT_METER_MODBUS_MAP_H

#include "meter/meter_priv.h"

/** First register and length of each block that one request writes. */
enum {
#define BLOCK(symbol, name, first, count) \
    MAP_##symbol##_FIRST = (first), MAP_##symbol##_COUNT = (count),
#define REPEAT(symbol, name, first, records, stride) \
    MAP_##symbol##_FIRST = (first), MAP_##symbol##_RECORDS = (records),
#include "meter/modbus_map.def"
};

typedef struct parameter_order {
    uint32_t count;
    meter_parameter value;
} parameter_order;

/**
 * @return NOT_FOUND  a register that is not part of any block is among them
 *         IO         the memory does not answer
 */
GT_CHECKED gt_err modbus_map_read(const meter *m, gt_mono now, uint16_t start, uint16_t count,
                                  uint16_t *out);

void modbus_map_freeze(const meter_state *s, const gt_civil *at, uint8_t out[RECORD_DAILY_LEN]);
void modbus_map_purchase(const purchase_record *b, uint8_t out[RECORD_PURCHASE_LEN]);
purchase_order modbus_map_purchase_order(const uint16_t *regs);
control_order modbus_map_control_order(const uint16_t *regs);
/** @param now  what the block does not carry stays as it is */
parameter_order modbus_map_parameter_order(const uint16_t *regs, const meter_parameter *now);
/** @return MALFORMED  a register beyond its digits (the date itself is checked by clock_set) */
GT_CHECKED gt_err modbus_map_clock(const uint16_t *regs, gt_civil *out);
/**
 * control.c, parameter.c, modbus_order.c: one written block each.
 * @param regs    the registers written
 * @param out     reasons of refusal, METER_RESULT_OK when carried out
 * @return IO     the memory failed: the outcome is not certain, so the meter must not answer
 */
GT_CHECKED gt_err purchase_take(meter *m, const uint16_t *regs, gt_mono now, uint16_t *out);
GT_CHECKED gt_err control_take(meter *m, const uint16_t *regs, gt_mono now, uint16_t *out);
GT_CHECKED gt_err parameter_take(meter *m, const uint16_t *regs, gt_mono now, uint16_t *out);

/** Registers as bytes, high byte first. */
void modbus_map_bytes(const uint16_t *regs, size_t count, uint8_t *out);

#endif
