/* The value is the one of 2007; only its identifier, decimals and place differ. */
#include "meter/dlt645_1997_map.h"

#include "meter/tariff_store.h"

enum { DI1 = 0x100, SET = 0x10000, MONTH = 0x0400, MONTHS = 2, LOW = 0x0F, BITS_BYTE = 8 };

typedef enum digit { DIGIT_NONE, DIGIT_TARIFF, DIGIT_PHASE, DIGIT_NUMBER, DIGIT_ENTRY } digit;

typedef struct row {
    uint16_t first;
    uint8_t di0_last;
    uint8_t digit;
    uint32_t di;
    uint8_t scale;
} row;

static const row rows[] = {
#define ROW(first, di0_last, di, digit, scale) {first, di0_last, DIGIT_##digit, di, scale},
#include "meter/dlt645_1997_map.def"
#undef ROW
};

static const row *row_find(uint32_t di)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (di >= rows[i].first && di >> BITS_BYTE == (uint32_t)rows[i].first >> BITS_BYTE &&
            (uint8_t)di <= rows[i].di0_last) {
            return &rows[i];
        }
    }
    return NULL;
}

/* The year zones or day tables in force: the 1997 edition knows only these. */
static uint32_t set_di(const meter *m, const row *found)
{
    const bool year = (uint8_t)found->di == 0;
    return found->di + tariff_set(m, year ? TARIFF_PART_YEAR : TARIFF_PART_DAY) * SET;
}

static dlt645_at at_of(const meter *m, const row *found, uint32_t back, unsigned nth)
{
    dlt645_at at = {.m = m, .di = found->di};
    switch ((digit)found->digit) {
    case DIGIT_NONE:
        break;
    case DIGIT_TARIFF:
        at.di += nth * DI1 + back;
        break;
    case DIGIT_PHASE:
        at.di += nth * DI1;
        break;
    case DIGIT_NUMBER:
        at.di += nth;
        break;
    case DIGIT_ENTRY:
        at.di = set_di(m, found);
        at.element = nth;
        break;
    }
    return at;
}

gt_err dlt645_1997_map_read(const meter *m, uint32_t di, gt_mono now, dlt645_value *out)
{
    const row *found = row_find(di);
    uint32_t back = 0;
    for (; found == NULL && back < MONTHS && di >= (back + 1) * MONTH; back++) {
        const row *current = row_find(di - (back + 1) * MONTH);
        found = current != NULL && current->digit == DIGIT_TARIFF ? current : NULL;
    }
    const dlt645_item *item = dlt645_1997_item_find(di);
    if (found == NULL || item == NULL) {
        return GT_ERR_NOT_FOUND;
    }
    dlt645_at at = at_of(m, found, back, (di & UINT8_MAX) - (found->first & UINT8_MAX));
    at.now = now;
    dlt645_value value;
    GT_TRY(dlt645_map_read(&at, &value));
    const dlt645_format *format = dlt645_item_format(item);
    value.item = item;
    value.raw /= found->scale;
    if (format->kind == DLT645_KIND_BITS) {
        value.raw &= (INT64_C(1) << (BITS_BYTE * format->bytes)) - 1; /* the word's low byte */
    }
    *out = value;
    return GT_ERR_OK;
}

gt_err dlt645_1997_map_target(const meter *m, uint32_t di, dlt645_1997_target *out)
{
    const bool table = (di & LOW) == LOW;
    const row *found = row_find(table ? (di & ~(uint32_t)LOW) + 1 : di);
    if (found == NULL || table != (found->digit == DIGIT_ENTRY)) {
        return GT_ERR_NOT_FOUND; /* one entry of a table makes no table */
    }
    const uint32_t nth = found->digit == DIGIT_NUMBER ? di - found->first : 0;
    *out = (dlt645_1997_target){.di = (table ? set_di(m, found) : found->di) + nth,
                                .scale = found->scale};
    return GT_ERR_OK;
}
