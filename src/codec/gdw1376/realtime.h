/**
 * @file realtime.h
 * @brief Class 1 data (AFN 0C): what a point reads now; and the frozen copies of class 2 (AFN 0D).
 *
 * Layer:   codec.
 * Source:  Q/GDW 1376.1, 5.12 and 5.13. A request is the identifier alone in class 1, and carries
 *          the day (gdw1376_day_write) in class 2; an answer of class 2 is the day, then the body.
 * Units:   stated with each field; all are integers in the last decimal of the wire format.
 * Readers leave errors in the cursor; check gt_rd_done. A read that failed leaves @p out alone.
 */
#ifndef GT_CODEC_GDW1376_REALTIME_H
#define GT_CODEC_GDW1376_REALTIME_H

#include "codec/gdw1376/format.h"

enum {
    GDW1376_FN_CLOCK = 2,            /* 0C: terminal clock, p0 */
    GDW1376_FN_INSTANT = 25,         /* 0C: U, I, P, Q, PF */
    GDW1376_FN_ENERGY = 129,         /* 0C: forward active energy, total and rates */
    GDW1376_FN_RELAY = 161,          /* 0C: relay state, last close and trip */
    GDW1376_FN_PURCHASE = 167,       /* 0C: purchase and credit */
    GDW1376_FN_DAILY_ENERGY = 161,   /* 0D: F129 frozen at the end of a day */
    GDW1376_FN_DAILY_RELAY = 209,    /* 0D: F161 frozen */
    GDW1376_FN_DAILY_PURCHASE = 210, /* 0D: F167 frozen */
    GDW1376_CURVE_ENERGY = 101,      /* 0D: forward active energy, A.11 */
    GDW1376_RATES_MAX = 12,
    GDW1376_POINTS_MAX = 255, /* of one curve in one frame; a day of 15 min has 96 */
};

/** 0C F2 and 05 F31: the terminal's clock, with its weekday. */
GT_CHECKED gt_err gdw1376_clock_read(gt_rd *r, gdw1376_when *out);
void gdw1376_clock_write(gt_wr *w, const gdw1376_when *clock);

/** [0] is the total, [1] .. [3] phases A .. C. */
typedef struct gdw1376_instant {
    gdw1376_when taken;
    gdw1376_num power[4];    /* 0.0001 kW, +-79.9999 */
    gdw1376_num reactive[4]; /* 0.0001 kvar */
    gdw1376_num factor[4];   /* 0.1 %, which is 0.001 of the factor */
    gdw1376_num voltage[3];  /* 0.1 V, phases A .. C */
    gdw1376_num current[3];  /* 0.001 A, phases A .. C */
    gdw1376_num current_zero;
    gdw1376_num apparent[4]; /* 0.0001 kVA */
} gdw1376_instant;

GT_CHECKED gt_err gdw1376_instant_read(gt_rd *r, gdw1376_instant *out);
void gdw1376_instant_write(gt_wr *w, const gdw1376_instant *instant);

typedef struct gdw1376_energy {
    gdw1376_when taken;
    uint8_t rates;                       /* 0 .. GDW1376_RATES_MAX */
    gdw1376_num total;                   /* 0.0001 kWh */
    gdw1376_num rate[GDW1376_RATES_MAX]; /* 0.0001 kWh */
} gdw1376_energy;

/** @return RANGE above GDW1376_RATES_MAX rates, TRUNCATED when they cannot fit the bytes left */
GT_CHECKED gt_err gdw1376_energy_read(gt_rd *r, gdw1376_energy *out);
void gdw1376_energy_write(gt_wr *w, const gdw1376_energy *energy);

typedef enum gdw1376_relay_state {
    GDW1376_RELAY_OPEN = 0x00,    /* no supply */
    GDW1376_RELAY_CLOSED = 0x11,  /* supply on */
    GDW1376_RELAY_UNKNOWN = 0xEE, /* no data */
} gdw1376_relay_state;

typedef struct gdw1376_relay {
    gdw1376_when taken;
    gdw1376_relay_state state;
    gdw1376_when closed_at;  /* last close, A.1 */
    gdw1376_when tripped_at; /* last trip, A.1 */
} gdw1376_relay;

/** @return MALFORMED on a state byte that is none of the three */
GT_CHECKED gt_err gdw1376_relay_read(gt_rd *r, gdw1376_relay *out);
void gdw1376_relay_write(gt_wr *w, const gdw1376_relay *relay);

/**
 * The standard's amounts have no sign and its overdraft is an energy, so a debt in money cannot be
 * said here: a meter in debt shows remaining amount 0 and, if it counts in energy, the overdraft.
 * The vendor snapshot (vendor.h) carries the signed balance.
 */
typedef struct gdw1376_purchase {
    gdw1376_when taken;
    gdw1376_num count;            /* purchases */
    gdw1376_num amount_left;      /* 0.0001 yuan */
    gdw1376_num amount_total;     /* 0.0001 yuan, ever purchased */
    gdw1376_num energy_left;      /* 0.01 kWh */
    gdw1376_num energy_overdraft; /* 0.01 kWh */
    gdw1376_num energy_total;     /* 0.01 kWh, ever purchased */
    gdw1376_num overdraft_limit;  /* 0.01 kWh */
    gdw1376_num alarm_limit;      /* 0.01 kWh */
    gdw1376_num fault_energy;     /* 0.01 kWh */
} gdw1376_purchase;

GT_CHECKED gt_err gdw1376_purchase_read(gt_rd *r, gdw1376_purchase *out);
void gdw1376_purchase_write(gt_wr *w, const gdw1376_purchase *purchase);

/**
 * A curve of class 2 (F73 .. F148), time stamp and points together: one number a point, whose
 * format the item table gives. A request is the time stamp alone.
 */
typedef struct gdw1376_curve {
    gdw1376_when from;
    uint8_t density; /* 0 none, 1 15 min, 2 30 min, 3 60 min, 254 5 min, 255 1 min */
    uint8_t count;   /* points */
} gdw1376_curve;

/** @param[out] points  room for GDW1376_POINTS_MAX; written, like @p out, only on OK */
GT_CHECKED gt_err gdw1376_curve_read(gt_rd *r, gdw1376_format format, gdw1376_curve *out,
                                     int32_t *points);
/** @param points NULL: a request */
void gdw1376_curve_write(gt_wr *w, gdw1376_format format, const gdw1376_curve *curve,
                         const int32_t *points);

/** Td_d, the day of class 2: in the request, and before the body of the answer. RANGE if absent. */
GT_CHECKED gt_err gdw1376_day_read(gt_rd *r, gt_civil *out);
void gdw1376_day_write(gt_wr *w, const gt_civil *day);

#endif
