/* A description as one line, which is also a recipe for the frame:
 *
 *     ADDRESS;field=value;field=value|item=value|item=value
 *
 * A value that is none has no '='; what follows from the rest (marks, lengths, sums) is left out.
 * Its words are what a person reads beside the values: title, meanings, then names of items with
 * units. */
#ifndef GT_TESTS_CODEC_TOLD_H
#define GT_TESTS_CODEC_TOLD_H

#include "base/hex.h"
#include "codec/compose/compose.h"
#include "codec/describe/describe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { TOLD_TEXT_MAX = 8192 };

typedef struct told_line {
    char text[TOLD_TEXT_MAX];
    size_t len;
} told_line;

static inline void told_add(told_line *line, const char *text)
{
    const size_t len = strlen(text);
    assert_true(line->len + len < sizeof line->text);
    memcpy(line->text + line->len, text, len + 1);
    line->len += len;
}

static inline void told_add_pair(told_line *line, const char *mark, const char *id,
                                 const char *value)
{
    told_add(line, mark);
    told_add(line, id);
    told_add(line, value != NULL ? "=" : "");
    told_add(line, value != NULL ? value : "");
}

static inline bool told_derived(const char *id)
{
    static const char *const derived[] = {"start", "start2", "length", "checksum", "end"};
    for (size_t i = 0; i < sizeof derived / sizeof derived[0]; i++) {
        if (strcmp(id, derived[i]) == 0) {
            return true;
        }
    }
    return false;
}

static inline const char *told_recipe(const codec_description *d)
{
    static told_line line;
    line.len = 0;
    told_add(&line, d->address);
    for (size_t i = 0; i < d->field_count; i++) {
        if (!told_derived(d->fields[i].id) && strcmp(d->fields[i].id, "address") != 0) {
            told_add_pair(&line, ";", d->fields[i].id, d->fields[i].value);
        }
    }
    for (size_t i = 0; i < d->item_count; i++) {
        told_add_pair(&line, "|", d->items[i].id, d->items[i].value);
    }
    return line.text;
}

/* What has an English word has a Chinese one. */
static inline void told_word(told_line *line, codec_name name, const char *unit)
{
    assert_int_equal(name.en == NULL, name.zh == NULL);
    if (name.en != NULL) {
        told_add(line, line->len > 0 ? "; " : "");
        told_add(line, name.en);
        told_add(line, unit[0] != '\0' ? " in " : "");
        told_add(line, unit);
    }
}

static inline const char *told_words(const codec_description *d)
{
    static told_line line;
    line.len = 0;
    line.text[0] = '\0';
    told_word(&line, d->title, "");
    for (size_t i = 0; i < d->field_count; i++) {
        if (!told_derived(d->fields[i].id) && strcmp(d->fields[i].id, "control") != 0) {
            told_word(&line, d->fields[i].meaning, "");
        }
    }
    for (size_t i = 0; i < d->item_count; i++) {
        told_word(&line, d->items[i].name, d->items[i].unit);
    }
    return line.text;
}

/* "TRUNCATED at 12: expected end mark 16H, found end of input", one behind the other; "" when
 * nothing is wrong. */
static inline const char *told_fault(const codec_description *d)
{
    static told_line line;
    line.len = 0;
    line.text[0] = '\0';
    for (size_t i = 0; i < d->error_count; i++) {
        const codec_error *e = &d->errors[i];
        char text[1024];
        (void)snprintf(text, sizeof text, "%s%s at %u: expected %s, found %s", i > 0 ? "; " : "",
                       gt_err_name(e->err), (unsigned)e->offset, e->expected, e->found);
        told_add(&line, text);
    }
    return line.text;
}

/* A line read back. */
typedef struct told_parts {
    char text[TOLD_TEXT_MAX];
    codec_value fields[CODEC_FIELDS_MAX];
    codec_value items[CODEC_ITEMS_MAX + 1];
} told_parts;

