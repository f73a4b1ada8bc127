/* For processors without a carry-less multiplication: the tables of sum.c do it all. */
#include "base/fold.h"

size_t gt_crc16_fold(const gt_fold *by, uint16_t crc, const uint8_t *at, size_t len, uint8_t *out)
{
    (void)by;
    (void)crc;
    (void)at;
    (void)len;
    (void)out;
    return 0;
}
