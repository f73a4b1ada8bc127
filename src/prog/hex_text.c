/* Hex out of logs. Each line is read twice with the same word rules: once to find the run of byte
 * words that counts, once to take its bytes. What stands before the bytes (the offset of a dump, a
 * time stamp in digits only) looks like bytes too, and is taken off first. */
#include "prog/hex_text.h"

#include "base/hex.h"
#include "prog/hex_text_priv.h"

#include <stdbool.h>
#include <string.h>

enum { RUN_MIN = 4, TIME_PARTS_MAX = 4, MBUS_ACK = 0xE5 };

typedef enum word_kind { WORD_BYTES, WORD_ODD, WORD_OTHER } word_kind;

/* hh:mm, hh:mm:ss or hh:mm:ss:mmm in decimal: a time of day rather than bytes. */
static bool is_clock(hex_slice word)
{
    static const unsigned max[TIME_PARTS_MAX] = {23, 59, 59, 999};
    unsigned part = 0;
    unsigned value = 0;
    unsigned digits = 0;
    for (size_t i = 0; i <= word.len; i++) {
        const char c = i < word.len ? word.at[i] : ':';
        if (c >= '0' && c <= '9') {
            value = value * 10 + (unsigned)(c - '0');
            digits++;
        } else if (c == ':' && part < TIME_PARTS_MAX && digits > 0 && value <= max[part] &&
                   (part == TIME_PARTS_MAX - 1 ? digits == 3 : digits <= 2)) {
            part++;
            value = 0;
            digits = 0;
        } else {
            return false;
        }
    }
    return part >= 2;
}

static void prefix_skip(hex_slice *word)
{
    const bool zero_x = word->len > 2 && word->at[0] == '0' && (word->at[1] | 0x20) == 'x';
    const bool backslash = word->len > 2 && word->at[0] == '\\' && (word->at[1] | 0x20) == 'x';
    if (zero_x || backslash) {
        word->at += 2;
        word->len -= 2;
    }
}

/* The next stretch of hex digits of a word; prefixes, the H behind two digits and ':' '-' '_' '\x'
 * between them are skipped. */
static hex_slice digits_take(hex_slice *word)
{
    prefix_skip(word);
    hex_slice digits = {word->at, 0};
    while (digits.len < word->len && gt_hex_digit(digits.at[digits.len]) >= 0) {
        digits.len++;
    }
    word->at += digits.len;
    word->len -= digits.len;
    if (word->len > 0 && digits.len == 2 && (word->at[0] | 0x20) == 'h') {
        word->at++;
        word->len--;
    }
    if (word->len > 1 && digits.len == 2 && strchr(":-_", word->at[0]) != NULL) {
        word->at++;
        word->len--;
    }
    return digits;
}

static word_kind word_kind_of(hex_slice word)
{
    if (word.len == 0 || is_clock(word)) {
        return WORD_OTHER;
    }
    bool odd = false;
    const bool prefixed = word.len > 2 && (word.at[1] | 0x20) == 'x';
    while (word.len > 0) {
        const hex_slice digits = digits_take(&word);
        if (digits.len == 0) {
            return WORD_OTHER;
        }
        odd = odd || (digits.len % 2 != 0 && !(prefixed && digits.len == 1));
    }
    return odd ? WORD_ODD : WORD_BYTES;
}

static gt_err word_bytes(hex_slice word, hex_text_bytes *out)
{
    while (word.len > 0) {
        hex_slice digits = digits_take(&word);
        while (digits.len > 0) {
            const size_t take = digits.len % 2 == 0 ? 2 : 1;
            unsigned value = 0;
            for (size_t i = 0; i < take; i++) {
                value = value << 4 | (unsigned)gt_hex_digit(digits.at[i]);
            }
            if (out->len == out->cap) {
                return GT_ERR_SPACE;
            }
            out->buf[out->len++] = (uint8_t)value;
            digits.at += take;
            digits.len -= take;
        }
    }
    return GT_ERR_OK;
}

static size_t word_byte_count(hex_slice word)
{
    size_t count = 0;
    while (word.len > 0) {
        count += (digits_take(&word).len + 1) / 2;
    }
    return count;
}

/* The text is shown on a terminal, which must not obey it. */
static gt_err fail(hex_text_fault *fault, gt_err err, const char *expected, hex_slice found)
{
    fault->expected = expected;
    const size_t len = found.len < HEX_TEXT_FOUND_MAX ? found.len : HEX_TEXT_FOUND_MAX - 1;
    for (size_t i = 0; i < len; i++) {
        fault->found[i] = (char)(found.at[i] >= ' ' && found.at[i] <= '~' ? found.at[i] : '.');
    }
    fault->found[len] = '\0';
    return err;
}

