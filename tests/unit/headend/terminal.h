/* The bench's terminal: a small concentrator that answers at once from the meters themselves. */
#ifndef GT_TESTS_HEADEND_TERMINAL_H
#define GT_TESTS_HEADEND_TERMINAL_H

#include "bench.h"

/** Bytes from the station. */
void terminal_bytes(bench *b, const uint8_t *buf, size_t len);
/** Connect, log in, heartbeat when their time has come. */
void terminal_step(bench *b);
int64_t terminal_deadline(const bench *b);
/** The connection is gone; both sides learn of it now. */
void terminal_hang_up(bench *b);
/** Queue bytes to the station. */
void terminal_say(bench *b, const uint8_t *buf, size_t len);
/** A meter's answer to a frame on its line. @return length, 0 silence */
size_t terminal_line_ask(bench *b, unsigned line, const uint8_t *frame, size_t len, uint8_t *out);

#endif
