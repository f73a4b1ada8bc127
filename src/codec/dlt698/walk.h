/**
 * @file walk.h
 * @brief Walks any value or APDU of DL/T 698.45, piece by piece in wire order.
 *
 * Layer:   codec. No I/O, no allocation, no recursion: a stack of DLT698_DEPTH_MAX levels.
 * Source:  DL/T 698.45-2017, application layer (APDUs) and data types; rows in type.def, part.def.
 *
 *     dlt698_walk w;
 *     dlt698_walk_init(&w, DLT698_TYPE_APDU, buf, len);
 *     dlt698_node node;
 *     while (dlt698_walk_next(&w, &node)) { ... }
 *     GT_TRY(dlt698_walk_done(&w));      -- nothing of it is trusted before this line
 *
 * A node is a leaf with its value, or the head of a group whose members follow one level deeper.
 * Counts from the wire are compared with the bytes left before anything is looped over.
 */
#ifndef GT_CODEC_DLT698_WALK_H
#define GT_CODEC_DLT698_WALK_H

#include "base/bytes.h"

enum { DLT698_DEPTH_MAX = 24, DLT698_TAG_NONE = 0xFF };

typedef enum dlt698_type {
#define TYPE(symbol, tag, shape, size, format, zh, en) DLT698_TYPE_##symbol,
#define PIECE(symbol, shape, size, format, zh, en) DLT698_TYPE_##symbol,
#include "codec/dlt698/type.def"
#undef PIECE
#undef TYPE
} dlt698_type;

typedef enum dlt698_shape {
    DLT698_SHAPE_FIXED,
    DLT698_SHAPE_BYTES,
    DLT698_SHAPE_BITS,
    DLT698_SHAPE_GROUP,
    DLT698_SHAPE_SEQUENCE,
    DLT698_SHAPE_CHOICE,
    DLT698_SHAPE_LIST,
    DLT698_SHAPE_OPTION,
    DLT698_SHAPE_DATA,
    DLT698_SHAPE_ROWS,
} dlt698_shape;

/** How a person reads a leaf. */
typedef enum dlt698_format {
    DLT698_FORMAT_NONE,
    DLT698_FORMAT_BOOL,
    DLT698_FORMAT_BITS,
    DLT698_FORMAT_SIGNED,
    DLT698_FORMAT_UNSIGNED,
    DLT698_FORMAT_HEX,
    DLT698_FORMAT_TEXT,
    DLT698_FORMAT_TIME,
    DLT698_FORMAT_ID,
    DLT698_FORMAT_INTERVAL,
    DLT698_FORMAT_SERVER,
    DLT698_FORMAT_SCALER,
    DLT698_FORMAT_PORT,
    DLT698_FORMAT_DAR,
    DLT698_FORMAT_PIID,
} dlt698_format;

typedef struct dlt698_type_row {
    uint8_t tag;    /* DLT698_TAG_NONE: only a piece of an APDU */
    uint8_t shape;  /* dlt698_shape */
    uint8_t size;   /* FIXED: bytes; of what has parts: their number */
    uint8_t format; /* dlt698_format */
    const char *zh;
    const char *en;
} dlt698_type_row;

typedef enum dlt698_role {
    DLT698_ROLE_PLAIN,
    DLT698_ROLE_OBJECT,
    DLT698_ROLE_VALUE,
    DLT698_ROLE_RESULT,
    DLT698_ROLE_COLUMNS,
    DLT698_ROLE_COLUMN,
    DLT698_ROLE_CELL,
    DLT698_ROLE_FOLLOW,
    DLT698_ROLE_SERVER,
    DLT698_ROLE_FRAME,
    DLT698_ROLE_APDU,
    DLT698_ROLE_PIID,
} dlt698_role;

typedef struct dlt698_part {
    uint8_t owner;    /* dlt698_type */
    uint8_t selector; /* of a CHOICE */
    uint8_t type;     /* dlt698_type */
    uint8_t role;     /* dlt698_role */
    const char *zh;   /* "": the type's name says it */
    const char *en;
} dlt698_part;

const dlt698_type_row *dlt698_type_of(dlt698_type type);
/** @return false when no type has that tag */
bool dlt698_type_of_tag(uint8_t tag, dlt698_type *out);
/** Parts of a type in wire order; NULL and 0 for leaves. */
const dlt698_part *dlt698_parts_of(dlt698_type type, size_t *out_count);

typedef struct dlt698_node {
    dlt698_type type;        /* never DATA: a tagged value has the type of its tag */
    const dlt698_part *part; /* as which it stands there; NULL for members of array and structure,
                                and for what the walk started with */
    bool tagged;             /* a tag byte stands before it */
    uint8_t depth;           /* 0 for what the walk started with */
    uint32_t nth;            /* 0, 1, .. among the members of its group or list */
    uint32_t count;          /* GROUP, LIST: members; ROWS: rows; CHOICE: selector; OPTION: 0, 1;
                                BITS: bits */
    size_t offset;           /* of its first byte, tag included */
    size_t len;              /* leaf: all its bytes; otherwise those before its first member */
    const uint8_t *value;    /* leaf: without tag and length */
    size_t value_len;
} dlt698_node;

typedef struct dlt698_level {
    uint16_t part; /* row that comes next */
    bool repeats;  /* that row again and again */
    uint32_t done;
    uint32_t total;
} dlt698_level;

typedef struct dlt698_walk {
    gt_rd r;
    dlt698_type root;
    bool begun;
    uint8_t depth;    /* levels in use */
    uint32_t columns; /* of the last RCSD */
    dlt698_level levels[DLT698_DEPTH_MAX];
} dlt698_walk;

void dlt698_walk_init(dlt698_walk *w, dlt698_type type, const uint8_t *buf, size_t len);
/** @return false at the end or at a failure: dlt698_walk_done tells which */
bool dlt698_walk_next(dlt698_walk *w, dlt698_node *out);
static inline dlt698_role dlt698_node_role(const dlt698_node *node)
{
    return node->part != NULL ? (dlt698_role)node->part->role : DLT698_ROLE_PLAIN;
}
/** Passes over the members of the node just given out. */
void dlt698_walk_skip(dlt698_walk *w, const dlt698_node *node);
/**
 * @return GT_ERR_TRUNCATED    the bytes end before the value, or a count promises more than is left
 *         GT_ERR_TRAILING     bytes follow
 *         GT_ERR_MALFORMED    no such tag, choice, option byte or length; rows without columns
 *         GT_ERR_RANGE        nested deeper than DLT698_DEPTH_MAX
 */
GT_CHECKED gt_err dlt698_walk_done(const dlt698_walk *w);
/** The whole of @p buf is one value or APDU of that type. Errors as dlt698_walk_done. */
GT_CHECKED gt_err dlt698_check(dlt698_type type, const uint8_t *buf, size_t len);
/** Passes over one value; its bytes, tag included. Failures stick to @p r. */
gt_rd dlt698_take(gt_rd *r, dlt698_type type);

#endif
