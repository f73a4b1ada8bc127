/* Frames, addresses, scrambling, blocks: what must work, and more of what must not. */
#include "base/sum.h"
#include "codec/dlt698/describe.h"
#include "codec/dlt698/fragment.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

enum { BYTES_MAX = 512 };

static const uint8_t apdu[] = {0x05, 0x01, 0x00, 0x20, 0x00, 0x02, 0x00, 0x00};

static size_t frame_bytes(uint8_t *buf, bool scrambled)
{
    dlt698_addr addr;
    size_t len = 0;
    assert_int_equal(dlt698_addr_of_number(123456789012, 0x10, &addr), GT_ERR_OK);
    dlt698_frame f = dlt698_frame_request(&addr, apdu, sizeof apdu);
    f.scrambled = scrambled;
    assert_int_equal(dlt698_frame_encode(&f, buf, BYTES_MAX, &len), GT_ERR_OK);
    return len;
}

static void checks_repair(uint8_t *buf, size_t len)
{
    const uint16_t hcs = gt_crc16_x25(buf + 1, 11);
    buf[12] = (uint8_t)hcs;
    buf[13] = (uint8_t)(hcs >> 8);
    const uint16_t fcs = gt_crc16_x25(buf + 1, len - 4);
    buf[len - 3] = (uint8_t)fcs;
    buf[len - 2] = (uint8_t)(fcs >> 8);
}

static void test_scrambled(void **state)
{
    (void)state;
    uint8_t buf[BYTES_MAX];
    uint8_t clear[BYTES_MAX];
    const uint8_t *data = NULL;
    dlt698_frame f;
    const size_t len = frame_bytes(buf, true);
    assert_int_equal(buf[3], 0x4B);
    assert_int_equal(buf[14], 0x38); /* 05H + 33H */
    assert_int_equal(dlt698_frame_decode(buf, len, &f), GT_ERR_OK);
    assert_int_equal(dlt698_frame_data(&f, clear, sizeof apdu - 1, &data), GT_ERR_SPACE);
    assert_int_equal(dlt698_frame_data(&f, clear, sizeof clear, &data), GT_ERR_OK);
    assert_memory_equal(data, apdu, sizeof apdu);
    static codec_description told;
    dlt698_describe(buf, len, &told);
    assert_int_equal(told.error_count, 0);
    assert_string_equal(told.address, "123456789012");
    assert_string_equal(told.items[2].value, "20000200");
    assert_string_equal(told.items[2].name.en, "Voltage");
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t at;
        uint8_t byte;
        gt_err want;
    } rows[] = {
        {"start", 0, 0x69, GT_ERR_MALFORMED},
        {"reserved length bit", 2, 0x80, GT_ERR_MALFORMED},
        {"kilobytes", 2, 0x40, GT_ERR_UNSUPPORTED},
        {"length too small", 1, 9, GT_ERR_RANGE},
        {"length too large", 1, 0x18, GT_ERR_TRUNCATED},
        {"length short", 1, 0x16, GT_ERR_MALFORMED},
        {"address too long", 4, 0x0F, GT_ERR_RANGE},
        {"reserved control bit", 3, 0x53, GT_ERR_MALFORMED},
        {"end", 24, 0x17, GT_ERR_MALFORMED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t buf[BYTES_MAX];
        const size_t len = frame_bytes(buf, false);
        dlt698_frame f = {.function = 7};
        assert_int_equal(len, 25);
        buf[rows[i].at] = rows[i].byte;
        checks_repair(buf, len);
        const gt_err err = dlt698_frame_decode(buf, len, &f);
        if (err != rows[i].want) {
            print_error("%s: %s\n", rows[i].name, gt_err_name(err));
        }
        assert_int_equal(err, rows[i].want);
        assert_int_equal(f.function, 7); /* untouched */
    }
    uint8_t buf[BYTES_MAX] = {0};
    dlt698_frame f;
    const size_t len = frame_bytes(buf, false);
    assert_int_equal(dlt698_frame_decode(buf, len + 1, &f), GT_ERR_TRAILING);
    buf[12] ^= 1;
    assert_int_equal(dlt698_frame_decode(buf, len, &f), GT_ERR_CHECKSUM);
}

