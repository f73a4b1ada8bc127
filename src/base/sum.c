/* CRC-32 eight bytes a step and CRC-16 sixteen, for stations and tools; a meter builds
 * sum_small.c instead. A CRC is linear: the effect of a byte that stands k bytes before the end is
 * the exclusive-or of the effects of its bits, so a slice of 256 entries follows from eight
 * numbers. */
#include "base/sum.h"

#include "base/fold.h"

enum { SLICES = 16, CRC32_SLICES = 8 };

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

/* Up to a step less one byte. The register meets the first two; the others do not wait for it. */
static uint16_t crc16_odd(const crc16_slices slices, uint16_t crc, const uint8_t *at, size_t count)
{
    if (count == 1) {
        return (uint16_t)(crc >> 8 ^ slices[0][at[0] ^ (crc & 0xFF)]);
    }
    uint16_t rest = 0;
    for (size_t i = 2; i < count; i++) {
        rest ^= slices[count - 1 - i][at[i]];
    }
    return (uint16_t)(slices[count - 1][at[0] ^ (crc & 0xFF)] ^
                      slices[count - 2][at[1] ^ crc >> 8] ^ rest);
}

static inline uint16_t crc16_step(const crc16_slices s, uint16_t crc, const uint8_t *at)
{
    const unsigned rest = ((s[13][at[2]] ^ s[12][at[3]]) ^ (s[11][at[4]] ^ s[10][at[5]])) ^
                          ((s[9][at[6]] ^ s[8][at[7]]) ^ (s[7][at[8]] ^ s[6][at[9]])) ^
                          ((s[5][at[10]] ^ s[4][at[11]]) ^ (s[3][at[12]] ^ s[2][at[13]])) ^
                          (s[1][at[14]] ^ s[0][at[15]]);
    return (uint16_t)(rest ^ (s[15][at[0] ^ (crc & 0xFF)] ^ s[14][at[1] ^ crc >> 8]));
}

typedef struct crc16_kind {
    gt_fold fold;
    crc16_slices slices;
} crc16_kind;

static const crc16_kind modbus_kind = {
    .fold = {0xCCD0000000000000, 0xC100000000000000, 0xC450000000000000, 0x8101000000000000},
    .slices =
        {
            SLICE(0xC0C1, 0xC181, 0xC301, 0xC601, 0xCC01, 0xD801, 0xF001, 0xA001),
            SLICE(0x9001, 0x6001, 0xC002, 0xC007, 0xC00D, 0xC019, 0xC031, 0xC061),
            SLICE(0xC051, 0xC0A1, 0xC141, 0xC281, 0xC501, 0xCA01, 0xD401, 0xE801),
            SLICE(0xFC01, 0xB801, 0x3001, 0x6002, 0xC004, 0xC00B, 0xC015, 0xC029),
            SLICE(0xC03D, 0xC079, 0xC0F1, 0xC1E1, 0xC3C1, 0xC781, 0xCF01, 0xDE01),
            SLICE(0xD101, 0xE201, 0x8401, 0x4801, 0x9002, 0x6007, 0xC00E, 0xC01F),
            SLICE(0xC010, 0xC023, 0xC045, 0xC089, 0xC111, 0xC221, 0xC441, 0xC881),
            SLICE(0xCCC1, 0xD981, 0xF301, 0xA601, 0x0C01, 0x1802, 0x3004, 0x6008),
            SLICE(0x900D, 0x6019, 0xC032, 0xC067, 0xC0CD, 0xC199, 0xC331, 0xC661),
            SLICE(0xC551, 0xCAA1, 0xD541, 0xEA81, 0x9501, 0x6A01, 0xD402, 0xE807),
            SLICE(0xFC04, 0xB80B, 0x3015, 0x602A, 0xC054, 0xC0AB, 0xC155, 0xC2A9),
            SLICE(0xC3FD, 0xC7F9, 0xCFF1, 0xDFE1, 0xFFC1, 0xBF81, 0x3F01, 0x7E02),
            SLICE(0x8102, 0x4207, 0x840E, 0x481F, 0x903E, 0x607F, 0xC0FE, 0xC1FF),
            SLICE(0xC100, 0xC203, 0xC405, 0xC809, 0xD011, 0xE021, 0x8041, 0x4081),
            SLICE(0x00C1, 0x0182, 0x0304, 0x0608, 0x0C10, 0x1820, 0x3040, 0x6080),
            SLICE(0x90C1, 0x6181, 0xC302, 0xC607, 0xCC0D, 0xD819, 0xF031, 0xA061),
        },
};

