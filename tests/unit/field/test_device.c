/* The park meter's model against the firmware itself: every item of every block that is read, every
 * command, and register maps that must be refused with their line. */
#include "field/device.h"
#include "sim/plant.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { MEMORY = 1 << 18, UNIT = 9, KEY_VERSION = 1, SECOND_US = 1000000 };

static const gt_utc start = {INT64_C(1795222800000)}; /* 2026-11-21 09:00 in China */
static const uint64_t meter_no = UINT64_C(440100000042);
static const uint64_t customer_no = UINT64_C(100000000042);

static char map_text[DEVICE_TEXT_MAX];
static size_t map_len;
static uint8_t memory[MEMORY];
static gt_arena arena;
static const device_model *model;
static plant subject;
static gt_mono now;
static const uint8_t master[METER_KEY_LEN] = {9, 8, 7};

static gt_err test_mac(void *ctx, uint64_t number, uint8_t version, const char *purpose,
                       const uint8_t *data, size_t len, uint8_t out[KEYSTORE_MAC_LEN])
{
    static const char *const label[METER_KEY_PURPOSES] = {"purchase", "control", "parameter"};
    (void)ctx;
    meter_key_info info = {METER_KEY_PURCHASE, number, version};
    while (strcmp(label[info.purpose], purpose) != 0) {
        info.purpose = (meter_key_purpose)(info.purpose + 1);
    }
    uint8_t key[METER_KEY_LEN];
    GT_TRY(meter_key_derive(master, &info, key));
    const meter_command command = {(uint16_t)(data[0] << 8 | data[1]), number, data + 8, len - 8};
    return meter_command_mac(key, &command, out);
}

static const gt_keystore keys = {NULL, test_mac};
static const device_target target = {UNIT, KEY_VERSION, UINT64_C(440100000042)};

static int setup(void **state)
{
    (void)state;
    FILE *f = fopen(SOURCE_ROOT "/models/prepaid-3p.map", "rb");
    assert_non_null(f);
    map_len = fread(map_text, 1, sizeof map_text, f);
    assert_int_equal(fclose(f), 0);
    arena = gt_arena_of(memory, sizeof memory);
    device_fault fault = {0};
    assert_int_equal(
        device_model_load(&arena, map_text, map_len, GT_ZONE_CHINA_MIN, &fault, &model), GT_ERR_OK);
    plant_cfg cfg = {.meter = {.meter_no = meter_no,
                               .customer_no = customer_no,
                               .unit = UNIT,
                               .baud = 9600,
                               .constant = 1600,
                               .model_code = 3,
                               .pt_ratio = 1,
                               .ct_ratio = 1,
                               .zone_min = GT_ZONE_CHINA_MIN,
                               .rearm = METER_REARM_AUTO,
                               .key_version = KEY_VERSION,
                               .parameter = {.alarm1_fen = 2000,
                                             .alarm2_fen = 1000,
                                             .price_e4 = {12000, 10000, 7000, 3500}},
                               .schedule = {1, {{0, 3}}},
                               .opening_fen = -1234,
                               .base_centikwh = 123456},
                     .load = LOAD_WAREHOUSE,
                     .peak_w = 20000,
                     .seed = 5,
                     .utc = start};
    for (int i = 0; i < METER_KEY_PURPOSES; i++) {
        const meter_key_info info = {(meter_key_purpose)i, meter_no, KEY_VERSION};
        assert_int_equal(meter_key_derive(master, &info, cfg.meter.key[i]), GT_ERR_OK);
    }
    now = (gt_mono){SECOND_US};
    assert_int_equal(plant_init(&subject, &cfg, now), GT_ERR_OK);
    return 0;
}

static void live(int64_t seconds)
{
    for (const int64_t end = now.us + seconds * SECOND_US; now.us < end;) {
        now.us += SECOND_US / 2;
        plant_step(&subject, now);
    }
}

static sim_answer ask(const device_frame *frame)
{
    sim_answer answer = {0};
    now.us += SECOND_US / 10;
    plant_ask(&subject, &(sim_frame){frame->bytes, frame->len, now, {now.us + 5000}}, &answer);
    now.us += SECOND_US / 10;
    return answer;
}

static gt_err read_block(device_block block, unsigned record, reading *out)
{
    device_frame frame;
    device_registers regs;
    assert_int_equal(device_read_request(model, UNIT, block, record, &frame), GT_ERR_OK);
    const sim_answer answer = ask(&frame);
    GT_TRY(device_read_registers(model, UNIT, block, record, answer.bytes, answer.len, &regs));
    return device_reading_of(model, block, &regs, start, out);
}

