/* The park in virtual time: a line master reads every meter of a line as fast as the wire allows,
 * and what it reads is the truth; faults do what they say; the same seed makes the same park. */
#include "bus/line.h"
#include "field/device.h"
#include "sim/park.h"
#include "sim/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MODEL_MEMORY = 1 << 17, LINE_MEMORY = 1 << 16, RESULTS_MAX = 64 };

static const gt_utc morning = {INT64_C(1795222800000)}; /* 2026-11-21 09:00 in China */

/* A master on one line of a park, in virtual time. */
typedef struct bench {
    void *memory;
    gt_arena arena;
    const device_model *model;
    park *park;
    line *master;
    unsigned nth;
    world world;
    unsigned done;
    gt_err err[RESULTS_MAX];
    reading got[RESULTS_MAX];
    uint8_t exception;
} bench;

static void handle(bench *b, const line_output *out)
{
    if (out->send != NULL) {
        park_line_write(b->park, b->nth, out->send, out->send_len, b->world.now);
    }
    const line_outcome *o = &out->outcome;
    if (!o->present) {
        return;
    }
    b->done++;
    if (o->cookie >= RESULTS_MAX) {
        assert_int_equal(o->err, GT_ERR_OK);
        const device_block block = (device_block)(o->cookie - RESULTS_MAX);
        assert_int_equal(
            device_write_result(b->model, o->reply[0], block, o->reply, o->len, &b->exception),
            GT_ERR_OK);
        return;
    }
    b->err[o->cookie] = o->err;
    if (o->err == GT_ERR_OK) {
        b->err[o->cookie] = device_status_parse(b->model, o->reply[0], o->reply, o->len,
                                                world_utc(&b->world), &b->got[o->cookie]);
    }
}

static void step_master(bench *b, const line_input *in)
{
    line_output out;
    line_step(b->master, in, b->world.now, &out);
    handle(b, &out);
    const line_input tick = {.event = LINE_TICK};
    while (line_deadline(b->master).us <= b->world.now.us) {
        line_step(b->master, &tick, b->world.now, &out);
        handle(b, &out);
    }
}

static gt_mono master_deadline(void *ctx)
{
    const bench *b = ctx;
    return line_deadline(b->master);
}

static void master_step(void *ctx, gt_mono now)
{
    (void)now;
    step_master(ctx, &(line_input){.event = LINE_TICK});
}

static gt_mono wire_deadline(void *ctx)
{
    const bench *b = ctx;
    return park_line_deadline(b->park, b->nth);
}

static void wire_step(void *ctx, gt_mono now)
{
    bench *b = ctx;
    uint8_t piece[SIM_LINE_CHUNK];
    for (size_t n = park_line_read(b->park, b->nth, now, piece); n > 0;
         n = park_line_read(b->park, b->nth, now, piece)) {
        step_master(b, &(line_input){LINE_BYTES, piece, n});
    }
}

static gt_mono plants_deadline(void *ctx)
{
    const bench *b = ctx;
    return park_deadline(b->park);
}

static void plants_step(void *ctx, gt_mono now)
{
    const bench *b = ctx;
    park_step(b->park, now);
}

static const device_model *load_model(gt_arena *arena)
{
    static char text[DEVICE_TEXT_MAX];
    FILE *f = fopen(SOURCE_ROOT "/models/prepaid-3p.map", "rb");
    assert_non_null(f);
    const size_t len = fread(text, 1, sizeof text, f);
    assert_int_equal(fclose(f), 0);
    device_fault fault = {0};
    const device_model *model = NULL;
    const gt_err err = device_model_load(arena, text, len, GT_ZONE_CHINA_MIN, &fault, &model);
    if (err != GT_ERR_OK) {
        fail_msg("line %u: expected %s", fault.line, fault.expected);
    }
    return model;
}

