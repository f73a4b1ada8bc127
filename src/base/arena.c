/* A bump allocator. */
#include "base/arena.h"

#include <stdalign.h>
#include <string.h>

gt_arena gt_arena_of(void *buf, size_t cap)
{
    return (gt_arena){.buf = buf, .cap = cap};
}

void *gt_arena_take(gt_arena *arena, size_t size)
{
    const uintptr_t align = alignof(max_align_t);
    const uintptr_t at = (uintptr_t)arena->buf + arena->used;
    const size_t pad = (size_t)((align - at % align) % align);
    const size_t left = arena->cap - arena->used;
    if (pad > left || size > left - pad) {
        return NULL;
    }
    uint8_t *taken = arena->buf + arena->used + pad;
    arena->used += pad + size;
    arena->peak = arena->used > arena->peak ? arena->used : arena->peak;
    memset(taken, 0, size);
    return taken;
}

char *gt_arena_text(gt_arena *arena, const char *text)
{
    const size_t size = strlen(text) + 1;
    char *copy = gt_arena_take(arena, size);
    if (copy != NULL) {
        memcpy(copy, text, size);
    }
    return copy;
}

void gt_arena_reset(gt_arena *arena)
{
    arena->used = 0;
}
