/* `gridtill serve`: the station in one process: head-end, money, pages. One loop thread for the
 * field, one writer thread per database file, a small HTTP pool. */
#include "access/access.h"
#include "adapter/http/server.h"
#include "adapter/keystore/file_keystore.h"
#include "adapter/log/log.h"
#include "adapter/loop/clock.h"
#include "adapter/password/password.h"
#include "adapter/receipt/printer.h"
#include "api/api.h"
#include "prog/arguments.h"
#include "prog/clock_watch.h"
#include "prog/command.h"
#include "prog/ready_file.h"
#include "prog/receipt_form.h"
#include "prog/serve_field.h"
#include "prog/site.h"
#include "prog/station_db.h"
#include "prog/web_files.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
    LOOP_CONNS_MAX = 4096,
    LOOP_TIMERS_MAX = 4096,
    READERS = 4,
    HEALTH_EVERY_US = 1000000,
    READY_TEXT_MAX = 256,
    MS_PER_S = 1000,
    MMAP_FROM_BYTES = 1 << 20,
    ARENAS_MAX = 2,
};

typedef struct station {
    station_config cfg;
    log_stderr log_state;
    gt_log log;
    site site;
    receipt_template receipt;
    file_keystore *keystore;
    threaded_store *till;
    threaded_store *readings;
    gt_loop *loop;
    loop_timer health;
    clock_watch clock;
    serve_field *field;
    http_server *http;
    password_pool passwords;
    gt_password password;
    gt_random random;
    gt_store till_port;
    gt_store readings_port;
    access access;
    api api;
    bool failed;
} station;

/* ---- what the pages ask of the station ---- */

static void api_wake(void *ctx)
{
    const station *s = ctx;
    serve_field_wake(s->field);
}

static void api_stats(void *ctx, headend_stats *out)
{
    const station *s = ctx;
    serve_field_stats(s->field, out);
}

static bool api_clock_trusted(void *ctx)
{
    const station *s = ctx;
    return clock_watch_trusted(&s->clock);
}

/* ---- opening, in the order of need; each complains itself ---- */

static gt_err complain(const char *what, gt_err err)
{
    if (err != GT_ERR_OK) {
        (void)fprintf(stderr, "gridtill serve: %s: %s\n", what, gt_err_text(err));
    }
    return err;
}

static gt_err open_store(station *s, store_db which, threaded_store **out)
{
    station_db_names names;
    const threaded_store_config cfg = {
        .place = station_db_place(&s->cfg, which, &names), .readers = READERS, .log = &s->log};
    const gt_err err = threaded_store_open(&cfg, clock_utc().ms, out);
    if (err != GT_ERR_OK) {
        station_db_complain("gridtill serve", &names, err);
    }
    return err;
}

typedef struct import_job {
    const meter_list *list;
    registry_import_result result;
} import_job;

static gt_err import(const store_tx *tx, void *arg)
{
    import_job *job = arg;
    return registry_import(tx, job->list, clock_utc(), &job->result);
}

static gt_err import_meters(station *s)
{
    import_job job = {.list = &s->site.meters};
    const gt_err err = threaded_store_write(s->till, import, &job);
    if (err != GT_ERR_OK) {
        for (size_t i = 0; i < job.result.errors.count && i < METER_LIST_ERRORS_MAX; i++) {
            const meter_list_error *e = &job.result.errors.row[i];
            (void)fprintf(stderr, "%s:%u: %s: expected %s, got \"%s\"\n", s->cfg.meters_path,
                          e->line_no, e->column, e->expected, e->got);
        }
        return complain(s->cfg.meters_path, err);
    }
    gt_log_event(&s->log, GT_LOG_INFO, "registry.imported",
                 gt_log_num("meters", (int64_t)s->site.meters.count),
                 gt_log_num("new", job.result.meters_new),
                 gt_log_num("changed", job.result.meters_changed));
    return GT_ERR_OK;
}

