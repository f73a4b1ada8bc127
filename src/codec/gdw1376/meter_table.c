/* The terminal's meter table: entries of 27 bytes. */
#include "codec/gdw1376/meter_table.h"

#include <string.h>

enum {
    ADDR_LEN = 6,
    SPEED_SHIFT = 5,
    PORT_MAX = 31,
    SPEED_MAX = 7,
    RATES_BITS = 0x3F,
    INT_DIGITS_MIN = 4, /* two bits: 0 is 4 digits */
    DEC_DIGITS_MIN = 1, /* two bits: 0 is 1 digit */
    DIGITS_BITS = 3,
    CLASS_MAX = 15,
};

uint16_t gdw1376_meter_count_read(gt_rd *r)
{
    const uint16_t count = gt_rd_u16le(r);
    if (count > gt_rd_left(r) / GDW1376_METER_LEN) {
        gt_rd_fail(r, GT_ERR_TRUNCATED);
    }
    return r->err == GT_ERR_OK ? count : 0;
}

void gdw1376_meter_read(gt_rd *r, gdw1376_meter *out)
{
    gdw1376_meter v = {.index = gt_rd_u16le(r)};
    v.point = gt_rd_u16le(r);
    const uint8_t line = gt_rd_u8(r);
    v.speed = line >> SPEED_SHIFT;
    v.port = line & PORT_MAX;
    v.protocol = gt_rd_u8(r);
    v.addr = gt_rd_bcd_le(r, ADDR_LEN);
    const uint8_t *password = gt_rd_take(r, GDW1376_METER_PASSWORD_LEN);
    v.rates = gt_rd_u8(r) & RATES_BITS;
    const uint8_t digits = gt_rd_u8(r);
    v.int_digits = (uint8_t)((digits >> 2 & DIGITS_BITS) + INT_DIGITS_MIN);
    v.dec_digits = (uint8_t)((digits & DIGITS_BITS) + DEC_DIGITS_MIN);
    v.collector = gt_rd_bcd_le(r, ADDR_LEN);
    const uint8_t user_class = gt_rd_u8(r);
    v.class_big = user_class >> 4;
    v.class_small = user_class & CLASS_MAX;
    if (password != NULL && r->err == GT_ERR_OK) {
        memcpy(v.password, password, sizeof v.password);
        *out = v;
    }
}

static bool meter_valid(const gdw1376_meter *m)
{
    return m->speed <= SPEED_MAX && m->port <= PORT_MAX && m->rates <= RATES_BITS &&
           m->int_digits >= INT_DIGITS_MIN && m->int_digits <= INT_DIGITS_MIN + DIGITS_BITS &&
           m->dec_digits >= DEC_DIGITS_MIN && m->dec_digits <= DEC_DIGITS_MIN + DIGITS_BITS &&
           m->class_big <= CLASS_MAX && m->class_small <= CLASS_MAX;
}

void gdw1376_meter_write(gt_wr *w, const gdw1376_meter *meter)
{
    if (!meter_valid(meter)) {
        gt_wr_fail(w, GT_ERR_RANGE);
        return;
    }
    gt_wr_u16le(w, meter->index);
    gt_wr_u16le(w, meter->point);
    gt_wr_u8(w, (uint8_t)(meter->speed << SPEED_SHIFT | meter->port));
    gt_wr_u8(w, meter->protocol);
    gt_wr_bcd_le(w, meter->addr, ADDR_LEN);
    gt_wr_bytes(w, meter->password, sizeof meter->password);
    gt_wr_u8(w, meter->rates);
    gt_wr_u8(w, (uint8_t)((meter->int_digits - INT_DIGITS_MIN) << 2 |
                          (meter->dec_digits - DEC_DIGITS_MIN)));
    gt_wr_bcd_le(w, meter->collector, ADDR_LEN);
    gt_wr_u8(w, (uint8_t)(meter->class_big << 4 | meter->class_small));
}

void gdw1376_meter_table_write(gt_wr *w, const gdw1376_meter *meters, size_t count)
{
    if (count > GDW1376_METER_MAX) {
        gt_wr_fail(w, GT_ERR_RANGE);
        return;
    }
    gt_wr_u16le(w, (uint16_t)count);
    for (size_t i = 0; i < count; i++) {
        gdw1376_meter_write(w, &meters[i]);
    }
}

void gdw1376_meter_query_write(gt_wr *w, const uint16_t *indices, size_t count)
{
    if (count > GDW1376_METER_INDEX_MAX) {
        gt_wr_fail(w, GT_ERR_RANGE);
        return;
    }
    gt_wr_u16le(w, (uint16_t)count);
    for (size_t i = 0; i < count; i++) {
        gt_wr_u16le(w, indices[i]);
    }
}

uint16_t gdw1376_meter_query_count_read(gt_rd *r)
{
    const uint16_t count = gt_rd_u16le(r);
    if (count > gt_rd_left(r) / 2) {
        gt_rd_fail(r, GT_ERR_TRUNCATED);
    }
    return r->err == GT_ERR_OK ? count : 0;
}
