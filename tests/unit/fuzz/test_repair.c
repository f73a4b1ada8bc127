/* The fuzzers' repair makes whole frames out of any bytes: each codec's probe says so. */
#include "repair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525U + 1013904223U;
    return *state >> 8;
}

/* Bytes that frames of the protocol leave free, in the shortest and in longer frames. */
static void test_whole(void **state)
{
    (void)state;
    static const struct {
        codec_protocol protocol;
        size_t min;
        size_t max;
    } rows[] = {{CODEC_DLT645, 12, 212},    {CODEC_CJT188, 13, 100}, {CODEC_MBUS, 9, 261},
                {CODEC_GDW1376, 16, 400},   {CODEC_DLT698, 12, 400}, {CODEC_GDW1376_2, 15, 15},
                {CODEC_DLT645_1997, 12, 60}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint32_t seed = 1;
        for (size_t len = rows[i].min; len <= rows[i].max; len++) {
            uint8_t frame[512] = {[3] = 1, [11] = 1}; /* Q/GDW 1376.2: its mode, F1 */
            for (size_t k = 0; k < len && rows[i].protocol != CODEC_GDW1376_2; k++) {
                frame[k] = (uint8_t)(next_random(&seed) % 10 * 17);
            }
            repair_whole(rows[i].protocol, frame, len);
            const codec_found found = codec_detect(rows[i].protocol, frame, len, 0);
            if (found.match != CODEC_MATCH_FRAME) {
                print_message("row %zu, %zu bytes\n", i, len);
            }
            assert_int_equal(found.match, CODEC_MATCH_FRAME);
            assert_int_equal(found.offset, 0);
            assert_int_equal(found.len, len);
        }
    }
}

/* A frame behind other bytes: damaged in its data, found again, its checksum put right. */
static void test_found(void **state)
{
    (void)state;
    uint8_t bytes[40] = {0x01, 0x02, 0x68};
    for (size_t i = 0; i < 20; i++) {
        bytes[8 + i] = (uint8_t)i;
    }
    repair_whole(CODEC_DLT645, bytes + 8, 20);
    bytes[8 + 12] ^= 0x5A;
    assert_int_equal(codec_detect(CODEC_DLT645, bytes + 8, 20, 0).match, CODEC_MATCH_SHAPE);
    repair_found(CODEC_DLT645, bytes, sizeof bytes);
    assert_int_equal(codec_detect(CODEC_DLT645, bytes + 8, 20, 0).match, CODEC_MATCH_FRAME);
    assert_int_equal(bytes[0], 0x01);
    assert_int_equal(bytes[39], 0);
}

/* Too few or too many bytes stay as they are. */
static void test_small(void **state)
{
    (void)state;
    for (int p = CODEC_GDW1376; p <= CODEC_MODBUS_TCP; p++) {
        for (size_t len = 0; len < 4; len++) {
            uint8_t bytes[4] = {0x68, 0x10, 0x68, 0xAA};
            repair_whole((codec_protocol)p, bytes, len);
            repair_found((codec_protocol)p, bytes, len);
            assert_memory_equal(bytes, "\x68\x10\x68\xAA", 4);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole),
        cmocka_unit_test(test_found),
        cmocka_unit_test(test_small),
    };
    return cmocka_run_group_tests_name("fuzz/repair", tests, NULL, NULL);
}
