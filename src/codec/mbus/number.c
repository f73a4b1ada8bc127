/* A real is m * 2^e. For e < 0 that is m * 5^-e / 10^-e, so its digits are those of an integer of
 * at most 113 digits: held in words of nine digits each. */
#include "codec/mbus/number.h"

#include <string.h>

enum {
    WORD = 1000000000,
    WORD_DIGITS = 9,
    WORDS = 14,
    FIVE_12 = 244140625, /* 5^12: the largest power of five below WORD */
    DIGITS = WORDS * WORD_DIGITS,
};

static void multiply(uint32_t big[WORDS], uint32_t factor)
{
    uint64_t carry = 0;
    for (size_t i = 0; i < WORDS; i++) {
        carry += (uint64_t)big[i] * factor;
        big[i] = (uint32_t)(carry % WORD);
        carry /= WORD;
    }
}

/* times 2^n or 5^n, in as few steps as a word allows */
static void multiply_power(uint32_t big[WORDS], uint32_t base, unsigned n)
{
    const unsigned step = base == 5 ? 12 : 28;
    const uint32_t power = base == 5 ? FIVE_12 : UINT32_C(1) << 28;
    for (; n >= step; n -= step) {
        multiply(big, power);
    }
    for (; n > 0; n--) {
        multiply(big, base);
    }
}

static size_t digits_of(const uint32_t big[WORDS], char out[DIGITS])
{
    size_t count = 0;
    for (size_t i = WORDS; i > 0; i--) {
        uint32_t unit = WORD / 10;
        for (unsigned k = 0; k < WORD_DIGITS; k++, unit /= 10) {
            const char digit = (char)('0' + big[i - 1] / unit % 10);
            if (count > 0 || digit != '0') {
                out[count++] = digit;
            }
        }
    }
    return count;
}

/* Cuts to MBUS_REAL_DIGITS, half to even; the digits cut off move into the exponent. */
static size_t rounded(char digits[DIGITS], size_t count, int *exponent)
{
    if (count <= MBUS_REAL_DIGITS) {
        return count;
    }
    bool up = digits[MBUS_REAL_DIGITS] > '5';
    if (digits[MBUS_REAL_DIGITS] == '5') {
        up = (digits[MBUS_REAL_DIGITS - 1] & 1) != 0;
        for (size_t i = MBUS_REAL_DIGITS + 1; i < count; i++) {
            up = up || digits[i] != '0';
        }
    }
    *exponent += (int)(count - MBUS_REAL_DIGITS);
    size_t i = MBUS_REAL_DIGITS;
    while (up && i > 0) {
        i--;
        up = digits[i] == '9';
        digits[i] = up ? '0' : (char)(digits[i] + 1);
    }
    if (up) { /* all nines */
        digits[0] = '1';
        ++*exponent;
    }
    return MBUS_REAL_DIGITS;
}

bool mbus_real_digits(uint32_t bits, char out_digits[MBUS_REAL_DIGITS], size_t *out_count,
                      int *out_exponent)
{
    const unsigned biased = bits >> 23 & 0xFF;
    if (biased == 0xFF) {
        return false;
    }
    const uint32_t fraction = bits & 0x7FFFFF;
    const uint32_t mantissa = biased == 0 ? fraction : fraction | 0x800000;
    const int two = (biased == 0 ? 1 : (int)biased) - 150;
    uint32_t big[WORDS] = {mantissa};
    int ten = 0;
    if (two >= 0) {
        multiply_power(big, 2, (unsigned)two);
    } else {
        multiply_power(big, 5, (unsigned)-two);
        ten = two;
    }
    char digits[DIGITS];
    size_t count = rounded(digits, digits_of(big, digits), &ten);
    while (count > 0 && digits[count - 1] == '0') {
        count--;
        ten++;
    }
    memcpy(out_digits, digits, count);
    *out_count = count;
    *out_exponent = count > 0 ? ten : 0;
    return true;
}
