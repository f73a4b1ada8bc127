/* Rows of the readings database. A reading's items travel as one packed value; times and keys have
 * columns of their own. */
#include "headend/readings.h"

#include "base/bytes.h"

enum { VARINT_MAX = 10, VARINT_BITS = 7, VARINT_MORE = 0x80 };

static void varint_write(gt_wr *w, int64_t value)
{
    /* Zigzag: small numbers of either sign are short. */
    uint64_t v = ((uint64_t)value << 1) ^ (value < 0 ? UINT64_MAX : 0);
    while (v >= VARINT_MORE) {
        gt_wr_u8(w, (uint8_t)(v | VARINT_MORE));
        v >>= VARINT_BITS;
    }
    gt_wr_u8(w, (uint8_t)v);
}

static int64_t varint_read(gt_rd *r)
{
    uint64_t v = 0;
    for (unsigned i = 0; i < VARINT_MAX; i++) {
        const uint8_t byte = gt_rd_u8(r);
        if (i == VARINT_MAX - 1 && byte > 1) {
            break;
        }
        v |= (uint64_t)(byte & (VARINT_MORE - 1)) << (VARINT_BITS * i);
        if ((byte & VARINT_MORE) == 0) {
            return (int64_t)(v >> 1) ^ -(int64_t)(v & 1);
        }
    }
    gt_rd_fail(r, GT_ERR_MALFORMED);
    return 0;
}

size_t reading_pack(const reading *r, uint8_t out[READING_PACK_MAX])
{
    gt_wr w = gt_wr_of(out, READING_PACK_MAX);
    gt_wr_u64le(&w, r->present);
    for (unsigned i = 0; i < ITEM_COUNT; i++) {
        if (reading_has(r, (item_id)i)) {
            varint_write(&w, r->value[i]);
        }
    }
    GT_ASSERT(gt_wr_done(&w) == GT_ERR_OK);
    return w.len;
}

gt_err reading_unpack(const uint8_t *in, size_t in_len, gt_utc taken, reading *out)
{
    gt_rd r = gt_rd_of(in, in_len);
    reading got = {.taken = taken};
    const uint64_t present = gt_rd_u64le(&r);
    if (ITEM_COUNT < 64 && present >> (ITEM_COUNT % 64) != 0) {
        return GT_ERR_MALFORMED;
    }
    for (unsigned i = 0; i < ITEM_COUNT; i++) {
        if ((present >> i & 1) != 0) {
            reading_set(&got, (item_id)i, varint_read(&r));
        }
    }
    GT_TRY(gt_rd_done(&r));
    *out = got;
    return GT_ERR_OK;
}

/* Items of column items, with the time of column taken. */
static gt_err items_of(const store_rows *rows, size_t taken, size_t items, reading *out)
{
    const store_value blob = store_rows_value(rows, items);
    const gt_utc at = {.ms = store_rows_int(rows, taken)};
    /* What does not unpack was not written by us. */
    return reading_unpack(blob.data, blob.len, at, out) == GT_ERR_OK ? GT_ERR_OK : GT_ERR_CORRUPT;
}

static gt_err latest_row(const store_rows *rows, headend_latest *out)
{
    headend_latest row = {.meter_id = store_rows_int(rows, 0),
                          .terminal_id = store_rows_int(rows, 1),
                          .online = store_rows_int(rows, 2) != 0,
                          .received = {.ms = store_rows_int(rows, 4)}};
    GT_TRY(items_of(rows, 3, 5, &row.values));
    *out = row;
    return GT_ERR_OK;
}

gt_err headend_latest_find(const store_tx *tx, int64_t meter_id, headend_latest *out)
{
    store_rows rows = store_rows_open(tx, STMT_LATEST_FIND, STORE_PARAMS(store_int(meter_id)));
    gt_err err = GT_ERR_NOT_FOUND;
    headend_latest row = {0};
    if (store_rows_next(&rows)) {
        err = latest_row(&rows, &row);
    }
    GT_TRY(store_rows_close(&rows));
    GT_TRY(err);
    *out = row;
    return GT_ERR_OK;
}

gt_err headend_latest_list(const store_tx *tx, int64_t after_meter_id, headend_latest *out,
                           size_t cap, size_t *out_count)
{
    store_rows rows = store_rows_open(
        tx, STMT_LATEST_LIST, STORE_PARAMS(store_int(after_meter_id), store_int((int64_t)cap)));
    size_t count = 0;
    gt_err err = GT_ERR_OK;
    while (err == GT_ERR_OK && count < cap && store_rows_next(&rows)) {
        err = latest_row(&rows, &out[count]);
        count++;
    }
    GT_TRY(store_rows_close(&rows));
    GT_TRY(err);
    *out_count = count;
    return GT_ERR_OK;
}

