/* What no published frame and no whole APDU shows: fields outside their bits, lengths of several
 * bytes, names that no table has, damage of an APDU inside a right frame. */
#include "codec/dlt698/apdu.h"
#include "codec/dlt698/describe.h"
#include "codec/dlt698/fragment.h"
#include "codec/dlt698/object.h"
#include "base/hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

enum { BYTES_MAX = 4096 };

static codec_description told;
static uint8_t frame[BYTES_MAX + 32];

static size_t frame_of(const uint8_t *data, size_t len, bool scrambled)
{
    dlt698_addr addr;
    size_t out_len = 0;
    assert_int_equal(dlt698_addr_of_number(1, 0, &addr), GT_ERR_OK);
    dlt698_frame f = dlt698_frame_request(&addr, data, len);
    f.scrambled = scrambled;
    assert_int_equal(dlt698_frame_encode(&f, frame, sizeof frame, &out_len), GT_ERR_OK);
    return out_len;
}

static void test_link_refused(void **state)
{
    (void)state;
    uint8_t bytes[64] = {0};
    gt_wr w = gt_wr_of(bytes, sizeof bytes);
    const dlt698_link_request login = {.type = DLT698_LOGOUT, .heartbeat_s = 60};
    dlt698_link_request_write(&w, &login);
    dlt698_link_request m = {.type = 9};
    dlt698_link_response answer;
    assert_int_equal(dlt698_link_request_decode(bytes, w.len, &m), GT_ERR_OK);
    bytes[2] = DLT698_LOGOUT + 1;
    assert_int_equal(dlt698_link_request_decode(bytes, w.len, &m), GT_ERR_MALFORMED);
    for (size_t n = 0; n < w.len; n++) {
        bytes[2] = DLT698_LOGIN;
        assert_int_equal(dlt698_link_request_decode(bytes, n, &m), GT_ERR_TRUNCATED);
    }
    assert_int_equal(m.type, DLT698_LOGOUT);
    bytes[0] = DLT698_LINK_RESPONSE;
    for (size_t n = 0; n < 33; n++) {
        assert_int_equal(dlt698_link_response_decode(bytes, n, &answer), GT_ERR_TRUNCATED);
    }
}

