/* Lines of the command mode. What a line is follows from its beginning; which answers are final is
 * a table. */
#include "codec/dtu/line.h"

#include "base/bytes.h"
#include "codec/stream/stream.h"

#include <string.h>

static const dtu_command commands[] = {
#define COMMAND(name, unit, zh, en) {name, unit, zh, en},
#include "codec/dtu/command.def"
#undef COMMAND
};

static const struct {
    const char *text;
    dtu_line_kind kind;
} answers[] = {
#define ANSWER(text, kind) {text, DTU_LINE_##kind},
#include "codec/dtu/answer.def"
#undef ANSWER
};

static const char escape[] = "+++";
enum { ESCAPE_LEN = sizeof escape - 1 };

static bool same(const char *text, const char *at, size_t len)
{
    return strlen(text) == len && memcmp(text, at, len) == 0;
}

const dtu_command *dtu_command_of(const char *name, size_t name_len)
{
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (same(commands[i].name, name, name_len)) {
            return &commands[i];
        }
    }
    return NULL;
}

static bool is_ending(uint8_t byte)
{
    return byte == '\r' || byte == '\n';
}

/* Where name ends: in front of the first of those characters. */
static size_t name_span(const char *text, size_t len, const char *stops)
{
    size_t n = 0;
    while (n < len && strchr(stops, text[n]) == NULL) {
        n++;
    }
    return n;
}

/* "AT", "AT+NAME...", or a letter and digits: "ATE0". */
static bool is_command(const char *text, size_t len)
{
    if (len < 2 || text[0] != 'A' || text[1] != 'T') {
        return false;
    }
    size_t n = 3;
    while (n < len && text[n] >= '0' && text[n] <= '9') {
        n++;
    }
    return len == 2 || text[2] == '+' || (text[2] >= 'A' && text[2] <= 'Z' && n == len);
}

static dtu_line command_of(const char *text, size_t len)
{
    dtu_line line = {DTU_LINE_TEST, text, 0, "", 0, "", 0};
    line.name_len = name_span(text, len, "?=");
    const size_t left = len - line.name_len;
    if (len > 0) {
        line.kind = DTU_LINE_ACT;
    }
    if (left == 1 && text[line.name_len] == '?') {
        line.kind = DTU_LINE_QUERY;
    } else if (left > 0 && text[line.name_len] == '=') {
        line.kind = DTU_LINE_SET;
        line.value = text + line.name_len + 1;
        line.value_len = left - 1;
    } else {
        line.name_len = len; /* "AT+X?1" and the like: told as it stands */
    }
    return line;
}

static dtu_line answer_of(const char *text, size_t len)
{
    dtu_line line = {DTU_LINE_TEXT, "", 0, "", 0, text, len};
    const size_t name_len = name_span(text, len, "=:");
    const bool valued = name_len < len;
    const size_t sep_len =
        !valued                                                                      ? 0
        : (text[name_len] == ':' && len > name_len + 1 && text[name_len + 1] == ' ') ? 2
                                                                                     : 1;
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        if (same(answers[i].text, text, name_len)) {
            line.kind = answers[i].kind;
        }
    }
    const bool named = len > 1 && text[0] == '+' && name_len > 1;
    if (line.kind == DTU_LINE_TEXT && !(named && valued)) {
        return line;
    }
    line.kind = line.kind == DTU_LINE_ERROR || !valued ? line.kind : DTU_LINE_VALUE;
    line.name = text;
    line.name_len = name_len;
    line.sep = text + name_len;
    line.sep_len = sep_len;
    line.value = text + name_len + sep_len;
    line.value_len = len - name_len - sep_len;
    return line;
}

static size_t endings(const uint8_t *in, size_t in_len)
{
    size_t n = 0;
    while (n < in_len && is_ending(in[n])) {
        n++;
    }
    return n;
}

