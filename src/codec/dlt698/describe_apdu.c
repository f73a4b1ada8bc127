/* An APDU in words. The walk gives the pieces; each leaf becomes an item that also covers the tags
 * and counts before it, so every byte is told once. Which attribute a value belongs to is what the
 * last OBJECT or the cell's column said; its unit and decimals come from the object tables. */
#include "codec/dlt698/dlt698_priv.h"
#include "codec/dlt698/object.h"

typedef struct teller {
    codec_description *d;
    codec_bytes apdu;
    uint32_t offset; /* of the APDU in what is described */
    size_t told;     /* bytes of the APDU already covered */
    dlt698_oad object;
    bool is_method;
    dlt698_columns columns;
    dlt698_oad column; /* of the value being told */
    bool in_value;
    bool is_cell;
    uint32_t row;
    uint8_t value_depth;
    uint32_t nth[DLT698_DEPTH_MAX + 1]; /* member number at each depth */
    dlt698_type group[DLT698_DEPTH_MAX + 1];
} teller;

typedef struct label {
    codec_name name;
    const char *unit;
    unsigned decimals;
} label;

static label label_of_object(const dlt698_object *object, const dlt698_attribute *attribute)
{
    label l = {.name = {object->zh, object->en}, .unit = ""};
    if (attribute == NULL) {
        return l;
    }
    if (attribute->zh[0] != '\0') {
        l.name = (codec_name){attribute->zh, attribute->en};
    }
    if (attribute->scale != DLT698_SCALE_PLAIN) {
        l.unit = object->unit;
        l.decimals = object->decimals;
        l.decimals += attribute->scale == DLT698_SCALE_FINE ? DLT698_FINE_DECIMALS : 0U;
    }
    return l;
}

static bool is_number(const dlt698_node *node)
{
    const dlt698_format format = dlt698_type_of(node->type)->format;
    return format == DLT698_FORMAT_SIGNED || format == DLT698_FORMAT_UNSIGNED;
}

static label plain(label l)
{
    l.unit = "";
    l.decimals = 0;
    return l;
}

/* Name, unit and decimals of a value's leaf. */
static label label_of_value(const teller *t, const dlt698_node *node)
{
    enum { CLASS_DEMAND = 2 };
    const dlt698_object *object = dlt698_object_of(t->column.oi);
    if (t->is_method && !t->is_cell) {
        const dlt698_method *m = dlt698_method_of(t->column.oi, t->column.attribute);
        return (label){.name = m != NULL ? (codec_name){m->zh, m->en}
                                         : (codec_name){"方法参数", "method data"},
                       .unit = ""};
    }
    if (object == NULL) {
        return (label){.name = {"未知对象", "unknown object"}, .unit = ""};
    }
    label l = label_of_object(object, dlt698_attribute_of(object->class_id, t->column.attribute));
    const bool member =
        node->depth > t->value_depth && t->group[node->depth - 1] == DLT698_TYPE_STRUCTURE;
    if (member) {
        const dlt698_member *m = dlt698_member_of(t->column.oi, t->column.attribute, node->nth);
        if (m != NULL) {
            l = (label){.name = {m->zh, m->en}, .unit = m->unit, .decimals = m->decimals};
        } else if (object->class_id != CLASS_DEMAND || node->nth != 0) {
            l = plain(l);
        }
    }
    return is_number(node) && node->type != DLT698_TYPE_ENUM ? l : plain(l);
}

static void text_part(codec_description *d, const uint8_t *at, size_t len, unsigned digits)
{
    uint32_t v = 0;
    bool none = true;
    for (size_t i = 0; i < len; i++) {
        v = v << 8 | at[i];
        none = none && at[i] == 0xFF;
    }
    if (none) {
        codec_text_add(d, digits > 2 ? "****" : "**");
    } else {
        codec_text_add_number(d, v, digits);
    }
}

