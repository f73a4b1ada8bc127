/**
 * @file event.h
 * @brief "Something changed": what services tell whoever watches live (pages, wake-ups).
 *
 * Layer:   port. Carries identities only; a watcher reads the rest from the store, so an event lost
 *          or doubled does no harm.
 * Real:    adapter/http (server-sent events), sim (counted by tests).
 */
#ifndef GT_PORT_EVENT_H
#define GT_PORT_EVENT_H

#include <stdint.h>

typedef enum gt_event_kind {
    GT_EVENT_METER,    /* id: meter with a new reading or state */
    GT_EVENT_ORDER,    /* id: credit order that moved */
    GT_EVENT_COMMAND,  /* id: command that moved, or a new one waits */
    GT_EVENT_TERMINAL, /* id: terminal that came or went */
} gt_event_kind;

typedef struct gt_event_sink {
    void *ctx;
    void (*publish)(void *ctx, gt_event_kind kind, int64_t id); /* from any thread; never blocks */
} gt_event_sink;

#endif
