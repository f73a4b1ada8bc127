/**
 * @file gdw1376_priv.h
 * @brief Shared by frame.c and message.c: the two ends of a frame being written.
 *
 * Layer:   codec, private to this folder.
 */
#ifndef GT_CODEC_GDW1376_PRIV_H
#define GT_CODEC_GDW1376_PRIV_H

#include "codec/gdw1376/frame.h"

/** 68 L L 68 with the lengths open, C, A, AFN, SEQ. @p w is empty. */
void gdw1376_frame_open(gt_wr *w, const gdw1376_head *head);
/** PW, EC, Tp (zeros when @p aux is NULL), lengths, CS, 16. Errors as gdw1376_frame_encode. */
GT_CHECKED gt_err gdw1376_frame_close(gt_wr *w, const gdw1376_head *head, const gdw1376_aux *aux,
                                      size_t *out_len);

#endif