typedef struct run {
    size_t first; /* word index */
    size_t words;
    size_t bytes;
} run;

/* What a line is made of. */
typedef struct survey {
    run best;
    unsigned runs;
    hex_slice odd; /* first word with an odd number of digits */
    bool others;   /* words that are no bytes, odd ones aside */
} survey;

static survey line_survey(hex_slice line)
{
    survey s = {.odd = {NULL, 0}};
    run now = {0};
    size_t index = 0;
    for (hex_slice word = hex_word_take(&line); word.len > 0;
         word = hex_word_take(&line), index++) {
        const word_kind kind = word_kind_of(word);
        if (kind == WORD_BYTES) {
            s.runs += now.words == 0 ? 1 : 0;
            now.first = now.words == 0 ? index : now.first;
            now.words++;
            now.bytes += word_byte_count(word);
            s.best = now.bytes >= s.best.bytes ? now : s.best;
            continue;
        }
        now = (run){0};
        s.others = s.others || kind == WORD_OTHER;
        if (kind == WORD_ODD && s.odd.at == NULL) {
            s.odd = word;
        }
    }
    return s;
}

/* M-Bus' acknowledgement is a frame of one byte, the only short one that counts beside words. */
static bool is_lone_ack(const survey *s, hex_slice line)
{
    uint8_t byte = 0;
    hex_text_bytes one = {&byte, 1, 0};
    hex_slice word = hex_word_take(&line);
    for (size_t i = 0; i < s->best.first; i++) {
        word = hex_word_take(&line);
    }
    return s->runs == 1 && s->best.bytes == 1 && word_bytes(word, &one) == GT_ERR_OK &&
           byte == MBUS_ACK;
}

static gt_err line_parse(hex_slice line, hex_text_bytes *out, hex_text_fault *fault)
{
    const survey s = line_survey(line);
    if (!s.others && s.odd.at != NULL) {
        return fail(fault, GT_ERR_SYNTAX, "an even number of hex digits in each word", s.odd);
    }
    if ((s.others || s.odd.at != NULL) && s.best.bytes < RUN_MIN && !is_lone_ack(&s, line)) {
        return GT_ERR_OK;
    }
    size_t index = 0;
    for (hex_slice word = hex_word_take(&line); word.len > 0;
         word = hex_word_take(&line), index++) {
        if (index < s.best.first || index >= s.best.first + s.best.words) {
            continue;
        }
        if (word_bytes(word, out) != GT_ERR_OK) {
            return fail(fault, GT_ERR_SPACE, "at most 65536 bytes", word);
        }
    }
    return GT_ERR_OK;
}

static size_t line_span(const char *at, size_t left)
{
    size_t len = 0;
    while (len < left && at[len] != '\n' && at[len] != '\r') {
        len++;
    }
    return len;
}

static bool is_utf16(const char *text, size_t len)
{
    return len >= 2 && (memcmp(text, "\xFF\xFE", 2) == 0 || memcmp(text, "\xFE\xFF", 2) == 0);
}

gt_err hex_text_parse(const char *text, size_t len, hex_text_bytes *out, hex_text_fault *fault)
{
    const size_t before = out->len;
    hex_dump dump = {.out = out};
    unsigned line = 0;
    if (is_utf16(text, len)) {
        fault->line = 1;
        return fail(fault, GT_ERR_SYNTAX, "text in ASCII or UTF-8", (hex_slice){"UTF-16", 6});
    }
    for (size_t pos = 0; pos < len;) {
        const size_t line_len = line_span(text + pos, len - pos);
        line++;
        hex_text_fault found;
        const gt_err err =
            line_parse(hex_front_skip(&dump, (hex_slice){text + pos, line_len}), out, &found);
        if (err != GT_ERR_OK) {
            found.line = line;
            *fault = found;
            return err;
        }
        pos += line_len;
        pos += len - pos >= 2 && memcmp(text + pos, "\r\n", 2) == 0 ? 2 : 1;
    }
    if (out->len == before) {
        fault->line = 1;
        const hex_slice first = {text, line_span(text, len)};
        return fail(fault, GT_ERR_SYNTAX, "hexadecimal bytes", first);
    }
    return GT_ERR_OK;
}
