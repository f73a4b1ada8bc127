/**
 * @file layout.h
 * @brief Where everything lies in the memory, reckoned from the tables by the compiler.
 *
 * Layer:   meter, for store.c, record.c and block.c.
 *
 *     images   16 slots of 1024   the whole state, newest sequence number counts
 *     uses    128 slots of   40   consumption since an image
 *     blocks    2 copies of each  block.def
 *     records  one ring a class   record.def; each with eight slots more than it shows
 *     profile  one ring a class   profile.def; a slot follows from the time
 */
#ifndef GT_METER_LAYOUT_H
#define GT_METER_LAYOUT_H

#include "meter/block.h"
#include "meter/record.h"
#include "meter/state.h"

enum {
    LAYOUT_CRC_LEN = 4,
    LAYOUT_IMAGE_SLOTS = 16,
    LAYOUT_IMAGE_LEN = 1024,
    LAYOUT_IMAGE_HEAD_LEN = 10, /* magic, sequence, length of the image */
    LAYOUT_USE_SLOTS = 128,
    LAYOUT_USE_LEN = 40,
    LAYOUT_USE_HEAD_LEN = 8,                /* sequence of the image, own sequence */
    LAYOUT_BANK_EXTRA = 4 + LAYOUT_CRC_LEN, /* sequence of the block's copy */
    LAYOUT_RECORD_SPARE = 8,                /* more than one call appends: see record_append */
    LAYOUT_USES_AT = LAYOUT_IMAGE_SLOTS * LAYOUT_IMAGE_LEN,
    LAYOUT_BLOCKS_AT = LAYOUT_USES_AT + LAYOUT_USE_SLOTS * LAYOUT_USE_LEN,
    LAYOUT_BLOCKS_BEFORE = LAYOUT_BLOCKS_AT - 1,
#define BLOCK(symbol, count, len) \
    LAYOUT_##symbol##_AT,         \
        LAYOUT_##symbol##_LAST =  \
            LAYOUT_##symbol##_AT + (count)*2 * ((len) + LAYOUT_BANK_EXTRA) - 1,
#include "meter/block.def"
#undef BLOCK
    LAYOUT_RECORDS_AT,
};

/* One slot: record, CRC, and where the class has them tail and CRC. */
#define LAYOUT_SLOT(len, tail) \
    ((len) + LAYOUT_CRC_LEN + ((tail) == 0 ? 0 : (tail) + LAYOUT_CRC_LEN))

/* One slot of the load profile: time, record, CRC. */
#define LAYOUT_PROFILE_SLOT(len) (4 + (len) + LAYOUT_CRC_LEN)

/* The rings of the two profiles: the offset of a class follows the last byte of the one before. */
enum {
    LAYOUT_SMALL_BEFORE = LAYOUT_RECORDS_AT - 1,
#define RECORD(symbol, len, tail, small, full)                                                    \
    LAYOUT_SMALL_##symbol##_AT,                                                                   \
        LAYOUT_SMALL_##symbol##_LAST = LAYOUT_SMALL_##symbol##_AT +                               \
                                       LAYOUT_SLOT(len, tail) * ((small) + LAYOUT_RECORD_SPARE) - \
                                       1,
#include "meter/record.def"
#undef RECORD
#define PROFILE(class, len, measured, small, full) \
    LAYOUT_SMALL_PROFILE_##class##_AT,             \
        LAYOUT_SMALL_PROFILE_##class##_LAST =      \
            LAYOUT_SMALL_PROFILE_##class##_AT + LAYOUT_PROFILE_SLOT(len) * (small)-1,
#include "meter/profile.def"
    LAYOUT_SMALL_SIZE,
};

enum {
    LAYOUT_FULL_BEFORE = LAYOUT_RECORDS_AT - 1,
#define RECORD(symbol, len, tail, small, full)                    \
    LAYOUT_FULL_##symbol##_AT,                                    \
        LAYOUT_FULL_##symbol##_LAST = LAYOUT_FULL_##symbol##_AT + \
                                      LAYOUT_SLOT(len, tail) * ((full) + LAYOUT_RECORD_SPARE) - 1,
#include "meter/record.def"
#undef RECORD
#define PROFILE(class, len, measured, small, full) \
    LAYOUT_FULL_PROFILE_##class##_AT,              \
        LAYOUT_FULL_PROFILE_##class##_LAST =       \
            LAYOUT_FULL_PROFILE_##class##_AT + LAYOUT_PROFILE_SLOT(len) * (full)-1,
#include "meter/profile.def"
    LAYOUT_FULL_SIZE,
};

#endif
