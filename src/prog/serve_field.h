/**
 * @file serve_field.h
 * @brief The head-end on a real loop: listener, links, timer, wake-ups, stores.
 *
 * Layer:   prog. Everything on the loop's thread save serve_field_wake and serve_field_stats.
 */
#ifndef GT_PROG_SERVE_FIELD_H
#define GT_PROG_SERVE_FIELD_H

#include "adapter/loop/loop.h"
#include "adapter/store/threaded_store.h"
#include "headend/headend.h"

typedef struct serve_field serve_field;

typedef struct serve_field_cfg {
    const char *host;
    uint16_t port; /* 0: any free one */
    headend_cfg headend;
    threaded_store *till;
    threaded_store *readings;
    gt_keystore keys;
    gt_event_sink events;
    gt_log log;
    const device_model *const *models;
    size_t model_count;
} serve_field_cfg;

/** @return as loop_listen and headend_open */
GT_CHECKED gt_err serve_field_open(gt_loop *loop, const serve_field_cfg *cfg, serve_field **out);
/** After the loop has stopped; waits for store work under way. Accepts NULL. */
void serve_field_close(serve_field *field);
uint16_t serve_field_port(const serve_field *field);
/** Any thread: a command may wait in the outbox. */
void serve_field_wake(serve_field *field);
/** Any thread: the counters of about the last second. */
void serve_field_stats(serve_field *field, headend_stats *out);

#endif
