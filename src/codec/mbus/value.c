/* Values. Lengths were checked when the record was decoded, so nothing here can fail: what is not a
 * number or a time says so by its kind. */
#include "codec/mbus/value.h"

enum {
    VARIABLE_BCD_MINUS = 0xD0,
    VARIABLE_BINARY = 0xE0,
    NUMBER_BYTES_MAX = 8,
    SHORT_DIGITS = 8,
    NIBBLE_MINUS = 0xF,
    YEAR_MAX = 99,
    PIVOT = 80, /* type F and G: years 00 to 80 are 2000 to 2080 where no century is sent */
};

static inline uint64_t join(const uint8_t *data, size_t len, bool msb_first)
{
    uint64_t v = 0;
    if (msb_first) {
        for (size_t i = 0; i < len; i++) {
            v = v << 8 | data[i];
        }
        return v;
    }
    switch (len) { /* most values have two to four bytes */
    case 4:
        return data[0] | (uint32_t)data[1] << 8 | (uint32_t)data[2] << 16 | (uint32_t)data[3] << 24;
    case 3:
        return data[0] | (uint32_t)data[1] << 8 | (uint32_t)data[2] << 16;
    case 2:
        return data[0] | (uint32_t)data[1] << 8;
    default:
        break;
    }
    for (size_t i = len; i > 0; i--) {
        v = v << 8 | data[i - 1];
    }
    return v;
}

static int64_t signed_of(uint64_t v, size_t bytes)
{
    const unsigned bits = 8 * (unsigned)bytes;
    const uint64_t sign = bits == 0 ? 0 : UINT64_C(1) << (bits - 1);
    return (int64_t)((v ^ sign) - sign);
}

/* Eight digits, in pairs, then fours. */
static uint32_t short_number(uint32_t packed)
{
    uint32_t v = packed - (packed >> 4 & 0x0F0F0F0F) * 6;
    v = (v & 0x00FF00FF) + (v >> 8 & 0x00FF00FF) * 100;
    return (v & 0xFFFF) + (v >> 16) * 10000;
}

/* Digits, the highest of which may be a minus; anything else is nibbles to be shown as they are. */
static inline void bcd_decode(uint64_t nibbles, unsigned count, mbus_value *out)
{
    uint64_t digits = nibbles;
    if (!gt_bcd_valid(nibbles)) {
        const unsigned top = 4 * (count - 1);
        digits = nibbles & ((UINT64_C(1) << top) - 1);
        if (nibbles >> top != NIBBLE_MINUS || !gt_bcd_valid(digits)) {
            out->kind = MBUS_VALUE_NIBBLES;
            out->nibbles = (uint8_t)count;
            out->number = (int64_t)nibbles;
            return;
        }
    }
    const int64_t number = count > SHORT_DIGITS ? (int64_t)gt_bcd_number(digits)
                                                : (int64_t)short_number((uint32_t)digits);
    out->kind = MBUS_VALUE_NUMBER;
    out->number = digits != nibbles ? -number : number;
}

static void bytes_decode(const mbus_record *m, bool msb_first, mbus_value_kind kind,
                         mbus_value *out)
{
    out->kind = kind;
    out->bytes = m->data;
    out->len = m->data_len;
    out->backwards = !msb_first;
}

static void variable_decode(const mbus_record *m, bool msb_first, mbus_value *out)
{
    if (m->lvar < MBUS_LVAR_NUMBER) {
        bytes_decode(m, msb_first, MBUS_VALUE_TEXT, out);
        return;
    }
    if (m->data_len > NUMBER_BYTES_MAX) {
        bytes_decode(m, msb_first, MBUS_VALUE_BYTES, out);
        return;
    }
    const uint64_t v = join(m->data, m->data_len, msb_first);
    if (m->lvar >= VARIABLE_BINARY) {
        out->kind = m->data_len == 0 ? MBUS_VALUE_NONE : MBUS_VALUE_NUMBER;
        out->number = signed_of(v, m->data_len);
        return;
    }
    if (m->data_len == 0) {
        return; /* no value */
    }
    bcd_decode(v, 2 * (unsigned)m->data_len, out);
    if (m->lvar >= VARIABLE_BCD_MINUS && out->kind == MBUS_VALUE_NUMBER) {
        out->number = -out->number;
    }
}

