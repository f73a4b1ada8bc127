/* An APDU from its items: the walk of walk.h turned round. A level of the stack says which parts
 * are still to be written; each part takes the item that describe made of it. Counts of groups
 * inside values are those of the items' ids; all other counts and choices are items themselves. */
#include "codec/dlt698/compose_priv.h"
#include "codec/dlt698/object.h"

#include <string.h>

/* 8 digits, a row, a number of at most 3 digits for each level. */
enum { ID_MAX = 8 + 11 + 4 * DLT698_DEPTH_MAX + 1, TAG_DIGITS = 2, HEAD_DIGITS = 4, OAD_LEN = 4 };

typedef struct level {
    const dlt698_part *part; /* that comes next; NULL: members of a group */
    bool repeats;
    bool structure;
    uint32_t done;
    uint32_t total;
} level;

typedef struct builder {
    codec_composer *c;
    gt_wr *w;
    const char *types; /* digits of the tags not used yet; NULL: the field is not there */
    level levels[DLT698_DEPTH_MAX];
    uint8_t depth;
    uint8_t kind; /* second byte of the head */
    dlt698_oad object;
    bool is_method;
    bool in_value;
    bool in_piece;      /* inside a value that is made of pieces */
    uint8_t value_base; /* levels around the value */
    uint8_t piece_base;
    dlt698_oad oad; /* of the value */
    bool is_cell;
    uint32_t row;
    size_t columns_at; /* in w */
    dlt698_columns columns;
    size_t inner_at; /* where an APDU inside begins, its length not written yet; 0: none */
    uint8_t inner_depth;
} builder;

static void fail(builder *b, gt_err err, const codec_value *v, const char *expected)
{
    codec_compose_fail(b->c, err, v, expected);
}

static void level_open(builder *b, const level *l)
{
    if (l->done == l->total) {
        return;
    }
    if (b->depth == DLT698_DEPTH_MAX) {
        fail(b, GT_ERR_RANGE, codec_item_peek(b->c), "groups not nested as deep");
        return;
    }
    b->levels[b->depth++] = *l;
}

/* The next item, when it has that id. */
static const codec_value *item_take(builder *b, const char *id)
{
    const codec_value *v = codec_item_peek(b->c);
    return v != NULL && strcmp(v->id, id) == 0 ? codec_item_next(b->c) : NULL;
}

static const codec_value *item_need(builder *b, const char *id)
{
    const codec_value *v = item_take(b, id);
    if (v == NULL) {
        const codec_value *next = codec_item_peek(b->c);
        const codec_value missing = {id, next != NULL ? next->id : NULL};
        fail(b, GT_ERR_NOT_FOUND, &missing, "an item of this id next");
    }
    return v;
}

static void part_open(builder *b, dlt698_type type, uint8_t selector)
{
    size_t count = 0;
    const dlt698_part *part = dlt698_parts_of(type, &count);
    for (size_t i = 0; i < count; i++) {
        if (part[i].selector == selector) {
            level_open(b, &(level){.part = &part[i], .total = 1});
            return;
        }
    }
    fail(b, GT_ERR_RANGE, codec_item_peek(b->c), "a choice that the standard knows");
}

/* Service and kind. */
static void head_write(builder *b)
{
    const codec_value *v = item_need(b, "APDU");
    const uint64_t number = codec_value_hex(b->c, v, HEAD_DIGITS);
    const bool two = v != NULL && v->value != NULL && strlen(v->value) > TAG_DIGITS;
    const uint8_t service = (uint8_t)(two ? number >> 8 : number);
    b->kind = (uint8_t)number;
    gt_wr_u8(b->w, service);
    part_open(b, DLT698_TYPE_APDU, service);
    if (b->depth > 0) {
        const dlt698_part *part = b->levels[b->depth - 1].part;
        if (two != (dlt698_head_bytes((dlt698_type)part->type) == 2)) {
            fail(b, GT_ERR_SYNTAX, v, "service, and the kind when it has several: 0501");
        }
    }
}