/* The text of the line at in[0], which is no ending, and whether it is one that needs none. */
static gt_err text_span(const uint8_t *in, size_t in_len, size_t *out_len)
{
    if (in_len >= ESCAPE_LEN && memcmp(in, escape, ESCAPE_LEN) == 0) {
        *out_len = ESCAPE_LEN;
        return GT_ERR_OK;
    }
    for (size_t n = 0; n < in_len; n++) {
        if (n >= DTU_LINE_MAX - 1) {
            return GT_ERR_RANGE;
        }
        if (is_ending(in[n])) {
            *out_len = n;
            return n > 0 ? GT_ERR_OK : GT_ERR_MALFORMED;
        }
        if (in[n] < ' ' || in[n] > '~') {
            return GT_ERR_MALFORMED;
        }
    }
    return GT_ERR_TRUNCATED;
}

gt_err dtu_line_decode(const uint8_t *in, size_t in_len, dtu_line *out)
{
    const size_t before = endings(in, in_len);
    size_t len = 0;
    GT_TRY(text_span(in + before, in_len - before, &len));
    const uint8_t *behind = in + before + len;
    const size_t left = in_len - before - len;
    const size_t ending = left >= 2 && behind[0] == '\r' && behind[1] == '\n' ? 2
                          : left > 0 && is_ending(behind[0])                  ? 1
                                                                              : 0;
    if (left > ending) {
        return GT_ERR_TRAILING;
    }
    const char *text = (const char *)in + before;
    if (same(escape, text, len)) {
        *out = (dtu_line){DTU_LINE_ESCAPE, "", 0, "", 0, "", 0};
    } else if (is_command(text, len)) {
        *out = command_of(text + 2, len - 2);
    } else {
        *out = answer_of(text, len);
    }
    return GT_ERR_OK;
}

static void put(gt_wr *w, const char *text, size_t len)
{
    gt_wr_bytes(w, (const uint8_t *)text, len);
}

static bool part_same(const char *a, size_t a_len, const char *b, size_t b_len)
{
    return a_len == b_len && (a_len == 0 || memcmp(a, b, a_len) == 0);
}

gt_err dtu_line_encode(const dtu_line *line, uint8_t *buf, size_t cap, size_t *out_len)
{
    const bool command = line->kind >= DTU_LINE_TEST && line->kind <= DTU_LINE_SET;
    gt_wr w = gt_wr_of(buf, cap);
    if (line->kind == DTU_LINE_ESCAPE) {
        put(&w, escape, ESCAPE_LEN);
    } else {
        put(&w, command ? "AT" : "\r\n", 2);
    }
    put(&w, line->name, line->name_len);
    if (line->kind == DTU_LINE_QUERY || line->kind == DTU_LINE_SET) {
        put(&w, line->kind == DTU_LINE_QUERY ? "?" : "=", 1);
    } else {
        put(&w, line->sep, line->sep_len);
    }
    put(&w, line->value, line->value_len);
    put(&w, "\r\n", line->kind == DTU_LINE_ESCAPE ? 0 : 2);
    GT_TRY(gt_wr_done(&w));
    dtu_line back;
    GT_TRY(dtu_line_decode(buf, w.len, &back));
    if (back.kind != line->kind ||
        !part_same(back.name, back.name_len, line->name, line->name_len) ||
        !part_same(back.value, back.value_len, line->value, line->value_len)) {
        return GT_ERR_MALFORMED;
    }
    *out_len = w.len;
    return GT_ERR_OK;
}

static gt_err frame_len(const uint8_t *in, size_t in_len, size_t *out_len)
{
    size_t len = 0;
    GT_TRY(text_span(in, in_len, &len));
    *out_len = same(escape, (const char *)in, len) ? len : len + 1;
    return GT_ERR_OK;
}

static gt_err frame_check(const uint8_t *in, size_t in_len)
{
    dtu_line line;
    return dtu_line_decode(in, in_len, &line);
}

const codec_framing dtu_line_framing = {
    .frame_len = frame_len,
    .frame_check = frame_check,
    .cap_min = DTU_LINE_MAX,
    .preamble = {'\r', '\n'},
};
