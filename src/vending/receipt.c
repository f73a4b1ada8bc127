/* Receipts. A print is counted in the transaction that reads what is printed, so no two prints of
 * one sale can both be the first. */
#include "vending/receipt.h"

#include "base/hex.h"
#include "base/quantity.h"
#include "domain/capitals.h"
#include "registry/registry.h"
#include "vending/vending_priv.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { CODE_BYTES = 5, CODE_DIGITS = 2 * CODE_BYTES, CODE_GROUP = 4 };

static_assert((int)VENDING_PLACE_MAX >= (int)REGISTRY_NAME_MAX, "names fit");

/* "a1b2c3d4e5" -> "A1B2-C3D4-E5" */
static void code_of(const uint8_t hash[LEDGER_HASH_LEN], char out[VENDING_CHECK_CODE_MAX])
{
    char hex[CODE_DIGITS + 1];
    size_t n = 0;
    gt_hex_format(hash, CODE_BYTES, hex, sizeof hex);
    for (size_t i = 0; i < CODE_DIGITS; i++) {
        if (i > 0 && i % CODE_GROUP == 0) {
            out[n++] = '-';
        }
        out[n++] = (char)(hex[i] >= 'a' ? hex[i] - 'a' + 'A' : hex[i]);
    }
    out[n] = '\0';
}

static gt_err code_find(const store_tx *tx, int64_t order_id, char out[VENDING_CHECK_CODE_MAX])
{
    store_rows rows =
        store_rows_open(tx, STMT_VENDING_RECEIPT_HASH, STORE_PARAMS(store_int(order_id)));
    bool found = false;
    if (store_rows_next(&rows)) {
        const store_value hash = store_rows_value(&rows, 0);
        found = hash.type == STORE_BLOB && hash.len == LEDGER_HASH_LEN;
        if (found) {
            code_of(hash.data, out);
        }
    }
    GT_TRY(store_rows_close(&rows));
    return found ? GT_ERR_OK : GT_ERR_CORRUPT;
}

static gt_err place_find(const store_tx *tx, vending_receipt *r)
{
    registry_meter meter;
    registry_account account = {.name = ""};
    GT_TRY(registry_meter_find(tx, r->order.meter_id, &meter));
    const gt_err err = registry_account_find(tx, r->order.room_id, &account);
    if (err != GT_ERR_OK && err != GT_ERR_NOT_FOUND) {
        return err;
    }
    (void)snprintf(r->building, sizeof r->building, "%s", meter.building);
    (void)snprintf(r->floor, sizeof r->floor, "%s", meter.floor);
    (void)snprintf(r->room, sizeof r->room, "%s", meter.room);
    (void)snprintf(r->customer, sizeof r->customer, "%s", account.name);
    r->meter_no = meter.meter_no;
    return GT_ERR_OK;
}

static gt_err print_count(const store_tx *tx, vending_receipt *r, const char *operator_name)
{
    const store_value order = store_int(r->order.id);
    int64_t before = 0;
    GT_TRY(store_find_int(tx, STMT_VENDING_RECEIPT_PRINTS, STORE_PARAMS(order), &before));
    GT_TRY(store_run(tx, STMT_VENDING_RECEIPT_PRINT_ADD,
                     STORE_PARAMS(order, store_int(before + 1), store_int(r->printed.ms),
                                  store_text(operator_name)),
                     NULL));
    r->print_no = (uint32_t)before + 1;
    char object[VENDING_DETAIL_MAX];
    char detail[VENDING_DETAIL_MAX];
    (void)snprintf(object, sizeof object, "order:%" PRId64, r->order.id);
    (void)snprintf(detail, sizeof detail, "print %" PRIu32, r->print_no);
    const vending_act_row act = {
        .actor = operator_name, .act = "receipt", .object = object, .detail = detail};
    return vending_audit_add(tx, &act, r->printed);
}

gt_err vending_receipt_print(const store_tx *tx, int64_t order_id, const char *operator_name,
                             gt_utc now, vending_receipt *out)
{
    vending_receipt r = {.printed = now};
    GT_TRY(vending_order_find(tx, order_id, &r.order));
    GT_TRY(code_find(tx, order_id, r.code));
    GT_TRY(place_find(tx, &r));
    GT_TRY(print_count(tx, &r, operator_name));
    *out = r;
    return GT_ERR_OK;
}

