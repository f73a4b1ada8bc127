/* A terminal that says anything at any time: the input is a list of acts (connect, log in, raw
 * bytes, frames with a right checksum, answers that fit the last request's number, time passing,
 * hanging up) played against a head-end over a real database with two meters and a waiting sale. */
#include "adapter/store/direct_store.h"
#include "base/bytes.h"
#include "codec/gdw1376/link.h"
#include "headend/headend.h"
#include "registry/registry.h"
#include "vending/order.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    START_MS = 1000,
    MAP_MAX = 65536,
    MODEL_ARENA = 65536,
    ACTS_MAX = 200,
    CHUNK_MAX = 255,
    LINKS = 3,
};

typedef enum act_kind {
    ACT_CONNECT,
    ACT_LOGIN,
    ACT_RAW,
    ACT_FRAME,
    ACT_ANSWER,
    ACT_WAIT,
    ACT_HANG_UP,
    ACT_WAKE,
} act_kind;

enum { ACTS = ACT_WAKE + 1 };

typedef struct stage {
    direct_store *till;
    direct_store *readings;
    const device_model *model;
    headend *h;
    void *memory;
    int64_t now_us;
    bool open[LINKS + 1];
    gdw1376_head last; /* of the last request seen */
    bool asked;
} stage;

static const char meters_csv[] =
    "building,floor,room,meter_no,customer_no,model,terminal,line,unit,point\n"
    "A,1,101,1,11,prepaid-3p,4401-0001,1,1,1\n"
    "A,1,102,2,12,prepaid-3p,4401-0001,1,2,2\n";

static void must(gt_err err)
{
    if (err != GT_ERR_OK) {
        abort();
    }
}

static gt_err seed_work(const store_tx *tx, void *arg)
{
    (void)arg;
    meter_list_row rows[2];
    meter_list_index index[2];
    meter_list list = {.row = rows, .index = index, .cap = 2};
    meter_list_errors errors;
    registry_import_result result;
    registry_meter meter;
    GT_TRY(meter_list_parse(meters_csv, sizeof meters_csv - 1, &list, &errors));
    GT_TRY(registry_import(tx, &list, (gt_utc){.ms = START_MS}, &result));
    GT_TRY(registry_meter_find_no(tx, 1, &meter));
    const vending_seen seen = {.meter_id = meter.id, .taken = {.ms = START_MS}, .count_bits = 16};
    bool changed = false;
    GT_TRY(vending_meter_seen(tx, &seen, &changed));
    const vending_sale_request sale = {.key = "fuzz-sale-1",
                                       .meter_id = meter.id,
                                       .amount_fen = 100,
                                       .operator_name = "ann",
                                       .now = {.ms = START_MS},
                                       .limits = vending_limits_default()};
    vending_sale_result sold;
    return vending_sale(tx, &sale, &sold);
}

static gt_err link_send(void *ctx, uint64_t link, const uint8_t *buf, size_t len)
{
    stage *s = ctx;
    gdw1376_frame frame;
    must(gdw1376_frame_decode(buf, len, &frame)); /* whatever comes, we say it rightly */
    if (frame.head.prm) {
        s->last = frame.head;
        s->asked = true;
    }
    return s->open[link] ? GT_ERR_OK : GT_ERR_NOT_FOUND;
}

static void link_close(void *ctx, uint64_t link)
{
    stage *s = ctx;
    s->open[link] = false;
}

static gt_err key_mac(void *ctx, uint64_t meter_no, uint8_t key_version, const char *purpose,
                      const uint8_t *data, size_t len, uint8_t out[KEYSTORE_MAC_LEN])
{
    (void)ctx;
    (void)meter_no;
    (void)key_version;
    (void)purpose;
    (void)data;
    (void)len;
    memset(out, 1, KEYSTORE_MAC_LEN);
    return GT_ERR_OK;
}

static void publish(void *ctx, gt_event_kind kind, int64_t id)
{
    (void)ctx;
    (void)kind;
    (void)id;
}

static void log_write(void *ctx, gt_log_level level, const char *event, const gt_log_field *fields,
                      size_t field_count)
{
    (void)ctx;
    (void)level;
    (void)event;
    (void)fields;
    (void)field_count;
}

static const device_model *model_load(void)
{
    static char text[MAP_MAX];
    static uint8_t room[MODEL_ARENA];
    FILE *file = fopen(MAP_FILE, "rb");
    if (file == NULL) {
        abort();
    }
    const size_t len = fread(text, 1, sizeof text, file);
    (void)fclose(file);
    gt_arena arena = gt_arena_of(room, sizeof room);
    device_fault fault;
    const device_model *model = NULL;
    must(device_model_load(&arena, text, len, GT_ZONE_CHINA_MIN, &fault, &model));
    return model;
}

static headend_now now_of(const stage *s)
{
    return (headend_now){.mono = {.us = s->now_us}, .utc = {.ms = START_MS + s->now_us / 1000}};
}

