/* A terminal's session and its requests. Internal. */
#ifndef GT_HEADEND_SESSION_PRIV_H
#define GT_HEADEND_SESSION_PRIV_H

#include "codec/gdw1376/forward.h"
#include "codec/gdw1376/link.h"
#include "codec/gdw1376/realtime.h"
#include "codec/stream/stream.h"
#include "codec/gdw1376/vendor.h"
#include "field/collect.h"
#include "field/device.h"
#include "headend/headend.h"
#include "headend/ingest_priv.h"
#include "registry/registry.h"

typedef enum request_kind {
    REQUEST_NONE,
    REQUEST_POLL,
    REQUEST_FREEZE,
    REQUEST_CLOCK_READ,
    REQUEST_CLOCK_SET,
    REQUEST_FORWARD,
} request_kind;

typedef struct headend_job headend_job;

typedef struct headend_request {
    request_kind kind;
    uint8_t afn;
    uint8_t seq;
    gt_mono sent;
    gt_mono due;
    gdw1376_series series;
    uint8_t count;                    /* POLL, FREEZE: members asked for */
    uint8_t answered;                 /* bit per member */
    collect_job jobs[HEADEND_POINTS]; /* POLL */
    uint16_t members[HEADEND_POINTS]; /* FREEZE */
    int32_t day;                      /* FREEZE */
    headend_chore counts;             /* POLL: counts to tell master data */
    headend_batch *batch;             /* POLL, FREEZE: rows that came so far */
    headend_job *job;                 /* FORWARD; NULL: nobody waits any more */
    bool look;                        /* FORWARD: the status read sent behind a write */
} headend_request;

/** How long answers take: mean and mean deviation, as TCP learns its time-outs (RFC 6298). */
typedef struct headend_rtt {
    bool known;
    int64_t mean_us;
    int64_t dev_us;
    uint32_t lost;   /* time-outs in a row, those of one moment once */
    gt_mono lost_at; /* the last one */
} headend_rtt;

typedef struct headend_point {
    int64_t meter_id;
    uint16_t point;
    const device_model *model; /* NULL: no model of that name */
    bool online;
    bool ask;     /* read again soon */
    gt_utc taken; /* of the newest status kept */
    bool count_known;
    uint32_t purchase_count; /* as master data, or what was told to it last */
    uint32_t control_count;
    bool freeze_missing; /* of backfill_day */
    gt_mono hold_until;  /* no command job before */
    uint32_t hold_ms;
} headend_point;

/** A terminal that has logged in. */
typedef struct headend_session {
    bool used;
    uint64_t link;
    uint32_t epoch; /* of the slot; jobs remember it */
    int64_t terminal_id;
    gdw1376_addr addr;
    char name[TERMINAL_NAME_MAX];
    char peer[HEADEND_PEER_MAX];
    codec_stream stream;
    uint8_t buf[GDW1376_FRAME_MAX];
    gt_mono heard;    /* last frame */
    gt_mono bytes_at; /* last byte */
    headend_request requests[HEADEND_WINDOW];
    uint8_t seq_next;
    gt_mono seq_rest[HEADEND_SEQS];
    headend_rtt poll_rtt;
    headend_rtt forward_rtt;
    uint32_t jobs;
    headend_point *points; /* ascending by point */
    uint32_t point_count;
    gt_arena arena; /* of the collection engine */
    collect *collect;
    gt_mono reload_at;
    gt_mono ask_at;
    gt_mono ask_until;
    gt_mono clock_at;
    bool clock_set; /* the clock is off: set it when the hour allows */
    bool backfill;
    int32_t backfill_newest; /* day the sweep began with */
    int32_t backfill_day;    /* day it is at */
    bool backfill_looked;    /* what is missing of that day is marked */
    bool backfill_asked;     /* something was asked for of that day */
    bool backfill_got;       /* something came for that day */
    uint32_t backfill_empty; /* days in a row of which nothing came */
    bool backfill_open;      /* a request is out */
} headend_session;

