/* Values in and out. The kinds differ only in their width, which the type table knows. */
#include "codec/dlt698/value.h"

#include "codec/dlt698/dlt698_priv.h"

enum { BYTE_BITS = 8, WIDTH_MAX = 8, CLOCK_AT = 4, LENGTH_SHORT_MAX = 0x7F, LENGTH_LONG = 0x80 };

dlt698_oad dlt698_oad_of(uint32_t number)
{
    return (dlt698_oad){(uint16_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number};
}

uint32_t dlt698_oad_number(dlt698_oad oad)
{
    return (uint32_t)oad.oi << 16 | (uint32_t)oad.attribute << 8 | oad.index;
}

static uint64_t big_endian(const dlt698_node *node)
{
    uint64_t v = 0;
    for (size_t i = 0; i < node->value_len; i++) {
        v = v << BYTE_BITS | node->value[i];
    }
    return v;
}

gt_err dlt698_node_unsigned(const dlt698_node *node, uint64_t *out)
{
    const dlt698_format format = dlt698_type_of(node->type)->format;
    if (format != DLT698_FORMAT_UNSIGNED && format != DLT698_FORMAT_BOOL &&
        format != DLT698_FORMAT_DAR) {
        return GT_ERR_MISMATCH;
    }
    *out = big_endian(node);
    return GT_ERR_OK;
}

gt_err dlt698_node_signed(const dlt698_node *node, int64_t *out)
{
    const dlt698_format format = dlt698_type_of(node->type)->format;
    uint64_t v = big_endian(node);
    if (format == DLT698_FORMAT_SIGNED) {
        const uint64_t sign = (uint64_t)1 << (BYTE_BITS * node->value_len - 1);
        *out = (v & sign) == 0 ? (int64_t)v : -(int64_t)(sign - 1 - (v & (sign - 1))) - 1;
        return GT_ERR_OK;
    }
    GT_TRY(dlt698_node_unsigned(node, &v));
    if (v > INT64_MAX) {
        return GT_ERR_RANGE;
    }
    *out = (int64_t)v;
    return GT_ERR_OK;
}

gt_err dlt698_node_oad(const dlt698_node *node, dlt698_oad *out)
{
    if (node->type != DLT698_TYPE_OAD && node->type != DLT698_TYPE_OMD) {
        return GT_ERR_MISMATCH;
    }
    *out = dlt698_oad_of((uint32_t)big_endian(node));
    return GT_ERR_OK;
}

static void civil_fill(const uint8_t *bytes, bool full, gt_civil *out)
{
    const unsigned year = (unsigned)(bytes[0] << BYTE_BITS | bytes[1]);
    const uint8_t *clock = bytes + (full ? CLOCK_AT + 1 : CLOCK_AT); /* the weekday follows */
    out->year = (int16_t)(year > INT16_MAX ? 0 : year);
    out->month = bytes[2];
    out->day = bytes[3];
    out->hour = clock[0];
    out->minute = clock[1];
    out->second = clock[2];
}

gt_err dlt698_civil_read(dlt698_type type, const uint8_t *bytes, gt_civil *out)
{
    const bool full = type == DLT698_TYPE_DATE_TIME;
    gt_civil civil;
    if (!full && type != DLT698_TYPE_DATE_TIME_S) {
        return GT_ERR_MISMATCH;
    }
    civil_fill(bytes, full, &civil);
    if (!gt_civil_valid(&civil)) {
        return GT_ERR_MALFORMED;
    }
    civil_fill(bytes, full, out);
    return GT_ERR_OK;
}

gt_err dlt698_node_civil(const dlt698_node *node, gt_civil *out)
{
    return dlt698_civil_read(node->type, node->value, out);
}

gt_err dlt698_data_one(const uint8_t *data, size_t len, dlt698_node *out)
{
    dlt698_walk w;
    dlt698_walk_init(&w, DLT698_TYPE_DATA, data, len);
    dlt698_node first = {0};
    if (dlt698_walk_next(&w, &first)) {
        dlt698_walk_skip(&w, &first);
    }
    GT_TRY(dlt698_walk_done(&w));
    *out = first;
    return GT_ERR_OK;
}

void dlt698_write_length(gt_wr *w, uint32_t length)
{
    if (length <= LENGTH_SHORT_MAX) {
        gt_wr_u8(w, (uint8_t)length);
        return;
    }
    unsigned bytes = 1;
    while (bytes < sizeof length && length >> (BYTE_BITS * bytes) != 0) {
        bytes++;
    }
    gt_wr_u8(w, (uint8_t)(LENGTH_LONG | bytes));
    for (unsigned i = bytes; i > 0; i--) {
        gt_wr_u8(w, (uint8_t)(length >> (BYTE_BITS * (i - 1))));
    }
}

static void tag_put(gt_wr *w, dlt698_type type)
{
    const uint8_t tag = dlt698_type_of(type)->tag;
    GT_ASSERT(tag != DLT698_TAG_NONE);
    gt_wr_u8(w, tag);
}

static void wide_put(gt_wr *w, uint64_t value, size_t width)
{
    for (size_t i = width; i > 0; i--) {
        gt_wr_u8(w, (uint8_t)(value >> (BYTE_BITS * (i - 1))));
    }
}

void dlt698_put_null(gt_wr *w)
{
    tag_put(w, DLT698_TYPE_NULL);
}

void dlt698_put_unsigned(gt_wr *w, dlt698_type type, uint64_t value)
{
    const dlt698_type_row *row = dlt698_type_of(type);
    GT_ASSERT(row->format == DLT698_FORMAT_UNSIGNED || row->format == DLT698_FORMAT_BOOL);
    if (row->size < WIDTH_MAX && value >> (BYTE_BITS * row->size) != 0) {
        gt_wr_fail(w, GT_ERR_RANGE);
    }
    tag_put(w, type);
    wide_put(w, value, row->size);
}

void dlt698_put_signed(gt_wr *w, dlt698_type type, int64_t value)
{
    const dlt698_type_row *row = dlt698_type_of(type);
    GT_ASSERT(row->format == DLT698_FORMAT_SIGNED);
    const int64_t max = INT64_MAX >> (BYTE_BITS * (WIDTH_MAX - row->size));
    if (value > max || value < -max - 1) {
        gt_wr_fail(w, GT_ERR_RANGE);
    }
    tag_put(w, type);
    wide_put(w, (uint64_t)value, row->size);
}

void dlt698_write_bytes(gt_wr *w, const uint8_t *bytes, size_t len)
{
    if (len > UINT32_MAX) {
        gt_wr_fail(w, GT_ERR_RANGE);
        return;
    }
    dlt698_write_length(w, (uint32_t)len);
    gt_wr_bytes(w, bytes, len);
}

void dlt698_put_bytes(gt_wr *w, dlt698_type type, const uint8_t *bytes, size_t len)
{
    GT_ASSERT(dlt698_type_of(type)->shape == DLT698_SHAPE_BYTES);
    tag_put(w, type);
    dlt698_write_bytes(w, bytes, len);
}

void dlt698_put_bits(gt_wr *w, const uint8_t *bits, uint32_t bit_count)
{
    tag_put(w, DLT698_TYPE_BIT_STRING);
    dlt698_write_length(w, bit_count);
    gt_wr_bytes(w, bits, bit_count / BYTE_BITS + (bit_count % BYTE_BITS != 0 ? 1U : 0U));
}

void dlt698_put_group(gt_wr *w, dlt698_type type, uint32_t count)
{
    GT_ASSERT(dlt698_type_of(type)->shape == DLT698_SHAPE_GROUP);
    tag_put(w, type);
    dlt698_write_length(w, count);
}

void dlt698_write_civil(gt_wr *w, dlt698_type type, const gt_civil *civil)
{
    const bool full = type == DLT698_TYPE_DATE_TIME;
    GT_ASSERT(full || type == DLT698_TYPE_DATE_TIME_S);
    if (!gt_civil_valid(civil)) {
        gt_wr_fail(w, GT_ERR_RANGE);
        return;
    }
    gt_wr_u16be(w, (uint16_t)civil->year);
    gt_wr_u8(w, civil->month);
    gt_wr_u8(w, civil->day);
    if (full) {
        gt_wr_u8(w, (uint8_t)gt_civil_weekday(civil));
    }
    gt_wr_u8(w, civil->hour);
    gt_wr_u8(w, civil->minute);
    gt_wr_u8(w, civil->second);
    if (full) {
        gt_wr_u16be(w, 0);
    }
}

void dlt698_put_civil(gt_wr *w, dlt698_type type, const gt_civil *civil)
{
    tag_put(w, type);
    dlt698_write_civil(w, type, civil);
}

void dlt698_write_oad(gt_wr *w, dlt698_oad oad)
{
    gt_wr_u32be(w, dlt698_oad_number(oad));
}

void dlt698_put_oad(gt_wr *w, dlt698_type type, dlt698_oad oad)
{
    GT_ASSERT(type == DLT698_TYPE_OAD || type == DLT698_TYPE_OMD);
    tag_put(w, type);
    dlt698_write_oad(w, oad);
}

void dlt698_write_node(gt_wr *w, const dlt698_node *node)
{
    const dlt698_type_row *row = dlt698_type_of(node->type);
    if (node->tagged) {
        tag_put(w, node->type);
    }
    switch (row->shape) {
    case DLT698_SHAPE_BYTES:
        dlt698_write_length(w, (uint32_t)node->value_len);
        break;
    case DLT698_SHAPE_BITS:
    case DLT698_SHAPE_GROUP:
    case DLT698_SHAPE_LIST:
    case DLT698_SHAPE_ROWS:
        dlt698_write_length(w, node->count);
        break;
    case DLT698_SHAPE_CHOICE:
    case DLT698_SHAPE_OPTION:
        gt_wr_u8(w, (uint8_t)node->count);
        break;
    case DLT698_SHAPE_FIXED:
    case DLT698_SHAPE_SEQUENCE:
    case DLT698_SHAPE_DATA:
        break;
    }
    if (node->value_len > 0) {
        gt_wr_bytes(w, node->value, node->value_len);
    }
}