static void test_apdu_errors(void **state)
{
    (void)state;
    static const struct {
        const char *hex;
        gt_err want;
    } rows[] = {
        {"0501012000020000"
         "00",
         GT_ERR_TRAILING},
        {"05010120000200", GT_ERR_TRUNCATED},
        {"0507", GT_ERR_MALFORMED},
        {"0601014000020001010101010101010101010101010101010101010101010101010101010101010101010101"
         "01010101010101010101",
         GT_ERR_RANGE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t in[128];
        size_t len = 0;
        assert_int_equal(gt_hex_parse(rows[i].hex, in, sizeof in, &len), GT_ERR_OK);
        dlt698_describe(frame, frame_of(in, len, i % 2 != 0), &told);
        assert_int_equal(told.error_count, 1);
        assert_int_equal(told.errors[0].err, rows[i].want);
        assert_int_equal(told.item_count, 0);
    }
}

static void test_described(void **state)
{
    (void)state;
    static const uint8_t get[] = {0x05, 0x01, 1, 0x20, 0, 2, 0, 0};
    const size_t len = frame_of(get, sizeof get, false);
    frame[len] = 0x68;
    dlt698_describe(frame, len + 1, &told);
    assert_int_equal(told.errors[0].err, GT_ERR_TRAILING);
    static const uint8_t nobody[] = {0x87, 1, 1, 0x99, 0x99, 0x99, 0, 36, 1, 0x11, 5, 0, 0};
    dlt698_describe(frame, frame_of(nobody, sizeof nobody, false), &told);
    assert_int_equal(told.error_count, 0);
    assert_string_equal(told.items[3].name.en, "result"); /* no such result, no such method */
    assert_string_equal(told.items[5].name.en, "method data");
    uint8_t big[BYTES_MAX] = {0x06, 1, 1, 0x40, 0x0D, 2, 0, 1, 0x82};
    const size_t members = 1800;
    big[9] = (uint8_t)(members >> 8);
    big[10] = (uint8_t)(members & 0xFF);
    for (size_t i = 0; i < members; i++) {
        big[11 + 2 * i] = 0x11;
    }
    const size_t big_len = 11 + 2 * members + 1;
    dlt698_describe(frame, frame_of(big, big_len, false), &told);
    assert_true(told.cut);
    assert_int_equal(told.error_count, 0);
    dlt698_describe(frame, frame_of(big, big_len, true), &told);
    assert_int_equal(told.errors[0].err, GT_ERR_UNSUPPORTED);
}

static void test_values(void **state)
{
    (void)state;
    static const struct {
        uint32_t length;
        uint8_t bytes[5];
        size_t len;
    } rows[] = {
        {0x7F, {0x7F}, 1},
        {0x80, {0x81, 0x80}, 2},
        {0xFFFF, {0x82, 0xFF, 0xFF}, 3},
        {0x10000, {0x83, 1, 0, 0}, 4},
        {0xFFFFFFFF, {0x84, 0xFF, 0xFF, 0xFF, 0xFF}, 5},
    };
    uint8_t out[32];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        gt_wr w = gt_wr_of(out, sizeof out);
        dlt698_write_length(&w, rows[i].length);
        assert_int_equal(w.len, rows[i].len);
        assert_memory_equal(out, rows[i].bytes, rows[i].len);
    }
    gt_wr w = gt_wr_of(out, sizeof out);
    dlt698_put_bits(&w, (const uint8_t[]){0xA5, 0x80}, 9);
    dlt698_put_bits(&w, (const uint8_t[]){0xA5}, 8);
    assert_memory_equal(out, "\x04\x09\xA5\x80\x04\x08\xA5", 7);
    dlt698_put_bytes(&w, DLT698_TYPE_OCTETS, (const uint8_t[]){0xA5}, 1);
    assert_memory_equal(out + 7, "\x09\x01\xA5", 3);
    dlt698_put_bytes(&w, DLT698_TYPE_OCTETS, out, (size_t)UINT32_MAX + 1);
    assert_int_equal(gt_wr_done(&w), GT_ERR_RANGE);
    const gt_civil civil = {2026, 11, 21, 12, 30, 10};
    const gt_civil wrong = {2026, 2, 29, 12, 30, 10};
    gt_civil back;
    dlt698_node node;
    w = gt_wr_of(out, sizeof out);
    dlt698_put_civil(&w, DLT698_TYPE_DATE_TIME, &civil);
    assert_int_equal(dlt698_data_one(out, w.len, &node), GT_ERR_OK);
    assert_int_equal(dlt698_node_civil(&node, &back), GT_ERR_OK);
    assert_true(gt_civil_equal(&civil, &back));
    out[3] = 13; /* month */
    assert_int_equal(dlt698_node_civil(&node, &back), GT_ERR_MALFORMED);
    out[1] = 0xFF; /* year */
    assert_int_equal(dlt698_node_civil(&node, &back), GT_ERR_MALFORMED);
    assert_int_equal(dlt698_data_one(out, 4, &node), GT_ERR_TRUNCATED);
    assert_int_equal(dlt698_data_one(out, 0, &node), GT_ERR_TRUNCATED);
    assert_int_equal(dlt698_data_one((const uint8_t[]){2, 1, 0}, 3, &node), GT_ERR_OK);
    dlt698_put_civil(&w, DLT698_TYPE_DATE_TIME_S, &wrong);
    assert_int_equal(gt_wr_done(&w), GT_ERR_RANGE);
    gt_rd r = gt_rd_of((const uint8_t[]){0x5B}, 1);
    (void)dlt698_take(&r, DLT698_TYPE_DATA);
    assert_int_equal(r.err, GT_ERR_TRUNCATED);
    (void)dlt698_take(&r, DLT698_TYPE_DATA);
    assert_int_equal(r.err, GT_ERR_TRUNCATED);
}

