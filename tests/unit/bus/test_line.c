/* The line master, step by step on a fake clock: what goes out when, what counts as an answer, what
 * a time-out costs and what a late answer can never do. */
#include "bus/line.h"

#include "base/hex.h"
#include "base/sum.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { MEMORY = 1 << 16, MS = 1000, SILENCE_US = 4011, REQUEST_US = 8334 };

typedef struct rig {
    uint8_t memory[MEMORY];
    gt_arena arena;
    line *line;
    gt_mono now;
    line_output out;
    unsigned sent;
    line_outcome outcome; /* the last one */
    uint8_t reply[LINE_REPLY_MAX];
} rig;

static rig r;

static void step(line_event event, const uint8_t *bytes, size_t len)
{
    line_step(r.line, &(line_input){event, bytes, len}, r.now, &r.out);
    r.sent += r.out.send != NULL ? 1 : 0;
    if (r.out.outcome.present) {
        r.outcome = r.out.outcome;
        if (r.outcome.len > 0) {
            memcpy(r.reply, r.outcome.reply, r.outcome.len);
        }
    }
}

static void setup(void)
{
    memset(&r, 0, sizeof r);
    r.arena = gt_arena_of(r.memory, sizeof r.memory);
    assert_int_equal(line_create(&r.arena, &(line_cfg){9600, 10}, &r.line), GT_ERR_OK);
    step(LINE_OPENED, NULL, 0);
}

/* Bytes of hex text with their CRC. */
static size_t frame_of(const char *hex, uint8_t out[LINE_REQUEST_MAX])
{
    size_t len = 0;
    assert_int_equal(gt_hex_parse(hex, out, LINE_REQUEST_MAX - 2, &len), GT_ERR_OK);
    const uint16_t crc = gt_crc16_modbus(out, len);
    out[len] = (uint8_t)crc;
    out[len + 1] = (uint8_t)(crc >> 8);
    return len + 2;
}

static gt_err ask(const char *hex, uint64_t cookie, line_priority priority, uint8_t attempts)
{
    line_request q = {.priority = priority, .attempts = attempts, .cookie = cookie};
    q.len = (uint16_t)frame_of(hex, q.bytes);
    return line_submit(r.line, &q);
}

static void hear(const char *hex)
{
    uint8_t bytes[LINE_REQUEST_MAX];
    const size_t len = frame_of(hex, bytes);
    step(LINE_BYTES, bytes, len);
}

/* Let time go to the line's next deadline. */
static void wait(void)
{
    const gt_mono due = line_deadline(r.line);
    assert_true(due.us != GT_MONO_NEVER.us);
    r.now = due.us > r.now.us ? due : r.now;
    step(LINE_TICK, NULL, 0);
}

static void send_now(void)
{
    const unsigned before = r.sent;
    while (r.sent == before) {
        wait();
    }
}

/* What arrives after the request `01 03 0010 0001`, and what it is worth. */
static void test_what_counts_as_an_answer(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *before; /* without CRC, as it is */
        const char *frame;  /* gets its CRC; "" none */
        gt_err want;
        bool split; /* byte by byte */
    } rows[] = {
        {"whole", "", "0103020102", GT_ERR_OK, false},
        {"byte by byte", "", "0103020102", GT_ERR_OK, true},
        {"garbage before", "00ff55", "0103020102", GT_ERR_OK, false},
        {"garbage like a begin", "0103", "0103020102", GT_ERR_OK, true},
        {"exception", "", "018302", GT_ERR_OK, false},
        {"registers like an exception", "", "0103020183", GT_ERR_OK, true},
        {"another unit", "", "0203020102", GT_ERR_TIMEOUT, false},
        {"another function", "", "0104020102", GT_ERR_TIMEOUT, false},
        {"another length", "", "01030401020304", GT_ERR_TIMEOUT, false},
        {"another unit first", "0203020102fd1b", "0103020102", GT_ERR_OK, false},
        {"cut short", "010302", "", GT_ERR_TIMEOUT, false},
        {"sum wrong", "01030201020000", "", GT_ERR_TIMEOUT, false},
        {"our own echo", "01030010000185cf", "", GT_ERR_TIMEOUT, false},
        {"only noise", "ffffffffffffffff", "", GT_ERR_TIMEOUT, true},
        {"nothing", "", "", GT_ERR_TIMEOUT, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t bytes[2 * LINE_REQUEST_MAX];
        size_t len = 0;
        setup();
        assert_int_equal(ask("010300100001", i, LINE_COLLECT, 1), GT_ERR_OK);
        send_now();
        r.now.us += REQUEST_US + 30 * MS;
        assert_int_equal(gt_hex_parse(rows[i].before, bytes, LINE_REQUEST_MAX, &len), GT_ERR_OK);
        len += rows[i].frame[0] != '\0' ? frame_of(rows[i].frame, bytes + len) : 0;
        for (size_t k = 0; k < len; k += rows[i].split ? 1 : len) {
            step(LINE_BYTES, bytes + k, rows[i].split ? 1 : len);
            r.now.us += rows[i].split ? 1042 : 0;
        }
        while (r.outcome.err == GT_ERR_OK && r.outcome.len == 0) {
            wait();
        }
        if (r.outcome.err != rows[i].want) {
            fail_msg("%s: %s", rows[i].name, gt_err_name(r.outcome.err));
        }
        assert_int_equal(r.outcome.cookie, i);
        assert_int_equal(r.outcome.attempts, 1);
    }
}

