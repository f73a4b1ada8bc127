/**
 * @file block.h
 * @brief Blocks of parameters in the memory: read whole, written whole or not at all.
 *
 * Layer:   meter. The blocks are block.def.
 */
#ifndef GT_METER_BLOCK_H
#define GT_METER_BLOCK_H

#include "base/err.h"

#include <stdint.h>

typedef enum block_id {
#define BLOCK(symbol, count, len) BLOCK_##symbol,
#include "meter/block.def"
#undef BLOCK
    BLOCK_IDS_END,
} block_id;

enum {
    BLOCK_IDS = BLOCK_IDS_END,
    BLOCK_LEN_MAX = 128,
#define BLOCK(symbol, count, len) BLOCK_##symbol##_COUNT = (count), BLOCK_##symbol##_LEN = (len),
#include "meter/block.def"
#undef BLOCK
};

struct meter;

/**
 * @param nth  0 .. count - 1
 * @param out  the block's bytes
 * @return NOT_FOUND  never written (or both copies are damaged); IO
 */
GT_CHECKED gt_err block_read(const struct meter *m, block_id id, unsigned nth, uint8_t *out);
/** Durable when OK is returned; after a power cut the block is the old one or the new one. */
GT_CHECKED gt_err block_write(struct meter *m, block_id id, unsigned nth, const uint8_t *bytes);

#endif
