/* See card_sim.h. Written from the table of steps, not from the meter's code. */
#include "card_sim.h"

#include "base/bytes.h"

#include <string.h>

void card_sim_make(card_sim *c, const element_host *site, uint8_t number)
{
    static const struct {
        element_slot slot;
        const char *label;
    } keys[2] = {{ELEMENT_KEY_CARD, "card"}, {ELEMENT_KEY_METER, "meter"}};
    memset(c, 0, sizeof *c);
    c->serial[0] = 0xCA;
    c->serial[7] = number;
    for (size_t i = 0; i < 2; i++) {
        suite_key key = {.kind = site->kind};
        suite_factor factor = {.label = keys[i].label, .version = site->version[keys[i].slot]};
        memcpy(key.bytes, site->key[keys[i].slot], SUITE_KEY_LEN);
        memcpy(factor.device, c->serial, sizeof c->serial);
        suite_derive(&key, &factor, i == 0 ? &c->own : &c->meter);
    }
}

static void put(uint8_t *at, uint64_t number)
{
    gt_wr w = gt_wr_of(at, 6);
    gt_wr_bcd_be(&w, number, 6);
}

void card_sim_terms(card_sim *c, card_kind kind, uint8_t flag, uint64_t meter_no,
                    uint64_t customer_no)
{
    static const uint8_t fields[] = {0x26, 0x12, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x30, 0x00,
                                     0x00, 0x00, 0x10, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x01};
    uint8_t *f = c->file[1];
    f[0] = 1;
    f[1] = flag;
    memcpy(f + 6, fields, sizeof fields); /* alarm 1 30.00, alarm 2 10.00 */
    put(f + 26, meter_no);
    put(f + 32, customer_no);
    f[38] = (uint8_t)(1 + kind);
}

void card_sim_wallet(card_sim *c, uint32_t amount, uint32_t count)
{
    gt_wr w = gt_wr_of(c->file[2], 8);
    gt_wr_u32be(&w, amount);
    gt_wr_u32be(&w, count);
}

static void mac(const suite_key *key, const uint8_t *seed4, const uint8_t *head,
                const uint8_t *text, size_t len, uint8_t *out)
{
    uint8_t seed[8] = {0};
    memcpy(seed, seed4, 4);
    const suite_message message = {
        .seed = seed, .head = head, .head_len = 5, .body = text, .body_len = len};
    suite_mac(key, &message, out);
}

static uint16_t written(card_sim *c, const uint8_t *cmd, uint8_t *file)
{
    uint8_t want[4];
    const size_t len = cmd[4] - 4U;
    mac(&c->own, c->challenge, cmd, cmd + 5, len, want);
    if (!c->convinced || memcmp(want, cmd + 5 + len, 4) != 0) {
        return 0x6988;
    }
    memcpy(file + cmd[3], cmd + 5, len);
    return GT_SW_OK;
}

static uint16_t run(card_sim *c, const uint8_t *cmd, gt_wr *w)
{
    const uint8_t *data = cmd + 5;
    uint8_t *file = c->file[(cmd[2] & 0x1FU) % CARD_SIM_FILES];
    uint8_t answer[8];
    switch (cmd[0] << 8 | cmd[1]) {
    case 0x00A4:
        return data[0] == 0xDF && data[1] == 0x01 ? GT_SW_OK : 0x6A82;
    case 0x0084:
        for (size_t i = 0; i < sizeof c->challenge; i++) {
            c->challenge[i] = (uint8_t)(i < cmd[4] ? c->commands * 37 + i : 0);
        }
        gt_wr_bytes(w, c->challenge, cmd[4]);
        return GT_SW_OK;
    case 0x0088:
        suite_answer(&c->own, data, answer);
        gt_wr_bytes(w, answer, sizeof answer);
        return GT_SW_OK;
    case 0x0082:
        suite_answer(&c->meter, c->challenge, answer);
        c->convinced = memcmp(answer, data, 8) == 0;
        return c->convinced ? GT_SW_OK : 0x6300;
    case 0x00B0:
        gt_wr_bytes(w, file + cmd[3], cmd[4]);
        return c->convinced || c->forget_proof ? GT_SW_OK : 0x6982;
    case 0x04B0:
        mac(&c->own, data, data + 4, file + cmd[3], data[8] - 4U, answer);
        gt_wr_bytes(w, file + cmd[3], data[8] - 4U);
        gt_wr_bytes(w, answer, 4);
        return c->convinced ? GT_SW_OK : 0x6982;
    case 0x04D6:
        return written(c, cmd, file);
    default:
        return 0x6D00;
    }
}

static gt_err card_transmit(void *ctx, const uint8_t *command, size_t len, gt_apdu_answer *out)
{
    card_sim *c = ctx;
    (void)len;
    c->commands++;
    if (c->commands == c->pull_at) {
        return GT_ERR_IO;
    }
    gt_wr w = gt_wr_of(out->data, sizeof out->data);
    out->status = command[1] == c->refuse_ins ? 0x6985 : run(c, command, &w);
    out->len = out->status == GT_SW_OK ? (uint8_t)w.len : 0;
    if (command[1] == c->spoil_ins && command[0] == c->spoil_cla && out->len > c->spoil_at) {
        out->data[c->spoil_at] ^= 1;
    }
    return c->commands == c->lost_at ? GT_ERR_IO : GT_ERR_OK;
}

static gt_err card_reset(void *ctx, uint8_t *out, size_t *out_len)
{
    card_sim *c = ctx;
    static const uint8_t head[] = {0x3B, 0x69, 0x00, 0x02, 0x00};
    memcpy(out, head, sizeof head);
    memcpy(out + sizeof head, c->serial, sizeof c->serial);
    *out_len = sizeof head + sizeof c->serial;
    c->convinced = false;
    return GT_ERR_OK;
}

gt_apdu card_sim_port(card_sim *c)
{
    return (gt_apdu){.ctx = c, .reset = card_reset, .transmit = card_transmit};
}
