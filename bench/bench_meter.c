/* How many hours of a meter's life a second of this machine simulates, and how long the core takes
 * from a complete request to its answer.
 * usage: bench_meter [METERS [DAYS]] */
#include "base/sum.h"
#include "meter/meter.h"
#include "sim/eeprom.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { POLL_S = 60, DAY_S = 86400, US_PER_S = 1000000, PULSES_PER_POLL = 80, ANSWERS = 20000 };

typedef struct bench_meter {
    meter meter;
    meter_config cfg;
    sim_eeprom eeprom;
    uint8_t contacts;
    const gt_mono *now;
} bench_meter;

static void relay_drive(void *ctx, bool close)
{
    bench_meter *b = ctx;
    b->contacts = close ? GT_RELAY_ALL : 0;
}

static uint8_t relay_closed(void *ctx)
{
    const bench_meter *b = ctx;
    return b->contacts;
}

static bool rtc_read(void *ctx, gt_utc *out)
{
    const bench_meter *b = ctx;
    out->ms = INT64_C(1767225600000) + b->now->us / 1000;
    return true;
}

static void rtc_write(void *ctx, gt_utc now)
{
    (void)ctx;
    (void)now;
}

static bool power_on(bench_meter *b, gt_mono now)
{
    const meter_ports ports = {.nvm = sim_eeprom_port(&b->eeprom),
                               .relay = {.ctx = b, .drive = relay_drive, .closed = relay_closed},
                               .rtc = {.ctx = b, .read = rtc_read, .write = rtc_write}};
    return meter_init(&b->meter, &b->cfg, &ports, now) == GT_ERR_OK;
}

static bool start(bench_meter *b, unsigned index, const gt_mono *now)
{
    b->cfg = (meter_config){.meter_no = 1 + index,
                            .unit = 1,
                            .baud = 9600,
                            .constant = 1200,
                            .zone_min = 480,
                            .parameter = {.alarm1_fen = 2000, .price_e4 = {9000, 8000, 6000, 3000}},
                            .schedule = {.count = 3, .period = {{420, 3}, {1080, 2}, {1320, 4}}},
                            .opening_fen = 100000000};
    b->contacts = GT_RELAY_ALL;
    b->now = now;
    sim_eeprom_init(&b->eeprom, index);
    return power_on(b, *now);
}

/* Of this one core, whoever else uses the machine. */
static double seconds(void)
{
    struct timespec at;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
    return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static const uint8_t poll_request[] = {1, 3, 0, 0, 0, 48, 0x45, 0xDE};

/* @return bytes of the answer */
static size_t poll(bench_meter *b, gt_mono *now)
{
    uint8_t answer[METER_FRAME_MAX];
    now->us += 20000;
    meter_rx(&b->meter, METER_LINE_RS485, poll_request, sizeof poll_request, *now);
    now->us += 5000;
    meter_tick(&b->meter, *now);
    return meter_tx(&b->meter, METER_LINE_RS485, answer, sizeof answer);
}

static void life(bench_meter *meters, unsigned count, unsigned days, gt_mono *now)
{
    const double began = seconds();
    for (unsigned i = 0; i < days * (DAY_S / POLL_S); i++) {
        now->us += (int64_t)POLL_S * US_PER_S;
        for (unsigned k = 0; k < count; k++) {
            meter_pulse(&meters[k].meter, PULSES_PER_POLL, *now);
        }
    }
    const double took = seconds() - began;
    printf("meters=%u virtual_hours=%.0f cpu_s=%.2f virtual_meter_hours_per_s=%.0f saves=%llu\n",
           count, (double)days * 24 * count, took, (double)days * 24 * count / took,
           (unsigned long long)meters[0].eeprom.writes);
}

static int answers(bench_meter *b, gt_mono *now)
{
    const double began = seconds();
    for (unsigned i = 0; i < ANSWERS; i++) {
        if (poll(b, now) != 101) {
            (void)fprintf(stderr, "no answer\n");
            return 1;
        }
    }
    printf("status_answer_us=%.2f\n", (seconds() - began) * 1e6 / ANSWERS);
    return 0;
}

/* A request of DL/T 645-2007 to an answer, over and over. */
static int answers_dlt645(bench_meter *b, gt_mono *now)
{
    /* read 00010000 of meter 1, forward active energy */
    static const uint8_t request[] = {0x68, 1,    0,    0,    0,    0,    0,    0x68,
                                      0x11, 0x04, 0x33, 0x33, 0x34, 0x33, 0xB3, 0x16};
    uint8_t answer[METER_FRAME_MAX];
    b->cfg.protocol = METER_PROTOCOL_DLT645_2007;
    sim_eeprom_init(&b->eeprom, 1);
    if (!power_on(b, *now)) {
        return 1;
    }
    const double began = seconds();
    for (unsigned i = 0; i < ANSWERS; i++) {
        now->us += 20000;
        meter_rx(&b->meter, METER_LINE_RS485, request, sizeof request, *now);
        if (meter_tx(&b->meter, METER_LINE_RS485, answer, sizeof answer) != 24) {
            (void)fprintf(stderr, "no answer\n");
            return 1;
        }
    }
    printf("dlt645_answer_us=%.2f\n", (seconds() - began) * 1e6 / ANSWERS);
    return 0;
}

static void refusals(bench_meter *b, gt_mono *now)
{
    uint8_t request[31] = {1, 0x10, 1, 0, 0, 11, 22};
    const uint16_t crc = gt_crc16_modbus(request, sizeof request - 2);
    request[29] = (uint8_t)crc;
    request[30] = (uint8_t)(crc >> 8U);
    uint8_t answer[METER_FRAME_MAX];
    double took = 0;
    unsigned done = 0;
    for (; done < 14; done++) { /* the fifteenth would close the door */
        now->us += (int64_t)US_PER_S;
        meter_tick(&b->meter, *now);
        meter_rx(&b->meter, METER_LINE_RS485, request, sizeof request, *now);
        now->us += 5000;
        const double began = seconds();
        meter_tick(&b->meter, *now);
        took += seconds() - began;
        (void)meter_tx(&b->meter, METER_LINE_RS485, answer, sizeof answer);
    }
    printf("mac_check_and_save_us=%.2f\n", took * 1e6 / done);
}

int main(int argc, char **argv)
{
    const unsigned count = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 257;
    const unsigned days = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 2;
    bench_meter *meters = calloc(count, sizeof *meters);
    gt_mono now = {.us = 0};
    if (count == 0 || meters == NULL) {
        return 1;
    }
    const double began = seconds();
    for (unsigned i = 0; i < count; i++) {
        if (!start(&meters[i], i, &now)) {
            (void)fprintf(stderr, "meter %u does not start\n", i);
            return 1;
        }
    }
    printf("init_us_per_meter=%.1f ram_bytes_per_meter=%zu\n", (seconds() - began) * 1e6 / count,
           sizeof(meter));
    life(meters, count, days, &now);
    int failed = answers(&meters[0], &now);
    refusals(&meters[0], &now);
    failed |= answers_dlt645(&meters[0], &now);
    free(meters);
    return failed;
}
