/* Cursors: order of bytes, BCD, sticky failure, needed size, and the hex text beside them. */
#include "base/bytes.h"
#include "base/hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static void test_round_trip(void **state)
{
    (void)state;
    uint8_t buf[64];
    gt_wr w = gt_wr_of(buf, sizeof buf);
    gt_wr_u8(&w, 0x68);
    gt_wr_u16le(&w, 0x1234);
    gt_wr_u24le(&w, 0x56789A);
    gt_wr_u32le(&w, 0xDEADBEEF);
    gt_wr_u64le(&w, UINT64_C(0x0102030405060708));
    gt_wr_u16be(&w, 0x1234);
    gt_wr_u32be(&w, 0xDEADBEEF);
    gt_wr_u64be(&w, UINT64_C(0x0102030405060708));
    gt_wr_bcd_le(&w, 123456789012, 6);
    gt_wr_bcd_be(&w, 198, 2);
    gt_wr_patch_u16le(&w, 1, 0x4321);
    assert_int_equal(gt_wr_done(&w), GT_ERR_OK);
    gt_rd r = gt_rd_of(buf, w.len);
    assert_int_equal(gt_rd_peek(&r), 0x68);
    gt_rd_expect(&r, 0x68);
    assert_int_equal(gt_rd_u16le(&r), 0x4321);
    assert_int_equal(gt_rd_u24le(&r), 0x56789A);
    assert_true(gt_rd_u32le(&r) == 0xDEADBEEF);
    assert_true(gt_rd_u64le(&r) == UINT64_C(0x0102030405060708));
    assert_int_equal(gt_rd_u16be(&r), 0x1234);
    assert_true(gt_rd_u32be(&r) == 0xDEADBEEF);
    assert_true(gt_rd_u64be(&r) == UINT64_C(0x0102030405060708));
    assert_true(gt_rd_bcd_le(&r, 6) == 123456789012);
    assert_int_equal(gt_rd_bcd_be(&r, 2), 198);
    assert_int_equal(gt_rd_done(&r), GT_ERR_OK);
}

static void test_failures_stick(void **state)
{
    (void)state;
    const uint8_t in[] = {0x12, 0x3A, 0x45};
    gt_rd r = gt_rd_of(in, sizeof in);
    assert_int_equal(gt_rd_bcd_le(&r, 2), 0);
    assert_int_equal(r.err, GT_ERR_MALFORMED);
    assert_int_equal(gt_rd_u8(&r), 0);
    assert_int_equal(gt_rd_left(&r), 0);
    gt_rd_fail(&r, GT_ERR_RANGE);
    assert_int_equal(gt_rd_done(&r), GT_ERR_MALFORMED);

    r = gt_rd_of(in, sizeof in);
    assert_int_equal(gt_rd_u32le(&r), 0);
    assert_int_equal(gt_rd_done(&r), GT_ERR_TRUNCATED);

    r = gt_rd_of(in, sizeof in);
    gt_rd sub = gt_rd_sub(&r, 4);
    assert_int_equal(gt_rd_done(&sub), GT_ERR_TRUNCATED);
    assert_int_equal(gt_rd_done(&r), GT_ERR_TRUNCATED);

    r = gt_rd_of(in, sizeof in);
    sub = gt_rd_sub(&r, 2);
    assert_int_equal(gt_rd_u16be(&sub), 0x123A);
    assert_int_equal(gt_rd_u8(&sub), 0);
    assert_int_equal(gt_rd_done(&sub), GT_ERR_TRUNCATED);
    assert_int_equal(gt_rd_done(&r), GT_ERR_TRAILING);

    r = gt_rd_of(in, sizeof in);
    gt_rd_expect(&r, 0x13);
    assert_int_equal(r.pos, 0);
    assert_int_equal(gt_rd_done(&r), GT_ERR_MALFORMED);

    r = gt_rd_of(in, sizeof in);
    assert_null(gt_rd_take(&r, SIZE_MAX));
    assert_int_equal(gt_rd_peek(&r), 0);
}

static void test_writer_counts_what_it_needed(void **state)
{
    (void)state;
    uint8_t buf[2] = {0xEE, 0xEE};
    gt_wr w = gt_wr_of(buf, 1);
    gt_wr_u32le(&w, 0x01020304);
    gt_wr_bytes(&w, buf, 2);
    gt_wr_fill(&w, 0, 3);
    gt_wr_patch_u8(&w, 5, 9);
    assert_int_equal(w.len, 9);
    assert_int_equal(buf[0], 0xEE);
    assert_int_equal(gt_wr_done(&w), GT_ERR_SPACE);
    w = gt_wr_of(buf, 2);
    gt_wr_bcd_le(&w, 100, 1);
    assert_int_equal(gt_wr_done(&w), GT_ERR_RANGE);
    w = gt_wr_of(buf, 2);
    gt_wr_u24le(&w, 0x1000000);
    assert_int_equal(gt_wr_done(&w), GT_ERR_RANGE);
}

static void test_hex(void **state)
{
    (void)state;
    uint8_t bytes[3];
    size_t len = 0;
    assert_int_equal(gt_hex_parse("68aF16", bytes, sizeof bytes, &len), GT_ERR_OK);
    assert_int_equal(len, 3);
    char text[7];
    gt_hex_format(bytes, len, text, sizeof text);
    assert_string_equal(text, "68af16");
    assert_int_equal(gt_hex_parse("68a", bytes, sizeof bytes, &len), GT_ERR_SYNTAX);
    assert_int_equal(gt_hex_parse("6x", bytes, sizeof bytes, &len), GT_ERR_SYNTAX);
    assert_int_equal(gt_hex_parse("68af1600", bytes, sizeof bytes, &len), GT_ERR_SPACE);
}

static void test_every_error_has_a_name(void **state)
{
    (void)state;
    for (gt_err err = GT_ERR_OK; err <= GT_ERR_INTERNAL; err++) {
        assert_string_not_equal(gt_err_name(err), "?");
        assert_string_not_equal(gt_err_text(err), "?");
    }
    assert_string_equal(gt_err_name((gt_err)999), "?");
    assert_int_equal(gt_err_class(GT_ERR_FULL), GT_ERR_KIND_RETRY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip), cmocka_unit_test(test_failures_stick),
        cmocka_unit_test(test_writer_counts_what_it_needed), cmocka_unit_test(test_hex),
        cmocka_unit_test(test_every_error_has_a_name)};
    return cmocka_run_group_tests_name("base/bytes", tests, NULL, NULL);
}
