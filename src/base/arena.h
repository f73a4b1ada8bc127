/**
 * @file arena.h
 * @brief A bump allocator over memory that the caller owns; reset at the end of each request.
 *
 * Layer:   base. Allocates nothing itself.
 */
#ifndef GT_BASE_ARENA_H
#define GT_BASE_ARENA_H

#include <stddef.h>
#include <stdint.h>

typedef struct gt_arena {
    uint8_t *buf;
    size_t cap;
    size_t used;
    size_t peak; /* highest use since init */
} gt_arena;

gt_arena gt_arena_of(void *buf, size_t cap);
/** @return @p size zeroed bytes aligned for any type, or NULL when the arena is full */
void *gt_arena_take(gt_arena *arena, size_t size);
/** Copy of @p text, or NULL when the arena is full. */
char *gt_arena_text(gt_arena *arena, const char *text);
void gt_arena_reset(gt_arena *arena);

#endif
