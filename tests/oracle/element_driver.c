/* The real element as a filter: one command a line, one answer a line.
 *   make KIND METER_NO KEYS   keys of the site, all slots in hex; answers the keys of the meter
 *   apdu HEX                  answers status word and data
 * Random numbers are counted, so that a run can be repeated. */
#include "base/hex.h"
#include "element/host.h"
#include "sim/eeprom.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { LINE_MAX_LEN = 1024, KEYS_LEN = ELEMENT_SLOTS * SUITE_KEY_LEN };

static gt_err random_fill(void *ctx, uint8_t *out, size_t len)
{
    uint32_t *state = ctx;
    for (size_t i = 0; i < len; i++) {
        *state = *state * 1664525U + 1013904223U;
        out[i] = (uint8_t)(*state >> 24U);
    }
    return GT_ERR_OK;
}

typedef struct world {
    sim_eeprom eeprom;
    element element;
    uint32_t random;
} world;

static gt_err make(world *w, unsigned kind, uint64_t meter_no, const char *hex)
{
    element_host site = {.kind = (suite_kind)kind};
    element_host host;
    size_t len = 0;
    GT_TRY(gt_hex_parse(hex, site.key[0], KEYS_LEN, &len));
    GT_TRY(element_host_derive(&site, meter_no, &host));
    element_issue issue = {
        .kind = site.kind, .serial = {1, 2, 3, 4, 5, 6, 7, 8}, .meter_no = meter_no};
    memcpy(issue.key, host.key, sizeof issue.key);
    sim_eeprom_init(&w->eeprom, 1);
    const element_ports ports = {.nvm = sim_eeprom_port(&w->eeprom),
                                 .random = {.ctx = &w->random, .fill = random_fill}};
    GT_TRY(element_make(&ports.nvm, &issue));
    GT_TRY(element_open(&w->element, &ports));
    char text[2 * KEYS_LEN + 1];
    gt_hex_format(host.key[0], KEYS_LEN, text, sizeof text);
    puts(text);
    return GT_ERR_OK;
}

static gt_err apdu(world *w, const char *hex)
{
    uint8_t command[GT_APDU_MAX];
    char text[2 * GT_APDU_DATA_MAX + 1];
    gt_apdu_answer answer;
    size_t len = 0;
    GT_TRY(gt_hex_parse(hex, command, sizeof command, &len));
    element_apdu(&w->element, command, len, &answer);
    gt_hex_format(answer.data, answer.len, text, sizeof text);
    printf("%04x%s\n", answer.status, text);
    return GT_ERR_OK;
}

int main(void)
{
    static world w;
    char line[LINE_MAX_LEN];
    while (fgets(line, sizeof line, stdin) != NULL) {
        unsigned kind = 0;
        uint64_t meter_no = 0;
        char hex[LINE_MAX_LEN];
        gt_err err = GT_ERR_SYNTAX;
        if (sscanf(line, "make %u %" SCNu64 " %1023s", &kind, &meter_no, hex) == 3) {
            err = make(&w, kind, meter_no, hex);
        } else if (sscanf(line, "apdu %1023s", hex) == 1) {
            err = apdu(&w, hex);
        }
        if (err != GT_ERR_OK) {
            fprintf(stderr, "%s: %s", gt_err_name(err), line);
            return 1;
        }
        fflush(stdout);
    }
    return 0;
}
