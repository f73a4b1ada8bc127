/* Inside of the box, shared by the files of this folder only.
 *
 * concentrator.c  building, time, housekeeping      field_side.c  lines, rounds, frozen records
 * archive.c       what goes to and from the store   serve.c       requests of the station
 * forward.c       frames carried to a meter         answer.c      data units out of readings
 */
#ifndef GT_CONCENTRATOR_CONCENTRATOR_PRIV_H
#define GT_CONCENTRATOR_CONCENTRATOR_PRIV_H

#include "codec/gdw1376/message.h"
#include "concentrator/clock.h"
#include "concentrator/concentrator.h"
#include "concentrator/freeze.h"
#include "concentrator/uplink.h"
#include "field/collect.h"

enum {
    BOX_FORWARDS_MAX = 32,       /* on the lines at one time */
    BOX_REPEATS_MAX = 16,        /* answers remembered for a request that comes again */
    BOX_REPEAT_MS = 30000,       /* how long */
    BOX_FORWARD_WAIT_MS = 10000, /* when the request names no time */
    BOX_FORWARD_EXTRA_MS = LINE_TIMEOUT_MAX_MS, /* for the request already on the line */
    BOX_COLLECT_ATTEMPTS = 2,
    BOX_FREEZE_EVERY = 16, /* status reads between two frozen records when rounds never pause */
    BOX_SLOW_MS = 60000,   /* between probes of a meter that does not answer */
    BOX_SLOW_AFTER = 3,
    BOX_TICK_MS = 1000,      /* housekeeping */
    BOX_REPORT_MS = 3600000, /* between two lines about itself in the log */
    BOX_KEEP_MS = 30000,     /* between two writes of the latest table */
    BOX_BLOCK_BYTES_MAX = 2 * DEVICE_REGISTERS_MAX,
};

/* One meter: what is known of it. */
typedef struct box_point {
    box_meter meter;
    const device_model *model;
    bool read;  /* block holds a status block */
    bool dirty; /* newer than the store's */
    gt_utc taken;
    device_registers block;
    box_freeze daily;
    box_freeze monthly;
} box_point;

/* A frozen record on its way into the store. One a line at a time. */
typedef struct box_record {
    concentrator *box;
    bool busy;
    uint16_t point_idx;
    box_freeze_kind kind;
    int32_t period;
    uint64_t meter_no;
    gt_utc taken;
    size_t len;
    uint8_t bytes[BOX_BLOCK_BYTES_MAX];
} box_record;

/* What a line's collection request under way is for. */
typedef enum box_job_kind { BOX_JOB_NONE, BOX_JOB_STATUS, BOX_JOB_FREEZE } box_job_kind;

typedef struct box_job {
    box_job_kind kind;
    collect_job collect;         /* STATUS */
    uint16_t point_idx;          /* both */
    box_freeze_kind freeze_kind; /* FREEZE */
    uint8_t record;              /* FREEZE */
} box_job;

typedef struct box_line {
    line *line; /* NULL: the box has no such line */
    collect *collect;
    uint16_t *points; /* members of collect -> index into concentrator.points */
    uint16_t point_count;
    uint16_t freeze_at; /* where the search for owed records goes on */
    bool started;       /* rounds run */
    unsigned since_freeze;
    box_job job;
    box_record record;
    int32_t broadcast_day;
} box_line;

/* A forwarded frame whose answer is awaited. */
typedef struct box_forward {
    bool used;
    bool answered; /* its time was over and the station was told; only the line still has it */
    uint32_t cookie;
    uint8_t line_no;
    uint8_t port; /* as the station wrote it */
    uint32_t session;
    gdw1376_head head; /* of the request */
    gt_mono deadline;
    uint16_t len;
    uint8_t bytes[LINE_REQUEST_MAX];
} box_forward;

