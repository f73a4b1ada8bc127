/**
 * @file json_writer.h
 * @brief JSON written row by row into an answer: no tree, no memory of its own.
 *
 * Layer:   api.
 * Numbers that mean money or measured values are written as decimal strings, never as JSON reals.
 */
#ifndef GT_API_JSON_WRITER_H
#define GT_API_JSON_WRITER_H

#include "port/http.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { JSON_DEPTH_MAX = 16 };

typedef struct json_writer {
    const http_sink *sink;
    unsigned depth;
    bool filled[JSON_DEPTH_MAX]; /* a value was written at this depth: a comma comes first */
    size_t len;
    char buf[1024];
} json_writer;

void json_writer_init(json_writer *j, const http_sink *sink);
/** Hand over what is still buffered. Everything opened must be closed. */
void json_writer_flush(json_writer *j);

/** @p key NULL inside an array and at the top. */
void json_writer_object(json_writer *j, const char *key);
void json_writer_object_end(json_writer *j);
void json_writer_array(json_writer *j, const char *key);
void json_writer_array_end(json_writer *j);
/** Text is UTF-8; bytes that are not are written as U+FFFD. NULL text is null. */
void json_writer_text(json_writer *j, const char *key, const char *text);
void json_writer_int(json_writer *j, const char *key, int64_t number);
void json_writer_bool(json_writer *j, const char *key, bool value);
void json_writer_null(json_writer *j, const char *key);
/** 12345 with 2 decimals: "123.45" with its quotes. */
void json_writer_decimal(json_writer *j, const char *key, int64_t value, unsigned decimals);

#endif