static bench *bench_open(unsigned nth, uint32_t speed)
{
    bench *b = calloc(1, sizeof *b);
    assert_non_null(b);
    const size_t size = park_memory() + MODEL_MEMORY + LINE_MEMORY;
    b->memory = malloc(size);
    assert_non_null(b->memory);
    b->arena = gt_arena_of(b->memory, size);
    b->model = load_model(&b->arena);
    b->nth = nth;
    world_init(&b->world, morning);
    const park_cfg cfg = {.seed = 7, .master = {1, 2, 3}, .utc = morning, .speed = speed};
    assert_int_equal(park_create(&b->arena, &cfg, b->world.now, &b->park), GT_ERR_OK);
    const line_cfg line_of = {PARK_BAUD, PARK_CHAR_BITS};
    assert_int_equal(line_create(&b->arena, &line_of, &b->master), GT_ERR_OK);
    assert_int_equal(world_add(&b->world, &(world_node){b, plants_deadline, plants_step}),
                     GT_ERR_OK);
    assert_int_equal(world_add(&b->world, &(world_node){b, wire_deadline, wire_step}), GT_ERR_OK);
    assert_int_equal(world_add(&b->world, &(world_node){b, master_deadline, master_step}),
                     GT_ERR_OK);
    step_master(b, &(line_input){.event = LINE_OPENED});
    return b;
}

static void bench_close(bench *b)
{
    free(b->memory);
    free(b);
}

static bool one_more(void *ctx)
{
    const bench *b = ctx;
    return b->done > 0;
}

static void submit(bench *b, const device_frame *frame, uint64_t cookie, uint8_t attempts)
{
    line_request r = {.framing = LINE_MODBUS_RTU,
                      .priority = LINE_COLLECT,
                      .attempts = attempts,
                      .cookie = cookie,
                      .len = frame->len};
    memcpy(r.bytes, frame->bytes, frame->len);
    assert_int_equal(line_submit(b->master, &r), GT_ERR_OK);
}

static void run_one(bench *b)
{
    b->done = 0;
    assert_true(world_run(&b->world, (gt_mono){b->world.now.us + 20000000}, one_more, b));
}

static gt_err read_unit(bench *b, uint8_t unit, uint8_t attempts)
{
    device_frame frame;
    assert_int_equal(device_status_request(b->model, unit, &frame), GT_ERR_OK);
    submit(b, &frame, unit, attempts);
    run_one(b);
    return b->err[unit];
}

static unsigned meter_at(unsigned nth_line, uint8_t unit)
{
    for (unsigned i = 0; i < PARK_METERS; i++) {
        park_row row;
        park_row_of(i, &row);
        if ((row.terminal - 1) * PARK_LINES_BOX + row.line - 1 == nth_line && row.unit == unit) {
            return i;
        }
    }
    fail_msg("no unit %u on line %u", unit, nth_line);
    return 0;
}

static void test_every_meter_is_read_at_the_bound(void **state)
{
    (void)state;
    bench *b = bench_open(0, 1);
    const unsigned units = 22;
    const gt_mono begin = b->world.now;
    for (uint8_t unit = 1; unit <= units; unit++) {
        assert_int_equal(read_unit(b, unit, 1), GT_ERR_OK);
    }
    const int64_t took_us = b->world.now.us - begin.us;
    const sim_line_stats wire = park_line_stats(b->park, 0);
    assert_int_equal(wire.answers, units);
    assert_int_equal(wire.spoiled, 0);
    assert_true(wire.bound_us * 1000 >= took_us * 995);
    for (uint8_t unit = 1; unit <= units; unit++) {
        const unsigned i = meter_at(0, unit);
        const meter_status truth = park_status(b->park, i, b->world.now);
        const reading *got = &b->got[unit];
        assert_true(truth.balance.fen <= reading_get(got, ITEM_BALANCE));
        assert_in_range(reading_get(got, ITEM_ENERGY), truth.energy[0].centikwh - 10,
                        truth.energy[0].centikwh);
        assert_int_equal(reading_relay_closed(got), park_relay_closed(b->park, i));
        assert_in_range(reading_get(got, ITEM_VOLTAGE_A), 2200, 2400);
        assert_in_range(reading_get(got, ITEM_CLOCK), morning.ms / 1000 - 3, morning.ms / 1000 + 8);
    }
    bench_close(b);
}

static void test_some_rooms_are_dark(void **state)
{
    (void)state;
    bench *b = bench_open(0, 1);
    (void)world_run(&b->world, (gt_mono){3000000}, NULL, NULL);
    unsigned dark = 0;
    for (unsigned i = 0; i < PARK_METERS; i++) {
        const bool closed = park_relay_closed(b->park, i);
        dark += closed ? 0 : 1;
        assert_true(closed || park_status(b->park, i, b->world.now).balance.fen < 0);
        assert_true(closed || park_watt(b->park, i) == 0);
    }
    assert_in_range(dark, PARK_METERS / 20, PARK_METERS / 10);
    bench_close(b);
}

