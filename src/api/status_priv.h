/* Counts of the whole site; for the page's head and for /metrics. */
#ifndef GT_API_STATUS_PRIV_H
#define GT_API_STATUS_PRIV_H

#include "api/call_priv.h"
#include "api/tile.h"

typedef struct status_counts {
    int64_t rooms_in[TILE_STATES];
    int64_t meters;
    int64_t meters_online; /* answered their last poll */
    int64_t relays_open;
    int64_t terminals;
    int64_t sales_today;
    int64_t money_today_fen;
    int64_t orders_open;
} status_counts;

GT_CHECKED gt_err status_count(call *c, status_counts *out);

#endif
