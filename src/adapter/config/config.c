/* libinih reads the lines; this file keeps each with its line number and whether it was asked for.
 */
#include "adapter/config/config.h"

#include <ini.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum {
    ENTRIES_MAX = 512,
    ERRORS_MAX = 64,
    ERROR_LEN = 320,
    WORD_LEN = 64,
    VALUE_LEN = 256,
};

typedef struct entry {
    char section[WORD_LEN];
    char key[WORD_LEN];
    char value[VALUE_LEN];
    int line;
    bool asked;
} entry;

struct config {
    char path[PATH_MAX];
    FILE *stream;
    int line;
    entry entries[ENTRIES_MAX];
    size_t entry_count;
    char errors[ERRORS_MAX][ERROR_LEN];
    size_t error_count;
};

__attribute__((format(printf, 3, 4))) static void complain(config *file, int line, const char *form,
                                                           ...)
{
    if (file->error_count == ERRORS_MAX) {
        return;
    }
    char *text = file->errors[file->error_count++];
    const char *name = strrchr(file->path, '/') != NULL ? strrchr(file->path, '/') + 1 : file->path;
    int n = line > 0 ? snprintf(text, ERROR_LEN, "%s:%d: ", name, line)
                     : snprintf(text, ERROR_LEN, "%s: ", name);
    if (n > 0 && n < ERROR_LEN) {
        va_list args;
        va_start(args, form);
        (void)vsnprintf(text + n, (size_t)(ERROR_LEN - n), form, args);
        va_end(args);
    }
}

static entry *find(const config *file, const char *section, const char *key)
{
    for (size_t i = 0; i < file->entry_count; i++) {
        const entry *e = &file->entries[i];
        if (strcmp(e->section, section) == 0 && (key == NULL || strcmp(e->key, key) == 0)) {
            return &((config *)(uintptr_t)file)->entries[i];
        }
    }
    return NULL;
}

static char *read_line(char *buf, int cap, void *stream)
{
    config *file = stream;
    file->line++;
    return fgets(buf, cap, file->stream);
}

static int keep(void *user, const char *section, const char *key, const char *value)
{
    config *file = user;
    const entry *before = find(file, section, key);
    if (before != NULL) {
        complain(file, file->line, "[%s] %s: given twice, first at line %d", section, key,
                 before->line);
        return 1;
    }
    if (file->entry_count == ENTRIES_MAX || strlen(section) >= WORD_LEN ||
        strlen(key) >= WORD_LEN || strlen(value) >= VALUE_LEN) {
        complain(file, file->line, "[%s] %s: too long, or more than %d keys", section, key,
                 ENTRIES_MAX);
        return 1;
    }
    entry *e = &file->entries[file->entry_count++];
    (void)snprintf(e->section, sizeof e->section, "%s", section);
    (void)snprintf(e->key, sizeof e->key, "%s", key);
    (void)snprintf(e->value, sizeof e->value, "%s", value);
    e->line = file->line;
    return 1;
}

gt_err config_open(const char *path, config **out)
{
    config *file = calloc(1, sizeof *file);
    if (file == NULL) {
        return GT_ERR_MEMORY;
    }
    (void)snprintf(file->path, sizeof file->path, "%s", path);
    file->stream = fopen(path, "re");
    if (file->stream == NULL) {
        complain(file, 0, "cannot be read (%s); expected a configuration file", path);
    } else {
        const int bad_line = ini_parse_stream(read_line, file, keep, file);
        if (bad_line != 0) {
            complain(file, bad_line, "expected \"[section]\", \"key = value\" or a comment");
        }
        (void)fclose(file->stream);
        file->stream = NULL;
    }
    *out = file;
    return GT_ERR_OK;
}

void config_close(config *file)
{
    free(file);
}

bool config_has_section(const config *file, const char *section)
{
    return find(file, section, NULL) != NULL;
}

static entry *ask(config *file, const char *section, const char *key, const char *expected,
                  bool required)
{
    entry *e = find(file, section, key);
    if (e != NULL) {
        e->asked = true;
    } else if (required) {
        complain(file, 0, "[%s] %s: missing; expected %s", section, key, expected);
    }
    return e;
}