static void choice_write(builder *b, dlt698_type type, uint8_t selector)
{
    gt_wr_u8(b->w, selector);
    part_open(b, type, selector);
}

/* Which of the parts: said by the head, by what comes next, or by an item. */
static uint8_t choice_of(builder *b, dlt698_type type, bool tagged)
{
    size_t count = 0;
    const dlt698_part *parts = dlt698_parts_of(type, &count);
    const codec_value *next = codec_item_peek(b->c);
    if (parts->zh[0] == '\0') {
        return b->kind;
    }
    if (dlt698_choice_shows(type)) {
        const char *refused = dlt698_type_of(DLT698_TYPE_DAR)->en;
        return next != NULL && strcmp(next->id, refused) == 0 ? 0 : 1;
    }
    const char *id = dlt698_type_of(type)->en;
    const codec_value *v = type == DLT698_TYPE_CSD && !tagged ? item_take(b, id) : item_need(b, id);
    return v != NULL ? (uint8_t)codec_value_number(b->c, v, UINT8_MAX) : 0;
}

static void list_write(builder *b, dlt698_type type, uint32_t count)
{
    size_t parts = 0;
    const dlt698_part *part = dlt698_parts_of(type, &parts);
    dlt698_write_length(b->w, count);
    if (type == DLT698_TYPE_RCSD) {
        b->columns_at = b->w->len;
        b->columns.count = count;
    }
    const uint64_t total = type == DLT698_TYPE_ROWS ? (uint64_t)count * b->columns.count : count;
    if (total > CODEC_ITEMS_MAX || (total == 0 && count > 0)) {
        fail(b, GT_ERR_RANGE, codec_item_peek(b->c), "a count of items that are there");
        return;
    }
    level_open(b, &(level){.part = part, .repeats = true, .total = (uint32_t)total});
}

static void columns_end(builder *b)
{
    b->columns.all = gt_rd_of(b->w->buf + b->columns_at, b->w->len - b->columns_at);
    b->columns.next = b->columns.all;
}

static void group_write(builder *b, dlt698_type type, uint32_t count)
{
    dlt698_write_length(b->w, count);
    level_open(
        b, &(level){.repeats = true, .structure = type == DLT698_TYPE_STRUCTURE, .total = count});
}

static uint32_t count_of(builder *b, dlt698_type type)
{
    const codec_value *v = item_need(b, dlt698_type_of(type)->en);
    return (uint32_t)codec_value_number(b->c, v, CODEC_ITEMS_MAX);
}

/* An APDU may stand here as items, behind the item of its length, instead of its bytes. */
static bool inner_begin(builder *b, const dlt698_part *part)
{
    if (part == NULL || part->role != DLT698_ROLE_APDU || b->inner_at > 0) {
        return false;
    }
    (void)item_take(b, "length"); /* it follows from what comes */
    const codec_value *next = codec_item_peek(b->c);
    if (next == NULL || strcmp(next->id, "APDU") != 0) {
        return false;
    }
    b->inner_at = b->w->len;
    b->inner_depth = b->depth;
    head_write(b);
    return true;
}

/* Writes its length before an APDU that is complete. */
static void inner_end(builder *b)
{
    gt_wr *w = b->w;
    const size_t at = b->inner_at;
    const size_t len = w->len - at;
    uint8_t head[1 + sizeof(uint32_t)];
    gt_wr h = gt_wr_of(head, sizeof head);
    dlt698_write_length(&h, (uint32_t)len);
    b->inner_at = 0;
    gt_wr_bytes(w, head, h.len); /* room for it; then both change places */
    if (w->len <= w->cap) {
        memmove(w->buf + at + h.len, w->buf + at, len);
        memcpy(w->buf + at, head, h.len);
    }
}

