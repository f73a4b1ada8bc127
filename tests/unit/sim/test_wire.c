/* The simulated wire: byte times, framing by silence, two talkers, cuts. */
#include "sim/line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { REQUEST = 8, ANSWER = 20, TURNAROUND_US = 30000, BYTE_US = 1042, SILENCE_US = 4011 };

static unsigned asked;

static void answer(void *ctx, const sim_frame *frame, sim_answer *out)
{
    (void)ctx;
    asked++;
    assert_int_equal(frame->at.us - frame->end.us, SILENCE_US);
    out->len = frame->len == REQUEST ? ANSWER : 0;
    memset(out->bytes, 0x5A, ANSWER);
}

static sim_line wire;

static int setup(void **state)
{
    (void)state;
    const sim_line_cfg cfg = {.baud = 9600,
                              .char_bits = 10,
                              .turnaround_min_us = TURNAROUND_US,
                              .turnaround_max_us = TURNAROUND_US,
                              .seed = 3,
                              .ask = answer};
    asked = 0;
    sim_line_init(&wire, &cfg);
    return 0;
}

/* Everything the master gets until @p until. @return bytes; @p last when the last one came */
static size_t drain(int64_t until, gt_mono *last)
{
    size_t got = 0;
    uint8_t piece[SIM_LINE_CHUNK];
    for (gt_mono due = sim_line_deadline(&wire); due.us <= until; due = sim_line_deadline(&wire)) {
        const size_t n = sim_line_read(&wire, due, piece);
        got += n;
        *last = n > 0 ? due : *last;
    }
    return got;
}

static void test_times(void **state)
{
    (void)state;
    static const uint8_t request[REQUEST] = {1};
    gt_mono last = {0};
    sim_line_write(&wire, request, 3, (gt_mono){0});
    sim_line_write(&wire, request + 3, 5, (gt_mono){100}); /* pieces join on the wire */
    assert_int_equal(drain(1000000, &last), ANSWER);
    assert_int_equal(asked, 1);
    assert_in_range(last.us, (REQUEST + ANSWER) * 1041 + TURNAROUND_US,
                    (REQUEST + ANSWER) * BYTE_US + TURNAROUND_US);
    const sim_line_stats s = sim_line_stats_of(&wire);
    assert_in_range(s.bound_us, last.us + SILENCE_US - 3, last.us + SILENCE_US + 3);
}

static void test_a_request_without_silence_is_not_seen(void **state)
{
    (void)state;
    static const uint8_t request[REQUEST] = {1};
    gt_mono last = {0};
    sim_line_write(&wire, request, REQUEST, (gt_mono){0});
    assert_int_equal(drain(1000000, &last), ANSWER);
    const gt_mono early = {last.us + SILENCE_US - 100};
    sim_line_write(&wire, request, REQUEST, early);
    assert_int_equal(drain(early.us + 1000000, &last), 0);
    assert_int_equal(sim_line_stats_of(&wire).spoiled, 1);
    sim_line_write(&wire, request, REQUEST, (gt_mono){early.us + 1000000});
    assert_int_equal(drain(early.us + 2000000, &last), ANSWER);
}

static void test_two_requests_in_one_are_one_frame(void **state)
{
    (void)state;
    static const uint8_t two[2 * REQUEST] = {1};
    gt_mono last = {0};
    sim_line_write(&wire, two, sizeof two, (gt_mono){0});
    assert_int_equal(drain(1000000, &last), 0);
    assert_int_equal(asked, 1);
}

static void test_who_talks_into_an_answer_garbles_it(void **state)
{
    (void)state;
    static const uint8_t request[REQUEST] = {1};
    uint8_t piece[SIM_LINE_CHUNK];
    gt_mono last = {0};
    sim_line_write(&wire, request, REQUEST, (gt_mono){0});
    const int64_t middle = REQUEST * BYTE_US + TURNAROUND_US + 10 * BYTE_US;
    assert_int_equal(drain(middle, &last), SIM_LINE_CHUNK);
    sim_line_write(&wire, request, REQUEST, (gt_mono){middle});
    const gt_mono due = sim_line_deadline(&wire);
    assert_int_equal(sim_line_read(&wire, due, piece), SIM_LINE_CHUNK);
    assert_memory_not_equal(piece, "\x5A\x5A\x5A\x5A\x5A\x5A\x5A\x5A", SIM_LINE_CHUNK);
}

static void test_a_cut_line_is_silent(void **state)
{
    (void)state;
    static const uint8_t request[REQUEST] = {1};
    gt_mono last = {0};
    sim_line_write(&wire, request, REQUEST, (gt_mono){0});
    sim_line_cut(&wire, true);
    assert_int_equal(drain(1000000, &last), 0);
    sim_line_write(&wire, request, REQUEST, (gt_mono){1000000});
    assert_int_equal(drain(2000000, &last), 0);
    assert_int_equal(asked, 0);
    sim_line_cut(&wire, false);
    sim_line_write(&wire, request, REQUEST, (gt_mono){3000000});
    assert_int_equal(drain(4000000, &last), ANSWER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_times, setup),
        cmocka_unit_test_setup(test_a_request_without_silence_is_not_seen, setup),
        cmocka_unit_test_setup(test_two_requests_in_one_are_one_frame, setup),
        cmocka_unit_test_setup(test_who_talks_into_an_answer_garbles_it, setup),
        cmocka_unit_test_setup(test_a_cut_line_is_silent, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