void config_complain(config *file, const char *section, const char *key, const char *expected)
{
    const entry *e = find(file, section, key);
    if (e == NULL) {
        complain(file, 0, "[%s] %s: missing; expected %s", section, key, expected);
    } else {
        complain(file, e->line, "[%s] %s: expected %s, found \"%s\"", section, key, expected,
                 e->value);
    }
}

const char *config_text(config *file, const char *section, const char *key, const char *fallback)
{
    const entry *e = ask(file, section, key, "a text", fallback == NULL);
    if (e == NULL) {
        return fallback != NULL ? fallback : "";
    }
    if (e->value[0] == '\0') {
        config_complain(file, section, key, "a text");
    }
    return e->value;
}

static bool choice_position(const char *choices, const char *word, size_t *out)
{
    const size_t len = strlen(word);
    size_t position = 0;
    for (const char *at = choices; *at != '\0'; position++) {
        const size_t n = strcspn(at, "|");
        if (n == len && strncmp(at, word, n) == 0) {
            *out = position;
            return true;
        }
        at += n + (at[n] == '|' ? 1 : 0);
    }
    return false;
}

size_t config_choice(config *file, const char *section, const char *key, const char *choices,
                     const char *fallback)
{
    const entry *e = ask(file, section, key, choices, fallback == NULL);
    size_t position = 0;
    const char *word = e != NULL ? e->value : fallback;
    if (word != NULL && !choice_position(choices, word, &position)) {
        config_complain(file, section, key, choices);
    }
    return position;
}

int64_t config_number(config *file, const char *section, const char *key, int64_t min, int64_t max,
                      int64_t fallback)
{
    char expected[WORD_LEN];
    (void)snprintf(expected, sizeof expected, "a number %" PRId64 "..%" PRId64, min, max);
    const bool required = fallback < min || fallback > max;
    const entry *e = ask(file, section, key, expected, required);
    if (e == NULL) {
        return required ? min : fallback;
    }
    char *end = NULL;
    const long long number = strtoll(e->value, &end, 10);
    if (end == e->value || *end != '\0' || number < min || number > max) {
        config_complain(file, section, key, expected);
        return min;
    }
    return number;
}

uint16_t config_address(config *file, const char *section, const char *key, const char *fallback,
                        char *host, size_t host_cap)
{
    static const char expected[] = "host:port";
    const entry *e = ask(file, section, key, expected, fallback == NULL);
    const char *text = e != NULL ? e->value : fallback;
    host[0] = '\0';
    if (text == NULL) {
        return 0;
    }
    const char *colon = strrchr(text, ':');
    char *end = NULL;
    const long port = colon != NULL ? strtol(colon + 1, &end, 10) : -1;
    const size_t host_len = colon != NULL ? (size_t)(colon - text) : 0;
    if (host_len == 0 || host_len >= host_cap || end == colon + 1 || *end != '\0' || port < 0 ||
        port > UINT16_MAX) {
        config_complain(file, section, key, expected);
        return 0;
    }
    memcpy(host, text, host_len);
    host[host_len] = '\0';
    return (uint16_t)port;
}

void config_path(config *file, const char *section, const char *key, const char *fallback,
                 char *path, size_t path_cap)
{
    const entry *e = ask(file, section, key, "a path", fallback == NULL);
    const char *text = e != NULL ? e->value : fallback;
    const char *slash = strrchr(file->path, '/');
    const int folder_len = slash != NULL ? (int)(slash - file->path) + 1 : 0;
    path[0] = '\0';
    if (text == NULL) {
        return;
    }
    const int n = text[0] == '/' ? snprintf(path, path_cap, "%s", text)
                                 : snprintf(path, path_cap, "%.*s%s", folder_len, file->path, text);
    if (text[0] == '\0' || n < 0 || (size_t)n >= path_cap) {
        config_complain(file, section, key, "a path");
        path[0] = '\0';
    }
}

gt_err config_finish(config *file, FILE *to)
{
    for (size_t i = 0; i < file->entry_count; i++) {
        const entry *e = &file->entries[i];
        if (!e->asked) {
            complain(file, e->line, "[%s] %s: unknown; expected a key of the manual", e->section,
                     e->key);
        }
    }
    for (size_t i = 0; i < file->error_count; i++) {
        (void)fprintf(to, "%s\n", file->errors[i]);
    }
    return file->error_count > 0 ? GT_ERR_SYNTAX : GT_ERR_OK;
}
