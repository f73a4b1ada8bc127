/* The park meter's map, every way a map can be wrong, and values into registers and back. */
#include "codec/modbus/map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define HEAD "model m-1\nname en Meter\nname zh 表\nprotocol modbus-rtu\nwords high-first\n"

#define LETTERS_32 "abcdefghijklmnopqrstuvwxyzabcdef"

static modbus_map map;
static char text[32768];

static size_t park_map_load(void)
{
    FILE *file = fopen(SOURCE_ROOT "/models/prepaid-3p.map", "rb");
    assert_non_null(file);
    const size_t len = fread(text, 1, sizeof text, file);
    (void)fclose(file);
    return len;
}

static void park_parse(void)
{
    modbus_map_fault fault = {0};
    const size_t len = park_map_load();
    const gt_err err = modbus_map_parse(text, len, &map, &fault);
    if (err != GT_ERR_OK) {
        print_message("line %u: expected %s, found %s\n", fault.line, fault.expected, fault.found);
    }
    assert_int_equal(err, GT_ERR_OK);
}

static const modbus_row *row_of(const char *block, const char *item)
{
    const modbus_block *b = modbus_map_block(&map, block);
    assert_non_null(b);
    const modbus_row *row = modbus_map_row(&map, b, item);
    assert_non_null(row);
    return row;
}

