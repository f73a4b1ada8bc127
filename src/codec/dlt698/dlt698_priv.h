/**
 * @file dlt698_priv.h
 * @brief Shared by the files of this folder: pieces of a frame, of values and of descriptions.
 *
 * Layer:   codec, private to this folder.
 */
#ifndef GT_CODEC_DLT698_PRIV_H
#define GT_CODEC_DLT698_PRIV_H

#include "codec/describe/describe.h"
#include "codec/dlt698/frame.h"
#include "codec/dlt698/value.h"

enum { DLT698_MARK = 0x68, DLT698_END = 0x16 };

/** Bytes of 68 .. HCS for that AF. */
size_t dlt698_head_len(uint8_t af);
/** 68 .. HCS. CHECKSUM when only HCS is wrong: then the outputs are written all the same. */
GT_CHECKED gt_err dlt698_head_read(gt_rd *r, dlt698_frame *out, uint16_t *out_len);

/** Columns of a record, given out in turn and from the first again at the row's end. */
typedef struct dlt698_columns {
    gt_rd all;
    gt_rd next;
    uint32_t count;
} dlt698_columns;

/** @param w  just gave out @p node, the RCSD; it is passed over */
dlt698_columns dlt698_columns_of(dlt698_walk *w, const dlt698_node *node);
dlt698_oad dlt698_column_next(dlt698_columns *c);

/**
 * Items of an APDU whose first byte stands at @p offset of what is described. An APDU that does not
 * decode gives one error and no items.
 */
void dlt698_describe_apdu(codec_description *d, codec_bytes apdu, uint32_t offset);

#endif
