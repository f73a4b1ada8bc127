/* One request and one answer are on the wire at a time: this is RS-485 with one master. The request
 * gathers until 3.5 characters of silence end it; then the meters are asked, and their answer is
 * laid out in time from its first byte on. */
#include "sim/line.h"

#include <string.h>

enum {
    US_SECOND = 1000000,
    RTU_CHAR_BITS = 11,
    BAUD_FIXED_SILENCE = 19200,
    SILENCE_FAST_US = 1750,
    GARBAGE_MAX = 6,
};

static gt_mono later(gt_mono at, int64_t us)
{
    return (gt_mono){at.us + us};
}

int64_t sim_line_chars_us(const sim_line *l, size_t count)
{
    const int64_t bits = (int64_t)count * l->cfg.char_bits;
    return (bits * US_SECOND + l->cfg.baud - 1) / l->cfg.baud;
}

void sim_line_init(sim_line *l, const sim_line_cfg *cfg)
{
    memset(l, 0, sizeof *l);
    l->cfg = *cfg;
    l->random = sim_random_of(cfg->seed, 0);
    const int64_t half_bits = INT64_C(7) * RTU_CHAR_BITS; /* 3.5 characters */
    l->silence_us =
        cfg->baud > BAUD_FIXED_SILENCE
            ? SILENCE_FAST_US
            : (half_bits * US_SECOND + 2 * (int64_t)cfg->baud - 1) / (2 * (int64_t)cfg->baud);
    l->quiet.us = -l->silence_us;
}

/* Noise: a flipped bit, and now and then a few bytes out of nothing before the frame. */
static size_t disturb(sim_line *l, uint8_t *bytes, size_t len)
{
    if (len == 0 || !sim_random_permille(&l->random, l->noise_permille)) {
        return len;
    }
    l->stats.spoiled++;
    const size_t extra = (size_t)sim_random_range(&l->random, 0, GARBAGE_MAX);
    if (extra % 2 == 1 && len + extra <= SIM_LINE_FRAME_MAX) {
        memmove(bytes + extra, bytes, len);
        for (size_t i = 0; i < extra; i++) {
            bytes[i] = (uint8_t)sim_random_next(&l->random);
        }
        return len + extra; /* the frame itself is whole: a good master finds it */
    }
    const size_t at = (size_t)sim_random_range(&l->random, 0, (int64_t)len - 1);
    bytes[at] ^= (uint8_t)(1U << sim_random_range(&l->random, 0, 7));
    return len;
}

/* The silence after the request has come: let the meters see it. */
static void request_end(sim_line *l)
{
    const gt_mono at = later(l->quiet, l->silence_us);
    const size_t wire_len = l->request_len;
    const bool spoiled = l->spoiled;
    l->stats.requests++;
    l->request_len = 0;
    l->spoiled = false;
    if (spoiled) {
        l->stats.spoiled++;
        return;
    }
    const size_t len = disturb(l, l->request, wire_len);
    l->answer.len = 0;
    l->answer.delay_us = 0;
    const sim_frame frame = {l->request, len, l->quiet, at};
    l->cfg.ask(l->cfg.ctx, &frame, &l->answer);
    if (l->answer.len == 0) {
        return;
    }
    int64_t turnaround_us =
        sim_random_range(&l->random, l->cfg.turnaround_min_us, l->cfg.turnaround_max_us) +
        l->answer.delay_us;
    turnaround_us = turnaround_us < l->silence_us ? l->silence_us : turnaround_us;
    l->stats.answers++;
    l->stats.bound_us += sim_line_chars_us(l, wire_len) + turnaround_us +
                         sim_line_chars_us(l, l->answer.len) + l->silence_us;
    l->answer_len = disturb(l, l->answer.bytes, l->answer.len);
    l->answer_sent = 0;
    l->asked = l->quiet;
    l->answer_start = later(l->quiet, turnaround_us);
    l->quiet = later(l->answer_start, sim_line_chars_us(l, l->answer_len));
}

static void settle(sim_line *l, gt_mono now)
{
    if (l->request_len > 0 && l->quiet.us + l->silence_us <= now.us) {
        request_end(l);
    }
}

/* The master talks into an answer: what is left of it is garbage. */
static void collide(sim_line *l, gt_mono now)
{
    if (l->answer_sent >= l->answer_len || l->answer_start.us > now.us) {
        return;
    }
    for (size_t i = l->answer_sent; i < l->answer_len; i++) {
        l->answer.bytes[i] = (uint8_t)sim_random_next(&l->random);
    }
    l->spoiled = true;
}

/* The master has lost patience: a meter that hears it talk gives up its answer. */
static void abandon(sim_line *l, gt_mono now)
{
    if (l->answer_sent < l->answer_len && now.us < l->answer_start.us) {
        l->answer_len = 0;
        l->answer_sent = 0;
        l->quiet = l->asked;
    }
}

void sim_line_write(sim_line *l, const uint8_t *bytes, size_t len, gt_mono now)
{
    settle(l, now);
    if (l->cut || len == 0) {
        return;
    }
    abandon(l, now);
    collide(l, now);
    const bool more = l->request_len > 0; /* handed over in pieces: they join on the wire */
    if (l->stats.requests == 0 && !more) {
        l->stats.first = now;
    }
    if (!more && now.us - l->quiet.us < l->silence_us) {
        l->spoiled = true; /* for a meter this is the tail of what went before */
    }
    if (len > SIM_LINE_FRAME_MAX - l->request_len) {
        l->spoiled = true;
        l->request_len = 0;
        len = len > SIM_LINE_FRAME_MAX ? SIM_LINE_FRAME_MAX : len;
    }
    memcpy(l->request + l->request_len, bytes, len);
    l->request_len += len;
    const gt_mono start = now.us > l->quiet.us ? now : l->quiet;
    l->quiet = later(start, sim_line_chars_us(l, len));
}

/* Bytes of the piece that is delivered next, and when its last one is through. */
static size_t next_piece(const sim_line *l, gt_mono *out_due)
{
    const size_t left = l->answer_len - l->answer_sent;
    const size_t n = left < SIM_LINE_CHUNK ? left : SIM_LINE_CHUNK;
    *out_due = later(l->answer_start, sim_line_chars_us(l, l->answer_sent + n));
    return n;
}

size_t sim_line_read(sim_line *l, gt_mono now, uint8_t out[SIM_LINE_CHUNK])
{
    settle(l, now);
    gt_mono due = GT_MONO_NEVER;
    const size_t n = next_piece(l, &due);
    if (n == 0 || due.us > now.us) {
        return 0;
    }
    memcpy(out, l->answer.bytes + l->answer_sent, n);
    l->answer_sent += n;
    l->stats.last = due;
    return l->cut ? 0 : n;
}

gt_mono sim_line_deadline(const sim_line *l)
{
    if (l->answer_sent < l->answer_len) {
        gt_mono due = GT_MONO_NEVER;
        (void)next_piece(l, &due); /* only the time is wanted */
        return due;
    }
    return l->request_len > 0 ? later(l->quiet, l->silence_us) : GT_MONO_NEVER;
}

void sim_line_cut(sim_line *l, bool cut)
{
    l->cut = cut;
    if (cut) {
        l->request_len = 0;
        l->answer_len = 0;
        l->answer_sent = 0;
    }
}

void sim_line_noise(sim_line *l, uint32_t permille)
{
    l->noise_permille = permille;
}

sim_line_stats sim_line_stats_of(const sim_line *l)
{
    return l->stats;
}
