/**
 * @file cjt188_map.h
 * @brief The meter as CJ/T 188 shows it.
 *
 * Layer:   meter, internal. Rows: cjt188_map.def.
 * The low byte of the status is the standard's in D0 to D2; above it stand, this project's own,
 * D3 too many wrong MACs, D4 expired, D5 wrong state of life (all three of a refusal), D6 in debt,
 * D7 alarm 1; the high byte of a refusal is D0 to D7 of meter_result.
 */
#ifndef GT_METER_CJT188_MAP_H
#define GT_METER_CJT188_MAP_H

#include "base/bytes.h"
#include "meter/meter_priv.h"

/** Maker (4 digits) and the low ten of the address, as 14 nibbles. */
uint64_t cjt188_map_addr(const meter *m);
/** Type of the meter, as in the frame. */
uint8_t cjt188_map_type(const meter *m);
/** @param result  meter_result of what was asked, METER_RESULT_OK where there is none */
uint16_t cjt188_map_status(const meter *m, uint16_t result);

/**
 * Data behind SER of what is read: one of the identifiers that cjt188_server.c serves.
 * @return IO  the memory does not answer
 */
GT_CHECKED gt_err cjt188_map_read(const meter *m, uint16_t di, gt_mono now, gt_wr *w);

#endif
