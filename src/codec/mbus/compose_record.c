/* A record from its item: the id gives DIFs, VIF and VIFEs, which say how the value is to be read
 * and how it is sent. */
#include "codec/mbus/compose_priv.h"

#include "base/hex.h"
#include "base/real.h"
#include "codec/mbus/value.h"

#include <string.h>

enum {
    HEAD_MAX = 2 + MBUS_DIFE_MAX + MBUS_VIFE_MAX,
    TEXT_MAX = 191,
    PLAIN_TEXT = 0x7C,
    FIELD = 0x0F,
    SPECIAL = 0x0F,
    BCD_MINUS = 0xD0,
    BINARY = 0xE0,
    NOT_A_NUMBER = 0x7FC00000,
    FILLER = 0x2F,
    DATA_MAX = 256,
};

/* A record under way: what it points to. */
typedef struct draft {
    mbus_record m;
    uint8_t head[HEAD_MAX];
    uint8_t unit[TEXT_MAX];
    uint8_t data[DATA_MAX];
    size_t data_len;
} draft;

static void fail(codec_composer *c, gt_err err, const codec_value *v, const char *expected)
{
    codec_compose_fail(c, err, v, expected);
}

/* Pairs of hex digits at the start of a text. */
static size_t hex_take(const char *text, uint8_t *out, size_t max)
{
    size_t n = 0;
    while (n < max && gt_hex_digit(text[2 * n]) >= 0 && gt_hex_digit(text[2 * n + 1]) >= 0) {
        out[n] = (uint8_t)(gt_hex_digit(text[2 * n]) << 4 | gt_hex_digit(text[2 * n + 1]));
        n++;
    }
    return n;
}

/* Letters of a text, the last one first. */
static size_t backwards(const char *text, uint8_t *out, size_t max)
{
    const size_t len = strlen(text);
    for (size_t i = 0; i < len && len <= max; i++) {
        out[i] = (uint8_t)text[len - 1 - i];
    }
    return len;
}

/* DIF, DIFEs, VIF and VIFEs into the record's own members. */
static bool head_read(const uint8_t *head, size_t len, mbus_record *m)
{
    size_t vif = 1;
    while (vif < len && (head[vif - 1] & MBUS_EXTENSION) != 0) {
        vif++;
    }
    if (vif >= len || (head[0] & FIELD) == SPECIAL || vif - 1 > MBUS_DIFE_MAX) {
        return false;
    }
    m->kind = MBUS_RECORD_VALUE;
    m->function = (mbus_function)(head[0] >> 4 & 0x03);
    m->field = (mbus_field)(head[0] & FIELD);
    m->storage = head[0] >> 6 & 1;
    m->dife_count = (uint8_t)(vif - 1);
    mbus_difes_take(head + 1, m);
    m->vif = head[vif];
    m->vife = head + vif + 1;
    m->vife_count = (uint8_t)(len - vif - 1);
    return true;
}

static bool id_read(const codec_value *item, draft *d)
{
    const char *text = item->id;
    const size_t len = hex_take(text, d->head, sizeof d->head);
    text += 2 * len;
    if (!head_read(d->head, len, &d->m)) {
        return false;
    }
    const bool variable = d->m.field == MBUS_FIELD_VARIABLE;
    if (text[0] == '.' && variable && hex_take(text + 1, &d->m.lvar, 1) == 1 &&
        d->m.lvar >= MBUS_LVAR_NUMBER) {
        text += 3;
    }
    if (text[0] == ':' && (d->m.vif & ~MBUS_EXTENSION) == PLAIN_TEXT) {
        const size_t letters = backwards(text + 1, d->unit, sizeof d->unit);
        d->m.text = d->unit;
        d->m.text_len = (uint8_t)letters;
        return letters <= sizeof d->unit;
    }
    return text[0] == '\0';
}

static void number_put(draft *d, uint64_t number, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        d->data[i] = (uint8_t)(number >> (8 * i));
    }
    d->data_len = len;
}

