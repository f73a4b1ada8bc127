#include "rig645.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { HEAD = 10, TAIL = 2, PREAMBLE = 4, WAIT_S = 1 };

size_t rig645_hex(const char *text, uint8_t *out)
{
    size_t n = 0;
    for (const char *at = text; *at != '\0';) {
        char *end = NULL;
        while (*at == ' ') {
            at++;
        }
        if (*at != '\0') {
            const char pair[3] = {at[0], at[1], '\0'};
            out[n++] = (uint8_t)strtoul(pair, &end, 16);
            assert_int_equal(*end, '\0');
            at += 2;
        }
    }
    return n;
}

static void address_put(const char *address, uint8_t *out)
{
    uint8_t high_first[6];
    assert_int_equal(rig645_hex(address, high_first), 6);
    for (unsigned i = 0; i < 6; i++) {
        out[i] = high_first[5 - i];
    }
}

void rig645_send(rig *r, const char *address, uint8_t ctrl, const char *data)
{
    uint8_t frame[HEAD + 255 + TAIL] = {0x68};
    uint8_t sum = 0;
    address_put(address, frame + 1);
    frame[7] = 0x68;
    frame[8] = ctrl;
    const size_t n = rig645_hex(data, frame + HEAD);
    frame[9] = (uint8_t)n;
    for (size_t i = 0; i < n; i++) {
        frame[HEAD + i] = (uint8_t)(frame[HEAD + i] + 0x33);
    }
    for (size_t i = 0; i < HEAD + n; i++) {
        sum = (uint8_t)(sum + frame[i]);
    }
    frame[HEAD + n] = sum;
    frame[HEAD + n + 1] = 0x16;
    rig_send(r, frame, HEAD + n + TAIL);
}

uint8_t rig645_answer(const rig *r, const char *address, uint8_t out[RIG645_DATA_MAX],
                      size_t *out_len)
{
    uint8_t wanted[6];
    uint8_t sum = 0;
    if (r->tx_len == 0) {
        *out_len = 0;
        return 0;
    }
    const uint8_t *at = r->tx + PREAMBLE;
    const size_t len = r->tx_len - PREAMBLE;
    address_put(address, wanted);
    assert_memory_equal(r->tx, "\xFE\xFE\xFE\xFE", PREAMBLE);
    assert_true(len >= HEAD + TAIL && at[0] == 0x68 && at[7] == 0x68 && at[len - 1] == 0x16);
    assert_memory_equal(at + 1, wanted, sizeof wanted);
    assert_int_equal(at[9], len - HEAD - TAIL);
    assert_true(at[9] <= RIG645_DATA_MAX);
    for (size_t i = 0; i < len - TAIL; i++) {
        sum = (uint8_t)(sum + at[i]);
    }
    assert_int_equal(sum, at[len - TAIL]);
    for (size_t i = 0; i < at[9]; i++) {
        out[i] = (uint8_t)(at[HEAD + i] - 0x33);
    }
    *out_len = at[9];
    return at[8];
}

static void print(const char *what, uint8_t ctrl, const uint8_t *data, size_t len)
{
    print_error("%s: %02X", what, ctrl);
    for (size_t i = 0; i < len; i++) {
        print_error(" %02X", data[i]);
    }
    print_error("\n");
}

void rig645_run(rig *r, const char *address, const rig645_row *rows, size_t count)
{
    unsigned wrong = 0;
    for (size_t i = 0; i < count; i++) {
        uint8_t got[RIG645_DATA_MAX];
        uint8_t want[RIG645_DATA_MAX];
        size_t len = 0;
        const size_t want_len = rig645_hex(rows[i].want, want);
        rig645_send(r, address, rows[i].ctrl, rows[i].data);
        const uint8_t ctrl = rig645_answer(r, address, got, &len);
        if (ctrl != rows[i].want_ctrl || len != want_len || memcmp(got, want, len) != 0) {
            print(rows[i].what, ctrl, got, len);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}
