/**
 * @file wipe.h
 * @brief Erase secrets for certain; compare them without telling where they differ.
 *
 * Layer:   crypto. Freestanding.
 */
#ifndef GT_CRYPTO_WIPE_H
#define GT_CRYPTO_WIPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Zero @p len bytes; never optimised away. */
void gt_wipe(void *buf, size_t len);
/** Equal? Takes the same time wherever the first difference is. */
bool gt_secret_equal(const uint8_t *a, const uint8_t *b, size_t len);

#endif
