/* Cutting a transparent stream. Each place is judged by what stands there alone, so the pieces do
 * not depend on how the bytes came, only on silences. */
#include "codec/dtu/stream.h"

/* The packet at one place: OK with its length, TRUNCATED when more bytes decide, else none. A
 * packet that may still become a longer one waits as well. */
static gt_err packet_at(const dtu_profile *profile, const dtu_held *held, dtu_piece *out,
                        size_t *out_len)
{
    const dtu_template *const templates[] = {&profile->registration, &profile->heartbeat};
    static const dtu_piece pieces[] = {DTU_REGISTRATION, DTU_HEARTBEAT};
    gt_err verdict = GT_ERR_MALFORMED;
    size_t longest = 0;
    for (size_t i = 0; i < 2; i++) {
        const dtu_template *t = templates[i];
        if (t->len <= longest || (t->alone && !held->begins)) {
            continue;
        }
        const gt_err err = dtu_template_match(t, held->buf, held->len);
        if (err == GT_ERR_OK) {
            longest = t->len;
            *out = pieces[i];
            *out_len = t->len;
        }
        if (err == GT_ERR_OK || (err == GT_ERR_TRUNCATED && !held->over)) {
            verdict = verdict == GT_ERR_TRUNCATED ? verdict : err;
        }
    }
    return verdict;
}

dtu_piece dtu_cut(const dtu_profile *profile, const dtu_held *held, size_t *out_len)
{
    for (size_t at = 0; at < held->len; at++) {
        const dtu_held rest = {held->buf + at, held->len - at, held->begins && at == 0, held->over};
        dtu_piece piece = DTU_NOTHING;
        size_t len = 0;
        const gt_err err = packet_at(profile, &rest, &piece, &len);
        if (err != GT_ERR_OK && err != GT_ERR_TRUNCATED) {
            continue;
        }
        if (at > 0) {
            *out_len = at;
            return DTU_PAYLOAD;
        }
        if (err == GT_ERR_TRUNCATED) {
            return DTU_NOTHING;
        }
        *out_len = len;
        return piece;
    }
    if (held->len == 0) {
        return DTU_NOTHING;
    }
    *out_len = held->len;
    return DTU_PAYLOAD;
}

/* codec/stream serves as the buffer only: it drops what it does not know, and here nothing is. */
static const codec_framing buffer_only = {.cap_min = DTU_PACKET_MAX};

void dtu_stream_init(dtu_stream *s, const dtu_profile *profile, uint8_t *buf, size_t cap)
{
    *s = (dtu_stream){.profile = profile, .begins = true};
    codec_stream_init(&s->held, &buffer_only, buf, cap);
}

size_t dtu_stream_feed(dtu_stream *s, const uint8_t *data, size_t len)
{
    return codec_stream_feed(&s->held, data, len);
}

dtu_piece dtu_stream_next(dtu_stream *s, const uint8_t **out_bytes, size_t *out_len)
{
    const dtu_held held = {s->held.buf + s->held.start, codec_stream_pending(&s->held), s->begins,
                           s->over};
    size_t len = 0;
    const dtu_piece piece = dtu_cut(s->profile, &held, &len);
    if (piece == DTU_NOTHING) {
        s->begins = s->begins || s->over;
        s->over = false;
        return DTU_NOTHING;
    }
    s->begins = piece != DTU_PAYLOAD;
    s->held.start += len;
    *out_bytes = held.buf;
    *out_len = len;
    return piece;
}

size_t dtu_stream_pending(const dtu_stream *s)
{
    return codec_stream_pending(&s->held);
}

void dtu_stream_over(dtu_stream *s)
{
    s->over = true;
}
