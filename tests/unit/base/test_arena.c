/* Alignment, zeroing, the full arena, reset. */
#include "base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdalign.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static void test_take(void **state)
{
    (void)state;
    alignas(max_align_t) uint8_t memory[128];
    memset(memory, 0xA5, sizeof memory);
    gt_arena arena = gt_arena_of(memory, sizeof memory);
    const uint8_t *one = gt_arena_take(&arena, 1);
    const uint8_t *two = gt_arena_take(&arena, 64);
    assert_ptr_equal(one, memory);
    assert_ptr_equal(two, memory + alignof(max_align_t));
    assert_int_equal(two[63], 0);
    assert_null(gt_arena_take(&arena, 64));
    assert_null(gt_arena_take(&arena, SIZE_MAX));
    assert_string_equal(gt_arena_text(&arena, "gas"), "gas");
    const size_t peak = arena.peak;
    gt_arena_reset(&arena);
    assert_int_equal(arena.used, 0);
    assert_int_equal(arena.peak, peak);
    assert_non_null(gt_arena_take(&arena, sizeof memory));
    assert_null(gt_arena_text(&arena, ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_take)};
    return cmocka_run_group_tests_name("base/arena", tests, NULL, NULL);
}
