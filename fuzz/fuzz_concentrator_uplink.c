/* A whole box at the mercy of its station and its line: any bytes, well-formed requests with any
 * content, connections that come and go, time that jumps. It must keep its promises: one place to
 * wait for (never in the past for long), no send on a link that is not there.
 *
 * The input is a list of steps: kind, length, bytes. */
#include "adapter/store/direct_store.h"
#include "codec/gdw1376/message.h"
#include "concentrator/concentrator.h"

#include <string.h>

enum { MEMORY = 1 << 19, MODEL_MEMORY = 1 << 16, TICKS_MAX = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char map[] = "model m\nname en m\nname zh m\nprotocol modbus-rtu\nwords high-first\n"
                          "block status 0x0000 4\n"
                          "value 0x0000 u16 model_code 1 -\n"
                          "value 0x0001 u16 voltage_a 0.1 V\n"
                          "value 0x0002 u32 energy 0.01 kWh\n"
                          "repeat daily 0x0200 62 4\n"
                          "value +0 ymdh freeze_time 1 -\n"
                          "value +2 u32 energy 0.01 kWh\n";

typedef struct world {
    concentrator *box;
    bool asked; /* a connection is wanted */
    bool up;
    gt_mono mono;
    gt_store store;
    gt_log log;
} world;

static void link_open(void *ctx, unsigned host)
{
    world *w = ctx;
    GT_ASSERT(host == 0 && !w->up);
    w->asked = true;
}

static void link_send(void *ctx, const uint8_t *bytes, size_t len)
{
    const world *w = ctx;
    gdw1376_frame frame;
    GT_ASSERT(w->up);
    GT_ASSERT(gdw1376_frame_decode(bytes, len, &frame) == GT_ERR_OK && frame.head.up);
}

static void link_close(void *ctx)
{
    world *w = ctx;
    w->asked = false;
    w->up = false;
}

static void line_send(void *ctx, unsigned line_no, const uint8_t *bytes, size_t len)
{
    (void)ctx;
    (void)bytes;
    GT_ASSERT(line_no == 1 && len > 0);
}

static uint32_t any_number(void *ctx)
{
    (void)ctx;
    return 4;
}

static void no_log(void *ctx, gt_log_level level, const char *event, const gt_log_field *fields,
                   size_t field_count)
{
    (void)ctx;
    (void)level;
    (void)event;
    (void)fields;
    (void)field_count;
}

static concentrator_time now(const world *w)
{
    return (concentrator_time){.mono = w->mono, .utc = {.ms = 1795233600000 + w->mono.us / 1000}};
}

static void make_box(world *w)
{
    static uint8_t memory[MEMORY] __attribute__((aligned(16)));
    static uint8_t model_memory[MODEL_MEMORY] __attribute__((aligned(16)));
    static const device_model *model;
    static direct_store *store;
    static const box_meter meters[] = {
        {.point = 1, .line = 1, .unit = 1, .meter_no = 11, .model = "m"},
        {.point = 9, .line = 1, .unit = 2, .meter_no = 12, .model = "m"}};
    char fault[CONCENTRATOR_FAULT_MAX];
    device_fault map_fault;
    if (store == NULL) {
        const store_place place = {
            .engine = &sqlite_engine, .db = STORE_DB_BOX, .target = ":memory:"};
        gt_arena arena = gt_arena_of(model_memory, sizeof model_memory);
        GT_ASSERT(direct_store_open(&place, 0, &store) == GT_ERR_OK);
        GT_ASSERT(device_model_load(&arena, map, sizeof map - 1, 480, &map_fault, &model) ==
                  GT_ERR_OK);
    }
    memset(memory, 0, sizeof memory);
    w->store = direct_store_port(store);
    w->log.write = no_log;
    const concentrator_cfg cfg = {.addr = {.region = 0x4401, .terminal = 1},
                                  .hosts = 1,
                                  .heartbeat_s = 60,
                                  .round_s = 30,
                                  .zone_min = 480,
                                  .lines[0] = {.baud = 9600, .char_bits = 10},
                                  .meters = meters,
                                  .meter_count = 2,
                                  .models = &model,
                                  .model_count = 1};
    const concentrator_ports ports = {.ctx = w,
                                      .link_open = link_open,
                                      .link_send = link_send,
                                      .link_close = link_close,
                                      .line_send = line_send,
                                      .random = any_number,
                                      .store = &w->store,
                                      .log = &w->log};
    gt_arena arena = gt_arena_of(memory, sizeof memory);
    GT_ASSERT(concentrator_memory(&cfg) <= sizeof memory);
    GT_ASSERT(concentrator_create(&arena, &cfg, &ports, now(w), fault, &w->box) == GT_ERR_OK);
}

/* Let time pass as a loop would. */
static void run(world *w, int64_t us)
{
    const int64_t end_us = w->mono.us + us;
    for (unsigned i = 0; i < TICKS_MAX && concentrator_deadline(w->box).us <= end_us; i++) {
        const int64_t due_us = concentrator_deadline(w->box).us;
        w->mono.us = due_us > w->mono.us ? due_us : w->mono.us;
        concentrator_tick(w->box, now(w));
    }
    w->mono.us = end_us > w->mono.us ? end_us : w->mono.us;
}

/* AFN, sequence, then data units as they are: the shell of a frame that is right. */
static void send_request(world *w, const uint8_t *bytes, size_t len)
{
    uint8_t buf[GDW1376_FRAME_MAX];
    size_t out_len = 0;
    if (len < 2) {
        return;
    }
    const gdw1376_addr addr = {.region = 0x4401, .terminal = 1};
    gdw1376_head head = gdw1376_head_request(&addr, bytes[0], bytes[1] & GDW1376_SEQ_MAX);
    if (bytes[0] == GDW1376_AFN_CONFIRM) {
        head.prm = false;
        head.function = GDW1376_LINK_STATUS;
    }
    gdw1376_message m = gdw1376_message_begin(buf, sizeof buf, &head);
    gt_wr_bytes(&m.w, bytes + 2, len - 2);
    if (gdw1376_message_end(&m, NULL, &out_len) == GT_ERR_OK) {
        concentrator_link_bytes(w->box, now(w), buf, out_len);
    }
}

static void take_step(world *w, uint8_t kind, const uint8_t *bytes, size_t len)
{
    switch (kind % 8) {
    case 0:
        concentrator_link_bytes(w->box, now(w), bytes, len);
        break;
    case 1:
        send_request(w, bytes, len);
        break;
    case 2:
        if (w->asked) {
            w->asked = false;
            w->up = true;
            concentrator_link_opened(w->box, now(w));
        }
        break;
    case 3:
        if (w->asked || w->up) {
            w->asked = false;
            w->up = false;
            concentrator_link_closed(w->box, now(w));
        }
        break;
    case 4:
        concentrator_line_opened(w->box, now(w), 1);
        break;
    case 5:
        concentrator_line_closed(w->box, now(w), 1);
        break;
    case 6:
        concentrator_line_bytes(w->box, now(w), 1, bytes, len);
        break;
    default:
        run(w, len > 0 ? (int64_t)bytes[0] * bytes[0] * 4000 : 1000);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    world w = {.mono = {.us = 1000000}};
    make_box(&w);
    run(&w, 1);
    gt_rd r = gt_rd_of(data, size);
    while (gt_rd_left(&r) >= 2) {
        const uint8_t kind = gt_rd_u8(&r);
        const size_t promised = gt_rd_u8(&r);
        const size_t left = gt_rd_left(&r);
        const size_t len = promised < left ? promised : left;
        take_step(&w, kind, gt_rd_take(&r, len), len);
        const concentrator_stats s = concentrator_stats_of(w.box, w.mono);
        GT_ASSERT(s.meters == 2 && s.meters_read <= 2);
    }
    return 0;
}
