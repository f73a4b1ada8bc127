/* Templates of receipts. Everything a template may say is checked when it is read, so that showing
 * it cannot fail at the counter. */
#include "domain/receipt.h"

#include <stdbool.h>
#include <string.h>

typedef enum follows { NOTHING, TEXT, PAIR } follows;

static const struct {
    const char *word;
    follows follows;
} kinds[] = {
#define RECEIPT_LINE(symbol, word_, follows_) \
    [RECEIPT_LINE_##symbol] = {.word = (word_), .follows = (follows_)},
#include "domain/receipt_line.def"
#undef RECEIPT_LINE
};

static const char *const fields[RECEIPT_FIELDS] = {
#define RECEIPT_FIELD(symbol, name) [RECEIPT_FIELD_##symbol] = (name),
#include "domain/receipt_field.def"
#undef RECEIPT_FIELD
};

/* The field that "{name}" at @p at names, and how long that is; 0 when none does. */
static size_t field_at(const char *at, receipt_field *out)
{
    for (unsigned i = 0; i < RECEIPT_FIELDS; i++) {
        const size_t len = strlen(fields[i]);
        if (strncmp(at + 1, fields[i], len) == 0 && at[1 + len] == '}') {
            *out = (receipt_field)i;
            return len + 2;
        }
    }
    return 0;
}

static bool fields_known(const char *text)
{
    while (*text != '\0') {
        receipt_field field = RECEIPT_FIELD_STATION;
        if (*text != '{') {
            text++;
            continue;
        }
        const size_t len = text[1] == '{' ? 2 : field_at(text, &field);
        if (len == 0) {
            return false;
        }
        text += len;
    }
    return true;
}

static const char *trimmed(const char *text, size_t *len)
{
    while (*len > 0 && (*text == ' ' || *text == '\t')) {
        text++;
        --*len;
    }
    while (*len > 0 &&
           (text[*len - 1] == ' ' || text[*len - 1] == '\t' || text[*len - 1] == '\r')) {
        --*len;
    }
    return text;
}

static gt_err copy(const char *text, size_t len, char out[RECEIPT_TEXT_MAX], const char **expected)
{
    text = trimmed(text, &len);
    if (len >= RECEIPT_TEXT_MAX) {
        *expected = "at most 159 bytes of text";
        return GT_ERR_SPACE;
    }
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)text[i] < ' ' || text[i] == 0x7F) {
            *expected = "no control characters";
            return GT_ERR_SYNTAX;
        }
    }
    memcpy(out, text, len);
    out[len] = '\0';
    if (!fields_known(out)) {
        *expected = "{field} of the list in the manual, {{ for a brace";
        return GT_ERR_SYNTAX;
    }
    return GT_ERR_OK;
}

static bool find_kind(const char *word, size_t len, receipt_line_kind *out)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strlen(kinds[i].word) == len && memcmp(kinds[i].word, word, len) == 0) {
            *out = (receipt_line_kind)i;
            return true;
        }
    }
    return false;
}

static gt_err parse_line(const char *text, size_t len, receipt_line *out, const char **expected)
{
    size_t word = 0;
    while (word < len && text[word] != ' ' && text[word] != '\t') {
        word++;
    }
    receipt_line line = {.text = ""};
    if (!find_kind(text, word, &line.kind)) {
        *expected = "title, center, text, row, rule, space or qr";
        return GT_ERR_SYNTAX;
    }
    size_t rest_len = len - word;
    const char *rest = trimmed(text + word, &rest_len);
    const char *bar = memchr(rest, '|', rest_len);
    const follows wanted = kinds[line.kind].follows;
    if ((wanted == NOTHING) != (rest_len == 0) || (wanted == PAIR && bar == NULL)) {
        *expected = wanted == NOTHING ? "nothing behind this word"
                    : wanted == PAIR  ? "label | value"
                                      : "a text behind this word";
        return GT_ERR_SYNTAX;
    }
    const size_t label_len = wanted == PAIR ? (size_t)(bar - rest) : rest_len;
    GT_TRY(copy(rest, label_len, line.text, expected));
    if (wanted == PAIR) {
        GT_TRY(copy(bar + 1, rest_len - label_len - 1, line.value, expected));
    }
    *out = line;
    return GT_ERR_OK;
}

gt_err receipt_template_parse(const char *text, size_t len, receipt_template *out,
                              receipt_fault *out_fault)
{
    receipt_fault fault = {.line_no = 0};
    out->count = 0;
    size_t at = 0;
    while (at < len) {
        const char *line = text + at;
        const char *end = memchr(line, '\n', len - at);
        size_t line_len = end == NULL ? len - at : (size_t)(end - line);
        at += line_len + 1;
        fault.line_no++;
        line = trimmed(line, &line_len);
        if (line_len == 0 || line[0] == '#') {
            continue;
        }
        gt_err err = GT_ERR_SPACE;
        fault.expected = "at most 48 lines";
        if (out->count < RECEIPT_LINES_MAX) {
            err = parse_line(line, line_len, &out->line[out->count], &fault.expected);
        }
        if (err != GT_ERR_OK) {
            *out_fault = fault;
            return err;
        }
        out->count++;
    }
    return GT_ERR_OK;
}

/* As many whole UTF-8 characters as fit. */
static size_t put(char out[RECEIPT_SHOWN_MAX], size_t at, const char *text, size_t len)
{
    size_t fits = len < RECEIPT_SHOWN_MAX - 1 - at ? len : RECEIPT_SHOWN_MAX - 1 - at;
    while (fits < len && fits > 0 && ((unsigned char)text[fits] & 0xC0U) == 0x80U) {
        fits--;
    }
    memcpy(out + at, text, fits);
    return at + fits;
}

void receipt_show(const char *text, const receipt_values *values, char out[RECEIPT_SHOWN_MAX])
{
    size_t n = 0;
    while (*text != '\0') {
        receipt_field field = RECEIPT_FIELD_STATION;
        const size_t name_len = *text == '{' ? field_at(text, &field) : 0;
        if (name_len > 0) {
            const char *value = values->field[field];
            n = put(out, n, value, strnlen(value, RECEIPT_VALUE_MAX));
            text += name_len;
            continue;
        }
        const size_t plain = *text == '{' ? 1 : strcspn(text, "{");
        n = put(out, n, text, plain);
        text += *text == '{' ? 2 : plain; /* "{{", as parsing has made sure */
    }
    out[n] = '\0';
}
