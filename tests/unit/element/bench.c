/* What the element's tests share. */
#include "bench.h"

#include "base/hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static uint64_t next(uint64_t *state)
{
    *state += 0x9E3779B97F4A7C15U;
    uint64_t z = *state;
    z = (z ^ z >> 30U) * 0xBF58476D1CE4E5B9U;
    z = (z ^ z >> 27U) * 0x94D049BB133111EBU;
    return z ^ z >> 31U;
}

static gt_err random_fill(void *ctx, uint8_t *out, size_t len)
{
    bench *b = ctx;
    if (b->random_fails) {
        return GT_ERR_IO;
    }
    for (size_t i = 0; i < len; i++) {
        out[i] = (uint8_t)next(&b->random);
    }
    return GT_ERR_OK;
}

element_ports bench_ports(bench *b)
{
    return (element_ports){.nvm = sim_eeprom_port(&b->eeprom),
                           .random = {.ctx = b, .fill = random_fill}};
}

void bench_copy(bench *to, const bench *from)
{
    memcpy(to, from, offsetof(bench, eeprom.cells) + ELEMENT_NVM_SIZE);
}

gt_err bench_power(bench *b)
{
    const element_ports ports = bench_ports(b);
    memset(b->host.seed, 0, sizeof b->host.seed);
    return element_open(&b->element, &ports);
}

void bench_make(bench *b, suite_kind kind)
{
    memset(b, 0, sizeof *b);
    sim_eeprom_init(&b->eeprom, 7);
    b->random = 1;
    element_host site = {.kind = kind};
    for (unsigned i = 0; i < ELEMENT_SLOTS; i++) {
        assert_int_equal(random_fill(b, site.key[i], SUITE_KEY_LEN), GT_ERR_OK);
    }
    assert_int_equal(element_host_derive(&site, BENCH_METER_NO, &b->host), GT_ERR_OK);
    element_issue issue = {
        .kind = kind, .serial = {1, 2, 3, 4, 5, 6, 7, 8}, .meter_no = BENCH_METER_NO};
    memcpy(issue.key, b->host.key, sizeof issue.key);
    const element_ports ports = bench_ports(b);
    assert_int_equal(element_make(&ports.nvm, &issue), GT_ERR_OK);
    assert_int_equal(bench_power(b), GT_ERR_OK);
}

uint16_t bench_send(bench *b, const char *hex)
{
    uint8_t command[GT_APDU_MAX];
    size_t len = 0;
    assert_int_equal(gt_hex_parse(hex, command, sizeof command, &len), GT_ERR_OK);
    element_apdu(&b->element, command, len, &b->answer);
    return b->answer.status;
}

uint16_t bench_send_parts(bench *b, const char *head4, const uint8_t *data, size_t len)
{
    uint8_t command[GT_APDU_MAX];
    size_t head_len = 0;
    assert_int_equal(gt_hex_parse(head4, command, 4, &head_len), GT_ERR_OK);
    assert_int_equal(head_len, 4);
    command[4] = (uint8_t)len;
    memcpy(command + GT_APDU_HEAD_LEN, data, len);
    element_apdu(&b->element, command, GT_APDU_HEAD_LEN + len, &b->answer);
    return b->answer.status;
}

void bench_challenge(bench *b)
{
    assert_int_equal(bench_send(b, "0084000004"), GT_SW_OK);
    assert_int_equal(b->answer.len, 4);
    element_host_challenged(&b->host, b->answer.data);
}

uint16_t bench_increase(bench *b, uint32_t amount, uint32_t count)
{
    uint8_t data[12];
    gt_wr w = gt_wr_of(data, sizeof data);
    gt_wr_u32be(&w, amount);
    gt_wr_u32be(&w, count);
    element_host_increase(&b->host, amount, count, data + 8);
    return bench_send_parts(b, "8432010C", data, sizeof data);
}

uint16_t bench_write(bench *b, const element_host_text *text)
{
    uint8_t command[GT_APDU_MAX] = {0x04, 0xD6, 0x80U | text->sfi, text->offset};
    size_t len = 0;
    assert_int_equal(element_host_write(&b->host, text, command + GT_APDU_HEAD_LEN, &len),
                     GT_ERR_OK);
    command[4] = (uint8_t)len;
    element_apdu(&b->element, command, GT_APDU_HEAD_LEN + len, &b->answer);
    return b->answer.status;
}

uint16_t bench_keys(bench *b, const element_host_key *keys, size_t count)
{
    uint8_t data[GT_APDU_DATA_MAX];
    size_t len = 0;
    assert_int_equal(element_host_keys(&b->host, keys, count, data, &len), GT_ERR_OK);
    return bench_send_parts(b, "84D401FF", data, len);
}

static uint32_t record(bench *b, const char *hex)
{
    assert_int_equal(bench_send(b, hex), GT_SW_OK);
    assert_int_equal(b->answer.len, 4);
    gt_rd r = gt_rd_of(b->answer.data, 4);
    return gt_rd_u32be(&r);
}

uint32_t bench_amount(bench *b)
{
    return record(b, "00B2010C04");
}

uint32_t bench_count(bench *b)
{
    return record(b, "00B2030C04");
}
