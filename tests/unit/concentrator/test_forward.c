/* Transparent forwards: before collection, one answer each, never executed twice by a repeat,
 * silence and broken lines told apart, sessions kept apart. */
#include "rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static rig *running_rig(void)
{
    rig *r = rig_open();
    rig_lines_open(r);
    rig_run_ms(r, 4000);
    assert_true(rig_stats(r).online);
    r->inbox_count = 0;
    return r;
}

/* A purchase at meter 1 has gone out and is not answered yet. */
static rig *purchasing_rig(uint8_t frame[LINE_REQUEST_MAX], size_t *out_len)
{
    rig *r = running_rig();
    *out_len = rig_modbus_purchase(1, 1, frame);
    rig_forward(r, 7, 1, frame, *out_len);
    rig_run_ms(r, 10);
    return r;
}

/* Asks on line 1 and holds the answer to its length. */
static void ask(rig *r, uint8_t seq, const uint8_t *frame, size_t len, size_t want_len,
                uint8_t reply[LINE_REPLY_MAX])
{
    rig_forward(r, seq, 1, frame, len);
    rig_run_ms(r, 1000);
    const gdw1376_frame answer = rig_last(r);
    assert_int_equal(rig_forward_reply(&answer, reply), want_len);
}

static void test_read_through(void **state)
{
    (void)state;
    rig *r = running_rig();
    uint8_t frame[LINE_REQUEST_MAX];
    uint8_t reply[LINE_REPLY_MAX];
    rig_forward(r, 9, 2, frame, rig_modbus_read(3, frame));
    assert_int_equal(r->inbox_count, 0);
    rig_run_ms(r, 1000);
    assert_int_equal(r->inbox_count, 1);
    const gdw1376_frame answer = rig_last(r);
    assert_int_equal(answer.head.seq, 9);
    assert_int_equal(rig_forward_reply(&answer, reply), 101);
    assert_int_equal(reply[0], 3);
    rig_close(r);
}

/* While a round of a line is running, the forward is the next thing on it. */
static void test_goes_before_collection(void **state)
{
    (void)state;
    rig *r = rig_open();
    uint8_t frame[LINE_REQUEST_MAX];
    rig_run_ms(r, 100);
    rig_lines_open(r);
    rig_run_ms(r, 50); /* the first meter of each line is being read */
    const size_t heard = r->heard_count;
    assert_int_equal(heard, 2);
    rig_forward(r, 1, 1, frame, rig_modbus_purchase(4, 1, frame));
    rig_run_ms(r, 1000);
    const uint8_t *next = NULL;
    for (size_t i = heard; i < r->heard_count && next == NULL; i++) {
        next = r->heard[i][0] == 1 ? r->heard[i] : NULL;
    }
    assert_non_null(next);
    assert_int_equal(next[1], 4);
    assert_int_equal(next[2], 0x10);
    assert_int_equal(r->inbox_count, 1);
    assert_int_equal(r->meter[3].writes, 1);
    rig_close(r);
}

static void test_repeats_are_executed_once(void **state)
{
    (void)state;
    rig *r = running_rig();
    uint8_t frame[LINE_REQUEST_MAX];
    uint8_t reply[LINE_REPLY_MAX];
    const size_t len = rig_modbus_purchase(2, 1, frame);
    rig_forward(r, 5, 1, frame, len);
    rig_forward(r, 5, 1, frame, len); /* while the first is under way */
    rig_run_ms(r, 1000);
    assert_int_equal(r->inbox_count, 1);
    assert_int_equal(r->meter[1].writes, 1);
    rig_forward(r, 5, 1, frame, len); /* its answer was lost */
    assert_int_equal(r->inbox_count, 2);
    const gdw1376_frame answer = rig_last(r);
    assert_int_equal(rig_forward_reply(&answer, reply), 8);
    assert_int_equal(r->meter[1].writes, 1);
    rig_forward(r, 6, 1, frame, len); /* another sequence number is another request */
    rig_run_ms(r, 1000);
    assert_int_equal(r->meter[1].writes, 2);
    rig_run_ms(r, 30000);
    rig_forward(r, 5, 1, frame, len); /* too late to be a repeat */
    rig_run_ms(r, 1000);
    assert_int_equal(r->meter[1].writes, 3);
    rig_close(r);
}

/* Refusals and reads are not remembered: asking again is a new question. */
static void test_refusals_and_reads_are_asked_again(void **state)
{
    (void)state;
    rig *r = running_rig();
    uint8_t frame[LINE_REQUEST_MAX];
    uint8_t reply[LINE_REPLY_MAX];
    size_t len = rig_modbus_purchase(1, 1, frame);
    r->meter[0].refuses = true;
    for (unsigned i = 1; i <= 2; i++) {
        ask(r, 2, frame, len, 5, reply);
        assert_int_equal(reply[1], 0x90);
        assert_int_equal(r->meter[0].writes, i);
    }
    len = rig_modbus_read(1, frame);
    for (uint16_t i = 0; i < 2; i++) {
        r->meter[0].purchase_count = i;
        ask(r, 3, frame, len, 101, reply);
        assert_int_equal(reply[3 + 2 * 0x21 + 1], i);
    }
    rig_close(r);
}

static void test_silent_meter_answers_empty(void **state)
{
    (void)state;
    rig *r = running_rig();
    uint8_t frame[LINE_REQUEST_MAX];
    uint8_t reply[LINE_REPLY_MAX];
    r->meter[0].dead = true;
    rig_forward(r, 4, 1, frame, rig_modbus_purchase(1, 1, frame));
    rig_run_ms(r, 6000);
    assert_int_equal(r->inbox_count, 1);
    const gdw1376_frame answer = rig_last(r);
    assert_int_equal(answer.head.seq, 4);
    assert_int_equal(rig_forward_reply(&answer, reply), 0);
    assert_int_equal(rig_stats(r).forwards_silent, 1);
    rig_close(r);
}