/* The key store of the test: the park's own master key. */
static gt_err test_mac(void *ctx, uint64_t meter_no, uint8_t key_version, const char *purpose,
                       const uint8_t *data, size_t len, uint8_t out[KEYSTORE_MAC_LEN])
{
    static const char *const label[METER_KEY_PURPOSES] = {"purchase", "control", "parameter"};
    const uint8_t *master = ctx;
    meter_key_info info = {METER_KEY_PURCHASE, meter_no, key_version};
    while (strcmp(label[info.purpose], purpose) != 0) {
        info.purpose = (meter_key_purpose)(info.purpose + 1);
    }
    uint8_t key[METER_KEY_LEN];
    GT_TRY(meter_key_derive(master, &info, key));
    const meter_command command = {(uint16_t)(data[0] << 8 | data[1]), meter_no, data + 8, len - 8};
    return meter_command_mac(key, &command, out);
}

static void test_a_sale_closes_the_relay(void **state)
{
    (void)state;
    static uint8_t master[METER_KEY_LEN] = {1, 2, 3};
    const gt_keystore keys = {master, test_mac};
    bench *b = bench_open(0, 1);
    (void)world_run(&b->world, (gt_mono){2000000}, NULL, NULL);
    const unsigned i = 7; /* in debt, as one of 16 is */
    park_row row;
    park_row_of(i, &row);
    assert_false(park_relay_closed(b->park, i));
    const device_target target = {row.unit, 1, row.meter_no};
    const device_purchase sale = {{5000}, 1, row.customer_no};
    device_frame frame;
    assert_int_equal(device_purchase_request(b->model, &target, &keys, &sale, &frame), GT_ERR_OK);
    b->exception = 99;
    submit(b, &frame, RESULTS_MAX + DEVICE_PURCHASE, 2);
    run_one(b);
    assert_int_equal(b->exception, 0);
    (void)world_run(&b->world, (gt_mono){b->world.now.us + 2000000}, NULL, NULL);
    assert_true(park_relay_closed(b->park, i));
    assert_int_equal(park_status(b->park, i, b->world.now).purchase_count, 1);
    const device_purchase doubled = {{5000}, 1, row.customer_no + 1};
    assert_int_equal(device_purchase_request(b->model, &target, &keys, &doubled, &frame),
                     GT_ERR_OK);
    submit(b, &frame, RESULTS_MAX + DEVICE_PURCHASE, 2);
    run_one(b);
    assert_int_equal(b->exception, 4);
    const device_control cut = {DEVICE_RELAY_OPEN, 1, {world_utc(&b->world).ms + 600000}};
    assert_int_equal(device_control_request(b->model, &target, &keys, &cut, &frame), GT_ERR_OK);
    submit(b, &frame, RESULTS_MAX + DEVICE_CONTROL, 1);
    run_one(b);
    assert_int_equal(b->exception, 0);
    (void)world_run(&b->world, (gt_mono){b->world.now.us + 2000000}, NULL, NULL);
    assert_false(park_relay_closed(b->park, i));
    bench_close(b);
}

static void test_faults_and_acts_by_words(void **state)
{
    (void)state;
    static const struct {
        const char *words;
        gt_err want;
    } rows[] = {
        {"dead:440100000002", GT_ERR_OK},
        {"slow:440100000003:700", GT_ERR_OK},
        {"noise:1:0", GT_ERR_OK},
        {"cut:12", GT_ERR_OK},
        {"show:440100000001", GT_ERR_OK},
        {"lines", GT_ERR_OK},
        {"button:440100000001", GT_ERR_OK},
        {"", GT_ERR_SYNTAX},
        {"dead", GT_ERR_SYNTAX},
        {"dead:", GT_ERR_SYNTAX},
        {"dead:x", GT_ERR_SYNTAX},
        {"dead:1:2", GT_ERR_SYNTAX},
        {"dead:1", GT_ERR_NOT_FOUND},
        {"dead:440100000258", GT_ERR_NOT_FOUND},
        {"cut:0", GT_ERR_NOT_FOUND},
        {"cut:13", GT_ERR_NOT_FOUND},
        {"noise:1", GT_ERR_SYNTAX},
        {"noise:1:1001", GT_ERR_RANGE},
        {"slow:440100000001:60001", GT_ERR_RANGE},
        {"clear:1", GT_ERR_SYNTAX},
        {"explode", GT_ERR_SYNTAX},
        {"cut 12 off", GT_ERR_OK},
        {"cut 12 of", GT_ERR_SYNTAX},
        {"dead 440100000002 on", GT_ERR_OK},
        {"show 440100000002 on", GT_ERR_SYNTAX},
        {"dead  440100000002", GT_ERR_SYNTAX},
    };
    bench *b = bench_open(0, 1);
    char reply[PARK_REPLY_MAX];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(park_command(b->park, rows[i].words, b->world.now, reply), rows[i].want);
        assert_int_equal(reply[0], '{');
        assert_non_null(strstr(reply, rows[i].want == GT_ERR_OK ? "\"ok\":true" : "\"ok\":false"));
    }
    assert_int_equal(read_unit(b, 1, 1), GT_ERR_OK);
    assert_int_equal(read_unit(b, 2, 1), GT_ERR_TIMEOUT);
    assert_int_equal(read_unit(b, 3, 2), GT_ERR_OK); /* 700 ms: the second try is more patient */
    assert_int_equal(park_command(b->park, "clear", b->world.now, reply), GT_ERR_OK);
    assert_int_equal(read_unit(b, 2, 1), GT_ERR_OK);
    assert_int_equal(park_command(b->park, "power 440100000002 off", b->world.now, reply),
                     GT_ERR_OK);
    assert_int_equal(read_unit(b, 2, 1), GT_ERR_TIMEOUT);
    assert_int_equal(park_command(b->park, "power 440100000002 on", b->world.now, reply),
                     GT_ERR_OK);
    assert_int_equal(read_unit(b, 2, 2), GT_ERR_OK);
    bench_close(b);
}

