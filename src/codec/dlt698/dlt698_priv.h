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

/** Tags of what nearly all values are made of. */
enum {
    DLT698_TAG_ARRAY = 1,
    DLT698_TAG_STRUCTURE = 2,
    DLT698_TAG_INT32 = 5,
    DLT698_TAG_UINT32 = 6,
    DLT698_TAG_INT16 = 16,
    DLT698_TAG_UINT16 = 18,
    DLT698_TAG_DATE_TIME_S = 28,
};

/** Bytes of 68 .. HCS for that AF. */
size_t dlt698_head_len(uint8_t af);
/** 68 .. HCS. CHECKSUM when only HCS is wrong: then the outputs are written all the same. */
GT_CHECKED gt_err dlt698_head_read(gt_rd *r, dlt698_frame *out, uint16_t *out_len);

/** The bits of a control byte. @return false when its reserved bit is not 0 */
bool dlt698_control_split(uint8_t control, dlt698_frame *out);

/** A length or count: one byte below 80H, else the number of bytes that hold it. */
uint32_t dlt698_length_read(gt_rd *r);
/** A count of members that take at least @p least bytes each; TRUNCATED when they cannot be there.
 */
uint32_t dlt698_count_read(gt_rd *r, size_t least);
/** dlt698_walk_next, but a failure may leave something in @p n. */
bool dlt698_walk_step(dlt698_walk *w, dlt698_node *n);
/** Is there still something deeper than that? Closes what is finished. */
bool dlt698_walk_deeper(dlt698_walk *w, uint8_t depth);
/** dlt698_walk_step, and passes over the members of a tagged value. */
bool dlt698_walk_whole(dlt698_walk *w, dlt698_node *n);

/** date_time or date_time_s on the wire. */
GT_CHECKED gt_err dlt698_civil_read(dlt698_type type, const uint8_t *bytes, gt_civil *out);

/** Columns of a record, given out in turn and from the first again at the row's end. */
typedef struct dlt698_columns {
    gt_rd all;
    gt_rd next;
    uint32_t count;
} dlt698_columns;

/** @param w  just gave out @p node, the RCSD; it is passed over */
dlt698_columns dlt698_columns_of(dlt698_walk *w, const dlt698_node *node);
dlt698_oad dlt698_column_next(dlt698_columns *c);

/** Where a value's leaf stands. */
typedef struct dlt698_spot {
    dlt698_oad oad;
    bool is_method;
    bool in_structure; /* directly */
    uint32_t nth;      /* in that structure */
} dlt698_spot;

typedef struct dlt698_label {
    codec_name name;
    const char *unit;
    unsigned decimals;
} dlt698_label;

/** Name of the value, unit and decimals of its number. */
dlt698_label dlt698_label_of(const dlt698_spot *spot, dlt698_type type);
/** The leaf as text; NULL for the null value. */
const char *dlt698_leaf_text(codec_description *d, const dlt698_node *node, unsigned decimals);
/** Is it the choice between a refusal and what was asked for? Which one shows without saying so. */
bool dlt698_choice_shows(dlt698_type type);
/** Bytes of an APDU that say what it is: service, and its kind when it has several. */
size_t dlt698_head_bytes(dlt698_type service);

/**
 * Items of an APDU whose first byte stands at @p offset of what is described. An APDU that does not
 * decode gives one error and no items.
 */
void dlt698_describe_apdu(codec_description *d, codec_bytes apdu, uint32_t offset);

#endif
