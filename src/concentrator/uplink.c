/* The link session. Four states; each step either moves on or falls back to WAITING with a longer
 * stay. The station owes an answer to every login and heartbeat, and any good frame of its proves
 * that it is there. */
#include "concentrator/uplink.h"

#include "codec/gdw1376/link.h"

static gt_mono after_ms(gt_mono now, uint32_t ms)
{
    return (gt_mono){.us = now.us + (int64_t)ms * 1000};
}

void box_uplink_init(box_uplink *u, const box_uplink_cfg *cfg, gt_mono now)
{
    GT_ASSERT(cfg->hosts >= 1 && cfg->hosts <= BOX_UPLINK_HOSTS_MAX);
    *u = (box_uplink){.cfg = *cfg,
                      .state = BOX_UPLINK_WAITING,
                      .deadline = now,
                      .heard = now,
                      .wait_ms = BOX_UPLINK_WAIT_FIRST_MS};
    codec_stream_init(&u->stream, &gdw1376_framing, u->buf, sizeof u->buf);
}

gt_mono box_uplink_deadline(const box_uplink *u)
{
    if (codec_stream_pending(&u->stream) > 0) {
        const gt_mono stall = after_ms(u->heard, BOX_UPLINK_STALL_MS);
        return stall.us < u->deadline.us ? stall : u->deadline;
    }
    return u->deadline;
}

/* A new connection starts with no bytes of the last one. */
static void stream_restart(box_uplink *u)
{
    u->counts.garbage += u->stream.garbage;
    codec_stream_init(&u->stream, &gdw1376_framing, u->buf, sizeof u->buf);
}

/* Back to WAITING. The stay lies in the upper half of wait_ms, so that boxes that lost one station
 * together do not return together. */
static void fall_back(box_uplink *u, gt_mono now, uint32_t random, box_uplink_do *out)
{
    out->went = u->state == BOX_UPLINK_ONLINE;
    const uint32_t half_ms = u->wait_ms / 2;
    u->deadline = after_ms(now, half_ms + random % (half_ms + 1));
    u->wait_ms = u->wait_ms < BOX_UPLINK_WAIT_MAX_MS / 2 ? u->wait_ms * 2 : BOX_UPLINK_WAIT_MAX_MS;
    u->state = BOX_UPLINK_WAITING;
    u->tries = 0;
    u->host = out->went ? 0 : (u->host + 1) % u->cfg.hosts; /* the main address is preferred */
    stream_restart(u);
}

static void give_up(box_uplink *u, gt_mono now, uint32_t random, box_uplink_do *out)
{
    out->close = true;
    fall_back(u, now, random, out);
}

/* One login or heartbeat, with a sequence number of its own. */
static void say(box_uplink *u, gt_mono now, uint16_t fn, box_uplink_do *out)
{
    u->seq = (uint8_t)((u->seq + 1) & GDW1376_SEQ_MAX);
    const gt_err err =
        gdw1376_link_encode(&u->cfg.addr, u->seq, fn, out->bytes, sizeof out->bytes, &out->len);
    GT_ASSERT(err == GT_ERR_OK); /* our own address, in a buffer made for it */
    u->tries++;
    u->deadline = after_ms(now, BOX_UPLINK_CONFIRM_MS);
}

static void tick_deadline(box_uplink *u, gt_mono now, uint32_t random, box_uplink_do *out)
{
    switch (u->state) {
    case BOX_UPLINK_WAITING:
        u->state = BOX_UPLINK_CONNECTING;
        u->deadline = after_ms(now, BOX_UPLINK_CONNECT_MS);
        u->counts.connects++;
        out->connect = true;
        out->host = u->host;
        return;
    case BOX_UPLINK_CONNECTING:
        give_up(u, now, random, out);
        return;
    case BOX_UPLINK_LOGIN:
    case BOX_UPLINK_ONLINE:
        if (u->tries == BOX_UPLINK_TRIES) {
            u->counts.lost++;
            give_up(u, now, random, out);
            return;
        }
        say(u, now, u->state == BOX_UPLINK_LOGIN ? GDW1376_FN_LOGIN : GDW1376_FN_HEARTBEAT, out);
        return;
    }
}

