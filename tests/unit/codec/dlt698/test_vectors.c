/* Every published frame and APDU: the envelope as stated, the same bytes again, every byte named,
 * no prefix and no flipped bit accepted, values as stated. */
#include "base/hex.h"
#include "codec/dlt698/apdu.h"
#include "codec/dlt698/describe.h"
#include "codec/dlt698/frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <jansson.h>

enum { BYTES_MAX = 512, LINE_MAX_LEN = 4096 };

static codec_description told;

static const char *text_of(const json_t *expect, const char *key)
{
    return json_string_value(json_object_get(expect, key));
}

static void hex_check(const json_t *expect, const char *key, const uint8_t *bytes, size_t len)
{
    const char *want = text_of(expect, key);
    if (want == NULL) {
        return;
    }
    char got[2 * BYTES_MAX + 1];
    gt_hex_format(bytes, len, got, sizeof got);
    assert_string_equal(got, want);
}

static void number_check(const json_t *expect, const char *key, uint64_t got)
{
    const json_t *want = json_object_get(expect, key);
    if (json_is_string(want)) {
        assert_int_equal(strtoul(json_string_value(want), NULL, 16), got);
    } else if (json_is_integer(want)) {
        assert_int_equal(json_integer_value(want), got);
    }
}

static void named_check(size_t len)
{
    uint8_t covered[BYTES_MAX] = {0};
    assert_false(told.cut);
    for (size_t i = 0; i < told.field_count; i++) {
        memset(covered + told.fields[i].offset, 1, told.fields[i].len);
    }
    for (size_t i = 0; i < told.item_count; i++) {
        assert_true(told.items[i].name.zh[0] != '\0');
        assert_true(told.items[i].name.en[0] != '\0');
        memset(covered + told.items[i].offset, 1, told.items[i].len);
    }
    for (size_t i = 0; i < len; i++) {
        assert_int_equal(covered[i], 1);
    }
}

