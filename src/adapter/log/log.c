/* One event is formatted into a line on the stack and written with a single write(), so lines of
 * several threads do not mix. */
#include "adapter/log/log.h"

#include "base/bytes.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { NUMBER_MAX = 24, TAIL_LEN = 4 }; /* "...\n" */

static const char *level_name(gt_log_level level)
{
    switch (level) {
    case GT_LOG_DEBUG:
        return "debug";
    case GT_LOG_INFO:
        return "info";
    case GT_LOG_WARN:
        return "warn";
    case GT_LOG_ERROR:
        return "error";
    }
    return "?";
}

static void put_text(gt_wr *w, const char *text)
{
    /* Byte by byte, so that a line too long is cut where it stops fitting. */
    for (const char *c = text; *c != '\0'; c++) {
        gt_wr_u8(w, (uint8_t)*c);
    }
}

static bool is_plain(const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        if ((unsigned char)*c <= ' ' || *c == '"' || *c == '=' || *c == 0x7F) {
            return false;
        }
    }
    return *text != '\0';
}

static void put_value(gt_wr *w, const char *text)
{
    if (is_plain(text)) {
        put_text(w, text);
        return;
    }
    gt_wr_u8(w, '"');
    for (const char *c = text; *c != '\0'; c++) {
        const unsigned char byte = (unsigned char)*c;
        if (byte == '"' || byte == '\\') {
            gt_wr_u8(w, '\\');
            gt_wr_u8(w, byte);
        } else if (byte < ' ' || byte == 0x7F) {
            char escape[NUMBER_MAX];
            (void)snprintf(escape, sizeof escape, "\\x%02x", byte); /* always fits */
            put_text(w, escape);
        } else {
            gt_wr_u8(w, byte);
        }
    }
    gt_wr_u8(w, '"');
}

size_t log_line_format(gt_utc now, gt_log_level level, const char *event,
                       const gt_log_field *fields, size_t field_count, char out[LOG_LINE_MAX])
{
    gt_wr w = gt_wr_of((uint8_t *)out, LOG_LINE_MAX - TAIL_LEN);
    char iso[GT_ISO_MAX];
    gt_utc_iso(now, iso);
    put_text(&w, iso);
    put_text(&w, " level=");
    put_text(&w, level_name(level));
    put_text(&w, " event=");
    put_value(&w, event);
    for (size_t i = 0; i < field_count; i++) {
        gt_wr_u8(&w, ' ');
        put_text(&w, fields[i].key);
        gt_wr_u8(&w, '=');
        if (fields[i].type == GT_LOG_INT) {
            char number[NUMBER_MAX];
            (void)snprintf(number, sizeof number, "%" PRId64, fields[i].number); /* always fits */
            put_text(&w, number);
        } else {
            put_value(&w, fields[i].text == NULL ? "" : fields[i].text);
        }
    }
    size_t len = w.len;
    if (gt_wr_done(&w) != GT_ERR_OK) {
        len = LOG_LINE_MAX - TAIL_LEN;
        memcpy(out + len, "...", TAIL_LEN - 1);
        len += TAIL_LEN - 1;
    }
    out[len] = '\n';
    return len + 1;
}

static void write_line(void *ctx, gt_log_level level, const char *event, const gt_log_field *fields,
                       size_t field_count)
{
    const log_stderr *state = ctx;
    if (level < state->lowest) {
        return;
    }
    struct timespec ts;
    (void)clock_gettime(CLOCK_REALTIME, &ts); /* cannot fail for this clock */
    const gt_utc now = {.ms = (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000};
    char line[LOG_LINE_MAX];
    const size_t len = log_line_format(now, level, event, fields, field_count, line);
    /* A log that cannot be written must not stop the service. */
    if (write(state->fd, line, len) < 0) {
        return;
    }
}

gt_log log_stderr_of(log_stderr *state)
{
    return (gt_log){.ctx = state, .write = write_line};
}