/* BCD that is no number: "8C0000032116H". */
static bool nibbles_read(codec_composer *c, const codec_value *v, size_t len, draft *d)
{
    if (v->value == NULL || strlen(v->value) != 2 * len + 1 || v->value[2 * len] != 'H') {
        return false;
    }
    number_put(d, codec_value_hex(c, v, (unsigned)(2 * len)), len);
    return true;
}

static void real_compose(codec_composer *c, const codec_value *v, int exponent, draft *d)
{
    uint32_t bits = NOT_A_NUMBER;
    int has = 0;
    if (v->value != NULL) {
        const int64_t number = codec_value_scaled(c, v, &has);
        if (gt_real_of(number, has - exponent, &bits) != GT_ERR_OK) {
            fail(c, GT_ERR_RANGE, v, "a number that a real can hold");
        }
    }
    number_put(d, bits, sizeof bits);
}

static const struct {
    mbus_field field;
    mbus_time_type type;
    const char *pattern;
} times[] = {
    {MBUS_FIELD_INT16, MBUS_TIME_G, "dddd-dd-dd"},
    {MBUS_FIELD_INT24, MBUS_TIME_J, "dd:dd:dd"},
    {MBUS_FIELD_INT32, MBUS_TIME_F, "dddd-dd-dd dd:dd"},
    {MBUS_FIELD_INT48, MBUS_TIME_I, "dddd-dd-dd dd:dd:dd"},
};

/* @return false when the field holds no time */
static bool time_compose(codec_composer *c, const codec_value *v, draft *d)
{
    size_t i = 0;
    while (i < sizeof times / sizeof times[0] && times[i].field != d->m.field) {
        i++;
    }
    if (i == sizeof times / sizeof times[0]) {
        return false;
    }
    mbus_time t = {.type = times[i].type, .year = 2000, .invalid = v->value == NULL};
    unsigned n[6] = {0};
    if (t.invalid && (t.type == MBUS_TIME_G || t.type == MBUS_TIME_J)) {
        number_put(d, UINT64_MAX, t.type == MBUS_TIME_G ? 2 : 3);
        return true;
    }
    if (!t.invalid && codec_value_parts(c, v, times[i].pattern, n)) {
        const unsigned *clock = t.type == MBUS_TIME_J ? n : n + 3;
        t.year = t.type == MBUS_TIME_J ? 0 : (uint16_t)n[0];
        t.month = t.type == MBUS_TIME_J ? 0 : (uint8_t)n[1];
        t.day = t.type == MBUS_TIME_J ? 0 : (uint8_t)n[2];
        t.hour = (uint8_t)clock[0];
        t.minute = (uint8_t)clock[1];
        t.second = (uint8_t)clock[2];
    }
    if (mbus_time_encode(&t, d->data, &d->data_len) != GT_ERR_OK) {
        fail(c, GT_ERR_RANGE, v, "a time that the record's type can hold");
    }
    return true;
}

/* Numbers of a length byte: BCD, negative BCD, binary. */
static void variable_compose(codec_composer *c, const codec_value *v, int exponent, draft *d)
{
    const uint8_t lvar = d->m.lvar;
    size_t len = 0;
    if (!mbus_lvar_len(lvar, &len)) {
        fail(c, GT_ERR_RANGE, v, "a length byte that is not reserved");
        return;
    }
    if (len > sizeof(uint64_t)) {
        gt_wr w = gt_wr_of(d->data, sizeof d->data);
        codec_value_bytes(c, v, &w);
        for (size_t i = 0; i < w.len / 2 && w.len <= w.cap; i++) {
            const uint8_t swap = d->data[i];
            d->data[i] = d->data[w.len - 1 - i];
            d->data[w.len - 1 - i] = swap;
        }
        d->data_len = w.len;
        return;
    }
    if (len == 0 || (lvar < BINARY && nibbles_read(c, v, len, d))) {
        return; /* no value, or letters */
    }
    const int64_t number = codec_value_count(c, v, exponent);
    if (lvar >= BINARY) {
        number_put(d, (uint64_t)number, len);
        return;
    }
    gt_wr w = gt_wr_of(d->data, sizeof d->data);
    const bool minus = lvar >= BCD_MINUS;
    gt_wr_bcd_le(&w, (uint64_t)(minus ? -number : number), len);
    if (w.err != GT_ERR_OK) { /* the other sign's numbers have twenty digits here */
        fail(c, GT_ERR_RANGE, v, "a number that the length byte allows");
    }
    d->data_len = len;
}

