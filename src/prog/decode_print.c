/* A description as text and as JSON. In the text, header fields and items are merged in the order
 * of their bytes, and bytes that no row names are shown as such, so that nothing is passed over. */
#include "prog/decode.h"

#include "base/hex.h"
#include "domain/reading.h"

#include <inttypes.h>
#include <stdlib.h>

enum { ROWS_MAX = CODEC_FIELDS_MAX + CODEC_ITEMS_MAX, BYTES_SHOWN = 8 };

typedef struct row {
    const char *id; /* NULL for header fields */
    const char *name;
    const char *value;
    const char *unit;
    const char *meaning;
    uint32_t offset;
    uint32_t len;
    uint32_t order;
} row;

static const char *pick(codec_name name, bool zh)
{
    return zh && name.zh != NULL ? name.zh : name.en;
}

/* Register maps name items by their domain name; people get its proper name. */
static codec_name proper_name(codec_name name)
{
    item_id id;
    if (name.en != NULL && item_find(name.en, &id) == GT_ERR_OK) {
        return (codec_name){item_of(id)->zh, item_of(id)->en};
    }
    return name;
}

static int by_offset(const void *a, const void *b)
{
    const row *x = a;
    const row *y = b;
    if (x->offset != y->offset) {
        return x->offset < y->offset ? -1 : 1;
    }
    return x->order < y->order ? -1 : 1;
}

static size_t rows_of(const codec_description *d, bool zh, row rows[ROWS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < d->field_count; i++) {
        const codec_field *f = &d->fields[i];
        rows[count] = (row){
            NULL, pick(f->name, zh), f->value, "", pick(f->meaning, zh), f->offset, f->len, 0};
        rows[count].order = (uint32_t)count;
        count++;
    }
    for (size_t i = 0; i < d->item_count; i++) {
        const codec_item *it = &d->items[i];
        const char *value = it->value != NULL ? it->value : (zh ? "（无此值）" : "(none)");
        rows[count] = (row){
            it->id, pick(proper_name(it->name), zh), value, it->unit, NULL, it->offset, it->len, 0};
        rows[count].order = (uint32_t)count;
        count++;
    }
    qsort(rows, count, sizeof rows[0], by_offset);
    return count;
}

static void print_bytes(FILE *out, const decode_frame *frame, uint32_t offset, uint32_t len)
{
    for (uint32_t i = 0; i < BYTES_SHOWN; i++) {
        if (i < len && offset + i < frame->len) {
            (void)fprintf(out, "%02X ", frame->bytes[offset + i]);
        } else {
            (void)fputs("   ", out);
        }
    }
    (void)fputs(len > BYTES_SHOWN ? ".. " : "   ", out);
}

static void print_gap(FILE *out, const decode_frame *frame, uint32_t from, uint32_t to, bool zh)
{
    if (from >= to) {
        return;
    }
    (void)fprintf(out, "%*s%5" PRIu32 "  ", (int)frame->level * 4, "", from);
    print_bytes(out, frame, from, to - from);
    (void)fprintf(out, "%s", zh ? "（未解释的字节）" : "(bytes not explained)");
    for (uint32_t i = from + BYTES_SHOWN; i < to; i++) {
        (void)fprintf(out, " %02X", frame->bytes[i]);
    }
    (void)fputc('\n', out);
}

static void print_row(FILE *out, const decode_frame *frame, const row *r)
{
    (void)fprintf(out, "%*s%5" PRIu32 "  ", (int)frame->level * 4, "", r->offset);
    print_bytes(out, frame, r->offset, r->len);
    (void)fprintf(out, "%s: %s%s%s", r->name, r->value, r->unit[0] != '\0' ? " " : "", r->unit);
    if (r->id != NULL) {
        (void)fprintf(out, "  [%s]", r->id);
    }
    if (r->meaning != NULL && r->meaning[0] != '\0') {
        (void)fprintf(out, "  (%s)", r->meaning);
    }
    (void)fputc('\n', out);
}

