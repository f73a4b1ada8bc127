/* Words of a line, and those before its bytes that only look like bytes: the offset of a dump, a
 * time stamp of nothing but digits. */
#include "base/hex.h"
#include "prog/hex_text_priv.h"

#include <string.h>

enum { LABEL_MAX = 64 };
enum { OFFSET_WIDTH_MIN = 4, OFFSET_WIDTH_MAX = 8 };
enum { DATE_WIDTH = 8, TIME_WIDTH = 6, EPOCH_S_WIDTH = 10, EPOCH_MS_WIDTH = 13 };

/* Bytes of the separator that stands here, 0 when none does: ASCII ones, and the wide space, comma,
 * stop, colon, brackets and the byte-order mark in UTF-8. */
static size_t separator_len(const char *at, size_t left)
{
    static const char *const wide[] = {"\u3000", "\u3001", "\u3002", "\uFF0C", "\uFF1A", "\uFF1B",
                                       "\u3010", "\u3011", "\uFF08", "\uFF09", "\uFEFF", "\u00A0"};
    if (at[0] == '\0' || strchr(" \t\r,;[](){}<>\"'|", at[0]) != NULL) {
        return 1;
    }
    for (size_t i = 0; i < sizeof wide / sizeof wide[0]; i++) {
        const size_t len = strlen(wide[i]);
        if (len <= left && memcmp(at, wide[i], len) == 0) {
            return len;
        }
    }
    return 0;
}

/* Of a letter beyond ASCII, in UTF-8 or a national code. */
static bool is_wide(char c)
{
    return ((unsigned char)c & 0x80) != 0;
}

/* A word that starts with a letter ends behind its ':' or '=': "TX:68" is a label and a byte. */
static bool label_ends(hex_slice word)
{
    const char last = word.at[word.len - 1];
    const bool lettered =
        is_wide(word.at[0]) || ((word.at[0] | 0x20) >= 'a' && (word.at[0] | 0x20) <= 'z');
    if (word.len > LABEL_MAX || (last != ':' && last != '=') || !lettered) {
        return false;
    }
    for (size_t i = 0; i + 1 < word.len; i++) {
        if (gt_hex_digit(word.at[i]) < 0 && strchr(":-_", word.at[i]) == NULL) {
            return true;
        }
    }
    return false; /* AB:CD: bytes */
}

/* Chinese text stands close to the bytes: where it begins and ends, a word does, too. */
static bool script_changes(hex_slice word, char next)
{
    return is_wide(word.at[word.len - 1]) != is_wide(next) && next != ':' && next != '=';
}

hex_slice hex_word_take(hex_slice *line)
{
    size_t separator = 0;
    while (line->len > 0 && (separator = separator_len(line->at, line->len)) > 0) {
        line->at += separator;
        line->len -= separator;
    }
    hex_slice word = {line->at, 0};
    while (word.len < line->len && separator_len(word.at + word.len, line->len - word.len) == 0) {
        word.len++;
        if (label_ends(word) || (word.len < line->len && script_changes(word, word.at[word.len]))) {
            break;
        }
    }
    line->at += word.len;
    line->len -= word.len;
    return word;
}

/* The word as a number; false when another character is in it. */
static bool number_of(hex_slice word, unsigned base, uint64_t *out)
{
    uint64_t value = 0;
    for (size_t i = 0; i < word.len; i++) {
        const int digit = gt_hex_digit(word.at[i]);
        if (digit < 0 || (unsigned)digit >= base || word.len > EPOCH_MS_WIDTH + 1) {
            return false;
        }
        value = value * base + (unsigned)digit;
    }
    *out = value;
    return word.len > 0;
}

/* Does the word count the bytes of the dump so far, in hex or, as od does, in octal? */
static bool counts(hex_slice word, size_t count)
{
    uint64_t hex = 0;
    uint64_t octal = 0;
    return word.len >= OFFSET_WIDTH_MIN && word.len <= OFFSET_WIDTH_MAX &&
           ((number_of(word, 16, &hex) && hex == count) ||
            (number_of(word, 8, &octal) && octal == count));
}

/* An offset column starts at 0, is wider than the words behind it, and goes on counting. */
static bool is_offset(hex_dump *dump, hex_slice first, hex_slice second)
{
    if (dump->open && counts(first, dump->out->len - dump->start)) {
        return true;
    }
    dump->open = counts(first, 0) && second.len > 0 && second.len < first.len;
    dump->start = dump->out->len;
    return dump->open;
}

static bool is_date(uint64_t ymd)
{
    const uint64_t month = ymd / 100 % 100;
    const uint64_t day = ymd % 100;
    return ymd / 1000000 == 20 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

static bool is_time(uint64_t hms)
{
    return hms / 10000 <= 23 && hms / 100 % 100 <= 59 && hms % 100 <= 59;
}

/* 20261121051859, or seconds or milliseconds since 1970 (until 2033). */
static bool is_stamp(hex_slice word)
{
    uint64_t value = 0;
    if (!number_of(word, 10, &value)) {
        return false;
    }
    return (word.len == DATE_WIDTH + TIME_WIDTH && is_date(value / 1000000) &&
            is_time(value % 1000000)) ||
           ((word.len == EPOCH_S_WIDTH || word.len == EPOCH_MS_WIDTH) && word.at[0] == '1');
}

static bool is_stamp_pair(hex_slice date, hex_slice time)
{
    uint64_t ymd = 0;
    uint64_t hms = 0;
    return date.len == DATE_WIDTH && time.len == TIME_WIDTH && number_of(date, 10, &ymd) &&
           number_of(time, 10, &hms) && is_date(ymd) && is_time(hms);
}

hex_slice hex_front_skip(hex_dump *dump, hex_slice line)
{
    hex_slice rest = line;
    const hex_slice first = hex_word_take(&rest);
    const hex_slice behind_first = rest;
    const hex_slice second = hex_word_take(&rest);
    const hex_slice behind_second = rest;
    const hex_slice third = hex_word_take(&rest);
    if (first.len == 0) {
        return line;
    }
    if (is_offset(dump, first, second)) {
        return behind_first;
    }
    /* Groups of one width are bytes, whatever they look like. */
    if (is_stamp(first) && second.len > 0 && second.len != first.len) {
        return behind_first;
    }
    if (is_stamp_pair(first, second) && third.len > 0 && third.len != second.len) {
        return behind_second;
    }
    return line;
}
