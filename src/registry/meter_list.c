/* meters.csv -> rows, all faults named at once. Each column has one rule, a row of the table below;
 * what must be unique is checked after all rows are read. */
#include "registry/meter_list.h"

#include "base/csv.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { NUMBER_DIGITS_MAX = 12, REGION_DIGITS = 4, ADDRESS_DIGITS_MAX = 5 };

typedef enum column_id {
    COLUMN_BUILDING,
    COLUMN_FLOOR,
    COLUMN_ROOM,
    COLUMN_METER_NO,
    COLUMN_CUSTOMER_NO,
    COLUMN_MODEL,
    COLUMN_TERMINAL,
    COLUMN_LINE,
    COLUMN_UNIT,
    COLUMN_POINT,
} column_id;

enum { COLUMNS = COLUMN_POINT + 1 };

static const struct {
    const char *name;
    const char *expected;
} columns[COLUMNS] = {
    [COLUMN_BUILDING] = {"building", "UTF-8, 1 to 63 bytes, no '/'"},
    [COLUMN_FLOOR] = {"floor", "UTF-8, 1 to 63 bytes, no '/'"},
    [COLUMN_ROOM] = {"room", "UTF-8, 1 to 63 bytes, no '/'"},
    [COLUMN_METER_NO] = {"meter_no", "1 to 12 digits, not all 0"},
    [COLUMN_CUSTOMER_NO] = {"customer_no", "1 to 12 digits"},
    [COLUMN_MODEL] = {"model", "UTF-8, 1 to 31 bytes, no '/'"},
    [COLUMN_TERMINAL] = {"terminal", "region-address such as 4401-0001"},
    [COLUMN_LINE] = {"line", "a number 1 to 12"},
    [COLUMN_UNIT] = {"unit", "a number 1 to 247"},
    [COLUMN_POINT] = {"point", "a number 1 to 2040"},
};

/** What must not occur twice in a list. */
typedef enum unique_id { UNIQUE_METER_NO, UNIQUE_UNIT, UNIQUE_POINT } unique_id;

enum { UNIQUES = UNIQUE_POINT + 1 };

/* Bytes of @p text, at most @p max, that are whole UTF-8 characters (RFC 3629). */
static size_t utf8_prefix(const char *text, size_t max)
{
    const unsigned char *t = (const unsigned char *)text;
    size_t at = 0;
    while (t[at] != 0) {
        const unsigned char c = t[at];
        const size_t more = c < 0x80 ? 0 : c < 0xE0 ? 1 : c < 0xF0 ? 2 : 3;
        bool ok = c < 0x80 || (c >= 0xC2 && c <= 0xF4);
        for (size_t i = 1; ok && i <= more; i++) {
            ok = (t[at + i] & 0xC0) == 0x80;
        }
        if (ok && more >= 2) { /* overlong forms, surrogates, above U+10FFFF */
            const unsigned char d = t[at + 1];
            ok = !(c == 0xE0 && d < 0xA0) && !(c == 0xED && d > 0x9F) && !(c == 0xF0 && d < 0x90) &&
                 !(c == 0xF4 && d > 0x8F);
        }
        if (!ok || at + more + 1 > max) {
            return at;
        }
        at += more + 1;
    }
    return at;
}

static void report(meter_list_errors *errors, unsigned line_no, const char *column,
                   const char *expected, const char *got)
{
    if (errors->count < METER_LIST_ERRORS_MAX) {
        meter_list_error *e = &errors->row[errors->count];
        e->line_no = line_no;
        (void)snprintf(e->column, sizeof e->column, "%s", column);
        (void)snprintf(e->expected, sizeof e->expected, "%s", expected);
        (void)snprintf(e->got, sizeof e->got, "%.*s", (int)utf8_prefix(got, sizeof e->got - 1),
                       got);
    }
    errors->count++;
}

/* 1 to digits_max digits and nothing else, within limits. */
static bool number_of(const char *text, size_t digits_max, uint64_t min, uint64_t max,
                      uint64_t *out)
{
    const size_t len = strlen(text);
    uint64_t value = 0;
    if (len == 0 || len > digits_max || strspn(text, "0123456789") != len) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        value = value * 10 + (uint64_t)(text[i] - '0');
    }
    *out = value;
    return value >= min && value <= max;
}

