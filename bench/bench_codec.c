/* How long one frame of each kind takes us to parse, all values converted and every identifier
 * looked up, beside a floor of the same frames measured in the same run: copying the bytes and
 * adding them up, or for Modbus copying them and a CRC from a table of 256. Passes of floor and
 * parse take turns, so a busy machine slows both; each pass counts this thread's processor time.
 * usage: bench_codec [FRAMES_PER_PASS]     exit 1: a frame was not read right */
#include "bench_codec.h"
#include "codec/dlt645/message.h"
#include "codec/dlt645/numbers.h"
#include "codec/dlt698/apdu.h"
#include "codec/dlt698/frame.h"
#include "codec/dlt698/values.h"
#include "codec/gdw1376/message.h"
#include "codec/gdw1376/realtime.h"
#include "codec/modbus/frame.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { FRAMES = 1024, BYTES_MAX = 1024, PASSES = 9, RUNS_DEFAULT = 400000, POINTS = 16, RATES = 4 };

typedef struct frames {
    uint8_t bytes[FRAMES][BYTES_MAX];
    size_t len;
} frames;

/* One kind of frame. build makes the k-th; parse returns a sum of its values, 0 when refused. */
typedef struct kind {
    const char *name;
    bool crc;    /* floor: CRC instead of the sum of bytes */
    double goal; /* 0: none */
    size_t (*build)(uint32_t k, uint8_t *buf);
    uint64_t (*parse)(const uint8_t *in, size_t len);
} kind;

static uint16_t crc_table[256];

static void crc_table_fill(void)
{
    for (unsigned i = 0; i < 256; i++) {
        unsigned v = i;
        for (unsigned bit = 0; bit < 8; bit++) {
            v = (v & 1U) != 0 ? v >> 1U ^ 0xA001U : v >> 1U;
        }
        crc_table[i] = (uint16_t)v;
    }
}

static uint64_t floor_sum(const uint8_t *in, size_t len)
{
    uint8_t copy[BYTES_MAX];
    memcpy(copy, in, len);
    uint8_t sum = 0;
    for (size_t i = 0; i < len; i++) {
        sum = (uint8_t)(sum + copy[i]);
    }
    return (uint64_t)sum + copy[len - 1];
}

static uint64_t floor_crc(const uint8_t *in, size_t len)
{
    uint8_t copy[BYTES_MAX];
    memcpy(copy, in, len);
    uint16_t crc = 0xFFFF;
    for (size_t i = 0; i < len; i++) {
        crc = (uint16_t)(crc >> 8U ^ crc_table[(crc ^ copy[i]) & 0xFFU]);
    }
    return crc;
}

/* Read answer to di with that many values of 4 bytes. */
static size_t dlt645_build(uint32_t k, uint32_t di, unsigned values, uint8_t *buf)
{
    uint8_t data[4 * (1 + RATES)];
    dlt645_message m = {
        .addr = 0x202311000000U + (k % 10U), .function = DLT645_READ, .reply = true};
    m.di = di;
    m.data = data;
    for (unsigned i = 0; i < values; i++) {
        const uint32_t number = (k * 7919U + i * 1013U) % 10000U;
        const uint8_t pair[2] = {(uint8_t)(number / 1000 % 10 << 4U | number / 100 % 10),
                                 (uint8_t)(number / 10 % 10 << 4U | number % 10)};
        memcpy(data + (size_t)4 * i, (uint8_t[]){pair[1], pair[0], pair[1], 0x01}, 4);
    }
    m.data_len = (uint8_t)(4 * values);
    dlt645_frame frame;
    size_t len = 0;
    const bool good = dlt645_message_encode(&m, &frame) == GT_ERR_OK &&
                      dlt645_frame_encode(&frame, buf, BYTES_MAX, &len) == GT_ERR_OK;
    return good ? len : 0;
}

static size_t dlt645_one_build(uint32_t k, uint8_t *buf)
{
    return dlt645_build(k, DLT645_DI_ENERGY_FWD, 1, buf);
}

static size_t dlt645_block_build(uint32_t k, uint8_t *buf)
{
    return dlt645_build(k, 0x0001FF00, 1 + RATES, buf);
}

static uint64_t dlt645_parse(const uint8_t *in, size_t len)
{
    dlt645_numbers numbers;
    if (dlt645_numbers_read(in, len, &numbers) != GT_ERR_OK) {
        return 0;
    }
    uint64_t sum = 1;
    for (size_t i = 0; i < numbers.count; i++) {
        sum += (uint64_t)numbers.value[i];
    }
    return sum;
}

