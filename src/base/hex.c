/* Bytes as hexadecimal text. */
#include "base/hex.h"

void gt_hex_format(const uint8_t *buf, size_t len, char *out, size_t cap)
{
    static const char digits[] = "0123456789abcdef";
    GT_ASSERT(cap > 2 * len);
    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[buf[i] >> 4];
        out[2 * i + 1] = digits[buf[i] & 0x0F];
    }
    out[2 * len] = '\0';
}

int gt_hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

gt_err gt_hex_parse(const char *text, uint8_t *out, size_t cap, size_t *out_len)
{
    size_t n = 0;
    for (; text[2 * n] != '\0'; n++) {
        const int high = gt_hex_digit(text[2 * n]);
        const int low = high < 0 ? -1 : gt_hex_digit(text[2 * n + 1]);
        if (low < 0) {
            return GT_ERR_SYNTAX;
        }
        if (n == cap) {
            return GT_ERR_SPACE;
        }
        out[n] = (uint8_t)(high << 4 | low);
    }
    *out_len = n;
    return GT_ERR_OK;
}
