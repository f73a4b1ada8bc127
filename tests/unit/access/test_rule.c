/* Names, passwords, roles, tokens: the pure rules of access, row by row. */
#include "access/access.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static void names(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        gt_err want;
    } rows[] = {
        {"admin", GT_ERR_OK},
        {"li.wei_2", GT_ERR_OK},
        {"abcdefghijklmnopqrstuvwxyz012345", GT_ERR_OK},
        {"abcdefghijklmnopqrstuvwxyz0123456", GT_ERR_SYNTAX},
        {"", GT_ERR_SYNTAX},
        {"a", GT_ERR_SYNTAX},
        {"Admin", GT_ERR_SYNTAX},
        {"two words", GT_ERR_SYNTAX},
        {"a:b", GT_ERR_SYNTAX},
        {"管理员", GT_ERR_SYNTAX},
        {"a\nb", GT_ERR_SYNTAX},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(access_name_check(rows[i].name), rows[i].want);
    }
}

static void passwords(void **state)
{
    (void)state;
    char long_one[ACCESS_PASSWORD_MAX + 2];
    memset(long_one, 'x', sizeof long_one - 1);
    long_one[0] = 'y';
    long_one[sizeof long_one - 1] = '\0';
    const struct {
        const char *password;
        gt_err want;
    } rows[] = {
        {"lamp over river", GT_ERR_OK},
        {"红灯笼挂在门前的树上", GT_ERR_OK}, /* ten characters, thirty bytes */
        {"红灯笼挂在门前的树", GT_ERR_RANGE},
        {"ninechars", GT_ERR_RANGE},
        {"", GT_ERR_RANGE},
        {"1234567890", GT_ERR_RANGE},
        {"PassWord123", GT_ERR_RANGE},
        {"aaaaaaaaaaaaaa", GT_ERR_RANGE},
        {"clerk.number.one", GT_ERR_RANGE}, /* the name itself */
        {long_one, GT_ERR_RANGE},
        {"tab\tin the middle", GT_ERR_SYNTAX},
        {"cut utf-8 \xE7\x81", GT_ERR_SYNTAX},
        {"stray \x80 byte here", GT_ERR_SYNTAX},
        {"overlong \xC0\xAF here", GT_ERR_SYNTAX},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(access_password_check("clerk.number.one", rows[i].password), rows[i].want);
    }
}

static void rights(void **state)
{
    (void)state;
    assert_true(access_allows(ACCESS_ROLE_ADMINISTRATOR, ACCESS_RIGHT_CUT));
    assert_true(access_allows(ACCESS_ROLE_CASHIER, ACCESS_RIGHT_SELL));
    assert_false(access_allows(ACCESS_ROLE_CASHIER, ACCESS_RIGHT_CUT));
    assert_false(access_allows(ACCESS_ROLE_CASHIER, ACCESS_RIGHT_PROTECT));
    assert_false(access_allows(ACCESS_ROLE_TECHNICIAN, ACCESS_RIGHT_SELL));
    for (unsigned r = ACCESS_RIGHT_SELL; r < ACCESS_RIGHTS; r++) {
        assert_false(access_allows(ACCESS_ROLE_AUDITOR, (access_right)r)); /* looks, never acts */
        assert_true(access_allows(ACCESS_ROLE_ADMINISTRATOR, (access_right)r));
    }
    access_role role;
    for (unsigned i = 0; i < ACCESS_ROLES; i++) {
        assert_int_equal(access_role_find(access_role_name((access_role)i), &role), GT_ERR_OK);
        assert_int_equal(role, i);
    }
    assert_int_equal(access_role_find("root", &role), GT_ERR_NOT_FOUND);
}

static void tokens(void **state)
{
    (void)state;
    uint8_t random[TOKEN_LEN] = {1, 2, 3};
    char text[TOKEN_TEXT_MAX];
    char csrf[TOKEN_CSRF_MAX];
    uint8_t digest[TOKEN_DIGEST_LEN];
    token_text(random, text);
    assert_int_equal(token_digest(text, digest), GT_ERR_OK);
    assert_memory_not_equal(digest, random, sizeof digest);
    assert_int_equal(token_csrf(text, csrf), GT_ERR_OK);
    assert_true(token_csrf_matches(text, csrf));
    csrf[0] = csrf[0] == '0' ? '1' : '0';
    assert_false(token_csrf_matches(text, csrf));
    assert_false(token_csrf_matches(text, NULL));
    assert_false(token_csrf_matches(text, ""));
    assert_false(token_csrf_matches("short", csrf));
    assert_int_equal(token_digest("", digest), GT_ERR_SYNTAX);
    text[5] = 'x';
    assert_int_equal(token_digest(text, digest), GT_ERR_SYNTAX);
    text[5] = '\0';
    assert_int_equal(token_csrf(text, csrf), GT_ERR_SYNTAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),
        cmocka_unit_test(passwords),
        cmocka_unit_test(rights),
        cmocka_unit_test(tokens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