enum { REGISTERS = 20 };

static const modbus_request modbus_question = {
    .unit = 17, .function = MODBUS_READ_HOLDING, .start = 0, .count = REGISTERS};

static size_t modbus_build(uint32_t k, uint8_t *buf)
{
    modbus_reply reply = {
        .unit = 17, .function = MODBUS_READ_HOLDING, .start = 0, .count = REGISTERS};
    for (unsigned i = 0; i < REGISTERS; i++) {
        reply.values[i] = (uint16_t)(k * 31U + i * 17U);
    }
    size_t len = 0;
    return modbus_reply_encode(&reply, buf, BYTES_MAX, &len) == GT_ERR_OK ? len : 0;
}

static uint64_t modbus_parse(const uint8_t *in, size_t len)
{
    modbus_reply reply;
    if (modbus_reply_decode(&modbus_question, in, len, &reply) != GT_ERR_OK) {
        return 0;
    }
    uint64_t sum = 1;
    for (unsigned i = 0; i < reply.count; i++) {
        sum += reply.values[i];
    }
    return sum;
}

/* Forward active energy of 16 meters, total and four rates each: 96 fields with their times. */
static size_t gdw1376_build(uint32_t k, uint8_t *buf)
{
    const gdw1376_addr addr = {.region = 0x4401, .terminal = 1};
    const gdw1376_head ask = gdw1376_head_request(&addr, GDW1376_AFN_CLASS1, 3);
    const gdw1376_head head = gdw1376_head_reply(&ask, GDW1376_AFN_CLASS1);
    gdw1376_message m = gdw1376_message_begin(buf, BYTES_MAX, &head);
    gdw1376_energy energy = {.taken = gdw1376_when_of(&(gt_civil){2026, 11, 21, 6, 30, 0}),
                             .rates = RATES};
    for (uint16_t point = 1; point <= POINTS; point += 8) {
        gdw1376_id id = gdw1376_id_of(point, GDW1376_FN_ENERGY);
        for (id.points.count = 0; id.points.count < 8; id.points.count++) {
            id.points.number[id.points.count] = (uint16_t)(point + id.points.count);
        }
        gdw1376_message_add_set(&m, &id);
        for (uint32_t n = 0; n < 8; n++) {
            energy.total = gdw1376_num_of((int64_t)k * 300 + n);
            for (uint32_t rate = 0; rate < RATES; rate++) {
                energy.rate[rate] = gdw1376_num_of((int64_t)k * 71 + n * 250 + rate);
            }
            gdw1376_energy_write(&m.w, &energy);
        }
    }
    size_t len = 0;
    return gdw1376_message_end(&m, NULL, &len) == GT_ERR_OK ? len : 0;
}

static uint64_t gdw1376_parse(const uint8_t *in, size_t len)
{
    gdw1376_frame frame;
    if (gdw1376_frame_decode(in, len, &frame) != GT_ERR_OK) {
        return 0;
    }
    uint64_t sum = 1;
    gdw1376_units units = gdw1376_units_of(&frame);
    while (gdw1376_units_more(&units)) {
        gdw1376_unit unit;
        gdw1376_energy energy;
        if (gdw1376_units_next(&units, &unit) != GT_ERR_OK) {
            return 0;
        }
        gt_rd r = gdw1376_unit_reader(&unit);
        if (gdw1376_energy_read(&r, &energy) != GT_ERR_OK) {
            return 0;
        }
        sum += (uint64_t)energy.total.value;
        for (unsigned rate = 0; rate < energy.rates; rate++) {
            sum += (uint64_t)energy.rate[rate].value;
        }
    }
    return sum;
}