static gt_err open_stores(station *s)
{
    if (s->cfg.store_dir[0] != '\0') {
        (void)mkdir(s->cfg.store_dir, S_IRWXU); /* it may be there */
    }
    GT_TRY(
        complain(s->cfg.master_key_path, file_keystore_open(s->cfg.master_key_path, &s->keystore)));
    GT_TRY(site_load(&s->cfg, stderr, &s->site));
    GT_TRY(receipt_form_load(s->cfg.receipt_path, stderr, &s->receipt));
    GT_TRY(open_store(s, STORE_DB_TILL, &s->till));
    GT_TRY(open_store(s, STORE_DB_READINGS, &s->readings));
    GT_TRY(import_meters(s));
    s->till_port = threaded_store_port(s->till);
    s->readings_port = threaded_store_port(s->readings);
    return GT_ERR_OK;
}

static gt_err open_http(station *s)
{
    GT_TRY(password_pool_init(&s->passwords));
    s->password = password_argon2(&s->passwords);
    s->random = random_system();
    s->access = (access){
        .store = &s->till_port, .password = &s->password, .random = &s->random, .log = &s->log};
    const api_config cfg = {
        .till = &s->till_port,
        .readings = &s->readings_port,
        .access = &s->access,
        .log = &s->log,
        .limits = s->cfg.limits,
        .station = s->cfg.name,
        .receipt = &s->receipt,
        .receipt_pdf = receipt_printer_pdf(),
        .receipt_escpos = receipt_printer_escpos(),
        .zone_min = s->cfg.zone_min,
        .lost_after_ms = API_LOST_AFTER_MS,
        .cookie_secure = strncmp(s->cfg.public_url, "https://", 8) == 0,
        .ctx = s,
        .wake = api_wake,
        .stats = api_stats,
        .clock_trusted = api_clock_trusted,
    };
    api_init(&s->api, &cfg);
    http_server_config http = http_server_config_default();
    http.host = s->cfg.http_host;
    http.port = s->cfg.http_port;
    http.app = api_app(&s->api);
    http.files = web_files(&http.file_count);
    http.log = &s->log;
    return complain("[http] listen", http_server_open(&http, &s->http));
}

static gt_err open_field(station *s)
{
    serve_field_cfg cfg = {
        .host = s->cfg.field_host,
        .port = s->cfg.field_port,
        .headend = headend_cfg_default(),
        .till = s->till,
        .readings = s->readings,
        .keys = file_keystore_port(s->keystore),
        .events = http_server_events(s->http),
        .log = s->log,
        .models = s->site.models.models,
        .model_count = s->site.models.count,
    };
    cfg.headend.heartbeat_s = s->cfg.heartbeat_s;
    cfg.headend.poll_interval_ms = s->cfg.poll_s * MS_PER_S;
    cfg.headend.answer_wait_ms = s->cfg.answer_wait_ms;
    cfg.headend.zone_min = s->cfg.zone_min;
    return complain("[field] listen", serve_field_open(s->loop, &cfg, &s->field));
}

/* ---- running ---- */

/* A store that cannot keep its promises ends the station; the next start resumes from the file. */
static void on_health(void *ctx, gt_mono now)
{
    station *s = ctx;
    clock_watch_look(&s->clock, now, clock_utc(), &s->log);
    if (threaded_store_broken(s->till) || threaded_store_broken(s->readings)) {
        gt_log_event(&s->log, GT_LOG_ERROR, "station.stops", gt_log_str("why", "store broken"));
        s->failed = true;
        loop_stop(s->loop);
        return;
    }
    const gt_err err =
        loop_timer_at(s->loop, &s->health, (gt_mono){.us = now.us + HEALTH_EVERY_US});
    GT_ASSERT(err == GT_ERR_OK); /* the loop was opened with room for it */
}

static void on_signal(void *ctx, int signum)
{
    const station *s = ctx;
    gt_log_event(&s->log, GT_LOG_INFO, "station.stops", gt_log_num("signal", signum));
    loop_stop(s->loop);
}

static gt_err open_loop(station *s)
{
    const loop_cfg cfg = {.conns_max = LOOP_CONNS_MAX, .timers_max = LOOP_TIMERS_MAX};
    GT_TRY(complain("event loop", loop_open(&cfg, &s->loop)));
    GT_TRY(loop_signals_catch(s->loop, on_signal, s));
    const gt_mono now = clock_mono();
    clock_watch_init(&s->clock, now, clock_utc());
    loop_timer_init(&s->health, on_health, s);
    return loop_timer_at(s->loop, &s->health, (gt_mono){.us = now.us + HEALTH_EVERY_US});
}

