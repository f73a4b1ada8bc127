/* M-Bus answers with a long header and records as meters send them: a heat meter (BCD, dates,
 * storage) and an electricity meter (binary numbers, VIFEs, tariffs). Parsing gives every record
 * its quantity, unit and power of ten, and its value as a number, a real or a time. */
#include "bench_codec.h"
#include "codec/mbus/content.h"
#include "codec/mbus/value.h"

#include <string.h>

/* A record's head, in hex bytes: DIFs and VIFs; its data follow. */
typedef struct plan {
    uint8_t len;
    uint8_t head[4];
    mbus_field field;
} plan;

static const plan heat[] = {
    {2, {0x0C, 0x78}, MBUS_FIELD_BCD8},        {2, {0x0C, 0x06}, MBUS_FIELD_BCD8},
    {2, {0x0C, 0x14}, MBUS_FIELD_BCD8},        {2, {0x0B, 0x2D}, MBUS_FIELD_BCD6},
    {2, {0x0B, 0x3B}, MBUS_FIELD_BCD6},        {2, {0x0A, 0x5A}, MBUS_FIELD_BCD4},
    {2, {0x0A, 0x5E}, MBUS_FIELD_BCD4},        {2, {0x0A, 0x62}, MBUS_FIELD_BCD4},
    {2, {0x04, 0x6D}, MBUS_FIELD_INT32},       {2, {0x0A, 0x27}, MBUS_FIELD_BCD4},
    {2, {0x4C, 0x06}, MBUS_FIELD_BCD8},        {2, {0x4C, 0x14}, MBUS_FIELD_BCD8},
    {2, {0x42, 0x6C}, MBUS_FIELD_INT16},       {3, {0xCC, 0x01, 0x06}, MBUS_FIELD_BCD8},
    {3, {0xC2, 0x01, 0x6C}, MBUS_FIELD_INT16},
};

static const plan power[] = {
    {2, {0x04, 0x03}, MBUS_FIELD_INT32},
    {3, {0x84, 0x10, 0x03}, MBUS_FIELD_INT32},
    {3, {0x84, 0x20, 0x03}, MBUS_FIELD_INT32},
    {2, {0x04, 0x2A}, MBUS_FIELD_INT32},
    {4, {0x04, 0xAA, 0xFC, 0x01}, MBUS_FIELD_INT32},
    {4, {0x04, 0xAA, 0xFC, 0x02}, MBUS_FIELD_INT32},
    {4, {0x04, 0xAA, 0xFC, 0x03}, MBUS_FIELD_INT32},
    {3, {0x02, 0xFD, 0x48}, MBUS_FIELD_INT16},
    {3, {0x04, 0xFD, 0x59}, MBUS_FIELD_INT32},
    {3, {0x02, 0xFB, 0x2D}, MBUS_FIELD_INT16},
    {2, {0x05, 0x2B}, MBUS_FIELD_REAL32},
};

static void record_write(const plan *p, uint32_t k, gt_wr *w)
{
    static const uint8_t lens[] = {[MBUS_FIELD_INT16] = 2,
                                   [MBUS_FIELD_INT32] = 4,
                                   [MBUS_FIELD_BCD4] = 2,
                                   [MBUS_FIELD_BCD6] = 3,
                                   [MBUS_FIELD_BCD8] = 4};
    uint8_t data[8] = {0x2A, 0x49, 0x15, 0x3B}; /* 2024-11-21 09:42, and a real */
    gt_wr_bytes(w, p->head, p->len);
    if (p->field == MBUS_FIELD_REAL32 || p->head[1] >= 0x6C || p->head[p->len - 1] == 0x6C) {
        gt_wr_bytes(w, data, p->field == MBUS_FIELD_INT16 ? 2 : 4);
    } else if (mbus_number_encode(p->field, (int64_t)(k * 7919U % 9999U), data) == GT_ERR_OK) {
        gt_wr_bytes(w, data, lens[p->field]);
    }
}

static size_t build(const plan *plans, size_t count, uint32_t k, gt_wr out)
{
    uint8_t data[MBUS_DATA_MAX];
    gt_wr w = gt_wr_of(data, sizeof data);
    const mbus_header header = {.device = {0x12345678, 0x4024, 1, 4}, .access = (uint8_t)k};
    uint8_t head[MBUS_LONG_HEADER];
    mbus_header_encode(&header, head);
    gt_wr_bytes(&w, head, sizeof head);
    for (size_t i = 0; i < count; i++) {
        record_write(&plans[i], k + (uint32_t)i, &w);
    }
    const mbus_frame frame = mbus_rsp_ud(1, MBUS_CI_VARIABLE, data, (uint8_t)w.len);
    size_t len = 0;
    return mbus_frame_encode(&frame, out.buf, out.cap, &len) == GT_ERR_OK ? len : 0;
}

size_t bench_mbus_heat_build(uint32_t k, uint8_t *buf, size_t cap)
{
    return build(heat, sizeof heat / sizeof heat[0], k, gt_wr_of(buf, cap));
}

size_t bench_mbus_power_build(uint32_t k, uint8_t *buf, size_t cap)
{
    return build(power, sizeof power / sizeof power[0], k, gt_wr_of(buf, cap));
}

uint64_t bench_mbus_parse(const uint8_t *in, size_t len)
{
    mbus_frame frame;
    mbus_content content;
    if (mbus_frame_decode(in, len, &frame) != GT_ERR_OK ||
        mbus_content_decode(&frame, &content) != GT_ERR_OK ||
        content.kind != MBUS_CONTENT_RECORDS) {
        return 0;
    }
    uint64_t sum = 1;
    gt_rd r = gt_rd_of(content.rest, content.rest_len);
    while (gt_rd_left(&r) > 0) {
        mbus_record record;
        mbus_value value;
        if (mbus_record_decode(&r, &record) != GT_ERR_OK) {
            return 0;
        }
        mbus_value_decode(&record, content.msb_first, &value);
        sum += value.kind == MBUS_VALUE_TIME   ? value.time.day
               : value.kind == MBUS_VALUE_REAL ? value.real
                                               : (uint64_t)value.number;
        sum += (uint64_t)(value.meaning.exponent + 64);
        sum += value.meaning.quantity == NULL ? 1 : value.meaning.quantity->first;
    }
    return sum;
}
