/* One pass over the APDU, in two ways that give the same. The walk reads every APDU there is. The
 * short way reads answers to GET made of what they are nearly always made of - leaves, arrays of
 * leaves, arrays of structures of leaves - and leaves everything else, and all that is wrong, to
 * the walk, which starts from the first byte again. */
#include "codec/dlt698/values.h"

#include "codec/dlt698/dlt698_priv.h"

enum {
    LENGTH_SHORT = 0x80, /* lengths below take one byte */
    RESULT_DAR = 0,
    RESULT_DATA = 1,
    CSD_OAD = 0,
    CSD_LEN = 5,
    OAD_LEN = 4,
    TIME_LEN = 7,
    COMMON_MIN = 7, /* a number of four bytes, and the end of an answer */
};

typedef struct reader {
    dlt698_walk walk;
    dlt698_value *values;
    size_t cap;
    size_t count;
    bool is_follow;
    bool is_method;
    dlt698_oad object; /* that what follows is about */
    uint32_t column_count;
    dlt698_value columns[DLT698_COLUMNS_MAX]; /* all but place and content */
} reader;

static inline uint16_t be16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t be32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static inline dlt698_oad oad_at(const uint8_t *at)
{
    return (dlt698_oad){be16(at), at[2], at[3]};
}

typedef struct place {
    uint32_t row;
    uint16_t nth;
    uint16_t member;
    uint8_t depth;
} place;

static inline void place_write(dlt698_value *v, const place *p)
{
    v->row = p->row;
    v->nth = p->nth;
    v->member = p->member;
    v->depth = p->depth;
}

/* What the tables say about the numbers of an attribute. */
static void column_find(dlt698_value *c, dlt698_oad oad)
{
    *c = (dlt698_value){.oad = oad, .object = dlt698_object_of(oad.oi)};
    if (c->object == NULL) {
        return;
    }
    const dlt698_attribute *a = dlt698_attribute_of(c->object->class_id, oad.attribute);
    if (a != NULL && a->scale != DLT698_SCALE_PLAIN) {
        c->decimals = (uint8_t)(c->object->decimals +
                                (a->scale == DLT698_SCALE_FINE ? DLT698_FINE_DECIMALS : 0U));
    }
}

static void leaf_add(reader *r, const dlt698_node *node, const dlt698_value *column, const place *p)
{
    if (r->count == r->cap) {
        gt_rd_fail(&r->walk.r, GT_ERR_SPACE);
        return;
    }
    dlt698_value *v = &r->values[r->count++];
    *v = *column;
    place_write(v, p);
    v->is_follow = r->is_follow;
    v->type = (uint8_t)node->type;
    v->len = (uint32_t)node->value_len;
    v->bytes = node->value;
    if (dlt698_node_signed(node, &v->number) != GT_ERR_OK) {
        v->number = 0; /* not a number, or one of 64 bits: its bytes are there */
    }
}

/* The short way. Each takes what stands next, or returns false, wherever it stands then. */

static inline const uint8_t *short_take(reader *r, size_t len)
{
    gt_rd *in = &r->walk.r;
    const uint8_t *at = in->buf + in->pos;
    if (in->len - in->pos < len) {
        return NULL;
    }
    in->pos += len;
    return at;
}

/* A leaf of any type but bit-string. */
static bool short_other(reader *r, const dlt698_value *column, const place *p)
{
    dlt698_node n = {0};
    const uint8_t *tag = short_take(r, 1);
    if (tag == NULL || !dlt698_type_of_tag(*tag, &n.type)) {
        return false;
    }
    const dlt698_type_row *row = dlt698_type_of(n.type);
    n.value_len = row->size;
    if (row->shape == DLT698_SHAPE_BYTES) {
        const uint8_t *len = short_take(r, 1);
        if (len == NULL || *len >= LENGTH_SHORT) {
            return false;
        }
        n.value_len = *len;
    } else if (row->shape != DLT698_SHAPE_FIXED) {
        return false;
    }
    n.value = short_take(r, n.value_len);
    if (n.value == NULL || r->count == r->cap) {
        return false;
    }
    leaf_add(r, &n, column, p);
    return true;
}

