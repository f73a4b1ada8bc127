/**
 * @file fragment.h
 * @brief An APDU in several link frames: cutting it into blocks, putting blocks together again.
 *
 * Layer:   codec. No I/O, no allocation; the buffers are the caller's.
 * Source:  DL/T 698.45-2017, data link layer (block transfer). The receiver confirms every block
 *          but the last with a block of the same number and no data; the sender waits for it.
 */
#ifndef GT_CODEC_DLT698_FRAGMENT_H
#define GT_CODEC_DLT698_FRAGMENT_H

#include "codec/dlt698/frame.h"

/** Receives the blocks of one APDU. */
typedef struct dlt698_joiner {
    uint8_t *buf;
    size_t cap;
    size_t len;
    uint16_t next_seq;
    bool open; /* a first block has come, the last has not */
} dlt698_joiner;

typedef enum dlt698_join {
    DLT698_JOIN_MORE,  /* confirm with dlt698_block_confirm and wait for the next */
    DLT698_JOIN_DONE,  /* buf[0 .. len) is the APDU */
    DLT698_JOIN_AGAIN, /* the block before this came again: confirm, nothing changed */
} dlt698_join;

void dlt698_joiner_init(dlt698_joiner *j, uint8_t *buf, size_t cap);
/**
 * Takes one block. A first block starts anew whatever was held.
 *
 * @param[out] out  written only on GT_ERR_OK
 * @return GT_ERR_MALFORMED  not a block with data, or empty
 *         GT_ERR_MISMATCH   no first block before it, or a number that is not next; what was held
 *                           is dropped
 *         GT_ERR_SPACE      the APDU is longer than the buffer; what was held is dropped
 */
GT_CHECKED gt_err dlt698_joiner_take(dlt698_joiner *j, const dlt698_frame *frame, dlt698_join *out);

/** The confirmation that asks for the block after @p block. */
dlt698_frame dlt698_block_confirm(const dlt698_frame *block);

/** Sends one APDU in blocks. */
typedef struct dlt698_splitter {
    const uint8_t *apdu;
    size_t len;
    size_t at; /* first byte of the current block */
    size_t block_len;
    uint16_t seq; /* of the current block */
} dlt698_splitter;

/**
 * @param block_len  most bytes of APDU in a block, at least 1
 * @return GT_ERR_RANGE  nothing to cut (len <= block_len: send it whole), block_len 0, or more
 *                       than 4,096 blocks
 */
GT_CHECKED gt_err dlt698_splitter_init(dlt698_splitter *s, const uint8_t *apdu, size_t len,
                                       size_t block_len);
/** The current block as a frame like @p base (address, direction, function). */
dlt698_frame dlt698_splitter_block(const dlt698_splitter *s, const dlt698_frame *base);
/**
 * A confirmation came: go on to the next block.
 *
 * @return GT_ERR_MISMATCH  it confirms another block (send the current one again)
 *         GT_ERR_CONFLICT  the current block is the last: nobody confirms it
 */
GT_CHECKED gt_err dlt698_splitter_confirm(dlt698_splitter *s, const dlt698_frame *confirm);

#endif
