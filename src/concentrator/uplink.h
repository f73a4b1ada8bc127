/**
 * @file uplink.h
 * @brief The box's side of the 1376.1 link: connect, log in, stay known, come back.
 *
 * Layer:   concentrator. Pure: bytes and `now` go in, what to do comes out.
 * Source:  Q/GDW 1376.1, 5.3 (AFN 02) and 5.1 (AFN 00).
 *
 *     WAITING --time--> CONNECTING --open--> LOGIN --confirmed--> ONLINE
 *        ^                  |closed            |closed, denied,      |closed, heartbeats
 *        +------------------+------------------+ silent              | unanswered
 *        +-------------------------------------------------------------+
 *
 * A stay in WAITING starts at 1 s and doubles to 60 s, spread by chance over the upper half, and
 * starts over once a login was confirmed. With a spare station address each failure tries the other
 * one; after a session the main address comes first.
 */
#ifndef GT_CONCENTRATOR_UPLINK_H
#define GT_CONCENTRATOR_UPLINK_H

#include "base/time.h"
#include "codec/gdw1376/frame.h"
#include "codec/stream/stream.h"

enum {
    BOX_UPLINK_HOSTS_MAX = 2,
    BOX_UPLINK_CONNECT_MS = 30000, /* an attempt that says nothing is over */
    BOX_UPLINK_CONFIRM_MS = 20000, /* for an answer; GPRS may take most of it */
    BOX_UPLINK_TRIES = 3,          /* logins, or heartbeats, unanswered in a row */
    BOX_UPLINK_WAIT_FIRST_MS = 1000,
    BOX_UPLINK_WAIT_MAX_MS = 60000,
    BOX_UPLINK_STALL_MS = 20000, /* a frame that began and does not end */
    BOX_UPLINK_SEND_MAX = 64,
};

typedef enum box_uplink_state {
    BOX_UPLINK_WAITING,
    BOX_UPLINK_CONNECTING,
    BOX_UPLINK_LOGIN,
    BOX_UPLINK_ONLINE,
} box_uplink_state;

typedef struct box_uplink_cfg {
    gdw1376_addr addr;
    unsigned hosts;        /* 1, or 2 with a spare */
    uint32_t heartbeat_ms; /* between one answered heartbeat and the next */
} box_uplink_cfg;

typedef struct box_uplink_counts {
    uint64_t connects; /* attempts */
    uint64_t logins;   /* confirmed */
    uint64_t denied;   /* logins the station refused */
    uint64_t lost;     /* links given up because nothing was answered */
    uint64_t frames;   /* good frames from the station */
    uint64_t strange;  /* frames for another terminal, or upward ones */
    uint64_t garbage;  /* bytes of earlier connections that belonged to no frame */
} box_uplink_counts;

typedef struct box_uplink {
    box_uplink_cfg cfg;
    box_uplink_state state;
    gt_mono deadline; /* what the state waits for ends here */
    gt_mono heard;    /* last byte, for BOX_UPLINK_STALL_MS */
    uint32_t wait_ms; /* next stay in WAITING */
    unsigned host;    /* in use, 0 main */
    unsigned tries;   /* unanswered logins or heartbeats */
    uint8_t seq;      /* of the link frame last sent */
    uint32_t session; /* counts confirmed logins: answers of an older one are dropped */
    codec_stream stream;
    uint8_t buf[GDW1376_FRAME_MAX];
    box_uplink_counts counts;
} box_uplink;

/** What the caller must do, in this order: close, connect, send. */
typedef struct box_uplink_do {
    bool close;
    bool connect;
    unsigned host; /* of connect */
    bool came;     /* the login was confirmed by this step */
    bool went;     /* the session ended by this step */
    size_t len;    /* of bytes to send; 0 none */
    uint8_t bytes[BOX_UPLINK_SEND_MAX];
} box_uplink_do;

/** @p now is when the first attempt is made. @p u must stay where it is. */
void box_uplink_init(box_uplink *u, const box_uplink_cfg *cfg, gt_mono now);
/** When to call box_uplink_tick at the latest. */
gt_mono box_uplink_deadline(const box_uplink *u);
/** @param random any number: spreads the waits */
void box_uplink_tick(box_uplink *u, gt_mono now, uint32_t random, box_uplink_do *out);
/** The attempt asked for by connect stands. */
void box_uplink_opened(box_uplink *u, gt_mono now, box_uplink_do *out);
/** The connection, or the attempt, ended from outside. */
void box_uplink_closed(box_uplink *u, gt_mono now, uint32_t random, box_uplink_do *out);

/** Bytes from the station. @return how many were taken: call box_uplink_next until false between */
size_t box_uplink_feed(box_uplink *u, gt_mono now, const uint8_t *data, size_t len);
/**
 * The next request of the station. Link frames are dealt with inside and show in @p out; call again
 * until false.
 *
 * @param[out] out_request  valid until the next call
 * @param[out] out_is_request  false: only @p out is to be carried out
 * @return false when more bytes are needed (and then the outs are untouched)
 */
bool box_uplink_next(box_uplink *u, gt_mono now, uint32_t random, gdw1376_frame *out_request,
                     bool *out_is_request, box_uplink_do *out);

#endif