static uint8_t command(const device_frame *frame, device_block block)
{
    uint8_t exception = 99;
    const sim_answer answer = ask(frame);
    assert_int_equal(device_write_result(model, UNIT, block, answer.bytes, answer.len, &exception),
                     GT_ERR_OK);
    return exception;
}

static void test_status_is_the_truth(void **state)
{
    (void)state;
    reading got;
    live(5);
    assert_int_equal(read_block(DEVICE_STATUS, 0, &got), GT_ERR_OK);
    assert_int_equal(reading_get(&got, ITEM_BALANCE), -1234);
    assert_int_equal(reading_get(&got, ITEM_ENERGY_BASE), 123456);
    assert_int_equal(reading_get(&got, ITEM_MODEL_CODE), 3);
    assert_true(reading_get(&got, ITEM_IN_DEBT) == 1);
    assert_false(reading_relay_closed(&got));
    assert_in_range(reading_get(&got, ITEM_CLOCK), start.ms / 1000 + 4, start.ms / 1000 + 6);
    const meter_measurement *m = &subject.meter.measured;
    assert_int_equal(reading_get(&got, ITEM_VOLTAGE_C), m->voltage_dv[2]);
    assert_int_equal(reading_get(&got, ITEM_CURRENT_A), m->current_ca[0] * 10);
    assert_int_equal(reading_get(&got, ITEM_POWER_B), m->power_w[1] * 10);
    for (int i = ITEM_MODEL_CODE; i <= ITEM_CONTROL_COUNT; i++) {
        const bool other = i == ITEM_PURCHASE_LAST || i == ITEM_PURCHASED_TOTAL;
        assert_int_equal(reading_has(&got, (item_id)i), !other);
    }
}

static void test_a_life_in_commands(void **state)
{
    (void)state;
    reading got;
    device_frame frame;
    const device_purchase sale = {{50000}, 1, customer_no};
    assert_int_equal(device_purchase_request(model, &target, &keys, &sale, &frame), GT_ERR_OK);
    assert_int_equal(command(&frame, DEVICE_PURCHASE), 0);
    assert_int_equal(command(&frame, DEVICE_PURCHASE), 0); /* the same bytes: as the first time */
    live(5);
    assert_int_equal(read_block(DEVICE_STATUS, 0, &got), GT_ERR_OK);
    assert_int_equal(reading_get(&got, ITEM_PURCHASE_COUNT), 1);
    assert_true(reading_relay_closed(&got));
    assert_int_equal(read_block(DEVICE_SETTINGS, 0, &got), GT_ERR_OK);
    assert_int_equal(reading_get(&got, ITEM_PURCHASE_LAST), 50000);
    assert_int_equal(reading_get(&got, ITEM_PURCHASED_TOTAL), 50000);
    assert_int_equal(reading_get(&got, ITEM_METER_NO), (int64_t)meter_no);
    assert_int_equal(reading_get(&got, ITEM_CUSTOMER_NO), (int64_t)customer_no);
    assert_int_equal(reading_get(&got, ITEM_PRICE_T1), 12000);
    assert_int_equal(reading_get(&got, ITEM_KEY_VERSION), KEY_VERSION);
    assert_int_equal(read_block(DEVICE_PURCHASES, 0, &got), GT_ERR_OK);
    assert_int_equal(reading_get(&got, ITEM_PURCHASE_AMOUNT), 50000);
    assert_int_equal(reading_get(&got, ITEM_BALANCE_BEFORE), -1234);
    assert_int_equal(read_block(DEVICE_PURCHASES, 1, &got), GT_ERR_NOT_FOUND);
    const device_parameter set = {1,     {3000},   {1500},
                                  {100}, {900000}, {{9000}, {8000}, {7000}, {6000}}};
    assert_int_equal(device_parameter_request(model, &target, &keys, &set, &frame), GT_ERR_OK);
    assert_int_equal(command(&frame, DEVICE_PARAMETER), 0);
    assert_int_equal(read_block(DEVICE_SETTINGS, 0, &got), GT_ERR_OK);
    assert_int_equal(reading_get(&got, ITEM_ALARM1_LIMIT), 3000);
    assert_int_equal(reading_get(&got, ITEM_OVERDRAFT_LIMIT), 100);
    assert_int_equal(reading_get(&got, ITEM_PRICE_T4), 6000);
    const device_control cut = {DEVICE_RELAY_OPEN, 1, {start.ms + 3600000}};
    assert_int_equal(device_control_request(model, &target, &keys, &cut, &frame), GT_ERR_OK);
    assert_int_equal(command(&frame, DEVICE_CONTROL), 0);
    live(2);
    assert_int_equal(read_block(DEVICE_STATUS, 0, &got), GT_ERR_OK);
    assert_false(reading_relay_closed(&got));
    const device_control late = {DEVICE_RELAY_CLOSE, 2, {start.ms - 1000}};
    assert_int_equal(device_control_request(model, &target, &keys, &late, &frame), GT_ERR_OK);
    assert_int_equal(command(&frame, DEVICE_CONTROL), 4);
    assert_int_equal(read_block(DEVICE_STATUS, 0, &got), GT_ERR_OK);
    assert_true((reading_get(&got, ITEM_LAST_RESULT) & 1 << 9) != 0); /* expired */
}

