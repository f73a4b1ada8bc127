/* Records: chains of DIFs and VIFs, lengths, special DIFs; what was decoded comes out again. */
#include "codec/mbus/record.h"
#include "codec/mbus/quantity.h"
#include "base/hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { BYTES_MAX = 512 };

#define V9             \
    "8080808080808080" \
    "80"

static void test_good(void **state)
{
    (void)state;
    static const struct {
        const char *hex;
        mbus_record_kind kind;
        mbus_function function;
        uint64_t storage;
        uint32_t tariff;
        uint16_t device;
        size_t data_len;
    } rows[] = {
        {"0413be095e00", MBUS_RECORD_VALUE, MBUS_INSTANTANEOUS, 0, 0, 0, 4},
        {"0013", MBUS_RECORD_VALUE, MBUS_INSTANTANEOUS, 0, 0, 0, 0},
        {"0813", MBUS_RECORD_VALUE, MBUS_INSTANTANEOUS, 0, 0, 0, 0},
        {"4413be095e00", MBUS_RECORD_VALUE, MBUS_INSTANTANEOUS, 1, 0, 0, 4},
        {"32fd1b0102", MBUS_RECORD_VALUE, MBUS_ERROR_STATE, 0, 0, 0, 2},
        {"8c100600000000", MBUS_RECORD_VALUE, MBUS_INSTANTANEOUS, 0, 1, 0, 4},
        {"84b0600600000000", MBUS_RECORD_VALUE, MBUS_INSTANTANEOUS, 0, 11, 2, 4},
        {"8c000600000000", MBUS_RECORD_VALUE, MBUS_INSTANTANEOUS, 0, 0, 0, 4}, /* idle DIFE */
        {"c1"
         "ffffffffffffffffff"
         "7f"
         "1300",
         MBUS_RECORD_VALUE, MBUS_INSTANTANEOUS, (UINT64_C(1) << 41) - 1, (1 << 20) - 1,
         (1 << 10) - 1, 1},
        {"01"
         "93" V9 "00"
         "07",
         MBUS_RECORD_VALUE, MBUS_INSTANTANEOUS, 0, 0, 0, 1},
        {"0d7805414c303031", MBUS_RECORD_VALUE, MBUS_INSTANTANEOUS, 0, 0, 0, 5},
        {"0d7800", MBUS_RECORD_VALUE, MBUS_INSTANTANEOUS, 0, 0, 0, 0},
        {"02fc0348522574c60e", MBUS_RECORD_VALUE, MBUS_INSTANTANEOUS, 0, 0, 0, 2},
        {"2f", MBUS_RECORD_IDLE, MBUS_INSTANTANEOUS, 0, 0, 0, 0},
        {"7f", MBUS_RECORD_READ_ALL, MBUS_INSTANTANEOUS, 0, 0, 0, 0},
        {"0f", MBUS_RECORD_MANUFACTURER, MBUS_INSTANTANEOUS, 0, 0, 0, 0},
        {"0f010203", MBUS_RECORD_MANUFACTURER, MBUS_INSTANTANEOUS, 0, 0, 0, 3},
        {"1f0102", MBUS_RECORD_MORE, MBUS_INSTANTANEOUS, 0, 0, 0, 2},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t in[BYTES_MAX];
        size_t len = 0;
        assert_int_equal(gt_hex_parse(rows[i].hex, in, sizeof in, &len), GT_ERR_OK);
        gt_rd r = gt_rd_of(in, len);
        mbus_record m;
        assert_int_equal(mbus_record_decode(&r, &m), GT_ERR_OK);
        assert_int_equal(r.pos, len);
        assert_int_equal(m.kind, rows[i].kind);
        assert_int_equal(m.function, rows[i].function);
        assert_true(m.storage == rows[i].storage);
        assert_int_equal(m.tariff, rows[i].tariff);
        assert_int_equal(m.device, rows[i].device);
        assert_int_equal(m.data_len, rows[i].data_len);
        uint8_t back[BYTES_MAX];
        gt_wr w = gt_wr_of(back, sizeof back);
        assert_int_equal(mbus_record_encode(&m, &w), GT_ERR_OK);
        assert_int_equal(w.len, len);
        assert_memory_equal(back, in, len);
        for (size_t cut = 0; cut < len && m.kind == MBUS_RECORD_VALUE; cut++) {
            r = gt_rd_of(in, cut);
            assert_int_equal(mbus_record_decode(&r, &m), GT_ERR_TRUNCATED);
            assert_int_equal(r.pos, 0);
        }
    }
}

