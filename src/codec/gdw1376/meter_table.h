/**
 * @file meter_table.h
 * @brief AFN 04 F10 and AFN 0A F10: which meters a terminal reads, on which port, as which point.
 *
 * Layer:   codec.
 * Source:  Q/GDW 1376.1, 5.5.2.4 F10. Entries of 27 bytes after a count of 2.
 */
#ifndef GT_CODEC_GDW1376_METER_TABLE_H
#define GT_CODEC_GDW1376_METER_TABLE_H

#include "codec/gdw1376/format.h"

enum {
    GDW1376_FN_METER_TABLE = 10,
    GDW1376_METER_LEN = 27,
    GDW1376_METER_PASSWORD_LEN = 6,
    GDW1376_METER_MAX = 74, /* entries one frame of ours holds: (2048 - 8 - 4 - 2 - 16 - 6) / 27 */
    GDW1376_METER_INDEX_MAX = 512, /* indices one query names */
    GDW1376_METER_97 = 1,          /* DL/T 645-1997 */
    GDW1376_METER_AC = 2,          /* the terminal's own AC sampling */
    GDW1376_METER_07 = 30,         /* DL/T 645-2007 */
    GDW1376_METER_CARRIER = 31,
    GDW1376_METER_MODBUS =
        255, /* vendor: Modbus RTU prepaid meter; address is the meter's number */
};

typedef struct gdw1376_meter {
    uint16_t index;   /* in the terminal's table, 1 .. */
    uint16_t point;   /* Pn; 0 deletes the entry */
    uint8_t speed;    /* 0 default, 1 600, 2 1200, 3 2400, 4 4800, 5 7200, 6 9600, 7 19200 baud */
    uint8_t port;     /* 0 .. 31 */
    uint8_t protocol; /* GDW1376_METER_ */
    uint64_t addr;    /* 12 digits */
    uint8_t password[GDW1376_METER_PASSWORD_LEN];
    uint8_t rates;      /* 0 .. 63 */
    uint8_t int_digits; /* 4 .. 7 */
    uint8_t dec_digits; /* 1 .. 4 */
    uint64_t collector; /* 12 digits, 0 none */
    uint8_t class_big;  /* 0 .. 15 */
    uint8_t class_small;
} gdw1376_meter;

/** Count before the entries; fails TRUNCATED when they cannot be in the bytes left. */
uint16_t gdw1376_meter_count_read(gt_rd *r);
void gdw1376_meter_read(gt_rd *r, gdw1376_meter *out);
void gdw1376_meter_write(gt_wr *w, const gdw1376_meter *meter);
/** Set, or answer of the query: count, then the entries. RANGE above GDW1376_METER_MAX. */
void gdw1376_meter_table_write(gt_wr *w, const gdw1376_meter *meters, size_t count);
/** Body of a query: which indices are wanted. RANGE above GDW1376_METER_INDEX_MAX. */
void gdw1376_meter_query_write(gt_wr *w, const uint16_t *indices, size_t count);
/** Count of a query; then gt_rd_u16le for each. */
uint16_t gdw1376_meter_query_count_read(gt_rd *r);

#endif