static void test_midnight_leaves_a_record(void **state)
{
    (void)state;
    reading got;
    assert_int_equal(read_block(DEVICE_DAILY, 0, &got), GT_ERR_NOT_FOUND);
    live(15 * 3600 + 60);
    assert_int_equal(read_block(DEVICE_DAILY, 0, &got), GT_ERR_OK);
    assert_int_equal(reading_get(&got, ITEM_FREEZE_TIME), start.ms / 1000 + 15 * 3600);
    assert_true(reading_has(&got, ITEM_ENERGY_T4));
    assert_int_equal(device_block_records(model, DEVICE_DAILY), 62);
}

static void test_clock_is_set(void **state)
{
    (void)state;
    reading got;
    device_frame frame;
    assert_int_equal(device_clock_request(model, UNIT, (gt_utc){start.ms + 90000}, &frame),
                     GT_ERR_OK);
    assert_int_equal(command(&frame, DEVICE_CLOCK_SET), 0);
    assert_int_equal(read_block(DEVICE_STATUS, 0, &got), GT_ERR_OK);
    assert_in_range(reading_get(&got, ITEM_CLOCK), start.ms / 1000 + 90, start.ms / 1000 + 92);
    assert_int_equal(device_clock_request(model, 0, start, &frame), GT_ERR_OK);
    assert_int_equal(ask(&frame).len, 0);
}

static void test_requests_that_cannot_be(void **state)
{
    (void)state;
    device_frame frame;
    assert_int_equal(device_read_request(model, 0, DEVICE_STATUS, 0, &frame), GT_ERR_RANGE);
    assert_int_equal(device_read_request(model, 248, DEVICE_STATUS, 0, &frame), GT_ERR_RANGE);
    assert_int_equal(device_read_request(model, 1, DEVICE_DAILY, 62, &frame), GT_ERR_RANGE);
    assert_int_equal(device_read_request(model, 1, DEVICE_STATUS, 1, &frame), GT_ERR_RANGE);
    assert_int_equal(device_read_request(model, 1, DEVICE_PURCHASE, 0, &frame), GT_ERR_UNSUPPORTED);
    static const device_purchase bad[] = {
        {{0}, 1, 1}, {{-5}, 1, 1}, {{INT64_C(1) << 31}, 1, 1}, {{5}, 1, UINT64_C(1000000000000)}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(device_purchase_request(model, &target, &keys, &bad[i], &frame),
                         GT_ERR_RANGE);
    }
    const device_target nobody = {0, KEY_VERSION, meter_no};
    const device_purchase sale = {{5}, 1, 1};
    assert_int_equal(device_purchase_request(model, &nobody, &keys, &sale, &frame), GT_ERR_RANGE);
    const device_parameter negative = {1, {-1}, {0}, {0}, {0}, {{0}, {0}, {0}, {0}}};
    assert_int_equal(device_parameter_request(model, &target, &keys, &negative, &frame),
                     GT_ERR_RANGE);
}

static void test_answers_that_are_none(void **state)
{
    (void)state;
    device_frame frame;
    reading got;
    uint8_t exception = 7;
    assert_int_equal(device_status_request(model, UNIT, &frame), GT_ERR_OK);
    sim_answer a = ask(&frame);
    assert_int_equal(device_status_parse(model, UNIT, a.bytes, a.len, start, &got), GT_ERR_OK);
    for (size_t len = 0; len < a.len; len++) {
        assert_int_not_equal(device_status_parse(model, UNIT, a.bytes, len, start, &got),
                             GT_ERR_OK);
    }
    assert_int_equal(device_status_parse(model, UNIT + 1, a.bytes, a.len, start, &got),
                     GT_ERR_MISMATCH);
    a.bytes[9] ^= 1;
    assert_int_equal(device_status_parse(model, UNIT, a.bytes, a.len, start, &got),
                     GT_ERR_CHECKSUM);
    assert_int_not_equal(
        device_write_result(model, UNIT, DEVICE_PURCHASE, a.bytes, a.len, &exception), GT_ERR_OK);
    assert_int_equal(exception, 7);
    device_registers few = {.first = 0, .count = 47};
    assert_int_equal(device_reading_of(model, DEVICE_STATUS, &few, start, &got), GT_ERR_TRUNCATED);
    few = (device_registers){.first = 1, .count = 48};
    assert_int_equal(device_reading_of(model, DEVICE_STATUS, &few, start, &got), GT_ERR_TRUNCATED);
}

