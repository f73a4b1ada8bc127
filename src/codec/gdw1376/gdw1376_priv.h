/**
 * @file gdw1376_priv.h
 * @brief Shared by the files of this folder: pieces of a frame being written or described.
 *
 * Layer:   codec, private to this folder.
 */
#ifndef GT_CODEC_GDW1376_PRIV_H
#define GT_CODEC_GDW1376_PRIV_H

#include "codec/compose/compose.h"
#include "codec/describe/describe.h"
#include "codec/gdw1376/format.h"
#include "codec/gdw1376/frame.h"
#include "codec/gdw1376/message.h"

/** 68 L L 68 with the lengths open, C, A, AFN, SEQ. @p w is empty. */
void gdw1376_frame_open(gt_wr *w, const gdw1376_head *head);
/** PW, EC, Tp (zeros when @p aux is NULL), lengths, CS, 16. Errors as gdw1376_frame_encode. */
GT_CHECKED gt_err gdw1376_frame_close(gt_wr *w, const gdw1376_head *head, const gdw1376_aux *aux,
                                      size_t *out_len);

/** C, A, AFN, SEQ. */
gdw1376_head gdw1376_head_read(gt_rd *r, uint8_t protocol);
enum { GDW1376_HEX_MARKED_MAX = 8 }; /* bytes shown as "6B01H"; longer ones as "6B01..." */

/** How a time is written: letters YMDhms of the parts it has, and the pattern of their digits, as
 * codec_text_add_parts takes it. A full date with a time always has seconds. */
typedef struct gdw1376_form {
    char letters[8];
    char pattern[24]; /* room for " Wd" behind */
} gdw1376_form;

void gdw1376_time_form(const gdw1376_format_row *row, gdw1376_form *out);

/** A part of a time by its letter: Y M D h m s. */
void gdw1376_when_set(gdw1376_when *when, char letter, unsigned value);
unsigned gdw1376_when_get(const gdw1376_when *when, char letter);

/** Items of a whole frame, with offsets from @p in. */
void gdw1376_describe_units(codec_description *d, codec_bytes in, const gdw1376_frame *frame);
/** The items of a recipe as data units, behind the head that @p m holds. */
void gdw1376_compose_units(codec_composer *c, gdw1376_message *m);

#endif
