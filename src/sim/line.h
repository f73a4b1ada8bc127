/**
 * @file line.h
 * @brief A simulated RS-485 line: every byte takes its time, meters frame by silence, faults.
 *
 * Layer:   sim. Pure: the master's bytes and `now` in, the meters' bytes out when their time has
 *          come. Time is the wire's own (never sped up).
 * A request that follows other bytes by less than 3.5 characters is one frame with them, as a real
 * meter sees it; whoever talks while somebody else does garbles both.
 */
#ifndef GT_SIM_LINE_H
#define GT_SIM_LINE_H

#include "base/time.h"
#include "sim/random.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SIM_LINE_FRAME_MAX = 512,
    SIM_LINE_CHUNK = 8, /* the master gets bytes in pieces of at most this many */
};

/** A frame that the wire carried to the meters. */
typedef struct sim_frame {
    const uint8_t *bytes;
    size_t len;
    gt_mono end; /* of its last byte */
    gt_mono at;  /* 3.5 characters later: meters act on it */
} sim_frame;

/** What a frame on the wire brings about. */
typedef struct sim_answer {
    size_t len;       /* 0: silence */
    int64_t delay_us; /* slower than the line's draw by this much */
    uint8_t bytes[SIM_LINE_FRAME_MAX];
} sim_answer;

typedef struct sim_line_cfg {
    uint32_t baud;
    uint8_t char_bits;
    int64_t turnaround_min_us; /* drawn anew for every answer */
    int64_t turnaround_max_us;
    uint64_t seed;
    void *ctx;
    /** A whole frame has ended; out->len is 0 on entry. */
    void (*ask)(void *ctx, const sim_frame *frame, sim_answer *out);
} sim_line_cfg;

typedef struct sim_line_stats {
    uint64_t requests; /* frames the meters saw */
    uint64_t answers;  /* begun on the wire */
    uint64_t spoiled;  /* frames hit by noise, by two talkers, or by a missing silence */
    int64_t bound_us;  /* of answered requests: request, turnaround, answer, one silence each */
    gt_mono first;     /* begin of the first request */
    gt_mono last;      /* end of the last answer delivered */
} sim_line_stats;

/** Caller's storage; every field is private. */
typedef struct sim_line {
    sim_line_cfg cfg;
    sim_random random;
    int64_t silence_us;
    bool cut;
    uint32_t noise_permille;
    gt_mono quiet; /* end of the last byte on the wire */
    bool spoiled;  /* the request being gathered */
    size_t request_len;
    uint8_t request[SIM_LINE_FRAME_MAX];
    gt_mono asked; /* end of the request that is being answered */
    gt_mono answer_start;
    size_t answer_len;
    size_t answer_sent;
    sim_answer answer;
    sim_line_stats stats;
} sim_line;

void sim_line_init(sim_line *l, const sim_line_cfg *cfg);
/** Bytes of the master, handed over at @p now; they go on the wire one after the other. */
void sim_line_write(sim_line *l, const uint8_t *bytes, size_t len, gt_mono now);
/**
 * Bytes that have reached the master until @p now, at most SIM_LINE_CHUNK; 0 when there are none.
 * Call until it says 0.
 */
size_t sim_line_read(sim_line *l, gt_mono now, uint8_t out[SIM_LINE_CHUNK]);
/** When sim_line_read has something to do or to say. */
gt_mono sim_line_deadline(const sim_line *l);

/** Nothing passes any more, in either direction. */
void sim_line_cut(sim_line *l, bool cut);
/** Share of frames, both ways, that noise hits. */
void sim_line_noise(sim_line *l, uint32_t permille);
sim_line_stats sim_line_stats_of(const sim_line *l);

/** Time of @p count characters, rounded up. */
int64_t sim_line_chars_us(const sim_line *l, size_t count);

#endif
