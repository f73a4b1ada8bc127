/* A real is m * 2^e. For e < 0 that is m * 5^-e / 10^-e, so its digits are those of an integer of
 * at most 113 digits: held in words of nine digits each. */
#include "base/real.h"

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

/* Cuts to GT_REAL_DIGITS, half to even; the digits cut off move into the exponent. */
static size_t rounded(char digits[DIGITS], size_t count, int *exponent)
{
    if (count <= GT_REAL_DIGITS) {
        return count;
    }
    bool up = digits[GT_REAL_DIGITS] > '5';
    if (digits[GT_REAL_DIGITS] == '5') {
        up = (digits[GT_REAL_DIGITS - 1] & 1) != 0;
        for (size_t i = GT_REAL_DIGITS + 1; i < count; i++) {
            up = up || digits[i] != '0';
        }
    }
    *exponent += (int)(count - GT_REAL_DIGITS);
    size_t i = GT_REAL_DIGITS;
    while (up && i > 0) {
        i--;
        up = digits[i] == '9';
        digits[i] = up ? '0' : (char)(digits[i] + 1);
    }
    if (up) { /* all nines */
        digits[0] = '1';
        ++*exponent;
    }
    return GT_REAL_DIGITS;
}

/* All digits of mantissa * 2^two. */
static size_t exact_digits(uint32_t mantissa, int two, char out[DIGITS], int *out_ten)
{
    uint32_t big[WORDS] = {mantissa};
    if (two >= 0) {
        multiply_power(big, 2, (unsigned)two);
    } else {
        multiply_power(big, 5, (unsigned)-two);
    }
    *out_ten = two < 0 ? two : 0;
    return digits_of(big, out);
}

static uint32_t mantissa_of(uint32_t bits)
{
    const uint32_t fraction = bits & 0x7FFFFF;
    return (bits >> 23 & 0xFF) == 0 ? fraction : fraction | 0x800000;
}

static int two_of(uint32_t bits)
{
    const unsigned biased = bits >> 23 & 0xFF;
    return (biased == 0 ? 1 : (int)biased) - 150;
}

bool gt_real_digits(uint32_t bits, char out_digits[GT_REAL_DIGITS], size_t *out_count,
                    int *out_exponent)
{
    if ((bits >> 23 & 0xFF) == 0xFF) {
        return false;
    }
    int ten = 0;
    char digits[DIGITS];
    const size_t all = exact_digits(mantissa_of(bits), two_of(bits), digits, &ten);
    size_t count = rounded(digits, all, &ten);
    while (count > 0 && digits[count - 1] == '0') {
        count--;
        ten++;
    }
    memcpy(out_digits, digits, count);
    *out_count = count;
    *out_exponent = count > 0 ? ten : 0;
    return true;
}

gt_err gt_real_count(uint32_t bits, int exponent, int64_t *out)
{
    enum { COUNT_DIGITS = 18 };
    char digits[GT_REAL_DIGITS];
    size_t count = 0;
    int ten = 0;
    if (!gt_real_digits(bits, digits, &count, &ten)) {
        return GT_ERR_MALFORMED;
    }
    const int places = (int)count + ten - exponent; /* digits of the result */
    if (count > 0 && places > COUNT_DIGITS) {
        return GT_ERR_RANGE;
    }
    int64_t number = 0;
    for (int i = 0; count > 0 && i < places; i++) {
        number = number * 10 + (i < (int)count ? digits[i] - '0' : 0);
    }
    if (count > 0 && places >= 0 && places < (int)count && digits[places] >= '5') {
        number++;
    }
    *out = bits >> 31 != 0 ? -number : number;
    return GT_ERR_OK;
}

/* A decimal above zero, all digits of it: 0.digits * 10^point. */
typedef struct exact {
    char digits[DIGITS];
    size_t count;
    int point;
} exact;

static exact exact_of(uint32_t mantissa, int two)
{
    exact e;
    e.count = exact_digits(mantissa, two, e.digits, &e.point);
    e.point += (int)e.count;
    return e;
}

static exact exact_of_number(uint64_t number, int exponent)
{
    exact e = {.point = exponent};
    char digits[DIGITS];
    size_t at = DIGITS;
    for (; number > 0; number /= 10) {
        digits[--at] = (char)('0' + number % 10);
    }
    e.count = DIGITS - at;
    e.point += (int)e.count;
    memcpy(e.digits, digits + at, e.count);
    return e;
}

/* Above zero, at zero or below it, as a is above, at or below b. */
static int compare(const exact *a, const exact *b)
{
    if (a->point != b->point) {
        return a->point - b->point;
    }
    for (size_t i = 0; i < a->count || i < b->count; i++) {
        const int left = i < a->count ? a->digits[i] : '0';
        const int right = i < b->count ? b->digits[i] : '0';
        if (left != right) {
            return left - right;
        }
    }
    return 0;
}

/* Reals above zero are ordered as their bits are, so the one sought is found by halving. */
gt_err gt_real_of(int64_t number, int exponent, uint32_t *out)
{
    enum { INFINITE = 0x7F800000 };
    if (number == 0) {
        *out = 0;
        return GT_ERR_OK;
    }
    const exact want = exact_of_number(number < 0 ? -(uint64_t)number : (uint64_t)number, exponent);
    uint32_t low = 0; /* at most the number sought */
    uint32_t high = INFINITE;
    while (high - low > 1) {
        const uint32_t middle = low + (high - low) / 2;
        const exact is = exact_of(mantissa_of(middle), two_of(middle));
        if (compare(&is, &want) > 0) {
            high = middle;
        } else {
            low = middle;
        }
    }
    const exact half = exact_of(2 * mantissa_of(low) + 1, two_of(low) - 1);
    const int order = compare(&want, &half);
    low += order > 0 || (order == 0 && (low & 1) != 0) ? 1 : 0;
    if (low == INFINITE) {
        return GT_ERR_RANGE;
    }
    *out = low | (number < 0 ? UINT32_C(1) << 31 : 0);
    return GT_ERR_OK;
}
