/* Kinds of frames that bench_codec measures and that have a file of their own: build makes the k-th
 * and gives its length; parse gives a sum of its values, 0 when it is refused. */
#ifndef GT_BENCH_CODEC_H
#define GT_BENCH_CODEC_H

#include <stddef.h>
#include <stdint.h>

size_t bench_cjt188_build(uint32_t k, uint8_t *buf, size_t cap);
uint64_t bench_cjt188_parse(const uint8_t *in, size_t len);
size_t bench_mbus_heat_build(uint32_t k, uint8_t *buf, size_t cap);
size_t bench_mbus_power_build(uint32_t k, uint8_t *buf, size_t cap);
uint64_t bench_mbus_parse(const uint8_t *in, size_t len);

#endif
