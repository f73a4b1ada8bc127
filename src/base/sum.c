/* Sums and CRC-16 eight bytes a step, for stations and tools; a meter builds sum_small.c instead.
 * A CRC is linear: the effect of a byte that stands k bytes before the end is the exclusive-or of
 * the effects of its bits, so a slice of 256 entries follows from eight numbers. */
#include "base/sum.h"

#include <string.h>

enum { WORD = 8, SLICES = 8, LANE_WORDS_MAX = 32 };

/* A list of 2^n entries: every exclusive-or of v with some of the n numbers after it. */
#define SPAN1(v, a) (v), (v) ^ (a)
#define SPAN2(v, a, b) SPAN1(v, a), SPAN1((v) ^ (b), a)
#define SPAN3(v, a, b, c) SPAN2(v, a, b), SPAN2((v) ^ (c), a, b)
#define SPAN4(v, a, b, c, d) SPAN3(v, a, b, c), SPAN3((v) ^ (d), a, b, c)
#define SPAN5(v, a, b, c, d, e) SPAN4(v, a, b, c, d), SPAN4((v) ^ (e), a, b, c, d)
#define SPAN6(v, a, b, c, d, e, f) SPAN5(v, a, b, c, d, e), SPAN5((v) ^ (f), a, b, c, d, e)
#define SPAN7(v, a, b, c, d, e, f, g) SPAN6(v, a, b, c, d, e, f), SPAN6((v) ^ (g), a, b, c, d, e, f)
#define SLICE(a, b, c, d, e, f, g, h)                                \
    {                                                                \
        SPAN7(0, a, b, c, d, e, f, g), SPAN7(h, a, b, c, d, e, f, g) \
    }

/* [k][x]: the CRC, started at 0, of byte x and k zero bytes behind it. */
typedef uint16_t crc16_slices[SLICES][256];

static const crc16_slices modbus_slices = {
    SLICE(0xC0C1, 0xC181, 0xC301, 0xC601, 0xCC01, 0xD801, 0xF001, 0xA001),
    SLICE(0x9001, 0x6001, 0xC002, 0xC007, 0xC00D, 0xC019, 0xC031, 0xC061),
    SLICE(0xC051, 0xC0A1, 0xC141, 0xC281, 0xC501, 0xCA01, 0xD401, 0xE801),
    SLICE(0xFC01, 0xB801, 0x3001, 0x6002, 0xC004, 0xC00B, 0xC015, 0xC029),
    SLICE(0xC03D, 0xC079, 0xC0F1, 0xC1E1, 0xC3C1, 0xC781, 0xCF01, 0xDE01),
    SLICE(0xD101, 0xE201, 0x8401, 0x4801, 0x9002, 0x6007, 0xC00E, 0xC01F),
    SLICE(0xC010, 0xC023, 0xC045, 0xC089, 0xC111, 0xC221, 0xC441, 0xC881),
    SLICE(0xCCC1, 0xD981, 0xF301, 0xA601, 0x0C01, 0x1802, 0x3004, 0x6008),
};

static const crc16_slices x25_slices = {
    SLICE(0x1189, 0x2312, 0x4624, 0x8C48, 0x1081, 0x2102, 0x4204, 0x8408),
    SLICE(0x19D8, 0x33B0, 0x6760, 0xCEC0, 0x9591, 0x2333, 0x4666, 0x8CCC),
    SLICE(0x5ADC, 0xB5B8, 0x6361, 0xC6C2, 0x8595, 0x033B, 0x0676, 0x0CEC),
    SLICE(0x1CBB, 0x3976, 0x72EC, 0xE5D8, 0xC3A1, 0x8F53, 0x16B7, 0x2D6E),
    SLICE(0x0B44, 0x1688, 0x2D10, 0x5A20, 0xB440, 0x6091, 0xC122, 0x8A55),
    SLICE(0x042B, 0x0856, 0x10AC, 0x2158, 0x42B0, 0x8560, 0x02D1, 0x05A2),
    SLICE(0x9FD5, 0x37BB, 0x6F76, 0xDEEC, 0xB5C9, 0x6383, 0xC706, 0x861D),
    SLICE(0x81BF, 0x0B6F, 0x16DE, 0x2DBC, 0x5B78, 0xB6F0, 0x65F1, 0xCBE2),
};

uint8_t gt_sum8(const uint8_t *buf, size_t len)
{
    static const uint64_t even = UINT64_C(0x00FF00FF00FF00FF);
    static const uint64_t fold = UINT64_C(0x0001000100010001);
    uint8_t sum = 0;
    while (len >= WORD) {
        uint64_t lanes = 0; /* four sums; with their total still below 2^16, fold carries nothing */
        for (size_t words = 0; words < LANE_WORDS_MAX && len >= WORD; words++) {
            uint64_t word;
            memcpy(&word, buf, WORD);
            lanes += (word & even) + (word >> 8U & even);
            buf += WORD;
            len -= WORD;
        }
        sum = (uint8_t)(sum + (lanes * fold >> 48U));
    }
    for (; len > 0; len--) {
        sum = (uint8_t)(sum + *buf++);
    }
    return sum;
}

static uint16_t crc16(const crc16_slices slices, const uint8_t *buf, size_t len)
{
    uint16_t crc = 0xFFFF;
    for (; len >= WORD; len -= WORD, buf += WORD) {
        crc = (uint16_t)(slices[7][buf[0] ^ (crc & 0xFF)] ^ slices[6][buf[1] ^ crc >> 8] ^
                         slices[5][buf[2]] ^ slices[4][buf[3]] ^ slices[3][buf[4]] ^
                         slices[2][buf[5]] ^ slices[1][buf[6]] ^ slices[0][buf[7]]);
    }
    for (; len > 0; len--) {
        crc = (uint16_t)(crc >> 8 ^ slices[0][(crc ^ *buf++) & 0xFF]);
    }
    return crc;
}

uint16_t gt_crc16_modbus(const uint8_t *buf, size_t len)
{
    return crc16(modbus_slices, buf, len);
}

uint16_t gt_crc16_x25(const uint8_t *buf, size_t len)
{
    return (uint16_t)~crc16(x25_slices, buf, len);
}
