/**
 * @file random.h
 * @brief Unpredictable bytes: session tokens, set-up links, salts.
 *
 * Layer:   port.
 * Real:    adapter/password (the system's generator), tests (a counted sequence).
 */
#ifndef GT_PORT_RANDOM_H
#define GT_PORT_RANDOM_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

typedef struct gt_random {
    void *ctx;
    /** @return IO the system has none to give; @p out is then not to be used */
    gt_err (*fill)(void *ctx, uint8_t *out, size_t len); /* any thread */
} gt_random;

#endif
