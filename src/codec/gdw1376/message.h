/**
 * @file message.h
 * @brief Writing a Q/GDW 1376.1 frame unit by unit, in place.
 *
 * Layer:   codec.
 *
 *     gdw1376_message m = gdw1376_message_begin(buf, sizeof buf, &head);
 *     gdw1376_message_add(&m, point, fn);             identifier; then the datum, if it has one:
 *     gdw1376_energy_write(&m.w, &energy);
 *     GT_TRY(gdw1376_message_end(&m, NULL, &len));
 *
 * For answers cut into several frames: mark before a datum, and when it no longer fits, drop it,
 * end this frame (fin false), and begin the next with it.
 */
#ifndef GT_CODEC_GDW1376_MESSAGE_H
#define GT_CODEC_GDW1376_MESSAGE_H

#include "codec/gdw1376/unit.h"

typedef struct gdw1376_message {
    gt_wr w; /* data are written here after gdw1376_message_add */
    gdw1376_head head;
    size_t mark;     /* length before the last add */
    gt_err mark_err; /* and the writer's error then */
    unsigned added;  /* identifiers written */
} gdw1376_message;

/** Writes the head. FIR and FIN may still be set with gdw1376_message_part before the end. */
gdw1376_message gdw1376_message_begin(uint8_t *buf, size_t cap, const gdw1376_head *head);
/** Identifier of one point and one function. */
void gdw1376_message_add(gdw1376_message *m, uint16_t point, uint16_t fn);
/** Identifier of a set (requests). */
void gdw1376_message_add_set(gdw1376_message *m, const gdw1376_id *id);
/** Does what is written, plus the parts that follow the data, still fit buffer and limit? */
bool gdw1376_message_fits(const gdw1376_message *m);
/** Take the last identifier and its datum back out, with any failure they caused. */
void gdw1376_message_drop(gdw1376_message *m);
void gdw1376_message_part(gdw1376_message *m, bool fir, bool fin);
/**
 * Writes PW, EC and Tp as the head says (zeros when @p aux is NULL), lengths, checksum, end mark.
 *
 * @return GT_ERR_SPACE  the buffer is too small
 *         GT_ERR_RANGE  a field outside its bits, or above GDW1376_USER_MAX
 */
GT_CHECKED gt_err gdw1376_message_end(gdw1376_message *m, const gdw1376_aux *aux, size_t *out_len);

/**
 * The frames of one answer: FIR, middle, FIN, with RSEQ counting up from the request's.
 * series_step takes each head in turn.
 */
typedef struct gdw1376_series {
    bool open;    /* first seen, last not yet */
    uint8_t next; /* seq expected */
    unsigned frames;
} gdw1376_series;

gdw1376_series gdw1376_series_of(const gdw1376_head *request);
/**
 * @param[out] out_last  this frame ends the answer
 * @return GT_ERR_MISMATCH  not the frame that comes next; the series is unchanged
 */
GT_CHECKED gt_err gdw1376_series_step(gdw1376_series *s, const gdw1376_head *head, bool *out_last);

#endif
