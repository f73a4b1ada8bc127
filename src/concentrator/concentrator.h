/**
 * @file concentrator.h
 * @brief The field box: reads its meters line by line, keeps what they froze, answers the station.
 *
 * Layer:   concentrator (a service). Pure: the caller brings memory, `now`, bytes and a store, and
 *          carries out what the ports are told. No port may call back into the concentrator from
 *          within its call.
 * Source:  Q/GDW 1376.1 as docs/concentrator.md lists it; the meters through field/ and bus/.
 * Order:   on every line a frame that the station forwards goes before collection, a round before
 *          the fetching of frozen records.
 */
#ifndef GT_CONCENTRATOR_CONCENTRATOR_H
#define GT_CONCENTRATOR_CONCENTRATOR_H

#include "base/arena.h"
#include "bus/line.h"
#include "codec/gdw1376/frame.h"
#include "concentrator/roster.h"
#include "field/device.h"
#include "port/log.h"
#include "port/store.h"

enum {
    CONCENTRATOR_HOSTS_MAX = 2,
    CONCENTRATOR_HEARTBEAT_MIN_S = 5,
    CONCENTRATOR_HEARTBEAT_MAX_S = 3600,
    CONCENTRATOR_ROUND_MAX_S = 86400,
    CONCENTRATOR_FAULT_MAX = 96,
};

typedef struct concentrator_cfg {
    gdw1376_addr addr;
    unsigned hosts;                /* station addresses: 1, or 2 with a spare */
    uint32_t heartbeat_s;          /* CONCENTRATOR_HEARTBEAT_MIN_S .. _MAX_S */
    uint32_t round_s;              /* of collection; 0: one round after the other */
    int zone_min;                  /* civil time of station, box and meters */
    line_cfg lines[BOX_LINES_MAX]; /* lines[0] is line 1; baud 0: this box has no such line */
    const box_meter *meters;       /* copied */
    size_t meter_count;
    const device_model *const *models; /* the array is copied, the models must outlive the box */
    size_t model_count;
} concentrator_cfg;

enum { CONCENTRATOR_MODELS_MAX = 16 };

/** The two clocks at one moment. utc is the system's; the box keeps its own correction. */
typedef struct concentrator_time {
    gt_mono mono;
    gt_utc utc;
} concentrator_time;

typedef struct concentrator_ports {
    void *ctx;
    /** Connect to station address @p host; concentrator_link_opened or _closed follows. */
    void (*link_open)(void *ctx, unsigned host);
    void (*link_send)(void *ctx, const uint8_t *bytes, size_t len);
    /** Drop connection or attempt; no concentrator_link_closed is to follow. */
    void (*link_close)(void *ctx);
    /** @p line_no 1 .. BOX_LINES_MAX; only of a line that was opened */
    void (*line_send)(void *ctx, unsigned line_no, const uint8_t *bytes, size_t len);
    uint32_t (*random)(void *ctx); /* any number: spreads reconnects */
    const gt_store *store; /* database box; the done callbacks count as calls from outside */
    const gt_log *log;
} concentrator_ports;

typedef struct concentrator concentrator;

/** Memory that a box of that configuration needs for its arena. */
size_t concentrator_memory(const concentrator_cfg *cfg);

/**
 * Build the box and load what its store kept. Lines start closed, the link is tried at once.
 *
 * @param[out] out_fault  written on RANGE and NOT_FOUND: what is wrong, for people
 * @return RANGE      a value outside its limits, two models of one name, or a meter on a line that
 *                    is not there
 *         NOT_FOUND  a meter of a model that was not given
 *         MEMORY     the arena is full
 *         or what reading the store failed with
 */
GT_CHECKED gt_err concentrator_create(gt_arena *arena, const concentrator_cfg *cfg,
                                      const concentrator_ports *ports, concentrator_time now,
                                      char out_fault[CONCENTRATOR_FAULT_MAX], concentrator **out);

void concentrator_link_opened(concentrator *c, concentrator_time now);
/** The connection, or the attempt to make one, ended from outside. */
void concentrator_link_closed(concentrator *c, concentrator_time now);
void concentrator_link_bytes(concentrator *c, concentrator_time now, const uint8_t *bytes,
                             size_t len);

/** Of a line the box does not have: ignored. */
void concentrator_line_opened(concentrator *c, concentrator_time now, unsigned line_no);
void concentrator_line_closed(concentrator *c, concentrator_time now, unsigned line_no);
void concentrator_line_bytes(concentrator *c, concentrator_time now, unsigned line_no,
                             const uint8_t *bytes, size_t len);

/** Call when concentrator_deadline has come; earlier does no harm. */
void concentrator_tick(concentrator *c, concentrator_time now);
/** Never more than a second ahead. Ask again after every call above. */
gt_mono concentrator_deadline(const concentrator *c);
/** Write what is not yet in the store, before the program ends. */
void concentrator_flush(concentrator *c);

typedef struct concentrator_stats {
    uint32_t meters;
    uint32_t meters_read; /* at least once, now or before the last restart */
    uint32_t meters_dead; /* not answering now */
    uint64_t rounds;      /* finished by every line */
    int64_t round_us;     /* longest of the lines' last rounds */
    bool online;
    uint64_t logins;
    uint64_t link_lost;         /* given up because the station was silent */
    uint64_t requests;          /* of the station */
    uint64_t refused;           /* answered with AFN 00 F2 */
    uint64_t forwards;          /* put on a line */
    uint64_t forwards_silent;   /* ended without an answer of the meter */
    uint64_t forwards_repeated; /* answered from memory */
    uint64_t answers_dropped;   /* their session had ended */
    uint64_t freezes;           /* records fetched */
    uint64_t broadcasts;        /* daily clock broadcasts, one a line */
    uint64_t store_failures;
    uint64_t garbage_bytes; /* from the station and on the lines */
} concentrator_stats;

concentrator_stats concentrator_stats_of(const concentrator *c, gt_mono now);

#endif
