/**
 * @file board.h
 * @brief What a board gives the firmware: firmware.c is the same on each.
 *
 * board_bare.c has a register for everything at a fixed address; board_mps2.c runs in an emulator.
 */
#ifndef GT_TESTS_CORTEXM_BOARD_H
#define GT_TESTS_CORTEXM_BOARD_H

#include "meter/meter.h"

/** What the factory has burnt. */
extern const meter_config board_factory;

void board_start(void);
/** Free-running. */
uint32_t board_microseconds(void);
/** Free-running count of the metering chip. */
uint32_t board_pulses(void);
/** A byte has come on the RS-485 line. */
bool board_line_read(uint8_t *out);
/** Waits until it may go. */
void board_line_write(uint8_t byte);
void board_relay_drive(bool close);
/** A bit a phase. */
uint8_t board_relay_feedback(void);
/** Since 1970; 0: stopped. */
uint32_t board_rtc_seconds(void);
void board_rtc_set(uint32_t seconds);
bool board_button(void);
bool board_power_failing(void);
/** Byte-writable memory without erase, as FRAM is. */
volatile uint8_t *board_memory(void);

#endif