static void test_encode_refused(void **state)
{
    (void)state;
    static uint8_t big[DLT698_FRAME_MAX];
    static uint8_t out[DLT698_FRAME_MAX + 8];
    dlt698_addr addr = dlt698_addr_any(0);
    size_t len = 77;
    dlt698_frame f = dlt698_frame_request(&addr, big, DLT698_LEN_MAX);
    assert_int_equal(dlt698_frame_encode(&f, out, sizeof out, &len), GT_ERR_RANGE);
    f.data_len = DLT698_LEN_MAX - 15;
    assert_int_equal(dlt698_frame_encode(&f, out, sizeof out, &len), GT_ERR_OK);
    assert_int_equal(len, DLT698_FRAME_MAX);
    assert_int_equal(dlt698_frame_decode(out, len, &f), GT_ERR_OK);
    for (size_t cap = 0; cap < 25; cap++) {
        f = dlt698_frame_request(&addr, apdu, sizeof apdu);
        assert_int_equal(dlt698_frame_encode(&f, out, cap, &len), GT_ERR_SPACE);
    }
    f.function = 8;
    assert_int_equal(dlt698_frame_encode(&f, out, sizeof out, &len), GT_ERR_RANGE);
    f.function = 3;
    f.addr.len = 17;
    assert_int_equal(dlt698_frame_encode(&f, out, sizeof out, &len), GT_ERR_RANGE);
    f.addr.len = 0;
    assert_int_equal(dlt698_frame_encode(&f, out, sizeof out, &len), GT_ERR_RANGE);
    f.addr.len = 1;
    f.addr.logical = 4;
    assert_int_equal(dlt698_frame_encode(&f, out, sizeof out, &len), GT_ERR_RANGE);
    f.addr.logical = 0;
    f.fragment = true;
    f.block_seq = 4096;
    assert_int_equal(dlt698_frame_encode(&f, out, sizeof out, &len), GT_ERR_RANGE);
    assert_int_equal(len, DLT698_FRAME_MAX);
}

static void test_addresses(void **state)
{
    (void)state;
    dlt698_addr own;
    dlt698_addr other;
    uint64_t number = 0;
    assert_int_equal(dlt698_addr_of_number(1000000000000, 0, &own), GT_ERR_RANGE);
    assert_int_equal(dlt698_addr_of_number(1234, 0, &own), GT_ERR_OK);
    assert_int_equal(dlt698_addr_number(&own, &number), GT_ERR_OK);
    assert_int_equal(number, 1234);
    const dlt698_addr any = dlt698_addr_any(0);
    const dlt698_addr all = dlt698_addr_broadcast(0);
    assert_int_equal(dlt698_addr_number(&any, &number), GT_ERR_MALFORMED);
    assert_true(dlt698_addr_matches(&any, &own));
    assert_true(dlt698_addr_matches(&all, &own));
    assert_true(dlt698_addr_matches(&own, &own));
    assert_int_equal(dlt698_addr_of_number(1235, 0, &other), GT_ERR_OK);
    assert_false(dlt698_addr_matches(&other, &own));
    other = (dlt698_addr){.type = DLT698_ADDR_SINGLE, .len = 2, .sa = {0x12, 0x34}};
    assert_true(dlt698_addr_matches(&other, &own)); /* leading zeros say nothing */
    other.type = DLT698_ADDR_GROUP;
    assert_false(dlt698_addr_matches(&other, &own));
    other = (dlt698_addr){.type = DLT698_ADDR_WILDCARD, .len = 2, .sa = {0x12, 0xAA}};
    assert_true(dlt698_addr_matches(&other, &own));
    other.type = DLT698_ADDR_SINGLE;
    assert_false(
        dlt698_addr_matches(&other, &own)); /* A is a wildcard in wildcard addresses only */
    other = (dlt698_addr){.type = DLT698_ADDR_WILDCARD, .logical = 1, .len = 2, .sa = {0x12, 0xAA}};
    assert_false(dlt698_addr_matches(&other, &own));
}

/* Sends and receives an APDU in blocks through encoded frames; every second confirmation is lost.
 */
