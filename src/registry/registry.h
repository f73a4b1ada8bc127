/**
 * @file registry.h
 * @brief Master data: terminals, rooms, meters, accounts. Import, list, find.
 *
 * Layer:   service. Every function runs inside a transaction or read of the till database.
 * Lists page by id: pass the last id seen (0 to start); fewer than cap rows means the end.
 */
#ifndef GT_REGISTRY_REGISTRY_H
#define GT_REGISTRY_REGISTRY_H

#include "base/err.h"
#include "base/time.h"
#include "port/store.h"
#include "registry/meter_list.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { REGISTRY_NAME_MAX = METER_LIST_NAME_MAX, REGISTRY_MODEL_MAX = METER_LIST_MODEL_MAX };

typedef struct registry_terminal {
    int64_t id;
    uint16_t region;
    uint16_t address;
    char name[REGISTRY_NAME_MAX]; /* "4401-0001" until somebody names it */
    bool enabled;
} registry_terminal;

/** A meter with everything that finding, showing and commanding it takes. */
typedef struct registry_meter {
    int64_t id;
    uint64_t meter_no;
    uint64_t customer_no;
    int64_t room_id;
    char building[REGISTRY_NAME_MAX];
    char floor[REGISTRY_NAME_MAX];
    char room[REGISTRY_NAME_MAX];
    int64_t account_id; /* 0 when the room has no open account */
    int64_t terminal_id;
    uint16_t region;
    uint16_t address;
    uint8_t line;
    uint8_t unit;
    uint16_t point;
    char model[REGISTRY_MODEL_MAX];
    uint8_t key_version;
    bool count_known; /* purchase_count holds: the meter was read at least once */
    uint32_t purchase_count;
    uint32_t control_count;
    bool opened;       /* in service: may be sold to */
    bool is_protected; /* 保电: never cut */
} registry_meter;

typedef struct registry_room {
    int64_t id;
    char building[REGISTRY_NAME_MAX];
    char floor[REGISTRY_NAME_MAX];
    char name[REGISTRY_NAME_MAX];
} registry_room;

typedef enum registry_account_state {
    REGISTRY_ACCOUNT_OPEN,
    REGISTRY_ACCOUNT_CLOSED
} registry_account_state;

typedef struct registry_account {
    int64_t id;
    int64_t room_id;
    char name[REGISTRY_NAME_MAX];
    char phone[REGISTRY_NAME_MAX];
    registry_account_state state;
} registry_account;

typedef struct registry_import_result {
    uint32_t terminals_new;
    uint32_t rooms_new;
    uint32_t meters_new;
    uint32_t meters_changed;  /* were there, and something of the row differs */
    meter_list_errors errors; /* a place taken by a meter outside the list */
} registry_import_result;

/**
 * Make master data hold a parsed list: terminals, rooms with an open account, meters. Meters that
 * are there keep their counts and their history; meters that the list lacks stay as they are.
 * Places may be exchanged within one list. Uses list->index as scratch.
 *
 * @return SYNTAX a row's place (or number) belongs to a meter outside the list; errors name it;
 *         the transaction must be given up
 */
GT_CHECKED gt_err registry_import(const store_tx *tx, const meter_list *list, gt_utc now,
                                  registry_import_result *out);

GT_CHECKED gt_err registry_terminal_list(const store_tx *tx, int64_t after_id,
                                         registry_terminal *out, size_t cap, size_t *out_count);
/** By its 1376.1 address. @return NOT_FOUND */
GT_CHECKED gt_err registry_terminal_find(const store_tx *tx, uint16_t region, uint16_t address,
                                         registry_terminal *out);

GT_CHECKED gt_err registry_room_list(const store_tx *tx, int64_t after_id, registry_room *out,
                                     size_t cap, size_t *out_count);

typedef struct registry_meter_query {
    int64_t terminal_id; /* 0: of all terminals */
    int64_t after;       /* last id seen; with a terminal, last point seen */
} registry_meter_query;

/** Ascending by id; meters of one terminal ascending by point. */
GT_CHECKED gt_err registry_meter_list(const store_tx *tx, const registry_meter_query *query,
                                      registry_meter *out, size_t cap, size_t *out_count);

/** @return NOT_FOUND */
GT_CHECKED gt_err registry_meter_find(const store_tx *tx, int64_t meter_id, registry_meter *out);
/** By the number on its face. @return NOT_FOUND */
GT_CHECKED gt_err registry_meter_find_no(const store_tx *tx, uint64_t meter_no,
                                         registry_meter *out);
/**
 * By its room's path "building/floor/room".
 *
 * @return SYNTAX not three parts, NOT_FOUND, CONFLICT the room has several meters: name one
 */
GT_CHECKED gt_err registry_meter_find_path(const store_tx *tx, const char *path,
                                           registry_meter *out);

/** The room's open account, else its last closed one. @return NOT_FOUND */
GT_CHECKED gt_err registry_account_find(const store_tx *tx, int64_t room_id, registry_account *out);
/** @return NOT_FOUND no open account, CONFLICT a meter of the room has an order not settled */
GT_CHECKED gt_err registry_account_close(const store_tx *tx, int64_t room_id, gt_utc now);

#endif