static const crc16_kind x25_kind = {
    .fold = {0xA95D000000000000, 0x7EEA000000000000, 0x9822000000000000, 0x7F90000000000000},
    .slices =
        {
            SLICE(0x1189, 0x2312, 0x4624, 0x8C48, 0x1081, 0x2102, 0x4204, 0x8408),
            SLICE(0x19D8, 0x33B0, 0x6760, 0xCEC0, 0x9591, 0x2333, 0x4666, 0x8CCC),
            SLICE(0x5ADC, 0xB5B8, 0x6361, 0xC6C2, 0x8595, 0x033B, 0x0676, 0x0CEC),
            SLICE(0x1CBB, 0x3976, 0x72EC, 0xE5D8, 0xC3A1, 0x8F53, 0x16B7, 0x2D6E),
            SLICE(0x0B44, 0x1688, 0x2D10, 0x5A20, 0xB440, 0x6091, 0xC122, 0x8A55),
            SLICE(0x042B, 0x0856, 0x10AC, 0x2158, 0x42B0, 0x8560, 0x02D1, 0x05A2),
            SLICE(0x9FD5, 0x37BB, 0x6F76, 0xDEEC, 0xB5C9, 0x6383, 0xC706, 0x861D),
            SLICE(0x81BF, 0x0B6F, 0x16DE, 0x2DBC, 0x5B78, 0xB6F0, 0x65F1, 0xCBE2),
            SLICE(0x4DFD, 0x9BFA, 0x3FE5, 0x7FCA, 0xFF94, 0xF739, 0xE663, 0xC4D7),
            SLICE(0x2C27, 0x584E, 0xB09C, 0x6929, 0xD252, 0xACB5, 0x517B, 0xA2F6),
            SLICE(0x5591, 0xAB22, 0x5E55, 0xBCAA, 0x7145, 0xE28A, 0xCD05, 0x921B),
            SLICE(0x8555, 0x02BB, 0x0576, 0x0AEC, 0x15D8, 0x2BB0, 0x5760, 0xAEC0),
            SLICE(0x05AD, 0x0B5A, 0x16B4, 0x2D68, 0x5AD0, 0xB5A0, 0x6351, 0xC6A2),
            SLICE(0x7EEA, 0xFDD4, 0xF3B9, 0xEF63, 0xD6D7, 0xA5BF, 0x436F, 0x86DE),
            SLICE(0x482A, 0x9054, 0x28B9, 0x5172, 0xA2E4, 0x4DD9, 0x9BB2, 0x3F75),
            SLICE(0x8E10, 0x1431, 0x2862, 0x50C4, 0xA188, 0x4B01, 0x9602, 0x2415),
        },
};

static uint16_t crc16(const crc16_kind *kind, uint16_t crc, const uint8_t *at, size_t len)
{
    uint8_t folded[SLICES];
    const size_t done = len >= GT_FOLD_MIN ? gt_crc16_fold(&kind->fold, crc, at, len, folded) : 0;
    if (done > 0) {
        crc = crc16_step(kind->slices, 0, folded);
        at += done;
        len -= done;
    }
    const size_t odd = len % SLICES;
    if (odd > 0) {
        crc = crc16_odd(kind->slices, crc, at, odd);
    }
    const uint8_t *end = at + len;
    for (at += odd; at < end; at += SLICES) {
        crc = crc16_step(kind->slices, crc, at);
    }
    return crc;
}

uint16_t gt_crc16_modbus(const uint8_t *buf, size_t len)
{
    return crc16(&modbus_kind, 0xFFFF, buf, len);
}

uint16_t gt_crc16_x25(const uint8_t *buf, size_t len)
{
    return gt_crc16_x25_more(0, buf, len);
}

uint16_t gt_crc16_x25_more(uint16_t crc, const uint8_t *buf, size_t len)
{
    return (uint16_t)~crc16(&x25_kind, (uint16_t)~crc, buf, len);
}

/* [k][x]: what byte x does to a remainder when k bytes follow it. */
static const uint32_t crc32_slices[CRC32_SLICES][256] = {
    SLICE(0x77073096, 0xEE0E612C, 0x076DC419, 0x0EDB8832, 0x1DB71064, 0x3B6E20C8, 0x76DC4190,
          0xEDB88320),
    SLICE(0x191B3141, 0x32366282, 0x646CC504, 0xC8D98A08, 0x4AC21251, 0x958424A2, 0xF0794F05,
          0x3B83984B),
    SLICE(0x01C26A37, 0x0384D46E, 0x0709A8DC, 0x0E1351B8, 0x1C26A370, 0x384D46E0, 0x709A8DC0,
          0xE1351B80),
    SLICE(0xB8BC6765, 0xAA09C88B, 0x8F629757, 0xC5B428EF, 0x5019579F, 0xA032AF3E, 0x9B14583D,
          0xED59B63B),
    SLICE(0x3D6029B0, 0x7AC05360, 0xF580A6C0, 0x30704BC1, 0x60E09782, 0xC1C12F04, 0x58F35849,
          0xB1E6B092),
    SLICE(0xCB5CD3A5, 0x4DC8A10B, 0x9B914216, 0xEC53826D, 0x03D6029B, 0x07AC0536, 0x0F580A6C,
          0x1EB014D8),
    SLICE(0xA6770BB4, 0x979F1129, 0xF44F2413, 0x33EF4E67, 0x67DE9CCE, 0xCFBD399C, 0x440B7579,
          0x8816EAF2),
    SLICE(0xCCAA009E, 0x4225077D, 0x844A0EFA, 0xD3E51BB5, 0x7CBB312B, 0xF9766256, 0x299DC2ED,
          0x533B85DA),
};

uint32_t gt_crc32(const uint8_t *buf, size_t len)
{
    uint32_t crc = 0xFFFFFFFF;
    const uint8_t *at = buf;
    size_t left = len;
    for (; left >= CRC32_SLICES; at += CRC32_SLICES, left -= CRC32_SLICES) {
        crc = crc32_slices[7][at[0] ^ (crc & 0xFF)] ^ crc32_slices[6][at[1] ^ (crc >> 8 & 0xFF)] ^
              crc32_slices[5][at[2] ^ (crc >> 16 & 0xFF)] ^ crc32_slices[4][at[3] ^ crc >> 24] ^
              crc32_slices[3][at[4]] ^ crc32_slices[2][at[5]] ^ crc32_slices[1][at[6]] ^
              crc32_slices[0][at[7]];
    }
    for (; left > 0; at++, left--) {
        crc = crc >> 8 ^ crc32_slices[0][*at ^ (crc & 0xFF)];
    }
    return ~crc;
}
