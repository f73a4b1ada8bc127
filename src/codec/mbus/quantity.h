/**
 * @file quantity.h
 * @brief What a value information block means: quantity, unit, power of ten.
 *
 * Layer:   codec. Tables only: vif.def, vif_fb.def, vif_fd.def, vif_fdfd.def, vife.def,
 *          vife_fc.def, fixed_unit.def.
 */
#ifndef GT_CODEC_MBUS_QUANTITY_H
#define GT_CODEC_MBUS_QUANTITY_H

#include "codec/mbus/record.h"

typedef enum mbus_form { MBUS_FORM_NUMBER, MBUS_FORM_DATE, MBUS_FORM_BITS } mbus_form;

typedef struct mbus_quantity {
    uint8_t first;   /* code of the row; n = code - first */
    int8_t exponent; /* of its first code */
    uint8_t form;    /* mbus_form */
    const char *unit;
    const char *zh;
    const char *en;
} mbus_quantity;

typedef enum mbus_effect {
    MBUS_EFFECT_NAME,
    MBUS_EFFECT_SCALE,
    MBUS_EFFECT_DATE,
    MBUS_EFFECT_COUNT,
    MBUS_EFFECT_TIME,
    MBUS_EFFECT_FAULT,
    MBUS_EFFECT_MAKER,
} mbus_effect;

typedef struct mbus_vife {
    uint8_t first;
    uint8_t effect;  /* mbus_effect */
    int8_t argument; /* of SCALE */
    const char *zh;
    const char *en;
} mbus_vife;

/** Everything the block says. */
typedef struct mbus_meaning {
    const mbus_quantity *quantity; /* NULL: not in the tables, or a unit in plain text */
    int exponent;                  /* the number counts 10^exponent of the unit */
    mbus_form form;
    const char *unit;       /* NULL: the quantity's own; a VIFE made it another thing */
    const mbus_vife *fault; /* the meter says why there is no value; NULL: there is one */
    uint8_t vifes_from;     /* index of the first VIFE that is not part of the quantity's code */
} mbus_meaning;

/** Cannot fail: a code that is not in the tables has no quantity. */
void mbus_record_meaning(const mbus_record *record, mbus_meaning *out);

/**
 * Walks the VIFEs that qualify the quantity; stops at the manufacturer's own.
 *
 * @param pos [in,out] index into record->vife; start at meaning.vifes_from
 * @param[out] out_code the code without its extension bit
 * @return false at the end; out_vife NULL when the code is not in the tables
 */
bool mbus_vife_next(const mbus_record *record, uint8_t *pos, const mbus_vife **out_vife,
                    uint8_t *out_code);

/** Unit of the fixed data structure, 6 bits; NULL when reserved. */
const mbus_quantity *mbus_fixed_unit(uint8_t code);

#endif
