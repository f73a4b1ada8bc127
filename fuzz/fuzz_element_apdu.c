/* An element that is spoken to by the input: commands as they come, commands with a right MAC put
 * on them by the host, power cuts, resets. It must never crash, always answer, and its wallet's
 * count may rise only by an increase that the host signed. */
#include "base/bytes.h"
#include "element/host.h"
#include "sim/eeprom.h"

#include <string.h>

enum { STEPS_MAX = 60 };

typedef struct world {
    element element;
    element_host host;
    uint8_t counter;
    uint32_t count; /* as the wallet should have it */
    sim_eeprom eeprom;
} world;

static gt_err random_fill(void *ctx, uint8_t *out, size_t len)
{
    world *w = ctx;
    memset(out, ++w->counter, len);
    return GT_ERR_OK;
}

static void power_on(world *w)
{
    const element_ports ports = {.nvm = sim_eeprom_port(&w->eeprom),
                                 .random = {.ctx = w, .fill = random_fill}};
    GT_ASSERT(element_open(&w->element, &ports) == GT_ERR_OK);
}

static uint32_t count_read(world *w)
{
    static const uint8_t command[] = {0x00, 0xB2, 0x03, 0x0C, 0x04};
    gt_apdu_answer answer;
    element_apdu(&w->element, command, sizeof command, &answer);
    GT_ASSERT(answer.status == GT_SW_OK && answer.len == 4);
    gt_rd r = gt_rd_of(answer.data, 4);
    return gt_rd_u32be(&r);
}

/* One command of the input; kind 0 as it is, else with a MAC of slot kind - 1 in its last bytes. */
static void command_send(world *w, gt_rd *in, unsigned kind)
{
    uint8_t command[GT_APDU_MAX] = {0};
    gt_apdu_answer answer;
    const size_t len = gt_rd_u8(in);
    const uint8_t *bytes = gt_rd_take(in, len);
    if (bytes == NULL) {
        return;
    }
    memcpy(command, bytes, len);
    const bool is_signed = kind > 0 && len >= GT_APDU_HEAD_LEN + SUITE_MAC_LEN;
    if (is_signed) {
        const size_t text = len - GT_APDU_HEAD_LEN - SUITE_MAC_LEN;
        command[4] = (uint8_t)(len - GT_APDU_HEAD_LEN);
        element_host_mac(&w->host, (element_slot)(kind - 1), command, command + GT_APDU_HEAD_LEN,
                         text, command + GT_APDU_HEAD_LEN + text);
    }
    element_apdu(&w->element, command, len, &answer);
    GT_ASSERT(answer.status != 0 && (answer.status == GT_SW_OK || answer.len == 0));
    if (answer.status == GT_SW_OK && command[1] == 0x84) {
        element_host_challenged(&w->host, answer.data);
    }
    const uint32_t count = count_read(w);
    const bool signed_wallet = is_signed && kind - 1 == ELEMENT_KEY_PURCHASE;
    if (count != w->count) {
        GT_ASSERT(answer.status == GT_SW_OK && signed_wallet);
        GT_ASSERT(count == w->count + 1 ? command[1] == 0x32 : count == 0 && command[1] == 0xDC);
    }
    w->count = count;
}

static void power_cut(world *w, uint8_t byte)
{
    static const uint8_t deduct[] = {0x80, 0x30, 0x00, 0x0C, 0x04, 0, 0, 0, 1};
    gt_apdu_answer answer;
    sim_eeprom_cut_after(&w->eeprom, 1 + byte % 20U);
    element_apdu(&w->element, deduct, sizeof deduct, &answer);
    sim_eeprom_restore(&w->eeprom);
    power_on(w);
    GT_ASSERT(count_read(w) == w->count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static world w;
    static uint8_t cells[ELEMENT_NVM_SIZE];
    gt_rd in = gt_rd_of(data, size);
    const suite_kind kind = (suite_kind)(gt_rd_u8(&in) % SUITES);
    memset(&w, 0, offsetof(world, eeprom));
    sim_eeprom_init_large(&w.eeprom, 1, cells, sizeof cells);
    /* DES does not look at the lowest bit of a byte */
    w.host = (element_host){.kind = kind, .key = {{2}, {4}, {6}, {8}, {10}, {12}, {14}}};
    element_issue issue = {.kind = kind, .meter_no = 1};
    memcpy(issue.key, w.host.key, sizeof issue.key);
    const gt_nvm nvm = sim_eeprom_port(&w.eeprom);
    GT_ASSERT(element_make(&nvm, &issue) == GT_ERR_OK);
    power_on(&w);
    for (int step = 0; step < STEPS_MAX && gt_rd_left(&in) > 0; step++) {
        const uint8_t act = gt_rd_u8(&in);
        uint8_t atr[GT_ATR_MAX];
        if (act == 0xFF) {
            power_cut(&w, gt_rd_u8(&in));
        } else if (act == 0xFE) {
            (void)element_reset(&w.element, atr);
        } else {
            command_send(&w, &in, act % (ELEMENT_SLOTS + 1));
        }
    }
    return 0;
}
