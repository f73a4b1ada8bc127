/* The walk. Each level of the stack says which part comes next and how many are left. One step
 * closes finished levels, finds what comes next, and reads its head. All bytes go through the
 * cursor; a count is believed only when that many members of the least size fit into what is left.
 */
#include "codec/dlt698/walk.h"

#include "codec/dlt698/dlt698_priv.h"

#include <assert.h>

static const dlt698_type_row types[] = {
#define ROW(tag_, shape_, size_, format_, zh_, en_) \
    {.tag = (tag_),                                 \
     .shape = DLT698_SHAPE_##shape_,                \
     .size = (size_),                               \
     .format = DLT698_FORMAT_##format_,             \
     .zh = (zh_),                                   \
     .en = (en_)},
#define TYPE(symbol_, tag_, shape_, size_, format_, zh_, en_) \
    ROW(tag_, shape_, size_, format_, zh_, en_)
#define PIECE(symbol_, shape_, size_, format_, zh_, en_) \
    ROW(DLT698_TAG_NONE, shape_, size_, format_, zh_, en_)
#include "codec/dlt698/type.def"
#undef PIECE
#undef TYPE
#undef ROW
};

static const uint8_t type_of_tag[] = {
#define TYPE(symbol_, tag_, shape_, size_, format_, zh_, en_) [tag_] = DLT698_TYPE_##symbol_,
#define PIECE(symbol_, shape_, size_, format_, zh_, en_)
#include "codec/dlt698/type.def"
#undef PIECE
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

/* Index of a type's first part: the parts of the types before it, counted. */
enum {
#define PARTS_FIXED(size_) 0
#define PARTS_BYTES(size_) 0
#define PARTS_BITS(size_) 0
#define PARTS_GROUP(size_) 0
#define PARTS_DATA(size_) 0
#define PARTS_SEQUENCE(size_) (size_)
#define PARTS_CHOICE(size_) (size_)
#define PARTS_LIST(size_) (size_)
#define PARTS_OPTION(size_) (size_)
#define PARTS_ROWS(size_) (size_)
#define PIECE(symbol_, shape_, size_, format_, zh_, en_) \
    FIRST_##symbol_, LAST_##symbol_ = FIRST_##symbol_ + PARTS_##shape_(size_) - 1,
#define TYPE(symbol_, tag_, shape_, size_, format_, zh_, en_) \
    FIRST_##symbol_, LAST_##symbol_ = FIRST_##symbol_ + PARTS_##shape_(size_) - 1,
#include "codec/dlt698/type.def"
#undef PIECE
#undef TYPE
    FIRST_COUNT
};

static const uint16_t first_part[] = {
#define TYPE(symbol_, tag_, shape_, size_, format_, zh_, en_) FIRST_##symbol_,
#define PIECE(symbol_, shape_, size_, format_, zh_, en_) FIRST_##symbol_,
#include "codec/dlt698/type.def"
#undef PIECE
#undef TYPE
};

enum {
    TYPE_ROWS = sizeof types / sizeof types[0],
    PART_ROWS = sizeof parts / sizeof parts[0],
    NO_PART = UINT16_MAX, /* a member of a group */
    LENGTH_LONG = 0x80,
    LENGTH_BYTES_MAX = 4,
};

static_assert((int)FIRST_COUNT == (int)PART_ROWS,
              "type.def and part.def agree on numbers of parts");

const dlt698_type_row *dlt698_type_of(dlt698_type type)
{
    GT_ASSERT((unsigned)type < TYPE_ROWS);
    return &types[type];
}

bool dlt698_type_of_tag(uint8_t tag, dlt698_type *out)
{
    if (tag >= sizeof type_of_tag || types[type_of_tag[tag]].tag != tag) {
        return false; /* a tag without a row leads to the null type */
    }
    *out = (dlt698_type)type_of_tag[tag];
    return true;
}

static bool has_parts(dlt698_shape shape)
{
    return shape == DLT698_SHAPE_SEQUENCE || shape == DLT698_SHAPE_CHOICE ||
           shape == DLT698_SHAPE_LIST || shape == DLT698_SHAPE_OPTION || shape == DLT698_SHAPE_ROWS;
}

const dlt698_part *dlt698_parts_of(dlt698_type type, size_t *out_count)
{
    *out_count = has_parts((dlt698_shape)types[type].shape) ? types[type].size : 0;
    return *out_count > 0 ? &parts[first_part[type]] : NULL;
}

void dlt698_walk_init(dlt698_walk *w, dlt698_type type, const uint8_t *buf, size_t len)
{
    w->r = gt_rd_of(buf, len);
    w->root = type;
    w->begun = false;
    w->depth = 0;
    w->columns = 0;
}

uint32_t dlt698_length_read(gt_rd *r)
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

uint32_t dlt698_count_read(gt_rd *r, size_t least)
{
    const uint32_t count = dlt698_length_read(r);
    if (count > gt_rd_left(r) / least) {
        gt_rd_fail(r, GT_ERR_TRUNCATED);
        return 0;
    }
    return count;
}

/* Fewest bytes one of it takes; the parts of lists are never empty. */
static size_t least_of(unsigned type)
{
    const dlt698_type_row *row = &types[type];
    return row->shape == DLT698_SHAPE_FIXED ? row->size : 1;
}

/* Opens a level of @p total members, the first @p done of them passed over already. */
static inline void level_open(dlt698_walk *w, uint16_t part, bool repeats, uint32_t done,
                              uint32_t total)
{
    if (done == total || w->r.err != GT_ERR_OK) {
        return;
    }
    if (w->depth == DLT698_DEPTH_MAX) {
        gt_rd_fail(&w->r, GT_ERR_RANGE);
        return;
    }
    dlt698_level *level = &w->levels[w->depth++];
    level->part = part;
    level->repeats = repeats;
    level->done = done;
    level->total = total;
}

static void leaf_read(gt_rd *r, dlt698_node *n, size_t len)
{
    n->value_len = len;
    n->value = gt_rd_take(r, len);
}

static size_t bits_len(uint32_t bits)
{
    return bits / 8 + (bits % 8 != 0 ? 1U : 0U);
}

static uint32_t rows_read(dlt698_walk *w, dlt698_node *n)
{
    n->count = dlt698_count_read(&w->r, 1);
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

/* Only the chosen part is left of its level. */
static void choice_read(dlt698_walk *w, dlt698_node *n)
{
    const dlt698_part *first = &parts[first_part[n->type]];
    const uint8_t count = types[n->type].size;
    n->count = gt_rd_u8(&w->r);
    for (uint8_t i = 0; w->r.err == GT_ERR_OK && i < count; i++) {
        if (first[i].selector == n->count) {
            level_open(w, (uint16_t)(first_part[n->type] + i), false, i, i + 1U);
            return;
        }
    }
    gt_rd_fail(&w->r, GT_ERR_MALFORMED);
}

static void list_read(dlt698_walk *w, dlt698_node *n)
{
    const uint16_t part = first_part[n->type];
    n->count = dlt698_count_read(&w->r, least_of(parts[part].type));
    if (n->type == DLT698_TYPE_RCSD) {
        w->columns = n->count;
    }
    level_open(w, part, true, 0, n->count);
}

static void option_read(dlt698_walk *w, dlt698_node *n)
{
    n->count = gt_rd_u8(&w->r);
    if (n->count > 1) {
        gt_rd_fail(&w->r, GT_ERR_MALFORMED);
    }
    level_open(w, first_part[n->type], false, 0, n->count);
}

/* The head of a node of n->type, and a level for its members. */
static inline void head_read(dlt698_walk *w, dlt698_node *n)
{
    gt_rd *r = &w->r;
    switch ((dlt698_shape)types[n->type].shape) {
    case DLT698_SHAPE_FIXED:
        leaf_read(r, n, types[n->type].size);
        break;
    case DLT698_SHAPE_BYTES:
        leaf_read(r, n, dlt698_length_read(r));
        break;
    case DLT698_SHAPE_BITS:
        n->count = dlt698_length_read(r);
        leaf_read(r, n, bits_len(n->count));
        break;
    case DLT698_SHAPE_SEQUENCE:
        level_open(w, first_part[n->type], false, 0, types[n->type].size);
        break;
    case DLT698_SHAPE_CHOICE:
        choice_read(w, n);
        break;
    case DLT698_SHAPE_GROUP:
        n->count = dlt698_count_read(r, 1);
        level_open(w, NO_PART, true, 0, n->count);
        break;
    case DLT698_SHAPE_LIST:
        list_read(w, n);
        break;
    case DLT698_SHAPE_OPTION:
        option_read(w, n);
        break;
    case DLT698_SHAPE_ROWS:
        level_open(w, first_part[n->type], true, 0, rows_read(w, n));
        break;
    case DLT698_SHAPE_DATA:
        break; /* resolved before */
    }
}

/* What stands next on the innermost level; false when everything is read. */
static inline bool member_next(dlt698_walk *w, dlt698_node *n)
{
    while (w->depth > 0 && w->levels[w->depth - 1].done == w->levels[w->depth - 1].total) {
        w->depth--;
    }
    if (w->depth == 0) {
        return false;
    }
    dlt698_level *level = &w->levels[w->depth - 1];
    n->nth = level->done++;
    n->depth = w->depth;
    if (level->part == NO_PART) {
        n->part = NULL;
        n->type = DLT698_TYPE_DATA;
        return true;
    }
    n->part = &parts[level->part];
    n->type = (dlt698_type)n->part->type;
    level->part = (uint16_t)(level->part + (level->repeats ? 0 : 1));
    return true;
}

static void tag_read(gt_rd *r, dlt698_node *n)
{
    n->tagged = true;
    const uint8_t tag = gt_rd_u8(r);
    if (r->err == GT_ERR_OK && !dlt698_type_of_tag(tag, &n->type)) {
        r->pos = n->offset; /* the failure is told where the tag stands */
        gt_rd_fail(r, GT_ERR_MALFORMED);
    }
}

/* Bytes of a leaf behind its tag, SIZE_MAX when the tag does not tell. What most values are made of
 * is compared for, so that the processor guesses ahead and need not wait for the tables. */
static inline size_t leaf_size(uint8_t tag)
{
    if (tag == DLT698_TAG_UINT32 || tag == DLT698_TAG_INT32) {
        return sizeof(uint32_t);
    }
    if (tag == DLT698_TAG_UINT16 || tag == DLT698_TAG_INT16) {
        return sizeof(uint16_t);
    }
    dlt698_type type = DLT698_TYPE_NULL;
    const bool fixed = dlt698_type_of_tag(tag, &type) && types[type].shape == DLT698_SHAPE_FIXED;
    return fixed ? types[type].size : SIZE_MAX;
}

/* Passes over the leaves that come next in a group; anything else, or too few bytes, ends it. */
static void leaves_pass(gt_rd *r, dlt698_level *level)
{
    while (level->done < level->total && r->pos < r->len) {
        const size_t size = leaf_size(r->buf[r->pos]);
        if (size >= r->len - r->pos) {
            return;
        }
        r->pos += 1 + size;
        level->done++;
    }
}

static inline bool node_read(dlt698_walk *w, dlt698_node *n)
{
    n->offset = w->r.pos;
    n->count = 0;
    n->value = NULL;
    n->value_len = 0;
    n->tagged = n->type == DLT698_TYPE_DATA;
    if (n->tagged) {
        tag_read(&w->r, n);
    }
    if (w->r.err == GT_ERR_OK) {
        head_read(w, n);
    }
    n->len = w->r.pos - n->offset;
    return w->r.err == GT_ERR_OK;
}

static inline bool node_find(dlt698_walk *w, dlt698_node *n)
{
    if (w->r.err != GT_ERR_OK) {
        return false;
    }
    if (w->begun) {
        return member_next(w, n);
    }
    w->begun = true;
    *n = (dlt698_node){.type = w->root};
    return true;
}

bool dlt698_walk_step(dlt698_walk *w, dlt698_node *n)
{
    return node_find(w, n) && node_read(w, n);
}

bool dlt698_walk_next(dlt698_walk *w, dlt698_node *out)
{
    dlt698_node n;
    if (!dlt698_walk_step(w, &n)) {
        return false;
    }
    *out = n;
    return true;
}

bool dlt698_walk_deeper(dlt698_walk *w, uint8_t depth)
{
    while (w->depth > depth && w->levels[w->depth - 1].done == w->levels[w->depth - 1].total) {
        w->depth--;
    }
    return w->depth > depth;
}

/* Passes over everything deeper than that. */
static void deeper_pass(dlt698_walk *w, uint8_t depth)
{
    dlt698_node below;
    while (dlt698_walk_deeper(w, depth) && dlt698_walk_step(w, &below)) {
        if (w->levels[w->depth - 1].part == NO_PART) { /* in a group, perhaps just opened */
            leaves_pass(&w->r, &w->levels[w->depth - 1]);
        }
    }
}

bool dlt698_walk_whole(dlt698_walk *w, dlt698_node *n)
{
    if (!node_find(w, n)) {
        return false;
    }
    const bool whole = n->type == DLT698_TYPE_DATA;
    if (!node_read(w, n)) {
        return false;
    }
    if (whole) {
        deeper_pass(w, n->depth);
    }
    return w->r.err == GT_ERR_OK;
}

void dlt698_walk_skip(dlt698_walk *w, const dlt698_node *node)
{
    deeper_pass(w, node->depth);
}

gt_err dlt698_walk_done(const dlt698_walk *w)
{
    return gt_rd_done(&w->r);
}

gt_err dlt698_check(dlt698_type type, const uint8_t *buf, size_t len)
{
    dlt698_walk w;
    dlt698_node node;
    dlt698_walk_init(&w, type, buf, len);
    while (dlt698_walk_whole(&w, &node)) {
    }
    return dlt698_walk_done(&w);
}

gt_rd dlt698_take(gt_rd *r, dlt698_type type)
{
    dlt698_walk w;
    dlt698_node node;
    dlt698_walk_init(&w, type, r->buf + r->pos, gt_rd_left(r));
    while (r->err == GT_ERR_OK && dlt698_walk_whole(&w, &node)) {
    }
    if (w.r.err != GT_ERR_OK) {
        gt_rd_fail(r, w.r.err);
    }
    return gt_rd_sub(r, w.r.pos);
}
