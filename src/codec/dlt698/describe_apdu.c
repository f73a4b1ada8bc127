/* An APDU in words. The walk gives the pieces; an item tells each leaf, choice and count, and
 * covers the tags before it, so every byte is told once. Which attribute a value belongs to is what
 * the last OBJECT or the cell's column said; its unit and decimals come from the object tables. */
#include "codec/dlt698/dlt698_priv.h"
#include "codec/dlt698/object.h"

enum { APDUS = 2, HEAD_LEN_MAX = 2 };

/* The APDU, or the one inside a SECURITY APDU. */
typedef struct teller {
    codec_bytes apdu;
    dlt698_walk walk;
    uint32_t offset; /* of the APDU in what is described */
    size_t told;     /* bytes of the APDU already covered */
    dlt698_oad object;
    bool is_method;
    dlt698_columns columns;
    dlt698_oad column; /* of the value being told */
    bool in_value;
    bool in_piece; /* inside a value that is made of pieces, as an RSD */
    bool is_cell;
    uint32_t row;
    uint8_t value_depth;
    uint8_t piece_depth;
    uint32_t nth[DLT698_DEPTH_MAX + 1]; /* member number at each depth */
    dlt698_type group[DLT698_DEPTH_MAX + 1];
} teller;

typedef struct telling {
    codec_description *d;
    teller apdus[APDUS];
    size_t inner; /* 1: inside the second */
    uint8_t tags[CODEC_ITEMS_MAX];
    size_t tag_count;
} telling;

/* "00100200.2" in an array, "202C0200/1" in a structure, "20210200#1" of a row. */
static const char *value_id(codec_description *d, const teller *t, uint8_t depth)
{
    codec_text_add_hex(d, dlt698_oad_number(t->column), 8);
    if (t->is_cell) {
        codec_text_add(d, "#");
        codec_text_add_number(d, t->row + 1U, 1);
    }
    for (unsigned i = t->value_depth + 1U; i <= depth; i++) {
        codec_text_add(d, t->group[i - 1] == DLT698_TYPE_STRUCTURE ? "/" : ".");
        codec_text_add_number(d, t->nth[i] + 1U, 1);
    }
    return codec_text_end(d);
}

static codec_name piece_name(const dlt698_node *node)
{
    if (node->part != NULL && node->part->zh[0] != '\0') {
        return (codec_name){node->part->zh, node->part->en};
    }
    const dlt698_type_row *type = dlt698_type_of(node->type);
    return (codec_name){type->zh, type->en};
}

/* Attributes, methods and results are named after what they are. */
static codec_name id_name(const dlt698_node *node)
{
    dlt698_oad oad;
    if (dlt698_node_oad(node, &oad) == GT_ERR_OK) {
        const dlt698_method *m =
            node->type == DLT698_TYPE_OMD ? dlt698_method_of(oad.oi, oad.attribute) : NULL;
        const dlt698_object *o = dlt698_object_of(oad.oi);
        if (m != NULL) {
            return (codec_name){m->zh, m->en};
        }
        if (o != NULL) {
            return (codec_name){o->zh, o->en};
        }
    }
    if (node->type == DLT698_TYPE_DAR) {
        const dlt698_dar_row *row = dlt698_dar_of(node->value[0]);
        if (row != NULL) {
            return (codec_name){row->zh, row->en};
        }
    }
    return piece_name(node);
}

/* Everything up to @p end that no item has told yet. */
static void item_add(telling *a, size_t end, const codec_item *item)
{
    teller *t = &a->apdus[a->inner];
    codec_item row = *item;
    row.offset = t->offset + (uint32_t)t->told;
    row.len = (uint32_t)(end - t->told);
    t->told = end;
    codec_item_add(a->d, &row);
}

static const char *number_text(codec_description *d, uint64_t number)
{
    codec_text_add_number(d, number, 1);
    return codec_text_end(d);
}

/* A value's leaf, empty group or pieces; their tags go into the field "types". */
static void value_tell(telling *a, const dlt698_node *node)
{
    teller *t = &a->apdus[a->inner];
    codec_description *d = a->d;
    const dlt698_type_row *type = dlt698_type_of(node->type);
    const bool group = type->shape == DLT698_SHAPE_GROUP;
    if (group && node->count > 0) {
        return;
    }
    const dlt698_type above = t->group[node->depth - 1];
    const dlt698_spot spot = {
        .oad = t->column,
        .is_method = t->is_method,
        .in_structure = node->depth > t->value_depth && above == DLT698_TYPE_STRUCTURE,
        .nth = node->nth,
    };
    const dlt698_label label = dlt698_label_of(&spot, node->type);
    codec_item item = {.id = value_id(d, t, node->depth), .name = label.name, .unit = label.unit};
    if (node->value != NULL) {
        item.value = dlt698_leaf_text(d, node, label.decimals);
    } else if (group) {
        item.value = node->type == DLT698_TYPE_STRUCTURE ? "{}" : "[]";
    } else {
        t->in_piece = true;
        t->piece_depth = node->depth;
        codec_text_add_number(d, node->count, 1); /* of a choice or list */
        item.value = codec_text_end(d);
    }
    if (a->tag_count < CODEC_ITEMS_MAX) {
        a->tags[a->tag_count++] = type->tag;
    }
    item_add(a, node->offset + node->len, &item);
}

