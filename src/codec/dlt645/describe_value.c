/* A value of an identifier in words: its name with what the identifier counts, its text, and the
 * bits of a word by name. */
#include "codec/dlt645/describe.h"
#include "codec/dlt645/describe_priv.h"
#include "codec/dlt645/item_priv.h"

#include <string.h>

enum { PHASES = 3, PHASE_STEP = 0x14, BYTE = 8 };

typedef struct kin_name {
    uint8_t key; /* DI3 of events, DI2 of freezes */
    codec_name name;
} kin_name;

static const kin_name event_names[] = {
#define EVENT(di3, zh, en) {di3, {zh, en}},
#define FREEZE(di2, zh, en)
#include "codec/dlt645/event.def"
#undef FREEZE
#undef EVENT
};

static const kin_name freeze_names[] = {
#define EVENT(di3, zh, en)
#define FREEZE(di2, zh, en) {di2, {zh, en}},
#include "codec/dlt645/event.def"
#undef FREEZE
#undef EVENT
};

/* A row of bits.def: WORD rows have no names, BIT rows no word. Identifiers of the editions differ
 * in length, so they are told apart. */
typedef struct bit_row {
    uint32_t word;
    uint8_t first;
    uint8_t last;
    codec_name name;
} bit_row;

static const bit_row bit_rows[] = {
#define WORD(edition, di) {.word = (di)},
#define BIT(first_bit, last_bit, zh, en) \
    {.first = (first_bit), .last = (last_bit), .name = {zh, en}},
#include "codec/dlt645/bits.def"
#undef BIT
#undef WORD
};

enum { BIT_ROWS = sizeof bit_rows / sizeof bit_rows[0] };

static codec_name kin_find(const kin_name *names, size_t count, unsigned key)
{
    size_t i = 0;
    while (names[i].key != key) {
        i++;
        GT_ASSERT(i < count); /* event.def names all that items have */
    }
    return names[i].name;
}

/* Phase 1 to 3 that the identifier means, 0 when it means none. */
static unsigned phase_of(const dlt645_value *v)
{
    const unsigned di2 = v->di >> 16 & 0x7F;
    const dlt645_axis axis = (dlt645_axis)v->item->axis;
    if (axis == DLT645_AXIS_PHASE || axis == DLT645_AXIS_PHASE_M) {
        return v->di >> BYTE & 0xFF;
    }
    if (axis == DLT645_AXIS_EVENT) {
        return v->di >> 16 & 0xFF;
    }
    const bool phased = axis == DLT645_AXIS_SETTLE && di2 >= PHASE_STEP;
    return phased ? di2 / PHASE_STEP : 0;
}

/* What stands in front of the row's name. */
static void tell_kin(codec_description *d, const dlt645_value *v, bool zh)
{
    codec_name kin = {"", ""};
    if (v->item->axis == DLT645_AXIS_EVENT) {
        kin = kin_find(event_names, sizeof event_names / sizeof event_names[0], v->di >> 24);
    } else if (v->item->axis == DLT645_AXIS_FREEZE) {
        kin = kin_find(freeze_names, sizeof freeze_names / sizeof freeze_names[0],
                       v->di >> 16 & 0xFF);
    }
    static const char *const phase_zh[] = {"", "A相", "B相", "C相"};
    static const char *const phase_en[] = {"", " A", " B", " C"};
    const unsigned phase = phase_of(v);
    if (zh) {
        codec_text_add(d, phase_zh[phase % (PHASES + 1)]);
        codec_text_add(d, kin.zh);
        return;
    }
    codec_text_add(d, kin.en);
    if (kin.en[0] != '\0') {
        codec_text_add(d, phase_en[phase % (PHASES + 1)]);
        codec_text_add(d, ", ");
    }
}

