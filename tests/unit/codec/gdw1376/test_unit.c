/* Identifiers, the walk over data units, the writer, and answers in several frames. */
#include "codec/gdw1376/item.h"
#include "codec/gdw1376/message.h"
#include "codec/gdw1376/realtime.h"
#include "codec/gdw1376/vendor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static const gdw1376_addr terminal = {.region = 0x4403, .terminal = 4, .msa = 1};

static void test_every_single_identifier(void **state)
{
    (void)state;
    for (unsigned point = 0; point <= GDW1376_POINT_MAX; point++) {
        const uint16_t fn = (uint16_t)(point % GDW1376_FN_MAX + 1);
        const gdw1376_id id = gdw1376_id_of((uint16_t)point, fn);
        uint8_t buf[GDW1376_ID_LEN];
        gt_wr w = gt_wr_of(buf, sizeof buf);
        gdw1376_id_write(&w, &id);
        assert_int_equal(gt_wr_done(&w), GT_ERR_OK);
        gt_rd r = gt_rd_of(buf, sizeof buf);
        gdw1376_id back = {0};
        gdw1376_id_read(&r, &back);
        assert_int_equal(gt_rd_done(&r), GT_ERR_OK);
        assert_int_equal(back.points.count, 1);
        assert_int_equal(back.points.number[0], point);
        assert_int_equal(back.fns.count, 1);
        assert_int_equal(back.fns.number[0], fn);
    }
}

