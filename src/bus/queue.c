/* Entries stay where they are; only their places move. */
#include "bus/queue.h"

#include <string.h>

static const size_t room[QUEUE_PRIORITIES] = {
    [LINE_COMMAND] = LINE_COMMANDS_MAX,
    [LINE_COLLECT] = LINE_COLLECTS_MAX,
};

void queue_init(queue *q)
{
    memset(q->waiting, 0, sizeof q->waiting);
    for (size_t i = 0; i < QUEUE_PLACES; i++) {
        q->free[i] = (uint8_t)i;
    }
}

size_t queue_len(const queue *q)
{
    return q->waiting[LINE_COMMAND] + q->waiting[LINE_COLLECT];
}

bool queue_has_room(const queue *q, line_priority priority)
{
    return q->waiting[priority] < room[priority];
}

static void insert(queue *q, size_t at, const queue_entry *entry)
{
    const size_t len = queue_len(q);
    GT_ASSERT(len < QUEUE_PLACES);
    const uint8_t place = q->free[QUEUE_PLACES - len - 1];
    memmove(q->order + at + 1, q->order + at, len - at);
    q->order[at] = place;
    q->entry[place] = *entry;
    q->waiting[entry->request.priority]++;
}

void queue_append(queue *q, const queue_entry *entry)
{
    GT_ASSERT(queue_has_room(q, entry->request.priority));
    const size_t commands = q->waiting[LINE_COMMAND];
    insert(q, entry->request.priority == LINE_COMMAND ? commands : queue_len(q), entry);
}

void queue_return(queue *q, const queue_entry *entry)
{
    insert(q, entry->request.priority == LINE_COMMAND ? 0 : q->waiting[LINE_COMMAND], entry);
}

const queue_entry *queue_at(const queue *q, size_t i)
{
    GT_ASSERT(i < queue_len(q));
    return &q->entry[q->order[i]];
}

void queue_take(queue *q, size_t i, queue_entry *out)
{
    const size_t len = queue_len(q);
    GT_ASSERT(i < len);
    const uint8_t place = q->order[i];
    *out = q->entry[place];
    memmove(q->order + i, q->order + i + 1, len - i - 1);
    q->waiting[out->request.priority]--;
    q->free[QUEUE_PLACES - len] = place;
}
