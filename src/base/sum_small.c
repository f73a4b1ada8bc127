/* Sums and CRC-16 for a meter's flash, in place of sum.c: tables of 16 entries take half a byte a
 * step, and the lines they guard run at 9600 baud. */
#include "base/sum.h"

uint8_t gt_sum8(const uint8_t *buf, size_t len)
{
    uint8_t sum = 0;
    for (size_t i = 0; i < len; i++) {
        sum = (uint8_t)(sum + buf[i]);
    }
    return sum;
}

static uint16_t crc16_nibbles(const uint16_t table[16], uint16_t crc, const uint8_t *buf,
                              size_t len)
{
    for (size_t i = 0; i < len; i++) {
        crc = (uint16_t)(crc ^ buf[i]);
        crc = (uint16_t)(crc >> 4 ^ table[crc & 0x0F]);
        crc = (uint16_t)(crc >> 4 ^ table[crc & 0x0F]);
    }
    return crc;
}

uint16_t gt_crc16_modbus(const uint8_t *buf, size_t len)
{
    static const uint16_t table[16] = {0x0000, 0xCC01, 0xD801, 0x1400, 0xF001, 0x3C00,
                                       0x2800, 0xE401, 0xA001, 0x6C00, 0x7800, 0xB401,
                                       0x5000, 0x9C01, 0x8801, 0x4400};
    return crc16_nibbles(table, 0xFFFF, buf, len);
}

uint16_t gt_crc16_x25(const uint8_t *buf, size_t len)
{
    return gt_crc16_x25_more(0, buf, len);
}

uint16_t gt_crc16_x25_more(uint16_t crc, const uint8_t *buf, size_t len)
{
    static const uint16_t table[16] = {0x0000, 0x1081, 0x2102, 0x3183, 0x4204, 0x5285,
                                       0x6306, 0x7387, 0x8408, 0x9489, 0xA50A, 0xB58B,
                                       0xC60C, 0xD68D, 0xE70E, 0xF78F};
    return (uint16_t)~crc16_nibbles(table, (uint16_t)~crc, buf, len);
}

uint32_t gt_crc32(const uint8_t *buf, size_t len)
{
    static const uint32_t table[16] = {0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC,
                                       0x76DC4190, 0x6B6B51F4, 0x4DB26158, 0x5005713C,
                                       0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C,
                                       0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C};
    uint32_t crc = 0xFFFFFFFF;
    for (size_t i = 0; i < len; i++) {
        crc ^= buf[i];
        crc = crc >> 4 ^ table[crc & 0x0F];
        crc = crc >> 4 ^ table[crc & 0x0F];
    }
    return ~crc;
}