static void text_compose(codec_composer *c, const codec_value *v, draft *d)
{
    const size_t len = v->value == NULL ? 0 : backwards(v->value, d->data, TEXT_MAX);
    if (len > TEXT_MAX) {
        fail(c, GT_ERR_RANGE, v, "a text of at most 191 letters");
        return;
    }
    d->data_len = len;
    d->m.lvar = (uint8_t)len;
}

static void number_compose(codec_composer *c, const codec_value *v, int exponent, draft *d)
{
    static const uint8_t lens[] = {0, 1, 2, 3, 4, 4, 6, 8, 0, 1, 2, 3, 4, 0, 6};
    const size_t len = lens[d->m.field];
    d->data_len = len;
    if (len == 0 || v->value == NULL) {
        return; /* no data, or zeros where the meter says why it has none */
    }
    if (d->m.field >= MBUS_FIELD_BCD2 && nibbles_read(c, v, len, d)) {
        return;
    }
    const int64_t number = codec_value_count(c, v, exponent);
    if (mbus_number_encode(d->m.field, number, d->data) != GT_ERR_OK) {
        fail(c, GT_ERR_RANGE, v, "a number that the record's field can hold");
    }
}

static void value_compose(codec_composer *c, const codec_value *v, draft *d)
{
    mbus_meaning meaning;
    mbus_record_meaning(&d->m, &meaning);
    if (d->m.field == MBUS_FIELD_VARIABLE && d->m.lvar >= MBUS_LVAR_NUMBER) {
        variable_compose(c, v, meaning.exponent, d);
    } else if (d->m.field == MBUS_FIELD_VARIABLE) {
        text_compose(c, v, d);
    } else if (meaning.form == MBUS_FORM_DATE && time_compose(c, v, d)) {
        return;
    } else if (d->m.field == MBUS_FIELD_REAL32) {
        real_compose(c, v, meaning.exponent, d);
    } else {
        number_compose(c, v, meaning.exponent, d);
    }
}

/* 0FH, 1FH, 2FH, 7FH. @return false when the id is none of them */
static bool special_compose(codec_composer *c, const codec_value *item, gt_wr *w)
{
    static const struct {
        const char *id;
        uint8_t dif;
    } rows[] = {{"0F", 0x0F}, {"1F", 0x1F}, {"7F", 0x7F}};
    if (strcmp(item->id, "2F") == 0) {
        gt_wr_fill(w, FILLER, (size_t)codec_value_number(c, item, UINT8_MAX));
        return true;
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(item->id, rows[i].id) == 0) {
            gt_wr_u8(w, rows[i].dif);
            if (item->value != NULL) {
                codec_value_bytes(c, item, w);
            }
            return true;
        }
    }
    return false;
}

void mbus_record_compose(codec_composer *c, const codec_value *item, gt_wr *w)
{
    draft d = {.m = {.kind = MBUS_RECORD_VALUE}};
    if (special_compose(c, item, w)) {
        return;
    }
    if (!id_read(item, &d)) {
        fail(c, GT_ERR_SYNTAX, item, "an id of DIF, DIFEs, VIF and VIFEs in hex");
        return;
    }
    value_compose(c, item, &d);
    d.m.data = d.data;
    d.m.data_len = d.data_len;
    const gt_err err = mbus_record_encode(&d.m, w);
    if (err != GT_ERR_OK && err != GT_ERR_SPACE) { /* of room the frame tells */
        fail(c, err, item, "an id whose DIFs and VIFs say how many they are");
    }
}