/* Day and low year bits, month and high year bits: shared by F, G and I. */
static void date_decode(unsigned low, unsigned high, unsigned century, mbus_time *out)
{
    const unsigned year = (low >> 5 & 0x07) | (high >> 1 & 0x78);
    out->day = low & 0x1F;
    out->month = high & 0x0F;
    if (year > YEAR_MAX) {
        return; /* every year, or nonsense: the year stays 0 */
    }
    out->year = (uint16_t)(century > 0 || year > PIVOT ? 1900 + 100 * century + year : 2000 + year);
}

static void time_begin(mbus_time_type type, mbus_time *out)
{
    out->type = type;
    out->year = 0;
    out->month = 0;
    out->day = 0;
    out->hour = 0;
    out->minute = 0;
    out->second = 0;
    out->summer = false;
    out->invalid = false;
}

/* Straight into its place: a copy of so many small fields would have to wait for them. */
static bool time_decode(mbus_field field, uint64_t v, mbus_time *out)
{
    switch ((unsigned)field) {
    case MBUS_FIELD_INT16:
        time_begin(MBUS_TIME_G, out);
        date_decode(v & 0xFF, v >> 8 & 0xFF, 0, out);
        out->invalid = v == 0xFFFF;
        return true;
    case MBUS_FIELD_INT24:
        time_begin(MBUS_TIME_J, out);
        out->second = v & 0x3F;
        out->minute = v >> 8 & 0x3F;
        out->hour = v >> 16 & 0x1F;
        out->invalid = v == 0xFFFFFF;
        return true;
    case MBUS_FIELD_INT32:
        time_begin(MBUS_TIME_F, out);
        out->minute = v & 0x3F;
        out->hour = v >> 8 & 0x1F;
        out->summer = (v >> 15 & 1) != 0;
        out->invalid = (v >> 7 & 1) != 0;
        date_decode(v >> 16 & 0xFF, v >> 24 & 0xFF, v >> 13 & 0x03, out);
        return true;
    case MBUS_FIELD_INT48:
        time_begin(MBUS_TIME_I, out);
        out->second = v & 0x3F;
        out->minute = v >> 8 & 0x3F;
        out->hour = v >> 16 & 0x1F;
        out->summer = (v >> 6 & 1) != 0;
        out->invalid = (v >> 15 & 1) != 0;
        date_decode(v >> 24 & 0xFF, v >> 32 & 0xFF, 0, out);
        return true;
    default:
        return false;
    }
}

void mbus_value_decode(const mbus_record *record, bool msb_first, mbus_value *out)
{
    out->kind = MBUS_VALUE_NONE;
    mbus_record_meaning(record, &out->meaning);
    const mbus_field field = record->field;
    if (field == MBUS_FIELD_VARIABLE) {
        variable_decode(record, msb_first, out);
        return;
    }
    if (record->data_len == 0) {
        return;
    }
    const uint64_t v = join(record->data, record->data_len, msb_first);
    if (out->meaning.form == MBUS_FORM_DATE && time_decode(field, v, &out->time)) {
        out->kind = MBUS_VALUE_TIME;
    } else if (field == MBUS_FIELD_REAL32) {
        out->kind = MBUS_VALUE_REAL;
        out->real = (uint32_t)v;
    } else if (field >= MBUS_FIELD_BCD2) {
        bcd_decode(v, 2 * (unsigned)record->data_len, out);
    } else {
        out->kind = MBUS_VALUE_NUMBER;
        out->number = signed_of(v, record->data_len);
    }
}

static gt_err bcd_encode(unsigned digits, int64_t number, uint64_t *out)
{
    uint64_t left = number < 0 ? -(uint64_t)number : (uint64_t)number;
    uint64_t nibbles = 0;
    const unsigned room = number < 0 ? digits - 1 : digits;
    for (unsigned i = 0; i < room; i++) {
        nibbles |= (left % 10) << (4 * i);
        left /= 10;
    }
    if (left != 0) {
        return GT_ERR_RANGE;
    }
    *out = number < 0 ? nibbles | (uint64_t)NIBBLE_MINUS << (4 * (digits - 1)) : nibbles;
    return GT_ERR_OK;
}