/* date_time, date, time and date_time_s; FFH in a field shows as **. */
static void text_time(codec_description *d, const dlt698_node *node)
{
    enum { YEAR_LEN = 2, DATE_LEN = 4, CLOCK_LEN = 3 };
    const uint8_t *at = node->value;
    const bool weekday = node->type == DLT698_TYPE_DATE_TIME || node->type == DLT698_TYPE_DATE;
    if (node->type != DLT698_TYPE_TIME) {
        text_part(d, at, YEAR_LEN, 4);
        codec_text_add(d, "-");
        text_part(d, at + YEAR_LEN, 1, 2);
        codec_text_add(d, "-");
        text_part(d, at + YEAR_LEN + 1, 1, 2);
        at += DATE_LEN + (weekday ? 1 : 0);
        if (node->type == DLT698_TYPE_DATE) {
            return;
        }
        codec_text_add(d, " ");
    }
    for (size_t i = 0; i < CLOCK_LEN; i++) {
        codec_text_add(d, i == 0 ? "" : ":");
        text_part(d, at + i, 1, 2);
    }
    if (node->type == DLT698_TYPE_DATE_TIME) {
        codec_text_add(d, ".");
        text_part(d, at + CLOCK_LEN, 2, 3);
    }
}

static void text_number(codec_description *d, const dlt698_node *node, unsigned decimals)
{
    int64_t v = 0;
    if (dlt698_node_signed(node, &v) == GT_ERR_OK) {
        codec_text_add_decimal(d, v, decimals);
        return;
    }
    codec_text_add_hex_bytes(d, node->value, node->value_len); /* above 63 bits */
    codec_text_add(d, "H");
}

static void text_interval(codec_description *d, const dlt698_node *node)
{
    static const char *const units[] = {"s", "min", "h", "day", "month", "year"};
    codec_text_add_number(d, (uint64_t)node->value[1] << 8 | node->value[2], 1);
    codec_text_add(d, " ");
    if (node->value[0] < sizeof units / sizeof units[0]) {
        codec_text_add(d, units[node->value[0]]);
    } else {
        codec_text_add_number(d, node->value[0], 1);
    }
}

static void text_server(codec_description *d, const dlt698_node *node)
{
    enum { LEN_MASK = 0x0F };
    const bool shaped = node->value_len > 1 && (node->value[0] & LEN_MASK) + 2U == node->value_len;
    const size_t skip = shaped ? 1 : 0;
    codec_text_add_hex_bytes(d, node->value + skip, node->value_len - skip);
}

static void text_bits(codec_description *d, const dlt698_node *node)
{
    enum { SHOWN_MAX = 64 };
    if (node->count > SHOWN_MAX) {
        codec_text_add_hex_bytes(d, node->value, node->value_len);
        return;
    }
    for (uint32_t i = 0; i < node->count; i++) {
        codec_text_add(d, (node->value[i / 8] << i % 8 & 0x80) != 0 ? "1" : "0");
    }
}

/* The value as text; NULL for the null value. */
static const char *leaf_text(codec_description *d, const dlt698_node *node, unsigned decimals)
{
    switch (dlt698_type_of(node->type)->format) {
    case DLT698_FORMAT_NONE:
        return NULL;
    case DLT698_FORMAT_BOOL:
    case DLT698_FORMAT_DAR:
    case DLT698_FORMAT_SIGNED:
    case DLT698_FORMAT_UNSIGNED:
        text_number(d, node, decimals);
        break;
    case DLT698_FORMAT_BITS:
        text_bits(d, node);
        break;
    case DLT698_FORMAT_HEX:
    case DLT698_FORMAT_ID:
        codec_text_add_hex_bytes(d, node->value, node->value_len);
        break;
    case DLT698_FORMAT_TEXT:
        codec_text_add_bytes(d, node->value, node->value_len);
        break;
    case DLT698_FORMAT_TIME:
        text_time(d, node);
        break;
    case DLT698_FORMAT_INTERVAL:
        text_interval(d, node);
        break;
    case DLT698_FORMAT_SERVER:
        text_server(d, node);
        break;
    case DLT698_FORMAT_SCALER:
        codec_text_add_decimal(d, (int8_t)node->value[0], 0);
        codec_text_add(d, ", ");
        codec_text_add_number(d, node->value[1], 1);
        break;
    case DLT698_FORMAT_PORT:
        for (size_t i = 0; i < node->value_len; i++) {
            codec_text_add(d, i == 0 ? "" : ", ");
            codec_text_add_number(d, node->value[i], 1);
        }
        break;
    case DLT698_FORMAT_PIID:
        codec_text_add_hex_bytes(d, node->value, node->value_len);
        codec_text_add(d, "H");
        break;
    }
    return codec_text_end(d);
}