/* A part outside values. */
static void piece_write(builder *b, const dlt698_part *part, dlt698_type type, bool tagged)
{
    const dlt698_type_row *row = dlt698_type_of(type);
    size_t count = 0;
    const codec_value *v = NULL;
    switch ((dlt698_shape)row->shape) {
    case DLT698_SHAPE_FIXED:
    case DLT698_SHAPE_BYTES:
    case DLT698_SHAPE_BITS:
        if (inner_begin(b, part)) {
            return;
        }
        v = type == DLT698_TYPE_NULL && !tagged ? item_take(b, row->en) : item_need(b, row->en);
        dlt698_leaf_compose(b->c, v, type, 0, b->w);
        break;
    case DLT698_SHAPE_CHOICE:
        if (type == DLT698_TYPE_ROWS_RESULT) { /* the columns end here */
            columns_end(b);
        }
        choice_write(b, type, choice_of(b, type, tagged));
        break;
    case DLT698_SHAPE_OPTION:
        v = item_take(b, row->en);
        count = v != NULL ? (size_t)codec_value_number(b->c, v, 1) : 0;
        gt_wr_u8(b->w, (uint8_t)count);
        if (count > 0) {
            part_open(b, type, 0);
        }
        break;
    case DLT698_SHAPE_GROUP:
        group_write(b, type, count_of(b, type));
        break;
    case DLT698_SHAPE_LIST:
    case DLT698_SHAPE_ROWS:
        list_write(b, type, count_of(b, type));
        break;
    case DLT698_SHAPE_SEQUENCE:
        if (tagged) {
            (void)item_need(b, row->en);
        }
        part = dlt698_parts_of(type, &count);
        level_open(b, &(level){.part = part, .total = (uint32_t)count});
        break;
    case DLT698_SHAPE_DATA:
        break; /* its type was found before */
    }
}

