/* The walk. Each level of the stack is a type whose parts are being read: how many are done, how
 * many there are. One call of next() closes finished levels, finds what comes next, and reads its
 * head. All bytes go through the cursor; a count is believed only when that many members of the
 * least size fit into what is left. */
#include "codec/dlt698/walk.h"

static const dlt698_type_row types[] = {
#define TYPE(symbol_, tag_, shape_, size_, format_, zh_, en_) \
    {.tag = (tag_),                                           \
     .shape = DLT698_SHAPE_##shape_,                          \
     .size = (size_),                                         \
     .format = DLT698_FORMAT_##format_,                       \
     .zh = (zh_),                                             \
     .en = (en_)},
#define NONE DLT698_TAG_NONE
#include "codec/dlt698/type.def"
#undef NONE
#undef TYPE
};

static const dlt698_part parts[] = {
#define PART(owner_, selector_, type_, role_, zh_, en_) \
    {.owner = DLT698_TYPE_##owner_,                     \
     .selector = (selector_),                           \
     .type = DLT698_TYPE_##type_,                       \
     .role = DLT698_ROLE_##role_,                       \
     .zh = (zh_),                                       \
     .en = (en_)},
#include "codec/dlt698/part.def"
#undef PART
};

enum {
    TYPE_ROWS = sizeof types / sizeof types[0],
    PART_ROWS = sizeof parts / sizeof parts[0],
    LENGTH_LONG = 0x80,
    LENGTH_BYTES_MAX = 4,
};

const dlt698_type_row *dlt698_type_of(dlt698_type type)
{
    GT_ASSERT((unsigned)type < TYPE_ROWS);
    return &types[type];
}

/* Where a tag's row should be; the row's own tag decides. Tags from 80 on have no gaps. */
static dlt698_type tag_guess(uint8_t tag)
{
    static const uint8_t low[] = {
        [0] = DLT698_TYPE_NULL,     [1] = DLT698_TYPE_ARRAY,        [2] = DLT698_TYPE_STRUCTURE,
        [3] = DLT698_TYPE_BOOL,     [4] = DLT698_TYPE_BIT_STRING,   [5] = DLT698_TYPE_INT32,
        [6] = DLT698_TYPE_UINT32,   [9] = DLT698_TYPE_OCTETS,       [10] = DLT698_TYPE_VISIBLE,
        [12] = DLT698_TYPE_UTF8,    [15] = DLT698_TYPE_INT8,        [16] = DLT698_TYPE_INT16,
        [17] = DLT698_TYPE_UINT8,   [18] = DLT698_TYPE_UINT16,      [20] = DLT698_TYPE_INT64,
        [21] = DLT698_TYPE_UINT64,  [22] = DLT698_TYPE_ENUM,        [23] = DLT698_TYPE_FLOAT32,
        [24] = DLT698_TYPE_FLOAT64, [25] = DLT698_TYPE_DATE_TIME,   [26] = DLT698_TYPE_DATE,
        [27] = DLT698_TYPE_TIME,    [28] = DLT698_TYPE_DATE_TIME_S,
    };
    enum { HIGH_FIRST = 80, HIGH_LAST = 96 };
    if (tag < sizeof low) {
        return (dlt698_type)low[tag];
    }
    const bool high = tag >= HIGH_FIRST && tag <= HIGH_LAST;
    return high ? (dlt698_type)((unsigned)DLT698_TYPE_OI + tag - HIGH_FIRST) : DLT698_TYPE_NULL;
}

bool dlt698_type_of_tag(uint8_t tag, dlt698_type *out)
{
    const dlt698_type type = tag_guess(tag);
    if (types[type].tag != tag) {
        return false;
    }
    *out = type;
    return true;
}

