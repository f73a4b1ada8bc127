/* A leaf as people read it, in a form that compose_value.c reads back. */
#include "codec/dlt698/dlt698_priv.h"

#include <string.h>

static void text_part(codec_description *d, const uint8_t *at, size_t len, unsigned digits)
{
    uint32_t v = 0;
    bool none = true;
    for (size_t i = 0; i < len; i++) {
        v = v << 8 | at[i];
        none = none && at[i] == 0xFF;
    }
    if (none) {
        codec_text_add(d, digits > 2 ? "****" : "**");
    } else {
        codec_text_add_number(d, v, digits);
    }
}

/* Behind date_time and date, when it is not the one that the date has. */
static void text_weekday(codec_description *d, const uint8_t *at, uint8_t weekday)
{
    const bool early = at[0] <= INT8_MAX; /* a year that the civil date can hold */
    const gt_civil day = {
        .year = (int16_t)(early ? at[0] << 8 | at[1] : 0), .month = at[2], .day = at[3]};
    if (!gt_civil_valid(&day) || gt_civil_weekday(&day) != weekday) {
        codec_text_add(d, " (");
        text_part(d, &weekday, 1, 1);
        codec_text_add(d, ")");
    }
}

/* date_time, date, time and date_time_s; FFH in a field shows as **. */
static void text_time(codec_description *d, const dlt698_node *node)
{
    enum { YEAR_LEN = 2, DATE_LEN = 4, CLOCK_LEN = 3 };
    const uint8_t *at = node->value;
    const bool weekday = node->type == DLT698_TYPE_DATE_TIME || node->type == DLT698_TYPE_DATE;
    if (node->type != DLT698_TYPE_TIME) {
        text_part(d, at, YEAR_LEN, 4);
        codec_text_add(d, "-");
        text_part(d, at + YEAR_LEN, 1, 2);
        codec_text_add(d, "-");
        text_part(d, at + YEAR_LEN + 1, 1, 2);
        at += DATE_LEN + (weekday ? 1 : 0);
        codec_text_add(d, node->type == DLT698_TYPE_DATE ? "" : " ");
    }
    for (size_t i = 0; i < CLOCK_LEN && node->type != DLT698_TYPE_DATE; i++) {
        codec_text_add(d, i == 0 ? "" : ":");
        text_part(d, at + i, 1, 2);
    }
    if (node->type == DLT698_TYPE_DATE_TIME) {
        codec_text_add(d, ".");
        text_part(d, at + CLOCK_LEN, 2, 3);
    }
    if (weekday) {
        text_weekday(d, node->value, node->value[DATE_LEN]);
    }
}

static void text_number(codec_description *d, const dlt698_node *node, unsigned decimals)
{
    int64_t v = 0;
    if (dlt698_node_signed(node, &v) == GT_ERR_OK) {
        codec_text_add_decimal(d, v, decimals);
        return;
    }
    codec_text_add_hex_bytes(d, node->value, node->value_len); /* above 63 bits */
    codec_text_add(d, "H");
}

static void text_interval(codec_description *d, const dlt698_node *node)
{
    static const char *const units[] = {"s", "min", "h", "day", "month", "year"};
    codec_text_add_number(d, (uint64_t)node->value[1] << 8 | node->value[2], 1);
    codec_text_add(d, " ");
    if (node->value[0] < sizeof units / sizeof units[0]) {
        codec_text_add(d, units[node->value[0]]);
    } else {
        codec_text_add_number(d, node->value[0], 1);
    }
}

static void text_raw(codec_description *d, const uint8_t *bytes, size_t len)
{
    codec_text_add(d, "0x");
    codec_text_add_hex_bytes(d, bytes, len);
}

/* The address alone when the byte before it says no more than its length. */
static void text_server(codec_description *d, const dlt698_node *node)
{
    if (node->value_len > 1 && node->value[0] + 2U == node->value_len) {
        codec_text_add_hex_bytes(d, node->value + 1, node->value_len - 1);
    } else {
        text_raw(d, node->value, node->value_len);
    }
}

static void text_bits(codec_description *d, const dlt698_node *node)
{
    enum { SHOWN_MAX = 64 };
    if (node->count > SHOWN_MAX) {
        codec_text_add_hex_bytes(d, node->value, node->value_len);
        codec_text_add(d, ":");
        codec_text_add_number(d, node->count, 1);
        return;
    }
    for (uint32_t i = 0; i < node->count; i++) {
        codec_text_add(d, (node->value[i / 8] << i % 8 & 0x80) != 0 ? "1" : "0");
    }
}

/* Text that is printable ASCII and does not look like the other form; otherwise its bytes. */
static void text_characters(codec_description *d, const dlt698_node *node)
{
    bool printable = node->value_len < 2 || memcmp(node->value, "0x", 2) != 0;
    for (size_t i = 0; i < node->value_len; i++) {
        printable = printable && node->value[i] >= ' ' && node->value[i] <= '~';
    }
    if (printable) {
        codec_text_add_bytes(d, node->value, node->value_len);
    } else {
        text_raw(d, node->value, node->value_len);
    }
}

const char *dlt698_leaf_text(codec_description *d, const dlt698_node *node, unsigned decimals)
{
    switch ((dlt698_format)dlt698_type_of(node->type)->format) {
    case DLT698_FORMAT_NONE:
        return NULL;
    case DLT698_FORMAT_BOOL:
    case DLT698_FORMAT_DAR:
    case DLT698_FORMAT_SIGNED:
    case DLT698_FORMAT_UNSIGNED:
        text_number(d, node, decimals);
        break;
    case DLT698_FORMAT_BITS:
        text_bits(d, node);
        break;
    case DLT698_FORMAT_HEX:
    case DLT698_FORMAT_ID:
        codec_text_add_hex_bytes(d, node->value, node->value_len);
        break;
    case DLT698_FORMAT_TEXT:
        text_characters(d, node);
        break;
    case DLT698_FORMAT_TIME:
        text_time(d, node);
        break;
    case DLT698_FORMAT_INTERVAL:
        text_interval(d, node);
        break;
    case DLT698_FORMAT_SERVER:
        text_server(d, node);
        break;
    case DLT698_FORMAT_SCALER:
        codec_text_add_decimal(d, (int8_t)node->value[0], 0);
        codec_text_add(d, ", ");
        codec_text_add_number(d, node->value[1], 1);
        break;
    case DLT698_FORMAT_PORT:
        for (size_t i = 0; i < node->value_len; i++) {
            codec_text_add(d, i == 0 ? "" : ", ");
            codec_text_add_number(d, node->value[i], 1);
        }
        break;
    case DLT698_FORMAT_PIID:
        codec_text_add_hex_bytes(d, node->value, node->value_len);
        codec_text_add(d, "H");
        break;
    }
    return codec_text_end(d);
}
