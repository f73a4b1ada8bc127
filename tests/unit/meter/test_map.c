/* The firmware's rows and models/prepaid-3p.map say the same, both ways, and what a master reads
 * through the map is what the meter means. */
#include "codec/modbus/map.h"
#include "rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

enum { MAP_TEXT_MAX = 32768 };

static modbus_map map;
static rig r;

typedef struct row {
    const char *block;
    unsigned at;
    modbus_type type;
    unsigned bit;
    const char *item;
} row;

/* Offsets of the rows are from the block's first register. */
static const row rows[] = {
#define STATUS(at, type, item, value) {"status", at, MODBUS_TYPE_##type, 0, #item},
#define STATUS_BIT(at, bit, item, value) {"status", at, MODBUS_TYPE_BIT, bit, #item},
#define SETTING(at, type, item, value) {"settings", at, MODBUS_TYPE_##type, 0, #item},
#define FREEZE(at, type, item, value) \
    {"daily", at, MODBUS_TYPE_##type, 0, #item}, {"monthly", at, MODBUS_TYPE_##type, 0, #item},
#define BOUGHT(at, type, item, value) {"purchases", at, MODBUS_TYPE_##type, 0, #item},
#define PURCHASE(at, type, item, member) {"purchase", at, MODBUS_TYPE_##type, 0, #item},
#define CONTROL(at, type, item, member) {"control", at, MODBUS_TYPE_##type, 0, #item},
#define PARAMETER(at, type, item, member) {"parameter", at, MODBUS_TYPE_##type, 0, #item},
#include "meter/modbus_map.def"
    {"clock_set", 0, MODBUS_TYPE_CLOCK, 0, "clock"},
    {"purchase", MAP_PURCHASE_COUNT - 4, MODBUS_TYPE_MAC, 0, "mac"},
    {"control", MAP_CONTROL_COUNT - 4, MODBUS_TYPE_MAC, 0, "mac"},
    {"parameter", MAP_PARAMETER_COUNT - 4, MODBUS_TYPE_MAC, 0, "mac"},
};

static const struct {
    const char *name;
    unsigned first;
    unsigned records;
    unsigned stride;
    bool repeat;
} blocks[] = {
#define BLOCK(symbol, name, first, count) {name, first, 1, count, false},
#define REPEAT(symbol, name, first, records, stride) {name, first, records, stride, true},
#include "meter/modbus_map.def"
};

static int load(void **state)
{
    (void)state;
    static char text[MAP_TEXT_MAX];
    FILE *file = fopen(MAP_FILE, "rb");
    if (file == NULL) {
        return -1;
    }
    const size_t len = fread(text, 1, sizeof text, file);
    (void)fclose(file);
    modbus_map_fault fault = {0};
    if (modbus_map_parse(text, len, &map, &fault) != GT_ERR_OK) {
        print_message("line %u: %s, found %s\n", fault.line, fault.expected, fault.found);
        return -1;
    }
    return 0;
}

static void test_blocks_equal(void **state)
{
    (void)state;
    assert_int_equal(map.block_count, sizeof blocks / sizeof blocks[0]);
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) {
        const modbus_block *block = modbus_map_block(&map, blocks[i].name);
        assert_non_null(block);
        assert_int_equal(block->start, blocks[i].first);
        assert_int_equal(block->records, blocks[i].records);
        assert_int_equal(block->stride, blocks[i].stride);
        assert_int_equal(block->repeat, blocks[i].repeat);
    }
}

static void test_rows_equal(void **state)
{
    (void)state;
    assert_int_equal(map.row_count, sizeof rows / sizeof rows[0]);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const modbus_block *block = modbus_map_block(&map, rows[i].block);
        assert_non_null(block);
        const modbus_row *found = modbus_map_row(&map, block, rows[i].item);
        if (found == NULL) {
            fail_msg("%s %s is not in the map", rows[i].block, rows[i].item);
            return;
        }
        assert_int_equal(found->offset, rows[i].at);
        assert_int_equal(found->type, rows[i].type);
        assert_int_equal(found->bit, rows[i].bit);
    }
}

static int64_t told(const char *block_name, const char *item)
{
    const modbus_block *block = modbus_map_block(&map, block_name);
    const modbus_row *found = modbus_map_row(&map, block, item);
    uint16_t regs[MODBUS_READ_MAX];
    assert_int_equal(rig_read(&r, block->start, block->stride, regs), 0);
    const modbus_window window = {.regs = regs, .start = block->start, .count = block->stride};
    modbus_value value = {0};
    assert_int_equal(modbus_value_get(&map, found, 0, window, &value), GT_ERR_OK);
    return modbus_type_is_time(found->type) ? gt_civil_day(&value.civil) : value.raw;
}

