/* The Arm MPS2 board (AN385, a Cortex-M3) as qemu-system-arm has it. The RS-485 line is UART 0.
 * UART 1 is the test bench: 'p' gives ten pulses, 'b' presses the button, 'f' says that power
 * fails. Part of the board's large memory stands in for FRAM; it does not outlive the emulator. */
#include "board.h"

typedef struct uart {
    uint32_t data;
    uint32_t state; /* bit 0: cannot take a byte; bit 1: one has come */
    uint32_t control;
    uint32_t interrupt;
    uint32_t divider;
} uart;

typedef struct fpga_io {
    uint32_t before[6];
    uint32_t counter; /* at the speed that the prescaler leaves */
    uint32_t prescale;
} fpga_io;

enum { UART_FULL = 1, UART_COME = 2, UART_ON = 3, UART_DIVIDER = 2604, MHZ = 25, PULSES = 10 };

static volatile uart *const line = (volatile uart *)0x40004000U;
static volatile uart *const bench = (volatile uart *)0x40005000U;
static volatile fpga_io *const fpga = (volatile fpga_io *)0x40028000U;

static struct {
    uint32_t pulses;
    uint32_t rtc_seconds;
    uint8_t contacts;
    bool button;
    bool failing;
} hardware;

/* Keys of a meter that everybody may know. */
const meter_config board_factory = {
    .meter_no = 202600000385,
    .customer_no = 310000000385,
    .life = METER_LIFE_RUNNING,
    .unit = 1,
    .baud = 1200, /* an emulator's bytes come with gaps */
    .constant = 1000,
    .zone_min = 480,
    .rearm = METER_REARM_AUTO,
    .key_version = 1,
    .key = {{0x11, 1}, {0x22, 2}, {0x33, 3}},
    .parameter = {.alarm1_fen = 2000, .alarm2_fen = 500, .price_e4 = {10000, 10000, 10000, 10000}},
    .schedule = {.count = 1, .period = {{.start_min = 0, .rate = 1}}},
    .opening_fen = 100,
};

static void uart_start(volatile uart *u)
{
    u->divider = UART_DIVIDER;
    u->control = UART_ON;
}

void board_start(void)
{
    uart_start(line);
    uart_start(bench);
    fpga->prescale = MHZ - 1;
    const uint32_t size = meter_nvm_size(board_factory.profile);
    for (uint32_t i = 0; i < size; i++) {
        board_memory()[i] = 0xFF; /* as a new part comes */
    }
}

uint32_t board_microseconds(void)
{
    return fpga->counter;
}

static void bench_poll(void)
{
    while ((bench->state & UART_COME) != 0) {
        const uint8_t byte = (uint8_t)bench->data;
        hardware.pulses += byte == 'p' ? PULSES : 0;
        hardware.button |= byte == 'b';
        hardware.failing |= byte == 'f';
    }
}

uint32_t board_pulses(void)
{
    bench_poll();
    return hardware.pulses;
}

bool board_line_read(uint8_t *out)
{
    if ((line->state & UART_COME) == 0) {
        return false;
    }
    *out = (uint8_t)line->data;
    return true;
}

void board_line_write(uint8_t byte)
{
    while ((line->state & UART_FULL) != 0) {
    }
    line->data = byte;
}

void board_relay_drive(bool close)
{
    hardware.contacts = close ? 7 : 0;
}

uint8_t board_relay_feedback(void)
{
    return hardware.contacts;
}

uint32_t board_rtc_seconds(void)
{
    return hardware.rtc_seconds;
}

void board_rtc_set(uint32_t seconds)
{
    hardware.rtc_seconds = seconds;
}

static bool take(bool *flag)
{
    const bool was = *flag;
    *flag = false;
    return was;
}

bool board_button(void)
{
    return take(&hardware.button);
}

bool board_power_failing(void)
{
    return take(&hardware.failing);
}

volatile uint8_t *board_memory(void)
{
    return (volatile uint8_t *)0x21000000U;
}