static void test_bad(void **state)
{
    (void)state;
    static const struct {
        const char *hex;
        gt_err err;
        size_t offset;
    } rows[] = {
        {"3f", GT_ERR_UNSUPPORTED, 0},
        {"4f00", GT_ERR_UNSUPPORTED, 0},
        {"8f0100", GT_ERR_UNSUPPORTED, 0},
        {"ff", GT_ERR_UNSUPPORTED, 0},
        {"0d78ca", GT_ERR_UNSUPPORTED, 0},
        {"0d78f7", GT_ERR_UNSUPPORTED, 0},
        {"0d78ff", GT_ERR_UNSUPPORTED, 0},
        {"0d78da", GT_ERR_UNSUPPORTED, 0},
        {"01130003", GT_ERR_TRUNCATED, 3},
        {"0113000413000000", GT_ERR_TRUNCATED, 3},
        {"0d78f0"
         "00000000000000000000000000000000",
         GT_ERR_OK, 0},
        {"0d78f0"
         "000000000000000000000000000000",
         GT_ERR_TRUNCATED, 0},
        {"0d7805414c3030", GT_ERR_TRUNCATED, 0},
        {"017c05414c3030", GT_ERR_TRUNCATED, 0},
        {"01fc0048", GT_ERR_TRUNCATED, 0},
        {"81" V9 "80"
         "00"
         "1300",
         GT_ERR_RANGE, 0},
        {"01"
         "93" V9 "80"
         "00"
         "07",
         GT_ERR_RANGE, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t in[BYTES_MAX];
        size_t len = 0;
        size_t offset = 0;
        assert_int_equal(gt_hex_parse(rows[i].hex, in, sizeof in, &len), GT_ERR_OK);
        assert_int_equal(mbus_records_check(in, len, &offset), rows[i].err);
        assert_int_equal(offset, rows[i].offset);
    }
}

static void test_encode_refuses(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {0x80, 0x00, 0x80, 0x80};
    const mbus_record base = {.field = MBUS_FIELD_INT8, .vif = 0x13, .data = bytes, .data_len = 1};
    const struct {
        mbus_record record;
        gt_err err;
    } rows[] = {
#define INT8 .field = MBUS_FIELD_INT8, .data = bytes, .data_len = 1
        {{.field = MBUS_FIELD_INT8, .vif = 0x13, .data = bytes, .data_len = 2}, GT_ERR_MALFORMED},
        {{INT8, .vif = 0x93}, GT_ERR_MALFORMED},
        {{INT8, .vif = 0x13, .vife = bytes, .vife_count = 1}, GT_ERR_MALFORMED},
        {{INT8, .vif = 0x93, .vife = bytes, .vife_count = 1}, GT_ERR_MALFORMED},
        {{INT8, .vif = 0x93, .vife = bytes, .vife_count = 3}, GT_ERR_MALFORMED},
        {{INT8, .vif = 0x93, .vife = bytes, .vife_count = 11}, GT_ERR_RANGE},
        {{INT8, .vif = 0x13, .text = bytes, .text_len = 1}, GT_ERR_MALFORMED},
        {{INT8, .vif = 0x13, .storage = UINT64_C(1) << 41}, GT_ERR_RANGE},
        {{INT8, .vif = 0x13, .tariff = 1 << 20}, GT_ERR_RANGE},
        {{INT8, .vif = 0x13, .device = 1 << 10}, GT_ERR_RANGE},
        {{.field = MBUS_FIELD_VARIABLE, .vif = 0x78, .lvar = 0xF7}, GT_ERR_MALFORMED},
        {{.field = MBUS_FIELD_VARIABLE, .vif = 0x78, .lvar = 2, .data = bytes, .data_len = 1},
         GT_ERR_MALFORMED},
        {{.field = (mbus_field)15, .vif = 0x13}, GT_ERR_MALFORMED},
        {base, GT_ERR_OK},
#undef INT8
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t buf[BYTES_MAX];
        gt_wr w = gt_wr_of(buf, sizeof buf);
        assert_int_equal(mbus_record_encode(&rows[i].record, &w), rows[i].err);
    }
    uint8_t small[2];
    gt_wr w = gt_wr_of(small, sizeof small);
    assert_int_equal(mbus_record_encode(&base, &w), GT_ERR_SPACE);
}

static void test_more(void **state)
{
    (void)state;
    static const uint8_t with[] = {0x01, 0x13, 0x00, 0x1F};
    static const uint8_t last[] = {0x01, 0x13, 0x00, 0x0F, 0x1F};
    assert_true(mbus_records_more(with, sizeof with));
    assert_false(mbus_records_more(with, sizeof with - 1));
    assert_false(mbus_records_more(last, sizeof last));
    assert_false(mbus_records_more(NULL, 0));
}

/* Every VIF in every table either has a row that covers it, or none; names are complete. */
static void test_tables(void **state)
{
    (void)state;
    unsigned known[3] = {0};
    static const uint8_t vif[] = {0x00, 0xFB, 0xFD};
    for (unsigned t = 0; t < 3; t++) {
        for (unsigned code = 0; code < 128; code++) {
            const uint8_t vife = (uint8_t)code;
            const mbus_record m = {.vif = t == 0 ? (uint8_t)code : vif[t],
                                   .vife = &vife,
                                   .vife_count = t == 0 ? 0 : 1};
            mbus_meaning meaning;
            mbus_record_meaning(&m, &meaning);
            if (meaning.quantity == NULL) {
                continue;
            }
            known[t]++;
            assert_true(code >= meaning.quantity->first);
            assert_true(code < meaning.quantity->first + 16U);
            assert_non_null(meaning.quantity->zh);
            assert_non_null(meaning.quantity->en);
            assert_non_null(meaning.quantity->unit);
            assert_in_range(meaning.exponent + 12, 0, 24);
        }
    }
    assert_int_equal(known[0], 128 - 4); /* 6F reserved, 7B 7C 7D lead elsewhere */
    assert_int_equal(known[1], 83);
    assert_int_equal(known[2], 109);
    unsigned vifes = 0;
    for (unsigned code = 0; code < 128; code++) {
        const uint8_t vife = (uint8_t)code;
        const mbus_record m = {.vif = 0x93, .vife = &vife, .vife_count = 1};
        const mbus_vife *row = NULL;
        uint8_t pos = 0;
        uint8_t got = 0;
        assert_true(mbus_vife_next(&m, &pos, &row, &got));
        assert_int_equal(got, code);
        vifes += row != NULL;
    }
    assert_int_equal(vifes, 98 + 18);
    /* Behind FDH FDH, and behind FCH. */
    static const uint8_t second[] = {0xFD, 0x02};
    const mbus_record months = {.vif = 0xFD, .vife = second, .vife_count = 2};
    mbus_meaning meaning;
    mbus_record_meaning(&months, &meaning);
    assert_string_equal(meaning.quantity->unit, "month");
    assert_int_equal(meaning.vifes_from, 2);
    static const uint8_t phase[] = {0xFC, 0x02};
    const mbus_record l2 = {.vif = 0xAA, .vife = phase, .vife_count = 2};
    const mbus_vife *row = NULL;
    uint8_t pos = 0;
    uint8_t got = 0;
    assert_true(mbus_vife_next(&l2, &pos, &row, &got));
    assert_string_equal(row->en, "phase L2");
    assert_false(mbus_vife_next(&l2, &pos, &row, &got));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),           cmocka_unit_test(test_bad),
        cmocka_unit_test(test_encode_refuses), cmocka_unit_test(test_more),
        cmocka_unit_test(test_tables),
    };
    return cmocka_run_group_tests_name("codec/mbus/record", tests, NULL, NULL);
}