static size_t number_put(char *text, uint32_t number)
{
    char digits[10];
    size_t count = 0;
    do {
        digits[count++] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    for (size_t i = 0; i < count; i++) {
        text[i] = digits[count - 1 - i];
    }
    return count;
}

/* "00100200#2.3": the attribute, the row, the members down to the one that comes. */
static size_t id_build(const builder *b, char id[ID_MAX])
{
    enum { OAD_DIGITS = 8, NIBBLE = 4 };
    const uint32_t oad = dlt698_oad_number(b->oad);
    size_t len = 0;
    while (len < OAD_DIGITS) {
        const unsigned shift = NIBBLE * (OAD_DIGITS - 1 - (unsigned)len);
        id[len++] = "0123456789ABCDEF"[oad >> shift & 0x0F];
    }
    if (b->is_cell) {
        id[len++] = '#';
        len += number_put(id + len, b->row + 1);
    }
    for (uint8_t i = b->value_base; i < b->depth; i++) {
        id[len++] = b->levels[i].structure ? '/' : '.';
        len += number_put(id + len, b->levels[i].done);
    }
    id[len] = '\0';
    return len;
}

/* How many members follow, by the numbers behind that much of the ids. */
static uint32_t members_count(const builder *b, const codec_value *v, size_t id_len)
{
    const codec_value *end = b->c->recipe->items + b->c->recipe->item_count;
    uint32_t count = 0;
    for (const codec_value *at = v; at < end; at++) {
        uint32_t number = 0;
        const char *digit = at->id + id_len + 1;
        if (strncmp(at->id, v->id, id_len + 1) != 0) {
            break;
        }
        for (; *digit >= '0' && *digit <= '9' && number <= CODEC_ITEMS_MAX; digit++) {
            number = number * 10 + (uint32_t)(*digit - '0');
        }
        if (number != count && number != count + 1) {
            break;
        }
        count = number;
    }
    return count;
}

/* What the tables say that a value is; NULL when they do not. */
static dlt698_type type_usual(const builder *b, const dlt698_spot *spot)
{
    enum { CLASS_DEMAND = 2 };
    const dlt698_object *object = dlt698_object_of(b->oad.oi);
    const dlt698_member *member =
        spot->in_structure ? dlt698_member_of(b->oad.oi, b->oad.attribute, spot->nth) : NULL;
    if (spot->is_method || object == NULL) {
        return DLT698_TYPE_NULL;
    }
    if (member != NULL) {
        return (dlt698_type)member->type;
    }
    if (spot->in_structure && object->class_id == CLASS_DEMAND && spot->nth < 2) {
        return spot->nth == 0 ? (dlt698_type)object->type : DLT698_TYPE_DATE_TIME_S;
    }
    const dlt698_attribute *a = dlt698_attribute_of(object->class_id, b->oad.attribute);
    if (a != NULL && a->scale == DLT698_SCALE_FINE) {
        return object->type == DLT698_TYPE_INT32 ? DLT698_TYPE_INT64 : DLT698_TYPE_UINT64;
    }
    if (a == NULL || spot->in_structure) {
        return DLT698_TYPE_NULL;
    }
    return (dlt698_type)(a->scale == DLT698_SCALE_VALUE ? object->type : a->type);
}

static dlt698_type type_next(builder *b, const codec_value *v, const dlt698_spot *spot)
{
    dlt698_type type = DLT698_TYPE_NULL;
    if (b->types == NULL) {
        type = v->value != NULL ? type_usual(b, spot) : DLT698_TYPE_NULL;
        if (type == DLT698_TYPE_NULL && v->value != NULL) {
            fail(b, GT_ERR_NOT_FOUND, &(codec_value){"types", NULL},
                 "tags of the values: no table has this one's type");
        }
        return type;
    }
    const char tag[TAG_DIGITS + 1] = {b->types[0], b->types[0] != '\0' ? b->types[1] : '\0'};
    const codec_value digits = {"types", tag};
    const uint64_t number = codec_value_hex(b->c, &digits, TAG_DIGITS);
    if (tag[0] == '\0' || tag[1] == '\0' || !dlt698_type_of_tag((uint8_t)number, &type)) {
        fail(b, GT_ERR_SYNTAX, &digits, "a tag of two digits for each value");
        return DLT698_TYPE_NULL;
    }
    b->types += TAG_DIGITS;
    return type;
}

/* A value made of pieces: they follow as items of their own. */
static void pieces_write(builder *b, const codec_value *v, dlt698_type type)
{
    size_t count = 0;
    const dlt698_part *part = dlt698_parts_of(type, &count);
    const uint32_t number = (uint32_t)codec_value_number(b->c, v, CODEC_ITEMS_MAX);
    b->in_piece = true;
    b->piece_base = b->depth;
    const uint8_t shape = dlt698_type_of(type)->shape;
    if (shape == DLT698_SHAPE_CHOICE) {
        choice_write(b, type, (uint8_t)number);
    } else if (shape == DLT698_SHAPE_LIST) {
        list_write(b, type, number);
    } else {
        level_open(b, &(level){.part = part, .total = (uint32_t)count});
    }
}

static void value_write(builder *b)
{
    char id[ID_MAX];
    const size_t len = id_build(b, id);
    const codec_value *v = codec_item_peek(b->c);
    const bool ours = v != NULL && strncmp(v->id, id, len) == 0;
    const char behind = ours ? v->id[len] : '\0';
    if (ours && (behind == '.' || behind == '/')) {
        const dlt698_type group = behind == '/' ? DLT698_TYPE_STRUCTURE : DLT698_TYPE_ARRAY;
        gt_wr_u8(b->w, dlt698_type_of(group)->tag);
        group_write(b, group, members_count(b, v, len));
        return;
    }
    v = item_need(b, id);
    if (v == NULL) {
        return;
    }
    const level *above = &b->levels[b->depth - 1];
    const dlt698_spot spot = {.oad = b->oad,
                              .is_method = b->is_method,
                              .in_structure = above->part == NULL && above->structure,
                              .nth = above->done - 1};
    const dlt698_type type = type_next(b, v, &spot);
    const dlt698_type_row *row = dlt698_type_of(type);
    gt_wr_u8(b->w, row->tag);
    size_t parts = 0;
    if (row->shape == DLT698_SHAPE_GROUP) {
        if (!codec_value_is(v, type == DLT698_TYPE_STRUCTURE ? "{}" : "[]")) {
            fail(b, GT_ERR_SYNTAX, v, "[] for an empty array, {} for a structure");
        }
        group_write(b, type, 0);
    } else if (dlt698_parts_of(type, &parts) != NULL) {
        pieces_write(b, v, type);
    } else {
        dlt698_leaf_compose(b->c, v, type, dlt698_label_of(&spot, type).decimals, b->w);
    }
}

/* A tagged value outside values: the item's id is its type's name. */
static void tagged_write(builder *b)
{
    const codec_value *v = codec_item_peek(b->c);
    for (unsigned tag = 0; v != NULL && tag < DLT698_TAG_NONE; tag++) {
        dlt698_type type = DLT698_TYPE_NULL;
        if (dlt698_type_of_tag((uint8_t)tag, &type) &&
            strcmp(dlt698_type_of(type)->en, v->id) == 0) {
            gt_wr_u8(b->w, (uint8_t)tag);
            piece_write(b, NULL, type, true);
            return;
        }
    }
    fail(b, GT_ERR_NOT_FOUND, v, "an item with the name of a data type");
}

static void value_begin(builder *b, bool is_cell, uint32_t nth)
{
    b->in_value = true;
    b->value_base = b->depth;
    b->is_cell = is_cell;
    b->row = 0;
    b->oad = b->object;
    if (is_cell) {
        GT_ASSERT(b->columns.count > 0); /* rows are not opened without columns */
        b->row = nth / b->columns.count;
        b->oad = dlt698_column_next(&b->columns);
    }
}

static void part_write(builder *b, const dlt698_part *part, uint32_t nth)
{
    const dlt698_role role = part != NULL ? (dlt698_role)part->role : DLT698_ROLE_PLAIN;
    const dlt698_type type = part != NULL ? (dlt698_type)part->type : DLT698_TYPE_DATA;
    if (!b->in_value && (role == DLT698_ROLE_VALUE || role == DLT698_ROLE_CELL)) {
        value_begin(b, role == DLT698_ROLE_CELL, nth);
    }
    if (b->in_value && !b->in_piece) {
        value_write(b);
    } else if (type == DLT698_TYPE_DATA) {
        tagged_write(b);
    } else {
        piece_write(b, part, type, false);
    }
    if (!b->in_value && role == DLT698_ROLE_OBJECT && b->w->len <= b->w->cap &&
        b->c->fault.err == GT_ERR_OK) {
        gt_rd oad = gt_rd_of(b->w->buf + b->w->len - OAD_LEN, OAD_LEN);
        b->object = dlt698_oad_of(gt_rd_u32be(&oad));
        b->is_method = type == DLT698_TYPE_OMD;
    }
}

/* Closes what is complete; false when that is everything. */
static bool levels_close(builder *b)
{
    for (;;) {
        if (b->inner_at > 0 && b->depth == b->inner_depth) {
            inner_end(b);
        }
        if (b->depth == 0 || b->levels[b->depth - 1].done < b->levels[b->depth - 1].total) {
            return b->depth > 0;
        }
        b->depth--;
    }
}

void dlt698_apdu_compose(codec_composer *c, gt_wr *w)
{
    const codec_value *types = codec_field_find(c, "types");
    builder b = {.c = c, .w = w, .types = types != NULL ? types->value : NULL};
    head_write(&b);
    while (c->fault.err == GT_ERR_OK && w->len <= w->cap && levels_close(&b)) {
        b.in_piece = b.in_piece && b.depth > b.piece_base;
        b.in_value = b.in_value && b.depth > b.value_base;
        level *l = &b.levels[b.depth - 1];
        const dlt698_part *part = l->part;
        const uint32_t nth = l->done++;
        if (!l->repeats) { /* members of groups repeat, without a part */
            l->part++;
        }
        part_write(&b, part, nth);
    }
    if (c->fault.err == GT_ERR_OK && w->len <= w->cap && b.types != NULL && b.types[0] != '\0') {
        codec_compose_fail(c, GT_ERR_UNKNOWN, types, "one tag for each value");
    }
}
