/* Published frames: every vector of a file, and what a damaged frame must do. */
#ifndef GT_TESTS_CODEC_VECTORS_H
#define GT_TESTS_CODEC_VECTORS_H

#include "base/err.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { VECTOR_LINE_MAX = 65536 };

/* A JSON object a line. The vectors are not part of the source: where the file is absent the test
 * is skipped. */
static inline void vectors_check(const char *path, unsigned count_min,
                                 void (*check)(const json_t *vector))
{
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        skip();
    }
    static char line[VECTOR_LINE_MAX];
    unsigned count = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        json_t *vector = json_loads(line, 0, NULL);
        assert_non_null(vector);
        check(vector);
        json_decref(vector);
        count++;
    }
    (void)fclose(file);
    assert_true(count >= count_min);
}

/* Every prefix and every flipped bit of a right frame is refused. */
static inline void damage_refused(gt_err (*decode)(const uint8_t *in, size_t in_len),
                                  const uint8_t *in, size_t len)
{
    for (size_t n = 0; n < len; n++) {
        uint8_t *part = malloc(n > 0 ? n : 1); /* a read past the end is seen by ASan */
        assert_non_null(part);
        memcpy(part, in, n);
        assert_int_not_equal(decode(part, n), GT_ERR_OK);
        free(part);
    }
    uint8_t *copy = malloc(len);
    assert_non_null(copy);
    memcpy(copy, in, len);
    for (size_t bit = 0; bit < len * 8; bit++) {
        copy[bit / 8] ^= (uint8_t)(1U << bit % 8);
        assert_int_not_equal(decode(copy, len), GT_ERR_OK);
        copy[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    free(copy);
}

#endif
