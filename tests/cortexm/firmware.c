/* The firmware of the smallest meter: the core between a board's hardware and its own vectors. It
 * proves that the core needs nothing else: no C library, no heap, no operating system. */
#include "board.h"

#include <string.h>

extern uint32_t board_stack_top;
extern uint8_t board_bss;
extern uint8_t board_bss_end;

int main(void);

void *memcpy(void *restrict to, const void *restrict from, size_t len)
{
    uint8_t *out = to;
    const uint8_t *in = from;
    while (len-- > 0) {
        *out++ = *in++;
    }
    return to;
}

void *memmove(void *to, const void *from, size_t len)
{
    uint8_t *out = to;
    const uint8_t *in = from;
    if (out <= in) {
        return memcpy(to, from, len);
    }
    while (len-- > 0) {
        out[len] = in[len];
    }
    return to;
}

void *memset(void *at, int value, size_t len)
{
    uint8_t *out = at;
    while (len-- > 0) {
        *out++ = (uint8_t)value;
    }
    return at;
}

int memcmp(const void *a, const void *b, size_t len)
{
    const uint8_t *left = a;
    const uint8_t *right = b;
    for (; len > 0; len--, left++, right++) {
        if (*left != *right) {
            return *left < *right ? -1 : 1;
        }
    }
    return 0;
}

size_t strlen(const char *text)
{
    size_t len = 0;
    while (text[len] != '\0') {
        len++;
    }
    return len;
}

/* The watchdog resets a meter whose own guarantee is broken. */
_Noreturn void gt_assert_failed(const char *expr, const char *file, int line)
{
    (void)expr;
    (void)file;
    (void)line;
    for (;;) {
    }
}

static gt_err memory_read(void *ctx, uint32_t at, uint8_t *buf, size_t len)
{
    (void)ctx;
    for (size_t i = 0; i < len; i++) {
        buf[i] = board_memory()[at + i];
    }
    return GT_ERR_OK;
}

static gt_err memory_write(void *ctx, uint32_t at, const uint8_t *buf, size_t len)
{
    (void)ctx;
    for (size_t i = 0; i < len; i++) {
        board_memory()[at + i] = buf[i];
    }
    return GT_ERR_OK;
}

static gt_err memory_sync(void *ctx)
{
    (void)ctx;
    return GT_ERR_OK;
}

static void relay_drive(void *ctx, bool close)
{
    (void)ctx;
    board_relay_drive(close);
}

static uint8_t relay_closed(void *ctx)
{
    (void)ctx;
    return board_relay_feedback();
}

static bool rtc_read(void *ctx, gt_utc *out)
{
    (void)ctx;
    const uint32_t seconds = board_rtc_seconds();
    if (seconds == 0) {
        return false;
    }
    out->ms = (int64_t)seconds * 1000;
    return true;
}

static void rtc_write(void *ctx, gt_utc now)
{
    (void)ctx;
    board_rtc_set((uint32_t)(now.ms / 1000));
}

static gt_mono now_read(gt_mono last)
{
    const uint32_t elapsed = board_microseconds() - (uint32_t)last.us;
    return (gt_mono){.us = last.us + elapsed};
}

static void line_poll(meter *m, gt_mono now)
{
    uint8_t byte = 0;
    if (board_line_read(&byte)) {
        meter_rx(m, METER_LINE_RS485, &byte, 1, now);
    }
    static uint8_t answer[METER_FRAME_MAX];
    const size_t len = meter_tx(m, METER_LINE_RS485, answer, sizeof answer);
    for (size_t i = 0; i < len; i++) {
        board_line_write(answer[i]);
    }
}

int main(void)
{
    static meter m;
    const meter_ports ports = {.nvm = {.size = meter_nvm_size(board_factory.profile),
                                       .read = memory_read,
                                       .write = memory_write,
                                       .sync = memory_sync},
                               .relay = {.drive = relay_drive, .closed = relay_closed},
                               .rtc = {.read = rtc_read, .write = rtc_write}};
    gt_mono now = {0};
    board_start();
    if (meter_init(&m, &board_factory, &ports, now) != GT_ERR_OK) {
        return 1;
    }
    for (uint32_t counted = board_pulses();;) {
        now = now_read(now);
        const uint32_t pulses = board_pulses();
        meter_pulse(&m, pulses - counted, now);
        counted = pulses;
        line_poll(&m, now);
        if (board_button()) {
            meter_button(&m, now);
        }
        if (board_power_failing()) {
            meter_power_fail(&m, now);
        }
    }
}

static void reset(void)
{
    memset(&board_bss, 0, (size_t)(&board_bss_end - &board_bss));
    (void)main();
    for (;;) {
    }
}

__attribute__((section(".vectors"), used)) static const struct {
    uint32_t *stack;
    void (*handler[15])(void);
} vectors = {&board_stack_top, {reset}};