const dlt698_part *dlt698_parts_of(dlt698_type type, size_t *out_count)
{
    size_t low = 0;
    size_t high = PART_ROWS;
    while (low < high) {
        const size_t mid = (low + high) / 2;
        if (parts[mid].owner < type) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    size_t end = low;
    while (end < PART_ROWS && parts[end].owner == type) {
        end++;
    }
    *out_count = end - low;
    return end > low ? &parts[low] : NULL;
}

dlt698_walk dlt698_walk_of(dlt698_type type, const uint8_t *buf, size_t len)
{
    return (dlt698_walk){.r = gt_rd_of(buf, len), .root = type};
}

/* A length or count: one byte below 80H, else the number of bytes that hold it. */
static uint32_t length_read(gt_rd *r)
{
    const uint8_t first = gt_rd_u8(r);
    if ((first & LENGTH_LONG) == 0) {
        return first;
    }
    const size_t bytes = first & ~(unsigned)LENGTH_LONG;
    if (bytes == 0 || bytes > LENGTH_BYTES_MAX) {
        gt_rd_fail(r, GT_ERR_MALFORMED);
        return 0;
    }
    uint32_t length = 0;
    for (size_t i = 0; i < bytes; i++) {
        length = length << 8 | gt_rd_u8(r);
    }
    return length;
}

static uint32_t count_read(gt_rd *r, size_t least)
{
    const uint32_t count = length_read(r);
    if (count > gt_rd_left(r) / least) {
        gt_rd_fail(r, GT_ERR_TRUNCATED);
        return 0;
    }
    return count;
}

/* Fewest bytes one of it takes; the parts of lists are never empty. */
static size_t least_of(dlt698_type type)
{
    const dlt698_type_row *row = &types[type];
    return row->shape == DLT698_SHAPE_FIXED && row->size > 0 ? row->size : 1;
}

static void push(dlt698_walk *w, dlt698_type type, uint32_t total)
{
    if (total == 0 || w->r.err != GT_ERR_OK) {
        return;
    }
    if (w->depth == DLT698_DEPTH_MAX) {
        gt_rd_fail(&w->r, GT_ERR_RANGE);
        return;
    }
    w->levels[w->depth++] = (dlt698_level){.type = type, .total = total};
}

static void leaf_read(gt_rd *r, dlt698_node *n, size_t len)
{
    n->value_len = len;
    n->value = gt_rd_take(r, len);
}

static uint32_t rows_read(dlt698_walk *w, dlt698_node *n)
{
    n->count = count_read(&w->r, 1);
    if (n->count == 0) {
        return 0;
    }
    if (w->columns == 0) {
        gt_rd_fail(&w->r, GT_ERR_MALFORMED);
        return 0;
    }
    if (w->columns > gt_rd_left(&w->r) / n->count) {
        gt_rd_fail(&w->r, GT_ERR_TRUNCATED);
        return 0;
    }
    return n->count * w->columns;
}

static uint32_t choice_read(gt_rd *r, dlt698_node *n)
{
    size_t count = 0;
    const dlt698_part *alternatives = dlt698_parts_of(n->type, &count);
    n->count = gt_rd_u8(r);
    for (size_t i = 0; r->err == GT_ERR_OK && i < count; i++) {
        if (alternatives[i].selector == n->count) {
            return (uint32_t)i + 1;
        }
    }
    gt_rd_fail(r, GT_ERR_MALFORMED);
    return 0;
}

/* The head of a node of n->type, and a level for its members. */
static void head_read(dlt698_walk *w, dlt698_node *n)
{
    gt_rd *r = &w->r;
    size_t part_count = 0;
    const dlt698_part *part = NULL;
    uint32_t chosen = 0;
    switch (types[n->type].shape) {
    case DLT698_SHAPE_FIXED:
        leaf_read(r, n, types[n->type].size);
        break;
    case DLT698_SHAPE_BYTES:
        leaf_read(r, n, length_read(r));
        break;
    case DLT698_SHAPE_BITS:
        n->count = length_read(r);
        leaf_read(r, n, n->count / 8 + (n->count % 8 != 0 ? 1U : 0U));
        break;
    case DLT698_SHAPE_GROUP:
        n->count = count_read(r, 1);
        push(w, n->type, n->count);
        break;
    case DLT698_SHAPE_SEQUENCE:
        (void)dlt698_parts_of(n->type, &part_count);
        push(w, n->type, (uint32_t)part_count);
        break;
    case DLT698_SHAPE_CHOICE:
        chosen = choice_read(r, n);
        push(w, n->type, chosen);
        if (r->err == GT_ERR_OK) {
            w->levels[w->depth - 1].done = chosen - 1; /* only the chosen part is left */
        }
        break;
    case DLT698_SHAPE_LIST:
        part = dlt698_parts_of(n->type, &part_count);
        n->count = count_read(r, least_of(part->type));
        if (n->type == DLT698_TYPE_RCSD) {
            w->columns = n->count;
        }
        push(w, n->type, n->count);
        break;
    case DLT698_SHAPE_OPTION:
        n->count = gt_rd_u8(r);
        if (n->count > 1) {
            gt_rd_fail(r, GT_ERR_MALFORMED);
        }
        push(w, n->type, n->count);
        break;
    case DLT698_SHAPE_ROWS:
        push(w, n->type, rows_read(w, n));
        break;
    case DLT698_SHAPE_DATA:
        break; /* resolved before */
    }
}

/* What stands next on the innermost level; false when everything is read. */
static bool member_next(dlt698_walk *w, dlt698_node *n)
{
    while (w->depth > 0 && w->levels[w->depth - 1].done == w->levels[w->depth - 1].total) {
        w->depth--;
    }
    if (w->depth == 0) {
        return false;
    }
    dlt698_level *level = &w->levels[w->depth - 1];
    const dlt698_shape shape = types[level->type].shape;
    n->nth = level->done++;
    n->depth = w->depth;
    if (shape == DLT698_SHAPE_GROUP) {
        n->type = DLT698_TYPE_DATA;
        return true;
    }
    size_t count = 0;
    const dlt698_part *row = dlt698_parts_of(level->type, &count);
    const bool by_position = shape == DLT698_SHAPE_SEQUENCE || shape == DLT698_SHAPE_CHOICE;
    n->part = by_position ? &row[n->nth] : row;
    n->type = n->part->type;
    return true;
}

bool dlt698_walk_next(dlt698_walk *w, dlt698_node *out)
{
    if (w->r.err != GT_ERR_OK) {
        return false;
    }
    dlt698_node n = {.type = w->root};
    if (w->begun && !member_next(w, &n)) {
        return false;
    }
    w->begun = true;
    n.offset = w->r.pos;
    if (n.type == DLT698_TYPE_DATA) {
        n.tagged = true;
        const uint8_t tag = gt_rd_u8(&w->r);
        if (w->r.err == GT_ERR_OK && !dlt698_type_of_tag(tag, &n.type)) {
            w->r.pos = n.offset; /* the failure is told where the tag stands */
            gt_rd_fail(&w->r, GT_ERR_MALFORMED);
        }
    }
    if (w->r.err == GT_ERR_OK) {
        head_read(w, &n);
    }
    if (w->r.err != GT_ERR_OK) {
        return false;
    }
    n.len = w->r.pos - n.offset;
    *out = n;
    return true;
}

void dlt698_walk_skip(dlt698_walk *w, const dlt698_node *node)
{
    dlt698_node below;
    for (;;) {
        while (w->depth > node->depth &&
               w->levels[w->depth - 1].done == w->levels[w->depth - 1].total) {
            w->depth--;
        }
        if (w->depth <= node->depth || !dlt698_walk_next(w, &below)) {
            return;
        }
    }
}

gt_err dlt698_walk_done(const dlt698_walk *w)
{
    return gt_rd_done(&w->r);
}

gt_err dlt698_check(dlt698_type type, const uint8_t *buf, size_t len)
{
    dlt698_walk w = dlt698_walk_of(type, buf, len);
    dlt698_node node;
    while (dlt698_walk_next(&w, &node)) {
    }
    return dlt698_walk_done(&w);
}

gt_rd dlt698_take(gt_rd *r, dlt698_type type)
{
    dlt698_walk w = dlt698_walk_of(type, r->buf + r->pos, gt_rd_left(r));
    dlt698_node node;
    while (r->err == GT_ERR_OK && dlt698_walk_next(&w, &node)) {
    }
    if (w.r.err != GT_ERR_OK) {
        gt_rd_fail(r, w.r.err);
    }
    return gt_rd_sub(r, w.r.pos);
}