/* ---- what a template can show ---- */

static void civil_text(gt_utc at, int zone_min, char *out, size_t cap)
{
    gt_civil civil = {0};
    if (gt_civil_of_utc(at, zone_min, &civil) == GT_ERR_OK) {
        (void)snprintf(out, cap, "%04d-%02u-%02u %02u:%02u:%02u", civil.year, civil.month,
                       civil.day, civil.hour, civil.minute, civil.second);
    }
}

static void fill_amount(const vending_receipt *r, receipt_values *v)
{
    char text[GT_DECIMAL_MAX];
    char capitals[CAPITALS_MAX] = "";
    gt_decimal_format(r->order.amount_fen, 2, text);
    (void)snprintf(v->field[RECEIPT_FIELD_AMOUNT], RECEIPT_VALUE_MAX, "%s", text);
    if (capitals_of_fen(r->order.amount_fen, capitals) == GT_ERR_OK) {
        (void)snprintf(v->field[RECEIPT_FIELD_CAPITALS], RECEIPT_VALUE_MAX, "人民币%s", capitals);
    }
}

static void fill_texts(const vending_receipt *r, const vending_receipt_shop *shop,
                       receipt_values *v)
{
    const struct {
        receipt_field field;
        const char *text;
    } rows[] = {
        {RECEIPT_FIELD_STATION, shop->station},
        {RECEIPT_FIELD_BOOK, r->order.book},
        {RECEIPT_FIELD_CODE, r->code},
        {RECEIPT_FIELD_BUILDING, r->building},
        {RECEIPT_FIELD_FLOOR, r->floor},
        {RECEIPT_FIELD_ROOM, r->room},
        {RECEIPT_FIELD_CUSTOMER, r->customer},
        {RECEIPT_FIELD_OPERATOR, r->order.operator_name},
        {RECEIPT_FIELD_STATE_ZH, order_state_zh(r->order.state)},
        {RECEIPT_FIELD_STATE_EN, order_state_en(r->order.state)},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        (void)snprintf(v->field[rows[i].field], RECEIPT_VALUE_MAX, "%s", rows[i].text);
    }
}

static void fill_numbers(const vending_receipt *r, receipt_values *v)
{
    (void)snprintf(v->field[RECEIPT_FIELD_NUMBER], RECEIPT_VALUE_MAX, "%" PRIu32,
                   r->order.receipt_no);
    (void)snprintf(v->field[RECEIPT_FIELD_METER], RECEIPT_VALUE_MAX, "%012" PRIu64, r->meter_no);
    (void)snprintf(v->field[RECEIPT_FIELD_COUNT], RECEIPT_VALUE_MAX, "%" PRIu32, r->order.count);
    if (r->print_no > 1) {
        (void)snprintf(v->field[RECEIPT_FIELD_COPY], RECEIPT_VALUE_MAX, "副本 COPY %" PRIu32,
                       r->print_no - 1);
    }
}

void vending_receipt_fill(const vending_receipt *receipt, const vending_receipt_shop *shop,
                          receipt_values out[VENDING_RECEIPT_PARTS])
{
    static const char *const parts[VENDING_RECEIPT_PARTS] = {"存根 Stub", "客户 Customer",
                                                             "记账 Accounts"};
    memset(&out[0], 0, sizeof out[0]);
    fill_texts(receipt, shop, &out[0]);
    fill_numbers(receipt, &out[0]);
    fill_amount(receipt, &out[0]);
    civil_text(receipt->order.created, shop->zone_min, out[0].field[RECEIPT_FIELD_TIME],
               RECEIPT_VALUE_MAX);
    civil_text(receipt->printed, shop->zone_min, out[0].field[RECEIPT_FIELD_PRINTED],
               RECEIPT_VALUE_MAX);
    for (size_t i = 1; i < VENDING_RECEIPT_PARTS; i++) {
        out[i] = out[0];
    }
    for (size_t i = 0; i < VENDING_RECEIPT_PARTS; i++) {
        (void)snprintf(out[i].field[RECEIPT_FIELD_PART], RECEIPT_VALUE_MAX, "%s", parts[i]);
    }
}
