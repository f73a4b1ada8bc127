/* The small pieces the map parser is made of: a line's words, numbers, names. */
#include "codec/modbus/map_priv.h"

#include <string.h>

bool map_is_blank(char c)
{
    return c == ' ' || c == '\t';
}

bool map_word_is(map_word w, const char *text)
{
    return w.len == strlen(text) && memcmp(w.at, text, w.len) == 0;
}

/* The first failure stands. */
void map_fail(map_parser *p, gt_err err, const char *expected, map_word found)
{
    if (p->err != GT_ERR_OK) {
        return;
    }
    p->err = err;
    p->fault.line = p->line;
    p->fault.expected = expected;
    const char *at = found.len > 0 ? found.at : "end of line";
    size_t len = found.len > 0 ? found.len : strlen(at);
    if (len >= MODBUS_FOUND_MAX) {
        len = MODBUS_FOUND_MAX - 1;
    }
    memcpy(p->fault.found, at, len);
    p->fault.found[len] = '\0';
}

void map_blanks_skip(map_parser *p)
{
    while (p->rest.len > 0 && map_is_blank(p->rest.at[0])) {
        p->rest.at++;
        p->rest.len--;
    }
}

/* Next word of the line; empty at its end. */
map_word map_word_take(map_parser *p)
{
    map_blanks_skip(p);
    map_word w = {p->rest.at, 0};
    while (w.len < p->rest.len && !map_is_blank(w.at[w.len])) {
        w.len++;
    }
    p->rest.at += w.len;
    p->rest.len -= w.len;
    return w;
}

static int digit_of(char c, unsigned base)
{
    const int value = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    return value < (int)base ? value : -1;
}

/* 0x.. or decimal, 0 .. max. */
uint16_t map_number_of(map_parser *p, map_word w, uint32_t max, const char *expected)
{
    const bool hex = w.len > 2 && w.at[0] == '0' && (w.at[1] == 'x' || w.at[1] == 'X');
    const unsigned base = hex ? 16 : 10;
    uint32_t value = 0;
    bool good = w.len > 0;
    for (size_t i = hex ? 2 : 0; good && i < w.len; i++) {
        const int digit = digit_of(w.at[i], base);
        value = value * base + (uint32_t)(digit < 0 ? 0 : digit);
        good = digit >= 0 && value <= max;
    }
    if (!good) {
        map_fail(p, GT_ERR_SYNTAX, expected, w);
        return 0;
    }
    return (uint16_t)value;
}

uint16_t map_number_take(map_parser *p, uint32_t max, const char *expected)
{
    return map_number_of(p, map_word_take(p), max, expected);
}

bool map_is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

void map_name_take(map_parser *p, char out[MODBUS_NAME_MAX])
{
    static const char expected[] = "a name of a-z 0-9 _, at most 31 characters";
    const map_word w = map_word_take(p);
    bool good = w.len > 0 && w.len < MODBUS_NAME_MAX;
    for (size_t i = 0; good && i < w.len; i++) {
        good = map_is_name_char(w.at[i]);
    }
    if (!good) {
        map_fail(p, GT_ERR_SYNTAX, expected, w);
        return;
    }
    memcpy(out, w.at, w.len);
    out[w.len] = '\0';
}

void map_line_end(map_parser *p)
{
    const map_word w = map_word_take(p);
    if (w.len > 0) {
        map_fail(p, GT_ERR_SYNTAX, "end of line", w);
    }
}

/* 1 .. max. */
uint16_t map_count_of(map_parser *p, map_word w, uint32_t max, const char *expected)
{
    const uint16_t count = map_number_of(p, w, max, expected);
    if (count == 0) {
        map_fail(p, GT_ERR_SYNTAX, expected, w);
    }
    return count;
}
