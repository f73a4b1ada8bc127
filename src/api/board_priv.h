/* A tile as loaded from both databases; shared by the routes that show rooms. */
#ifndef GT_API_BOARD_PRIV_H
#define GT_API_BOARD_PRIV_H

#include "api/call_priv.h"
#include "api/tile.h"
#include "headend/readings.h"

/** A row of an API_TILE statement. Texts live until the next row. */
typedef struct board_row {
    int64_t room_id;
    const char *building;
    const char *floor;
    const char *name;
    int64_t account_id; /* 0: the room has no open account */
    const char *account_name;
    const char *account_phone;
    int64_t meter_id; /* 0: the room has no meter */
    uint64_t meter_no;
    bool opened;
    bool is_protected;
    const char *order_state; /* "" when every order is settled */
} board_row;

typedef struct board_tile {
    board_row row;
    bool read; /* latest holds */
    headend_latest latest;
    tile_state state;
} board_tile;

/** The tile of the current row, with its latest reading. @p readings an open read. */
GT_CHECKED gt_err board_tile_load(const call *c, const store_rows *rows, const store_tx *readings,
                                  board_tile *out);
void board_tile_put(json_writer *j, const char *key, const board_tile *tile);

typedef struct board_walk {
    call *c;
    const store_tx *till; /* set while the walk runs */
    const store_tx *readings;
    gt_err (*run)(struct board_walk *walk);
    void *arg;
} board_walk;

/** Run walk->run with a read of both databases open. */
GT_CHECKED gt_err board_walk_run(board_walk *walk);

#endif
