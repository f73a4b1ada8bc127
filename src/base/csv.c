/* Comma-separated text. The reader walks the text once; each field is copied, unquoted, into the
 * caller's row, so that a record never points into the file it came from. */
#include "base/csv.h"

#include <stdbool.h>
#include <string.h>

gt_csv gt_csv_of(const char *text, size_t len)
{
    static const char bom[] = "\xEF\xBB\xBF";
    const size_t skip = len >= 3 && memcmp(text, bom, 3) == 0 ? 3 : 0;
    return (gt_csv){.text = text, .len = len, .pos = skip, .next_line = 1};
}

/* The row being filled. */
typedef struct sink {
    gt_csv_row *row;
    size_t used;
} sink;

static gt_err sink_put(sink *s, char c)
{
    if (s->used == sizeof s->row->text) {
        return GT_ERR_SPACE;
    }
    s->row->text[s->used++] = c;
    return GT_ERR_OK;
}

static gt_err sink_field(sink *s)
{
    if (s->row->count == GT_CSV_FIELDS_MAX) {
        return GT_ERR_SPACE;
    }
    s->row->field[s->row->count++] = s->row->text + s->used;
    return GT_ERR_OK;
}

static bool at_end_of_line(const gt_csv *csv)
{
    if (csv->pos == csv->len || csv->text[csv->pos] == '\n') {
        return true;
    }
    return csv->text[csv->pos] == '\r' && csv->pos + 1 < csv->len &&
           csv->text[csv->pos + 1] == '\n';
}

static void skip_end_of_line(gt_csv *csv)
{
    if (csv->pos < csv->len && csv->text[csv->pos] == '\r') {
        csv->pos++;
    }
    if (csv->pos < csv->len) {
        csv->pos++; /* the line feed */
        csv->next_line++;
    }
}

static gt_err read_quoted(gt_csv *csv, sink *s)
{
    csv->pos++; /* the opening quote */
    while (csv->pos < csv->len) {
        const char c = csv->text[csv->pos++];
        if (c == '"') {
            if (csv->pos == csv->len || csv->text[csv->pos] != '"') {
                return sink_put(s, '\0');
            }
            csv->pos++;
        }
        if (c == '\0') {
            return GT_ERR_SYNTAX;
        }
        if (c == '\n') {
            csv->next_line++;
        }
        GT_TRY(sink_put(s, c));
    }
    return GT_ERR_SYNTAX;
}

static gt_err read_bare(gt_csv *csv, sink *s)
{
    while (!at_end_of_line(csv) && csv->text[csv->pos] != ',') {
        const char c = csv->text[csv->pos++];
        if (c == '"' || c == '\0') {
            return GT_ERR_SYNTAX;
        }
        GT_TRY(sink_put(s, c));
    }
    return sink_put(s, '\0');
}

gt_err gt_csv_next(gt_csv *csv, gt_csv_row *out_row)
{
    while (csv->pos < csv->len && at_end_of_line(csv)) {
        skip_end_of_line(csv);
    }
    if (csv->pos == csv->len) {
        return GT_ERR_NOT_FOUND;
    }
    csv->line = csv->next_line;
    sink s = {.row = out_row};
    out_row->count = 0;
    for (;;) {
        GT_TRY(sink_field(&s));
        const bool quoted = csv->pos < csv->len && csv->text[csv->pos] == '"';
        GT_TRY(quoted ? read_quoted(csv, &s) : read_bare(csv, &s));
        if (at_end_of_line(csv)) {
            skip_end_of_line(csv);
            return GT_ERR_OK;
        }
        if (csv->text[csv->pos] != ',') {
            return GT_ERR_SYNTAX;
        }
        csv->pos++;
    }
}

gt_err gt_csv_column(const gt_csv_row *header, const char *name, size_t *out)
{
    size_t found = header->count;
    for (size_t i = 0; i < header->count; i++) {
        if (strcmp(header->field[i], name) == 0) {
            if (found < header->count) {
                return GT_ERR_EXISTS;
            }
            found = i;
        }
    }
    if (found == header->count) {
        return GT_ERR_NOT_FOUND;
    }
    *out = found;
    return GT_ERR_OK;
}