static inline codec_value told_pair(char *text)
{
    char *value = strchr(text, '=');
    if (value != NULL) {
        *value++ = '\0';
    }
    return (codec_value){text, value};
}

static inline codec_recipe told_read(const char *line, told_parts *parts)
{
    codec_recipe recipe = {.address = parts->text, .fields = parts->fields, .items = parts->items};
    assert_true(strlen(line) < sizeof parts->text);
    strcpy(parts->text, line);
    for (char *at = strpbrk(parts->text, ";|"); at != NULL;) {
        const char mark = *at;
        char *text = at + 1;
        *at = '\0';
        at = strpbrk(text, ";|");
        const char next = at != NULL ? *at : '\0';
        if (at != NULL) {
            *at = '\0';
        }
        if (mark == ';') {
            assert_true(recipe.field_count < CODEC_FIELDS_MAX);
            parts->fields[recipe.field_count++] = told_pair(text);
        } else {
            assert_true(recipe.item_count <= CODEC_ITEMS_MAX);
            parts->items[recipe.item_count++] = told_pair(text);
        }
        if (at != NULL) {
            *at = next;
        }
    }
    return recipe;
}

/* "RANGE preamble: expected X, found Y"; "" when the frame was built. */
static inline const char *told_refusal(gt_err err, const codec_composer *c)
{
    static char text[512];
    text[0] = '\0';
    if (err != GT_ERR_OK) {
        (void)snprintf(text, sizeof text, "%s %s: expected %s, found %s", gt_err_name(err),
                       c->fault.id, c->fault.expected, c->fault.found);
    }
    return text;
}

/* A file of tests, a line each:
 *
 *     frame HEX      what stands in a frame; raw HEX: a whole frame. Then what is told of it:
 *     told LINE      as above
 *     words TEXT     of a right frame
 *     fault TEXT     of a wrong one
 *     again TEXT     a right frame is built again from its line; if not, why, or "differently"
 *     build LINE     a recipe. Then what becomes of it:
 *     bytes HEX      a frame
 *     refused TEXT   an error
 */
typedef struct told_suite {
    const char *path;
    size_t (*frame)(const uint8_t *body, size_t len, uint8_t *out, size_t cap);
    void (*describe)(const struct items_set *own, const uint8_t *in, size_t in_len,
                     codec_description *out);
    gt_err (*compose)(codec_composer *c, uint8_t *buf, size_t cap, size_t *out_len);
    const struct items_set *own;
    unsigned lines_min;
} told_suite;

typedef struct told_run {
    const told_suite *suite;
    codec_description told;
    uint8_t in[1024];
    size_t in_len;
    uint8_t out[1024];
    size_t out_len;
    char refusal[512];
    unsigned line;
    unsigned wanted; /* what the lines behind a frame or recipe must still say */
    unsigned wrong;
    unsigned checked;
} told_run;

enum { TOLD_WANT_TOLD = 1, TOLD_WANT_WORDS = 2, TOLD_WANT_FAULT = 4, TOLD_WANT_BUILT = 8 };

static inline void told_build(told_run *r, const char *line)
{
    static told_parts parts;
    codec_recipe recipe = told_read(line, &parts);
    recipe.own = r->suite->own;
    codec_composer c = codec_composer_of(&recipe);
    r->out_len = 0;
    const gt_err err = r->suite->compose(&c, r->out, sizeof r->out, &r->out_len);
    assert_int_equal(err == GT_ERR_OK, r->out_len > 0);
    assert_int_equal(err, c.fault.err); /* what is wrong is named */
    size_t len = 0;
    for (size_t cap = 0; cap < r->out_len; cap++) { /* no smaller buffer is taken, or overrun */
        uint8_t *small = malloc(cap + 1);
        assert_non_null(small);
        c = codec_composer_of(&recipe);
        assert_int_equal(r->suite->compose(&c, small, cap, &len), GT_ERR_SPACE);
        free(small);
    }
    assert_int_equal(len, 0);
    strcpy(r->refusal, told_refusal(err, &c));
}

