/* The line master. Time is kept in three marks: when the line fell silent (quiet), when our own
 * request has left the wire (sent), and when the present attempt has failed (deadline). Everything
 * else follows from the phase. */
#include "bus/line.h"

#include "base/sum.h"
#include "bus/framing.h"
#include "bus/queue.h"
#include "bus/turnaround.h"

#include <string.h>

enum {
    US_SECOND = 1000000,
    US_MS = 1000,
    BAUD_MIN = 300,
    BAUD_MAX = 115200,
    BAUD_FIXED_SILENCE = 19200, /* above it the silence is a time, not characters */
    SILENCE_FAST_US = 1750,
    RTU_CHAR_BITS = 11, /* of the standard's silence, whatever the line's parity */
    CHAR_BITS_MIN = 10,
    CHAR_BITS_MAX = 11,
    FIFO_CHARS = 16, /* bytes may reach us in chunks of what a UART or gateway gathers */
    GAP_US = 100 * US_MS,
    RX_MAX = 2 * LINE_REPLY_MAX,
    UNITS = 256,
    SETTLE_MAX_US = LINE_TIMEOUT_MAX_MS * US_MS, /* a line that never falls silent is used anyway */
};

typedef enum phase {
    PHASE_CLOSED,
    PHASE_IDLE,
    PHASE_WAITING,   /* for the answer to `current` */
    PHASE_BROADCAST, /* until everybody has taken it in */
} phase;

struct line {
    line_cfg cfg;
    int64_t silence_us;
    phase phase;
    gt_mono quiet;    /* end of the last byte on the line */
    gt_mono settle;   /* since when the line is wanted silent */
    gt_mono sent;     /* end of our request */
    gt_mono patience; /* the answer must have begun */
    gt_mono hard;     /* the answer must have ended, whatever arrives */
    gt_mono deadline; /* of the present attempt */
    bool rx_spent;    /* rx holds what an outcome showed: forget it at the next call */
    bool owed;        /* current timed out: its answer may still come */
    queue_entry current;
    size_t rx_len;
    uint8_t rx[RX_MAX];
    queue queue;
    turnaround unit[UNITS];
    line_stats stats;
};

static gt_mono later(gt_mono at, int64_t us)
{
    return (gt_mono){at.us + us};
}

static gt_mono latest(gt_mono a, gt_mono b)
{
    return a.us > b.us ? a : b;
}

static gt_mono soonest(gt_mono a, gt_mono b)
{
    return a.us < b.us ? a : b;
}

int64_t line_chars_us(const line_cfg *cfg, size_t count)
{
    const int64_t bits = (int64_t)count * cfg->char_bits;
    return (bits * US_SECOND + cfg->baud - 1) / cfg->baud;
}

int64_t line_silence_us(const line_cfg *cfg)
{
    if (cfg->baud > BAUD_FIXED_SILENCE) {
        return SILENCE_FAST_US;
    }
    const int64_t half_bits = INT64_C(7) * RTU_CHAR_BITS; /* 3.5 characters are 38.5 bits */
    return (half_bits * US_SECOND + 2 * (int64_t)cfg->baud - 1) / (2 * (int64_t)cfg->baud);
}

gt_err line_create(gt_arena *arena, const line_cfg *cfg, line **out)
{
    if (cfg->baud < BAUD_MIN || cfg->baud > BAUD_MAX || cfg->char_bits < CHAR_BITS_MIN ||
        cfg->char_bits > CHAR_BITS_MAX) {
        return GT_ERR_RANGE;
    }
    line *l = gt_arena_take(arena, sizeof *l);
    if (l == NULL) {
        return GT_ERR_MEMORY;
    }
    l->cfg = *cfg;
    l->silence_us = line_silence_us(cfg);
    queue_init(&l->queue);
    for (size_t i = 0; i < UNITS; i++) {
        turnaround_init(&l->unit[i]);
    }
    *out = l;
    return GT_ERR_OK;
}

