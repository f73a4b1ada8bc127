/* The word of a room, for every combination of facts that can hide another. */
#include "api/tile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void words(void **state)
{
    (void)state;
    const gt_utc now = {.ms = 1000000};
    const gt_utc fresh = {.ms = 999000};
    const gt_utc stale = {.ms = 399999};
    const struct {
        tile_facts facts;
        tile_state want;
    } rows[] = {
        {{true, true, fresh, true}, TILE_OPEN},
        {{true, true, fresh, true, .alarm1 = true}, TILE_ALARM1},
        {{true, true, fresh, true, .alarm1 = true, .alarm2 = true}, TILE_ALARM2},
        {{true, true, fresh, false}, TILE_CUT},
        {{true, true, fresh, false, .alarm1 = true, .alarm2 = true}, TILE_CUT},
        {{true, true, fresh, false, .in_debt = true, .alarm2 = true}, TILE_IN_DEBT},
        {{true, true, fresh, true, .in_debt = true}, TILE_IN_DEBT},
        {{true, true, fresh, true, .is_protected = true, .in_debt = true}, TILE_PROTECTED},
        {{true, true, stale, true}, TILE_LOST},
        {{true, true, stale, false, .is_protected = true}, TILE_LOST},
        {{true, true, {.ms = 400000}, true}, TILE_OPEN},
        {{true, false, fresh, true}, TILE_LOST},
        {{false, true, fresh, false, .in_debt = true}, TILE_NOT_OPEN},
        {{false, false}, TILE_NOT_OPEN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(tile_state_of(&rows[i].facts, now, 600000), rows[i].want);
    }
}

static void names(void **state)
{
    (void)state;
    tile_state found;
    for (unsigned i = 0; i < TILE_STATES; i++) {
        assert_int_equal(tile_state_find(tile_state_name((tile_state)i), &found), GT_ERR_OK);
        assert_int_equal(found, i);
        assert_true(tile_state_zh((tile_state)i)[0] != '\0');
        assert_true(tile_state_en((tile_state)i)[0] != '\0');
    }
    assert_int_equal(tile_state_find("", &found), GT_ERR_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(words), cmocka_unit_test(names)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