gt_err headend_latest_put(const store_tx *tx, const headend_latest *latest)
{
    headend_latest row = {0};
    const gt_err found = headend_latest_find(tx, latest->meter_id, &row);
    if (found != GT_ERR_OK && found != GT_ERR_NOT_FOUND) {
        return found;
    }
    if (latest->values.taken.ms >= row.values.taken.ms) {
        reading_merge(&row.values, &latest->values);
    } else {
        /* Older than what is there (a poll after a command's own read): it only fills gaps. */
        reading older = latest->values;
        reading_merge(&older, &row.values);
        row.values = older;
    }
    uint8_t packed[READING_PACK_MAX];
    const size_t len = reading_pack(&row.values, packed);
    return store_run(tx, STMT_LATEST_PUT,
                     STORE_PARAMS(store_int(latest->meter_id), store_int(latest->terminal_id),
                                  store_int(row.values.taken.ms), store_int(latest->received.ms),
                                  store_blob(packed, len)),
                     NULL);
}

gt_err headend_latest_offline(const store_tx *tx, int64_t terminal_id, int64_t meter_id)
{
    if (meter_id != 0) {
        return store_run(tx, STMT_LATEST_OFFLINE_METER, STORE_PARAMS(store_int(meter_id)), NULL);
    }
    return store_run(tx, STMT_LATEST_OFFLINE_TERMINAL, STORE_PARAMS(store_int(terminal_id)), NULL);
}

gt_err headend_latest_all_offline(const store_tx *tx)
{
    return store_run(tx, STMT_LATEST_OFFLINE_ALL, STORE_NO_PARAMS, NULL);
}

gt_err headend_reading_add(const store_tx *tx, int64_t meter_id, const reading *r)
{
    uint8_t packed[READING_PACK_MAX];
    const size_t len = reading_pack(r, packed);
    return store_run(
        tx, STMT_READING_ADD,
        STORE_PARAMS(store_int(meter_id), store_int(r->taken.ms), store_blob(packed, len)), NULL);
}

gt_err headend_reading_list(const store_tx *tx, const headend_reading_query *query, reading *out,
                            size_t cap, size_t *out_count)
{
    store_rows rows =
        store_rows_open(tx, STMT_READING_LIST,
                        STORE_PARAMS(store_int(query->meter_id), store_int(query->before.ms),
                                     store_int((int64_t)cap)));
    size_t count = 0;
    gt_err err = GT_ERR_OK;
    while (err == GT_ERR_OK && count < cap && store_rows_next(&rows)) {
        err = items_of(&rows, 0, 1, &out[count]);
        count++;
    }
    GT_TRY(store_rows_close(&rows));
    GT_TRY(err);
    *out_count = count;
    return GT_ERR_OK;
}

gt_err headend_freeze_put(const store_tx *tx, const headend_freeze *freeze, bool *out_new)
{
    uint8_t packed[READING_PACK_MAX];
    const size_t len = reading_pack(&freeze->values, packed);
    int64_t changes = 0;
    GT_TRY(store_run(tx, STMT_FREEZE_PUT,
                     STORE_PARAMS(store_int(freeze->meter_id), store_int(freeze->day),
                                  store_int(freeze->terminal_id),
                                  store_int(freeze->values.taken.ms), store_blob(packed, len)),
                     &changes));
    if (out_new != NULL) {
        *out_new = changes > 0;
    }
    return GT_ERR_OK;
}

gt_err headend_freeze_list(const store_tx *tx, int64_t meter_id, int32_t last_day,
                           headend_freeze *out, size_t cap, size_t *out_count)
{
    store_rows rows = store_rows_open(
        tx, STMT_FREEZE_LIST,
        STORE_PARAMS(store_int(meter_id), store_int(last_day), store_int((int64_t)cap)));
    size_t count = 0;
    gt_err err = GT_ERR_OK;
    while (err == GT_ERR_OK && count < cap && store_rows_next(&rows)) {
        out[count] = (headend_freeze){.meter_id = store_rows_int(&rows, 0),
                                      .terminal_id = store_rows_int(&rows, 1),
                                      .day = (int32_t)store_rows_int(&rows, 2)};
        err = items_of(&rows, 3, 4, &out[count].values);
        count++;
    }
    GT_TRY(store_rows_close(&rows));
    GT_TRY(err);
    *out_count = count;
    return GT_ERR_OK;
}

gt_err headend_freeze_have(const store_tx *tx, const headend_freeze_day *query,
                           int64_t *out_meter_id, size_t cap, size_t *out_count)
{
    store_rows rows =
        store_rows_open(tx, STMT_FREEZE_HAVE,
                        STORE_PARAMS(store_int(query->day), store_int(query->terminal_id),
                                     store_int((int64_t)cap)));
    size_t count = 0;
    while (count < cap && store_rows_next(&rows)) {
        out_meter_id[count] = store_rows_int(&rows, 0);
        count++;
    }
    GT_TRY(store_rows_close(&rows));
    *out_count = count;
    return GT_ERR_OK;
}
