/* Packets, lines and what is carried between them, in words; and from words to the same bytes. */
#include "base/hex.h"
#include "codec/detect/compose.h"
#include "codec/detect/detect.h"
#include "codec/dtu/describe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#define READ645 "\x68\x12\x90\x78\x56\x34\x12\x68\x91\x08\x33\x33\x34\x33\xab\x89\x67\x45\xcc\x16"
#define LOGIN "LOGIN:355837089512343,\x01\x02\x12\x34\r\n"
#define BEAT "HEART-0001"

static dtu_profile profile;
static codec_description d;

static int setup(void **state)
{
    (void)state;
    size_t at = 0;
    const gt_err a =
        dtu_template_parse("LOGIN:{imei},{hex:2}{bcd:2}\\r\\n", &profile.registration, &at);
    const gt_err b = dtu_template_parse("HEART-{id:4}", &profile.heartbeat, &at);
    return a == GT_ERR_OK && b == GT_ERR_OK ? 0 : -1;
}

/* Every byte of the description's frame is in some field or item. */
static void every_byte_told(size_t len)
{
    uint8_t told[512] = {0};
    for (size_t i = 0; i < d.field_count; i++) {
        memset(told + d.fields[i].offset, 1, d.fields[i].len);
    }
    for (size_t i = 0; i < d.item_count; i++) {
        memset(told + d.items[i].offset, 1, d.items[i].len);
    }
    for (size_t i = 0; i < len; i++) {
        assert_int_equal(told[i], 1);
    }
    assert_int_equal(told[len], 0);
}

static void comes_back(const uint8_t *in, size_t len)
{
    codec_value fields[CODEC_FIELDS_MAX];
    codec_value items[CODEC_ITEMS_MAX];
    for (size_t i = 0; i < d.field_count; i++) {
        fields[i] = (codec_value){d.fields[i].id, d.fields[i].value};
    }
    for (size_t i = 0; i < d.item_count; i++) {
        items[i] = (codec_value){d.items[i].id, d.items[i].value};
    }
    const codec_recipe recipe = {.address = d.address,
                                 .fields = fields,
                                 .field_count = d.field_count,
                                 .items = items,
                                 .item_count = d.item_count,
                                 .dtu = &profile};
    uint8_t buf[512];
    gt_wr w = gt_wr_of(buf, sizeof buf);
    codec_recipe_fault fault = {0};
    if (codec_compose(CODEC_DTU, &recipe, &w, &fault) != GT_ERR_OK) {
        fail_msg("%s: expected %s, found %s", fault.id, fault.expected, fault.found);
    }
    assert_int_equal(w.len, len);
    assert_memory_equal(buf, in, len);
}

static void test_mixed(void **state)
{
    (void)state;
    static const char in[] = LOGIN READ645 BEAT READ645 BEAT "+++AT+HEARTTM=30\r\n\r\nOK\r\n"
                                                             "AT+CSQ?\r\n\r\n+CSQ: 20,99\r\n";
    static const struct {
        codec_protocol protocol;
        const char *kind;
        const char *address;
    } want[] = {
        {CODEC_DTU, "registration", "355837089512343"},
        {CODEC_DLT645, NULL, "123456789012"},
        {CODEC_DTU, "heartbeat", "0001"},
        {CODEC_DLT645, NULL, "123456789012"},
        {CODEC_DTU, "heartbeat", "0001"},
        {CODEC_DTU, "escape", ""},
        {CODEC_DTU, "set", ""},
        {CODEC_DTU, "ok", ""},
        {CODEC_DTU, "query", ""},
        {CODEC_DTU, "value", ""},
    };
    dtu_held bytes = {(const uint8_t *)in, sizeof in - 1, .begins = true};
    size_t payload_end = 0;
    size_t pos = 0;
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
        const codec_found found = codec_detect_dtu(&profile, &bytes, pos, &payload_end);
        assert_int_equal(found.protocol, want[i].protocol);
        assert_int_equal(found.match, CODEC_MATCH_FRAME);
        assert_int_equal(found.offset, pos);
        if (found.protocol == CODEC_DTU) {
            dtu_describe(&profile, bytes.buf + pos, found.len, &d);
            assert_string_equal(d.fields[0].id, "kind");
            assert_string_equal(d.fields[0].value, want[i].kind);
            every_byte_told(found.len);
            comes_back(bytes.buf + pos, found.len);
        } else {
            codec_found_describe(&found, NULL, bytes.buf, &d);
        }
        assert_int_equal(d.error_count, 0);
        assert_string_equal(d.address, want[i].address);
        pos += found.len;
    }
    assert_int_equal(pos, sizeof in - 1);
}

/* Many lines cost no look at all the bytes behind each; a short packet behind a piece is seen
 * wherever the next one that is looked for everywhere stands. */