/* The first start has no operator: whoever opens this link becomes the administrator. */
static gt_err print_links(const station *s)
{
    char url[2 * STATION_HOST_MAX + 32];
    (void)snprintf(url, sizeof url, "http://%s:%u", s->cfg.http_host,
                   (unsigned)http_server_port(s->http));
    const char *base = strcmp(s->cfg.public_url, "-") == 0 ? url : s->cfg.public_url;
    char token[TOKEN_TEXT_MAX];
    const gt_err err = access_setup_begin(&s->access, clock_utc(), token);
    if (err == GT_ERR_OK) {
        (void)printf("Set-up link, good for one use within 24 hours:\n"
                     "设置链接，24小时内一次有效：\n  %s/#/setup?token=%s\n",
                     base, token);
    } else if (err == GT_ERR_EXISTS) {
        (void)printf("The station is at %s/\n", base);
    } else {
        return complain("set-up link", err);
    }
    (void)fflush(stdout);
    return GT_ERR_OK;
}

static gt_err announce(const station *s, const char *ready_path)
{
    char text[READY_TEXT_MAX];
    (void)snprintf(text, sizeof text, "field=%s:%u\nhttp=%s:%u\n", s->cfg.field_host,
                   (unsigned)serve_field_port(s->field), s->cfg.http_host,
                   (unsigned)http_server_port(s->http));
    gt_log_event(&s->log, GT_LOG_INFO, "station.serves",
                 gt_log_num("field_port", serve_field_port(s->field)),
                 gt_log_num("http_port", http_server_port(s->http)));
    GT_TRY(print_links(s));
    return ready_path == NULL ? GT_ERR_OK : ready_file_write(ready_path, text);
}

static void close_all(station *s)
{
    http_server_stop(s->http); /* first: its requests wake the field */
    serve_field_close(s->field);
    http_server_close(s->http); /* after the field, which has events for it to its end */
    loop_close(s->loop);
    password_pool_fini(&s->passwords);
    threaded_store_close(s->readings);
    threaded_store_close(s->till);
    site_unload(&s->site);
    file_keystore_close(s->keystore);
}

static gt_err run(station *s, const char *ready_path)
{
    GT_TRY(open_stores(s));
    GT_TRY(open_loop(s));
    GT_TRY(open_http(s));
    GT_TRY(open_field(s));
    GT_TRY(complain("[http] start", http_server_start(s->http)));
    GT_TRY(complain("start", announce(s, ready_path)));
    loop_run(s->loop);
    return s->failed ? GT_ERR_IO : GT_ERR_OK;
}

/* A password hash takes 19 MiB for a moment: it must come from the system and go back to it, and
 * not stay in an arena of each thread. */
static void memory_give_back(void)
{
    (void)mallopt(M_MMAP_THRESHOLD, MMAP_FROM_BYTES);
    (void)mallopt(M_ARENA_MAX, ARENAS_MAX);
}

int serve_main(int argc, char **argv)
{
    const char *config_path = NULL;
    const char *ready_path = NULL;
    const argument list[] = {{"config", &config_path}, {"ready-file", &ready_path}};
    if (!arguments_read(argc, argv, list, sizeof list / sizeof list[0]) || config_path == NULL) {
        (void)fputs("usage: gridtill serve --config FILE [--ready-file FILE]\n", stderr);
        return EXIT_USAGE;
    }
    memory_give_back();
    station *s = calloc(1, sizeof *s);
    if (s == NULL || station_config_read(config_path, stderr, &s->cfg) != GT_ERR_OK) {
        free(s);
        return EXIT_FAILED;
    }
    s->log_state = (log_stderr){.fd = 2, .lowest = GT_LOG_INFO};
    s->log = log_stderr_of(&s->log_state);
    const gt_err err = run(s, ready_path);
    close_all(s);
    free(s);
    return err == GT_ERR_OK ? EXIT_DONE : EXIT_FAILED;
}
