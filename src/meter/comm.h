/**
 * @file comm.h
 * @brief What the line protocols keep: communication address, passwords, speeds.
 *
 * Layer:   meter.
 * Source:  DL/T 645-2007, 7.1 (password and its level); default passwords are the factory's
 *          (config.h).
 */
#ifndef GT_METER_COMM_H
#define GT_METER_COMM_H

#include "base/err.h"
#include "base/time.h"
#include "meter/config.h"

#include <stdint.h>

enum { COMM_WRONG_MAX = 15 /* wrong passwords in a day; then none is taken until the next */ };

typedef struct meter_comm {
    uint64_t address;                   /* 12 BCD nibbles; 0: the meter number */
    uint32_t password[METER_PASSWORDS]; /* 24 bits, by level */
    uint8_t wrong;                      /* today */
    int32_t wrong_day;                  /* METER_DAY_NONE: the clock was not known */
    uint8_t speed[METER_LINES];         /* DL/T 645 word; 0: as configured */
} meter_comm;

struct meter;

/** Speed and address as last set, where anything was. At power-up. */
void comm_start(struct meter *m);
/** @return IO */
GT_CHECKED gt_err comm_read(const struct meter *m, meter_comm *out);
GT_CHECKED gt_err comm_write(struct meter *m, const meter_comm *comm);

/** Own address as 12 BCD nibbles. */
uint64_t comm_address(const struct meter *m);
/** @param address 12 BCD nibbles. @return RANGE  a wildcard, nothing or everybody; IO */
GT_CHECKED gt_err comm_address_set(struct meter *m, uint64_t address);

/**
 * Is that the password of the level? Wrong ones are counted.
 * @return REFUSED  wrong, no such level, or too many wrong ones today; IO
 */
GT_CHECKED gt_err comm_password_check(struct meter *m, unsigned level, uint32_t password,
                                      gt_mono now);
/** @return RANGE  no such level; IO */
GT_CHECKED gt_err comm_password_set(struct meter *m, unsigned level, uint32_t password);

/** Speed that a word of DL/T 645 names; 0: none. */
uint32_t comm_speed_of(uint8_t word);
/** The word for a line's speed; 0: it has none. */
uint8_t comm_speed_word(uint32_t baud);
/** From the next byte on. @return RANGE  no such speed; IO */
GT_CHECKED gt_err comm_speed_set(struct meter *m, meter_line_id line, uint8_t word);

#endif
