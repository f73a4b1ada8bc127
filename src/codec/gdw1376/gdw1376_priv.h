/**
 * @file gdw1376_priv.h
 * @brief Shared by the files of this folder: pieces of a frame being written or described.
 *
 * Layer:   codec, private to this folder.
 */
#ifndef GT_CODEC_GDW1376_PRIV_H
#define GT_CODEC_GDW1376_PRIV_H

#include "codec/describe/describe.h"
#include "codec/gdw1376/frame.h"

/** 68 L L 68 with the lengths open, C, A, AFN, SEQ. @p w is empty. */
void gdw1376_frame_open(gt_wr *w, const gdw1376_head *head);
/** PW, EC, Tp (zeros when @p aux is NULL), lengths, CS, 16. Errors as gdw1376_frame_encode. */
GT_CHECKED gt_err gdw1376_frame_close(gt_wr *w, const gdw1376_head *head, const gdw1376_aux *aux,
                                      size_t *out_len);

/** C, A, AFN, SEQ. */
gdw1376_head gdw1376_head_read(gt_rd *r, uint8_t protocol);
/** Items of a whole frame, with offsets from @p in. */
void gdw1376_describe_units(codec_description *d, codec_bytes in, const gdw1376_frame *frame);

#endif