static bool name_of(const char *text, char *out, size_t cap)
{
    const size_t len = strlen(text);
    bool ok = len > 0 && len < cap && utf8_prefix(text, len) == len;
    for (size_t i = 0; ok && i < len; i++) {
        const unsigned char c = (unsigned char)text[i];
        ok = c >= ' ' && c != 0x7F && c != '/';
    }
    if (ok) {
        memcpy(out, text, len + 1);
    }
    return ok;
}

gt_err terminal_name_parse(const char *text, uint16_t *out_region, uint16_t *out_address)
{
    char region_text[REGION_DIGITS + 1] = {0};
    uint64_t region = 0;
    uint64_t address = 0;
    if (strlen(text) <= REGION_DIGITS || text[REGION_DIGITS] != '-') {
        return GT_ERR_SYNTAX;
    }
    memcpy(region_text, text, REGION_DIGITS);
    const char *address_text = text + REGION_DIGITS + 1;
    if (!number_of(region_text, REGION_DIGITS, 0, UINT16_MAX, &region) ||
        !number_of(address_text, ADDRESS_DIGITS_MAX, 0, UINT64_MAX, &address)) {
        return GT_ERR_SYNTAX;
    }
    if (address == 0 || address > UINT16_MAX) {
        return GT_ERR_RANGE;
    }
    *out_region = (uint16_t)region;
    *out_address = (uint16_t)address;
    return GT_ERR_OK;
}

void terminal_name_format(uint16_t region, uint16_t address, char buf[TERMINAL_NAME_MAX])
{
    (void)snprintf(buf, TERMINAL_NAME_MAX, "%04u-%04u", (unsigned)region, (unsigned)address);
}

static bool field_take(column_id column, const char *text, meter_list_row *row)
{
    uint64_t number = 0;
    bool ok = false;
    switch (column) {
    case COLUMN_BUILDING:
        return name_of(text, row->building, sizeof row->building);
    case COLUMN_FLOOR:
        return name_of(text, row->floor, sizeof row->floor);
    case COLUMN_ROOM:
        return name_of(text, row->room, sizeof row->room);
    case COLUMN_METER_NO:
        return number_of(text, NUMBER_DIGITS_MAX, 1, UINT64_MAX, &row->meter_no);
    case COLUMN_CUSTOMER_NO:
        return number_of(text, NUMBER_DIGITS_MAX, 0, UINT64_MAX, &row->customer_no);
    case COLUMN_MODEL:
        return name_of(text, row->model, sizeof row->model);
    case COLUMN_TERMINAL:
        return terminal_name_parse(text, &row->region, &row->address) == GT_ERR_OK;
    case COLUMN_LINE:
        ok = number_of(text, NUMBER_DIGITS_MAX, 1, METER_LIST_LINE_MAX, &number);
        row->line = (uint8_t)number;
        return ok;
    case COLUMN_UNIT:
        ok = number_of(text, NUMBER_DIGITS_MAX, 1, METER_LIST_UNIT_MAX, &number);
        row->unit = (uint8_t)number;
        return ok;
    case COLUMN_POINT:
        ok = number_of(text, NUMBER_DIGITS_MAX, 1, METER_LIST_POINT_MAX, &number);
        row->point = (uint16_t)number;
        return ok;
    }
    return ok;
}

static void header_take(const gt_csv_row *header, size_t place[COLUMNS], unsigned line_no,
                        meter_list_errors *errors)
{
    for (int c = 0; c < COLUMNS; c++) {
        if (gt_csv_column(header, columns[c].name, &place[c]) != GT_ERR_OK) {
            report(errors, line_no, columns[c].name, "this column once in the header", "");
        }
    }
    if (errors->count == 0 && header->count != COLUMNS) {
        report(errors, line_no, "header", "only the ten columns of a meter list", "");
    }
}

static void row_take(const gt_csv_row *fields, const size_t place[COLUMNS], unsigned line_no,
                     meter_list *list, meter_list_errors *errors)
{
    meter_list_row *row = &list->row[list->count];
    *row = (meter_list_row){.line_no = line_no};
    if (fields->count != COLUMNS) {
        report(errors, line_no, "row", "as many fields as the header", "");
        return;
    }
    for (int c = 0; c < COLUMNS; c++) {
        const char *text = fields->field[place[c]];
        if (!field_take((column_id)c, text, row)) {
            report(errors, line_no, columns[c].name, columns[c].expected, text);
        }
    }
    list->count++;
}

