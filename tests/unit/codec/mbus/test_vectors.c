/* The shared captured telegrams: every record against its stated raw and normalized value, exact
 * re-encoding of frames and records, every prefix and every flipped bit, and the bad ones. */
#include "codec/mbus/content.h"
#include "codec/mbus/describe.h"
#include "base/hex.h"
#include "../vectors.h"

#include <math.h>
#include <strings.h>

static codec_description told;

static const char *string_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
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

/* How many of the stated unit make one of ours. */
static double factor_of(const char *ours)
{
    static const struct {
        const char *unit;
        double factor;
    } rows[] = {{"kWh", 1e3}, {"MJ", 1e6}, {"kW", 1e3}, {"min", 60}, {"h", 3600}, {"d", 86400}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i].unit, ours) == 0) {
            return rows[i].factor;
        }
    }
    return 1;
}

/* Six decimals are stated; our reals have nine digits. */
static bool near(double a, double b)
{
    return fabs(a - b) <= 1e-6 + 2e-7 * fabs(b);
}

static void number_check(const codec_item *item, const char *normalized)
{
    char *end = NULL;
    const double want = strtod(normalized, &end);
    assert_string_equal(end, "");
    assert_non_null(item->value);
    if (!near(strtod(item->value, NULL) * factor_of(item->unit), want)) {
        fail_msg("%s: %s %s, stated %s", item->name.en, item->value, item->unit, normalized);
    }
}

/* The same text but for blanks between bytes, T for the blank, seconds we do not have, a Z. */
static void text_check(const codec_item *item, const char *want)
{
    if (strncmp(want, "1900-01-00", 10) == 0) { /* how an invalid time is stated */
        assert_null(item->value);
        return;
    }
    const char *ours = item->value != NULL ? item->value : "";
    while (*want != '\0') {
        if (*want == ' ' && *ours != ' ') {
            want++;
        } else if (*ours == '\0') {
            assert_memory_equal(want, ":00", 3);
            return;
        } else {
            if (*want != *ours && (*want != 'T' || *ours != ' ')) {
                fail_msg("%s: %s, stated ..%s", item->name.en, item->value, want);
            }
            want++;
            ours++;
        }
    }
    assert_string_equal(ours, "");
}

static void part_check(const json_t *record, const char *key, const char *label, const char *name)
{
    const char *want = string_of(record, key);
    char part[32];
    if (want != NULL && strcmp(want, "0") != 0) {
        (void)snprintf(part, sizeof part, ", %s %s", label, want);
        assert_non_null(strstr(name, part));
    } else {
        (void)snprintf(part, sizeof part, ", %s ", label);
        assert_null(strstr(name, part));
    }
}

static void record_check(const json_t *raw, const json_t *normalized, const codec_item *item)
{
    const char *function = string_of(raw, "Function");
    const char *value = string_of(raw, "Value");
    const char *norm = string_of(normalized, "Value");
    const char *name = item->name.en;
    assert_int_equal(strcmp(function, "Maximum value") == 0, strstr(name, ", maximum") != NULL);
    assert_int_equal(strcmp(function, "Minimum value") == 0, strstr(name, ", minimum") != NULL);
    assert_int_equal(strcmp(function, "Value during error state") == 0,
                     strstr(name, ", during error") != NULL);
    assert_int_equal(strcmp(function, "More records follow") == 0, strcmp(item->id, "1F") == 0);
    if (strcmp(function, "Actual value") != 0) {
        part_check(raw, "StorageNumber", "storage", name);
        part_check(raw, "Tariff", "tariff", name);
        part_check(raw, "Device", "device", name);
    }
    char *end = NULL;
    (void)strtod(norm != NULL ? norm : value, &end);
    const size_t ours = item->value != NULL ? strlen(item->value) : 0;
    if (ours > 0 && item->value[ours - 1] == 'H') { /* BCD that is none: stated in hex, too */
        assert_memory_equal(item->value, value, ours - 1);
    } else if (*value == '\0' || *end != '\0') {
        text_check(item, value);
    } else if (strcmp(function, "Actual value") == 0 && strcmp(item->unit, "m³") == 0) {
        assert_true(near(strtod(item->value, NULL) * 1000, strtod(value, NULL))); /* litres */
    } else if (strcmp(function, "Actual value") == 0) {
        assert_string_equal(item->value, value);
    } else {
        number_check(item, norm != NULL ? norm : value);
    }
}

static void header_check(const json_t *slave)
{
    char id[16];
    (void)snprintf(id, sizeof id, "%08lX", strtol(string_of(slave, "Id"), NULL, 16));
    assert_string_equal(field_of("id")->value, id);
    assert_int_equal(strtol(field_of("access")->value, NULL, 10),
                     strtol(string_of(slave, "AccessNumber"), NULL, 10));
    assert_int_equal(strtol(field_of("status")->value, NULL, 16),
                     strtol(string_of(slave, "Status"), NULL, 16));
    const char *medium = field_of("medium")->meaning.en;
    const size_t letters = strcspn(string_of(slave, "Medium"), "(");
    assert_int_equal(strncasecmp(medium, string_of(slave, "Medium"), letters), 0);
    if (string_of(slave, "Manufacturer") != NULL) {
        assert_string_equal(field_of("manufacturer")->value, string_of(slave, "Manufacturer"));
        assert_string_equal(field_of("version")->value, string_of(slave, "Version"));
        assert_int_equal(strtol(field_of("signature")->value, NULL, 16),
                         strtol(string_of(slave, "Signature"), NULL, 16));
    }
}