/* "00100200.2", "20210200#1". */
static const char *value_id(const teller *t, const dlt698_node *node)
{
    codec_description *d = t->d;
    codec_text_add_hex(d, dlt698_oad_number(t->column), 8);
    if (t->is_cell) {
        codec_text_add(d, "#");
        codec_text_add_number(d, t->row + 1U, 1);
    }
    for (unsigned depth = t->value_depth + 1U; depth <= node->depth; depth++) {
        codec_text_add(d, ".");
        codec_text_add_number(d, t->nth[depth] + 1U, 1);
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

static void item_add(teller *t, const dlt698_node *node, const codec_item *item)
{
    codec_item row = *item;
    const size_t end = node->offset + node->len;
    row.offset = t->offset + (uint32_t)t->told;
    row.len = (uint32_t)(end - t->told);
    t->told = end;
    codec_item_add(t->d, &row);
}

static void leaf_tell(teller *t, const dlt698_node *node)
{
    const bool grouped = node->value == NULL; /* an empty group, list or option */
    codec_item item = {.unit = ""};
    unsigned decimals = 0;
    if (t->in_value) {
        const label l = label_of_value(t, node);
        item.id = value_id(t, node);
        item.name = l.name;
        item.unit = l.unit;
        decimals = l.decimals;
    } else {
        item.id = dlt698_type_of(node->type)->en;
        item.name = id_name(node);
    }
    if (grouped && node->type != DLT698_TYPE_NULL) {
        codec_text_add_number(t->d, 0, 1);
        item.value = codec_text_end(t->d);
    } else {
        item.value = leaf_text(t->d, node, decimals);
    }
    item_add(t, node, &item);
}

/* What the node says about those after it. */
static void context_take(teller *t, const dlt698_walk *w, const dlt698_node *node)
{
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
        dlt698_walk ahead = *w;
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
static void frame_take(teller *t, const dlt698_node *node)
{
    enum { PREAMBLE = 0xFE };
    size_t skip = 0;
    while (skip < node->value_len && node->value[skip] == PREAMBLE) {
        skip++;
    }
    if (t->d->inner_len == 0 && node->value_len > skip && node->value[skip] == DLT698_MARK) {
        t->d->inner_offset = t->offset + (uint32_t)(node->value - t->apdu.buf) + (uint32_t)skip;
        t->d->inner_len = (uint32_t)(node->value_len - skip);
    }
}

static bool is_leaf(const dlt698_node *node)
{
    const dlt698_shape shape = dlt698_type_of(node->type)->shape;
    const bool counted = shape == DLT698_SHAPE_GROUP || shape == DLT698_SHAPE_LIST ||
                         shape == DLT698_SHAPE_OPTION || shape == DLT698_SHAPE_ROWS;
    return node->value != NULL || shape == DLT698_SHAPE_FIXED || (counted && node->count == 0);
}

static void tell(teller *t, codec_bytes *out_inner)
{
    dlt698_walk w;
    dlt698_walk_init(&w, DLT698_TYPE_APDU, t->apdu.buf, t->apdu.len);
    dlt698_node node;
    while (dlt698_walk_next(&w, &node)) {
        const dlt698_role role = dlt698_node_role(&node);
        if (node.part != NULL && node.part->zh[0] == '\0') {
            const dlt698_type_row *row = dlt698_type_of(node.type);
            t->d->title = (codec_name){row->zh, row->en};
        }
        context_take(t, &w, &node);
        if (role == DLT698_ROLE_FRAME) {
            frame_take(t, &node);
        }
        if (role == DLT698_ROLE_APDU &&
            dlt698_check(DLT698_TYPE_APDU, node.value, node.value_len) == GT_ERR_OK) {
            *out_inner = (codec_bytes){node.value, node.value_len};
        }
        if (is_leaf(&node)) {
            leaf_tell(t, &node);
        }
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

void dlt698_describe_apdu(codec_description *d, codec_bytes apdu, uint32_t offset)
{
    error_tell(d, apdu, offset);
    if (d->error_count > 0) {
        return;
    }
    teller t = {.d = d, .apdu = apdu, .offset = offset};
    codec_bytes inner = {NULL, 0};
    tell(&t, &inner);
    if (inner.buf == NULL) {
        return;
    }
    /* Inside SECURITY: one level, told behind the wrapper's own pieces. */
    const codec_name outer = d->title;
    codec_bytes deeper = {NULL, 0};
    teller t2 = {.d = d, .apdu = inner, .offset = offset + (uint32_t)(inner.buf - apdu.buf)};
    tell(&t2, &deeper);
    d->title = outer;
}
