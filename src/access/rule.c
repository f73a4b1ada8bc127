/* What a login name and a password may be. */
#include "access/access.h"

#include <stddef.h>
#include <string.h>

gt_err access_name_check(const char *name)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789._-";
    const size_t len = strlen(name);
    if (len < 2 || len >= ACCESS_NAME_MAX || strspn(name, allowed) != len) {
        return GT_ERR_SYNTAX;
    }
    return GT_ERR_OK;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool same_without_case(const char *a, const char *b)
{
    while (*a != '\0' && lower(*a) == lower(*b)) {
        a++;
        b++;
    }
    return lower(*a) == lower(*b);
}

static bool common(const char *password)
{
    static const char *const list[] = {
#define COMMON(text) text,
#include "access/common_password.def"
#undef COMMON
    };
    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) {
        if (same_without_case(list[i], password)) {
            return true;
        }
    }
    /* one character over and over */
    return strspn(password, (const char[]){password[0], '\0'}) == strlen(password);
}

/* How many bytes the UTF-8 character that starts here has; 0 when it is none. */
static size_t utf8_len(const unsigned char *s)
{
    const size_t len = s[0] < 0x80 ? 1 : s[0] < 0xC2 ? 0 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : 4;
    if (s[0] > 0xF4) {
        return 0;
    }
    for (size_t i = 1; i < len; i++) {
        if ((s[i] & 0xC0) != 0x80) {
            return 0; /* also the terminator of a cut character */
        }
    }
    return len;
}

gt_err access_password_check(const char *name, const char *password)
{
    size_t characters = 0;
    for (const char *at = password; *at != '\0';) {
        const size_t len = utf8_len((const unsigned char *)at);
        if (len == 0 || (unsigned char)*at < 0x20) {
            return GT_ERR_SYNTAX;
        }
        at += len;
        characters++;
    }
    if (characters < ACCESS_PASSWORD_MIN || strlen(password) > ACCESS_PASSWORD_MAX ||
        common(password) || same_without_case(name, password)) {
        return GT_ERR_RANGE;
    }
    return GT_ERR_OK;
}