static void test_long(void **state)
{
    (void)state;
    enum { TIME_MAX_S = 2 };
    static const char line[] = "OK\r\n";
    static const char packets[] = READ645 "HB" BEAT "HB" BEAT;
    static const size_t lens[] = {sizeof READ645 - 1, 2, sizeof BEAT - 1, 2, sizeof BEAT - 1};
    static uint8_t in[(sizeof line - 1) * (1 << 14) + sizeof packets - 1];
    for (size_t at = 0; at + sizeof packets - 1 < sizeof in; at += sizeof line - 1) {
        memcpy(in + at, line, sizeof line - 1);
    }
    memcpy(in + sizeof in - (sizeof packets - 1), packets, sizeof packets - 1);
    dtu_profile two = profile;
    size_t fault_at = 0;
    assert_int_equal(dtu_template_parse("HB", &two.registration, &fault_at), GT_ERR_OK);
    assert_true(two.registration.alone);
    dtu_held bytes = {in, sizeof in, .begins = true};
    size_t payload_end = 0;
    size_t pieces = 0;
    const clock_t start = clock();
    for (size_t pos = 0; pos < sizeof in; pieces++) {
        const codec_found found = codec_detect_dtu(&two, &bytes, pos, &payload_end);
        assert_int_equal(found.match, CODEC_MATCH_FRAME);
        assert_int_equal(found.len, pieces < 1 << 14 ? sizeof line - 1 : lens[pieces - (1 << 14)]);
        pos += found.len;
    }
    assert_int_equal(pieces, (1 << 14) + sizeof lens / sizeof lens[0]);
    assert_true((clock() - start) / CLOCKS_PER_SEC < TIME_MAX_S);
}

static const codec_field *field_of(const char *id)
{
    for (size_t i = 0; i < d.field_count; i++) {
        if (strcmp(d.fields[i].id, id) == 0) {
            return &d.fields[i];
        }
    }
    return NULL;
}

static void test_values(void **state)
{
    (void)state;
    dtu_describe(&profile, (const uint8_t *)LOGIN, sizeof LOGIN - 1, &d);
    assert_string_equal(d.title.zh, "注册包");
    assert_string_equal(field_of("imei")->value, "355837089512343");
    assert_string_equal(field_of("imei")->name.en, "IMEI");
    assert_string_equal(field_of("hex")->value, "0102");
    assert_string_equal(field_of("bcd")->value, "1234");
    assert_string_equal(field_of("literal")->value, "LOGIN:");
    assert_string_equal(d.fields[d.field_count - 1].value, "0D0A");
    static const char set[] = "AT+HEARTTM=30\r\n";
    dtu_describe(NULL, (const uint8_t *)set, sizeof set - 1, &d);
    assert_int_equal(d.item_count, 1);
    assert_string_equal(d.items[0].id, "+HEARTTM");
    assert_string_equal(d.items[0].name.zh, "心跳包间隔");
    assert_string_equal(d.items[0].value, "30");
    assert_string_equal(d.items[0].unit, "s");
    static const char strange[] = "\r\n+XYZ=1\r\n";
    dtu_describe(NULL, (const uint8_t *)strange, sizeof strange - 1, &d);
    assert_string_equal(d.items[0].name.en, "parameter");
    every_byte_told(sizeof strange - 1);
    static const char text[] = "355837089512343\r\n";
    size_t len = 77;
    assert_int_equal(dtu_probe((const uint8_t *)text, sizeof text - 1, &len), CODEC_MATCH_NONE);
    assert_int_equal(len, 77);
    dtu_describe(NULL, (const uint8_t *)text, sizeof text - 1, &d);
    assert_string_equal(d.items[0].value, "355837089512343");
    every_byte_told(sizeof text - 1);
}

/* A line is claimed with its endings: those in front, and behind it one or a pair. */
static void test_probe(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        codec_match want;
        size_t len;
    } rows[] = {
        {"OK\r", CODEC_MATCH_FRAME, 3},     {"OK\r\n", CODEC_MATCH_FRAME, 4},
        {"OK\n", CODEC_MATCH_FRAME, 3},     {"OK\n\n", CODEC_MATCH_FRAME, 3},
        {"OK\rAT\r", CODEC_MATCH_FRAME, 3}, {"\n\rOK\r\nAT", CODEC_MATCH_FRAME, 6},
        {"+++", CODEC_MATCH_FRAME, 3},      {"+++\n", CODEC_MATCH_FRAME, 3},
        {"+++AT\r", CODEC_MATCH_FRAME, 3},  {"OK", CODEC_MATCH_NONE, 77},
        {"FINE\r\n", CODEC_MATCH_NONE, 77}, {"\r\n", CODEC_MATCH_NONE, 77},
        {"\x01\r", CODEC_MATCH_NONE, 77},   {"", CODEC_MATCH_NONE, 77},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t len = 77;
        if (dtu_probe((const uint8_t *)rows[i].in, strlen(rows[i].in), &len) != rows[i].want ||
            len != rows[i].len) {
            fail_msg("row %zu: %zu", i, len);
        }
    }
}