static uint64_t unique_key(const meter_list_row *row, unique_id unique)
{
    const uint64_t terminal = (uint64_t)row->region << 32 | (uint64_t)row->address << 16;
    switch (unique) {
    case UNIQUE_METER_NO:
        return row->meter_no;
    case UNIQUE_UNIT:
        return terminal | (uint64_t)row->line << 8 | row->unit;
    case UNIQUE_POINT:
        return terminal | row->point;
    }
    return 0;
}

/* Of equal keys the later row counts as greater, so it is the one that is reported. */
static bool before(const meter_list *list, unique_id unique, uint32_t a, uint32_t b)
{
    const uint64_t key_a = unique_key(&list->row[a], unique);
    const uint64_t key_b = unique_key(&list->row[b], unique);
    return key_a < key_b || (key_a == key_b && a < b);
}

static void sift(const meter_list *list, unique_id unique, size_t root, size_t count)
{
    for (size_t child = 2 * root + 1; child < count; child = 2 * root + 1) {
        if (child + 1 < count && before(list, unique, list->index[child], list->index[child + 1])) {
            child++;
        }
        if (!before(list, unique, list->index[root], list->index[child])) {
            return;
        }
        const uint32_t moved = list->index[root];
        list->index[root] = list->index[child];
        list->index[child] = moved;
        root = child;
    }
}

/* Heap sort: no memory beyond the index, no bad case. */
static void index_sort(meter_list *list, unique_id unique)
{
    for (size_t i = 0; i < list->count; i++) {
        list->index[i] = (uint32_t)i;
    }
    for (size_t i = list->count / 2; i-- > 0;) {
        sift(list, unique, i, list->count);
    }
    for (size_t end = list->count; end-- > 1;) {
        const uint32_t top = list->index[0];
        list->index[0] = list->index[end];
        list->index[end] = top;
        sift(list, unique, 0, end);
    }
}

static void duplicates_report(meter_list *list, unique_id unique, meter_list_errors *errors)
{
    static const column_id column[UNIQUES] = {COLUMN_METER_NO, COLUMN_UNIT, COLUMN_POINT};
    index_sort(list, unique);
    for (size_t i = 1; i < list->count; i++) {
        const meter_list_row *first = &list->row[list->index[i - 1]];
        const meter_list_row *second = &list->row[list->index[i]];
        if (unique_key(first, unique) == unique_key(second, unique)) {
            char expected[64];
            (void)snprintf(expected, sizeof expected, "a value that line %u does not have",
                           first->line_no);
            report(errors, second->line_no, columns[column[unique]].name, expected, "the same");
        }
    }
}

static void rows_take(gt_csv *csv, const size_t place[COLUMNS], meter_list *list,
                      meter_list_errors *errors)
{
    gt_csv_row row;
    gt_err err = gt_csv_next(csv, &row);
    while (err == GT_ERR_OK && list->count < list->cap) {
        row_take(&row, place, csv->line, list, errors);
        err = gt_csv_next(csv, &row);
    }
    if (err == GT_ERR_OK) {
        report(errors, csv->line, "row", "fewer rows: the list is too long", "");
    } else if (err != GT_ERR_NOT_FOUND) {
        report(errors, csv->line, "row", "well-formed comma-separated text", "");
    }
}

gt_err meter_list_parse(const char *text, size_t len, meter_list *list, meter_list_errors *errors)
{
    gt_csv csv = gt_csv_of(text, len);
    gt_csv_row header;
    size_t place[COLUMNS] = {0};
    *errors = (meter_list_errors){0};
    list->count = 0;
    if (gt_csv_next(&csv, &header) == GT_ERR_OK) {
        header_take(&header, place, csv.line, errors);
    } else {
        report(errors, 1, "header", "the column names of a meter list", "");
    }
    if (errors->count == 0) {
        rows_take(&csv, place, list, errors);
    }
    const bool sound = errors->count == 0; /* a bad row's values are not compared */
    for (int unique = 0; sound && unique < UNIQUES; unique++) {
        duplicates_report(list, (unique_id)unique, errors);
    }
    return errors->count == 0 ? GT_ERR_OK : GT_ERR_SYNTAX;
}