/* A write that a meter took, remembered for when the station asks again. */
typedef struct box_repeat {
    bool used;
    gt_mono until;
    uint8_t line_no;
    uint8_t seq;
    uint16_t len;
    uint8_t bytes[LINE_REQUEST_MAX];
    uint16_t reply_len;
    uint8_t reply[LINE_REPLY_MAX];
} box_repeat;

typedef struct box_row {
    uint16_t point_idx;
    uint64_t meter_no;
    gt_utc taken;
    size_t len;
    uint8_t bytes[BOX_BLOCK_BYTES_MAX];
} box_row;

/* Status blocks on their way into the store; and the daily clearing of old records. */
typedef struct box_batch {
    concentrator *box;
    bool busy;
    size_t count;
    box_row *rows; /* one a point */
} box_batch;

typedef struct box_purge {
    concentrator *box;
    bool busy;
    int32_t day; /* done for */
    int32_t first_day;
    int32_t first_month;
} box_purge;

struct concentrator {
    concentrator_ports ports;
    gdw1376_addr addr;
    box_clock clock;
    gt_mono now; /* of the call under way, or the last one */
    gt_mono next_tick;
    gt_mono next_keep;
    gt_mono next_report;
    box_uplink uplink;
    box_point *points; /* ascending by point number */
    uint16_t point_count;
    const device_model *models[CONCENTRATOR_MODELS_MAX];
    size_t model_count;
    box_line lines[BOX_LINES_MAX];
    box_forward forwards[BOX_FORWARDS_MAX];
    box_repeat repeats[BOX_REPEATS_MAX];
    size_t repeat_at; /* oldest */
    uint32_t cookie;  /* of the forward last made */
    box_batch batch;
    box_purge purge;
    bool store_failing; /* logged once until it works again */
    concentrator_stats stats;
    uint8_t out[GDW1376_FRAME_MAX];
};

/* What a line_request's cookie says. */
enum { BOX_COOKIE_COLLECT = 1, BOX_COOKIE_BROADCAST = 2, BOX_COOKIE_FORWARD = 3 };
static inline uint64_t box_cookie_of(unsigned kind, uint32_t number)
{
    return (uint64_t)kind << 32 | number;
}

/* concentrator.c */
box_point *box_point_find(concentrator *c, uint16_t point);
void box_send(concentrator *c, uint32_t session, const uint8_t *bytes, size_t len);
/* field_side.c */
void box_lines_tick(concentrator *c, concentrator_time now);
gt_mono box_lines_deadline(const concentrator *c);
/* Move a line on until it wants neither bytes nor time. */
void box_line_run(concentrator *c, box_line *l, concentrator_time now, line_input in);
/* archive.c */
gt_err box_archive_load(concentrator *c);
void box_archive_keep(concentrator *c);
void box_archive_record(concentrator *c, box_line *l);
void box_archive_purge(concentrator *c, const gt_civil *local);
typedef struct box_found {
    gt_utc taken;
    device_registers registers;
} box_found;
/* NOT_FOUND when the record is not stored. */
gt_err box_archive_find(concentrator *c, const box_point *p, box_freeze_kind kind, int32_t period,
                        box_found *out);
/* serve.c */
void box_serve(concentrator *c, concentrator_time now, const gdw1376_frame *request);
void box_refuse(concentrator *c, const gdw1376_head *request);
/* forward.c */
void box_forward_take(concentrator *c, concentrator_time now, const gdw1376_frame *request,
                      const gdw1376_unit *unit);
void box_forward_done(concentrator *c, const line_outcome *outcome);
void box_forward_tick(concentrator *c, gt_mono now);
gt_mono box_forward_deadline(const concentrator *c);
/* answer.c: one datum of @p fn about @p p; false when it is none of ours */
bool box_answer_class1(const concentrator *c, const box_point *p, uint16_t fn, gt_wr *w);
bool box_answer_class2(concentrator *c, const box_point *p, uint16_t fn, const gt_civil *day,
                       gt_wr *w);

#endif
