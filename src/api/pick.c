/* Room and meter of a request. */
#include "api/pick_priv.h"

static gt_err find_meter(const store_tx *tx, void *arg)
{
    pick *p = arg;
    int64_t found = 0;
    size_t meters = 0;
    store_rows rows = store_rows_open(tx, STMT_API_TILE_ROOM, STORE_PARAMS(store_int(p->room_id)));
    while (store_rows_next(&rows)) {
        const int64_t meter_id = store_rows_int(&rows, 7);
        if (meter_id != 0 && (p->meter_id == 0 || p->meter_id == meter_id)) {
            found = meter_id;
            meters++;
        }
    }
    GT_TRY(store_rows_close(&rows));
    if (meters > 1) {
        return GT_ERR_CONFLICT;
    }
    if (meters == 0) {
        return GT_ERR_NOT_FOUND;
    }
    p->meter_id = found;
    return GT_ERR_OK;
}

static gt_err find_latest(const store_tx *tx, void *arg)
{
    pick *p = arg;
    const gt_err err = headend_latest_find(tx, p->meter_id, &p->latest);
    p->read = err == GT_ERR_OK;
    return err == GT_ERR_NOT_FOUND ? GT_ERR_OK : err;
}

gt_err pick_meter(call *c, pick *p)
{
    GT_TRY(call_read_till(c, find_meter, p));
    return call_read_readings(c, find_latest, p);
}

bool pick_or_fail(call *c, pick *p)
{
    const gt_err err = pick_meter(c, p);
    if (err == GT_ERR_CONFLICT) {
        call_fail(c, API_ERROR_WHICH_METER, "meter_id");
    } else if (err != GT_ERR_OK) {
        call_fail_err(c, err);
    }
    return err == GT_ERR_OK;
}
