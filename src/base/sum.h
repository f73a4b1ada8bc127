/**
 * @file sum.h
 * @brief Checksums of the wire formats and of our own stores.
 *
 * Layer:   base. No state.
 */
#ifndef GT_BASE_SUM_H
#define GT_BASE_SUM_H

#include <stddef.h>
#include <stdint.h>

/** Sum of all bytes modulo 256 (DL/T 645, CJ/T 188, Q/GDW 1376, M-Bus). */
uint8_t gt_sum8(const uint8_t *buf, size_t len);
/** CRC-16/MODBUS: reflected 8005H (A001H), start FFFFH. "123456789" -> 4B37H. */
uint16_t gt_crc16_modbus(const uint8_t *buf, size_t len);
/** CRC-16/X-25: reflected 1021H (8408H), start and end FFFFH. "123456789" -> 906EH. */
uint16_t gt_crc16_x25(const uint8_t *buf, size_t len);
/** The same of bytes behind others whose check is @p crc (0: there are none). */
uint16_t gt_crc16_x25_more(uint16_t crc, const uint8_t *buf, size_t len);
/** CRC-32 (IEEE 802.3). "123456789" -> CBF43926H. */
uint32_t gt_crc32(const uint8_t *buf, size_t len);

#endif
