/* A box in virtual time: two lines with simple Modbus meters, a station that speaks 1376.1, a real
 * store in memory. Nothing sleeps; time jumps from one deadline to the next. */
#ifndef GT_TESTS_CONCENTRATOR_RIG_H
#define GT_TESTS_CONCENTRATOR_RIG_H

#include "adapter/store/direct_store.h"
#include "codec/gdw1376/message.h"
#include "codec/stream/stream.h"
#include "concentrator/concentrator.h"

enum {
    RIG_LINES = 2,
    RIG_UNITS = 4, /* meters a line, units 1 .. 4; points 1 .. 8 */
    RIG_METERS = RIG_LINES * RIG_UNITS,
    RIG_INBOX = 64,
    RIG_HEARD = 4096,
    RIG_EVENTS = 64,
    RIG_START_DAY = 20778, /* 2026-11-21 */
};

typedef struct rig_meter {
    bool dead;
    int32_t newest; /* day of its newest daily record; records go back without a gap */
    int32_t records;
    uint32_t status_reads;
    uint32_t record_reads;
    uint32_t writes;
    uint16_t purchase_count;
    bool refuses; /* answers writes with exception 04 */
} rig_meter;

/* What came over the link, whole frames. */
typedef struct rig_frame {
    size_t len;
    uint8_t bytes[GDW1376_FRAME_MAX];
} rig_frame;

typedef struct rig_event {
    gt_mono due;      /* us 0: free */
    unsigned line_no; /* 0: the link */
    size_t len;
    uint8_t bytes[LINE_REPLY_MAX];
} rig_event;

typedef struct rig {
    concentrator_cfg cfg;
    concentrator *box;
    void *memory;
    void *model_memory;
    const device_model *model;
    box_meter roster[RIG_METERS];
    gt_mono mono;
    int64_t utc_ms; /* of mono 0: the system clock is stepped by changing it */
    direct_store *store;
    gt_store inner;
    gt_store port;
    bool store_full;
    gt_log log;
    unsigned logged;
    rig_meter meter[RIG_METERS]; /* (line - 1) * RIG_UNITS + unit - 1 */
    rig_event events[RIG_EVENTS];
    /* the lines as heard by a listener: line, unit, function, in order */
    uint8_t heard[RIG_HEARD][3];
    size_t heard_count;
    unsigned broadcasts;
    /* the station */
    bool answers_links; /* confirms logins and heartbeats */
    bool denies;
    bool accepts; /* connections */
    bool connected;
    bool opening;
    unsigned connects;
    unsigned last_host;
    unsigned logins;
    unsigned heartbeats;
    unsigned closes; /* by the box */
    codec_stream stream;
    uint8_t stream_buf[GDW1376_FRAME_MAX];
    rig_frame inbox[RIG_INBOX];
    size_t inbox_count;
} rig;

/* At noon of RIG_START_DAY; lines closed, nothing run yet. */
rig *rig_open(void);
void rig_close(rig *r);
/* A new process on the same store. */
void rig_restart(rig *r);
void rig_lines_open(rig *r);
concentrator_time rig_now(const rig *r);
/* Let the system clock show this local time (UTC+8) from now on. */
void rig_clock(rig *r, int32_t day, int hour, int minute);
void rig_run_ms(rig *r, int64_t ms);
/* Give bytes to the link or a line from outside, at once. */
void rig_link_bytes(rig *r, const uint8_t *bytes, size_t len);
void rig_line_bytes(rig *r, unsigned line_no, const uint8_t *bytes, size_t len);
void rig_link_drop(rig *r);

/* A request with one identifier; @p body may be NULL. */
void rig_ask(rig *r, uint8_t afn, uint8_t seq, uint16_t point, uint16_t fn, const uint8_t *body,
             size_t len);
/* AFN 10 F1 with a Modbus frame. */
void rig_forward(rig *r, uint8_t seq, uint8_t line_no, const uint8_t *frame, size_t len);
/* Modbus frames of a meter's reader. */
size_t rig_modbus_read(uint8_t unit, uint8_t out[LINE_REQUEST_MAX]);
size_t rig_modbus_purchase(uint8_t unit, uint16_t count, uint8_t out[LINE_REQUEST_MAX]);

/* The frame that came n-th; fails the test when there is none. */
gdw1376_frame rig_frame_at(const rig *r, size_t n);
/* The last frame that came. */
gdw1376_frame rig_last(const rig *r);
bool rig_is_deny(const gdw1376_frame *frame);
/* Reply of a forward; fails the test when the frame is none. */
size_t rig_forward_reply(const gdw1376_frame *frame, uint8_t out[LINE_REPLY_MAX]);
concentrator_stats rig_stats(const rig *r);

#endif