static inline bool is_group(uint8_t tag)
{
    return tag == DLT698_TAG_ARRAY || tag == DLT698_TAG_STRUCTURE;
}

/* Leaves that follow each other, up to @p count or a group; p counts them in @p number. */
static bool short_leaves(reader *r, const dlt698_value *column, place *p, uint16_t *number,
                         uint16_t count)
{
    const gt_rd *in = &r->walk.r;
    for (; *number < count; ++*number) {
        if (in->len > in->pos && is_group(in->buf[in->pos])) {
            return true;
        }
        if (!short_other(r, column, p)) {
            return false;
        }
    }
    return true;
}

/* The number of members of the group whose tag stands next. */
static bool short_group(reader *r, uint16_t *out_count)
{
    const uint8_t *head = short_take(r, 2);
    if (head == NULL || head[1] >= LENGTH_SHORT) {
        return false;
    }
    *out_count = head[1];
    return true;
}

static bool short_value(reader *r, const dlt698_value *column, uint32_t row)
{
    place p = {.row = row};
    uint16_t alone = 0;
    uint16_t count = 0;
    uint16_t below = 0;
    if (!short_leaves(r, column, &p, &alone, 1) || alone == 1) {
        return alone == 1;
    }
    if (!short_group(r, &count)) {
        return false;
    }
    for (;;) {
        p.depth = 1;
        p.member = 0;
        if (!short_leaves(r, column, &p, &p.nth, count) || p.nth == count) {
            return p.nth == count;
        }
        p.depth = 2;
        if (!short_group(r, &below) || !short_leaves(r, column, &p, &p.member, below) ||
            p.member < below) {
            return false;
        }
        p.nth++;
    }
}

/* A number or time of the commonest, into v; its length with tag, 0 when it is something else.
 * At least COMMON_MIN bytes are left. */
static inline size_t short_common(const uint8_t *at, size_t left, dlt698_value *v)
{
    v->bytes = at + 1;
    v->len = sizeof(uint32_t);
    if (*at == DLT698_TAG_UINT32) {
        v->type = DLT698_TYPE_UINT32;
        v->number = be32(at + 1);
    } else if (*at == DLT698_TAG_INT32) {
        v->type = DLT698_TYPE_INT32;
        v->number = (int32_t)be32(at + 1);
    } else if (*at == DLT698_TAG_UINT16) {
        v->type = DLT698_TYPE_UINT16;
        v->number = be16(at + 1);
        v->len = sizeof(uint16_t);
    } else if (*at == DLT698_TAG_INT16) {
        v->type = DLT698_TYPE_INT16;
        v->number = (int16_t)be16(at + 1);
        v->len = sizeof(uint16_t);
    } else if (*at == DLT698_TAG_DATE_TIME_S && left > TIME_LEN) {
        v->type = DLT698_TYPE_DATE_TIME_S;
        v->number = 0;
        v->len = TIME_LEN;
    } else {
        return 0;
    }
    return 1 + v->len;
}

typedef struct cursor {
    const uint8_t *at;
    const uint8_t *end;
    dlt698_value *to;
    const dlt698_value *last;
} cursor;

/* A number, a time or an array of them; false, and nothing moved, when it is something else. */
static inline bool short_common_cell(cursor *k, const dlt698_value *column, uint32_t row)
{
    const uint8_t *at = k->at;
    dlt698_value *to = k->to;
    const bool array = k->end - at >= COMMON_MIN && at[0] == DLT698_TAG_ARRAY;
    const unsigned count = array ? at[1] : 1;
    if (count >= LENGTH_SHORT) {
        return false;
    }
    at += array ? 2 : 0;
    for (unsigned nth = 0; nth < count; nth++) {
        if (k->end - at < COMMON_MIN || to == k->last) {
            return false;
        }
        const size_t len = short_common(at, (size_t)(k->end - at), to);
        if (len == 0) {
            return false;
        }
        to->object = column->object;
        to->oad = column->oad;
        to->row = row;
        to->nth = (uint16_t)nth;
        to->member = 0;
        to->depth = array ? 1 : 0;
        to->decimals = column->decimals;
        to->is_follow = false;
        at += len;
        to++;
    }
    k->at = at;
    k->to = to;
    return true;
}