void decode_print(FILE *out, const decode_frame *frame, bool zh)
{
    row rows[ROWS_MAX];
    const codec_description *d = frame->d;
    const size_t count = rows_of(d, zh, rows);
    (void)fprintf(out, "%*s%s  %s%s%s%s  (%zu %s)\n", (int)frame->level * 4, "", d->protocol,
                  d->address[0] != '\0' ? (zh ? "地址 " : "address ") : "", d->address,
                  d->address[0] != '\0' ? "  " : "", pick(d->title, zh), frame->len,
                  zh ? "字节" : "bytes");
    uint32_t told = 0;
    for (size_t i = 0; i < count; i++) {
        if (rows[i].len > 0) {
            print_gap(out, frame, told, rows[i].offset, zh);
        }
        print_row(out, frame, &rows[i]);
        const uint32_t end = rows[i].offset + rows[i].len;
        told = end > told ? end : told;
    }
    print_gap(out, frame, told, (uint32_t)frame->len, zh);
    if (d->cut) {
        (void)fprintf(out, "%*s%s\n", (int)frame->level * 4, "",
                      zh ? "（内容过多，其余略去）" : "(too much to show; the rest is left out)");
    }
}

void decode_print_errors(FILE *err, const decode_frame *frame, bool zh)
{
    for (size_t i = 0; i < frame->d->error_count; i++) {
        const codec_error *e = &frame->d->errors[i];
        (void)fprintf(err,
                      zh ? "%s：第%zu字节（偏移）：应为 %s，实为 %s（%s）\n"
                         : "%s: byte offset %zu: expected %s, found %s (%s)\n",
                      frame->d->protocol, frame->offset + e->offset, e->expected, e->found,
                      gt_err_text(e->err));
    }
}

/* Text that is not UTF-8 (a unit from a broken map) becomes "?". */
static json_t *text(const char *value)
{
    if (value == NULL) {
        return json_null();
    }
    json_t *s = json_string(value);
    return s != NULL ? s : json_string("?");
}

static json_t *fields_json(const codec_description *d)
{
    json_t *list = json_array();
    for (size_t i = 0; i < d->field_count; i++) {
        const codec_field *f = &d->fields[i];
        (void)json_array_append_new(
            list, json_pack("{s:s, s:o, s:o, s:i, s:i, s:o, s:o, s:o}", "id", f->id, "name",
                            text(f->name.en), "name_zh", text(f->name.zh), "offset", (int)f->offset,
                            "length", (int)f->len, "value", text(f->value), "meaning",
                            text(f->meaning.en), "meaning_zh", text(f->meaning.zh)));
    }
    return list;
}

static json_t *items_json(const codec_description *d)
{
    json_t *list = json_array();
    for (size_t i = 0; i < d->item_count; i++) {
        const codec_item *it = &d->items[i];
        const codec_name name = proper_name(it->name);
        (void)json_array_append_new(list, json_pack("{s:o, s:o, s:o, s:i, s:i, s:o, s:o}", "id",
                                                    text(it->id), "name", text(name.en), "name_zh",
                                                    text(name.zh), "offset", (int)it->offset,
                                                    "length", (int)it->len, "value",
                                                    text(it->value), "unit", text(it->unit)));
    }
    return list;
}

static json_t *errors_json(const codec_description *d)
{
    json_t *list = json_array();
    for (size_t i = 0; i < d->error_count; i++) {
        const codec_error *e = &d->errors[i];
        (void)json_array_append_new(list,
                                    json_pack("{s:s, s:i, s:o, s:o}", "error", gt_err_name(e->err),
                                              "offset", (int)e->offset, "expected",
                                              text(e->expected), "found", text(e->found)));
    }
    return list;
}

json_t *decode_json(const decode_frame *frame)
{
    const codec_description *d = frame->d;
    char *hex = malloc(2 * frame->len + 1);
    if (hex == NULL) {
        return NULL;
    }
    gt_hex_format(frame->bytes, frame->len, hex, 2 * frame->len + 1);
    json_t *object = json_pack(
        "{s:s, s:s, s:o, s:o, s:i, s:i, s:s, s:o, s:o, s:o, s:b}", "protocol", d->protocol,
        "address", d->address, "title", text(d->title.en), "title_zh", text(d->title.zh), "offset",
        (int)frame->offset, "length", (int)frame->len, "hex", hex, "fields", fields_json(d),
        "items", items_json(d), "errors", errors_json(d), "cut", d->cut);
    free(hex);
    return object;
}