/* What each bad or unusual one is to us. */
static void negative_check(const char *name, const json_t *raw)
{
    static const struct {
        const char *name;
        gt_err err;
        uint32_t offset;
        size_t items;
    } rows[] = {
        {"invalid_length2", GT_ERR_TRUNCATED, 22, 0},
        {"manual_frame4", GT_ERR_OK, 0, 1}, /* sent by masters: unusual to a decoder of answers */
        {"manual_frame5", GT_ERR_OK, 0, 1},
        {"manual_frame6", GT_ERR_OK, 0, 2},
        {"svm_f22_telegram2", GT_ERR_OK, 0, 1}, /* all of it the manufacturer's */
        {"premature_end_of_data2", GT_ERR_TRUNCATED, 29, 0},
        {"premature_end_of_var_vif1", GT_ERR_TRUNCATED, 41, 0},
        {"too_many_dife", GT_ERR_RANGE, 29, 0},
    };
    const char *error = string_of(json_object_get(raw, "slave"), "Error");
    const char *base = strchr(name, '/') + 1;
    if (error != NULL) {
        assert_int_equal(told.error_count, 0);
        assert_int_equal(strncasecmp(field_of("error")->meaning.en, error, 16), 0);
        return;
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i].name, base) == 0) {
            assert_int_equal(told.item_count, rows[i].items);
            assert_int_equal(told.error_count, rows[i].err != GT_ERR_OK);
            if (rows[i].err != GT_ERR_OK) {
                assert_int_equal(told.errors[0].err, rows[i].err);
                assert_int_equal(told.errors[0].offset, rows[i].offset);
            }
            return;
        }
    }
    fail_msg("no row for %s", name);
}

static void damage_check(uint8_t *in, size_t len)
{
    mbus_frame frame;
    for (size_t cut = 0; cut < len; cut++) {
        assert_int_equal(mbus_frame_decode(in, cut, &frame), GT_ERR_TRUNCATED);
    }
    for (size_t bit = 0; bit < 8 * len; bit++) {
        in[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_not_equal(mbus_frame_decode(in, len, &frame), GT_ERR_OK);
        size_t claimed = 0;
        assert_false(mbus_probe(in, len, &claimed) == CODEC_MATCH_FRAME && claimed == len);
        in[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t cut = 0; cut < len; cut += 7) {
        mbus_describe(in, cut, &told);
        assert_int_equal(told.error_count, 1);
        assert_int_equal(told.item_count, 0);
    }
}

static void again_check(const uint8_t *in, size_t len)
{
    mbus_frame frame;
    uint8_t back[MBUS_FRAME_MAX];
    size_t back_len = 0;
    assert_int_equal(mbus_frame_decode(in, len, &frame), GT_ERR_OK);
    assert_int_equal(mbus_frame_encode(&frame, back, sizeof back, &back_len), GT_ERR_OK);
    assert_int_equal(back_len, len);
    assert_memory_equal(back, in, len);
    mbus_content c;
    if (mbus_content_decode(&frame, &c) != GT_ERR_OK || c.kind != MBUS_CONTENT_RECORDS) {
        return;
    }
    gt_rd r = gt_rd_of(c.rest, c.rest_len);
    gt_wr w = gt_wr_of(back, sizeof back);
    mbus_record m;
    size_t end = 0;
    while (gt_rd_left(&r) > 0 && mbus_record_decode(&r, &m) == GT_ERR_OK) {
        assert_int_equal(mbus_record_encode(&m, &w), GT_ERR_OK);
        end = r.pos;
    }
    assert_int_equal(w.len, end);
    assert_memory_equal(back, c.rest, end);
}

static void vector_check(const json_t *vector)
{
    const json_t *expect = json_object_get(vector, "expect");
    const json_t *raw = json_object_get(expect, "raw");
    uint8_t in[MBUS_FRAME_MAX];
    size_t len = 0;
    assert_int_equal(gt_hex_parse(string_of(vector, "hex"), in, sizeof in, &len), GT_ERR_OK);
    again_check(in, len);
    damage_check(in, len);
    size_t claimed = 0;
    assert_int_equal(mbus_probe(in, len, &claimed), CODEC_MATCH_FRAME);
    assert_int_equal(claimed, len);
    mbus_describe(in, len, &told);
    assert_false(told.cut);
    if (json_object_get(expect, "negative") != NULL) {
        negative_check(string_of(vector, "name"), raw);
        return;
    }
    assert_int_equal(told.error_count, 0);
    header_check(json_object_get(raw, "slave"));
    const json_t *records = json_object_get(raw, "records");
    const json_t *normalized = json_object_get(json_object_get(expect, "normalized"), "records");
    size_t n = 0; /* fillers are stated nowhere */
    for (size_t i = 0; i < told.item_count; i++) {
        if (strcmp(told.items[i].id, "2F") != 0) {
            record_check(json_array_get(records, n), json_array_get(normalized, n), &told.items[i]);
            n++;
        }
    }
    assert_int_equal(n, json_array_size(records));
}

static void test_shared(void **state)
{
    (void)state;
    vectors_check(SOURCE_ROOT "/../shared/data/vectors/mbus.jsonl", 64, vector_check);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_shared)};
    return cmocka_run_group_tests_name("codec/mbus/vectors", tests, NULL, NULL);
}