/* The cells of some rows; a single value is one cell. */
static bool short_cells(reader *r, uint32_t columns, uint32_t rows)
{
    gt_rd *in = &r->walk.r;
    cursor k = {in->buf + in->pos, in->buf + in->len, r->values + r->count, r->values + r->cap};
    for (uint32_t row = 0; row < rows; row++) {
        for (uint32_t i = 0; i < columns; i++) {
            if (short_common_cell(&k, &r->columns[i], row)) {
                continue;
            }
            in->pos = (size_t)(k.at - in->buf);
            r->count = (size_t)(k.to - r->values);
            if (!short_value(r, &r->columns[i], row)) {
                return false;
            }
            k.at = in->buf + in->pos;
            k.to = r->values + r->count;
        }
    }
    in->pos = (size_t)(k.at - in->buf);
    r->count = (size_t)(k.to - r->values);
    return true;
}

static bool short_refusal(reader *r, const uint8_t *oad)
{
    const dlt698_node n = {.type = DLT698_TYPE_DAR, .value = short_take(r, 1), .value_len = 1};
    dlt698_value column;
    if (n.value == NULL || r->count == r->cap) {
        return false;
    }
    column_find(&column, oad_at(oad));
    leaf_add(r, &n, &column, &(place){0});
    return true;
}

static bool short_attribute(reader *r)
{
    const uint8_t *oad = short_take(r, OAD_LEN);
    const uint8_t *kind = oad != NULL ? short_take(r, 1) : NULL;
    if (kind == NULL || *kind != RESULT_DATA) {
        return kind != NULL && *kind == RESULT_DAR && short_refusal(r, oad);
    }
    column_find(&r->columns[0], oad_at(oad));
    return short_cells(r, 1, 1);
}

static bool short_columns(reader *r)
{
    const uint8_t *count = short_take(r, 1);
    if (count == NULL || *count > DLT698_COLUMNS_MAX) {
        return false;
    }
    for (r->column_count = 0; r->column_count < *count; r->column_count++) {
        const uint8_t *csd = short_take(r, CSD_LEN);
        if (csd == NULL || csd[0] != CSD_OAD) {
            return false;
        }
        column_find(&r->columns[r->column_count], oad_at(csd + 1));
    }
    return true;
}

static bool short_record(reader *r)
{
    const uint8_t *oad = short_take(r, OAD_LEN);
    if (oad == NULL || !short_columns(r)) {
        return false;
    }
    const uint8_t *kind = short_take(r, 1);
    if (kind == NULL || *kind != RESULT_DATA) {
        return kind != NULL && *kind == RESULT_DAR && short_refusal(r, oad);
    }
    const uint8_t *rows = short_take(r, 1);
    if (rows == NULL || *rows >= LENGTH_SHORT || (*rows > 0 && r->column_count == 0)) {
        return false;
    }
    return *rows == 0 || short_cells(r, r->column_count, *rows);
}

/* GET-Response normal, list, record, record list, with no follow report and no time tag. */
static bool short_answer(reader *r)
{
    enum { GET_RESPONSE = 0x85, NORMAL = 1, RECORD = 3, KINDS = 4 };
    const uint8_t *head = short_take(r, 3);
    if (head == NULL || head[0] != GET_RESPONSE || head[1] < NORMAL || head[1] > KINDS) {
        return false;
    }
    const uint8_t *many = head[1] % 2 == 0 ? short_take(r, 1) : NULL;
    const unsigned count = head[1] % 2 != 0 ? 1 : many != NULL ? *many : LENGTH_SHORT;
    if (count >= LENGTH_SHORT) {
        return false;
    }
    for (unsigned i = 0; i < count; i++) {
        if (head[1] >= RECORD ? !short_record(r) : !short_attribute(r)) {
            return false;
        }
    }
    const uint8_t *end = short_take(r, 2);
    return end != NULL && end[0] == 0 && end[1] == 0 && r->walk.r.pos == r->walk.r.len;
}

