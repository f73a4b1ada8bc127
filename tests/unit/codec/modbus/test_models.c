/* The register maps of models/: each one parses, and a frame of its meter shows the values with
 * their units, by scale, word order and table. Frames go through the whole of describe, RTU and TCP
 * alike. */
#include "base/hex.h"
#include "base/sum.h"
#include "codec/modbus/describe.h"
#include "codec/modbus/tcp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static modbus_map map;
static codec_description told;

static void model_load(const char *name)
{
    static char text[32768];
    char path[512];
    (void)snprintf(path, sizeof path, SOURCE_ROOT "/models/%s.map", name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    const size_t len = fread(text, 1, sizeof text, file);
    (void)fclose(file);
    modbus_map_fault fault = {0};
    const gt_err err = modbus_map_parse(text, len, &map, &fault);
    if (err != GT_ERR_OK) {
        print_message("%s line %u: expected %s, found %s\n", name, fault.line, fault.expected,
                      fault.found);
    }
    assert_int_equal(err, GT_ERR_OK);
    assert_string_equal(map.model, name);
}

/* One answer told: the request's function, start and count, the answer's values in hex. */
typedef struct row {
    const char *model;
    modbus_request request;
    const char *values;
    const char *want; /* "id item=value unit" and a line end each */
} row;

static const row rows[] = {
    {"prepaid-3p",
     {1, MODBUS_READ_HOLDING, 0, 9, {0}, 0, 0},
     "0005 08fc 08fd 08fe 0064 00c8 012c fff6 000a",
     "0x0000 model_code=5 \n0x0001 voltage_a=230.0 V\n0x0002 voltage_b=230.1 V\n"
     "0x0003 voltage_c=230.2 V\n0x0004 current_a=1.00 A\n0x0005 current_b=2.00 A\n"
     "0x0006 current_c=3.00 A\n0x0007 power_a=-0.010 kW\n0x0008 power_b=0.010 kW\n"},
    {"prepaid-1p",
     {1, MODBUS_READ_HOLDING, 0x15, 14, {0}, 0, 0},
     "0001 e240 0000 0001 0000 0002 0000 0003 0000 0004 ffff ff9c 0007 0000",
     "0x0015 energy=1234.56 kWh\n0x0017 energy_t1=0.01 kWh\n0x0019 energy_t2=0.02 kWh\n"
     "0x001B energy_t3=0.03 kWh\n0x001D energy_t4=0.04 kWh\n0x001F balance=-1.00 yuan\n"
     "0x0021 purchase_count=7 \n0x0022 trip_count=0 \n"},
    {"prepaid-1p",
     {1, MODBUS_READ_HOLDING, 0x24, 1, {0}, 0, 0},
     "2408",
     "0x0024.3 prepaid=1 \n0x0024.4 over_limit=0 \n0x0024.5 in_debt=0 \n0x0024.6 alarm1=0 \n"
     "0x0024.7 alarm2=0 \n0x0024.8 fault=0 \n0x0024.9 protected=0 \n0x0024.10 awaiting_rearm=1 \n"
     "0x0024.13 relay_a=1 \n"},
    {"instrument-f32",
     {1, MODBUS_READ_INPUT, 0x0C, 2, {0}, 0, 0},
     "44fa 0000",
     "0x000C power_a=2 kW\n"},
    {"instrument-f32",
     {1, MODBUS_READ_INPUT, 0, 6, {0}, 0, 0},
     "4366 3333 7fc0 0000 c2c8 0000",
     "0x0000 voltage_a=230.199997 V\n0x0002 voltage_b=- V\n0x0004 voltage_c=-100 V\n"},
    {"instrument-f32",
     {1, MODBUS_READ_INPUT, 0x156, 2, {0}, 0, 0},
     "42c8 0000",
     "0x0156 energy_sum=100 kWh\n"},
    {"meter-3p", /* low word first */
     {1, MODBUS_READ_HOLDING, 3, 4, {0}, 0, 0},
     "e240 0001 0001 0000",
     "0x0003 current_a=123.456 A\n0x0005 current_b=0.001 A\n"},
    {"meter-3p",
     {1, MODBUS_READ_HOLDING, 9, 2, {0}, 0, 0},
     "d8f0 ffff",
     "0x0009 power=-1.0000 kW\n"},
    {"meter-3p",
     {1, MODBUS_READ_HOLDING, 0x14, 4, {0}, 0, 0},
     "0000 0000 0001 0000",
     "0x0014 energy=42949672.96 kWh\n"},
    {"meter-3p",
     {1, MODBUS_READ_HOLDING, 0x42, 4, {0}, 0, 0},
     "ff9c ffff ffff ffff",
     "0x0042 energy_net=-1.00 kWh\n"},
    {"meter-3p", /* the table says holding: input registers are other ones */
     {1, MODBUS_READ_INPUT, 0, 1, {0}, 0, 0},
     "08fc",
     "0x0000 register=2300 \n"},
    {"water",
     {1, MODBUS_READ_HOLDING, 0, 12, {0}, 0, 0},
     "0012 d687 1234 5678 9012 001a 000b 0015 0006 0009 001e 003b",
     "0x0000 volume=1234.567 m³\n0x0002 meter_no=123456789012 \n"
     "0x0005 clock=2026-11-21 09:30:59 \n"},
    {"water",
     {1, MODBUS_READ_HOLDING, 0x20, 6, {0}, 0, 0},
     "ffff fffe 0000 0003 ffce 0168",
     "0x0020 flow=-0.002 m³/h\n0x0022 volume_reverse=0.003 m³\n0x0024 temperature=-5.0 °C\n"
     "0x0025 battery=3.60 V\n"},
    {"water",
     {1, MODBUS_READ_COILS, 0, 2, {0}, 0, 0},
     "01",
     "0x0000 valve_open=1 \n0x0001 valve_locked=0 \n"},
    {"water",
     {1, MODBUS_READ_DISCRETE, 0, 5, {0}, 0, 0},
     "12",
     "0x0000 leak=0 \n0x0001 burst=1 \n0x0002 reverse_flow=0 \n0x0003 tamper=0 \n"
     "0x0004 battery_low=1 \n"},
};

static size_t unhex(const char *text, uint8_t *out)
{
    char plain[256];
    size_t len = 0;
    for (const char *at = text; *at != '\0'; at++) {
        if (*at != ' ') {
            plain[len++] = *at;
        }
    }
    plain[len] = '\0';
    assert_int_equal(gt_hex_parse(plain, out, MODBUS_ADU_MAX, &len), GT_ERR_OK);
    return len;
}

static void told_check(const char *want)
{
    char got[1024] = "";
    size_t len = 0;
    for (size_t i = 0; i < told.item_count; i++) {
        const codec_item *item = &told.items[i];
        len += (size_t)snprintf(got + len, sizeof got - len, "%s %s=%s %s\n", item->id,
                                item->name.en, item->value != NULL ? item->value : "-", item->unit);
    }
    assert_string_equal(got, want);
    assert_int_equal(told.error_count, 0);
}

static void test_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        model_load(rows[i].model);
        const modbus_context context = {&map, &rows[i].request, -1};
        uint8_t body[MODBUS_ADU_MAX];
        const uint8_t values = (uint8_t)unhex(rows[i].values, body + 3);
        body[0] = rows[i].request.unit;
        body[1] = (uint8_t)rows[i].request.function;
        body[2] = values;
        const uint16_t crc = gt_crc16_modbus(body, 3U + values);
        body[3 + values] = (uint8_t)crc;
        body[4 + values] = (uint8_t)(crc >> 8);
        modbus_describe(&context, body, 5U + values, &told);
        told_check(rows[i].want);
        uint8_t tcp[MODBUS_TCP_MAX] = {0, 1, 0, 0, 0, (uint8_t)(3 + values)};
        memcpy(tcp + 6, body, 3U + values);
        modbus_tcp_describe(&context, tcp, 9U + values, &told);
        assert_string_equal(told.protocol, "modbus-tcp");
        told_check(rows[i].want);
    }
}

