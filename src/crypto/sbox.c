/* Sixteen bytes are turned into eight planes of sixteen bits (plane i holds bit i of every byte)
 * and inverted in GF(2^8) together; the affine maps before and after make it the S-box of AES, its
 * inverse, or that of SM4 (whose own field is mapped onto that of AES). */
#include "crypto/sbox_priv.h"

#include <stddef.h>

typedef struct planes {
    uint16_t bit[SBOX_BITS];
} planes;

/* Reduce a product of up to fifteen planes by x^8 = x^4 + x^3 + x + 1. */
static planes reduce(uint16_t wide[2 * SBOX_BITS - 1])
{
    planes out;
    for (unsigned i = 2 * SBOX_BITS - 2; i >= SBOX_BITS; i--) {
        wide[i - 4] ^= wide[i];
        wide[i - 5] ^= wide[i];
        wide[i - 7] ^= wide[i];
        wide[i - 8] ^= wide[i];
    }
    for (unsigned i = 0; i < SBOX_BITS; i++) {
        out.bit[i] = wide[i];
    }
    return out;
}

static planes multiply(const planes *a, const planes *b)
{
    uint16_t wide[2 * SBOX_BITS - 1] = {0};
    for (unsigned i = 0; i < SBOX_BITS; i++) {
        for (unsigned j = 0; j < SBOX_BITS; j++) {
            wide[i + j] ^= (uint16_t)(a->bit[i] & b->bit[j]);
        }
    }
    return reduce(wide);
}

static planes square(planes a, unsigned times)
{
    for (; times > 0; times--) {
        uint16_t wide[2 * SBOX_BITS - 1] = {0};
        for (unsigned i = 0; i < SBOX_BITS; i++) {
            wide[2 * i] = a.bit[i];
        }
        a = reduce(wide);
    }
    return a;
}

/* a^254: the inverse, and 0 for 0. */
static planes invert(const planes *a)
{
    const planes a2 = square(*a, 1);
    const planes a3 = multiply(&a2, a);
    const planes a12 = square(a3, 2);
    const planes a15 = multiply(&a12, &a3);
    const planes a240 = square(a15, 4);
    const planes a252 = multiply(&a240, &a12);
    return multiply(&a252, &a2);
}

/* The matrix is public: only the planes are secret, and each is used whole. */
static void map(const sbox_map *by, planes *p)
{
    planes out;
    for (unsigned i = 0; i < SBOX_BITS; i++) {
        uint16_t sum = ((unsigned)by->add >> i & 1U) != 0 ? 0xFFFFU : 0;
        for (unsigned k = 0; k < SBOX_BITS; k++) {
            sum ^= ((unsigned)by->row[i] >> k & 1U) != 0 ? p->bit[k] : 0;
        }
        out.bit[i] = sum;
    }
    *p = out;
}

void sbox_apply(const sbox *box, uint8_t bytes[SBOX_LANES])
{
    planes p = {{0}};
    for (unsigned i = 0; i < SBOX_LANES; i++) {
        for (unsigned bit = 0; bit < SBOX_BITS; bit++) {
            p.bit[bit] |= (uint16_t)(((unsigned)bytes[i] >> bit & 1U) << i);
        }
    }
    if (box->before != NULL) {
        map(box->before, &p);
    }
    p = invert(&p);
    if (box->after != NULL) {
        map(box->after, &p);
    }
    for (unsigned i = 0; i < SBOX_LANES; i++) {
        unsigned byte = 0;
        for (unsigned bit = 0; bit < SBOX_BITS; bit++) {
            byte |= ((unsigned)p.bit[bit] >> i & 1U) << bit;
        }
        bytes[i] = (uint8_t)byte;
    }
}
