/* Which meter a request about a room means, and how that meter was last seen. */
#ifndef GT_API_PICK_PRIV_H
#define GT_API_PICK_PRIV_H

#include "api/call_priv.h"
#include "headend/readings.h"

typedef struct pick {
    int64_t room_id;
    int64_t meter_id; /* in: asked for, 0 when the room's only one is meant; out: found */
    bool read;        /* latest holds */
    headend_latest latest;
} pick;

/**
 * @return NOT_FOUND no such room, or no such meter in it; CONFLICT several meters, none named
 */
GT_CHECKED gt_err pick_meter(call *c, pick *p);
/** The same, answering the error. */
bool pick_or_fail(call *c, pick *p);

#endif
