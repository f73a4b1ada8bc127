/* The park's way of keeping two times, for one meter. */
#include "sim/solo.h"

#include <string.h>

enum { SILENCE_US = 4100 }; /* 3.5 characters at 9600 baud: a meter that waits for silence acts */

static gt_mono meter_time(const solo *s, gt_mono now)
{
    return (gt_mono){s->start.us + (now.us - s->start.us) * (int64_t)s->speed};
}

gt_err solo_init(solo *s, const plant_cfg *cfg, uint32_t speed, gt_mono now)
{
    if (speed < 1 || speed > SOLO_SPEED_MAX) {
        return GT_ERR_RANGE;
    }
    s->start = now;
    s->speed = speed;
    s->asked = GT_MONO_NEVER;
    s->answered = GT_MONO_NEVER;
    s->piece_len = 0;
    return plant_init(&s->plant, cfg, now);
}

void solo_write(solo *s, const uint8_t *bytes, size_t len, gt_mono now)
{
    const size_t room = sizeof s->piece - s->piece_len;
    const size_t taken = len < room ? len : room;
    memcpy(s->piece + s->piece_len, bytes, taken);
    s->piece_len += taken;
    s->asked.us = now.us + SOLO_GAP_US;
    s->answered = GT_MONO_NEVER;
}

static void live(solo *s, gt_mono until)
{
    for (gt_mono at = plant_deadline(&s->plant); at.us <= until.us;
         at = plant_deadline(&s->plant)) {
        plant_step(&s->plant, at);
    }
}

static void ask(solo *s)
{
    const gt_mono end = meter_time(s, s->asked);
    const sim_frame frame = {s->piece, s->piece_len, end, {end.us + SILENCE_US}};
    live(s, end);
    s->answer.len = 0;
    plant_ask(&s->plant, &frame, &s->answer);
    if (s->answer.len > 0) {
        s->answered.us = s->asked.us + SOLO_TURNAROUND_US;
    }
    s->asked = GT_MONO_NEVER;
    s->piece_len = 0;
}

size_t solo_read(solo *s, gt_mono now, uint8_t out[SIM_LINE_FRAME_MAX])
{
    if (s->asked.us <= now.us) {
        ask(s);
    }
    live(s, meter_time(s, now));
    if (s->answered.us > now.us) {
        return 0;
    }
    s->answered = GT_MONO_NEVER;
    memcpy(out, s->answer.bytes, s->answer.len);
    return s->answer.len;
}

gt_mono solo_deadline(const solo *s)
{
    const int64_t speed = s->speed;
    const gt_mono due = plant_deadline(&s->plant);
    gt_mono first = {s->start.us + (due.us - s->start.us + speed - 1) / speed};
    first = s->asked.us < first.us ? s->asked : first;
    return s->answered.us < first.us ? s->answered : first;
}
