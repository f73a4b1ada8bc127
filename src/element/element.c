/* The chip's door: a command is taken apart, its row found, its handler called. What stands between
 * commands (challenge, derived key, who proved himself) lives in RAM and dies with a reset. */
#include "element/element_priv.h"

#include "crypto/wipe.h"

#include <string.h>

enum {
    FILE_MASTER = 0x3F00,
    FILE_PURSE = 0xDF01,
    CHALLENGE_SHORT = 4,
    PROOF_LEN = SUITE_ANSWER_LEN + ELEMENT_SERIAL_LEN,
    IDENTITY_SERIAL_AT = 1,
    METER_NO_LEN = 6,
    PARAMETER_METER_NO_AT = 30,
};

const char *element_slot_label(element_slot slot)
{
    static const char *const labels[ELEMENT_SLOTS] = {
        [ELEMENT_KEY_UPDATE] = "update",     [ELEMENT_KEY_PARAMETER] = "parameter",
        [ELEMENT_KEY_CONTROL] = "control",   [ELEMENT_KEY_IDENTITY] = "auth",
        [ELEMENT_KEY_PURCHASE] = "purchase", [ELEMENT_KEY_CARD] = "card",
        [ELEMENT_KEY_METER] = "meter",
    };
    GT_ASSERT((unsigned)slot < ELEMENT_SLOTS);
    return labels[slot];
}

static void sessions_forget(element *e)
{
    e->derived = false;
    e->card = false;
    gt_wipe(&e->child, sizeof e->child);
    gt_wipe(&e->card_key, sizeof e->card_key);
}

/* 00 A4 */
static uint16_t file_select(element *e, const element_command *c, gt_wr *out)
{
    (void)out;
    if (c->p3 != 2) {
        return ELEMENT_SW_LENGTH;
    }
    const unsigned wanted = (unsigned)c->data[0] << 8U | c->data[1];
    if (wanted != FILE_MASTER && wanted != FILE_PURSE) {
        return ELEMENT_SW_NO_FILE;
    }
    sessions_forget(e);
    return GT_SW_OK;
}

/* 00 84 */
static uint16_t challenge_give(element *e, const element_command *c, gt_wr *out)
{
    if (c->p3 != CHALLENGE_SHORT && c->p3 != SUITE_SEED_LEN) {
        return ELEMENT_SW_LENGTH;
    }
    uint8_t fresh[SUITE_SEED_LEN] = {0};
    if (e->ports.random.fill(e->ports.random.ctx, fresh, c->p3) != GT_ERR_OK) {
        return ELEMENT_SW_MEMORY;
    }
    memcpy(e->challenge, fresh, sizeof fresh);
    e->challenged = true;
    e->challenge_len = c->p3;
    gt_wr_bytes(out, fresh, c->p3);
    return GT_SW_OK;
}

/* 80 FA: P2 01 .. 03 derive a key for the eight bytes given, 00 answers them with it. */
static uint16_t derive_or_answer(element *e, const element_command *c, gt_wr *out)
{
    static const element_slot slots[] = {ELEMENT_KEY_UPDATE, ELEMENT_KEY_CARD, ELEMENT_KEY_METER,
                                         ELEMENT_KEY_IDENTITY};
    if (c->p1 != 0 || c->p2 >= sizeof slots / sizeof slots[0]) {
        return ELEMENT_SW_PARAMETER;
    }
    if (c->p3 != SUITE_SEED_LEN) {
        return ELEMENT_SW_LENGTH;
    }
    if (c->p2 != 0) {
        suite_key child;
        if (element_key_child(e, slots[c->p2], c->data, &child) != GT_ERR_OK) {
            return ELEMENT_SW_MEMORY;
        }
        e->child = child;
        e->derived = true;
        gt_wipe(&child, sizeof child);
        return GT_SW_OK;
    }
    if (!e->derived) {
        return ELEMENT_SW_CONDITION;
    }
    uint8_t answer[SUITE_ANSWER_LEN];
    suite_answer(&e->child, c->data, answer);
    gt_wr_bytes(out, answer, sizeof answer);
    return GT_SW_OK;
}

/* 00 82 00 01: answer to our challenge of eight, and the serial of the card that gives it. */
static uint16_t card_verify(element *e, const element_command *c, gt_wr *out)
{
    (void)out;
    if (c->p1 != 0 || c->p2 != 1) {
        return ELEMENT_SW_PARAMETER;
    }
    if (c->p3 != PROOF_LEN) {
        return ELEMENT_SW_LENGTH;
    }
    if (!e->challenged || e->challenge_len != SUITE_SEED_LEN) {
        return ELEMENT_SW_CHALLENGE;
    }
    suite_key child;
    if (element_key_child(e, ELEMENT_KEY_CARD, c->data + SUITE_ANSWER_LEN, &child) != GT_ERR_OK) {
        return ELEMENT_SW_MEMORY;
    }
    uint8_t answer[SUITE_ANSWER_LEN];
    suite_answer(&child, e->challenge, answer);
    e->challenged = false; /* one guess a challenge */
    e->card = gt_secret_equal(answer, c->data, sizeof answer);
    e->card_key = child;
    gt_wipe(&child, sizeof child);
    gt_wipe(answer, sizeof answer);
    return e->card ? GT_SW_OK : ELEMENT_SW_AUTH;
}

typedef struct row {
    uint8_t cla;
    uint8_t ins;
    bool data; /* P3 counts data that follow; else it is Le */
    element_handler *handler;
} row;