static void test_tables(void **state)
{
    (void)state;
    assert_null(dlt698_object_of(0x1000)); /* before the first of its group */
    assert_null(dlt698_object_of(0x0060 + 4));
    assert_null(dlt698_member_of(0x202C, 3, 0));
}

static void test_frames(void **state)
{
    (void)state;
    const dlt698_frame good = {.addr = {.len = 1}, .fragment = true};
    uint8_t out[64];
    size_t len = 0;
    dlt698_frame f = good;
    assert_int_equal(dlt698_frame_encode(&f, out, sizeof out, &len), GT_ERR_OK);
    f.addr.type = (dlt698_addr_type)4;
    assert_int_equal(dlt698_frame_encode(&f, out, sizeof out, &len), GT_ERR_RANGE);
    f = good;
    f.block = (dlt698_block)4;
    assert_int_equal(dlt698_frame_encode(&f, out, sizeof out, &len), GT_ERR_RANGE);
    f = good;
    f.block_reserved = 4;
    assert_int_equal(dlt698_frame_encode(&f, out, sizeof out, &len), GT_ERR_RANGE);
    f = good;
    f.block_seq = DLT698_BLOCK_SEQ_MAX + 1;
    assert_int_equal(dlt698_frame_encode(&f, out, sizeof out, &len), GT_ERR_RANGE);
    f = good;
    f.data_len = SIZE_MAX - 8;
    assert_int_equal(dlt698_frame_encode(&f, out, sizeof out, &len), GT_ERR_RANGE);
    f.data_len = DLT698_LEN_MAX;
    assert_int_equal(dlt698_frame_encode(&f, out, sizeof out, &len), GT_ERR_RANGE);
    const dlt698_addr longer = {.len = 9};
    uint64_t number = 0;
    assert_int_equal(dlt698_addr_number(&longer, &number), GT_ERR_MALFORMED);
}

static void test_blocks(void **state)
{
    (void)state;
    uint8_t buf[8];
    dlt698_joiner j;
    dlt698_join join;
    dlt698_splitter s;
    const uint8_t data[] = {1, 2, 3};
    dlt698_frame f = {.fragment = true, .data = data, .data_len = sizeof data};
    dlt698_joiner_init(&j, buf, sizeof buf);
    assert_int_equal(dlt698_joiner_take(&j, &f, &join), GT_ERR_OK);
    f.block = DLT698_BLOCK_LAST; /* a last block of the first one's number is no repetition */
    assert_int_equal(dlt698_joiner_take(&j, &f, &join), GT_ERR_MISMATCH);
    f.block = DLT698_BLOCK_MIDDLE;
    f.data_len = 0;
    assert_int_equal(dlt698_joiner_take(&j, &f, &join), GT_ERR_MALFORMED);
    f.data_len = 1;
    f.fragment = false;
    assert_int_equal(dlt698_joiner_take(&j, &f, &join), GT_ERR_MALFORMED);
    assert_int_equal(dlt698_splitter_init(&s, data, sizeof data, 2), GT_ERR_OK);
    assert_int_equal(dlt698_splitter_confirm(&s, &f), GT_ERR_MISMATCH);
    f.fragment = true;
    assert_int_equal(dlt698_splitter_confirm(&s, &f), GT_ERR_MISMATCH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_link_refused), cmocka_unit_test(test_apdu_errors),
        cmocka_unit_test(test_described),    cmocka_unit_test(test_values),
        cmocka_unit_test(test_tables),       cmocka_unit_test(test_frames),
        cmocka_unit_test(test_blocks)};
    return cmocka_run_group_tests_name("codec/dlt698/edges", tests, NULL, NULL);
}
