/* Volatile accesses keep the compiler from dropping a wipe or ending a comparison early. */
#include "crypto/wipe.h"

void gt_wipe(void *buf, size_t len)
{
    volatile uint8_t *at = buf;
    for (size_t i = 0; i < len; i++) {
        at[i] = 0;
    }
}

bool gt_secret_equal(const uint8_t *a, const uint8_t *b, size_t len)
{
    volatile uint8_t difference = 0;
    for (size_t i = 0; i < len; i++) {
        difference = (uint8_t)(difference | (a[i] ^ b[i]));
    }
    return difference == 0;
}
