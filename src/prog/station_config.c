/* The station's keys, each asked for once. */
#include "prog/station_config.h"

#include "adapter/config/config.h"
#include "base/quantity.h"

#include <string.h>
#include <unistd.h>

enum { ZONE_LIMIT_MIN = 14 * 60, DAY_S = 86400 };

static int64_t amount_fen(config *file, const char *key, const char *fallback)
{
    int64_t fen = 0;
    if (gt_decimal_parse(config_text(file, "sale", key, fallback), 2, &fen) != GT_ERR_OK ||
        fen < 0) {
        config_complain(file, "sale", key, "an amount in yuan such as 2000.00");
    }
    return fen;
}

static void read_sale(config *file, station_config *out)
{
    out->limits = vending_limits_default();
    out->limits.amount_min_fen = amount_fen(file, "amount_min", "0.01");
    out->limits.amount_max_fen = amount_fen(file, "amount_max", "100000.00");
    out->limits.hoarding_fen = amount_fen(file, "hoarding_limit", "0.00");
    if (out->limits.amount_min_fen > out->limits.amount_max_fen) {
        config_complain(file, "sale", "amount_max", "an amount not below amount_min");
    }
}

static void check_readable(config *file, const char *section, const char *key, const char *path)
{
    if (path[0] != '\0' && access(path, R_OK) != 0) {
        config_complain(file, section, key, "a file or folder that can be read");
    }
}

/* One place for the money: a folder of SQLite files, or a PostgreSQL database. */
static void read_store(config *file, station_config *out)
{
    const char *postgres = config_text(file, "store", "postgres", "");
    const int len = snprintf(out->store_postgres, sizeof out->store_postgres, "%s", postgres);
    if (len == 0) {
        config_path(file, "store", "dir", NULL, out->store_dir, sizeof out->store_dir);
        return;
    }
    if ((size_t)len >= sizeof out->store_postgres) {
        config_complain(file, "store", "postgres", "a connection text of at most 511 bytes");
    }
    if (config_text(file, "store", "dir", "")[0] != '\0') {
        config_complain(file, "store", "dir", "dir or postgres, not both");
    }
}

static void read_keys(config *file, station_config *out)
{
    (void)snprintf(out->name, sizeof out->name, "%s",
                   config_text(file, "station", "name", "GridTill"));
    out->zone_min = (int)config_number(file, "station", "zone_min", -ZONE_LIMIT_MIN, ZONE_LIMIT_MIN,
                                       GT_ZONE_CHINA_MIN);
    read_store(file, out);
    out->field_port = config_address(file, "field", "listen", "0.0.0.0:7001", out->field_host,
                                     sizeof out->field_host);
    out->poll_s = (uint32_t)config_number(file, "field", "poll_s", 1, DAY_S, 60);
    out->heartbeat_s = (uint32_t)config_number(file, "field", "heartbeat_s", 1, 3600, 60);
    out->answer_wait_ms =
        (uint32_t)config_number(file, "field", "answer_wait_ms", 1000, 120000, 20000);
    out->http_port = config_address(file, "http", "listen", "127.0.0.1:8080", out->http_host,
                                    sizeof out->http_host);
    (void)snprintf(out->public_url, sizeof out->public_url, "%s",
                   config_text(file, "http", "public_url", "-"));
    config_path(file, "site", "meters", NULL, out->meters_path, sizeof out->meters_path);
    check_readable(file, "site", "meters", out->meters_path);
    config_path(file, "site", "models", NULL, out->models_dir, sizeof out->models_dir);
    check_readable(file, "site", "models", out->models_dir);
    config_path(file, "keys", "master", NULL, out->master_key_path, sizeof out->master_key_path);
    check_readable(file, "keys", "master", out->master_key_path);
    if (config_has_section(file, "receipt")) {
        config_path(file, "receipt", "template", NULL, out->receipt_path, sizeof out->receipt_path);
        check_readable(file, "receipt", "template", out->receipt_path);
    }
    read_sale(file, out);
}

gt_err station_config_read(const char *path, FILE *errors, station_config *out)
{
    config *file = NULL;
    station_config read = {.zone_min = 0};
    GT_TRY(config_open(path, &file));
    read_keys(file, &read);
    const gt_err err = config_finish(file, errors);
    config_close(file);
    if (err == GT_ERR_OK) {
        *out = read;
    }
    return err;
}
