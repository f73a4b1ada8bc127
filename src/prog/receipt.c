/* `gridtill receipt`: prints the receipt of a sale into a file, or onto a printer that is one. */
#include "vending/receipt.h"

#include "adapter/loop/clock.h"
#include "adapter/receipt/printer.h"
#include "base/quantity.h"
#include "prog/arguments.h"
#include "prog/command.h"
#include "prog/receipt_form.h"
#include "prog/station_db.h"

#include <errno.h>
#include <string.h>

typedef struct print {
    int64_t order_id;
    char operator_name[VENDING_OPERATOR_MAX];
    vending_receipt receipt;
} print;

static gt_err print_work(const store_tx *tx, void *arg)
{
    print *p = arg;
    return vending_receipt_print(tx, p->order_id, p->operator_name, clock_utc(), &p->receipt);
}

static void to_file(void *ctx, const void *buf, size_t len)
{
    (void)fwrite(buf, 1, len, ctx); /* a failure sticks in the file */
}

static bool write_receipt(const print *p, const station_config *cfg, bool escpos, const char *path)
{
    receipt_template form;
    receipt_values parts[VENDING_RECEIPT_PARTS];
    const vending_receipt_shop shop = {.station = cfg->name, .zone_min = cfg->zone_min};
    if (receipt_form_load(cfg->receipt_path, stderr, &form) != GT_ERR_OK) {
        return false;
    }
    FILE *file = fopen(path, "wb");
    if (file == NULL) {
        (void)fprintf(stderr, "gridtill receipt: %s: %s\n", path, strerror(errno));
        return false;
    }
    const gt_receipt_printer printer = escpos ? receipt_printer_escpos() : receipt_printer_pdf();
    const receipt_sink to = {.ctx = file, .write = to_file};
    vending_receipt_fill(&p->receipt, &shop, parts);
    const gt_err err = printer.print(printer.ctx, &form, parts, VENDING_RECEIPT_PARTS, &to);
    const bool failed = ferror(file) != 0;
    const bool ok = fclose(file) == 0 && !failed && err == GT_ERR_OK;
    if (!ok) {
        (void)fprintf(stderr, "gridtill receipt: %s: %s\n", path,
                      err != GT_ERR_OK ? gt_err_text(err) : strerror(errno));
    }
    return ok;
}

static int usage(void)
{
    (void)fputs("usage: gridtill receipt --config FILE --order ID [--form pdf|escpos] --out FILE\n",
                stderr);
    return EXIT_USAGE;
}

int receipt_main(int argc, char **argv)
{
    const char *config = NULL;
    const char *order = NULL;
    const char *kind = "pdf";
    const char *path = NULL;
    const argument list[] = {
        {"config", &config}, {"order", &order}, {"form", &kind}, {"out", &path}};
    print p = {.order_id = 0};
    if (!arguments_read(argc, argv, list, sizeof list / sizeof list[0]) || config == NULL ||
        path == NULL || order == NULL || gt_decimal_parse(order, 0, &p.order_id) != GT_ERR_OK ||
        (strcmp(kind, "pdf") != 0 && strcmp(kind, "escpos") != 0)) {
        return usage();
    }
    station_db db;
    if (station_db_open(config, &db) != GT_ERR_OK) {
        return EXIT_FAILED;
    }
    station_db_operator(p.operator_name, sizeof p.operator_name);
    const gt_err err = direct_store_write(db.till, print_work, &p);
    station_db_close(&db);
    if (err != GT_ERR_OK) {
        (void)fprintf(stderr, "gridtill receipt: order %s: %s\n", order, gt_err_text(err));
        return EXIT_FAILED;
    }
    const bool escpos = strcmp(kind, "escpos") == 0;
    return write_receipt(&p, &db.cfg, escpos, path) ? EXIT_DONE : EXIT_FAILED;
}