static void test_park_map(void **state)
{
    (void)state;
    park_parse();
    assert_string_equal(map.model, "prepaid-3p");
    assert_string_equal(map.name_zh, "三相预付费电能表");
    assert_false(map.low_first);
    assert_int_equal(map.block_count, 9);
    const modbus_block *status = modbus_map_block(&map, "status");
    assert_int_equal(status->start, 0);
    assert_int_equal(status->stride, 48);
    const modbus_block *daily = modbus_map_block(&map, "daily");
    assert_true(daily->repeat);
    assert_int_equal(daily->records, 62);
    assert_int_equal(daily->stride, 16);
    const modbus_row *balance = row_of("status", "balance");
    assert_int_equal(balance->offset, 0x1F);
    assert_int_equal(balance->type, MODBUS_TYPE_S32);
    assert_int_equal(balance->exponent, -2);
    assert_string_equal(balance->unit, "yuan");
    assert_int_equal(row_of("status", "relay_c")->bit, 15);
    assert_int_equal(row_of("settings", "price_t1")->exponent, -4);
    assert_null(modbus_map_block(&map, "nothing"));
    assert_null(modbus_map_row(&map, status, "price_t1"));
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *map;
        uint32_t line;
        const char *found;
    } rows[] = {
        {"", 0, "end of file"},
        {HEAD, 5, "end of file"},
        {HEAD "block a 0x0 1\n", 6, "end of file"},
        {"modle x\n", 1, "modle"},
        {"model X\n", 1, "X"},
        {"model a b\n", 1, "b"},
        {"model a\nmodel b\n", 2, "b"},
        {"name fr Compteur\n", 1, "fr"},
        {"name en\n", 1, "end of line"},
        {"protocol dlt645\n", 1, "dlt645"},
        {"words big\n", 1, "big"},
        {"block a 0x0 1\n", 1, "a"},
        {HEAD "words low-first\nblock a 0 1\n", 6, "low-first"},
        {HEAD "block a 0 1\nwords low-first\n", 7, "low-first"},
        {HEAD "block A 0 1\n", 6, "A"},
        {HEAD "block a 0x10000 1\n", 6, "0x10000"},
        {HEAD "block a 0xG 1\n", 6, "0xG"},
        {HEAD "block a 0 0\n", 6, "0"},
        {HEAD "block a 0 126\n", 6, "126"},
        {HEAD "block a 0\n", 6, "end of line"},
        {HEAD "block a 0xFFFF 2\n", 6, "a"},
        {HEAD "block a 0 1 2\n", 6, "2"},
        {HEAD "block a 0 1\nblock a 5 1\n", 7, "a"},
        {HEAD "repeat a 0 62\n", 6, "end of line"},
        {HEAD "repeat a 0 0 16\n", 6, "0"},
        {HEAD "repeat a 0xFF00 20 16\n", 6, "a"},
        {HEAD "value 0 u16 v 1 -\n", 6, "0"},
        {HEAD "block a 4 4\nvalue 3 u16 v 1 -\n", 7, "3"},
        {HEAD "block a 4 4\nvalue 8 u16 v 1 -\n", 7, "8"},
        {HEAD "block a 4 4\nvalue 7 u32 v 1 -\n", 7, "7"},
        {HEAD "block a 4 4\nvalue +0 u16 v 1 -\n", 7, "+0"},
        {HEAD "block a 4 4\nvalue 4 u8 v 1 -\n", 7, "u8"},
        {HEAD "block a 4 4\nvalue 4 bit v 1 -\n", 7, "bit"},
        {HEAD "block a 4 4\nvalue 4 u16 v 0.2 -\n", 7, "0.2"},
        {HEAD "block a 4 4\nvalue 4 u16 v 0.10 -\n", 7, "0.10"},
        {HEAD "block a 4 4\nvalue 4 u16 v 1.0 -\n", 7, "1.0"},
        {HEAD "block a 4 4\nvalue 4 u16 v 0.0000000001 -\n", 7, "0.0000000001"},
        {HEAD "block a 4 4\nvalue 4 u16 v 1\n", 7, "end of line"},
        {HEAD "block a 4 4\nvalue 4 u16 v 1 - x\n", 7, "x"},
        {HEAD "block a 4 4\nvalue 4 u32 v 1 -\nvalue 5 u16 w 1 -\n", 8, "5"},
        {HEAD "block a 4 4\nvalue 4 u16 v 1 -\nvalue 5 u16 v 1 -\n", 8, "5"},
        {HEAD "block a 4 4\nbit 4 16 v\n", 7, "16"},
        {HEAD "block a 4 4\nbit 4 3 v\nbit 4 3 w\n", 8, "4"},
        {HEAD "block a 4 4\nvalue 4 u16 v 1 -\nbit 4 3 w\n", 8, "4"},
        {HEAD "repeat a 0 2 4\nvalue 0 u16 v 1 -\n", 7, "0"},
        {HEAD "repeat a 0 2 4\nvalue +3 u32 v 1 -\n", 7, "+3"},
        {HEAD "repeat a 0 2 4\nvalue + u32 v 1 -\n", 7, "end of line"},
        {HEAD "repeat a 0 2 4\nvalue\n", 7, "end of line"},
        {"model\n", 1, "end of line"},
        {"model " LETTERS_32 "\n", 1, LETTERS_32},
        {"name en " LETTERS_32 LETTERS_32 "\n", 1, LETTERS_32 "abcdefg"},
        {"name en A\nname en B\n", 2, "en"},
        {"protocol modbus-tcp\nprotocol modbus-tcp\n", 2, "modbus-tcp"},
        {"name en A\nname zh B\nprotocol modbus-rtu\nwords low-first\nblock a 0 1\n", 5, "a"},
        {"model a\nname zh B\nprotocol modbus-rtu\nwords low-first\nblock a 0 1\n", 5, "a"},
        {"model a\nname en A\nprotocol modbus-rtu\nwords low-first\nblock a 0 1\n", 5, "a"},
        {"model a\nname en A\nname zh B\nwords low-first\nblock a 0 1\n", 5, "a"},
        {"model a\nname en A\nname zh B\nprotocol modbus-rtu\nrepeat a 0 1 1\n", 5, "a"},
        {HEAD "block\n", 6, "end of line"},
        {HEAD "block " LETTERS_32 " 0 1\n", 6, LETTERS_32},
        {HEAD "block a{ 0 1\n", 6, "a{"},
        {HEAD "block a: 0 1\n", 6, "a:"},
        {HEAD "block a/ 0 1\n", 6, "a/"},
        {HEAD "block a 0xg 1\n", 6, "0xg"},
        {HEAD "block a 0x: 1\n", 6, "0x:"},
        {HEAD "block a 1a 1\n", 6, "1a"},
        {HEAD "block a 0y1 1\n", 6, "0y1"},
        {HEAD "block a 0 4 table\n", 6, "table"},
        {HEAD "block a 0 2001 coil\n", 6, "2001"},
        {HEAD "bit 0 1 v\n", 6, "0"},
        {HEAD "coil 0 v\n", 6, "0"},
        {HEAD "block a 0 4\ncoil 0 v\n", 7, "0"},
        {HEAD "block a 0 4 coil\nvalue 0 u16 v 1 -\n", 7, "0"},
        {HEAD "block a 0 4 discrete\nbit 0 1 v\n", 7, "0"},
        {HEAD "block a 0 4\nvalue 0 u16 v 010 -\n", 7, "010"},
        {HEAD "block a 0 4\nvalue 0 u16 v 100 0123456789abcdef\n", 7, "0123456789abcdef"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        modbus_map_fault fault = {0};
        assert_int_equal(modbus_map_parse(rows[i].map, strlen(rows[i].map), &map, &fault),
                         GT_ERR_SYNTAX);
        assert_int_equal(fault.line, rows[i].line);
        assert_string_equal(fault.found, rows[i].found);
        assert_non_null(fault.expected);
    }
}