static void transfer(const uint8_t *sent, size_t len, size_t block_len, bool scrambled)
{
    static uint8_t buf[BYTES_MAX];
    static uint8_t got[9000];
    dlt698_splitter s;
    dlt698_joiner j;
    dlt698_addr addr = dlt698_addr_any(0);
    dlt698_frame base = dlt698_frame_request(&addr, NULL, 0);
    base.scrambled = scrambled;
    dlt698_joiner_init(&j, got, sizeof got);
    assert_int_equal(dlt698_splitter_init(&s, sent, len, block_len), GT_ERR_OK);
    dlt698_join join = DLT698_JOIN_MORE;
    for (unsigned i = 0; join != DLT698_JOIN_DONE; i++) {
        dlt698_frame block = dlt698_splitter_block(&s, &base);
        size_t frame_len = 0;
        assert_int_equal(dlt698_frame_encode(&block, buf, sizeof buf, &frame_len), GT_ERR_OK);
        assert_int_equal(dlt698_frame_decode(buf, frame_len, &block), GT_ERR_OK);
        assert_int_equal(dlt698_joiner_take(&j, &block, &join), GT_ERR_OK);
        const dlt698_frame confirm = dlt698_block_confirm(&block);
        if (join == DLT698_JOIN_DONE) {
            assert_int_equal(dlt698_splitter_confirm(&s, &confirm), GT_ERR_CONFLICT);
        } else if (i % 2 == 1 || block.block == DLT698_BLOCK_FIRST) {
            assert_int_equal(dlt698_splitter_confirm(&s, &confirm), GT_ERR_OK);
            assert_int_equal(dlt698_splitter_confirm(&s, &confirm), GT_ERR_MISMATCH);
        }
    }
    assert_int_equal(j.len, len);
    assert_memory_equal(got, sent, len);
}

static void test_blocks(void **state)
{
    (void)state;
    static uint8_t sent[9000];
    for (size_t i = 0; i < sizeof sent; i++) {
        sent[i] = (uint8_t)(i * 7);
    }
    static const size_t lens[] = {2, 3, 255, 256, 257, 8191};
    for (size_t i = 0; i < sizeof lens / sizeof lens[0]; i++) {
        transfer(sent, lens[i], lens[i] > 4096 ? 2 : 1, i % 2 == 0);
        transfer(sent, lens[i], lens[i] - 1 > 256 ? 256 : lens[i] - 1, i % 2 != 0);
    }
    dlt698_splitter s;
    assert_int_equal(dlt698_splitter_init(&s, sent, 10, 10), GT_ERR_RANGE);
    assert_int_equal(dlt698_splitter_init(&s, sent, 10, 0), GT_ERR_RANGE);
    assert_int_equal(dlt698_splitter_init(&s, sent, 4098, 1), GT_ERR_RANGE);
}

static void test_blocks_refused(void **state)
{
    (void)state;
    uint8_t buf[8];
    dlt698_joiner j;
    dlt698_join join;
    dlt698_joiner_init(&j, buf, sizeof buf);
    dlt698_frame f = {.fragment = true, .block = DLT698_BLOCK_MIDDLE, .data = apdu, .data_len = 4};
    assert_int_equal(dlt698_joiner_take(&j, &f, &join), GT_ERR_MISMATCH); /* nothing begun */
    f.block = DLT698_BLOCK_CONFIRM;
    assert_int_equal(dlt698_joiner_take(&j, &f, &join), GT_ERR_MALFORMED);
    f.block = DLT698_BLOCK_FIRST;
    f.fragment = false;
    assert_int_equal(dlt698_joiner_take(&j, &f, &join), GT_ERR_MALFORMED);
    f.fragment = true;
    assert_int_equal(dlt698_joiner_take(&j, &f, &join), GT_ERR_OK);
    f.block = DLT698_BLOCK_MIDDLE;
    f.block_seq = 2;
    assert_int_equal(dlt698_joiner_take(&j, &f, &join), GT_ERR_MISMATCH); /* one is missing */
    f.block_seq = 1;
    assert_int_equal(dlt698_joiner_take(&j, &f, &join), GT_ERR_MISMATCH); /* dropped */
    f.block = DLT698_BLOCK_FIRST;
    f.block_seq = 0;
    assert_int_equal(dlt698_joiner_take(&j, &f, &join), GT_ERR_OK);
    f.block = DLT698_BLOCK_LAST;
    f.block_seq = 1;
    f.data_len = 5;
    assert_int_equal(dlt698_joiner_take(&j, &f, &join), GT_ERR_SPACE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scrambled),      cmocka_unit_test(test_refused),
        cmocka_unit_test(test_encode_refused), cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_blocks),         cmocka_unit_test(test_blocks_refused),
    };
    return cmocka_run_group_tests_name("codec/dlt698/frame", tests, NULL, NULL);
}
