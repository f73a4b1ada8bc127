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
#include "codec/mbus/vif_fdfd.def"
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
#include "codec/mbus/vif_fdfd.def"
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
static const uint8_t fdfd_rows[CODES] = {
#include "codec/mbus/vif_fdfd.def"
};
static const uint8_t fixed_rows[64] = {
#include "codec/mbus/fixed_unit.def"
};
#undef VIF

/* Rows of one VIFE table; a row's number is named after its first code. */
enum {
    VIFE_UNKNOWN,
#define VIFE(first, count, effect, argument, zh, en) VIFE_##first,
#include "codec/mbus/vife.def"
#undef VIFE
};

enum {
    VIFE_FC_UNKNOWN,
#define VIFE(first, count, effect, argument, zh, en) VIFE_FC_##first,
#include "codec/mbus/vife_fc.def"
#undef VIFE
};

#define VIFE(first, count, effect, argument, zh, en) \
    {first, MBUS_EFFECT_##effect, argument, zh, en},
static const mbus_vife vifes[] = {
    {0, MBUS_EFFECT_NAME, 0, NULL, NULL},
#include "codec/mbus/vife.def"
};
static const mbus_vife vifes_fc[] = {
    {0, MBUS_EFFECT_NAME, 0, NULL, NULL},
#include "codec/mbus/vife_fc.def"
};
#undef VIFE

#define VIFE(first, count, effect, argument, zh, en) CODES_##count(first, VIFE_##first),
static const uint8_t vife_rows[CODES] = {
#include "codec/mbus/vife.def"
};
#undef VIFE

#define VIFE(first, count, effect, argument, zh, en) CODES_##count(first, VIFE_FC_##first),
static const uint8_t vife_fc_rows[CODES] = {
#include "codec/mbus/vife_fc.def"
};
#undef VIFE

static const mbus_quantity *row_of(const uint8_t *rows, uint8_t code)
{
    return rows[code] == ROW_UNKNOWN ? NULL : &quantities[rows[code]];
}

bool mbus_vife_next(const mbus_record *record, uint8_t *pos, const mbus_vife **out_vife,
                    uint8_t *out_code)
{
    if (*pos >= record->vife_count) {
        return false;
    }
    const bool fc = record->vife[*pos] == EXT_FC && *pos + 1 < record->vife_count;
    *pos = (uint8_t)(*pos + fc);
    const uint8_t code = record->vife[(*pos)++] & CODE;
    const uint8_t row = fc ? vife_fc_rows[code] : vife_rows[code];
    const mbus_vife *vife = fc ? &vifes_fc[row] : &vifes[row];
    if (vife->effect == MBUS_EFFECT_MAKER) {
        *pos = record->vife_count;
    }
    *out_vife = row == VIFE_UNKNOWN ? NULL : vife;
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

static void quantity_take(const uint8_t *rows, uint8_t code, mbus_meaning *out)
{
    const mbus_quantity *q = row_of(rows, code);
    out->quantity = q;
    out->exponent = q != NULL ? q->exponent + (code - q->first) : 0;
    out->form = q != NULL ? (mbus_form)q->form : MBUS_FORM_NUMBER;
    out->unit = NULL;
    out->fault = NULL;
}

void mbus_record_meaning(const mbus_record *record, mbus_meaning *out)
{
    uint8_t code = record->vif & CODE;
    out->vifes_from = 0;
    if (record->vife_count == 0) { /* as most records have it */
        quantity_take(main_rows, code, out);
        return;
    }
    const uint8_t *rows = main_rows;
    if (record->vif == EXT_FB || record->vif == EXT_FD) {
        rows = record->vif == EXT_FB ? fb_rows : fd_rows;
        code = record->vife[0] & CODE;
        out->vifes_from = 1;
        if (record->vif == EXT_FD && record->vife[0] == EXT_FD && record->vife_count > 1) {
            rows = fdfd_rows;
            code = record->vife[1] & CODE;
            out->vifes_from = 2;
        }
    } else if (code == CODE) {
        out->vifes_from = record->vife_count; /* all of them the manufacturer's */
    }
    quantity_take(rows, code, out);
    uint8_t pos = out->vifes_from;
    const mbus_vife *vife;
    while (mbus_vife_next(record, &pos, &vife, &code)) {
        if (vife != NULL) {
            apply(out, vife, code);
        }
    }
}

const mbus_quantity *mbus_fixed_unit(uint8_t code)
{
    return row_of(fixed_rows, code & 0x3F);
}
