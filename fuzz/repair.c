/* One row a protocol: which bytes are marks, where the length stands, which checks there are. */
#include "repair.h"

#include "base/sum.h"

enum { MARK = 0x68, END = 0x16, SHORT_MARK = 0x10, SHORT_LEN = 5 };

/* A protocol's frame. */
typedef struct shape {
    size_t extra; /* bytes of the smallest frame */
    size_t max;
    /* Total length that the length field at @p at says, 0 when there is none. */
    size_t (*len)(const uint8_t *at, size_t left);
    /* Writes marks and length fields for @p total bytes. */
    void (*open)(uint8_t *at, size_t total);
    /* Writes checks and end mark. */
    void (*close)(uint8_t *at, size_t total);
} shape;

static void close_sum(uint8_t *at, size_t from, size_t total)
{
    at[total - 2] = gt_sum8(at + from, total - 2 - from);
    at[total - 1] = END;
}

static void put16(uint8_t *at, size_t value)
{
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
}

static size_t get16(const uint8_t *at)
{
    return (size_t)at[0] | (size_t)at[1] << 8;
}

/* Address digits above A become 0. */
static void digits_fix(uint8_t *at, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        at[i] &= (uint8_t)((at[i] >> 4 > 10 ? 0x0F : 0xFF) & ((at[i] & 0x0F) > 10 ? 0xF0 : 0xFF));
    }
}

/* DL/T 645: 68 A6 68 C L data CS 16. */
static size_t dlt645_len(const uint8_t *at, size_t left)
{
    return left >= 12 && at[0] == MARK && at[7] == MARK ? (size_t)at[9] + 12 : 0;
}

static void dlt645_open(uint8_t *at, size_t total)
{
    digits_fix(at + 1, 6);
    at[0] = at[7] = MARK;
    at[9] = (uint8_t)(total - 12);
}

static void close_all(uint8_t *at, size_t total)
{
    close_sum(at, 0, total);
}

/* CJ/T 188: 68 T A7 C L data CS 16; T is 10H .. 49H, or AAH. */
static size_t cjt188_len(const uint8_t *at, size_t left)
{
    return left >= 13 && at[0] == MARK ? (size_t)at[10] + 13 : 0;
}

static void cjt188_open(uint8_t *at, size_t total)
{
    at[0] = MARK;
    at[1] = (uint8_t)(0x10 + (at[1] & 0x37)); /* a kind of meter */
    digits_fix(at + 2, 7);
    at[10] = (uint8_t)(total - 13);
}

/* M-Bus: 68 L L 68 C A CI data CS 16, or 10 C A CS 16. */
static size_t mbus_len(const uint8_t *at, size_t left)
{
    if (left >= SHORT_LEN && at[0] == SHORT_MARK) {
        return SHORT_LEN;
    }
    return left >= 9 && at[0] == MARK && at[3] == MARK ? (size_t)at[1] + 6 : 0;
}

static void mbus_open(uint8_t *at, size_t total)
{
    if (total == SHORT_LEN) {
        at[0] = SHORT_MARK;
        return;
    }
    at[0] = at[3] = MARK;
    at[1] = at[2] = (uint8_t)(total - 6);
}

static void mbus_close(uint8_t *at, size_t total)
{
    if (total > SHORT_LEN) {
        at[2] = at[1];
    }
    close_sum(at, total == SHORT_LEN ? 1 : 4, total);
}

/* Q/GDW 1376.1: 68 L L 68 user data CS 16; two low bits of L are the protocol. */
static size_t gdw1376_len(const uint8_t *at, size_t left)
{
    return left >= 16 && at[0] == MARK && at[5] == MARK ? (get16(at + 1) >> 2) + 8 : 0;
}

static void gdw1376_open(uint8_t *at, size_t total)
{
    at[0] = at[5] = MARK;
    put16(at + 1, (total - 8) << 2 | (at[1] & 3U));
}

static void gdw1376_close(uint8_t *at, size_t total)
{
    at[3] = at[1];
    at[4] = at[2];
    close_sum(at, 6, total);
}

/* Q/GDW 1376.2: 68 L C R user data CS 16; L counts all, CS starts at C. */
static size_t gdw1376_2_len(const uint8_t *at, size_t left)
{
    return left >= 15 && at[0] == MARK ? get16(at + 1) : 0;
}

