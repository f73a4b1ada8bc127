/* The meter list. One pass over the text reads our own rows, a sort by point follows, and then
 * neighbours (and lines and units through a small table) are compared for doubles. */
#include "concentrator/roster.h"

#include "base/csv.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMN_METER_NO, COLUMN_MODEL, COLUMN_TERMINAL, COLUMN_LINE, COLUMN_UNIT, COLUMN_POINT };

static const char *const columns[] = {
    [COLUMN_METER_NO] = "meter_no", [COLUMN_MODEL] = "model", [COLUMN_TERMINAL] = "terminal",
    [COLUMN_LINE] = "line",         [COLUMN_UNIT] = "unit",   [COLUMN_POINT] = "point",
};

enum { COLUMNS = sizeof columns / sizeof columns[0], DIGITS_MAX = 12 };

/* Where in the text we are, and what to tell about it. */
typedef struct reader {
    gt_csv csv;
    gt_csv_row row;
    size_t at[COLUMNS];
    size_t fields; /* of the header */
    box_roster_fault fault;
} reader;

static gt_err fault_at(reader *r, const char *key, const char *expected, gt_err err)
{
    r->fault = (box_roster_fault){.line = r->csv.line, .key = key, .expected = expected};
    return err;
}

/* Digits only, at most twelve: nothing here needs a sign or a blank. */
static bool digits_parse(const char *text, uint64_t max, uint64_t *out)
{
    const size_t len = strlen(text);
    if (len == 0 || len > DIGITS_MAX) {
        return false;
    }
    uint64_t value = 0;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return false;
        }
        value = value * 10 + (uint64_t)(text[i] - '0');
    }
    if (value == 0 || value > max) {
        return false;
    }
    *out = value;
    return true;
}

static gt_err read_header(reader *r)
{
    const gt_err err = gt_csv_next(&r->csv, &r->row);
    if (err == GT_ERR_NOT_FOUND) {
        return fault_at(r, "header", "a first line that names the columns", GT_ERR_SYNTAX);
    }
    if (err != GT_ERR_OK) {
        return fault_at(r, "header", "comma-separated text", GT_ERR_SYNTAX);
    }
    r->fields = r->row.count;
    for (size_t i = 0; i < COLUMNS; i++) {
        if (gt_csv_column(&r->row, columns[i], &r->at[i]) != GT_ERR_OK) {
            return fault_at(r, columns[i], "this column exactly once in the header", GT_ERR_SYNTAX);
        }
    }
    return GT_ERR_OK;
}

static const char *field_of(const reader *r, size_t column)
{
    return r->row.field[r->at[column]];
}

static gt_err read_meter(reader *r, box_meter *out)
{
    uint64_t meter_no = 0;
    uint64_t line = 0;
    uint64_t unit = 0;
    uint64_t point = 0;
    if (!digits_parse(field_of(r, COLUMN_METER_NO), UINT64_MAX, &meter_no)) {
        return fault_at(r, "meter_no", "1 .. 12 decimal digits, not all 0", GT_ERR_SYNTAX);
    }
    if (!digits_parse(field_of(r, COLUMN_LINE), BOX_LINES_MAX, &line)) {
        return fault_at(r, "line", "a number 1 .. 12", GT_ERR_SYNTAX);
    }
    if (!digits_parse(field_of(r, COLUMN_UNIT), BOX_UNIT_MAX, &unit)) {
        return fault_at(r, "unit", "a number 1 .. 247", GT_ERR_SYNTAX);
    }
    if (!digits_parse(field_of(r, COLUMN_POINT), BOX_POINTS_MAX, &point)) {
        return fault_at(r, "point", "a number 1 .. 2040", GT_ERR_SYNTAX);
    }
    const char *model = field_of(r, COLUMN_MODEL);
    const size_t model_len = strlen(model);
    if (model_len == 0 || model_len >= BOX_MODEL_NAME_MAX) {
        return fault_at(r, "model", "the name of a meter model", GT_ERR_SYNTAX);
    }
    *out = (box_meter){.point = (uint16_t)point,
                       .line = (uint8_t)line,
                       .unit = (uint8_t)unit,
                       .meter_no = meter_no};
    memcpy(out->model, model, model_len + 1);
    return GT_ERR_OK;
}

static int by_point(const void *a, const void *b)
{
    const box_meter *x = a;
    const box_meter *y = b;
    return (x->point > y->point) - (x->point < y->point);
}

/* Is @p m in conflict with one read before? Lists are at most 2,040 long and read once. */
static gt_err check_double(reader *r, const box_meter *meters, size_t count, const box_meter *m)
{
    for (size_t i = 0; i < count; i++) {
        if (meters[i].point == m->point) {
            return fault_at(r, "point", "a number no other row of this terminal has",
                            GT_ERR_EXISTS);
        }
        if (meters[i].meter_no == m->meter_no) {
            return fault_at(r, "meter_no", "a number no other row has", GT_ERR_EXISTS);
        }
        if (meters[i].line == m->line && meters[i].unit == m->unit) {
            return fault_at(r, "unit", "a number no other row of this line has", GT_ERR_EXISTS);
        }
    }
    return GT_ERR_OK;
}

static gt_err read_rows(reader *r, const char *terminal, box_meter *meters, size_t cap,
                        size_t *out_count)
{
    size_t count = 0;
    for (;;) {
        const gt_err err = gt_csv_next(&r->csv, &r->row);
        if (err == GT_ERR_NOT_FOUND) {
            *out_count = count;
            return GT_ERR_OK;
        }
        if (err != GT_ERR_OK) {
            return fault_at(r, "row", "comma-separated text", GT_ERR_SYNTAX);
        }
        if (r->row.count != r->fields) {
            return fault_at(r, "row", "as many fields as the header has", GT_ERR_SYNTAX);
        }
        if (strcmp(field_of(r, COLUMN_TERMINAL), terminal) != 0) {
            continue;
        }
        box_meter meter;
        GT_TRY(read_meter(r, &meter));
        GT_TRY(check_double(r, meters, count, &meter));
        if (count == cap) {
            return fault_at(r, "row", "fewer meters of this terminal", GT_ERR_SPACE);
        }
        meters[count++] = meter;
    }
}

gt_err box_roster_parse(const char *text, size_t len, const char *terminal, box_meter *out_meters,
                        size_t cap, size_t *out_count, box_roster_fault *out_fault)
{
    reader r = {.csv = gt_csv_of(text, len)};
    size_t count = 0;
    gt_err err = read_header(&r);
    if (err == GT_ERR_OK) {
        err = read_rows(&r, terminal, out_meters, cap, &count);
    }
    if (err != GT_ERR_OK) {
        *out_fault = r.fault;
        return err;
    }
    qsort(out_meters, count, sizeof *out_meters, by_point);
    *out_count = count;
    return GT_ERR_OK;
}
