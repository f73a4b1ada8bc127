/* A value of an identifier in words: its name with what the identifier counts, and its text. */
#include "codec/dlt645/describe.h"
#include "codec/dlt645/describe_priv.h"

#include <string.h>

/* What the identifier counts back from now, or numbers; in one language. */
static void tell_count(codec_description *d, const dlt645_value *v, bool zh)
{
    const unsigned back = v->di & 0xFF;
    const unsigned months = (v->di - v->item->id) >> 10; /* of a MONTH row: DI1 + 4 each */
    switch (v->item->axis) {
    case DLT645_AXIS_NONE:
        break;
    case DLT645_AXIS_SETTLE:
    case DLT645_AXIS_TARIFF:
        if (back > 0) {
            codec_text_add(d, zh ? "，上结算日" : ", settlement day back ");
            codec_text_add_number(d, back, 1);
        }
        break;
    case DLT645_AXIS_RECORD:
        codec_text_add(d, zh ? "，上次" : ", record back ");
        codec_text_add_number(d, back, 1);
        break;
    case DLT645_AXIS_DAYS:
        codec_text_add(d, zh ? "，上日" : ", day back ");
        codec_text_add_number(d, back, 1);
        break;
    case DLT645_AXIS_NUMBER:
    case DLT645_AXIS_SLOT:
        codec_text_add(d, " ");
        codec_text_add_number(d, v->item->axis == DLT645_AXIS_SLOT ? back & 0x0F : back, 1);
        break;
    case DLT645_AXIS_MONTH:
        codec_text_add(d, months == 0   ? ""
                          : months == 1 ? (zh ? "，上月" : ", last month")
                                        : (zh ? "，上上月" : ", month before last"));
        break;
    }
}

codec_name dlt645_value_name(codec_description *d, const dlt645_value *v)
{
    const dlt645_item *item = v->item;
    const unsigned tariff = item->axis == DLT645_AXIS_TARIFF  ? v->di >> 8 & 0xFF
                            : item->axis == DLT645_AXIS_MONTH ? v->di & 0x0F
                                                              : v->element;
    if (tariff == 0 && item->axis == DLT645_AXIS_NONE) {
        return (codec_name){item->name_zh, item->name_en};
    }
    const char *text[2] = {NULL, NULL};
    for (unsigned language = 0; language < 2; language++) {
        const bool zh = language == 0;
        codec_text_add(d, zh ? item->name_zh : item->name_en);
        if (tariff > 0) {
            codec_text_add(d, zh ? "，费率" : ", tariff ");
            codec_text_add_number(d, tariff, 1);
        }
        tell_count(d, v, zh);
        text[language] = codec_text_end(d);
    }
    return (codec_name){text[0], text[1]};
}

static void stamp_text(codec_description *d, const char *parts, const dlt645_stamp *s)
{
    static const char weekday[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    const bool date = strchr(parts, 'D') != NULL;
    const bool month = strchr(parts, 'M') != NULL;
    if (strchr(parts, 'Y') != NULL) {
        codec_text_add(d, "20");
        codec_text_add_number(d, s->year, 2);
        codec_text_add(d, "-");
    }
    if (month) {
        codec_text_add_number(d, s->month, 2);
        codec_text_add(d, "-");
    }
    if (date) {
        codec_text_add_number(d, s->day, 2);
    }
    if (strchr(parts, 'h') != NULL) {
        codec_text_add(d, date ? " " : "");
        codec_text_add_number(d, s->hour, 2);
        codec_text_add(d, ":");
        codec_text_add_number(d, s->minute, 2);
    }
    if (strchr(parts, 's') != NULL) {
        codec_text_add(d, ":");
        codec_text_add_number(d, s->second, 2);
    }
    if (strchr(parts, 'W') != NULL) {
        codec_text_add(d, " ");
        codec_text_add(d, weekday[s->weekday % 7]);
    }
    if (strchr(parts, 'N') != NULL) {
        codec_text_add(d, " -> ");
        codec_text_add_number(d, s->number, 1);
    }
}

const char *dlt645_value_text(codec_description *d, const dlt645_value *value)
{
    const dlt645_format *format = value->item->format;
    if (value->absent) {
        return NULL;
    }
    switch (format->kind) {
    case DLT645_KIND_NUMBER:
    case DLT645_KIND_SIGNED:
        codec_text_add_decimal(d, value->raw, format->decimals);
        break;
    case DLT645_KIND_DEMAND:
        codec_text_add_decimal(d, value->raw, format->decimals);
        codec_text_add(d, " @ ");
        stamp_text(d, format->parts, &value->stamp);
        break;
    case DLT645_KIND_TIME:
        stamp_text(d, format->parts, &value->stamp);
        break;
    case DLT645_KIND_DIGITS:
        codec_text_add_number(d, (uint64_t)value->raw, 2U * format->bytes);
        break;
    case DLT645_KIND_ASCII:
        codec_text_add_bytes(d, value->ascii, format->bytes);
        break;
    case DLT645_KIND_BITS:
        return codec_text_hex(d, (uint64_t)value->raw, 2U * format->bytes);
    }
    return codec_text_end(d);
}