bool dlt698_choice_shows(dlt698_type type)
{
    enum { ALTERNATIVES = 2 };
    size_t count = 0;
    const dlt698_part *part = dlt698_parts_of(type, &count);
    return count == ALTERNATIVES && part->type == DLT698_TYPE_DAR;
}

/* The part of a choice that the walk has found. */
static const dlt698_part *part_chosen(dlt698_type choice, uint32_t selector)
{
    size_t count = 0;
    const dlt698_part *part = dlt698_parts_of(choice, &count);
    while (part->selector != selector) {
        part++;
    }
    return part;
}

/* A choice, count or leaf outside values. */
static void piece_tell(telling *a, const dlt698_node *node)
{
    const dlt698_type_row *type = dlt698_type_of(node->type);
    codec_item item = {.id = type->en, .name = id_name(node), .unit = ""};
    const dlt698_part *part = NULL;
    switch ((dlt698_shape)type->shape) {
    case DLT698_SHAPE_FIXED:
    case DLT698_SHAPE_BYTES:
    case DLT698_SHAPE_BITS:
        item.value = dlt698_leaf_text(a->d, node, 0);
        break;
    case DLT698_SHAPE_CHOICE:
        part = part_chosen(node->type, node->count);
        if (part->zh[0] == '\0' || dlt698_choice_shows(node->type) ||
            (node->type == DLT698_TYPE_CSD && node->count == 0 && !node->tagged)) {
            return;
        }
        item.name = (codec_name){part->zh, part->en};
        item.value = number_text(a->d, node->count);
        break;
    case DLT698_SHAPE_GROUP:
    case DLT698_SHAPE_LIST:
    case DLT698_SHAPE_OPTION:
    case DLT698_SHAPE_ROWS:
        item.value = number_text(a->d, node->count);
        break;
    case DLT698_SHAPE_SEQUENCE:
        if (!node->tagged) {
            return;
        }
        break;
    case DLT698_SHAPE_DATA:
        return; /* the walk gives its type instead */
    }
    item_add(a, node->offset + node->len, &item);
}

/* What the node says about those after it. */
static void context_take(teller *t, const dlt698_node *node)
{
    if (t->in_piece && node->depth <= t->piece_depth) {
        t->in_piece = false;
    }
    if (t->in_value && node->depth <= t->value_depth) {
        t->in_value = false;
    }
    t->nth[node->depth] = node->nth;
    t->group[node->depth] = node->type;
    const dlt698_role role = dlt698_node_role(node);
    if (t->in_value) {
        return;
    }
    if (role == DLT698_ROLE_OBJECT && dlt698_node_oad(node, &t->object) == GT_ERR_OK) {
        t->is_method = node->type == DLT698_TYPE_OMD;
    } else if (role == DLT698_ROLE_COLUMNS) {
        dlt698_walk ahead = t->walk;
        t->columns = dlt698_columns_of(&ahead, node);
    } else if (role == DLT698_ROLE_VALUE || role == DLT698_ROLE_CELL) {
        t->in_value = true;
        t->value_depth = node->depth;
        t->is_cell = role == DLT698_ROLE_CELL;
        t->row = 0;
        t->column = t->object;
        if (t->is_cell) {
            GT_ASSERT(t->columns.count > 0); /* the walk refuses rows without columns */
            t->row = node->nth / t->columns.count;
            t->column = dlt698_column_next(&t->columns);
        }
    }
}

/* A frame of another protocol inside: the first one is pointed out. */
static void frame_take(telling *a, const dlt698_node *node)
{
    enum { PREAMBLE = 0xFE };
    const teller *t = &a->apdus[a->inner];
    size_t skip = 0;
    while (skip < node->value_len && node->value[skip] == PREAMBLE) {
        skip++;
    }
    if (a->d->inner_len == 0 && node->value_len > skip && node->value[skip] == DLT698_MARK) {
        a->d->inner_offset = t->offset + (uint32_t)(node->value - t->apdu.buf) + (uint32_t)skip;
        a->d->inner_len = (uint32_t)(node->value_len - skip);
    }
}