static void test_not_told(void **state)
{
    (void)state;
    static const struct {
        const dtu_profile *profile;
        const char *in;
        gt_err err;
    } rows[] = {
        {NULL, BEAT, GT_ERR_TRUNCATED},
        {&profile, BEAT "x", GT_ERR_TRUNCATED},
        {&profile, "HEART-000", GT_ERR_TRUNCATED},
        {&profile, "\x68", GT_ERR_TRUNCATED},
        {&profile, "\x01\r", GT_ERR_MALFORMED},
        {&profile, "", GT_ERR_TRUNCATED},
        {NULL, "\r\n", GT_ERR_TRUNCATED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        dtu_describe(rows[i].profile, (const uint8_t *)rows[i].in, strlen(rows[i].in), &d);
        assert_int_equal(d.error_count, 1);
        assert_int_equal(d.errors[0].err, rows[i].err);
        assert_int_equal(d.item_count, 0);
    }
    /* Payload of no protocol is told as such, and never as a line of the command mode. */
    const dtu_held bytes = {(const uint8_t *)"\xaa\xbb\xcc OK\r\n", 8, .begins = true};
    size_t payload_end = 0;
    const codec_found found = codec_detect_dtu(&profile, &bytes, 0, &payload_end);
    assert_int_equal(found.match, CODEC_MATCH_NONE);
    assert_int_equal(found.len, 8);
}

static void test_compose_refuses(void **state)
{
    (void)state;
    static const struct {
        codec_value fields[4];
        size_t count;
        const char *address;
        const dtu_profile *profile;
        gt_err err;
        const char *id;
    } rows[] = {
        {{{"kind", NULL}}, 0, "", &profile, GT_ERR_NOT_FOUND, "kind"},
        {{{"kind", "beat"}}, 1, "", &profile, GT_ERR_UNKNOWN, "kind"},
        {{{"kind", "heartbeat"}, {"id", "0001"}}, 2, "", NULL, GT_ERR_NOT_FOUND, "kind"},
        {{{"kind", "heartbeat"}}, 1, "", &profile, GT_ERR_NOT_FOUND, "id"},
        {{{"kind", "heartbeat"}, {"id", NULL}}, 2, "", &profile, GT_ERR_NOT_FOUND, "id"},
        {{{"kind", "heartbeat"}, {"id", "001"}}, 2, "", &profile, GT_ERR_SYNTAX, "id"},
        {{{"kind", "heartbeat"}}, 1, "00001", &profile, GT_ERR_SYNTAX, "id"},
        {{{"kind", "heartbeat"}, {"id", "0001"}, {"imei", "1"}},
         3,
         "",
         &profile,
         GT_ERR_UNKNOWN,
         "imei"},
        {{{"kind", "registration"}, {"imei", "355837089512343"}, {"bcd", "1234"}},
         3,
         "355837089512343",
         &profile,
         GT_ERR_NOT_FOUND,
         "hex"}, /* the address is not for every field */
        {{{"kind", "ok"}, {"name", "FINE"}}, 2, "", &profile, GT_ERR_MALFORMED, ""},
        {{{"kind", "ok"}, {"name", "OK"}, {"nam", "OK"}}, 3, "", &profile, GT_ERR_UNKNOWN, "nam"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const codec_recipe recipe = {.address = rows[i].address,
                                     .fields = rows[i].fields,
                                     .field_count = rows[i].count,
                                     .dtu = rows[i].profile};
        uint8_t buf[512];
        gt_wr w = gt_wr_of(buf, sizeof buf);
        codec_recipe_fault fault = {0};
        const gt_err err = codec_compose(CODEC_DTU, &recipe, &w, &fault);
        if (err != rows[i].err) {
            fail_msg("row %zu: %s", i, gt_err_name(err));
        }
        assert_string_equal(fault.id, rows[i].id);
        assert_int_equal(w.len, 0);
    }
    /* A device's number may come as the address. */
    const codec_value kind = {"kind", "heartbeat"};
    const codec_recipe recipe = {
        .address = "0001", .fields = &kind, .field_count = 1, .dtu = &profile};
    uint8_t buf[64];
    gt_wr w = gt_wr_of(buf, sizeof buf);
    codec_recipe_fault fault;
    assert_int_equal(codec_compose(CODEC_DTU, &recipe, &w, &fault), GT_ERR_OK);
    assert_memory_equal(buf, BEAT, sizeof BEAT - 1);
    w = gt_wr_of(buf, sizeof BEAT - 2);
    assert_int_equal(codec_compose(CODEC_DTU, &recipe, &w, &fault), GT_ERR_SPACE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mixed),  cmocka_unit_test(test_long),
        cmocka_unit_test(test_values), cmocka_unit_test(test_not_told),
        cmocka_unit_test(test_probe),  cmocka_unit_test(test_compose_refuses),
    };
    return cmocka_run_group_tests_name("codec/dtu/words", tests, setup, NULL);
}