/* Blocks and lines up to what there is room for, then one more. */
static void test_full(void **state)
{
    (void)state;
    static const struct {
        bool blocks; /* else lines of one block */
        unsigned most;
        const char *expected;
        const char *found;
    } rows[] = {
        {true, MODBUS_BLOCKS_MAX, "at most 32 blocks", "n32"},
        {false, MODBUS_ROWS_MAX, "at most 256 value, bit and coil lines", "256"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t len = (size_t)snprintf(text, sizeof text, HEAD "block a 0 2000 coil\ncoil 0 n0\n");
        modbus_map_fault fault = {0};
        for (unsigned n = 1; n <= rows[i].most; n++) {
            assert_int_equal(modbus_map_parse(text, len, &map, &fault), GT_ERR_OK);
            assert_int_equal(rows[i].blocks ? map.block_count : map.row_count, n);
            const char *line = rows[i].blocks ? "block n" : "coil ";
            len += (size_t)snprintf(text + len, sizeof text - len, "%s%u %s%u%s", line, n,
                                    rows[i].blocks ? "" : "n", n, rows[i].blocks ? " 1\n" : "\n");
        }
        assert_int_equal(modbus_map_parse(text, len, &map, &fault), GT_ERR_SPACE);
        assert_int_equal(fault.line, 7 + rows[i].most);
        assert_string_equal(fault.expected, rows[i].expected);
        assert_string_equal(fault.found, rows[i].found);
    }
}

/* A map cut anywhere is either refused or a smaller map; never read past its end. */
static void test_prefixes(void **state)
{
    (void)state;
    const size_t len = park_map_load();
    for (size_t cut = 0; cut < len; cut += 7) {
        modbus_map_fault fault;
        const gt_err err = modbus_map_parse(text, cut, &map, &fault);
        assert_true(err == GT_ERR_OK || err == GT_ERR_SYNTAX);
    }
    static const char windows[] = HEAD "block a 0X0A 123\r\nvalue 0xa u16\tv 100\tV \r\n";
    modbus_map_fault fault;
    assert_int_equal(modbus_map_parse(windows, sizeof windows - 1, &map, &fault), GT_ERR_OK);
    assert_int_equal(map.blocks[0].start, 10);
    assert_int_equal(map.blocks[0].stride, 123);
    assert_string_equal(map.rows[0].item, "v");
    assert_int_equal(map.rows[0].exponent, 2);
    assert_string_equal(map.rows[0].unit, "V");
    static const char zero[] = HEAD "block a 0 1\0\n";
    assert_int_equal(modbus_map_parse(zero, sizeof zero - 1, &map, &fault), GT_ERR_SYNTAX);
}

static void test_values(void **state)
{
    (void)state;
    park_parse();
    static const struct {
        const char *block;
        const char *item;
        uint16_t record;
        uint16_t regs[7];
        int64_t raw;
    } rows[] = {
        {"status", "voltage_a", 0, {2256}, 2256},
        {"status", "power", 0, {0xFFFE}, -2},
        {"status", "energy", 0, {0x00BC, 0x614E}, 12345678},
        {"status", "balance", 0, {0xFFFF, 0xFF38}, -200},
        {"status", "relay_a", 0, {0x2000}, 1},
        {"settings", "meter_no", 0, {0x2026, 0x1121, 0x0257}, INT64_C(202611210257)},
        {"daily", "energy", 61, {0xFFFF, 0xFFFF}, UINT32_MAX},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const modbus_row *row = row_of(rows[i].block, rows[i].item);
        const modbus_block *block = modbus_map_block(&map, rows[i].block);
        const uint16_t start =
            (uint16_t)(block->start + rows[i].record * block->stride + row->offset);
        const uint16_t count = (uint16_t)modbus_row_registers(row);
        modbus_value got;
        modbus_window window = {rows[i].regs, start, count};
        assert_int_equal(modbus_value_get(&map, row, rows[i].record, window, &got), GT_ERR_OK);
        assert_true(got.raw == rows[i].raw);
        uint16_t regs[MODBUS_READ_MAX] = {0};
        assert_int_equal(modbus_value_put(&map, row, &got, regs), GT_ERR_OK);
        assert_memory_equal(regs + row->offset, rows[i].regs, sizeof regs[0] * count);
        window.count--;
        assert_int_equal(modbus_value_get(&map, row, rows[i].record, window, &got),
                         GT_ERR_NOT_FOUND);
        window = (modbus_window){rows[i].regs, (uint16_t)(start + 1), count};
        assert_int_equal(modbus_value_get(&map, row, rows[i].record, window, &got),
                         GT_ERR_NOT_FOUND);
        window = (modbus_window){rows[i].regs, start, count};
        assert_int_equal(modbus_value_get(&map, row, block->records, window, &got), GT_ERR_RANGE);
    }
}

static void test_times(void **state)
{
    (void)state;
    park_parse();
    static const struct {
        const char *block;
        const char *item;
        uint16_t regs[7];
        gt_err want;
        gt_civil civil;
    } rows[] = {
        {"status", "clock", {26, 11, 21, 6, 5, 18, 59}, GT_ERR_OK, {2026, 11, 21, 5, 18, 59}},
        {"status", "clock", {26, 13, 21, 6, 5, 18, 59}, GT_ERR_MALFORMED, {0}},
        {"status", "clock", {26, 11, 21, 7, 5, 18, 59}, GT_ERR_MALFORMED, {0}},
        {"status", "clock", {26, 11, 31, 6, 5, 18, 59}, GT_ERR_RANGE, {0}},
        {"status", "clock", {26, 0, 1, 6, 5, 18, 59}, GT_ERR_RANGE, {0}},
        {"status", "clock", {0, 0, 0, 0, 0, 0, 0}, GT_ERR_NOT_FOUND, {0}},
        {"daily", "freeze_time", {0x2611, 0x2100}, GT_ERR_OK, {2026, 11, 21, 0, 0, 0}},
        {"daily", "freeze_time", {0x2611, 0x2124}, GT_ERR_RANGE, {0}},
        {"daily", "freeze_time", {0x261A, 0x2100}, GT_ERR_MALFORMED, {0}},
        {"daily", "freeze_time", {0, 0}, GT_ERR_NOT_FOUND, {0}},
        {"purchases",
         "purchase_time",
         {0x2402, 0x2923, 0x5958},
         GT_ERR_OK,
         {2024, 2, 29, 23, 59, 58}},
        {"purchases", "purchase_time", {0x2502, 0x2923, 0x5958}, GT_ERR_RANGE, {0}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const modbus_row *row = row_of(rows[i].block, rows[i].item);
        const modbus_block *block = modbus_map_block(&map, rows[i].block);
        const modbus_window window = {rows[i].regs, (uint16_t)(block->start + row->offset), 7};
        modbus_value got;
        assert_int_equal(modbus_value_get(&map, row, 0, window, &got), rows[i].want);
        if (rows[i].want != GT_ERR_OK) {
            continue;
        }
        assert_true(gt_civil_equal(&got.civil, &rows[i].civil));
        uint16_t regs[MODBUS_READ_MAX] = {0};
        assert_int_equal(modbus_value_put(&map, row, &got, regs), GT_ERR_OK);
        assert_memory_equal(regs + row->offset, rows[i].regs,
                            sizeof regs[0] * modbus_row_registers(row));
    }
}

static void test_values_refused(void **state)
{
    (void)state;
    park_parse();
    uint16_t regs[MODBUS_READ_MAX] = {0};
    static const struct {
        const char *block;
        const char *item;
        int64_t raw;
    } rows[] = {
        {"status", "voltage_a", -1},      {"status", "voltage_a", 65536},
        {"status", "power", 32768},       {"status", "power", -32769},
        {"status", "energy", -1},         {"status", "energy", INT64_C(4294967296)},
        {"status", "balance", INT64_MIN}, {"status", "balance", INT64_C(2147483648)},
        {"status", "relay_a", 2},         {"settings", "meter_no", INT64_C(1000000000000)},
        {"settings", "meter_no", -1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const modbus_value value = {.raw = rows[i].raw};
        const modbus_row *row = row_of(rows[i].block, rows[i].item);
        assert_int_equal(modbus_value_put(&map, row, &value, regs), GT_ERR_RANGE);
    }
    const modbus_value old = {.civil = {1999, 12, 31, 0, 0, 0}};
    assert_int_equal(modbus_value_put(&map, row_of("status", "clock"), &old, regs), GT_ERR_RANGE);
}

static void test_mac_and_word_order(void **state)
{
    (void)state;
    park_parse();
    const modbus_row *row = row_of("purchase", "mac");
    const uint16_t regs[] = {0x0102, 0x0304, 0x0506, 0x0708};
    const modbus_window window = {regs, 0x0107, 4};
    modbus_value got;
    assert_int_equal(modbus_value_get(&map, row, 0, window, &got), GT_ERR_OK);
    static const uint8_t want[] = {1, 2, 3, 4, 5, 6, 7, 8};
    assert_memory_equal(got.mac, want, sizeof want);
    uint16_t out[11] = {0};
    assert_int_equal(modbus_value_put(&map, row, &got, out), GT_ERR_OK);
    assert_memory_equal(out + 7, regs, sizeof regs);

    map.low_first = true;
    const uint16_t energy[] = {0x614E, 0x00BC};
    const modbus_window low = {energy, 0x0015, 2};
    assert_int_equal(modbus_value_get(&map, row_of("status", "energy"), 0, low, &got), GT_ERR_OK);
    assert_true(got.raw == 12345678);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_park_map),       cmocka_unit_test(test_refused),
        cmocka_unit_test(test_full),           cmocka_unit_test(test_prefixes),
        cmocka_unit_test(test_values),         cmocka_unit_test(test_times),
        cmocka_unit_test(test_values_refused), cmocka_unit_test(test_mac_and_word_order),
    };
    return cmocka_run_group_tests_name("codec/modbus/map", tests, NULL, NULL);
}
