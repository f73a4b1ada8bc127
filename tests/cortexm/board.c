/* The smallest board the meter core links to: a Cortex-M0+ with memory-mapped FRAM, a UART, a pulse
 * counter and a relay driver at fixed addresses. It proves that the core needs nothing else: no C
 * library, no heap, no operating system. */
#include "meter/meter.h"

#include <string.h>

/* The registers of this board. */
typedef struct board {
    uint32_t microseconds; /* free-running */
    uint32_t pulses;       /* free-running */
    uint32_t uart_status;  /* bit 0: a byte has come; bit 1: one may go */
    uint32_t uart_data;
    uint32_t relay_drive;    /* 1 close, 2 open */
    uint32_t relay_feedback; /* bit a phase */
    uint32_t button;
    uint32_t power_failing;
    uint32_t rtc_seconds; /* since 1970; 0: stopped */
} board;

static volatile board *const hardware = (volatile board *)0x40000000U;
static volatile uint8_t *const fram = (volatile uint8_t *)0x60000000U;

extern const meter_config board_factory; /* burnt at the end of the flash, see board.ld */
extern uint32_t board_stack_top;

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

static gt_err fram_read(void *ctx, uint32_t at, uint8_t *buf, size_t len)
{
    (void)ctx;
    for (size_t i = 0; i < len; i++) {
        buf[i] = fram[at + i];
    }
    return GT_ERR_OK;
}

static gt_err fram_write(void *ctx, uint32_t at, const uint8_t *buf, size_t len)
{
    (void)ctx;
    for (size_t i = 0; i < len; i++) {
        fram[at + i] = buf[i];
    }
    return GT_ERR_OK;
}

static gt_err fram_sync(void *ctx)
{
    (void)ctx;
    return GT_ERR_OK;
}

static void relay_drive(void *ctx, bool close)
{
    (void)ctx;
    hardware->relay_drive = close ? 1 : 2;
}

static uint8_t relay_closed(void *ctx)
{
    (void)ctx;
    return (uint8_t)hardware->relay_feedback;
}

static bool rtc_read(void *ctx, gt_utc *out)
{
    (void)ctx;
    const uint32_t seconds = hardware->rtc_seconds;
    if (seconds == 0) {
        return false;
    }
    out->ms = (int64_t)seconds * 1000;
    return true;
}

static void rtc_write(void *ctx, gt_utc now)
{
    (void)ctx;
    hardware->rtc_seconds = (uint32_t)(now.ms / 1000);
}

static gt_mono now_read(gt_mono last)
{
    const uint32_t elapsed = hardware->microseconds - (uint32_t)last.us;
    return (gt_mono){.us = last.us + elapsed};
}

static void uart_poll(meter *m, gt_mono now)
{
    if ((hardware->uart_status & 1U) != 0) {
        const uint8_t byte = (uint8_t)hardware->uart_data;
        meter_rx(m, METER_LINE_RS485, &byte, 1, now);
    }
    static uint8_t answer[METER_FRAME_MAX];
    const size_t len = meter_tx(m, METER_LINE_RS485, answer, sizeof answer);
    for (size_t i = 0; i < len; i++) {
        while ((hardware->uart_status & 2U) == 0) {
        }
        hardware->uart_data = answer[i];
    }
}

int main(void)
{
    static meter m;
    const meter_ports ports = {.nvm = {.size = meter_nvm_size(board_factory.profile),
                                       .read = fram_read,
                                       .write = fram_write,
                                       .sync = fram_sync},
                               .relay = {.drive = relay_drive, .closed = relay_closed},
                               .rtc = {.read = rtc_read, .write = rtc_write}};
    gt_mono now = {0};
    if (meter_init(&m, &board_factory, &ports, now) != GT_ERR_OK) {
        return 1;
    }
    for (uint32_t counted = hardware->pulses;;) {
        now = now_read(now);
        const uint32_t pulses = hardware->pulses;
        meter_pulse(&m, pulses - counted, now);
        counted = pulses;
        uart_poll(&m, now);
        if (hardware->button != 0) {
            meter_button(&m, now);
        }
        if (hardware->power_failing != 0) {
            meter_power_fail(&m, now);
        }
    }
}

static void reset(void)
{
    (void)main();
    for (;;) {
    }
}

__attribute__((section(".vectors"), used)) static const struct {
    uint32_t *stack;
    void (*handler[15])(void);
} vectors = {&board_stack_top, {reset}};