/* What the identifier counts back from now, or numbers. */
static void tell_count(codec_description *d, const dlt645_value *v, bool zh)
{
    const unsigned back = v->di & 0xFF;
    const unsigned months = (v->di - v->item->id) >> 10; /* of a MONTH row: DI1 + 4 each */
    switch ((dlt645_axis)v->item->axis) {
    case DLT645_AXIS_NONE:
        break;
    case DLT645_AXIS_SETTLE:
    case DLT645_AXIS_TARIFF:
        if (back > 0) {
            codec_text_add(d, zh ? "，上结算日" : ", settlement day back ");
            codec_text_add_number(d, back, 1);
        }
        break;
    case DLT645_AXIS_MONTHS:
    case DLT645_AXIS_PHASE_M:
        if (back > 0) {
            codec_text_add(d, zh ? "，上月" : ", month back ");
            codec_text_add_number(d, back, 1);
        }
        break;
    case DLT645_AXIS_EVENT:
        if ((v->di >> BYTE & 0xFF) == 0) { /* a count or total */
            break;
        }
        codec_text_add(d, zh ? "，上次" : ", record back ");
        codec_text_add_number(d, back, 1);
        break;
    case DLT645_AXIS_RECORD:
    case DLT645_AXIS_PHASE:
    case DLT645_AXIS_FREEZE:
        codec_text_add(d, zh ? "，上次" : ", record back ");
        codec_text_add_number(d, back, 1);
        break;
    case DLT645_AXIS_NUMBER:
        codec_text_add(d, " ");
        codec_text_add_number(d, back, 1);
        break;
    case DLT645_AXIS_NUMBER0:
        codec_text_add(d, " ");
        codec_text_add_number(d, back - 1U, 1);
        break;
    case DLT645_AXIS_SLOT:
        codec_text_add(d, " ");
        codec_text_add_number(d, back & 0x0F, 1);
        break;
    case DLT645_AXIS_PROFILE:
        codec_text_add(d, " ");
        codec_text_add_number(d, v->element / DLT645_PROFILE_VALUES + 1U, 1);
        break;
    case DLT645_AXIS_MONTH:
        codec_text_add(d, months == 0   ? ""
                          : months == 1 ? (zh ? "，上月" : ", last month")
                                        : (zh ? "，上上月" : ", month before last"));
        break;
    }
}

/* Of a part that comes several times which one it is. */
static unsigned part_number(const dlt645_value *v)
{
    unsigned number = 0;
    const dlt645_format *record = dlt645_item_format(v->item);
    (void)dlt645_part_of(record, v->element, &number);
    return number;
}

static codec_name value_name(codec_description *d, const dlt645_value *v)
{
    const dlt645_texts item = dlt645_item_texts(v->item);
    const dlt645_axis axis = (dlt645_axis)v->item->axis;
    const unsigned tariff = axis == DLT645_AXIS_TARIFF  ? v->di >> BYTE & 0xFF
                            : axis == DLT645_AXIS_MONTH ? v->di & 0x0F
                            : v->part == NULL           ? v->element
                                                        : 0U;
    const char *text[2] = {NULL, NULL};
    for (unsigned language = 0; language < 2; language++) {
        const bool zh = language == 0;
        tell_kin(d, v, zh);
        codec_text_add(d, zh ? item.zh : item.en);
        if (!zh && v->item->axis != DLT645_AXIS_EVENT && phase_of(v) > 0) {
            codec_text_add(d, " ");
            codec_text_add_bytes(d, (const uint8_t *)"ABC" + phase_of(v) - 1, 1);
        }
        if (tariff > 0) {
            codec_text_add(d, zh ? "，费率" : ", tariff ");
            codec_text_add_number(d, tariff, 1);
        }
        tell_count(d, v, zh);
        if (v->part != NULL) {
            const dlt645_texts part = dlt645_part_texts(v->part);
            codec_text_add(d, zh ? "：" : ": ");
            codec_text_add(d, zh ? part.zh : part.en);
            if (v->part->times > 1) {
                codec_text_add(d, " ");
                codec_text_add_number(d, part_number(v), 1);
            }
        }
        text[language] = codec_text_end(d);
    }
    return (codec_name){text[0], text[1]};
}