/* Registers may hold unit and exception code: while the answer around them is still coming, they
 * end nothing. A reader that hands bytes over in pieces leaves gaps longer than a silence. */
static void test_registers_like_an_exception_in_a_slow_answer(void **state)
{
    (void)state;
    enum { PIECE_MS = 9 };
    uint8_t answer[LINE_REQUEST_MAX];
    for (size_t piece = 1; piece < 13; piece++) {
        setup();
        assert_int_equal(ask("010300100004", piece, LINE_COLLECT, 2), GT_ERR_OK);
        send_now();
        const size_t len = frame_of("0103080183010203040506", answer);
        r.now.us += REQUEST_US + 30 * MS;
        for (size_t at = 0; at < len; at += piece) {
            const int64_t next_us = r.now.us + PIECE_MS * MS;
            step(LINE_BYTES, answer + at, piece < len - at ? piece : len - at);
            while (!r.outcome.present && line_deadline(r.line).us < next_us) {
                wait();
            }
            r.now.us = next_us;
        }
        assert_true(r.outcome.present);
        assert_int_equal(r.outcome.err, GT_ERR_OK);
        assert_int_equal(r.outcome.attempts, 1);
        assert_int_equal(r.sent, 1);
    }
}

static void test_silence_before_a_request(void **state)
{
    (void)state;
    setup();
    r.now.us = 1000 * MS;
    step(LINE_BYTES, (const uint8_t *)"x", 1); /* somebody else on the line */
    assert_int_equal(ask("010300100001", 1, LINE_COLLECT, 1), GT_ERR_OK);
    step(LINE_TICK, NULL, 0);
    assert_int_equal(r.sent, 0);
    assert_int_equal(line_deadline(r.line).us, 1000 * MS + SILENCE_US);
    wait();
    assert_int_equal(r.sent, 1);
    assert_int_equal(line_silence_us(&(line_cfg){19200, 10}), 2006);
    assert_int_equal(line_silence_us(&(line_cfg){38400, 10}), 1750);
}

static void test_commands_go_first_and_keep_order(void **state)
{
    (void)state;
    setup();
    for (uint64_t i = 0; i < 3; i++) {
        assert_int_equal(ask("010300100001", i, LINE_COLLECT, 1), GT_ERR_OK);
    }
    assert_int_equal(ask("020300100001", 10, LINE_COMMAND, 1), GT_ERR_OK);
    assert_int_equal(ask("020300110001", 11, LINE_COMMAND, 1), GT_ERR_OK);
    static const uint64_t order[] = {10, 11, 0, 1, 2};
    for (size_t i = 0; i < 5; i++) {
        send_now();
        r.now.us += REQUEST_US + 30 * MS;
        hear(order[i] >= 10 ? "0203020102" : "0103020102");
        assert_int_equal(r.outcome.err, GT_ERR_OK);
        assert_int_equal(r.outcome.cookie, order[i]);
    }
    assert_true(line_is_idle(r.line));
}

static void test_repeats_end(void **state)
{
    (void)state;
    setup();
    assert_int_equal(ask("010300100001", 5, LINE_COLLECT, 3), GT_ERR_OK);
    while (!r.outcome.present) {
        wait();
    }
    assert_int_equal(r.outcome.err, GT_ERR_TIMEOUT);
    assert_int_equal(r.outcome.attempts, 3);
    assert_int_equal(r.sent, 3);
    assert_int_equal(line_stats_of(r.line).timeouts, 3);
}

