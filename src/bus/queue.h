/**
 * @file queue.h
 * @brief The requests that wait for a line: commands and collection, each first come first served.
 *
 * Layer:   bus. Part of the line master; others need not include it.
 */
#ifndef GT_BUS_QUEUE_H
#define GT_BUS_QUEUE_H

#include "bus/line.h"

enum {
    QUEUE_PRIORITIES = LINE_COLLECT + 1,
    QUEUE_MAX = LINE_COMMANDS_MAX + LINE_COLLECTS_MAX,
    /* The one on the wire may come back to a full queue; so may one of the other priority that goes
     * out while the first is held back. */
    QUEUE_PLACES = QUEUE_MAX + QUEUE_PRIORITIES
};

/** A request with how often it was sent and what the line needs to know of it. */
typedef struct queue_entry {
    line_request request;
    uint8_t used; /* attempts made */
    uint8_t unit;
    uint8_t function;
    uint16_t sum; /* of the whole frame, unlike its own CRC: tells different requests apart */
} queue_entry;

/** Commands stand before collection; within each, in order of arrival. */
typedef struct queue {
    size_t waiting[QUEUE_PRIORITIES];
    queue_entry entry[QUEUE_PLACES];
    uint8_t order[QUEUE_PLACES]; /* places in entry, in the order to be served */
    uint8_t free[QUEUE_PLACES];  /* places not in use; QUEUE_PLACES - queue_len of them */
} queue;

void queue_init(queue *q);
size_t queue_len(const queue *q);
bool queue_has_room(const queue *q, line_priority priority);
/** Behind the others of its priority. There must be room. */
void queue_append(queue *q, const queue_entry *entry);
/** In front of the others of its priority: the one taken last, to be sent again. */
void queue_return(queue *q, const queue_entry *entry);
/** The @p i-th to be served; i < queue_len. */
const queue_entry *queue_at(const queue *q, size_t i);
void queue_take(queue *q, size_t i, queue_entry *out);

#endif
