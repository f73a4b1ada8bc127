/**
 * @file api.h
 * @brief The station's HTTP interface: routes, JSON, rights. docs/api.md is its reference.
 *
 * Layer:   api. Any thread of the HTTP pool; nothing here changes after api_init.
 */
#ifndef GT_API_API_H
#define GT_API_API_H

#include "access/access.h"
#include "headend/headend.h"
#include "port/http.h"
#include "port/log.h"
#include "port/receipt.h"
#include "port/store.h"
#include "vending/order.h"

enum { API_LOST_AFTER_MS = 10 * 60000 };

typedef struct api_config {
    const gt_store *till; /* submit calls done before it returns (threaded_store_port) */
    const gt_store *readings;
    const access *access;
    const gt_log *log;
    vending_limits limits;
    const char *station; /* name of the shop, for receipts */
    const receipt_template *receipt;
    gt_receipt_printer receipt_pdf;
    gt_receipt_printer receipt_escpos;
    int zone_min;          /* civil day of "today" */
    int64_t lost_after_ms; /* see tile.h; API_LOST_AFTER_MS */
    bool cookie_secure;    /* the station is reached by https only */
    void *ctx;             /* of the functions below; both are called on any thread */
    /** Something waits in the outbox: wake the field loop. */
    void (*wake)(void *ctx);
    /** A recent copy of the head-end's counters. */
    void (*stats)(void *ctx, headend_stats *out);
    /** Does the station trust its own clock (cuts need it)? */
    bool (*clock_trusted)(void *ctx);
} api_config;

typedef struct api {
    api_config cfg;
} api;

void api_init(api *out, const api_config *cfg);
http_app api_app(api *a);

#endif
