/* A card that answers whatever the input says: status, length and bytes of every answer, and at
 * some point nothing any more. It must get no fen, no term and no record but the count of illegal
 * cards. In every other run it has the key that proves it, but signs nothing, so that the code
 * behind the proofs is reached as well. */
#include "base/bytes.h"
#include "element/element.h"
#include "meter/card.h"
#include "meter/card_rule.h"
#include "meter/meter.h"
#include "sim/eeprom.h"

#include <string.h>

typedef struct world {
    meter meter;
    element element;
    gt_rd in;
    suite_key card; /* what a genuine card would answer with */
    bool genuine;
    uint8_t counter;
    sim_eeprom eeprom;
    sim_eeprom chip;
} world;

static const uint8_t serial[8] = {9, 9, 9, 9, 9, 9, 9, 9};

static const meter_config config = {
    .meter_no = 1,
    .customer_no = 2,
    .unit = 1,
    .baud = 9600,
    .constant = 100,
    .zone_min = 480,
    .parameter = {.alarm1_fen = 2000, .alarm2_fen = 500, .price_e4 = {5000, 5000, 5000, 5000}},
    .schedule = {.count = 1, .period = {{0, 3}}},
    .opening_fen = 1000,
};

static void relay_drive(void *ctx, bool close)
{
    (void)ctx;
    (void)close;
}

static uint8_t relay_closed(void *ctx)
{
    (void)ctx;
    return GT_RELAY_ALL;
}

static bool rtc_read(void *ctx, gt_utc *out)
{
    (void)ctx;
    (void)out;
    return false;
}

static gt_err random_fill(void *ctx, uint8_t *out, size_t len)
{
    world *w = ctx;
    w->counter++;
    memset(out, w->counter, len);
    return GT_ERR_OK;
}

static gt_err card_reset(void *ctx, uint8_t *out, size_t *out_len)
{
    world *w = ctx;
    memset(out, 0, GT_ATR_MAX);
    memcpy(out + GT_ATR_SERIAL_AT, serial, sizeof serial);
    *out_len = gt_rd_u8(&w->in) > 250 ? 9 : 13;
    return GT_ERR_OK;
}

static gt_err card_transmit(void *ctx, const uint8_t *command, size_t len, gt_apdu_answer *out)
{
    world *w = ctx;
    (void)len;
    if (gt_rd_left(&w->in) == 0) {
        return GT_ERR_IO;
    }
    const uint8_t how = gt_rd_u8(&w->in);
    out->status = how > 240 ? (uint16_t)(0x6900U + how) : GT_SW_OK;
    out->len = how < 200 && command[4] > 0 ? command[4] : how; /* most often as long as asked */
    if (command[0] == 0x04 && command[1] == 0xB0 && how < 200) {
        out->len = command[GT_APDU_HEAD_LEN + 8];
    }
    memset(out->data, 0, sizeof out->data);
    const size_t given = gt_rd_left(&w->in) < out->len ? gt_rd_left(&w->in) : out->len;
    if (command[1] == 0x88 && w->genuine) {
        suite_answer(&w->card, command + GT_APDU_HEAD_LEN, out->data);
    } else if (given > 0) {
        memcpy(out->data, gt_rd_take(&w->in, given), given);
    }
    return GT_ERR_OK;
}

static void start(world *w)
{
    element_issue issue = {.kind = SUITE_AES128, .key = {{2}, {4}, {6}, {8}, {10}, {12}, {14}}};
    issue.meter_no = 1;
    const gt_nvm nvm = sim_eeprom_port(&w->chip);
    GT_ASSERT(element_make(&nvm, &issue) == GT_ERR_OK);
    const element_ports chip = {.nvm = nvm, .random = {.ctx = w, .fill = random_fill}};
    GT_ASSERT(element_open(&w->element, &chip) == GT_ERR_OK);
    suite_key site = {.kind = SUITE_AES128};
    suite_factor factor = {.label = element_slot_label(ELEMENT_KEY_CARD)};
    memcpy(site.bytes, issue.key[ELEMENT_KEY_CARD], SUITE_KEY_LEN);
    memcpy(factor.device, serial, sizeof serial);
    suite_derive(&site, &factor, &w->card);
    const meter_ports ports = {
        .nvm = sim_eeprom_port(&w->eeprom),
        .relay = {.ctx = w, .drive = relay_drive, .closed = relay_closed},
        .rtc = {.ctx = w, .read = rtc_read},
        .element = element_port(&w->element),
    };
    GT_ASSERT(meter_init(&w->meter, &config, &ports, (gt_mono){0}) == GT_ERR_OK);
}

/* The key file says "own keys", which the visit wants to see first; its CRC does not matter here.
 */
static gt_err chip_with_own_keys(void *ctx, const uint8_t *command, size_t len, gt_apdu_answer *out)
{
    world *w = ctx;
    element_apdu(&w->element, command, len, out);
    if (command[1] == 0xB0 && command[2] == 0x86 && out->status == GT_SW_OK) {
        out->data[0] = 1;
    }
    return GT_ERR_OK;
}

static gt_err chip_reset(void *ctx, uint8_t *out, size_t *out_len)
{
    world *w = ctx;
    *out_len = element_reset(&w->element, out);
    return GT_ERR_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static world w;
    static uint8_t cells[ELEMENT_NVM_SIZE];
    memset(&w, 0, offsetof(world, eeprom));
    sim_eeprom_init(&w.eeprom, 1);
    sim_eeprom_init_large(&w.chip, 2, cells, sizeof cells);
    start(&w);
    w.in = gt_rd_of(data, size);
    w.genuine = gt_rd_u8(&w.in) % 2 == 0;
    w.meter.ports.element =
        (gt_apdu){.ctx = &w, .reset = chip_reset, .transmit = chip_with_own_keys};
    const gt_apdu card = {.ctx = &w, .reset = card_reset, .transmit = card_transmit};
    const meter_parameter before = w.meter.state.account.parameter;
    for (int visits = 0; visits < 4; visits++) {
        card_outcome outcome = {0};
        const gt_err err = meter_card_take(&w.meter, &card, (gt_mono){0}, &outcome);
        GT_ASSERT(err != GT_ERR_OK || w.genuine || outcome.acts == CARD_REJECTED);
    }
    const meter_status status = meter_status_get(&w.meter, (gt_mono){0});
    GT_ASSERT(status.balance.fen == config.opening_fen && status.purchase_count == 0);
    GT_ASSERT(memcmp(&before, &w.meter.state.account.parameter, sizeof before) == 0);
    return 0;
}