static void test_refused_at_once(void **state)
{
    (void)state;
    rig *r = running_rig();
    uint8_t frame[512] = {1, 3};
    static const struct {
        uint8_t line_no;
        size_t len;
    } rows[] = {
        {3, 8},   /* no such line here */
        {0, 8},   /* none at all */
        {13, 8},  /* beyond any */
        {255, 8}, /**/
        {1, 0},   /* nothing to send */
        {1, 2},   /* no frame */
        {1, 257}, /* longer than a frame can be */
        {1, 512}, /**/
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        rig_forward(r, 8, rows[i].line_no, frame, rows[i].len);
        assert_int_equal(r->inbox_count, i + 1);
        const gdw1376_frame answer = rig_last(r);
        assert_true(rig_is_deny(&answer));
    }
    concentrator_line_closed(r->box, rig_now(r), 2);
    rig_forward(r, 8, 2, frame, rig_modbus_read(1, frame));
    const gdw1376_frame answer = rig_last(r);
    assert_true(rig_is_deny(&answer));
    assert_int_equal(rig_stats(r).forwards, 0);
    rig_close(r);
}

/* The line breaks: what went out ends unknown (empty), what did not is denied. */
static void test_line_breaks_under_a_forward(void **state)
{
    (void)state;
    rig *r = running_rig();
    uint8_t frame[LINE_REQUEST_MAX];
    uint8_t reply[LINE_REPLY_MAX];
    rig_run_ms(r, 900); /* between two rounds the line is idle */
    rig_forward(r, 1, 1, frame, rig_modbus_purchase(1, 1, frame));
    rig_run_ms(r, 20);
    rig_forward(r, 2, 1, frame, rig_modbus_purchase(2, 1, frame));
    assert_int_equal(r->meter[0].writes, 1);
    concentrator_line_closed(r->box, rig_now(r), 1);
    memset(r->events, 0, sizeof r->events);
    assert_int_equal(r->inbox_count, 2);
    gdw1376_frame answer = rig_frame_at(r, 0);
    assert_int_equal(answer.head.seq, 1);
    assert_int_equal(rig_forward_reply(&answer, reply), 0);
    answer = rig_frame_at(r, 1);
    assert_int_equal(answer.head.seq, 2);
    assert_true(rig_is_deny(&answer));
    assert_int_equal(r->meter[1].writes, 0);
    concentrator_line_opened(r->box, rig_now(r), 1);
    rig_run_ms(r, 10000);
    assert_int_equal(rig_stats(r).meters_dead, 0);
    rig_close(r);
}

/* The link is lost while a meter thinks: the answer is not given to a session that did not ask,
 * and the repeat in the new one is answered without a second purchase. */
static void test_link_lost_under_a_forward(void **state)
{
    (void)state;
    uint8_t frame[LINE_REQUEST_MAX];
    size_t len = 0;
    rig *r = purchasing_rig(frame, &len);
    rig_link_drop(r);
    rig_run_ms(r, 5000);
    assert_true(rig_stats(r).online);
    assert_int_equal(r->inbox_count, 0);
    assert_int_equal(rig_stats(r).answers_dropped, 1);
    rig_forward(r, 7, 1, frame, len);
    assert_int_equal(r->inbox_count, 1);
    assert_int_equal(r->meter[0].writes, 1);
    rig_close(r);
}

/* Killed between purchase and answer: the new process knows nothing and asks the meter again, which
 * knows the purchase by its count (here: counted). */
static void test_killed_under_a_forward(void **state)
{
    (void)state;
    uint8_t frame[LINE_REQUEST_MAX];
    size_t len = 0;
    rig *r = purchasing_rig(frame, &len);
    rig_restart(r);
    rig_lines_open(r);
    rig_run_ms(r, 2000);
    assert_true(rig_stats(r).online);
    rig_forward(r, 7, 1, frame, len);
    rig_run_ms(r, 1000);
    assert_int_equal(r->inbox_count, 1);
    assert_int_equal(r->meter[0].writes, 2);
    rig_close(r);
}

/* More than the line's queue holds: the rest is refused, nothing is lost in silence. */
static void test_flood_is_bounded(void **state)
{
    (void)state;
    rig *r = running_rig();
    uint8_t frame[LINE_REQUEST_MAX];
    for (unsigned i = 0; i < 60; i++) {
        rig_forward(r, (uint8_t)(i % 16), 1, frame,
                    rig_modbus_purchase(1, (uint16_t)(i + 1), frame));
    }
    rig_run_ms(r, 10000);
    assert_int_equal(r->inbox_count, 60);
    unsigned denied = 0;
    for (size_t i = 0; i < r->inbox_count; i++) {
        const gdw1376_frame answer = rig_frame_at(r, i);
        denied += rig_is_deny(&answer) ? 1 : 0;
    }
    assert_in_range(denied, 40, 48);
    assert_int_equal(r->meter[0].writes, 60 - denied);
    rig_close(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read_through),
        cmocka_unit_test(test_goes_before_collection),
        cmocka_unit_test(test_repeats_are_executed_once),
        cmocka_unit_test(test_refusals_and_reads_are_asked_again),
        cmocka_unit_test(test_silent_meter_answers_empty),
        cmocka_unit_test(test_refused_at_once),
        cmocka_unit_test(test_line_breaks_under_a_forward),
        cmocka_unit_test(test_link_lost_under_a_forward),
        cmocka_unit_test(test_killed_under_a_forward),
        cmocka_unit_test(test_flood_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