size_t dlt698_head_bytes(dlt698_type service)
{
    size_t count = 0;
    const dlt698_part *body = dlt698_parts_of(service, &count);
    body = dlt698_parts_of((dlt698_type)body->type, &count);
    return body != NULL && body->zh[0] == '\0' ? HEAD_LEN_MAX : 1;
}

/* "8503": service and kind, told as one. */
static codec_name head_tell(telling *a)
{
    const teller *t = &a->apdus[a->inner];
    const dlt698_part *kind = part_chosen(DLT698_TYPE_APDU, t->apdu.buf[0]);
    const size_t len = dlt698_head_bytes((dlt698_type)kind->type);
    if (len > 1) {
        size_t count = 0;
        const dlt698_part *body = dlt698_parts_of((dlt698_type)kind->type, &count);
        kind = part_chosen((dlt698_type)body->type, t->apdu.buf[1]);
    }
    const dlt698_type_row *row = dlt698_type_of((dlt698_type)kind->type);
    const codec_name name = {row->zh, row->en};
    codec_text_add_hex_bytes(a->d, t->apdu.buf, len);
    item_add(a, len,
             &(codec_item){.id = "APDU", .name = name, .value = codec_text_end(a->d), .unit = ""});
    return name;
}

static void teller_begin(telling *a, codec_bytes apdu, uint32_t offset)
{
    teller *t = &a->apdus[a->inner];
    *t = (teller){.apdu = apdu, .offset = offset};
    dlt698_walk_init(&t->walk, DLT698_TYPE_APDU, apdu.buf, apdu.len);
}

/* A plain APDU inside that decodes is told in place of its bytes; its length stays an item. */
static bool inner_begin(telling *a, const dlt698_node *node)
{
    const teller *t = &a->apdus[a->inner];
    if (a->inner == APDUS - 1 || dlt698_node_role(node) != DLT698_ROLE_APDU ||
        dlt698_check(DLT698_TYPE_APDU, node->value, node->value_len) != GT_ERR_OK) {
        return false;
    }
    item_add(a, node->offset + node->len - node->value_len,
             &(codec_item){.id = "length",
                           .name = {"长度", "Length"},
                           .value = number_text(a->d, node->value_len),
                           .unit = ""});
    const uint32_t offset = t->offset + (uint32_t)(node->value - t->apdu.buf);
    a->apdus[a->inner].told = node->offset + node->len;
    a->inner++;
    teller_begin(a, (codec_bytes){node->value, node->value_len}, offset);
    (void)head_tell(a);
    return true;
}

static void node_tell(telling *a, const dlt698_node *node)
{
    teller *t = &a->apdus[a->inner];
    context_take(t, node);
    if (dlt698_node_role(node) == DLT698_ROLE_FRAME) {
        frame_take(a, node);
    }
    if (inner_begin(a, node)) {
        return;
    }
    if (t->in_value && !t->in_piece) {
        value_tell(a, node);
    } else {
        piece_tell(a, node);
    }
}

static void error_tell(codec_description *d, codec_bytes apdu, uint32_t offset)
{
    dlt698_walk w;
    dlt698_walk_init(&w, DLT698_TYPE_APDU, apdu.buf, apdu.len);
    dlt698_node node;
    while (dlt698_walk_next(&w, &node)) {
    }
    const gt_err err = dlt698_walk_done(&w);
    if (err == GT_ERR_OK) {
        return;
    }
    codec_error e = {.err = err, .offset = offset + (uint32_t)w.r.pos};
    e.expected = err == GT_ERR_TRAILING    ? "end of the APDU"
                 : err == GT_ERR_TRUNCATED ? "more bytes of the APDU"
                 : err == GT_ERR_RANGE     ? "groups not nested as deep"
                                           : "a tag, choice or length the standard knows";
    e.found = w.r.pos < apdu.len ? codec_text_hex(d, apdu.buf[w.r.pos], 2) : "end of the APDU";
    codec_error_add(d, &e);
}

static void types_tell(telling *a)
{
    if (a->tag_count > 0) {
        codec_text_add_hex_bytes(a->d, a->tags, a->tag_count);
        const codec_field row = {.id = "types",
                                 .name = {"数据类型标签", "Tags of the values"},
                                 .value = codec_text_end(a->d)};
        codec_field_add(a->d, &row);
    }
}

void dlt698_describe_apdu(codec_description *d, codec_bytes apdu, uint32_t offset)
{
    telling a = {.d = d};
    dlt698_node node;
    error_tell(d, apdu, offset);
    if (d->error_count > 0) {
        return;
    }
    teller_begin(&a, apdu, offset);
    d->title = head_tell(&a);
    for (;;) {
        if (dlt698_walk_next(&a.apdus[a.inner].walk, &node)) {
            node_tell(&a, &node);
        } else if (a.inner > 0) {
            a.inner--;
        } else {
            break;
        }
    }
    types_tell(&a);
}