static framing_bytes frame_of(const queue_entry *entry)
{
    return (framing_bytes){entry->request.bytes, entry->request.len};
}

gt_err line_submit(line *l, const line_request *request)
{
    if (request->attempts < 1 || request->attempts > LINE_ATTEMPTS_MAX ||
        request->len > LINE_REQUEST_MAX) {
        return GT_ERR_MALFORMED;
    }
    const framing *f = framing_of(request->framing);
    const framing_bytes frame = {request->bytes, request->len};
    if (!f->plausible(frame)) {
        return GT_ERR_MALFORMED;
    }
    if (l->phase == PHASE_CLOSED) {
        return GT_ERR_CLOSED;
    }
    if (!queue_has_room(&l->queue, request->priority)) {
        return GT_ERR_SPACE;
    }
    const queue_entry entry = {.request = *request,
                               .unit = f->unit(frame),
                               .function = f->function(frame),
                               .sum = gt_crc16_x25(request->bytes, request->len)};
    queue_append(&l->queue, &entry);
    return GT_ERR_OK;
}

/* Until when a request must wait because a late answer of its unit could pass for its own. */
static gt_mono held_until(const line *l, const queue_entry *entry)
{
    const turnaround *t = &l->unit[entry->unit];
    const bool confusable =
        t->owed > 0 && t->owed_function == entry->function && t->owed_sum != entry->sum;
    return confusable ? t->owed_until : (gt_mono){0};
}

/* Commands to one unit keep their order, also when the first of them is held. */
static bool overtakes(const line *l, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (queue_at(&l->queue, k)->unit == queue_at(&l->queue, i)->unit) {
            return true;
        }
    }
    return false;
}

/* The first request that may go at @p now; without one, queue_len, and when the next one may. */
static size_t pick(const line *l, gt_mono now, gt_mono *out_when)
{
    const size_t len = queue_len(&l->queue);
    *out_when = GT_MONO_NEVER;
    for (size_t i = 0; i < len; i++) {
        const gt_mono held = held_until(l, queue_at(&l->queue, i));
        if (overtakes(l, i)) {
            continue;
        }
        if (held.us <= now.us) {
            *out_when = now;
            return i;
        }
        *out_when = soonest(*out_when, held);
    }
    return len;
}

static gt_mono silent_at(const line *l)
{
    return soonest(later(l->quiet, l->silence_us), later(l->settle, SETTLE_MAX_US));
}

static void finish(line *l, gt_err err, line_output *out)
{
    out->outcome = (line_outcome){.present = true,
                                  .cookie = l->current.request.cookie,
                                  .err = err,
                                  .attempts = l->current.used};
    l->phase = PHASE_IDLE;
}

static void rx_drop(line *l)
{
    l->stats.garbage_bytes += l->rx_len;
    l->rx_len = 0;
}

static void send_request(line *l, gt_mono now, line_output *out)
{
    const line_request *request = &l->current.request;
    const framing *f = framing_of(request->framing);
    rx_drop(l);
    l->owed = false;
    l->current.used++;
    l->stats.sent++;
    l->stats.repeated += l->current.used > 1 ? 1 : 0;
    l->stats.bytes_out += request->len;
    out->send = request->bytes;
    out->send_len = request->len;
    l->sent = later(now, line_chars_us(&l->cfg, request->len));
    l->quiet = l->sent;
    if (f->is_broadcast(frame_of(&l->current))) {
        l->stats.broadcasts++;
        l->phase = PHASE_BROADCAST;
        l->deadline = later(l->sent, LINE_BROADCAST_MS * US_MS);
        return;
    }
    const int64_t gather_us = line_chars_us(&l->cfg, FIFO_CHARS);
    l->patience = later(l->sent, l->unit[l->current.unit].timeout_us + gather_us);
    l->hard = later(l->patience, line_chars_us(&l->cfg, LINE_REPLY_MAX) + GAP_US);
    l->deadline = l->patience;
    l->phase = PHASE_WAITING;
}

