/**
 * @file solo.h
 * @brief One meter alone behind a stream of bytes, in real time or faster.
 *
 * Layer:   sim. Pure: the client's bytes and `now` in, the meter's bytes out.
 * Time:    the client's is the host's; meter and load run `speed` times as fast.
 * Kinder than a wire (sim/line.h), as a serial gateway is: pieces that come within SOLO_GAP_US of
 * one another are one piece, and the next request may follow an answer at once.
 */
#ifndef GT_SIM_SOLO_H
#define GT_SIM_SOLO_H

#include "sim/plant.h"

enum { SOLO_SPEED_MAX = 3600, SOLO_GAP_US = 5000, SOLO_TURNAROUND_US = 20000 };

/** Caller's storage; every field is private. */
typedef struct solo {
    plant plant;
    gt_mono start;
    uint32_t speed;
    gt_mono asked; /* the piece is whole then; NEVER: there is none */
    size_t piece_len;
    uint8_t piece[SIM_LINE_FRAME_MAX];
    gt_mono answered; /* the answer goes out then; NEVER: there is none */
    sim_answer answer;
} solo;

/** @return RANGE a speed outside its limits, or what meter_init says */
GT_CHECKED gt_err solo_init(solo *s, const plant_cfg *cfg, uint32_t speed, gt_mono now);
/** Whoever speaks before the answer has come does not get it. Bytes beyond a piece's room are lost.
 */
void solo_write(solo *s, const uint8_t *bytes, size_t len, gt_mono now);
/** Let the meter live until @p now. @return length of an answer that is due, else 0 */
size_t solo_read(solo *s, gt_mono now, uint8_t out[SIM_LINE_FRAME_MAX]);
/** When solo_read has something to do. */
gt_mono solo_deadline(const solo *s);

#endif
