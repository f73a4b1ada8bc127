/**
 * @file log.h
 * @brief Structured log: one event a line, key=value, written by the program's adapter.
 *
 * Layer:   port. Services and programs log; everything below them returns an error.
 * Real:    adapter/log (standard error), sim (kept in memory and counted by tests).
 */
#ifndef GT_PORT_LOG_H
#define GT_PORT_LOG_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

typedef enum gt_log_level {
    GT_LOG_DEBUG,
    GT_LOG_INFO,
    GT_LOG_WARN,
    GT_LOG_ERROR,
} gt_log_level;

typedef enum gt_log_type {
    GT_LOG_TEXT,
    GT_LOG_INT,
} gt_log_type;

typedef struct gt_log_field {
    const char *key;
    gt_log_type type;
    const char *text;
    int64_t number;
} gt_log_field;

typedef struct gt_log {
    void *ctx;
    void (*write)(void *ctx, gt_log_level level, const char *event, const gt_log_field *fields,
                  size_t field_count);
} gt_log;

static inline gt_log_field gt_log_str(const char *key, const char *text)
{
    return (gt_log_field){.key = key, .type = GT_LOG_TEXT, .text = text};
}

static inline gt_log_field gt_log_num(const char *key, int64_t number)
{
    return (gt_log_field){.key = key, .type = GT_LOG_INT, .number = number};
}

/** gt_log_event(log, GT_LOG_WARN, "terminal.refused", gt_log_str("addr", a), gt_log_num("n", 3)) */
#define gt_log_event(log, level, event, ...)                                        \
    (log)->write((log)->ctx, (level), (event), (const gt_log_field[]){__VA_ARGS__}, \
                 sizeof((const gt_log_field[]){__VA_ARGS__}) / sizeof(gt_log_field))

#endif