gt_err mbus_number_encode(mbus_field field, int64_t number, uint8_t out[8])
{
    static const uint8_t bytes[] = {
        [MBUS_FIELD_INT8] = 1,  [MBUS_FIELD_INT16] = 2, [MBUS_FIELD_INT24] = 3,
        [MBUS_FIELD_INT32] = 4, [MBUS_FIELD_INT48] = 6, [MBUS_FIELD_INT64] = 8,
        [MBUS_FIELD_BCD2] = 1,  [MBUS_FIELD_BCD4] = 2,  [MBUS_FIELD_BCD6] = 3,
        [MBUS_FIELD_BCD8] = 4,  [MBUS_FIELD_BCD12] = 6};
    const size_t len = field < sizeof bytes ? bytes[field] : 0;
    if (len == 0) {
        return GT_ERR_UNSUPPORTED;
    }
    uint64_t v = (uint64_t)number;
    if (field >= MBUS_FIELD_BCD2) {
        GT_TRY(bcd_encode(2 * (unsigned)len, number, &v));
    } else if (signed_of(len < 8 ? v & ((UINT64_C(1) << (8 * len)) - 1) : v, len) != number) {
        return GT_ERR_RANGE;
    }
    for (size_t i = 0; i < len; i++) {
        out[i] = (uint8_t)(v >> (8 * i));
    }
    return GT_ERR_OK;
}

/* Year to its seven bits and the two bits of the century. */
static gt_err year_encode(const mbus_time *t, bool century, unsigned *out_year,
                          unsigned *out_century)
{
    if (t->year >= 1900 + PIVOT + 1 && t->year <= 2000 + PIVOT) {
        *out_year = t->year % 100;
        *out_century = 0;
        return GT_ERR_OK;
    }
    if (!century || t->year < 2000 || t->year > 2299) {
        return GT_ERR_RANGE;
    }
    *out_year = t->year % 100;
    *out_century = (t->year - 1900U) / 100;
    return GT_ERR_OK;
}

gt_err mbus_time_encode(const mbus_time *time, uint8_t out[6], size_t *out_len)
{
    const mbus_time *t = time;
    unsigned year = 0;
    unsigned century = 0;
    if (t->type != MBUS_TIME_J) {
        GT_TRY(year_encode(t, t->type == MBUS_TIME_F, &year, &century));
    }
    if (t->month > 15 || t->day > 31 || t->hour > 31 || t->minute > 63 || t->second > 63) {
        return GT_ERR_RANGE;
    }
    const uint8_t low = (uint8_t)(t->day | (year & 0x07) << 5);
    const uint8_t high = (uint8_t)(t->month | (year & 0x78) << 1);
    gt_wr w = gt_wr_of(out, 6);
    switch (t->type) {
    case MBUS_TIME_G:
        break;
    case MBUS_TIME_F:
        gt_wr_u8(&w, (uint8_t)(t->minute | (t->invalid ? 0x80 : 0)));
        gt_wr_u8(&w, (uint8_t)(t->hour | century << 5 | (t->summer ? 0x80 : 0)));
        break;
    case MBUS_TIME_I:
    case MBUS_TIME_J:
        gt_wr_u8(&w, (uint8_t)(t->second | (t->summer ? 0x40 : 0)));
        gt_wr_u8(&w, (uint8_t)(t->minute | (t->invalid ? 0x80 : 0)));
        gt_wr_u8(&w, t->hour);
        break;
    }
    if (t->type != MBUS_TIME_J) {
        gt_wr_u8(&w, low);
        gt_wr_u8(&w, high);
    }
    if (t->type == MBUS_TIME_I) {
        gt_wr_u8(&w, 0); /* week and deviation: not told */
    }
    *out_len = w.len;
    return gt_wr_done(&w); /* six bytes are enough for each type */
}