static void test_identifiers_on_the_wire(void **state)
{
    (void)state;
    static const struct {
        uint8_t bytes[4];
        gt_err want;
        uint8_t points, fns;
        uint16_t first_point, last_fn;
    } rows[] = {
        {{0x00, 0x00, 0x01, 0x00}, GT_ERR_OK, 1, 1, 0, 1},
        {{0xFF, 0x00, 0x01, 0x10}, GT_ERR_OK, 1, 1, GDW1376_POINT_ALL, 129},
        {{0xFF, 0x01, 0x40, 0x14}, GT_ERR_OK, 8, 1, 1, 167},
        {{0x80, 0xFF, 0x81, 0x1E}, GT_ERR_OK, 1, 2, 2040, 248},
        {{0x01, 0x00, 0x01, 0x00}, GT_ERR_MALFORMED, 0, 0, 0, 0},
        {{0x00, 0x01, 0x01, 0x00}, GT_ERR_MALFORMED, 0, 0, 0, 0},
        {{0x00, 0x00, 0x00, 0x00}, GT_ERR_MALFORMED, 0, 0, 0, 0},
        {{0x00, 0x00, 0x01, 0x1F}, GT_ERR_MALFORMED, 0, 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        gt_rd r = gt_rd_of(rows[i].bytes, 4);
        gdw1376_id id = {0};
        gdw1376_id_read(&r, &id);
        assert_int_equal(gt_rd_done(&r), rows[i].want);
        assert_int_equal(id.points.count, rows[i].points);
        assert_int_equal(id.fns.count, rows[i].fns);
        if (rows[i].want == GT_ERR_OK) {
            assert_int_equal(id.points.number[0], rows[i].first_point);
            assert_int_equal(id.fns.number[id.fns.count - 1], rows[i].last_fn);
            uint8_t buf[4];
            gt_wr w = gt_wr_of(buf, sizeof buf);
            gdw1376_id_write(&w, &id);
            assert_memory_equal(buf, rows[i].bytes, 4);
        }
    }
}

static void test_sets_that_cannot_be_written(void **state)
{
    (void)state;
    static const gdw1376_id rows[] = {
        {{0, {0}}, {1, {1}}},       {{2, {8, 9}}, {1, {1}}}, {{2, {2, 1}}, {1, {1}}},
        {{2, {1, 1}}, {1, {1}}},    {{2, {0, 1}}, {1, {1}}}, {{1, {2041}}, {1, {1}}},
        {{9, {1, 2, 3}}, {1, {1}}}, {{1, {1}}, {0, {0}}},    {{1, {1}}, {1, {0}}},
        {{1, {1}}, {1, {249}}},     {{1, {1}}, {2, {8, 9}}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t buf[4];
        gt_wr w = gt_wr_of(buf, sizeof buf);
        gdw1376_id_write(&w, &rows[i]);
        assert_int_equal(gt_wr_done(&w), GT_ERR_RANGE);
    }
}

static void test_points_together(void **state)
{
    (void)state;
    static const uint16_t points[] = {0, 3, 5, 8, 9, 16, 15, GDW1376_POINT_ALL};
    static const size_t want[] = {1, 3, 2, 1, 2, 1, 1, 1};
    for (size_t i = 0; i < 8; i++) {
        assert_int_equal(gdw1376_points_together(points + i, 8 - i), want[i]);
    }
    assert_int_equal(gdw1376_points_together(points, 0), 0);
    static const uint16_t nine[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    assert_int_equal(gdw1376_points_together(nine, 9), 8);
}

static gdw1376_snapshot snapshot_of(uint16_t point)
{
    const gt_civil at = {2026, 11, 21, 5, 47, 3};
    gdw1376_snapshot s = {.taken = gdw1376_when_of(&at), .model = 1, .count = 48};
    for (unsigned i = 0; i < s.count; i++) {
        s.registers[i] = (uint16_t)(point * 64 + i);
    }
    return s;
}

/* A status poll: eight points asked for in one identifier, eight snapshots in one frame. */
static void test_status_poll(void **state)
{
    (void)state;
    uint8_t buf[GDW1376_FRAME_MAX];
    size_t len = 0;
    const gdw1376_head ask = gdw1376_head_request(&terminal, GDW1376_AFN_CLASS1, 5);
    gdw1376_id id = {.points = {8, {9, 10, 11, 12, 13, 14, 15, 16}},
                     .fns = {1, {GDW1376_FN_VENDOR_STATUS}}};
    gdw1376_message m = gdw1376_message_begin(buf, sizeof buf, &ask);
    gdw1376_message_add_set(&m, &id);
    assert_int_equal(gdw1376_message_end(&m, NULL, &len), GT_ERR_OK);
    assert_int_equal(len, 20);

    gdw1376_frame request;
    assert_int_equal(gdw1376_frame_decode(buf, len, &request), GT_ERR_OK);
    uint8_t answer[GDW1376_FRAME_MAX];
    const gdw1376_head say = gdw1376_head_reply(&request.head, GDW1376_AFN_CLASS1);
    m = gdw1376_message_begin(answer, sizeof answer, &say);
    gdw1376_units it = gdw1376_units_of(&request);
    while (gdw1376_units_more(&it)) {
        gdw1376_unit unit;
        assert_int_equal(gdw1376_units_next(&it, &unit), GT_ERR_OK);
        assert_int_equal(unit.len, 0);
        const gdw1376_snapshot s = snapshot_of(unit.point);
        gdw1376_message_add(&m, unit.point, unit.fn);
        gdw1376_snapshot_write(&m.w, &s);
        assert_true(gdw1376_message_fits(&m));
    }
    assert_int_equal(gdw1376_message_end(&m, NULL, &len), GT_ERR_OK);
    assert_int_equal(len, 16 + 8 * (4 + GDW1376_SNAPSHOT_HEAD + 96));

    gdw1376_frame reply;
    assert_int_equal(gdw1376_frame_decode(answer, len, &reply), GT_ERR_OK);
    assert_true(reply.head.up);
    assert_int_equal(reply.head.seq, 5);
    assert_int_equal(reply.head.addr.msa, 1);
    it = gdw1376_units_of(&reply);
    for (uint16_t point = 9; point <= 16; point++) {
        gdw1376_unit unit;
        assert_int_equal(gdw1376_units_next(&it, &unit), GT_ERR_OK);
        assert_int_equal(unit.point, point);
        assert_int_equal(unit.fn, GDW1376_FN_VENDOR_STATUS);
        gdw1376_snapshot s = {0};
        gt_rd r = gdw1376_unit_reader(&unit);
        assert_int_equal(gdw1376_snapshot_read(&r, &s), GT_ERR_OK);
        assert_int_equal(gt_rd_done(&r), GT_ERR_OK);
        const gdw1376_snapshot want = snapshot_of(point);
        assert_int_equal(s.taken.at.minute, want.taken.at.minute);
        assert_int_equal(s.taken.at.second, want.taken.at.second);
        assert_int_equal(s.model, 1);
        assert_int_equal(s.count, 48);
        assert_memory_equal(s.registers, want.registers, sizeof s.registers);
    }
    assert_false(gdw1376_units_more(&it));
}

/* More data than one frame holds: drop what does not fit, go on in the next. */
static void test_answer_in_several_frames(void **state)
{
    (void)state;
    gdw1376_head head = gdw1376_head_reply(
        &(gdw1376_head){.addr = terminal, .afn = GDW1376_AFN_CLASS1, .seq = 15, .protocol = 2},
        GDW1376_AFN_CLASS1);
    gdw1376_series series = gdw1376_series_of(&head);
    uint16_t point = 1;
    unsigned frames = 0;
    uint16_t seen = 0;
    bool last = false;
    while (!last) {
        uint8_t buf[512];
        gdw1376_message m = gdw1376_message_begin(buf, sizeof buf, &head);
        while (point <= 20) {
            const gdw1376_snapshot s = snapshot_of(point);
            gdw1376_message_add(&m, point, GDW1376_FN_VENDOR_STATUS);
            gdw1376_snapshot_write(&m.w, &s);
            if (!gdw1376_message_fits(&m)) {
                gdw1376_message_drop(&m);
                break;
            }
            point++;
        }
        gdw1376_message_part(&m, frames == 0, point > 20);
        size_t len = 0;
        assert_int_equal(gdw1376_message_end(&m, NULL, &len), GT_ERR_OK);
        gdw1376_frame f;
        assert_int_equal(gdw1376_frame_decode(buf, len, &f), GT_ERR_OK);
        assert_int_equal(gdw1376_series_step(&series, &f.head, &last), GT_ERR_OK);
        bool again = false;
        assert_int_equal(gdw1376_series_step(&series, &f.head, &again), GT_ERR_MISMATCH);
        gdw1376_units it = gdw1376_units_of(&f);
        while (gdw1376_units_more(&it)) {
            gdw1376_unit unit;
            assert_int_equal(gdw1376_units_next(&it, &unit), GT_ERR_OK);
            assert_int_equal(unit.point, ++seen);
        }
        head.seq = (head.seq + 1) & GDW1376_SEQ_MAX;
        frames++;
    }
    assert_int_equal(seen, 20);
    assert_int_equal(frames, 5);
    assert_int_equal(series.frames, 5);
}

static void test_drop_forgets_a_failure(void **state)
{
    (void)state;
    uint8_t buf[64];
    const gdw1376_head head = gdw1376_head_request(&terminal, GDW1376_AFN_CLASS1, 0);
    gdw1376_message m = gdw1376_message_begin(buf, sizeof buf, &head);
    gdw1376_message_drop(&m);
    gdw1376_message_add(&m, 1, 25);
    gdw1376_message_add(&m, 3000, 25);
    assert_int_equal(m.w.err, GT_ERR_RANGE);
    gdw1376_message_drop(&m);
    gdw1376_message_drop(&m);
    assert_int_equal(m.added, 1);
    size_t len = 0;
    assert_int_equal(gdw1376_message_end(&m, NULL, &len), GT_ERR_OK);
    assert_int_equal(len, 20);
}

/* A message says itself when it is full: at the end of its buffer, or of the longest frame. */
static void test_fits(void **state)
{
    (void)state;
    static uint8_t buf[GDW1376_FRAME_MAX + 64];
    const gdw1376_head head = gdw1376_head_request(&terminal, GDW1376_AFN_CLASS1, 0);
    static const struct {
        size_t cap;
        size_t most;
    } rows[] = {
        {64, 64 - GDW1376_FRAME_MIN},
        {GDW1376_FRAME_MAX, GDW1376_USER_MAX - GDW1376_USER_MIN},
        {sizeof buf, GDW1376_USER_MAX - GDW1376_USER_MIN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        gdw1376_message m = gdw1376_message_begin(buf, rows[i].cap, &head);
        gt_wr_fill(&m.w, 0, rows[i].most);
        assert_true(gdw1376_message_fits(&m));
        gt_wr_u8(&m.w, 0);
        assert_false(gdw1376_message_fits(&m));
    }
    uint8_t small[13] = {0}; /* not even room for SEQ */
    gdw1376_message m = gdw1376_message_begin(small, sizeof small, &head);
    gdw1376_message_part(&m, false, true);
    size_t len = 77;
    assert_int_equal(gdw1376_message_end(&m, NULL, &len), GT_ERR_SPACE);
    assert_int_equal(len, 77);
}

/* Frames of one answer: numbered on, the first one marked, nothing behind the last. */
static void test_series(void **state)
{
    (void)state;
    static const struct {
        uint8_t seq;
        bool fir, fin;
        gt_err want;
    } rows[] = {
        {5, false, false, GT_ERR_MISMATCH}, /* a middle one first */
        {6, true, false, GT_ERR_MISMATCH},  /* of another answer */
        {5, true, false, GT_ERR_OK},        {6, true, false, GT_ERR_MISMATCH}, /* begins again */
        {5, false, false, GT_ERR_MISMATCH}, {6, false, true, GT_ERR_OK},
    };
    gdw1376_series s = gdw1376_series_of(&(gdw1376_head){.seq = 5});
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const gdw1376_head head = {.seq = rows[i].seq, .fir = rows[i].fir, .fin = rows[i].fin};
        bool last = false;
        assert_int_equal(gdw1376_series_step(&s, &head, &last), rows[i].want);
        assert_int_equal(last, rows[i].want == GT_ERR_OK && rows[i].fin);
    }
    assert_int_equal(s.frames, 2);
}

static gdw1376_frame frame_of(uint8_t afn, bool up, const uint8_t *units, size_t len)
{
    return (gdw1376_frame){.head = {.afn = afn, .up = up}, .units = units, .units_len = len};
}

static void test_walks_that_fail(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint8_t afn;
        bool up;
        uint8_t units[12];
        size_t len;
        gt_err want;
    } rows[] = {
        {"identifier cut", 0x0C, false, {0, 0, 2}, 3, GT_ERR_TRUNCATED},
        {"bad identifier", 0x0C, false, {1, 0, 2, 0}, 4, GT_ERR_MALFORMED},
        {"unknown AFN", 0x42, true, {0, 0, 2, 0}, 4, GT_ERR_UNKNOWN},
        {"unknown function", 0x0C, true, {0, 0, 1, 0}, 4, GT_ERR_UNKNOWN},
        {"event head cut", 0x0E, true, {0, 0, 1, 0, 9, 9, 0, 1, 14}, 9, GT_ERR_TRUNCATED},
        {"event cut", 0x0E, true, {0, 0, 1, 0, 9, 9, 0, 1, 14, 2, 1}, 11, GT_ERR_TRUNCATED},
        {"density", 0x0C, true, {0, 0, 1, 10, 5, 4}, 6, GT_ERR_RANGE},
        {"harmonics 2..0", 0x0C, true, {0, 0, 1, 7, 0}, 5, GT_ERR_RANGE},
        {"identifier inside 3",
         0x10,
         true,
         {0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0},
         12,
         GT_ERR_TRUNCATED},
        {"clock of 5", 0x0C, true, {0, 0, 2, 0, 1, 2, 3, 4, 5}, 9, GT_ERR_TRUNCATED},
        {"count too large", 0x0A, false, {0, 0, 2, 1, 0xFF, 0xFF, 0, 0}, 8, GT_ERR_TRUNCATED},
        {"inner frame cut", 0x10, true, {0, 0, 1, 0, 1, 9, 0, 0}, 8, GT_ERR_TRUNCATED},
        {"per-item cut", 0x00, true, {0, 0, 4, 0, 4, 0, 0, 4, 0}, 9, GT_ERR_TRUNCATED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const gdw1376_frame f = frame_of(rows[i].afn, rows[i].up, rows[i].units, rows[i].len);
        gdw1376_units it = gdw1376_units_of(&f);
        gdw1376_unit unit = {.fn = 77};
        const gt_err err = gdw1376_units_next(&it, &unit);
        if (err != rows[i].want) {
            print_error("%s: %s\n", rows[i].name, gt_err_name(err));
        }
        assert_int_equal(err, rows[i].want);
        assert_int_equal(unit.fn, 77);
        assert_false(gdw1376_units_more(&it));
    }
}

/* A class 1 request is walked whatever it asks for. */
static void test_request_of_unknown_functions(void **state)
{
    (void)state;
    static const uint8_t units[] = {0x03, 0x01, 0x06, 0x02, 0x00, 0x00, 0x01, 0x00};
    const gdw1376_frame f = frame_of(0x0C, false, units, sizeof units);
    static const uint16_t want[5][2] = {{1, 18}, {1, 19}, {2, 18}, {2, 19}, {0, 1}};
    assert_null(gdw1376_item_of(0x0C, 1));
    gdw1376_units it = gdw1376_units_of(&f);
    for (size_t i = 0; i < 5; i++) {
        gdw1376_unit unit;
        assert_int_equal(gdw1376_units_next(&it, &unit), GT_ERR_OK);
        assert_int_equal(unit.point, want[i][0]);
        assert_int_equal(unit.fn, want[i][1]);
    }
    assert_false(gdw1376_units_more(&it));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_single_identifier),
        cmocka_unit_test(test_identifiers_on_the_wire),
        cmocka_unit_test(test_sets_that_cannot_be_written),
        cmocka_unit_test(test_points_together),
        cmocka_unit_test(test_status_poll),
        cmocka_unit_test(test_answer_in_several_frames),
        cmocka_unit_test(test_drop_forgets_a_failure),
        cmocka_unit_test(test_fits),
        cmocka_unit_test(test_series),
        cmocka_unit_test(test_walks_that_fail),
        cmocka_unit_test(test_request_of_unknown_functions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
