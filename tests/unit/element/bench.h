/* An element on the bench: blank memory, counted random numbers, and its host beside it. */
#ifndef GT_TESTS_ELEMENT_BENCH_H
#define GT_TESTS_ELEMENT_BENCH_H

#include "base/bytes.h"
#include "element/host.h"
#include "sim/eeprom.h"

#define BENCH_METER_NO UINT64_C(202601000257)

typedef struct bench {
    element element;
    element_host host;
    gt_apdu_answer answer;
    uint64_t random;
    bool random_fails;
    sim_eeprom eeprom; /* last: most of it stays blank */
} bench;

/** An element of that suite with the host's keys in its slots, powered on. */
void bench_make(bench *b, suite_kind kind);
element_ports bench_ports(bench *b);
/** Copy what an element uses of it. */
void bench_copy(bench *to, const bench *from);
/** Power off and on. */
gt_err bench_power(bench *b);
/** Send a command written as hex. @return status word; the answer's data is in b->answer */
uint16_t bench_send(bench *b, const char *hex);
/** Head, then text, then MAC: P3 is set to what follows it. */
uint16_t bench_send_parts(bench *b, const char *head4, const uint8_t *data, size_t len);
/** Fetch a challenge of four into the host. */
void bench_challenge(bench *b);
uint16_t bench_increase(bench *b, uint32_t amount, uint32_t count);
uint16_t bench_write(bench *b, const element_host_text *text);
uint16_t bench_keys(bench *b, const element_host_key *keys, size_t count);
uint32_t bench_amount(bench *b);
uint32_t bench_count(bench *b);

#endif