static void try_send(line *l, gt_mono now, line_output *out)
{
    if (silent_at(l).us > now.us) {
        return;
    }
    gt_mono when = GT_MONO_NEVER;
    const size_t i = pick(l, now, &when);
    if (i < queue_len(&l->queue)) {
        queue_take(&l->queue, i, &l->current);
        send_request(l, now, out);
    }
}

/* What has arrived, as an answer to the current request. */
static framing_found judge(const line *l)
{
    const framing_bytes got = {l->rx, l->rx_len};
    return framing_of(l->current.request.framing)->find(frame_of(&l->current), got);
}

/* The unit still owes an answer: to this attempt, or to an earlier one if this one was answered. */
static void owe(line *l)
{
    turnaround *t = &l->unit[l->current.unit];
    const bool same = t->owed > 0 && t->owed_sum == l->current.sum;
    t->owed = (uint8_t)(same && t->owed < LINE_ATTEMPTS_MAX ? t->owed + 1 : 1);
    t->owed_sum = l->current.sum;
    t->owed_function = l->current.function;
    t->owed_until = later(l->sent, LINE_TIMEOUT_MAX_MS * US_MS);
}

static void timed_out(line *l, gt_mono now, line_output *out)
{
    l->stats.timeouts++;
    turnaround_missed(&l->unit[l->current.unit]);
    owe(l);
    l->owed = true;
    l->stats.foreign += judge(l).foreign;
    rx_drop(l);
    l->settle = now;
    if (l->current.used >= l->current.request.attempts) {
        finish(l, GT_ERR_TIMEOUT, out);
        return;
    }
    queue_return(&l->queue, &l->current); /* commands that came meanwhile go before a repeat */
    l->phase = PHASE_IDLE;
}

/* Bytes while nothing is outstanding: a late answer, or noise. */
static void listen_idle(line *l, gt_mono now)
{
    if (!l->owed) {
        rx_drop(l);
        return;
    }
    const framing_found found =
        framing_of(l->current.request.framing)
            ->find(frame_of(&l->current), (framing_bytes){l->rx, l->rx_len});
    if (!found.answer) {
        return;
    }
    turnaround *t = &l->unit[l->current.unit];
    turnaround_heard(t, now.us - l->sent.us - line_chars_us(&l->cfg, found.len));
    t->owed = (uint8_t)(t->owed > 0 ? t->owed - 1 : 0);
    l->stats.late++;
    l->stats.garbage_bytes += l->rx_len - found.len;
    l->rx_len = 0;
    l->owed = t->owed > 0;
}

static void listen_waiting(line *l, gt_mono now, line_output *out)
{
    const framing_found found =
        framing_of(l->current.request.framing)
            ->find(frame_of(&l->current), (framing_bytes){l->rx, l->rx_len});
    if (!found.answer) {
        const gt_mono gap = later(now, line_chars_us(&l->cfg, FIFO_CHARS) + GAP_US);
        l->deadline =
            found.broken ? later(now, l->silence_us) : soonest(latest(l->patience, gap), l->hard);
        return;
    }
    l->stats.foreign += found.foreign;
    l->stats.garbage_bytes += l->rx_len - found.len;
    l->stats.answered++;
    if (l->current.used == 1) {
        /* after a repeat nobody knows which attempt this answers (Karn's rule) */
        turnaround_heard(&l->unit[l->current.unit],
                         now.us - l->sent.us - line_chars_us(&l->cfg, found.len));
    } else {
        owe(l);
    }
    finish(l, GT_ERR_OK, out);
    out->outcome.reply = l->rx + found.start;
    out->outcome.len = (uint16_t)found.len;
    l->rx_spent = true;
    l->settle = now;
}