static void test_time_out_is_learned(void **state)
{
    (void)state;
    setup();
    assert_int_equal(line_timeout_ms(r.line, 1), LINE_TIMEOUT_FIRST_MS);
    for (unsigned i = 0; i < 30; i++) {
        assert_int_equal(ask("010300100001", i, LINE_COLLECT, 1), GT_ERR_OK);
        send_now();
        r.now.us += REQUEST_US + (20 + 10 * (i % 4)) * MS + 7292;
        hear("0103020102");
        assert_int_equal(r.outcome.err, GT_ERR_OK);
    }
    assert_int_equal(line_timeout_ms(r.line, 1), LINE_TIMEOUT_MIN_MS);
    for (unsigned i = 0; i < 30; i++) { /* the meter has become slow, within the time-out */
        assert_int_equal(ask("010300100001", i, LINE_COLLECT, 1), GT_ERR_OK);
        send_now();
        r.now.us += REQUEST_US + 110 * MS + 7292;
        hear("0103020102");
        assert_int_equal(r.outcome.err, GT_ERR_OK);
    }
    assert_in_range(line_timeout_ms(r.line, 1), 125, 400);
}

/* The answer to 0010H comes after its time-out: it is counted, and never satisfies 0011H. */
static void test_late_answer_satisfies_nobody(void **state)
{
    (void)state;
    setup();
    assert_int_equal(ask("010300100001", 1, LINE_COLLECT, 1), GT_ERR_OK);
    send_now();
    while (r.outcome.err != GT_ERR_TIMEOUT) {
        wait();
    }
    const gt_mono given_up = r.now;
    assert_int_equal(ask("010300110001", 2, LINE_COMMAND, 1), GT_ERR_OK);
    assert_int_equal(ask("020300110001", 3, LINE_COLLECT, 1), GT_ERR_OK);
    send_now(); /* another unit need not wait */
    r.now.us += REQUEST_US + 30 * MS;
    hear("0103020bad"); /* the late one: another unit's business */
    assert_int_equal(r.outcome.cookie, 1);
    hear("0203020102");
    assert_int_equal(r.outcome.cookie, 3);
    send_now();
    assert_true(r.now.us - given_up.us >= (LINE_TIMEOUT_MAX_MS - LINE_TIMEOUT_FIRST_MS - 20) * MS);
    r.now.us += REQUEST_US + 30 * MS;
    hear("0103020102");
    assert_int_equal(r.outcome.cookie, 2);
    assert_memory_equal(r.reply, "\x01\x03\x02\x01\x02", 5);
}

static void test_late_answer_on_a_quiet_line_frees_the_unit(void **state)
{
    (void)state;
    setup();
    assert_int_equal(ask("010300100001", 1, LINE_COLLECT, 1), GT_ERR_OK);
    send_now();
    while (r.outcome.err != GT_ERR_TIMEOUT) {
        wait();
    }
    r.now.us += 50 * MS;
    hear("0103020bad");
    assert_int_equal(line_stats_of(r.line).late, 1);
    assert_true(line_timeout_ms(r.line, 1) > LINE_TIMEOUT_FIRST_MS); /* it taught patience */
    assert_int_equal(ask("010300110001", 2, LINE_COLLECT, 1), GT_ERR_OK);
    const gt_mono before = r.now;
    send_now();
    assert_int_equal(r.now.us, before.us + SILENCE_US);
}

static void test_write_answer_must_repeat_the_register(void **state)
{
    (void)state;
    setup();
    assert_int_equal(ask("01100100000204000100ff", 1, LINE_COMMAND, 1), GT_ERR_OK);
    send_now();
    r.now.us += 60 * MS;
    hear("011002000002");
    assert_false(r.outcome.present);
    hear("011001000002");
    assert_int_equal(r.outcome.err, GT_ERR_OK);
    assert_int_equal(r.outcome.len, 8);
}

static void test_broadcast_waits_for_nobody(void **state)
{
    (void)state;
    setup();
    assert_int_equal(ask("00100100000204000100ff", 1, LINE_COMMAND, 3), GT_ERR_OK);
    send_now();
    wait();
    assert_int_equal(r.outcome.err, GT_ERR_OK);
    assert_int_equal(r.outcome.len, 0);
    assert_int_equal(r.sent, 1);
}

