/* A JSON writer with a small buffer in front of the answer's sink. */
#include "api/json_writer.h"

#include "base/quantity.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void json_writer_init(json_writer *j, const http_sink *sink)
{
    *j = (json_writer){.sink = sink};
}

static void drain(json_writer *j)
{
    j->sink->write(j->sink->ctx, j->buf, j->len);
    j->len = 0;
}

void json_writer_flush(json_writer *j)
{
    GT_ASSERT(j->depth == 0);
    drain(j);
}

static void put(json_writer *j, const char *bytes, size_t len)
{
    if (len > sizeof j->buf - j->len) {
        drain(j);
    }
    if (len > sizeof j->buf) {
        j->sink->write(j->sink->ctx, bytes, len);
        return;
    }
    memcpy(j->buf + j->len, bytes, len);
    j->len += len;
}

/* Length of the UTF-8 character at @p s; 0 when the bytes are none. */
static size_t character_len(const unsigned char *s)
{
    size_t len = 0;
    if (s[0] < 0x80) {
        return 1;
    }
    if (s[0] >= 0xC2 && s[0] < 0xE0) {
        len = 2;
    } else if (s[0] >= 0xE0 && s[0] < 0xF0) {
        len = 3;
    } else if (s[0] >= 0xF0 && s[0] < 0xF5) {
        len = 4;
    }
    for (size_t i = 1; i < len; i++) {
        if ((s[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    return len;
}

static void put_character(json_writer *j, const char *at, size_t len)
{
    char escaped[8];
    if (*at == '"' || *at == '\\') {
        put(j, "\\", 1);
        put(j, at, 1);
    } else if ((unsigned char)*at < 0x20) {
        (void)snprintf(escaped, sizeof escaped, "\\u%04x", (unsigned char)*at);
        put(j, escaped, 6);
    } else {
        put(j, at, len);
    }
}

static void put_text(json_writer *j, const char *text)
{
    put(j, "\"", 1);
    while (*text != '\0') {
        const size_t len = character_len((const unsigned char *)text);
        if (len == 0) {
            put(j, "\xEF\xBF\xBD", 3);
            text++;
            continue;
        }
        put_character(j, text, len);
        text += len;
    }
    put(j, "\"", 1);
}

/* What stands before a value: a comma, and the key. */
static void lead(json_writer *j, const char *key)
{
    if (j->filled[j->depth]) {
        put(j, ",", 1);
    }
    j->filled[j->depth] = true;
    if (key != NULL) {
        put_text(j, key);
        put(j, ":", 1);
    }
}

static void bracket_open(json_writer *j, const char *key, const char *bracket)
{
    lead(j, key);
    put(j, bracket, 1);
    GT_ASSERT(j->depth + 1 < JSON_DEPTH_MAX);
    j->depth++;
    j->filled[j->depth] = false;
}

static void bracket_close(json_writer *j, const char *bracket)
{
    GT_ASSERT(j->depth > 0);
    j->depth--;
    put(j, bracket, 1);
}

void json_writer_object(json_writer *j, const char *key)
{
    bracket_open(j, key, "{");
}

void json_writer_object_end(json_writer *j)
{
    bracket_close(j, "}");
}

void json_writer_array(json_writer *j, const char *key)
{
    bracket_open(j, key, "[");
}

void json_writer_array_end(json_writer *j)
{
    bracket_close(j, "]");
}

void json_writer_text(json_writer *j, const char *key, const char *text)
{
    if (text == NULL) {
        json_writer_null(j, key);
        return;
    }
    lead(j, key);
    put_text(j, text);
}

void json_writer_int(json_writer *j, const char *key, int64_t number)
{
    char digits[24];
    const int len = snprintf(digits, sizeof digits, "%" PRId64, number);
    lead(j, key);
    put(j, digits, (size_t)len);
}

void json_writer_bool(json_writer *j, const char *key, bool value)
{
    lead(j, key);
    put(j, value ? "true" : "false", value ? 4 : 5);
}

void json_writer_null(json_writer *j, const char *key)
{
    lead(j, key);
    put(j, "null", 4);
}

void json_writer_decimal(json_writer *j, const char *key, int64_t value, unsigned decimals)
{
    char digits[GT_DECIMAL_MAX];
    (void)gt_decimal_format(value, decimals, digits);
    json_writer_text(j, key, digits);
}