static void take_bytes(line *l, const line_input *in, gt_mono now, line_output *out)
{
    l->stats.bytes_in += in->len;
    l->quiet = latest(now, l->quiet);
    size_t len = in->len;
    if (len > RX_MAX - l->rx_len) {
        rx_drop(l);
    }
    if (len > RX_MAX) {
        l->stats.garbage_bytes += len - RX_MAX;
        len = RX_MAX;
    }
    memcpy(l->rx + l->rx_len, in->bytes + (in->len - len), len);
    l->rx_len += len;
    if (l->phase == PHASE_WAITING) {
        listen_waiting(l, now, out);
    } else {
        listen_idle(l, now);
    }
}

/* One request a step ends with CLOSED, the outstanding one first. */
static void close_one(line *l, line_output *out)
{
    if (l->phase != PHASE_CLOSED) {
        const bool outstanding = l->phase == PHASE_WAITING || l->phase == PHASE_BROADCAST;
        if (outstanding) {
            finish(l, GT_ERR_CLOSED, out);
        }
        l->phase = PHASE_CLOSED;
        l->owed = false;
        rx_drop(l);
        if (outstanding) {
            return;
        }
    }
    if (queue_len(&l->queue) > 0) {
        queue_take(&l->queue, 0, &l->current);
        finish(l, GT_ERR_CLOSED, out);
        l->phase = PHASE_CLOSED;
    }
}

void line_step(line *l, const line_input *in, gt_mono now, line_output *out)
{
    *out = (line_output){0};
    if (l->rx_spent) {
        l->rx_spent = false;
        l->rx_len = 0;
    }
    if (in->event == LINE_OPENED && l->phase == PHASE_CLOSED) {
        l->phase = PHASE_IDLE;
        l->quiet = now; /* somebody may be in the middle of a frame */
        l->settle = now;
    }
    if (in->event == LINE_CLOSED || l->phase == PHASE_CLOSED) {
        close_one(l, out);
        return;
    }
    if (in->event == LINE_BYTES && in->len > 0) {
        take_bytes(l, in, now, out);
    }
    if (l->phase == PHASE_WAITING && l->deadline.us <= now.us) {
        timed_out(l, now, out);
    } else if (l->phase == PHASE_BROADCAST && l->deadline.us <= now.us) {
        finish(l, GT_ERR_OK, out);
        l->settle = now;
    }
    if (l->phase == PHASE_IDLE && queue_len(&l->queue) == 0) {
        l->settle = now; /* nobody waits for silence */
    } else if (l->phase == PHASE_IDLE && !out->outcome.present) {
        try_send(l, now, out);
    }
}

gt_mono line_deadline(const line *l)
{
    gt_mono when = GT_MONO_NEVER;
    switch (l->phase) {
    case PHASE_CLOSED:
        return queue_len(&l->queue) > 0 ? (gt_mono){0} : GT_MONO_NEVER;
    case PHASE_WAITING:
    case PHASE_BROADCAST:
        return l->deadline;
    case PHASE_IDLE:
        (void)pick(l, silent_at(l), &when); /* only the time is wanted */
        return queue_len(&l->queue) > 0 ? latest(when, silent_at(l)) : GT_MONO_NEVER;
    }
    return GT_MONO_NEVER;
}

bool line_is_open(const line *l)
{
    return l->phase != PHASE_CLOSED;
}

bool line_is_idle(const line *l)
{
    return (l->phase == PHASE_IDLE || l->phase == PHASE_CLOSED) && queue_len(&l->queue) == 0;
}

size_t line_waiting(const line *l, line_priority priority)
{
    return l->queue.waiting[priority];
}

bool line_has_room(const line *l, line_priority priority)
{
    return queue_has_room(&l->queue, priority);
}

uint32_t line_timeout_ms(const line *l, uint8_t unit)
{
    return (uint32_t)(l->unit[unit].timeout_us / US_MS);
}

line_stats line_stats_of(const line *l)
{
    return l->stats;
}
