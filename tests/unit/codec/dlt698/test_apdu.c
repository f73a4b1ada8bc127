/* Values and APDUs: what client and server write is accepted and read back; wrong tags, counts,
 * depths and lengths are not; values read as people write them. */
#include "base/hex.h"
#include "codec/dlt698/apdu.h"
#include "codec/dlt698/describe.h"
#include "codec/dlt698/frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

enum { BYTES_MAX = 512 };

static const gt_civil noon = {2026, 11, 21, 12, 0, 0};

/* Whole APDUs in the order of part.def that no published frame shows: every service is accepted as
 * laid out, and no prefix of it is. */
static void test_services(void **state)
{
    (void)state;
    static const struct {
        const char *hex;
        bool right;
    } rows[] = {
        {"030010", false},                                        /* option byte 10H */
        {"030000", true},                                         /* release */
        {"8300000000", true},                                     /* its response */
        {"840007ea0b150c000007ea0b150c00010000", true},           /* release notification */
        {"0502010220000200200102000107ea0b150c000001001e", true}, /* get list, time tag */
        {"050501000500", true},                                   /* get next */
        {"85020102200002000101031200de1200dd1200dc2001020000060000",
         true},                                                       /* list: values, a refusal */
        {"85050101000702015004020001002021020001000000", true},       /* last block, no rows */
        {"85030150040200000101000000", false},                        /* a row without columns */
        {"8503015004020001002021020001830fffff0000", false},          /* more rows than bytes */
        {"06020101400002001602", false},                              /* no time tag byte */
        {"0602010140000200160200", true},                             /* set list */
        {"06030101400002001602400002000500", true},                   /* set then get */
        {"860301014000020000400002000116020000", true},               /* its answer */
        {"070101800081000202111012006400", true},                     /* action */
        {"8701018000810000000000", true},                             /* its answer */
        {"87010180008100000116010000", true},                         /* with data */
        {"08010101300b020000", true},                                 /* report response */
        {"08030100", true},                                           /* of transparent data */
        {"880101013011020000030000", true},                           /* report */
        {"88030bf2010201010568123456160000", true},                   /* report transparent */
        {"090701f20102010603020800000a0064046811aa1600", true},       /* proxy forward */
        {"890701f201020100040000", true},                             /* refused */
        {"090101003c0107051234567890120014012000020000", true},       /* proxy get */
        {"89010101070512345678901201200002000101011200dc0000", true}, /* its answer */
        {"090201003c070512345678901250040200090101002021020000", true}, /* proxy record, last */
        {"900103abcdef00", true},                                       /* encrypted */
        {"90021600", true},                                             /* refused */
        {"900001aa01000401020304", true},                               /* plain, MAC */
        {"ee00010000", true},                                           /* error */
        {"6e000100", true},
        {"0400", false},             /* no such service */
        {"0500010000000000", false}, /* no such choice */
        {"", false},                 /* nothing */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t in[BYTES_MAX];
        size_t len = 0;
        assert_int_equal(gt_hex_parse(rows[i].hex, in, sizeof in, &len), GT_ERR_OK);
        const gt_err err = dlt698_check(DLT698_TYPE_APDU, in, len);
        if ((err == GT_ERR_OK) != rows[i].right) {
            print_error("%s: %s\n", rows[i].hex, gt_err_name(err));
        }
        assert_true((err == GT_ERR_OK) == rows[i].right);
        for (size_t n = 0; rows[i].right && n < len; n++) {
            assert_int_not_equal(dlt698_check(DLT698_TYPE_APDU, in, n), GT_ERR_OK);
        }
    }
}