static void test_noise_costs_repeats_and_not_truth(void **state)
{
    (void)state;
    bench *b = bench_open(3, 1);
    char reply[PARK_REPLY_MAX];
    assert_int_equal(park_command(b->park, "noise:4:300", b->world.now, reply), GT_ERR_OK);
    for (unsigned round = 0; round < 4; round++) {
        for (uint8_t unit = 1; unit <= 21; unit++) {
            if (read_unit(b, unit, 5) == GT_ERR_OK) {
                assert_in_range(reading_get(&b->got[unit], ITEM_VOLTAGE_B), 2200, 2400);
            }
        }
    }
    const line_stats s = line_stats_of(b->master);
    assert_true(s.repeated > 0);
    assert_true(s.answered >= 80);
    bench_close(b);
}

static void test_speed_moves_meters_and_not_the_wire(void **state)
{
    (void)state;
    bench *b = bench_open(0, 60);
    assert_int_equal(read_unit(b, 1, 1), GT_ERR_OK);
    const int64_t energy = reading_get(&b->got[1], ITEM_ENERGY);
    (void)world_run(&b->world, (gt_mono){60000000}, NULL, NULL); /* an hour for the meters */
    assert_int_equal(read_unit(b, 1, 1), GT_ERR_OK);
    assert_true(reading_get(&b->got[1], ITEM_ENERGY) > energy + 100);
    assert_in_range(reading_get(&b->got[1], ITEM_CLOCK), morning.ms / 1000 + 3595,
                    morning.ms / 1000 + 3700);
    bench_close(b);
}

static void test_rows_are_unique_and_complete(void **state)
{
    (void)state;
    unsigned per_line[PARK_LINES] = {0};
    unsigned points[PARK_BOXES] = {0};
    for (unsigned i = 0; i < PARK_METERS; i++) {
        park_row row;
        unsigned found = 0;
        char text[PARK_ROW_MAX];
        park_row_of(i, &row);
        park_row_text(i, text);
        assert_non_null(strchr(text, '\n'));
        assert_int_equal(park_meter_find(row.meter_no, &found), GT_ERR_OK);
        assert_int_equal(found, i);
        const unsigned nth = (row.terminal - 1) * PARK_LINES_BOX + row.line - 1;
        assert_in_range(nth, 0, PARK_LINES - 1);
        assert_int_equal(row.unit, ++per_line[nth]);
        assert_int_equal(row.point, ++points[row.terminal - 1]);
    }
    for (unsigned i = 0; i < PARK_LINES; i++) {
        assert_in_range(per_line[i], 21, 22);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_meter_is_read_at_the_bound),
        cmocka_unit_test(test_some_rooms_are_dark),
        cmocka_unit_test(test_a_sale_closes_the_relay),
        cmocka_unit_test(test_faults_and_acts_by_words),
        cmocka_unit_test(test_noise_costs_repeats_and_not_truth),
        cmocka_unit_test(test_speed_moves_meters_and_not_the_wire),
        cmocka_unit_test(test_rows_are_unique_and_complete),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