static void test_close_ends_every_request(void **state)
{
    (void)state;
    setup();
    for (uint64_t i = 0; i < 4; i++) {
        assert_int_equal(ask("010300100001", i, LINE_COLLECT, 2), GT_ERR_OK);
    }
    send_now();
    step(LINE_CLOSED, NULL, 0);
    for (uint64_t i = 0; i < 4; i++) {
        assert_int_equal(r.outcome.cookie, i);
        assert_int_equal(r.outcome.err, GT_ERR_CLOSED);
        assert_int_equal(r.outcome.attempts, i == 0 ? 1 : 0);
        step(LINE_TICK, NULL, 0);
    }
    assert_true(line_deadline(r.line).us == GT_MONO_NEVER.us);
    assert_int_equal(ask("010300100001", 9, LINE_COLLECT, 1), GT_ERR_CLOSED);
}

static void test_refusals(void **state)
{
    (void)state;
    setup();
    line *none = NULL;
    assert_int_equal(line_create(&r.arena, &(line_cfg){299, 10}, &none), GT_ERR_RANGE);
    assert_int_equal(line_create(&r.arena, &(line_cfg){9600, 9}, &none), GT_ERR_RANGE);
    gt_arena small = gt_arena_of(r.memory, 100);
    assert_int_equal(line_create(&small, &(line_cfg){9600, 10}, &none), GT_ERR_MEMORY);
    setup();
    assert_int_equal(ask("01", 1, LINE_COLLECT, 1), GT_ERR_MALFORMED);
    assert_int_equal(ask("010300100001", 1, LINE_COLLECT, 0), GT_ERR_MALFORMED);
    assert_int_equal(ask("010300100001", 1, LINE_COLLECT, LINE_ATTEMPTS_MAX + 1), GT_ERR_MALFORMED);
    for (int i = 0; i < LINE_COMMANDS_MAX; i++) {
        assert_int_equal(ask("010300100001", 1, LINE_COMMAND, 1), GT_ERR_OK);
    }
    assert_int_equal(ask("010300100001", 1, LINE_COMMAND, 1), GT_ERR_SPACE);
    assert_true(line_has_room(r.line, LINE_COLLECT));
}

static void test_dlt645(void **state)
{
    (void)state;
    static const char request[] = "fefe68907856341268681104333334336716"; /* broken on purpose */
    line_request q = {.framing = LINE_DLT645, .attempts = 1};
    size_t len = 0;
    setup();
    assert_int_equal(gt_hex_parse(request, q.bytes, sizeof q.bytes, &len), GT_ERR_OK);
    q.len = (uint16_t)len;
    assert_int_equal(line_submit(r.line, &q), GT_ERR_MALFORMED);
    static const uint8_t frame[] = {0xFE, 0x68, 0x90, 0x78, 0x56, 0x34, 0x12, 0x00,
                                    0x68, 0x11, 0x04, 0x33, 0x33, 0x34, 0x33};
    memcpy(q.bytes, frame, sizeof frame);
    q.bytes[sizeof frame] = gt_sum8(frame + 1, sizeof frame - 1);
    q.bytes[sizeof frame + 1] = 0x16;
    q.len = sizeof frame + 2;
    assert_int_equal(line_submit(r.line, &q), GT_ERR_OK);
    send_now();
    r.now.us += 60 * MS;
    uint8_t answer[sizeof frame + 2];
    memcpy(answer, q.bytes, sizeof answer);
    answer[9] = 0x91;
    answer[sizeof frame] = (uint8_t)(answer[sizeof frame] + 0x80);
    answer[2] ^= 1; /* another meter's */
    answer[3] ^= 1;
    step(LINE_BYTES, answer, sizeof answer);
    assert_false(r.outcome.present);
    answer[2] ^= 1;
    answer[3] ^= 1;
    step(LINE_BYTES, answer, sizeof answer);
    assert_int_equal(r.outcome.err, GT_ERR_OK);
    assert_int_equal(r.outcome.len, sizeof frame + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_counts_as_an_answer),
        cmocka_unit_test(test_registers_like_an_exception_in_a_slow_answer),
        cmocka_unit_test(test_silence_before_a_request),
        cmocka_unit_test(test_commands_go_first_and_keep_order),
        cmocka_unit_test(test_repeats_end),
        cmocka_unit_test(test_time_out_is_learned),
        cmocka_unit_test(test_late_answer_satisfies_nobody),
        cmocka_unit_test(test_late_answer_on_a_quiet_line_frees_the_unit),
        cmocka_unit_test(test_write_answer_must_repeat_the_register),
        cmocka_unit_test(test_broadcast_waits_for_nobody),
        cmocka_unit_test(test_close_ends_every_request),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_dlt645),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