static const row rows[] = {
    {0x00, 0x82, true, card_verify},
    {0x00, 0x84, false, challenge_give},
    {0x00, 0xA4, true, file_select},
    {0x00, 0xB0, false, element_binary_read},
    {0x00, 0xB2, false, element_record_read},
    {0x00, 0xD6, true, element_binary_write},
    {0x04, 0xB0, true, element_binary_read_mac},
    {0x04, 0xB2, true, element_record_read_mac},
    {0x04, 0xD6, true, element_binary_write_mac},
    {0x04, 0xDC, true, element_record_write},
    {0x80, 0x30, true, element_wallet_deduct},
    {0x80, 0xFA, true, derive_or_answer},
    {0x84, 0x32, true, element_wallet_increase},
    {0x84, 0xD4, true, element_key_update},
};

static const row *row_find(uint8_t cla, uint8_t ins, uint16_t *out_status)
{
    *out_status = ELEMENT_SW_CLASS;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].cla == cla) {
            *out_status = ELEMENT_SW_INSTRUCTION;
            if (rows[i].ins == ins) {
                return &rows[i];
            }
        }
    }
    return NULL;
}

static uint16_t command_run(element *e, const uint8_t *command, size_t len, gt_wr *out)
{
    if (len < GT_APDU_HEAD_LEN) {
        return ELEMENT_SW_LENGTH;
    }
    uint16_t status = 0;
    const row *found = row_find(command[0], command[1], &status);
    if (found == NULL) {
        return status;
    }
    const element_command c = {.head = command,
                               .p1 = command[2],
                               .p2 = command[3],
                               .p3 = command[4],
                               .data = found->data ? command + GT_APDU_HEAD_LEN : NULL};
    if (len != GT_APDU_HEAD_LEN + (found->data ? (size_t)c.p3 : 0) || c.p3 == 0) {
        return ELEMENT_SW_LENGTH;
    }
    return found->handler(e, &c, out);
}

void element_apdu(element *e, const uint8_t *command, size_t len, gt_apdu_answer *out)
{
    gt_wr w = gt_wr_of(out->data, sizeof out->data);
    out->status = command_run(e, command, len, &w);
    GT_ASSERT(gt_wr_done(&w) == GT_ERR_OK);
    out->len = out->status == GT_SW_OK ? (uint8_t)w.len : 0;
}

size_t element_reset(element *e, uint8_t out[GT_ATR_MAX])
{
    sessions_forget(e);
    e->challenged = false;
    gt_wipe(e->challenge, sizeof e->challenge);
    gt_wr w = gt_wr_of(out, GT_ATR_MAX);
    gt_wr_u8(&w, 0x3B);                             /* direct convention */
    gt_wr_u8(&w, 0x60U | (1 + ELEMENT_SERIAL_LEN)); /* TB1 TC1, then the historical bytes */
    gt_wr_u8(&w, 0x00);
    gt_wr_u8(&w, 0x02);
    gt_wr_u8(&w, (uint8_t)e->kind);
    gt_wr_bytes(&w, e->serial, sizeof e->serial);
    GT_ASSERT(gt_wr_done(&w) == GT_ERR_OK);
    return w.len;
}

gt_err element_make(const gt_nvm *nvm, const element_issue *issue)
{
    uint8_t content[ELEMENT_FILE_MAX] = {0};
    uint8_t parameter[ELEMENT_FILE_MAX] = {0};
    gt_wr number = gt_wr_of(parameter + PARAMETER_METER_NO_AT, METER_NO_LEN);
    gt_wr_bcd_be(&number, issue->meter_no, METER_NO_LEN);
    GT_TRY(gt_wr_done(&number));
    if (nvm->size < ELEMENT_NVM_SIZE || (unsigned)issue->kind >= SUITES) {
        return GT_ERR_RANGE;
    }
    const gt_err err = element_file_read(nvm, ELEMENT_FILE_IDENTITY, content);
    if (err != GT_ERR_NOT_FOUND) {
        return err == GT_ERR_OK ? GT_ERR_EXISTS : err;
    }
    GT_TRY(element_keys_make(nvm, issue));
    GT_TRY(element_wallet_make(nvm));
    GT_TRY(element_file_write(nvm, ELEMENT_FILE_PARAMETER, parameter));
    content[0] = (uint8_t)issue->kind;
    memcpy(content + IDENTITY_SERIAL_AT, issue->serial, ELEMENT_SERIAL_LEN);
    return element_file_write(nvm, ELEMENT_FILE_IDENTITY,
                              content); /* last: from here on it is one */
}

gt_err element_open(element *e, const element_ports *ports)
{
    uint8_t content[ELEMENT_FILE_MAX];
    if (ports->nvm.size < ELEMENT_NVM_SIZE) {
        return GT_ERR_RANGE;
    }
    GT_TRY(element_file_read(&ports->nvm, ELEMENT_FILE_IDENTITY, content));
    if (content[0] >= SUITES) {
        return GT_ERR_CORRUPT;
    }
    *e = (element){.ports = *ports, .kind = (suite_kind)content[0]};
    memcpy(e->serial, content + IDENTITY_SERIAL_AT, ELEMENT_SERIAL_LEN);
    return GT_ERR_OK;
}

static gt_err port_reset(void *ctx, uint8_t *out, size_t *out_len)
{
    *out_len = element_reset(ctx, out);
    return GT_ERR_OK;
}

static gt_err port_transmit(void *ctx, const uint8_t *command, size_t len, gt_apdu_answer *out)
{
    element_apdu(ctx, command, len, out);
    return GT_ERR_OK;
}

gt_apdu element_port(element *e)
{
    return (gt_apdu){.ctx = e, .reset = port_reset, .transmit = port_transmit};
}
