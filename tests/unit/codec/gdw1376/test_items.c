/* The tables, row by row: order, completeness; and for every function in both directions a made-up
 * frame that is measured, told byte by byte, and composed again from what was told. */
#include "codec/gdw1376/compose.h"
#include "codec/gdw1376/describe.h"
#include "sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void test_order(void **state)
{
    (void)state;
    const gdw1376_item *before = NULL;
    size_t rows = 0;
    for (const gdw1376_item *row = gdw1376_item_at(0); row != NULL; row = gdw1376_item_at(++rows)) {
        assert_ptr_equal(gdw1376_item_of(row->afn, row->fn), row);
        assert_non_null(gdw1376_afn_of(row->afn));
        assert_true(row->fn >= 1 && row->fn <= GDW1376_FN_MAX);
        assert_true(row->zh[0] != '\0' && row->en[0] != '\0');
        assert_true(row->access <= GDW1376_ACCESS_RW);
        if (before != NULL) {
            assert_true(before->afn < row->afn ||
                        (before->afn == row->afn && before->fn < row->fn));
        }
        before = row;
    }
    assert_true(rows > 400);
    assert_null(gdw1376_item_of(0x0C, 249));
    assert_null(gdw1376_item_of(0x07, 1));
    assert_null(gdw1376_afn_of(0x07));
    assert_ptr_equal(gdw1376_item_of(0x0A, 10), gdw1376_item_of(0x04, 10));
}

/* Every layout but NONE has fields, one layout's behind the other's. */
static void test_layouts(void **state)
{
    (void)state;
    size_t count = 1;
    const gdw1376_field *end = gdw1376_layout_fields(GDW1376_LAYOUT_NONE, &count);
    assert_int_equal(count, 0);
    for (unsigned i = GDW1376_LAYOUT_NONE + 1; i <= GDW1376_LAYOUT_ERC41; i++) {
        const gdw1376_field *first = gdw1376_layout_fields((gdw1376_layout)i, &count);
        assert_ptr_equal(first, end);
        assert_true(count > 0);
        for (size_t k = 0; k < count; k++) {
            assert_int_equal(first[k].zh[0] == '\0', first[k].en[0] == '\0');
        }
        end = first + count;
    }
}

static void test_events(void **state)
{
    (void)state;
    for (unsigned code = 0; code < 256; code++) {
        const gdw1376_erc_row *row = gdw1376_erc_of((uint8_t)code);
        assert_int_equal(row != NULL, code >= 1 && code <= 41);
        if (row != NULL) {
            size_t count = 0;
            assert_non_null(gdw1376_layout_fields((gdw1376_layout)row->layout, &count));
            assert_true(row->name.zh[0] != '\0' && row->name.en[0] != '\0');
        }
    }
}

static codec_description d;

static void every_byte_told(size_t len)
{
    uint8_t covered[GDW1376_FRAME_MAX] = {0};
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
    static uint8_t out[GDW1376_FRAME_MAX];
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
    const gt_err err = gdw1376_compose(&c, out, sizeof out, &out_len);
    if (err != GT_ERR_OK) {
        print_error("%s: expected %s, found %s\n", c.fault.id, c.fault.expected, c.fault.found);
    }
    assert_int_equal(err, GT_ERR_OK);
    assert_int_equal(out_len, len);
    assert_memory_equal(out, in, len);
    for (size_t cap = 0; cap < len; cap += 7) {
        uint8_t *small = malloc(cap + 1); /* its end is watched where memory is checked */
        assert_non_null(small);
        c = codec_composer_of(&recipe);
        out_len = 77;
        assert_int_equal(gdw1376_compose(&c, small, cap, &out_len), GT_ERR_SPACE);
        assert_int_equal(out_len, 77);
        free(small);
    }
}

/* A frame around one made-up datum. */
static size_t frame_make(uint8_t afn, bool up, uint16_t fn, const uint8_t *data, size_t len,
                         uint8_t *out)
{
    static const gdw1376_addr addr = {.region = 0x4403, .terminal = 4, .msa = 2};
    const gdw1376_head ask = gdw1376_head_request(&addr, afn, (uint8_t)(fn % 16));
    gdw1376_head head = up ? gdw1376_head_reply(&ask, afn) : ask;
    gdw1376_aux aux = {.pw = {1, 2}, .ec_important = 3, .tp = {9, 1, 2, 3, 4, 5}};
    head.fcb_acd = fn % 2 != 0;
    head.tpv = fn % 3 != 0;
    gdw1376_message m = gdw1376_message_begin(out, GDW1376_FRAME_MAX, &head);
    gdw1376_message_add(&m, fn % 5, fn);
    gt_wr_bytes(&m.w, data, len);
    size_t out_len = 0;
    assert_int_equal(gdw1376_message_end(&m, &aux, &out_len), GT_ERR_OK);
    return out_len;
}

/* The walk measures the datum whole, and no shorter one, but where any number of fields will do. */
static void measured(gdw1376_shape shape, const uint8_t *data, size_t len)
{
    gt_rd r = gt_rd_of(data, len);
    gdw1376_shape_walk(shape, &r, NULL);
    assert_int_equal(gt_rd_done(&r), GT_ERR_OK);
    for (size_t n = 0; n < len; n++) {
        gt_rd cut = gt_rd_of(data, n);
        gdw1376_shape_walk(shape, &cut, NULL);
        assert_true(cut.err != GT_ERR_OK || shape.first == GDW1376_LAYOUT_EACH);
    }
}

static void one_way(const gdw1376_item *item, uint8_t afn, bool up)
{
    uint8_t data[SAMPLE_MAX];
    uint8_t frame[GDW1376_FRAME_MAX];
    const gdw1376_shape shape = gdw1376_item_shape(item, afn, up);
    for (uint32_t seed = 1; seed <= 6; seed++) {
        const size_t len = sample_make(shape, seed * 977U + item->fn, data);
        assert_true(len != SIZE_MAX);
        measured(shape, data, len);
        const size_t frame_len = frame_make(afn, up, item->fn, data, len, frame);
        gdw1376_describe(frame, frame_len, &d);
        assert_int_equal(d.error_count, 0);
        assert_false(d.cut);
        every_byte_told(frame_len);
        composed_again(frame, frame_len);
    }
}

static void test_every_function_again(void **state)
{
    (void)state;
    size_t rows = 0;
    for (const gdw1376_item *row = gdw1376_item_at(0); row != NULL; row = gdw1376_item_at(++rows)) {
        one_way(row, row->afn, false);
        one_way(row, row->afn, true);
        if (row->afn == GDW1376_AFN_SET) {
            one_way(row, GDW1376_AFN_QUERY, false);
            one_way(row, GDW1376_AFN_QUERY, true);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_layouts),
        cmocka_unit_test(test_events),
        cmocka_unit_test(test_every_function_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
