/* A board with a register for everything: what a meter maker replaces by his own. */
#include "board.h"

typedef struct registers {
    uint32_t microseconds; /* free-running */
    uint32_t pulses;       /* free-running */
    uint32_t uart_status;  /* bit 0: a byte has come; bit 1: one may go */
    uint32_t uart_data;
    uint32_t relay_drive;    /* 1 close, 2 open */
    uint32_t relay_feedback; /* bit a phase */
    uint32_t button;
    uint32_t power_failing;
    uint32_t rtc_seconds; /* since 1970; 0: stopped */
} registers;

static volatile registers *const hardware = (volatile registers *)0x40000000U;

void board_start(void)
{
}

uint32_t board_microseconds(void)
{
    return hardware->microseconds;
}

uint32_t board_pulses(void)
{
    return hardware->pulses;
}

bool board_line_read(uint8_t *out)
{
    if ((hardware->uart_status & 1U) == 0) {
        return false;
    }
    *out = (uint8_t)hardware->uart_data;
    return true;
}

void board_line_write(uint8_t byte)
{
    while ((hardware->uart_status & 2U) == 0) {
    }
    hardware->uart_data = byte;
}

void board_relay_drive(bool close)
{
    hardware->relay_drive = close ? 1 : 2;
}

uint8_t board_relay_feedback(void)
{
    return (uint8_t)hardware->relay_feedback;
}

uint32_t board_rtc_seconds(void)
{
    return hardware->rtc_seconds;
}

void board_rtc_set(uint32_t seconds)
{
    hardware->rtc_seconds = seconds;
}

bool board_button(void)
{
    return hardware->button != 0;
}

bool board_power_failing(void)
{
    return hardware->power_failing != 0;
}

volatile uint8_t *board_memory(void)
{
    return (volatile uint8_t *)0x60000000U;
}
