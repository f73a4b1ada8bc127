/**
 * @file config.h
 * @brief Strict configuration files: every error names file, line, key and what was expected.
 *
 * Layer:   adapter, over libinih.
 * The caller asks for each key once, saying what it must be; what nobody asked for is an error too.
 * All errors are gathered, so that one run shows them all.
 */
#ifndef GT_ADAPTER_CONFIG_CONFIG_H
#define GT_ADAPTER_CONFIG_CONFIG_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef struct config config;

/** Read the whole file. A file that cannot be read or parsed is an error kept in @p out too. */
GT_CHECKED gt_err config_open(const char *path, config **out);
void config_close(config *file);

/** True when any key of that section is there. */
bool config_has_section(const config *file, const char *section);

/** NULL @p fallback: the key is required. The text lives as long as the file is open. */
const char *config_text(config *file, const char *section, const char *key, const char *fallback);
/** One of the words of @p choices ("ethernet|gprs"); @return its position, 0 on error */
size_t config_choice(config *file, const char *section, const char *key, const char *choices,
                     const char *fallback);
/** A whole number; @p fallback outside min..max: the key is required. */
int64_t config_number(config *file, const char *section, const char *key, int64_t min, int64_t max,
                      int64_t fallback);
/** "host:port" cut in two; port 0..65535. @p host_cap includes the terminator. */
uint16_t config_address(config *file, const char *section, const char *key, const char *fallback,
                        char *host, size_t host_cap);
/** A path; one that is not absolute is taken from the folder of the configuration file. */
void config_path(config *file, const char *section, const char *key, const char *fallback,
                 char *path, size_t path_cap);

/** Add an error of the caller's about a key: "expected ...". */
void config_complain(config *file, const char *section, const char *key, const char *expected);

/**
 * Complain about every key never asked for, then print all errors to @p to, a line each.
 * @return SYNTAX when there was any
 */
GT_CHECKED gt_err config_finish(config *file, FILE *to);

#endif
