/**
 * @file log.h
 * @brief port/log.h on standard error: one logfmt line an event, UTC time first.
 *
 * Layer:   adapter. Any thread; a line is written with one write().
 * Form:    2026-11-21T04:47:03.120Z level=warn event=terminal.refused addr=4401-0009 n=3
 *          text with blanks, quotes or control characters is quoted and escaped.
 */
#ifndef GT_ADAPTER_LOG_LOG_H
#define GT_ADAPTER_LOG_LOG_H

#include "base/time.h"
#include "port/log.h"

enum { LOG_LINE_MAX = 1024 }; /* a longer line is cut and ends with "..." */

typedef struct log_stderr {
    int fd;              /* 2 */
    gt_log_level lowest; /* events below it are dropped */
} log_stderr;

/** @p state must outlive the log. */
gt_log log_stderr_of(log_stderr *state);

/** Pure: the line with its newline. @return length */
size_t log_line_format(gt_utc now, gt_log_level level, const char *event,
                       const gt_log_field *fields, size_t field_count, char out[LOG_LINE_MAX]);

#endif