static void gdw1376_2_open(uint8_t *at, size_t total)
{
    at[0] = MARK;
    put16(at + 1, total);
}

static void gdw1376_2_close(uint8_t *at, size_t total)
{
    close_sum(at, 3, total);
}

/* DL/T 698.45: 68 L C SA CA HCS data FCS 16; L counts all but the marks, SA's first byte its own
 * length. */
static size_t dlt698_head(const uint8_t *at)
{
    return 7 + (at[4] & 0x0FU);
}

static size_t dlt698_len(const uint8_t *at, size_t left)
{
    return left >= 12 && at[0] == MARK ? (get16(at + 1) & 0x3FFF) + 2 : 0;
}

static void dlt698_open(uint8_t *at, size_t total)
{
    at[0] = MARK;
    put16(at + 1, total - 2);
    at[3] = (uint8_t)((at[3] & 0xEA) | 1); /* link or user data */
    if (dlt698_head(at) + 5 > total) {
        at[4] &= 0xF0;
    }
    if (dlt698_head(at) + 7 > total) {
        at[3] &= 0xDF; /* no fragment: its two bytes do not fit */
    }
}

static void dlt698_close(uint8_t *at, size_t total)
{
    const size_t head = dlt698_head(at);
    if (head + 5 > total) {
        return;
    }
    put16(at + head, gt_crc16_x25(at + 1, head - 1));
    put16(at + total - 3, gt_crc16_x25(at + 1, total - 4));
    at[total - 1] = END;
}

/* Modbus RTU: no mark, no length; a CRC at the end of what is there. */
static size_t modbus_len(const uint8_t *at, size_t left)
{
    (void)at;
    return left >= 4 ? left : 0;
}

static void modbus_open(uint8_t *at, size_t total)
{
    (void)at;
    (void)total;
}

static void modbus_close(uint8_t *at, size_t total)
{
    put16(at + total - 2, gt_crc16_modbus(at, total - 2));
}

/* Modbus TCP: transaction, protocol 0, bytes that follow. */
static size_t modbus_tcp_len(const uint8_t *at, size_t left)
{
    return left >= 8 ? ((size_t)at[4] << 8 | at[5]) + 6 : 0;
}

static void modbus_tcp_open(uint8_t *at, size_t total)
{
    at[4] = (uint8_t)((total - 6) >> 8);
    at[5] = (uint8_t)(total - 6);
}

static void modbus_tcp_close(uint8_t *at, size_t total)
{
    (void)total;
    at[2] = at[3] = 0;
}

static const shape shapes[] = {
    [CODEC_DLT645] = {12, 267, dlt645_len, dlt645_open, close_all},
    [CODEC_DLT645_1997] = {12, 267, dlt645_len, dlt645_open, close_all},
    [CODEC_CJT188] = {13, 255, cjt188_len, cjt188_open, close_all},
    [CODEC_MBUS] = {SHORT_LEN, 261, mbus_len, mbus_open, mbus_close},
    [CODEC_GDW1376] = {16, 2056, gdw1376_len, gdw1376_open, gdw1376_close},
    [CODEC_GDW1376_2] = {15, 2048, gdw1376_2_len, gdw1376_2_open, gdw1376_2_close},
    [CODEC_DLT698] = {12, 2048, dlt698_len, dlt698_open, dlt698_close},
    [CODEC_MODBUS] = {4, 256, modbus_len, modbus_open, modbus_close},
    [CODEC_MODBUS_TCP] = {8, 260, modbus_tcp_len, modbus_tcp_open, modbus_tcp_close},
};

void repair_whole(codec_protocol protocol, uint8_t *data, size_t size)
{
    const shape *s = &shapes[protocol];
    const bool between = protocol == CODEC_MBUS && size > SHORT_LEN && size < 9;
    if (size >= s->extra && size <= s->max && !between) {
        s->open(data, size);
        s->close(data, size);
    }
}

void repair_found(codec_protocol protocol, uint8_t *data, size_t size)
{
    const shape *s = &shapes[protocol];
    for (size_t at = 0; at < size;) {
        const size_t total = s->len(data + at, size - at);
        if (total < s->extra || total > size - at) {
            at++;
            continue;
        }
        s->close(data + at, total);
        at += total;
    }
}