static inline void told_expect(told_run *r, unsigned part, const char *want, const char *got)
{
    if (strcmp(want, got) != 0) {
        (void)printf("line %u: %s\n", r->line, got); /* print_message cuts long ones */
        r->wrong++;
    }
    r->wanted &= ~part;
    r->checked++;
}

static inline void told_frame(told_run *r, const uint8_t *bytes, size_t len, bool whole)
{
    if (whole) {
        memcpy(r->in, bytes, len);
        r->in_len = len;
    } else {
        r->in_len = r->suite->frame(bytes, len, r->in, sizeof r->in);
    }
    r->suite->describe(r->suite->own, r->in, r->in_len, &r->told);
    r->wanted = TOLD_WANT_TOLD | (r->told.error_count > 0 ? TOLD_WANT_FAULT : TOLD_WANT_WORDS);
    r->refusal[0] = '\0';
    if (r->told.error_count == 0) {
        told_build(r, told_recipe(&r->told));
        if (r->refusal[0] != '\0') {
            r->wanted |= TOLD_WANT_BUILT;
        } else if (r->out_len != r->in_len || memcmp(r->in, r->out, r->in_len) != 0) {
            strcpy(r->refusal, "differently");
            r->wanted |= TOLD_WANT_BUILT;
        }
    }
}

static inline void told_line_check(told_run *r, const char *word, const char *rest)
{
    uint8_t bytes[1024];
    size_t len = 0;
    const bool starts =
        strcmp(word, "frame") == 0 || strcmp(word, "raw") == 0 || strcmp(word, "build") == 0;
    if (starts) {
        if (r->wanted != 0) {
            print_message("line %u: the one before lacks %u\n", r->line, r->wanted);
            r->wrong++;
        }
        r->wanted = TOLD_WANT_BUILT;
        if (strcmp(word, "build") == 0) {
            told_build(r, rest);
            return;
        }
        assert_int_equal(gt_hex_parse(rest, bytes, sizeof bytes, &len), GT_ERR_OK);
        told_frame(r, bytes, len, word[0] == 'r');
    } else if (strcmp(word, "told") == 0) {
        told_expect(r, TOLD_WANT_TOLD, rest, told_recipe(&r->told));
    } else if (strcmp(word, "words") == 0) {
        told_expect(r, TOLD_WANT_WORDS, rest, told_words(&r->told));
    } else if (strcmp(word, "fault") == 0) {
        told_expect(r, TOLD_WANT_FAULT, rest, told_fault(&r->told));
    } else if (strcmp(word, "again") == 0 || strcmp(word, "refused") == 0) {
        told_expect(r, TOLD_WANT_BUILT, rest, r->refusal);
    } else {
        char hex[2 * sizeof r->out + 1];
        assert_string_equal(word, "bytes");
        gt_hex_format(r->out, r->out_len, hex, sizeof hex);
        told_expect(r, TOLD_WANT_BUILT, rest, hex);
    }
}

static inline void told_check(const told_suite *suite)
{
    static told_run run;
    static char text[TOLD_TEXT_MAX];
    memset(&run, 0, sizeof run);
    run.suite = suite;
    FILE *file = fopen(suite->path, "r");
    assert_non_null(file);
    while (fgets(text, sizeof text, file) != NULL) {
        run.line++;
        text[strcspn(text, "\n")] = '\0';
        if (text[0] == '#' || text[0] == '\0') {
            continue;
        }
        char *rest = text + strcspn(text, " ");
        if (*rest != '\0') {
            *rest++ = '\0';
        }
        told_line_check(&run, text, rest);
    }
    (void)fclose(file);
    assert_int_equal(run.wanted, 0);
    assert_int_equal(run.wrong, 0);
    assert_true(run.checked >= suite->lines_min);
}

#endif