/* Answer to a GET of a record of the daily freeze: rows of time and numbers. */
static size_t dlt698_build(uint32_t k, const dlt698_oad *columns, uint32_t count, uint32_t rows,
                           uint8_t *buf)
{
    uint8_t apdu[BYTES_MAX];
    gt_wr w = gt_wr_of(apdu, sizeof apdu);
    dlt698_apdu_begin(&w, DLT698_GET_RESPONSE, DLT698_RECORD, 3);
    dlt698_write_oad(&w, dlt698_oad_of(0x50040200));
    dlt698_write_columns(&w, columns, count);
    dlt698_write_value_head(&w);
    dlt698_write_length(&w, rows);
    for (uint32_t row = 0; row < rows; row++) {
        dlt698_put_civil(&w, DLT698_TYPE_DATE_TIME_S,
                         &(gt_civil){2026, 11, (uint8_t)(1 + (k + row) % 28), 0, 0, 0});
        for (uint32_t i = 1; i < count; i++) {
            const bool single = columns[i].index != 0;
            if (!single) {
                dlt698_put_group(&w, DLT698_TYPE_ARRAY, 1 + RATES);
            }
            for (uint32_t n = 0; n < (single ? 1 : 1 + RATES); n++) {
                dlt698_put_unsigned(&w, DLT698_TYPE_UINT32, k * 7919U + row * 300 + n * 1013U);
            }
        }
    }
    dlt698_response_end(&w);
    dlt698_addr addr;
    size_t len = 0;
    if (gt_wr_done(&w) != GT_ERR_OK ||
        dlt698_addr_of_number(202311000000U, 1, &addr) != GT_ERR_OK) {
        return 0;
    }
    const dlt698_frame ask = dlt698_frame_request(&addr, NULL, 0);
    const dlt698_frame answer = dlt698_frame_reply(&ask, apdu, w.len);
    return dlt698_frame_encode(&answer, buf, BYTES_MAX, &len) == GT_ERR_OK ? len : 0;
}

static const dlt698_oad dlt698_columns[] = {
    {0x2021, 2, 0}, {0x0010, 2, 0}, {0x0020, 2, 0}, {0x0030, 2, 0}, {0x0040, 2, 0}};

static size_t dlt698_short_build(uint32_t k, uint8_t *buf)
{
    return dlt698_build(k, dlt698_columns, 2, 1, buf);
}

static size_t dlt698_day_build(uint32_t k, uint8_t *buf)
{
    return dlt698_build(k, dlt698_columns, 5, 1, buf);
}

static size_t dlt698_curve_build(uint32_t k, uint8_t *buf)
{
    static const dlt698_oad totals[] = {{0x2021, 2, 0}, {0x0010, 2, 1}, {0x0020, 2, 1}};
    return dlt698_build(k, totals, 3, 48, buf);
}

static uint64_t dlt698_parse(const uint8_t *in, size_t len)
{
    enum { VALUES_MAX = 256 };
    dlt698_frame frame;
    dlt698_value values[VALUES_MAX];
    size_t count = 0;
    if (dlt698_frame_decode(in, len, &frame) != GT_ERR_OK ||
        dlt698_values_read(frame.data, frame.data_len, values, VALUES_MAX, &count) != GT_ERR_OK) {
        return 0;
    }
    uint64_t sum = 1;
    for (size_t i = 0; i < count; i++) {
        gt_civil at;
        if (values[i].object == NULL) {
            return 0;
        }
        if (values[i].type != DLT698_TYPE_DATE_TIME_S) {
            sum += (uint64_t)values[i].number;
        } else if (dlt698_value_civil(&values[i], &at) == GT_ERR_OK) {
            sum += at.day;
        }
    }
    return sum;
}

/* A day's curve of forward active energy: 96 points of four bytes, every quarter of an hour. */
enum { CURVE_POINTS = 96 };

static size_t gdw1376_curve_build(uint32_t k, uint8_t *buf)
{
    const gdw1376_addr addr = {.region = 0x4401, .terminal = 1};
    const gdw1376_head ask = gdw1376_head_request(&addr, GDW1376_AFN_CLASS2, 3);
    const gdw1376_head head = gdw1376_head_reply(&ask, GDW1376_AFN_CLASS2);
    gdw1376_message m = gdw1376_message_begin(buf, BYTES_MAX, &head);
    const gdw1376_curve curve = {.from = gdw1376_when_of(&(gt_civil){2026, 11, 21, 0, 0, 0}),
                                 .density = 1,
                                 .count = CURVE_POINTS};
    int32_t points[CURVE_POINTS];
    for (uint32_t i = 0; i < CURVE_POINTS; i++) {
        points[i] = (int32_t)(k * 3 + i * 250);
    }
    gdw1376_message_add(&m, 1, GDW1376_CURVE_ENERGY);
    gdw1376_curve_write(&m.w, GDW1376_A11, &curve, points);
    size_t len = 0;
    return gdw1376_message_end(&m, NULL, &len) == GT_ERR_OK ? len : 0;
}

static uint64_t gdw1376_curve_parse(const uint8_t *in, size_t len)
{
    gdw1376_frame frame;
    gdw1376_unit unit;
    gdw1376_curve curve;
    int32_t points[GDW1376_POINTS_MAX];
    if (gdw1376_frame_decode(in, len, &frame) != GT_ERR_OK) {
        return 0;
    }
    gdw1376_units units = gdw1376_units_of(&frame);
    if (gdw1376_units_next(&units, &unit) != GT_ERR_OK) {
        return 0;
    }
    gt_rd r = gdw1376_unit_reader(&unit);
    if (gdw1376_curve_read(&r, GDW1376_A11, &curve, points) != GT_ERR_OK) {
        return 0;
    }
    return 1 + (uint64_t)points[0] + (uint64_t)points[curve.count - 1];
}