void box_uplink_tick(box_uplink *u, gt_mono now, uint32_t random, box_uplink_do *out)
{
    *out = (box_uplink_do){0};
    if (codec_stream_pending(&u->stream) > 0 &&
        now.us >= after_ms(u->heard, BOX_UPLINK_STALL_MS).us) {
        codec_stream_resync(&u->stream);
        u->heard = now; /* the next start mark, if there is one, has its own time */
    }
    if (now.us >= u->deadline.us) {
        tick_deadline(u, now, random, out);
    }
}

void box_uplink_opened(box_uplink *u, gt_mono now, box_uplink_do *out)
{
    *out = (box_uplink_do){0};
    if (u->state != BOX_UPLINK_CONNECTING) {
        out->close = u->state == BOX_UPLINK_WAITING; /* an attempt already given up */
        return;
    }
    u->state = BOX_UPLINK_LOGIN;
    u->tries = 0;
    say(u, now, GDW1376_FN_LOGIN, out);
}

void box_uplink_closed(box_uplink *u, gt_mono now, uint32_t random, box_uplink_do *out)
{
    *out = (box_uplink_do){0};
    if (u->state != BOX_UPLINK_WAITING) {
        fall_back(u, now, random, out);
    }
}

size_t box_uplink_feed(box_uplink *u, gt_mono now, const uint8_t *data, size_t len)
{
    u->heard = now;
    return codec_stream_feed(&u->stream, data, len);
}

/* AFN 00 of the station: the answer to our login or heartbeat. */
static void take_confirm(box_uplink *u, gt_mono now, uint32_t random, const gdw1376_frame *frame,
                         box_uplink_do *out)
{
    gdw1376_confirm confirm;
    if (frame->head.seq != u->seq || u->tries == 0 ||
        gdw1376_confirm_decode(frame, &confirm) != GT_ERR_OK) {
        return;
    }
    if (!gdw1376_confirm_ok(&confirm)) {
        u->counts.denied++;
        u->wait_ms = BOX_UPLINK_WAIT_MAX_MS; /* it knows us and does not want us: no hurry */
        give_up(u, now, random, out);
        return;
    }
    if (u->state == BOX_UPLINK_LOGIN) {
        u->state = BOX_UPLINK_ONLINE;
        u->session++;
        u->counts.logins++;
        u->wait_ms = BOX_UPLINK_WAIT_FIRST_MS;
        out->came = true;
    }
    u->tries = 0;
    u->deadline = after_ms(now, u->cfg.heartbeat_ms);
}

/* Is the frame from the station, and for us or for everybody? */
static bool is_ours(const box_uplink *u, const gdw1376_head *head)
{
    const bool all = head->addr.group && head->addr.terminal == GDW1376_TERMINAL_ALL;
    return !head->up && (all || gdw1376_addr_equal(&head->addr, &u->cfg.addr));
}

bool box_uplink_next(box_uplink *u, gt_mono now, uint32_t random, gdw1376_frame *out_request,
                     bool *out_is_request, box_uplink_do *out)
{
    const uint8_t *bytes = NULL;
    size_t len = 0;
    while (u->state >= BOX_UPLINK_LOGIN && codec_stream_next(&u->stream, &bytes, &len)) {
        gdw1376_frame frame;
        if (gdw1376_frame_decode(bytes, len, &frame) != GT_ERR_OK || !is_ours(u, &frame.head)) {
            u->counts.strange++;
            continue;
        }
        u->counts.frames++;
        *out = (box_uplink_do){0};
        *out_is_request = false;
        if (frame.head.afn == GDW1376_AFN_CONFIRM) {
            take_confirm(u, now, random, &frame, out);
            return true;
        }
        if (u->state != BOX_UPLINK_ONLINE) {
            return true; /* asks before it has let us in: not answered */
        }
        if (u->tries > 0) { /* a request is as good as the heartbeat's answer */
            u->tries = 0;
            u->deadline = after_ms(now, u->cfg.heartbeat_ms);
        }
        *out_request = frame;
        *out_is_request = frame.head.prm;
        return true;
    }
    return false;
}
