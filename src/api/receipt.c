/* Receipts over HTTP: the answer is the paper itself. Printing is an act, so it is a POST. It is
 * counted before it is drawn: rather a copy too many than two originals. */
#include "api/call_priv.h"

#include "vending/receipt.h"

#include <string.h>

enum { FORM_TEXT_MAX = 8 };

typedef struct print {
    const call *c;
    vending_receipt receipt;
} print;

static gt_err print_work(const store_tx *tx, void *arg)
{
    print *p = arg;
    const call *c = p->c;
    return vending_receipt_print(tx, c->id, c->session.who.name, c->request->now, &p->receipt);
}

static void to_answer(void *ctx, const void *buf, size_t len)
{
    const http_sink *body = ctx;
    body->write(body->ctx, buf, len);
}

static gt_err draw(call *c, const gt_receipt_printer *printer, const vending_receipt *receipt)
{
    receipt_values parts[VENDING_RECEIPT_PARTS];
    const vending_receipt_shop shop = {.station = c->cfg->station, .zone_min = c->cfg->zone_min};
    const receipt_sink to = {.ctx = &c->answer->body, .write = to_answer};
    vending_receipt_fill(receipt, &shop, parts);
    GT_TRY(printer->print(printer->ctx, c->cfg->receipt, parts, VENDING_RECEIPT_PARTS, &to));
    c->answer->status = 200;
    c->answer->content_type = printer->content_type;
    return GT_ERR_OK;
}

static void print_receipt(call *c, const char *kind)
{
    const bool escpos = strcmp(kind, "escpos") == 0;
    print p = {.c = c};
    if (!escpos && strcmp(kind, "pdf") != 0) {
        call_fail(c, API_ERROR_BAD_FIELD, "form");
        return;
    }
    gt_err err = store_write(c->cfg->till, print_work, &p);
    if (err == GT_ERR_OK) {
        err = draw(c, escpos ? &c->cfg->receipt_escpos : &c->cfg->receipt_pdf, &p.receipt);
    }
    if (err != GT_ERR_OK) {
        call_fail_err(c, err);
    }
}

void route_receipt(call *c)
{
    static const form_field fields[] = {{.name = "form", .text_max = FORM_TEXT_MAX}};
    form f;
    if (call_form(c, &f, fields, sizeof fields / sizeof fields[0])) {
        print_receipt(c, f.value[0].text);
        form_close(&f);
    }
}
