/* Orders as JSON; shared by the routes that show them. */
#ifndef GT_API_ORDER_PRIV_H
#define GT_API_ORDER_PRIV_H

#include "api/call_priv.h"

enum { ORDER_TIMELINE_MAX = 64 };

void order_put(json_writer *j, const char *key, const vending_order *order);
/** An array under "timeline". */
GT_CHECKED gt_err order_timeline_put(json_writer *j, const store_tx *till, int64_t order_id);

#endif
