/**
 * @file dlt645_commands.h
 * @brief Commands that both editions of DL/T 645 have, and who may give them.
 *
 * Layer:   meter.
 */
#ifndef GT_METER_DLT645_COMMANDS_H
#define GT_METER_DLT645_COMMANDS_H

#include "codec/dlt645/message.h"
#include "meter/dlt645_link.h"

/** A command: what it does with a request. @return as dlt645_serve */
typedef uint8_t dlt645_command_serve(dlt645_call *call, const dlt645_message *request, gt_wr *w);

typedef struct dlt645_command_row {
    uint8_t code;
    bool broadcast; /* may come to everybody; then nobody answers */
    dlt645_command_serve *serve;
} dlt645_command_row;

/** NULL: no such command, or not for everybody. */
const dlt645_command_row *dlt645_command_find(const dlt645_command_row *rows, size_t count,
                                              const dlt645_call *call);

/** What a request of the wrong length is answered with. */
uint8_t dlt645_misread_fault(const dlt645_command_row *row);

/** A bit each: which levels of password are good for it. */
enum { DLT645_LEVEL_2 = 1U << 2U, DLT645_LEVELS = DLT645_LEVEL_2 | 1U << 4U };

/** Password of a request, at one of the levels that may. @return 0 or a fault */
uint8_t dlt645_password_fault(const dlt645_call *call, const dlt645_password *password,
                              unsigned allowed);
/** The same for a write of that 2007 identifier. */
uint8_t dlt645_write_fault(const dlt645_call *call, uint32_t di, const dlt645_password *password);
/** Digits of the wire as a real time; freeze and control have them too. */
bool dlt645_civil_of(const dlt645_time *time, gt_civil *out);

dlt645_command_serve dlt645_time_broadcast;
dlt645_command_serve dlt645_addr_write;
dlt645_command_serve dlt645_baud;
dlt645_command_serve dlt645_password_change;
uint8_t dlt645_demand_clear(const dlt645_call *call, const dlt645_password *password);

#endif