/* Every quantity differs, so a row that shows its neighbour's value is found out. */
static void test_values(void **state)
{
    (void)state;
    rig_prepare(&r);
    r.cfg.base_centikwh = 70000;
    r.cfg.pt_ratio = 2;
    r.cfg.ct_ratio = 40;
    r.cfg.parameter.hoarding_fen = 900000;
    assert_int_equal(rig_power_on(&r), GT_ERR_OK);
    const meter_measurement measured = {.voltage_dv = {2201, 2202, 2203},
                                        .current_ca = {101, 102, 103},
                                        .power_w = {-500, 601, 32700},
                                        .reactive_var = {11, 12, -40000},
                                        .factor_e3 = {-991, 992, 993},
                                        .factor_total_e3 = 994};
    meter_measure(&r.meter, &measured, r.now);
    assert_int_equal(rig_purchase(&r, 4321, 1), 0);
    assert_int_equal(rig_control(&r, 0x3A, 7, 600), 0);
    rig_use(&r, 1200, 60);
    static const struct {
        const char *block;
        const char *item;
        int64_t want;
    } want[] = {
        {"status", "model_code", 3},
        {"status", "voltage_a", 2201},
        {"status", "voltage_b", 2202},
        {"status", "voltage_c", 2203},
        {"status", "current_a", 101},
        {"status", "current_b", 102},
        {"status", "current_c", 103},
        {"status", "power_a", -500},
        {"status", "power_b", 601},
        {"status", "power_c", 32700},
        {"status", "power", INT16_MAX},
        {"status", "reactive_a", 11},
        {"status", "reactive_b", 12},
        {"status", "reactive_c", INT16_MIN},
        {"status", "reactive", INT16_MIN},
        {"status", "power_factor_a", -991},
        {"status", "power_factor_b", 992},
        {"status", "power_factor_c", 993},
        {"status", "power_factor", 994},
        {"status", "pt_ratio", 2},
        {"status", "ct_ratio", 40},
        {"status", "energy", 70100},
        {"status", "energy_t1", 0},
        {"status", "energy_t2", 0},
        {"status", "energy_t3", 100},
        {"status", "energy_t4", 0},
        {"status", "balance", 14261},
        {"status", "purchase_count", 1},
        {"status", "prepaid", 1},
        {"status", "in_debt", 0},
        {"status", "alarm1", 0},
        {"status", "alarm2", 0},
        {"status", "fault", 0},
        {"status", "protected", 1},
        {"status", "awaiting_rearm", 0},
        {"status", "relay_a", 1},
        {"status", "relay_b", 1},
        {"status", "relay_c", 1},
        {"status", "last_result", 0},
        {"status", "energy_base", 70000},
        {"status", "control_count", 7},
        {"settings", "meter_no", 202601000257},
        {"settings", "alarm1_limit", 2000},
        {"settings", "alarm2_limit", 500},
        {"settings", "overdraft_limit", 1000},
        {"settings", "hoarding_limit", 900000},
        {"settings", "price_t1", 10000},
        {"settings", "price_t2", 8000},
        {"settings", "price_t3", 6000},
        {"settings", "price_t4", 3000},
        {"settings", "purchased_total", 4321},
        {"settings", "purchase_last", 4321},
        {"settings", "parameter_count", 0},
        {"settings", "key_version", 1},
        {"settings", "customer_no", 100200300400},
    };
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
        const int64_t got = told(want[i].block, want[i].item);
        if (got != want[i].want) {
            fail_msg("%s: %lld", want[i].item, (long long)got);
        }
    }
    const gt_civil today = {.year = 2026, .month = 3, .day = 10};
    assert_int_equal(told("status", "clock"), gt_civil_day(&today));
    assert_int_equal(rig_register(&r, 0x002B), 2); /* a Tuesday */
}

static void test_addresses(void **state)
{
    (void)state;
    rig_prepare(&r);
    assert_int_equal(rig_power_on(&r), GT_ERR_OK);
    static const struct {
        uint16_t start;
        uint16_t count;
        int want;
    } reads[] = {
        {0x0000, 48, 0}, {0x0000, 49, 2},  {0x002F, 1, 0},  {0x0030, 1, 2},   {0x003F, 2, 2},
        {0x0040, 28, 0}, {0x005B, 2, 2},   {0x0100, 11, 2}, {0x01FF, 2, 2},   {0x0200, 125, 0},
        {0x05DF, 1, 0},  {0x05DF, 2, 2},   {0x05E0, 1, 2},  {0x0600, 125, 0}, {0x06BF, 1, 0},
        {0x06C0, 1, 2},  {0x0700, 125, 0}, {0x079F, 1, 0},  {0x07A0, 1, 2},   {0xFFFF, 1, 2},
    };
    for (size_t i = 0; i < sizeof reads / sizeof reads[0]; i++) {
        uint16_t regs[MODBUS_READ_MAX];
        const int got = rig_read(&r, reads[i].start, reads[i].count, regs);
        if (got != reads[i].want) {
            fail_msg("%04x %u: %d", reads[i].start, reads[i].count, got);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blocks_equal), cmocka_unit_test(test_rows_equal),
        cmocka_unit_test(test_values), cmocka_unit_test(test_addresses)};
    return cmocka_run_group_tests_name("meter/map", tests, load, NULL);
}
