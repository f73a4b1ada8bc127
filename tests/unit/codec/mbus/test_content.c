/* Behind the CI field: headers, secondary addresses and wildcards, fixed structure, errors. */
#include "codec/mbus/content.h"
#include "codec/mbus/describe.h"
#include "base/hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { BYTES_MAX = 256 };

static codec_description told;

static mbus_frame frame_of(uint8_t ci, const char *hex, uint8_t data[BYTES_MAX])
{
    size_t len = 0;
    assert_int_equal(gt_hex_parse(hex, data, BYTES_MAX, &len), GT_ERR_OK);
    return (mbus_frame){MBUS_LONG, MBUS_C_RSP_UD, 1, ci, (uint8_t)len, data};
}

static void test_kinds(void **state)
{
    (void)state;
    static const struct {
        uint8_t ci;
        const char *hex;
        gt_err err;
        mbus_content_kind kind;
        size_t rest_len;
    } rows[] = {
        {0x72,
         "785634122440010755000000"
         "0313153100",
         GT_ERR_OK, MBUS_CONTENT_RECORDS, 5},
        {0x72, "7856341224400107550000", GT_ERR_TRUNCATED, MBUS_CONTENT_UNKNOWN, 0},
        {0x72, "", GT_ERR_TRUNCATED, MBUS_CONTENT_UNKNOWN, 0},
        {0x72,
         "785634122440010755001005"
         "0313153100",
         GT_ERR_OK, MBUS_CONTENT_ENCRYPTED, 5},
        {0x72,
         "785634122440010755001007"
         "0313153100",
         GT_ERR_OK, MBUS_CONTENT_ENCRYPTED, 5},
        {0x72,
         "785634122440010755000005"
         "0313153100",
         GT_ERR_OK, MBUS_CONTENT_RECORDS, 5},
        {0x76, "123456784024010755000000", GT_ERR_OK, MBUS_CONTENT_RECORDS, 0},
        {0x78, "0313153100", GT_ERR_OK, MBUS_CONTENT_RECORDS, 5},
        {0x7A,
         "55000000"
         "0313153100",
         GT_ERR_OK, MBUS_CONTENT_RECORDS, 5},
        {0x7A, "550000", GT_ERR_TRUNCATED, MBUS_CONTENT_UNKNOWN, 0},
        {0x73, "785634120a00e97e0100000035010000", GT_ERR_OK, MBUS_CONTENT_FIXED, 0},
        {0x73, "785634120a00e97e01000000350100", GT_ERR_TRUNCATED, MBUS_CONTENT_UNKNOWN, 0},
        {0x73, "785634120a00e97e010000003501000000", GT_ERR_TRAILING, MBUS_CONTENT_UNKNOWN, 0},
        {0x52, "ffffffffffffffff", GT_ERR_OK, MBUS_CONTENT_SELECT, 0},
        {0x52,
         "ffffffffffffffff"
         "0c7804030201",
         GT_ERR_OK, MBUS_CONTENT_SELECT, 6},
        {0x52, "ffffffffffffff", GT_ERR_TRUNCATED, MBUS_CONTENT_UNKNOWN, 0},
        {0x50, "", GT_ERR_OK, MBUS_CONTENT_RESET, 0},
        {0x51, "017a08", GT_ERR_OK, MBUS_CONTENT_RECORDS, 3},
        {0x70, "09", GT_ERR_OK, MBUS_CONTENT_ERROR, 1},
        {0x71, "01", GT_ERR_OK, MBUS_CONTENT_ALARM, 1},
        {0xBB, "", GT_ERR_OK, MBUS_CONTENT_BAUD, 0},
        {0x99, "01", GT_ERR_OK, MBUS_CONTENT_UNKNOWN, 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t data[BYTES_MAX];
        const mbus_frame frame = frame_of(rows[i].ci, rows[i].hex, data);
        mbus_content c = {.kind = MBUS_CONTENT_UNKNOWN};
        assert_int_equal(mbus_content_decode(&frame, &c), rows[i].err);
        assert_int_equal(c.kind, rows[i].kind);
        assert_int_equal(c.rest_len, rows[i].rest_len);
    }
    const mbus_frame ack = mbus_ack();
    mbus_content c;
    assert_int_equal(mbus_content_decode(&ack, &c), GT_ERR_MALFORMED);
}

static void test_header(void **state)
{
    (void)state;
    uint8_t data[BYTES_MAX];
    mbus_frame frame = frame_of(0x72, "785634122440010755030000", data);
    mbus_content c;
    assert_int_equal(mbus_content_decode(&frame, &c), GT_ERR_OK);
    assert_int_equal(c.header.device.id, 0x12345678);
    assert_int_equal(c.header.device.medium, 7);
    assert_int_equal(c.header.access, 0x55);
    assert_int_equal(c.header.status, 3);
    char letters[4];
    mbus_manufacturer_format(c.header.device.manufacturer, letters);
    assert_string_equal(letters, "PAD");
    uint16_t code = 0;
    assert_int_equal(mbus_manufacturer_parse(letters, &code), GT_ERR_OK);
    assert_int_equal(code, 0x4024);
    static const char *const bad[] = {"", "PA", "PADX", "pad", "P1D"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(mbus_manufacturer_parse(bad[i], &code), GT_ERR_SYNTAX);
    }
    uint8_t back[MBUS_LONG_HEADER];
    mbus_header_encode(&c.header, back);
    assert_memory_equal(back, data, sizeof back);
    frame = frame_of(0x76, "123456784024010755030000", data);
    mbus_content mode2;
    assert_int_equal(mbus_content_decode(&frame, &mode2), GT_ERR_OK);
    assert_memory_equal(&mode2.header.device, &c.header.device, sizeof c.header.device);
}

static void test_selection(void **state)
{
    (void)state;
    static const mbus_device own = {0x12345678, 0x4024, 1, 7};
    static const struct {
        mbus_device selection;
        bool match;
    } rows[] = {
        {{0x12345678, 0x4024, 1, 7}, true},
        {{0xFFFFFFFF, 0xFFFF, 0xFF, 0xFF}, true},
        {{0x1234FFFF, 0xFFFF, 0xFF, 0xFF}, true},
        {{0x12F4FFF8, 0x4024, 0xFF, 7}, true},
        {{0x12345679, 0x4024, 1, 7}, false},
        {{0x2FFFFFFF, 0xFFFF, 0xFF, 0xFF}, false},
        {{0xFFFFFFFF, 0x4025, 0xFF, 0xFF}, false},
        {{0xFFFFFFFF, 0x40FF, 0xFF, 0xFF}, false}, /* half a manufacturer is no wildcard */
        {{0xFFFFFFFF, 0xFFFF, 2, 0xFF}, false},
        {{0xFFFFFFFF, 0xFFFF, 0xFF, 6}, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(mbus_device_match(&rows[i].selection, &own), rows[i].match);
        uint8_t data[MBUS_SELECT_LEN];
        mbus_device_encode(&rows[i].selection, data);
        const mbus_frame frame =
            mbus_snd_ud(MBUS_ADDR_SELECTED, true, MBUS_CI_SELECT, data, sizeof data);
        mbus_content c;
        assert_int_equal(mbus_content_decode(&frame, &c), GT_ERR_OK);
        assert_memory_equal(&c.select, &rows[i].selection, sizeof c.select);
    }
    const mbus_device any = mbus_device_any();
    assert_true(mbus_device_match(&any, &own));
}

static void test_fixed(void **state)
{
    (void)state;
    uint8_t data[BYTES_MAX];
    const mbus_frame frame = frame_of(0x73, "785634120a00e97e0100000035010000", data);
    mbus_content c;
    assert_int_equal(mbus_content_decode(&frame, &c), GT_ERR_OK);
    assert_int_equal(c.fixed.medium, 7);
    assert_int_equal(c.fixed.unit[0], 0x29);
    assert_int_equal(c.fixed.unit[1], MBUS_FIXED_HISTORIC);
    uint8_t back[MBUS_FIXED_LEN];
    assert_int_equal(mbus_fixed_encode(&c.fixed, back), GT_ERR_OK);
    assert_memory_equal(back, data, sizeof back);
    c.fixed.unit[1] = 0x40;
    assert_int_equal(mbus_fixed_encode(&c.fixed, back), GT_ERR_RANGE);
    c.fixed.unit[1] = 0;
    c.fixed.unit[0] = 0x40;
    assert_int_equal(mbus_fixed_encode(&c.fixed, back), GT_ERR_RANGE);
    c.fixed.unit[0] = 0;
    c.fixed.medium = 16;
    assert_int_equal(mbus_fixed_encode(&c.fixed, back), GT_ERR_RANGE);
}

/* What a person is told of frames without records, and of damaged ones. */
static void test_described(void **state)
{
    (void)state;
    static const struct {
        const char *hex;
        const char *title;
        const char *address;
        size_t items;
        gt_err err;
        uint32_t offset;
    } rows[] = {
        {"e5", "E5, acknowledged", "", 0, GT_ERR_OK, 0},
        {"107bfe7916", "REQ_UD2, request class 2 data, FCB=1, FCV=1", "254", 0, GT_ERR_OK, 0},
        {"1040004016", "SND_NKE, link reset", "0", 0, GT_ERR_OK, 0},
        {"105b015d16", "REQ_UD2, request class 2 data, FCV=1", "1", 0, GT_ERR_CHECKSUM, 3},
        {"680b0b6853fd52ffffffffffffffff"
         "9a16",
         "Selection by secondary address", "FFFFFFFF.FFFF.FF.FF", 0, GT_ERR_OK, 0},
        {"68040468080170098216", "Report of application error", "1", 0, GT_ERR_OK, 0},
        {"6804046808017009831600", "RSP_UD, data from the meter", "1", 0, GT_ERR_CHECKSUM, 8},
        {"68040568080170098216", "", "", 0, GT_ERR_MALFORMED, 2},
        {"6804046808", "RSP_UD, data from the meter", "", 0, GT_ERR_TRUNCATED, 5},
        {"6804046808017009", "RSP_UD, data from the meter", "1", 0, GT_ERR_TRUNCATED, 8},
        {"68020268080116", "", "", 0, GT_ERR_RANGE, 1},
        {"680505680801780413"
         "9816",
         "Variable data, no header", "1", 0, GT_ERR_TRUNCATED, 7},
        {"108b018c16", "not a control field of wired M-Bus", "1", 0, GT_ERR_OK, 0},
        {"1041014216", "not a control field of wired M-Bus", "1", 0, GT_ERR_OK, 0},
        {"1040ff3f16", "SND_NKE, link reset", "255", 0, GT_ERR_OK, 0},
        {"104000401600", "SND_NKE, link reset", "0", 0, GT_ERR_TRAILING, 5},
        {"e5e5", "E5, acknowledged", "", 0, GT_ERR_TRAILING, 1},
        {"6814146808"
         "0173785634120a00e97e0100000035010000ff"
         "3716",
         "RSP_UD, data from the meter", "1", 0, GT_ERR_TRAILING, 23},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t in[BYTES_MAX];
        size_t len = 0;
        assert_int_equal(gt_hex_parse(rows[i].hex, in, sizeof in, &len), GT_ERR_OK);
        mbus_describe(in, len, &told);
        assert_string_equal(told.title.en, rows[i].title);
        assert_string_equal(told.address, rows[i].address);
        assert_int_equal(told.item_count, rows[i].items);
        assert_int_equal(told.error_count, rows[i].err != GT_ERR_OK);
        if (rows[i].err != GT_ERR_OK) {
            assert_int_equal(told.errors[0].err, rows[i].err);
            assert_int_equal(told.errors[0].offset, rows[i].offset);
        }
    }
}

static const codec_field *field_of(const char *id)
{
    for (size_t i = 0; i < told.field_count; i++) {
        if (strcmp(told.fields[i].id, id) == 0) {
            return &told.fields[i];
        }
    }
    return NULL;
}

/* What data says: units that are reserved, letters in a counter, errors without a name, fillers. */
static void test_told(void **state)
{
    (void)state;
    static const struct {
        uint8_t ci;
        const char *data;
        const char *field;
        const char *meaning;
        size_t items;
        codec_item first;
    } rows[] = {
        {0x73,
         "785634120a00e97e0100000035010000",
         "unit2",
         "as unit 1, historic",
         2,
         {"C1", {"", "Volume"}, 15, 4, "0.001", "m³"}},
        {0x73,
         "785634120a00c0000100000035010000",
         "unit1",
         "reserved",
         2,
         {"C1", {"", "Counter 1"}, 15, 4, "1", ""}},
        {0x73,
         "785634120a00e9000a00000035010000",
         "unit2",
         "reserved",
         2,
         {"C1", {"", "Volume"}, 15, 4, "0000000AH", ""}},
        {0x70, "08", "error", "Application busy", 0, {0}},
        {0x70, "07", "error", "reserved", 0, {0}},
        {0x70, "ff", "error", "reserved", 0, {0}},
        {0x78, "2f2f2f017801", "ci", NULL, 2, {"2F", {"", "Idle filler"}, 7, 3, "3", ""}},
        {0x78, "2f", "ci", NULL, 1, {"2F", {"", "Idle filler"}, 7, 1, "1", ""}},
        {0x78, "2f1f2f2f", "ci", NULL, 2, {"2F", {"", "Idle filler"}, 7, 1, "1", ""}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t data[BYTES_MAX];
        uint8_t in[MBUS_FRAME_MAX];
        size_t len = 0;
        const mbus_frame frame = frame_of(rows[i].ci, rows[i].data, data);
        assert_int_equal(mbus_frame_encode(&frame, in, sizeof in, &len), GT_ERR_OK);
        mbus_describe(in, len, &told);
        assert_int_equal(told.error_count, 0);
        const char *meaning = field_of(rows[i].field)->meaning.en;
        assert_true(meaning == rows[i].meaning || strcmp(meaning, rows[i].meaning) == 0);
        assert_int_equal(told.item_count, rows[i].items);
        if (rows[i].items > 0) {
            const codec_item *want = &rows[i].first;
            assert_string_equal(told.items[0].id, want->id);
            assert_string_equal(told.items[0].name.en, want->name.en);
            assert_string_equal(told.items[0].value, want->value);
            assert_string_equal(told.items[0].unit, want->unit);
            assert_int_equal(told.items[0].offset, want->offset);
            assert_int_equal(told.items[0].len, want->len);
        }
    }
}

/* What the first bytes of something look like. An acknowledgement alone is a frame, among other
 * bytes only in front of a frame. */
static void test_probe(void **state)
{
    (void)state;
    static const struct {
        const char *hex;
        codec_match want;
        size_t len;
    } rows[] = {
        {"", CODEC_MATCH_NONE, 77},
        {"00", CODEC_MATCH_NONE, 77},
        {"e5", CODEC_MATCH_FRAME, 1},
        {"e500", CODEC_MATCH_NONE, 77},
        {"e51040004016", CODEC_MATCH_FRAME, 1},
        {"e51040004116", CODEC_MATCH_NONE, 77},
        {"e5680303680800727a16", CODEC_MATCH_FRAME, 1},
        {"e5680303680800727b16", CODEC_MATCH_NONE, 77},
        {"e568", CODEC_MATCH_NONE, 77},
        {"1040004016", CODEC_MATCH_FRAME, 5},
        {"1040004116", CODEC_MATCH_SHAPE, 5},
        {"10400040", CODEC_MATCH_NONE, 77},
        {"1040004017", CODEC_MATCH_NONE, 77},
        {"10c000c016", CODEC_MATCH_NONE, 77}, /* no control field of wired M-Bus */
        {"1053005316", CODEC_MATCH_NONE, 77}, /* data, and no room for it */
        {"1041004116", CODEC_MATCH_NONE, 77},
        {"680303680800727a16", CODEC_MATCH_FRAME, 9},
        {"680303680800727a16ff", CODEC_MATCH_FRAME, 9},
        {"680303680800727b16ff", CODEC_MATCH_SHAPE, 9},
        {"68030368", CODEC_MATCH_SHAPE, 4},
        {"680303", CODEC_MATCH_NONE, 77},
        {"68030369", CODEC_MATCH_NONE, 77},
        {"68020268", CODEC_MATCH_NONE, 77},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t in[BYTES_MAX];
        size_t len = 0;
        size_t claimed = 77;
        assert_int_equal(gt_hex_parse(rows[i].hex, in, sizeof in, &len), GT_ERR_OK);
        if (mbus_probe(in, len, &claimed) != rows[i].want || claimed != rows[i].len) {
            fail_msg("%s: %zu", rows[i].hex, claimed);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds),     cmocka_unit_test(test_header),
        cmocka_unit_test(test_selection), cmocka_unit_test(test_fixed),
        cmocka_unit_test(test_described), cmocka_unit_test(test_told),
        cmocka_unit_test(test_probe),
    };
    return cmocka_run_group_tests_name("codec/mbus/content", tests, NULL, NULL);
}
