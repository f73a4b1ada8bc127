/* A meter on the bench that obeys lines of text, for the oracle in meter_year.py.
 * First line: constant auto opening alarm1 alarm2 overdraft price1..price4 hour1..hour4 (the hours
 * at which rates 1 to 4 begin, rising). Then "SECOND act value", acts being: pulse buy control
 * button show. `show` prints what a status poll and the newest daily freeze say. */
#include "rig.h"

#include <stdio.h>
#include <string.h>

enum { RATES = 4 }; /* of the eight a meter has */

static bool configure(rig *r)
{
    int automatic = 0;
    unsigned hour[RATES];
    meter_parameter *p = &r->cfg.parameter;
    if (scanf("%hu %d %d %u %u %u", &r->cfg.constant, &automatic, &r->cfg.opening_fen,
              &p->alarm1_fen, &p->alarm2_fen, &p->overdraft_fen) != 6) {
        return false;
    }
    for (unsigned i = 0; i < RATES; i++) {
        if (scanf("%u", &p->price_e4[i]) != 1) {
            return false;
        }
    }
    for (unsigned i = 0; i < RATES; i++) {
        if (scanf("%u", &hour[i]) != 1) {
            return false;
        }
        r->cfg.schedule.period[i] =
            (tariff_period){.start_min = (uint16_t)(hour[i] * 60), .rate = (uint8_t)(i + 1)};
    }
    r->cfg.schedule.count = RATES;
    r->cfg.rearm = automatic != 0 ? METER_REARM_AUTO : METER_REARM_BUTTON;
    return true;
}

static void show(rig *r)
{
    const meter_status s = rig_status(r);
    uint16_t record[16] = {0};
    const int code = rig_read(r, 0x0200, 16, record);
    printf("%d %d", (int)s.credit, s.relay_closed ? 1 : 0);
    for (unsigned i = 0; i < 1 + RATES; i++) {
        printf(" %lld", (long long)s.energy[i].centikwh);
    }
    printf(" %lld %u", (long long)s.balance.fen, s.purchase_count);
    printf(" %04x%04x %lu %d\n", record[0], record[1], (unsigned long)record[2] << 16U | record[3],
           code);
}

int main(void)
{
    static rig r;
    rig_prepare(&r);
    rig_clock(&r, 2027, 12, 30, 0);
    if (!configure(&r) || rig_power_on(&r) != GT_ERR_OK) {
        return 1;
    }
    const int64_t start_us = r.now.us;
    long long second = 0;
    char act[16];
    long value = 0;
    uint32_t bought = 0;
    uint32_t controlled = 0;
    while (scanf("%lld %15s %ld", &second, act, &value) == 3) {
        rig_wait_us(&r, start_us + second * 1000000 - r.now.us);
        int code = 0;
        if (strcmp(act, "pulse") == 0) {
            meter_pulse(&r.meter, (uint32_t)value, r.now);
        } else if (strcmp(act, "buy") == 0) {
            code = rig_purchase(&r, (uint32_t)value, ++bought);
        } else if (strcmp(act, "control") == 0) {
            code = rig_control(&r, (uint16_t)value, ++controlled, 60);
        } else if (strcmp(act, "button") == 0) {
            meter_button(&r.meter, r.now);
        } else {
            show(&r);
        }
        if (code != 0) {
            return 2;
        }
    }
    return 0;
}