/* One line of the good map replaced; the fault must name it. */
static void test_maps_refused_with_their_line(void **state)
{
    (void)state;
    static const struct {
        const char *from;
        const char *to;
        gt_err want;
    } rows[] = {
        {"u16   voltage_a       0.1    V", "u16   volts           0.1    V", GT_ERR_NOT_FOUND},
        {"u16   voltage_a       0.1    V", "u16   voltage_a       0.1    A", GT_ERR_SYNTAX},
        {"u16   voltage_a       0.1    V", "u16   voltage_a       0.01   V", GT_ERR_SYNTAX},
        {"u16   voltage_a       0.1    V", "u17   voltage_a       0.1    V", GT_ERR_SYNTAX},
        {"block     status  ", "block     statuz  ", GT_ERR_NOT_FOUND},
        {"u16   control_command 1", "u16   control_word    1", GT_ERR_NOT_FOUND},
        {"repeat    daily         0x0200  62  16", "repeat    daily         0x0200  9   90",
         GT_ERR_SYNTAX},
    };
    static char text[DEVICE_TEXT_MAX];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t *room = memory + MEMORY / 2;
        gt_arena spare = gt_arena_of(room, MEMORY / 2);
        memcpy(text, map_text, map_len);
        text[map_len] = '\0';
        char *at = strstr(text, rows[i].from);
        assert_non_null(at);
        memcpy(at, rows[i].to, strlen(rows[i].to));
        unsigned line = 1;
        for (const char *c = text; c < at; c++) {
            line += *c == '\n' ? 1 : 0;
        }
        device_fault fault = {0};
        const device_model *got = NULL;
        assert_int_equal(device_model_load(&spare, text, map_len, GT_ZONE_CHINA_MIN, &fault, &got),
                         rows[i].want);
        assert_null(got);
        assert_true(fault.expected[0] != '\0');
        assert_true(fault.line == line || i == 4 || i == 6);
    }
    gt_arena small = gt_arena_of(memory + MEMORY / 2, 1000);
    device_fault fault = {0};
    const device_model *got = NULL;
    assert_int_equal(device_model_load(&small, map_text, map_len, 480, &fault, &got),
                     GT_ERR_MEMORY);
}

/* Every map that is shipped is understood; one whose registers are inputs is asked with function
 * 04, and a real that is no number leaves its item out. */
static void test_shipped(void **state)
{
    (void)state;
    static const char *const names[] = {"prepaid-1p", "instrument-f32", "meter-3p", "water"};
    static uint8_t storage[MEMORY];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[512];
        static char text[DEVICE_TEXT_MAX];
        (void)snprintf(path, sizeof path, SOURCE_ROOT "/models/%s.map", names[i]);
        FILE *f = fopen(path, "rb");
        assert_non_null(f);
        const size_t len = fread(text, 1, sizeof text, f);
        (void)fclose(f);
        gt_arena room = gt_arena_of(storage, sizeof storage);
        device_fault fault;
        const device_model *got = NULL;
        assert_int_equal(device_model_load(&room, text, len, GT_ZONE_CHINA_MIN, &fault, &got),
                         GT_ERR_OK);
        assert_string_equal(device_model_name(got), names[i]);
        device_frame frame;
        assert_int_equal(device_status_request(got, 1, &frame), GT_ERR_OK);
        const bool inputs = strcmp(names[i], "instrument-f32") == 0;
        assert_int_equal(frame.bytes[1], inputs ? 4 : 3);
        if (inputs) {
            device_registers registers = {
                .first = 0, .count = 60, .value = {0x4366, 0x3333, 0x7FC0}};
            reading got_reading;
            assert_int_equal(
                device_reading_of(got, DEVICE_STATUS, &registers, (gt_utc){1}, &got_reading),
                GT_ERR_OK);
            assert_int_equal(reading_get(&got_reading, ITEM_VOLTAGE_A), 2302);
            assert_false(reading_has(&got_reading, ITEM_VOLTAGE_B));
            assert_true(reading_has(&got_reading, ITEM_VOLTAGE_C));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shipped),
        cmocka_unit_test_setup(test_status_is_the_truth, setup),
        cmocka_unit_test_setup(test_a_life_in_commands, setup),
        cmocka_unit_test_setup(test_midnight_leaves_a_record, setup),
        cmocka_unit_test_setup(test_clock_is_set, setup),
        cmocka_unit_test_setup(test_requests_that_cannot_be, setup),
        cmocka_unit_test_setup(test_answers_that_are_none, setup),
        cmocka_unit_test_setup(test_maps_refused_with_their_line, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
