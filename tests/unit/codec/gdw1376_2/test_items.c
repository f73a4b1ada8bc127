/* The tables, row by row: order, completeness; and for every function in both directions a made-up
 * frame that is measured, told byte by byte, and composed again from what was told. */
#include "codec/gdw1376_2/compose.h"
#include "codec/gdw1376_2/describe.h"
#include "codec/gdw1376_2/walk.h"
#include "../vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

enum { DATA_MAX = 1500, SEEDS = 8 };

static void test_order(void **state)
{
    (void)state;
    uint32_t before = 0;
    size_t rows = 0;
    for (const gdw1376_2_item *row = gdw1376_2_item_at(0); row != NULL;
         row = gdw1376_2_item_at(++rows)) {
        const uint32_t key = (uint32_t)row->afn << 16 | row->fn;
        assert_true(rows == 0 || key > before);
        assert_ptr_equal(gdw1376_2_item_of(row->afn, row->fn), row);
        assert_non_null(gdw1376_2_afn_of(row->afn));
        assert_true(row->fn >= 1 && row->fn <= GDW1376_2_FN_MAX);
        assert_true(row->name.zh[0] != '\0' && row->name.en[0] != '\0');
        before = key;
    }
    assert_true(rows > 75);
    assert_null(gdw1376_2_item_of(0x7F, 1));
    assert_null(gdw1376_2_item_of(0x03, 200));
    assert_null(gdw1376_2_afn_of(0x07));
    assert_null(gdw1376_2_mode_of(0));
    assert_int_equal(gdw1376_2_item_layout(NULL, true), GDW1376_2_LAYOUT_ANY);
}

/* Every layout but NONE has fields, one layout's behind the other's, and some function uses it. */
static void test_layouts(void **state)
{
    (void)state;
    bool used[GDW1376_2_LAYOUTS] = {false};
    size_t rows = 0;
    for (const gdw1376_2_item *row = gdw1376_2_item_at(0); row != NULL;
         row = gdw1376_2_item_at(++rows)) {
        used[row->down] = true;
        used[row->up] = true;
    }
    size_t count = 1;
    const gdw1376_2_field *end = gdw1376_2_layout_fields(GDW1376_2_LAYOUT_NONE, &count);
    assert_int_equal(count, 0);
    for (unsigned i = GDW1376_2_LAYOUT_NONE + 1; i < GDW1376_2_LAYOUTS; i++) {
        const gdw1376_2_field *first = gdw1376_2_layout_fields((gdw1376_2_layout)i, &count);
        assert_ptr_equal(first, end);
        assert_true(count > 0 && used[i]);
        end = first + count;
    }
}

/* Data made up while the walk asks for them. */
typedef struct sample {
    gt_wr w;
    uint32_t seed;
    unsigned more; /* how many fields that need not come do */
} sample;

static uint32_t sample_random(sample *s, uint32_t below)
{
    s->seed = s->seed * 1664525U + 1013904223U;
    return (s->seed >> 8) % below;
}

static void sample_visit(void *ctx, const gdw1376_2_met *met, gt_rd *r)
{
    sample *s = ctx;
    const bool any = met->len == SIZE_MAX;
    const size_t len = any ? sample_random(s, 9) : met->len;
    const unsigned times = met->field->times;
    const bool counts =
        times == GDW1376_2_INNER_COUNT || (times >= GDW1376_2_COUNT && times <= GDW1376_2_LESS1);
    const bool text = met->field->kind == GDW1376_2_KIND_TEXT && sample_random(s, 2) != 0;
    for (size_t i = 0; i < len; i++) {
        const uint32_t byte = counts ? (i == 0 ? 1 + sample_random(s, 4) : 0)
                                     : (text ? '!' + sample_random(s, 90) : sample_random(s, 256));
        gt_wr_u8(&s->w, (uint8_t)byte);
    }
    r->len = s->w.len;
}

static bool sample_more(void *ctx)
{
    sample *s = ctx;
    return s->more > 0 && s->more-- > 0;
}

static size_t sample_make(gdw1376_2_layout layout, uint32_t seed, uint8_t *buf)
{
    sample s = {.seed = seed, .w = gt_wr_of(buf, DATA_MAX), .more = seed % 4};
    gt_rd r = gt_rd_of(buf, 0);
    gdw1376_2_layout_walk(layout, &r, &(gdw1376_2_visitor){sample_visit, sample_more, &s});
    assert_int_equal(r.err, GT_ERR_OK);
    assert_int_equal(s.w.err, GT_ERR_OK);
    return s.w.len;
}