static void damage_check(const uint8_t *in, size_t len)
{
    uint8_t bad[BYTES_MAX];
    dlt698_frame f;
    for (size_t n = 0; n < len; n++) {
        assert_int_not_equal(dlt698_frame_decode(in, n, &f), GT_ERR_OK);
        dlt698_describe(in, n, &told);
        assert_true(told.error_count > 0);
        assert_int_equal(told.item_count, 0);
    }
    memcpy(bad, in, len);
    for (size_t bit = 0; bit < 8 * len; bit++) {
        bad[bit / 8] ^= (uint8_t)(1U << bit % 8);
        assert_int_not_equal(dlt698_frame_decode(bad, len, &f), GT_ERR_OK);
        dlt698_describe(bad, len, &told);
        assert_true(told.error_count > 0);
        assert_int_equal(told.item_count, 0);
        bad[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
}

/* What the walk gives out, written again, is the APDU. */
static void apdu_again(const uint8_t *apdu, size_t len)
{
    uint8_t out[BYTES_MAX];
    gt_wr w = gt_wr_of(out, sizeof out);
    dlt698_walk walk;
    dlt698_walk_init(&walk, DLT698_TYPE_APDU, apdu, len);
    dlt698_node node;
    while (dlt698_walk_next(&walk, &node)) {
        dlt698_write_node(&w, &node);
    }
    assert_int_equal(dlt698_walk_done(&walk), GT_ERR_OK);
    assert_int_equal(gt_wr_done(&w), GT_ERR_OK);
    assert_int_equal(w.len, len);
    assert_memory_equal(out, apdu, len);
    for (size_t n = 0; n < len; n++) {
        assert_int_not_equal(dlt698_check(DLT698_TYPE_APDU, apdu, n), GT_ERR_OK);
    }
}

static uint64_t number_of(const dlt698_entry *entry, unsigned member)
{
    dlt698_walk w;
    dlt698_walk_init(&w, DLT698_TYPE_DATA, entry->data, entry->data_len);
    dlt698_node node;
    uint64_t v = 0;
    assert_true(dlt698_walk_next(&w, &node));
    for (unsigned i = 0; node.value == NULL && i <= member; i++) {
        dlt698_node below;
        assert_true(dlt698_walk_next(&w, &below));
        if (i == member) {
            node = below;
        }
    }
    assert_int_equal(dlt698_node_unsigned(&node, &v), GT_ERR_OK);
    return v;
}

static void raw_check(const json_t *expect, const dlt698_entry *entry)
{
    const json_t *raw = json_object_get(expect, "raw");
    if (json_is_integer(raw)) {
        assert_int_equal(number_of(entry, 0), json_integer_value(raw));
    }
    for (unsigned i = 0; i < json_array_size(raw); i++) {
        assert_int_equal(number_of(entry, i), json_integer_value(json_array_get(raw, i)));
    }
}

static void civil_check(const char *want, const dlt698_entry *entry)
{
    dlt698_node node;
    gt_civil c;
    char got[32];
    assert_int_equal(dlt698_data_one(entry->data, entry->data_len, &node), GT_ERR_OK);
    assert_int_equal(dlt698_node_civil(&node, &c), GT_ERR_OK);
    (void)snprintf(got, sizeof got, "%04d-%02u-%02u %02u:%02u:%02u", c.year, c.month, c.day, c.hour,
                   c.minute, c.second);
    assert_string_equal(got, want);
}

static void cell_check(const json_t *want, const dlt698_entry *entry)
{
    if (json_is_string(want)) {
        civil_check(json_string_value(want), entry);
    } else if (json_is_integer(want)) {
        assert_int_equal(number_of(entry, 0), json_integer_value(want));
    }
    for (unsigned i = 0; i < json_array_size(want); i++) {
        assert_int_equal(number_of(entry, i), json_integer_value(json_array_get(want, i)));
    }
}

static void rows_check(const json_t *expect, const uint8_t *apdu, size_t len)
{
    const json_t *rows = json_object_get(expect, "rows");
    const json_t *cols = json_object_get(expect, "cols");
    dlt698_entries e;
    dlt698_entry entry;
    assert_int_equal(dlt698_entries_init(&e, apdu, len), GT_ERR_OK);
    for (size_t r = 0; r < json_array_size(rows); r++) {
        const json_t *row = json_array_get(rows, r);
        for (size_t c = 0; c < json_array_size(row); c++) {
            assert_true(dlt698_entries_next(&e, &entry));
            assert_true(entry.is_cell);
            assert_int_equal(entry.row, r);
            cell_check(json_array_get(row, c), &entry);
            if (cols != NULL) {
                assert_int_equal(dlt698_oad_number(entry.column),
                                 strtoul(json_string_value(json_array_get(cols, c)), NULL, 16));
            }
        }
    }
    assert_false(dlt698_entries_next(&e, &entry));
}

static void link_check(const json_t *expect, const uint8_t *apdu, size_t len)
{
    uint8_t out[BYTES_MAX];
    gt_wr w = gt_wr_of(out, sizeof out);
    if (apdu[0] == DLT698_LINK_REQUEST) {
        static const char *const types[] = {"login", "heartbeat", "logout"};
        dlt698_link_request m;
        assert_int_equal(dlt698_link_request_decode(apdu, len, &m), GT_ERR_OK);
        dlt698_link_request_write(&w, &m);
        number_check(expect, "heartbeat_s", m.heartbeat_s);
        if (text_of(expect, "type") != NULL) {
            assert_string_equal(types[m.type], text_of(expect, "type"));
        }
    } else if (apdu[0] == DLT698_LINK_RESPONSE) {
        dlt698_link_response m;
        assert_int_equal(dlt698_link_response_decode(apdu, len, &m), GT_ERR_OK);
        dlt698_link_response_write(&w, &m);
        number_check(expect, "result", m.result);
        number_check(expect, "clock_trusted", m.result >> 7);
    } else {
        return;
    }
    assert_int_equal(gt_wr_done(&w), GT_ERR_OK);
    assert_int_equal(w.len, len);
    assert_memory_equal(out, apdu, len);
}

/* The item whose id begins so; NULL when there is none. */
static const codec_item *item_named(const char *id)
{
    for (size_t i = 0; i < told.item_count; i++) {
        if (strncmp(told.items[i].id, id, strlen(id)) == 0) {
            return &told.items[i];
        }
    }
    return NULL;
}

/* "050100..." is an attribute's number in upper-case digits as the first OAD told. */
static void oad_check(const json_t *expect)
{
    const char *want = text_of(expect, "oad");
    const codec_item *item = item_named("OAD");
    if (want != NULL) {
        assert_non_null(item);
        assert_int_equal(strtoul(item->value, NULL, 16), strtoul(want, NULL, 16));
    }
}

static void value_check(const json_t *expect, const uint8_t *apdu, size_t len)
{
    const char *value = text_of(expect, "value");
    const bool raw = json_object_get(expect, "raw") != NULL;
    const json_t *dar = json_object_get(expect, "dar");
    dlt698_entries e;
    dlt698_entry entry;
    assert_int_equal(dlt698_entries_init(&e, apdu, len), GT_ERR_OK);
    if (value == NULL && !raw && dar == NULL) {
        return;
    }
    assert_true(dlt698_entries_next(&e, &entry));
    raw_check(expect, &entry);
    if (dar != NULL) {
        assert_false(entry.is_value);
        assert_int_equal(entry.dar, json_integer_value(dar));
    } else if (value != NULL && strchr(value, '-') != NULL) {
        civil_check(value, &entry);
    } else if (value != NULL) {
        dlt698_node node;
        assert_int_equal(dlt698_data_one(entry.data, entry.data_len, &node), GT_ERR_OK);
        hex_check(expect, "value", node.value, node.value_len);
    }
}

static void apdu_check(const json_t *expect, const uint8_t *apdu, size_t len)
{
    apdu_again(apdu, len);
    link_check(expect, apdu, len);
    value_check(expect, apdu, len);
    if (json_object_get(expect, "rows") != NULL) {
        rows_check(expect, apdu, len);
    }
}

static void frame_check(const json_t *expect, const uint8_t *in, size_t len)
{
    dlt698_frame f;
    uint8_t out[BYTES_MAX];
    size_t out_len = 0;
    assert_int_equal(dlt698_frame_decode(in, len, &f), GT_ERR_OK);
    number_check(expect, "ctrl", in[3]);
    number_check(expect, "dir", f.from_server ? 1 : 0);
    number_check(expect, "prm", f.prm ? 1 : 0);
    number_check(expect, "frag", f.fragment ? 1 : 0);
    number_check(expect, "scramble", f.scrambled ? 1 : 0);
    number_check(expect, "func", f.function);
    number_check(expect, "sa_type", (uint64_t)f.addr.type);
    number_check(expect, "sa_logic", f.addr.logical);
    number_check(expect, "ca", f.addr.ca);
    hex_check(expect, "sa", f.addr.sa, f.addr.len);
    if (!f.fragment) {
        hex_check(expect, "apdu", f.data, f.data_len);
        apdu_check(expect, f.data, f.data_len);
    }
    assert_int_equal(dlt698_frame_encode(&f, out, sizeof out, &out_len), GT_ERR_OK);
    assert_int_equal(out_len, len);
    assert_memory_equal(out, in, len);
    size_t claimed = 0;
    assert_int_equal(dlt698_probe(in, len, &claimed), CODEC_MATCH_FRAME);
    assert_int_equal(claimed, len);
    dlt698_describe(in, len, &told);
    assert_int_equal(told.error_count, 0);
    named_check(len);
    oad_check(expect);
    damage_check(in, len);
}

static void test_published(void **state)
{
    (void)state;
    FILE *file = fopen(GT_VECTORS "/dlt698.45.jsonl", "r");
    if (file == NULL) {
        skip();
    }
    char line[LINE_MAX_LEN];
    unsigned count = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        json_t *vector = json_loads(line, 0, NULL);
        assert_non_null(vector);
        const char *name = json_string_value(json_object_get(vector, "name"));
        const json_t *expect = json_object_get(vector, "expect");
        uint8_t in[BYTES_MAX];
        size_t len = 0;
        assert_int_equal(
            gt_hex_parse(json_string_value(json_object_get(vector, "hex")), in, sizeof in, &len),
            GT_ERR_OK);
        print_message("%s\n", name);
        if (strncmp(name, "apdu-", 5) == 0) {
            apdu_check(expect, in, len);
        } else {
            frame_check(expect, in, len);
        }
        json_decref(vector);
        count++;
    }
    (void)fclose(file);
    assert_true(count >= 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_published)};
    return cmocka_run_group_tests_name("codec/dlt698/vectors", tests, NULL, NULL);
}
