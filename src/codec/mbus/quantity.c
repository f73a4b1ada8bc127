/* The tables. A code finds its row through one byte of an index; rows that overlap would not
 * compile, since the index would be initialised twice. */
#include "codec/mbus/quantity.h"

enum { CODES = 128, CODE = 0x7F, EXT_FB = 0xFB, EXT_FD = 0xFD, EXT_FC = 0xFC };

#define CODES_1(first, row) [(first)] = (row)
#define CODES_2(first, row) CODES_1(first, row), CODES_1((first) + 1, row)
#define CODES_4(first, row) CODES_2(first, row), CODES_2((first) + 2, row)
#define CODES_7(first, row) \
    CODES_4(first, row), CODES_2((first) + 4, row), CODES_1((first) + 6, row)
#define CODES_8(first, row) CODES_4(first, row), CODES_4((first) + 4, row)
#define CODES_9(first, row) CODES_8(first, row), CODES_1((first) + 8, row)
#define CODES_16(first, row) CODES_8(first, row), CODES_8((first) + 8, row)

enum {
    ROW_UNKNOWN,
#define VIF(symbol, first, count, exponent, form, unit, zh, en) ROW_##symbol,
#include "codec/mbus/vif.def"
#include "codec/mbus/vif_fb.def"
#include "codec/mbus/vif_fd.def"
#include "codec/mbus/fixed_unit.def"
#undef VIF
};

static const mbus_quantity quantities[] = {
    {0, 0, MBUS_FORM_NUMBER, "", NULL, NULL},
#define VIF(symbol, first, count, exponent, form, unit, zh, en) \
    {first, exponent, MBUS_FORM_##form, unit, zh, en},
#include "codec/mbus/vif.def"
#include "codec/mbus/vif_fb.def"
#include "codec/mbus/vif_fd.def"
#include "codec/mbus/fixed_unit.def"
#undef VIF
};

#define VIF(symbol, first, count, exponent, form, unit, zh, en) CODES_##count(first, ROW_##symbol),
static const uint8_t main_rows[CODES] = {
#include "codec/mbus/vif.def"
};
static const uint8_t fb_rows[CODES] = {
#include "codec/mbus/vif_fb.def"
};
static const uint8_t fd_rows[CODES] = {
#include "codec/mbus/vif_fd.def"
};
static const uint8_t fixed_rows[64] = {
#include "codec/mbus/fixed_unit.def"
};
#undef VIF

#define VIFE(first, count, effect, argument, zh, en) \
    {first, MBUS_EFFECT_##effect, argument, zh, en},
static const mbus_vife vifes[] = {
#include "codec/mbus/vife.def"
};
static const mbus_vife vifes_fc[] = {
#include "codec/mbus/vife_fc.def"
};
#undef VIFE

/* One past the last code of each row. */
#define VIFE(first, count, effect, argument, zh, en) (first) + (count),
static const uint8_t vife_ends[] = {
#include "codec/mbus/vife.def"
};
static const uint8_t vife_fc_ends[] = {
#include "codec/mbus/vife_fc.def"
};
#undef VIFE

typedef struct vife_table {
    const mbus_vife *rows;
    const uint8_t *ends;
    size_t count;
} vife_table;

static const mbus_quantity *row_of(const uint8_t *rows, uint8_t code)
{
    return rows[code] == ROW_UNKNOWN ? NULL : &quantities[rows[code]];
}

/* Rows ascend: the first one that ends behind the code either holds it or nothing does. */
static const mbus_vife *vife_of(vife_table table, uint8_t code)
{
    for (size_t i = 0; i < table.count; i++) {
        if (code < table.ends[i]) {
            return code >= table.rows[i].first ? &table.rows[i] : NULL;
        }
    }
    return NULL;
}

bool mbus_vife_next(const mbus_record *record, uint8_t *pos, const mbus_vife **out_vife,
                    uint8_t *out_code)
{
    static const vife_table main_table = {vifes, vife_ends, sizeof vifes / sizeof vifes[0]};
    static const vife_table fc_table = {vifes_fc, vife_fc_ends,
                                        sizeof vifes_fc / sizeof vifes_fc[0]};
    if (*pos >= record->vife_count) {
        return false;
    }
    vife_table table = main_table;
    if (record->vife[*pos] == EXT_FC && *pos + 1 < record->vife_count) {
        table = fc_table;
        ++*pos;
    }
    const uint8_t code = record->vife[(*pos)++] & CODE;
    const mbus_vife *vife = vife_of(table, code);
    if (vife != NULL && vife->effect == MBUS_EFFECT_MAKER) {
        *pos = record->vife_count;
    }
    *out_vife = vife;
    *out_code = code;
    return true;
}

static void apply(mbus_meaning *m, const mbus_vife *vife, uint8_t code)
{
    static const char *const durations[] = {"s", "min", "h", "d"};
    switch ((mbus_effect)vife->effect) {
    case MBUS_EFFECT_NAME:
    case MBUS_EFFECT_MAKER:
        break;
    case MBUS_EFFECT_SCALE:
        m->exponent += vife->argument + (code - vife->first);
        break;
    case MBUS_EFFECT_DATE:
        m->form = MBUS_FORM_DATE;
        m->exponent = 0;
        m->unit = "";
        break;
    case MBUS_EFFECT_COUNT:
    case MBUS_EFFECT_TIME:
        m->form = MBUS_FORM_NUMBER;
        m->exponent = 0;
        m->unit = vife->effect == MBUS_EFFECT_TIME ? durations[(code - vife->first) & 3] : "";
        break;
    case MBUS_EFFECT_FAULT:
        m->fault = vife;
        break;
    }
}

mbus_meaning mbus_record_meaning(const mbus_record *record)
{
    mbus_meaning m = {.form = MBUS_FORM_NUMBER};
    uint8_t code = record->vif & CODE;
    const uint8_t *rows = main_rows;
    if ((record->vif == EXT_FB || record->vif == EXT_FD) && record->vife_count > 0) {
        rows = record->vif == EXT_FB ? fb_rows : fd_rows;
        code = record->vife[0] & CODE;
        m.vifes_from = 1;
    }
    m.quantity = row_of(rows, code);
    if (m.quantity != NULL) {
        m.exponent = m.quantity->exponent + (code - m.quantity->first);
        m.form = (mbus_form)m.quantity->form;
    }
    if ((record->vif & CODE) == CODE) {
        m.vifes_from = record->vife_count; /* all of them the manufacturer's */
    }
    const mbus_vife *vife;
    for (uint8_t pos = m.vifes_from; mbus_vife_next(record, &pos, &vife, &code);) {
        if (vife != NULL) {
            apply(&m, vife, code);
        }
    }
    return m;
}

const mbus_quantity *mbus_fixed_unit(uint8_t code)
{
    return row_of(fixed_rows, code & 0x3F);
}
