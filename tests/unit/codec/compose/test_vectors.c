/* Every published frame that decodes is composed again from its description. A protocol's row says
 * how many of its frames cannot be: frames that are not canonical, or of a kind that no composer
 * covers. The number may only fall. Absent vectors skip the test. */
#include "base/hex.h"
#include "codec/detect/compose.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <jansson.h>

enum { FRAME_MAX = 2048 };

typedef struct again {
    codec_description d;
    codec_value fields[CODEC_FIELDS_MAX];
    codec_value items[CODEC_ITEMS_MAX];
    uint8_t out[CODEC_COMPOSED_MAX];
} again;

/* Composes what was found in @p in from its description. */
static bool same_again(again *a, const codec_found *found, const uint8_t *in, const char *name)
{
    const codec_description *d = &a->d;
    for (size_t i = 0; i < d->field_count; i++) {
        a->fields[i] = (codec_value){d->fields[i].id, d->fields[i].value};
    }
    for (size_t i = 0; i < d->item_count; i++) {
        a->items[i] = (codec_value){d->items[i].id, d->items[i].value};
    }
    const codec_recipe recipe = {d->address, a->fields,     d->field_count,
                                 a->items,   d->item_count, NULL};
    gt_wr w = gt_wr_of(a->out, sizeof a->out);
    codec_recipe_fault fault;
    if (codec_compose(found->protocol, &recipe, &w, &fault) != GT_ERR_OK) {
        print_message("%s: %s: expected %s, found %s\n", name, fault.id, fault.expected,
                      fault.found);
        return false;
    }
    const bool same = w.len == found->len && memcmp(a->out, in + found->offset, w.len) == 0;
    if (!same) {
        char hex[2 * FRAME_MAX + 1];
        gt_hex_format(a->out, w.len < FRAME_MAX ? w.len : FRAME_MAX, hex, sizeof hex);
        print_message("%s: other bytes: %s\n", name, hex);
    }
    return same;
}

/* How many frames of the line do not come out the same. */
static unsigned line_check(again *a, const char *line, unsigned *out_frames)
{
    json_t *vector = json_loads(line, 0, NULL);
    const char *hex = json_string_value(json_object_get(vector, "hex"));
    codec_protocol wanted = CODEC_ANY;
    const char *name = json_string_value(json_object_get(vector, "proto"));
    uint8_t in[FRAME_MAX];
    size_t in_len = 0;
    unsigned failed = 0;
    if (hex == NULL || !codec_protocol_parse(name, &wanted) ||
        gt_hex_parse(hex, in, sizeof in, &in_len) != GT_ERR_OK) {
        in_len = 0; /* a vector that is no frame: its codec's own test reads it */
    }
    for (size_t pos = 0; pos < in_len;) {
        const codec_found found = codec_detect(wanted, in, in_len, pos);
        pos = found.offset + found.len;
        codec_found_describe(&found, NULL, in, &a->d);
        if (a->d.error_count == 0 && found.match == CODEC_MATCH_FRAME) {
            *out_frames += 1;
            failed +=
                !same_again(a, &found, in, json_string_value(json_object_get(vector, "name")));
        }
    }
    json_decref(vector);
    return failed;
}

static void test_vectors(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        unsigned failed_max;
    } rows[] = {
        {"cjt188.jsonl", 0},     {"dlt645-1997.jsonl", 0}, {"dlt645-2007.jsonl", 0},
        {"dlt698.45.jsonl", 0},  {"mbus.jsonl", 3},        {"modbus.jsonl", 0},
        {"qgdw1376.1.jsonl", 0}, {"qgdw1376.2.jsonl", 0},
    };
    again *a = calloc(1, sizeof *a);
    assert_non_null(a);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char path[512];
        (void)snprintf(path, sizeof path, "%s/../shared/data/vectors/%s", SOURCE_ROOT,
                       rows[i].file);
        FILE *file = fopen(path, "re");
        if (file == NULL) {
            free(a);
            skip();
        }
        char *line = NULL;
        size_t cap = 0;
        unsigned failed = 0;
        unsigned frames = 0;
        while (getline(&line, &cap, file) > 0) {
            failed += line_check(a, line, &frames);
        }
        free(line);
        (void)fclose(file);
        print_message("%s: %u of %u frames come out the same\n", rows[i].file, frames - failed,
                      frames);
        assert_true(frames > 0);
        assert_true(failed <= rows[i].failed_max);
    }
    free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_vectors)};
    return cmocka_run_group_tests_name("codec/compose_vectors", tests, NULL, NULL);
}