static size_t cjt188_build(uint32_t k, uint8_t *buf)
{
    return bench_cjt188_build(k, buf, BYTES_MAX);
}

static size_t mbus_heat_build(uint32_t k, uint8_t *buf)
{
    return bench_mbus_heat_build(k, buf, BYTES_MAX);
}

static size_t mbus_power_build(uint32_t k, uint8_t *buf)
{
    return bench_mbus_power_build(k, buf, BYTES_MAX);
}

static const kind kinds[] = {
    {"DL/T 645 one value", false, 2.0, dlt645_one_build, dlt645_parse},
    {"DL/T 645 block of 5", false, 1.5, dlt645_block_build, dlt645_parse},
    {"CJ/T 188 water, 4 values", false, 1.5, cjt188_build, bench_cjt188_parse},
    {"Modbus RTU 20 registers", true, 1.0, modbus_build, modbus_parse},
    {"M-Bus heat, 15 records", false, 6.0, mbus_heat_build, bench_mbus_parse},
    {"M-Bus power, 11 records", false, 6.0, mbus_power_build, bench_mbus_parse},
    {"DL/T 698.45 record of 6", false, 3.0, dlt698_short_build, dlt698_parse},
    {"DL/T 698.45 record of 21", false, 3.0, dlt698_day_build, dlt698_parse},
    {"DL/T 698.45 record 48 rows", false, 3.0, dlt698_curve_build, dlt698_parse},

    {"Q/GDW 1376.1 96-pt curve", false, 2.0, gdw1376_curve_build, gdw1376_curve_parse},
    {"Q/GDW 1376.1 energy x 16", false, 0, gdw1376_build, gdw1376_parse},
};

static volatile uint64_t sink;

/* Nanoseconds a frame. */
static double pass(const frames *f, uint64_t (*work)(const uint8_t *in, size_t len), unsigned runs)
{
    struct timespec from;
    struct timespec to;
    uint64_t sum = 0;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
    for (unsigned i = 0; i < runs; i++) {
        sum += work(f->bytes[i % FRAMES], f->len);
    }
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
    sink = sum;
    return ((double)(to.tv_sec - from.tv_sec) * 1e9 + (double)(to.tv_nsec - from.tv_nsec)) / runs;
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values)
{
    qsort(values, PASSES, sizeof values[0], by_value);
    return values[PASSES / 2];
}

static bool prepare(const kind *k, frames *f)
{
    f->len = k->build(0, f->bytes[0]);
    for (uint32_t i = 0; i < FRAMES; i++) {
        if (k->build(i, f->bytes[i]) != f->len || k->parse(f->bytes[i], f->len) == 0) {
            (void)fprintf(stderr, "%s: frame %u is not read right\n", k->name, i);
            return false;
        }
    }
    return f->len > 0;
}

static void measure(const kind *k, const frames *f, unsigned runs)
{
    double floors[PASSES];
    double parses[PASSES];
    uint64_t (*const floor_work)(const uint8_t *, size_t) = k->crc ? floor_crc : floor_sum;
    (void)pass(f, k->parse, runs / 4); /* warm */
    for (unsigned i = 0; i < PASSES; i++) {
        floors[i] = pass(f, floor_work, runs);
        parses[i] = pass(f, k->parse, runs);
    }
    const double floor_ns = median(floors);
    const double parse_ns = median(parses);
    const double ratio = parse_ns / floor_ns;
    printf("%-26s bytes=%-4zu floor_ns=%-7.1f parse_ns=%-7.1f ratio=%-5.2f", k->name, f->len,
           floor_ns, parse_ns, ratio);
    if (k->goal > 0) {
        printf(" goal=%.1f %s", k->goal, ratio <= k->goal ? "ok" : "SHORT");
    }
    printf("\n");
}

int main(int argc, char **argv)
{
    const unsigned runs = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : RUNS_DEFAULT;
    static frames f;
    crc_table_fill();
    for (size_t i = 0; runs > 0 && i < sizeof kinds / sizeof kinds[0]; i++) {
        if (!prepare(&kinds[i], &f)) {
            return 1;
        }
        measure(&kinds[i], &f, runs);
    }
    return runs > 0 ? 0 : 2;
}
