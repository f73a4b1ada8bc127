/* `gridtill check-config` and `gridtill check-ledger`: is it sound? */
#include "adapter/keystore/file_keystore.h"
#include "base/quantity.h"
#include "prog/arguments.h"
#include "prog/command.h"
#include "prog/receipt_form.h"
#include "prog/site.h"
#include "prog/station_db.h"
#include "vending/proof.h"

#include <inttypes.h>

int check_config_main(int argc, char **argv)
{
    if (argc != 2) {
        (void)fputs("usage: gridtill check-config FILE\n", stderr);
        return EXIT_USAGE;
    }
    station_config cfg;
    if (station_config_read(argv[1], stderr, &cfg) != GT_ERR_OK) {
        return EXIT_FAILED;
    }
    bool sound = true;
    file_keystore *keystore = NULL;
    const gt_err key_err = file_keystore_open(cfg.master_key_path, &keystore);
    if (key_err != GT_ERR_OK) {
        (void)fprintf(stderr, "%s: %s; expected 32 hexadecimal digits, mode 0600\n",
                      cfg.master_key_path, gt_err_text(key_err));
        sound = false;
    }
    file_keystore_close(keystore);
    receipt_template form;
    sound = receipt_form_load(cfg.receipt_path, stderr, &form) == GT_ERR_OK && sound;
    site s;
    if (site_load(&cfg, stderr, &s) == GT_ERR_OK) {
        (void)printf("%s: %zu meters, %zu models\n", argv[1], s.meters.count, s.models.count);
        site_unload(&s);
    } else {
        sound = false;
    }
    return sound ? EXIT_DONE : EXIT_FAILED;
}

static void print_money(const char *what, int64_t fen)
{
    char text[GT_DECIMAL_MAX];
    gt_decimal_format(fen, 2, text);
    (void)printf("%-12s %14s yuan\n", what, text);
}

static gt_err prove(const store_tx *tx, void *arg)
{
    return vending_prove(tx, arg);
}

int check_ledger_main(int argc, char **argv)
{
    const char *path = NULL;
    const argument list[] = {{"config", &path}};
    if (!arguments_read(argc, argv, list, sizeof list / sizeof list[0]) || path == NULL) {
        (void)fputs("usage: gridtill check-ledger --config FILE\n", stderr);
        return EXIT_USAGE;
    }
    station_db db;
    if (station_db_open(path, &db) != GT_ERR_OK) {
        return EXIT_FAILED;
    }
    vending_proof proof;
    const gt_err err = direct_store_read(db.till, prove, &proof);
    station_db_close(&db);
    if (err != GT_ERR_OK) {
        (void)fprintf(stderr, "gridtill check-ledger: %s\n", gt_err_text(err));
        return EXIT_FAILED;
    }
    (void)printf("books %" PRId64 ", entries %" PRId64 ", postings %" PRId64 ", orders %" PRId64
                 "\n",
                 proof.books, proof.entries, proof.postings, proof.orders);
    print_money("paid", proof.paid_fen);
    print_money("delivered", proof.delivered_fen);
    print_money("in flight", proof.inflight_fen);
    print_money("refundable", proof.refundable_fen);
    if (!vending_proof_sound(&proof)) {
        (void)printf("ledger=broken: %s\n", proof.first);
        return EXIT_FAILED;
    }
    (void)puts("ledger=balanced");
    return EXIT_DONE;
}