/* The way by the walk. */

/* A value whose head the walk has just read. */
static void value_read(reader *r, const dlt698_node *head, const dlt698_value *column, uint32_t row)
{
    place p = {.row = row};
    dlt698_walk *w = &r->walk;
    if (head->value != NULL) {
        leaf_add(r, head, column, &p);
        return;
    }
    dlt698_node n;
    while (dlt698_walk_deeper(w, head->depth) && dlt698_walk_step(w, &n)) {
        p.depth = (uint8_t)(n.depth - head->depth);
        if (p.depth == 1) {
            p.nth = (uint16_t)n.nth;
            p.member = 0;
        } else if (p.depth == 2) {
            p.member = (uint16_t)n.nth;
        }
        if (n.value != NULL) {
            leaf_add(r, &n, column, &p);
        }
    }
}

static void columns_read(reader *r, const dlt698_node *node)
{
    dlt698_columns columns = dlt698_columns_of(&r->walk, node);
    r->column_count = columns.count;
    if (columns.count > DLT698_COLUMNS_MAX) {
        gt_rd_fail(&r->walk.r, GT_ERR_UNSUPPORTED);
        return;
    }
    for (uint32_t i = 0; r->walk.r.err == GT_ERR_OK && i < columns.count; i++) {
        column_find(&r->columns[i], dlt698_column_next(&columns));
    }
}

/* What the node says, or says about those after it. */
static void node_take(reader *r, const dlt698_node *node)
{
    dlt698_value c = {.oad = r->object};
    if (!r->is_method) {
        column_find(&c, r->object);
    }
    switch (dlt698_node_role(node)) {
    case DLT698_ROLE_OBJECT:
        r->object = oad_at(node->value); /* part.def: an OAD or OMD */
        r->is_method = node->type == DLT698_TYPE_OMD;
        break;
    case DLT698_ROLE_COLUMNS:
        columns_read(r, node);
        break;
    case DLT698_ROLE_RESULT:
        leaf_add(r, node, &c, &(place){0});
        break;
    case DLT698_ROLE_VALUE:
        value_read(r, node, &c, 0);
        break;
    case DLT698_ROLE_CELL: /* the walk refuses rows without columns */
        value_read(r, node, &r->columns[node->nth % r->column_count], node->nth / r->column_count);
        break;
    case DLT698_ROLE_FOLLOW:
        r->is_follow = true;
        break;
    case DLT698_ROLE_PLAIN:
    case DLT698_ROLE_COLUMN:
    case DLT698_ROLE_SERVER:
    case DLT698_ROLE_FRAME:
    case DLT698_ROLE_APDU:
    case DLT698_ROLE_PIID:
        break;
    }
}

static void reader_begin(reader *r, const uint8_t *apdu, size_t len)
{
    dlt698_walk_init(&r->walk, DLT698_TYPE_APDU, apdu, len);
    r->count = 0;
    r->is_follow = false;
    r->is_method = false;
    r->object = (dlt698_oad){0};
    r->column_count = 0;
}

gt_err dlt698_values_read(const uint8_t *apdu, size_t len, dlt698_value *values, size_t cap,
                          size_t *out_count)
{
    reader r;
    dlt698_node node;
    r.values = values;
    r.cap = cap;
    reader_begin(&r, apdu, len);
    if (!short_answer(&r)) {
        reader_begin(&r, apdu, len);
        while (dlt698_walk_step(&r.walk, &node)) {
            node_take(&r, &node);
        }
        GT_TRY(dlt698_walk_done(&r.walk));
    }
    *out_count = r.count;
    return GT_ERR_OK;
}

gt_err dlt698_value_civil(const dlt698_value *value, gt_civil *out)
{
    return dlt698_civil_read((dlt698_type)value->type, value->bytes, out);
}