/* Every row of every map takes a value and gives it back; one that is too large is refused. */
static void test_round(void **state)
{
    (void)state;
    static const char *const models[] = {"prepaid-3p", "prepaid-1p", "instrument-f32", "meter-3p",
                                         "water"};
    for (size_t i = 0; i < sizeof models / sizeof models[0]; i++) {
        model_load(models[i]);
        for (size_t k = 0; k < map.row_count; k++) {
            const modbus_row *r = &map.rows[k];
            const modbus_block *block = &map.blocks[r->block];
            uint16_t regs[MODBUS_READ_MAX] = {0};
            const modbus_window window = {regs, block->start, block->stride};
            const modbus_value in = {
                .raw = 1, .civil = {2026, 11, 21, 9, 0, 0}, .mac = {1, 2, 3, 4, 5, 6, 7, 8}};
            modbus_value out;
            assert_int_equal(modbus_value_put(&map, r, &in, regs), GT_ERR_OK);
            assert_int_equal(modbus_value_get(&map, r, 0, window, &out), GT_ERR_OK);
            if (modbus_type_is_time(r->type)) {
                assert_true(gt_civil_equal(&out.civil, &in.civil));
            } else if (r->type == MODBUS_TYPE_MAC) {
                assert_memory_equal(out.mac, in.mac, sizeof in.mac);
            } else {
                assert_int_equal(out.raw, 1);
                const modbus_value large = {.raw = INT64_MAX};
                assert_int_equal(modbus_value_put(&map, r, &large, regs),
                                 r->type == MODBUS_TYPE_U64 || r->type == MODBUS_TYPE_S64 ||
                                         modbus_type_is_real(r->type)
                                     ? GT_ERR_OK
                                     : GT_ERR_RANGE);
            }
        }
    }
}

static void test_limits(void **state)
{
    (void)state;
    model_load("meter-3p");
    const modbus_row *energy = modbus_map_row(&map, modbus_map_block(&map, "status"), "energy");
    const uint16_t most[4] = {0xFFFF, 0xFFFF, 0xFFFF, 0x7FFF};
    const uint16_t above[4] = {0, 0, 0, 0x8000};
    modbus_value v;
    assert_int_equal(modbus_value_get(&map, energy, 0, (modbus_window){most, 0x14, 4}, &v),
                     GT_ERR_OK);
    assert_true(v.raw == INT64_MAX);
    assert_int_equal(modbus_value_get(&map, energy, 0, (modbus_window){above, 0x14, 4}, &v),
                     GT_ERR_RANGE);
    const modbus_value negative = {.raw = -1};
    assert_int_equal(modbus_value_put(&map, energy, &negative, (uint16_t[40]){0}), GT_ERR_RANGE);
    model_load("instrument-f32");
    const modbus_row *a = modbus_map_row(&map, modbus_map_block(&map, "status"), "power_a");
    const uint16_t kilowatt[2] = {0x449A, 0x4000}; /* 1234 W */
    assert_int_equal(modbus_value_get(&map, a, 0, (modbus_window){kilowatt, 0x0C, 2}, &v),
                     GT_ERR_OK);
    assert_int_equal(v.raw, 12340);
    const uint16_t huge[2] = {0x7F7F, 0xFFFF};
    assert_int_equal(modbus_value_get(&map, a, 0, (modbus_window){huge, 0x0C, 2}, &v),
                     GT_ERR_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_round),
        cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests_name("codec/modbus/models", tests, NULL, NULL);
}