static codec_description d;

static void every_byte_told(const uint8_t *in, size_t len)
{
    uint8_t covered[GDW1376_2_FRAME_MAX] = {0};
    gdw1376_2_describe(in, len, &d);
    assert_int_equal(d.error_count, 0);
    assert_false(d.cut);
    for (size_t i = 0; i < d.field_count; i++) {
        memset(covered + d.fields[i].offset, 1, d.fields[i].len);
    }
    for (size_t i = 0; i < d.item_count; i++) {
        assert_true(d.items[i].name.zh[0] != '\0' && d.items[i].name.en[0] != '\0');
        memset(covered + d.items[i].offset, 1, d.items[i].len);
    }
    assert_null(memchr(covered, 0, len));
}

/* What was told makes the same bytes. */
static void composed_again(const uint8_t *in, size_t len)
{
    static codec_value fields[CODEC_FIELDS_MAX];
    static codec_value items[CODEC_ITEMS_MAX];
    uint8_t out[GDW1376_2_FRAME_MAX];
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
                                 .item_count = d.item_count};
    codec_composer c = codec_composer_of(&recipe);
    size_t out_len = 0;
    const gt_err err = gdw1376_2_compose(&c, out, sizeof out, &out_len);
    if (err != GT_ERR_OK) {
        print_error("%s: expected %s, found %s\n", c.fault.id, c.fault.expected, c.fault.found);
    }
    assert_int_equal(err, GT_ERR_OK);
    assert_int_equal(out_len, len);
    assert_memory_equal(out, in, len);
    for (size_t cap = 0; cap < len; cap++) {
        c = codec_composer_of(&recipe);
        out_len = 77;
        assert_int_equal(gdw1376_2_compose(&c, out, cap, &out_len), GT_ERR_SPACE);
        assert_int_equal(out_len, 77);
    }
}

static bool takes_less(gdw1376_2_layout layout)
{
    size_t count = 0;
    const gdw1376_2_field *f = gdw1376_2_layout_fields(layout, &count);
    return count > 0 && f[count - 1].times >= GDW1376_2_REST;
}

/* The walk measures the data whole, and no shorter ones, but where any number of fields will do. */
static void measured(gdw1376_2_layout layout, const uint8_t *data, size_t len)
{
    gt_rd r = gt_rd_of(data, len);
    gdw1376_2_layout_walk(layout, &r, NULL);
    assert_int_equal(gt_rd_done(&r), GT_ERR_OK);
    for (size_t n = 0; n < len; n++) {
        gt_rd cut = gt_rd_of(data, n);
        gdw1376_2_layout_walk(layout, &cut, NULL);
        assert_true(cut.err == GT_ERR_TRUNCATED || takes_less(layout));
    }
}

static gt_err decode(const uint8_t *in, size_t in_len)
{
    gdw1376_2_frame f;
    return gdw1376_2_frame_decode(in, in_len, &f);
}

static void one_way(const gdw1376_2_item *item, bool up)
{
    const gdw1376_2_layout layout = gdw1376_2_item_layout(item, up);
    for (uint32_t seed = 0; seed < SEEDS; seed++) {
        uint8_t data[DATA_MAX];
        uint8_t frame[GDW1376_2_FRAME_MAX];
        const size_t data_len = sample_make(layout, seed * 977U + item->fn, data);
        measured(layout, data, data_len);
        gdw1376_2_frame f = {.up = up,
                             .prm = seed % 2 == 0,
                             .mode = 3,
                             .info = {(uint8_t)(seed % 4 * 0x14), 1, 0xFF, 0, 0x81, (uint8_t)seed},
                             .source = 0x112233445566 + seed,
                             .relays = {1, 2, 3},
                             .destination = 0x000006605518,
                             .afn = item->afn,
                             .fn = item->fn,
                             .data = data,
                             .data_len = data_len};
        size_t len = 0;
        assert_int_equal(gdw1376_2_frame_encode(&f, frame, sizeof frame, &len), GT_ERR_OK);
        every_byte_told(frame, len);
        composed_again(frame, len);
        if (seed == 1) {
            damage_refused(decode, frame, len);
        }
    }
}

static void test_every_function_again(void **state)
{
    (void)state;
    size_t rows = 0;
    for (const gdw1376_2_item *row = gdw1376_2_item_at(0); row != NULL;
         row = gdw1376_2_item_at(++rows)) {
        one_way(row, false);
        one_way(row, true);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_layouts),
        cmocka_unit_test(test_every_function_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