static headend_cfg small_cfg(void)
{
    headend_cfg cfg = headend_cfg_default();
    cfg.sessions_max = 2;
    cfg.unlogged_max = 2;
    cfg.points_max = 4;
    return cfg;
}

static void stage_begin(stage *s)
{
    const headend_cfg cfg = small_cfg();
    const size_t size = headend_size(&cfg);
    s->memory = calloc(1, size);
    s->now_us = 0;
    s->asked = false;
    memset(s->open, 0, sizeof s->open);
    const headend_ports ports = {.link = {s, link_send, link_close},
                                 .till = direct_store_port(s->till),
                                 .readings = direct_store_port(s->readings),
                                 .keys = {s, key_mac},
                                 .events = {s, publish},
                                 .log = {s, log_write},
                                 .models = &s->model,
                                 .model_count = 1};
    must(headend_open(s->memory, size, &cfg, &ports, now_of(s), &s->h));
}

static void say(stage *s, uint64_t link, const uint8_t *buf, size_t len)
{
    if (s->open[link]) {
        headend_bytes(s->h, link, buf, len, now_of(s));
    }
}

/* Units as given, everything around them right. */
static void frame_say(stage *s, uint64_t link, gdw1376_head head, const uint8_t *units, size_t len)
{
    uint8_t buf[GDW1376_FRAME_MAX];
    const gdw1376_frame frame = {.head = head, .units = units, .units_len = len};
    size_t frame_len = 0;
    if (gdw1376_frame_encode(&frame, buf, sizeof buf, &frame_len) == GT_ERR_OK) {
        say(s, link, buf, frame_len);
    }
}

static void login_say(stage *s, uint64_t link, uint8_t terminal)
{
    const gdw1376_addr addr = {.region = 0x4401, .terminal = terminal};
    uint8_t buf[64];
    size_t len = 0;
    must(gdw1376_link_encode(&addr, 0, GDW1376_FN_LOGIN, buf, sizeof buf, &len));
    say(s, link, buf, len);
}

static void act(stage *s, gt_rd *r)
{
    const uint8_t kind = gt_rd_u8(r);
    const uint64_t link = 1 + gt_rd_u8(r) % LINKS;
    const uint8_t detail = gt_rd_u8(r);
    const size_t take = detail < gt_rd_left(r) ? detail : gt_rd_left(r);
    gdw1376_head head = s->asked ? gdw1376_head_reply(&s->last, s->last.afn) : (gdw1376_head){0};
    switch ((act_kind)(kind % ACTS)) {
    case ACT_CONNECT:
        if (!s->open[link]) {
            s->open[link] = true;
            headend_connected(s->h, link, "fuzz", now_of(s));
        }
        break;
    case ACT_LOGIN:
        login_say(s, link, detail % 3);
        break;
    case ACT_RAW:
        say(s, link, gt_rd_take(r, take), take);
        break;
    case ACT_FRAME:
        head = gdw1376_head_link(&(gdw1376_addr){.region = 0x4401, .terminal = 1}, kind >> 4);
        head.afn = gt_rd_u8(r);
        head.prm = (kind & 8) != 0;
        frame_say(s, link, head, r->buf + r->pos, take < gt_rd_left(r) ? take : gt_rd_left(r));
        break;
    case ACT_ANSWER:
        head.fin = (kind & 8) == 0;
        head.afn = (kind & 16) != 0 ? GDW1376_AFN_CONFIRM : head.afn;
        frame_say(s, link, head, r->buf + r->pos, take);
        break;
    case ACT_WAIT:
        s->now_us += (int64_t)detail * detail * 10000;
        break;
    case ACT_HANG_UP:
        if (s->open[link]) {
            s->open[link] = false;
            headend_closed(s->h, link, now_of(s));
        }
        break;
    case ACT_WAKE:
        headend_wake(s->h);
        break;
    }
}

static stage *stage_of(void)
{
    static stage s;
    if (s.till == NULL) {
        store_place place = {.engine = &sqlite_engine, .db = STORE_DB_TILL, .target = ":memory:"};
        must(direct_store_open(&place, START_MS, &s.till));
        place.db = STORE_DB_READINGS;
        must(direct_store_open(&place, START_MS, &s.readings));
        must(direct_store_write(s.till, seed_work, NULL));
        s.model = model_load();
    }
    return &s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    stage *s = stage_of();
    stage_begin(s);
    gt_rd r = gt_rd_of(data, size);
    for (unsigned i = 0; i < ACTS_MAX && gt_rd_left(&r) > 0 && r.err == GT_ERR_OK; i++) {
        act(s, &r);
        headend_tick(s->h, now_of(s));
        if (headend_deadline(s->h).us <= s->now_us) {
            abort(); /* it must come to rest */
        }
    }
    const headend_stats stats = headend_stats_of(s->h);
    if (stats.sessions > 2 || stats.unlogged > 2 || headend_store_pending(s->h) != 0) {
        abort();
    }
    free(s->memory);
    return 0;
}