static void test_data_refused(void **state)
{
    (void)state;
    static const struct {
        const char *hex;
        gt_err want;
    } rows[] = {
        {"", GT_ERR_TRUNCATED},
        {"07", GT_ERR_MALFORMED},
        {"08", GT_ERR_MALFORMED},
        {"0b00", GT_ERR_MALFORMED},
        {"4f", GT_ERR_MALFORMED},
        {"61", GT_ERR_MALFORMED},
        {"ff", GT_ERR_MALFORMED},
        {"0000", GT_ERR_TRAILING},
        {"0600", GT_ERR_TRUNCATED},
        {"0102", GT_ERR_TRUNCATED},
        {"010200", GT_ERR_TRUNCATED},
        {"0184ffffffff00", GT_ERR_TRUNCATED},
        {"0980", GT_ERR_MALFORMED},
        {"09850000000000", GT_ERR_MALFORMED},
        {"0982010000", GT_ERR_TRUNCATED},
        {"0409ff", GT_ERR_TRUNCATED},
        {"5b02", GT_ERR_MALFORMED},
        {"5a0b", GT_ERR_MALFORMED},
        {"5c08", GT_ERR_MALFORMED},
        {"6084ffffffff", GT_ERR_TRUNCATED},
        {"5c0482ffff00", GT_ERR_TRUNCATED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t in[BYTES_MAX];
        size_t len = 0;
        assert_int_equal(gt_hex_parse(rows[i].hex, in, sizeof in, &len), GT_ERR_OK);
        const gt_err err = dlt698_check(DLT698_TYPE_DATA, in, len);
        if (err != rows[i].want) {
            print_error("%s: %s\n", rows[i].hex, gt_err_name(err));
        }
        assert_int_equal(err, rows[i].want);
    }
    uint8_t deep[2 * DLT698_DEPTH_MAX + 3] = {0};
    for (size_t depth = 1; depth <= DLT698_DEPTH_MAX + 1; depth++) {
        deep[2 * depth - 2] = 1;
        deep[2 * depth - 1] = 1;
        deep[2 * depth] = 0;
        const gt_err err = dlt698_check(DLT698_TYPE_DATA, deep, 2 * depth + 1);
        assert_int_equal(err, depth <= DLT698_DEPTH_MAX ? GT_ERR_OK : GT_ERR_RANGE);
    }
}

static void test_numbers(void **state)
{
    (void)state;
    static const struct {
        dlt698_type type;
        int64_t value;
        bool fits;
    } rows[] = {
        {DLT698_TYPE_INT8, -128, true},
        {DLT698_TYPE_INT8, 127, true},
        {DLT698_TYPE_INT8, 128, false},
        {DLT698_TYPE_INT8, -129, false},
        {DLT698_TYPE_INT16, -32768, true},
        {DLT698_TYPE_INT16, 32768, false},
        {DLT698_TYPE_INT32, -1, true},
        {DLT698_TYPE_INT32, INT32_MIN, true},
        {DLT698_TYPE_INT32, (int64_t)INT32_MIN - 1, false},
        {DLT698_TYPE_INT64, INT64_MIN, true},
        {DLT698_TYPE_INT64, INT64_MAX, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t buf[16];
        gt_wr w = gt_wr_of(buf, sizeof buf);
        dlt698_put_signed(&w, rows[i].type, rows[i].value);
        assert_int_equal(gt_wr_done(&w), rows[i].fits ? GT_ERR_OK : GT_ERR_RANGE);
        if (rows[i].fits) {
            dlt698_node node;
            int64_t got = 0;
            uint64_t other = 0;
            assert_int_equal(dlt698_data_one(buf, w.len, &node), GT_ERR_OK);
            assert_int_equal(dlt698_node_signed(&node, &got), GT_ERR_OK);
            assert_true(got == rows[i].value);
            assert_int_equal(dlt698_node_unsigned(&node, &other), GT_ERR_MISMATCH);
        }
    }
    uint8_t buf[16];
    gt_wr w = gt_wr_of(buf, sizeof buf);
    dlt698_put_unsigned(&w, DLT698_TYPE_UINT64, UINT64_MAX);
    dlt698_node node;
    int64_t got = 0;
    assert_int_equal(dlt698_data_one(buf, w.len, &node), GT_ERR_OK);
    assert_int_equal(dlt698_node_signed(&node, &got), GT_ERR_RANGE);
    w = gt_wr_of(buf, sizeof buf);
    dlt698_put_unsigned(&w, DLT698_TYPE_UINT8, 256);
    assert_int_equal(gt_wr_done(&w), GT_ERR_RANGE);
    w = gt_wr_of(buf, sizeof buf);
    dlt698_put_civil(&w, DLT698_TYPE_DATE_TIME_S, &(gt_civil){2026, 2, 29, 0, 0, 0});
    assert_int_equal(gt_wr_done(&w), GT_ERR_RANGE);
}

/* A record request and its answer through frames; the description reads both. */
static void test_record(void **state)
{
    (void)state;
    static const dlt698_oad table = {0x5004, 2, 0};
    static const dlt698_oad key = {0x2021, 2, 0};
    static const dlt698_oad columns[] = {{0x2021, 2, 0}, {0x0010, 2, 0}, {0x202C, 2, 0}};
    uint8_t apdu[BYTES_MAX];
    gt_wr w = gt_wr_of(apdu, sizeof apdu);
    dlt698_apdu_get_record(&w, 5, table);
    dlt698_write_selector_range(&w, key, &noon, &noon);
    dlt698_write_columns(&w, columns, 3);
    dlt698_request_end(&w, &(dlt698_time_tag){noon, 1, 5});
    assert_int_equal(gt_wr_done(&w), GT_ERR_OK);
    assert_int_equal(dlt698_check(DLT698_TYPE_APDU, apdu, w.len), GT_ERR_OK);

    w = gt_wr_of(apdu, sizeof apdu);
    dlt698_apdu_begin(&w, DLT698_GET_RESPONSE, DLT698_RECORD, 5);
    dlt698_write_oad(&w, table);
    dlt698_write_columns(&w, columns, 3);
    dlt698_write_value_head(&w);
    dlt698_write_length(&w, 2);
    for (unsigned row = 0; row < 2; row++) {
        dlt698_put_civil(&w, DLT698_TYPE_DATE_TIME_S, &noon);
        dlt698_put_group(&w, DLT698_TYPE_ARRAY, 2);
        dlt698_put_unsigned(&w, DLT698_TYPE_UINT32, 123456 + row);
        dlt698_put_null(&w);
        dlt698_put_group(&w, DLT698_TYPE_STRUCTURE, 2);
        dlt698_put_unsigned(&w, DLT698_TYPE_UINT32, 5000);
        dlt698_put_unsigned(&w, DLT698_TYPE_UINT32, 7);
    }
    dlt698_response_end(&w);
    assert_int_equal(gt_wr_done(&w), GT_ERR_OK);
    dlt698_entries e;
    dlt698_entry entry;
    assert_int_equal(dlt698_entries_init(&e, apdu, w.len), GT_ERR_OK);
    for (unsigned i = 0; i < 6; i++) {
        assert_true(dlt698_entries_next(&e, &entry));
        assert_true(entry.is_cell && entry.is_value);
        assert_int_equal(entry.row, i / 3);
        assert_int_equal(dlt698_oad_number(entry.column), dlt698_oad_number(columns[i % 3]));
        assert_int_equal(dlt698_oad_number(entry.object), 0x50040200);
    }
    assert_false(dlt698_entries_next(&e, &entry));

    const dlt698_addr addr = dlt698_addr_any(0);
    const dlt698_frame request = dlt698_frame_request(&addr, NULL, 0);
    const dlt698_frame f = dlt698_frame_reply(&request, apdu, w.len);
    uint8_t buf[BYTES_MAX];
    size_t len = 0;
    static codec_description told;
    assert_int_equal(dlt698_frame_encode(&f, buf, sizeof buf, &len), GT_ERR_OK);
    dlt698_describe(buf, len, &told);
    assert_int_equal(told.error_count, 0);
    assert_string_equal(told.title.en, "GET-Response record");
    static const struct {
        const char *id, *value, *unit;
    } want[] = {
        {"20210200#2", "2026-11-21 12:00:00", ""},
        {"00100200#2.1", "1234.57", "kWh"},
        {"00100200#2.2", NULL, ""},
        {"202C0200#2/1", "50.00", "yuan"},
        {"202C0200#2/2", "7", ""},
    };
    for (size_t i = 0; i < 5; i++) {
        const codec_item *item = &told.items[told.item_count - 7 + i];
        assert_string_equal(item->id, want[i].id);
        assert_string_equal(item->unit, want[i].unit);
        if (want[i].value == NULL) {
            assert_null(item->value);
        } else {
            assert_string_equal(item->value, want[i].value);
        }
    }
}

static void test_requests(void **state)
{
    (void)state;
    static const dlt698_oad oads[] = {{0x2000, 2, 0}, {0x2001, 2, 0}};
    uint8_t apdu[BYTES_MAX];
    for (uint32_t count = 1; count <= 2; count++) {
        gt_wr w = gt_wr_of(apdu, sizeof apdu);
        dlt698_apdu_get(&w, 1, oads, count);
        dlt698_request_end(&w, NULL);
        assert_int_equal(apdu[1], count);
        assert_int_equal(dlt698_check(DLT698_TYPE_APDU, apdu, w.len), GT_ERR_OK);
    }
    gt_wr w = gt_wr_of(apdu, sizeof apdu);
    dlt698_apdu_get_next(&w, 1, 3);
    dlt698_request_end(&w, NULL);
    assert_int_equal(dlt698_check(DLT698_TYPE_APDU, apdu, w.len), GT_ERR_OK);
    w = gt_wr_of(apdu, sizeof apdu);
    dlt698_apdu_set(&w, 1, (dlt698_oad){0x4000, 2, 0});
    dlt698_put_civil(&w, DLT698_TYPE_DATE_TIME_S, &noon);
    dlt698_request_end(&w, NULL);
    dlt698_entries e;
    dlt698_entry entry;
    assert_int_equal(dlt698_entries_init(&e, apdu, w.len), GT_ERR_OK);
    assert_true(dlt698_entries_next(&e, &entry));
    assert_int_equal(dlt698_oad_number(entry.object), 0x40000200);
    assert_int_equal(entry.data_len, 8);
    w = gt_wr_of(apdu, sizeof apdu);
    dlt698_apdu_action(&w, 1, (dlt698_oad){0x8000, 129, 0});
    dlt698_put_group(&w, DLT698_TYPE_ARRAY, 0);
    dlt698_request_end(&w, NULL);
    assert_int_equal(dlt698_entries_init(&e, apdu, w.len), GT_ERR_OK);
    assert_true(dlt698_entries_next(&e, &entry));
    assert_int_equal(entry.object.attribute, 129);
    assert_int_equal(dlt698_entries_init(&e, apdu, w.len - 1), GT_ERR_TRUNCATED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_services), cmocka_unit_test(test_data_refused),
        cmocka_unit_test(test_numbers),  cmocka_unit_test(test_record),
        cmocka_unit_test(test_requests),
    };
    return cmocka_run_group_tests_name("codec/dlt698/apdu", tests, NULL, NULL);
}