static void stamp_text(codec_description *d, const char *parts, const dlt645_stamp *s)
{
    static const char weekday[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    const bool date = strchr(parts, 'D') != NULL;
    if (strchr(parts, 'Y') != NULL) {
        codec_text_add(d, "20");
        codec_text_add_number(d, s->year, 2);
        codec_text_add(d, "-");
    }
    if (strchr(parts, 'M') != NULL) {
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
        codec_text_add_number(d, s->minute, 2); /* 00 where the format has the hour only */
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

/* Last character first on the wire; bytes that are no text are shown in hex. */
static void ascii_text(codec_description *d, const uint8_t *bytes, size_t len)
{
    bool printable = true;
    for (size_t i = 0; i < len; i++) {
        printable = printable && bytes[i] >= ' ' && bytes[i] < 0x7F;
    }
    if (!printable) {
        codec_text_add(d, "0x");
        codec_text_add_hex_bytes(d, bytes, len);
        return;
    }
    for (size_t i = len; i > 0; i--) {
        codec_text_add_bytes(d, &bytes[i - 1], 1);
    }
}

const char *dlt645_value_text(codec_description *d, const dlt645_value *value)
{
    const dlt645_format *format = dlt645_value_format(value);
    if (value->absent) {
        return NULL;
    }
    switch ((dlt645_kind)format->kind) {
    case DLT645_KIND_NUMBER:
    case DLT645_KIND_DEMAND:
        codec_text_add(d, value->negative && value->raw == 0 ? "-" : "");
        codec_text_add_decimal(d, value->raw, format->decimals);
        if (format->kind == DLT645_KIND_DEMAND) {
            codec_text_add(d, " @ ");
            stamp_text(d, format->parts, &value->stamp);
        }
        break;
    case DLT645_KIND_BINARY:
        codec_text_add_decimal(d, value->raw, format->decimals);
        break;
    case DLT645_KIND_TIME:
        stamp_text(d, format->parts, &value->stamp);
        break;
    case DLT645_KIND_DIGITS:
        codec_text_add_number(d, (uint64_t)value->raw, 2U * format->bytes);
        break;
    case DLT645_KIND_CODE:
        codec_text_add_hex(d, (uint64_t)value->raw, 2U * format->bytes);
        break;
    case DLT645_KIND_BITS:
        return codec_text_hex(d, (uint64_t)value->raw, 2U * format->bytes);
    case DLT645_KIND_ASCII:
        ascii_text(d, value->bytes, format->bytes);
        break;
    case DLT645_KIND_BYTES:
        codec_text_add_hex_bytes(d, value->bytes, (size_t)value->raw);
        break;
    case DLT645_KIND_RECORD:
        break;
    }
    return codec_text_end(d);
}

/* The row of the word's first bit, or BIT_ROWS: words that share their bits stand behind each
 * other. */
static size_t bits_find(uint32_t di)
{
    size_t i = 0;
    while (i < BIT_ROWS && bit_rows[i].word != di) {
        i++;
    }
    while (i < BIT_ROWS && bit_rows[i].name.en == NULL) {
        i++;
    }
    return i;
}

static void bits_tell(codec_description *d, const dlt645_value *v, bool edition_1997,
                      uint32_t offset)
{
    const uint32_t len = dlt645_value_format(v)->bytes;
    const size_t first = bits_find(v->di);
    for (size_t i = first; i < BIT_ROWS && bit_rows[i].name.en != NULL; i++) {
        const bit_row *row = &bit_rows[i];
        const uint64_t mask = (UINT64_C(2) << (row->last - row->first)) - 1;
        codec_text_add_hex(d, v->di, edition_1997 ? 4 : 8);
        codec_text_add(d, ".");
        codec_text_add_number(d, row->first, 1);
        const char *id = codec_text_end(d);
        codec_text_add_number(d, (uint64_t)v->raw >> row->first & mask, 1);
        codec_item_add(d, &(codec_item){id, row->name, offset, len, codec_text_end(d), ""});
    }
}

void dlt645_value_tell(codec_description *d, const dlt645_value *v, bool edition_1997,
                       uint32_t offset)
{
    const dlt645_format *format = dlt645_value_format(v);
    codec_text_add_hex(d, v->di & ~DLT645_DI_ANSWER, edition_1997 ? 4 : 8);
    if (v->part != NULL || (format->many && v->element > 0)) {
        codec_text_add(d, ".");
        codec_text_add_number(d, v->element, 1);
    }
    codec_item item = {.id = codec_text_end(d), .offset = offset};
    item.len = (uint32_t)dlt645_value_len(v);
    item.unit = v->part != NULL ? dlt645_part_texts(v->part).unit : dlt645_item_texts(v->item).unit;
    item.name = value_name(d, v);
    item.value = dlt645_value_text(d, v);
    codec_item_add(d, &item);
    if (format->kind == DLT645_KIND_BITS && v->part == NULL && !v->absent) {
        bits_tell(d, v, edition_1997, offset);
    }
}
