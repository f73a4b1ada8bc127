/* Answers of a cold water meter to 901FH: current and settled volume with units, clock, status. */
#include "bench_codec.h"
#include "codec/cjt188/item.h"

#include <string.h>

enum { ANSWER_BYTES = 19 };

size_t bench_cjt188_build(uint32_t k, uint8_t *buf, size_t cap)
{
    uint8_t data[ANSWER_BYTES] = {0,    0x15, 0x01, 0x00, 0x2C, 0,    0x10, 0x01, 0x00, 0x2C,
                                  0x05, 0x30, 0x09, 0x21, 0x11, 0x26, 0x20, 0x00, 0x00};
    data[0] = (uint8_t)(k / 10 % 10 << 4U | k % 10);
    data[5] = (uint8_t)(k % 10 << 4U | k / 10 % 10);
    const cjt188_message m = {.type = 0x10,
                              .addr = 0x11223344550000U + k % 10,
                              .function = CJT188_READ,
                              .reply = true,
                              .di = 0x901F,
                              .data_len = sizeof data,
                              .data = data};
    cjt188_frame frame;
    size_t len = 0;
    const bool good = cjt188_message_encode(&m, &frame) == GT_ERR_OK &&
                      cjt188_frame_encode(&frame, buf, cap, &len) == GT_ERR_OK;
    return good ? len : 0;
}

uint64_t bench_cjt188_parse(const uint8_t *in, size_t len)
{
    cjt188_numbers numbers;
    if (cjt188_numbers_read(in, len, &numbers) != GT_ERR_OK) {
        return 0;
    }
    uint64_t sum = 1;
    for (size_t i = 0; i < numbers.count; i++) {
        sum += numbers.value[i].raw;
    }
    return sum;
}