/** A connection that has not logged in. */
typedef struct headend_caller {
    uint64_t link; /* 0: free */
    gt_mono due;
    codec_stream stream;
    uint8_t buf[GDW1376_STREAM_LOGIN];
    char peer[HEADEND_PEER_MAX];
} headend_caller;

typedef struct headend_refusal {
    uint32_t address; /* region << 16 | terminal, 0 free */
    gt_mono until;
    uint32_t count;
} headend_refusal;

/* session.c */
void session_close(headend *h, headend_session *s, const char *why, bool tell_link,
                   headend_now now);
headend_session *session_of_terminal(headend *h, int64_t terminal_id);
void session_tick(headend *h, headend_session *s, headend_now now);
gt_mono session_deadline(const headend *h, const headend_session *s, headend_now now);
void session_points_load(headend *h, headend_session *s, headend_now now);
headend_point *session_point(headend_session *s, int64_t meter_id);
void session_bytes(headend *h, headend_session *s, const uint8_t *buf, size_t len, headend_now now);
/* The first frame of a caller. @return false: close it; true: it is a session now */
bool caller_frame(headend *h, headend_caller *c, const uint8_t *bytes, size_t len, headend_now now);

/* request.c */
/* May collection take a place now? */
bool request_collect_free(const headend_session *s, gt_mono now);
/* When a place is free by time alone: now, or when a number has rested; NEVER while all are out. */
gt_mono request_free_at(const headend_session *s, gt_mono now);
/* A free request with a sequence number, or NULL. */
headend_request *request_take(headend_session *s, request_kind kind, uint8_t afn, gt_mono now);
void request_drop(headend_request *q);
/* Send a finished frame and start its time. On failure the request is dropped. */
gt_err request_send(headend *h, headend_session *s, headend_request *q, const uint8_t *buf,
                    size_t len, gt_mono now);
void request_answer(headend *h, headend_session *s, const gdw1376_frame *frame, headend_now now);
/* End a request: OK, TIMEOUT, REFUSED, CLOSED. */
void request_end(headend *h, headend_session *s, headend_request *q, gt_err err, headend_now now);
void request_tick(headend *h, headend_session *s, headend_now now);
gt_mono request_deadline(const headend_session *s);

/* poll.c */
void poll_tick(headend *h, headend_session *s, headend_now now);
gt_mono poll_deadline(const headend_session *s, gt_mono now);
void poll_unit(headend *h, headend_session *s, headend_request *q, const gdw1376_unit *unit,
               headend_now now);
void poll_end(headend *h, headend_session *s, headend_request *q, gt_err err, headend_now now);
/* A status block read by a command: latest values, history and counts as from a poll. */
void poll_status_seen(headend *h, headend_session *s, headend_point *p, const reading *status,
                      headend_now now);
/* A snapshot of the uplink as items. */
gt_err poll_snapshot(const headend *h, const device_model *model, device_block block,
                     const gdw1376_snapshot *snapshot, reading *out);

/* backfill.c */
void backfill_start(headend *h, headend_session *s, gt_utc now);
void backfill_tick(headend *h, headend_session *s, headend_now now);
gt_mono backfill_deadline(const headend *h, const headend_session *s, headend_now now);
void backfill_unit(headend *h, headend_session *s, headend_request *q, const gdw1376_unit *unit,
                   headend_now now);
void backfill_end(headend *h, headend_session *s, headend_request *q, gt_err err);

/* terminal_clock.c */
void terminal_clock_tick(headend *h, headend_session *s, headend_now now);
void terminal_clock_unit(headend *h, headend_session *s, const headend_request *q,
                         const gdw1376_unit *unit, headend_now now);
void terminal_clock_end(headend *h, headend_session *s, const headend_request *q, gt_err err,
                        headend_now now);

#endif
