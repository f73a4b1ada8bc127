/* The wallet: an amount and the count of purchases, changed together. An increase is taken only
 * with the count that follows the stored one, so no increase is taken twice whoever repeats it. */
#include "element/element_priv.h"

enum {
    WALLET_LEN = 8,
    RECORD_AMOUNT = 1,
    RECORD_COUNT = 3,
    RECORD_LEN = 4,
    PURSE = 0x0C, /* file 1, by record number */
    INCREASE_P1 = 0x01,
};

typedef struct wallet {
    uint32_t amount;
    uint32_t count;
} wallet;

static gt_err wallet_read(const gt_nvm *nvm, wallet *out)
{
    uint8_t content[WALLET_LEN];
    GT_TRY(element_file_read(nvm, ELEMENT_FILE_WALLET, content));
    gt_rd r = gt_rd_of(content, sizeof content);
    out->amount = gt_rd_u32be(&r);
    out->count = gt_rd_u32be(&r);
    return GT_ERR_OK;
}

static gt_err wallet_write(const gt_nvm *nvm, wallet w)
{
    uint8_t content[WALLET_LEN];
    gt_wr out = gt_wr_of(content, sizeof content);
    gt_wr_u32be(&out, w.amount);
    gt_wr_u32be(&out, w.count);
    return element_file_write(nvm, ELEMENT_FILE_WALLET, content);
}

gt_err element_wallet_make(const gt_nvm *nvm)
{
    return wallet_write(nvm, (wallet){0});
}

static bool record_exists(const element_command *c)
{
    return c->p2 == PURSE && (c->p1 == RECORD_AMOUNT || c->p1 == RECORD_COUNT);
}

static gt_err record_load(const element *e, const element_command *c, uint8_t out[RECORD_LEN])
{
    wallet w;
    GT_TRY(wallet_read(&e->ports.nvm, &w));
    gt_wr wr = gt_wr_of(out, RECORD_LEN);
    gt_wr_u32be(&wr, c->p1 == RECORD_AMOUNT ? w.amount : w.count);
    return gt_wr_done(&wr);
}

uint16_t element_record_read(element *e, const element_command *c, gt_wr *out)
{
    uint8_t record[RECORD_LEN];
    if (!record_exists(c)) {
        return ELEMENT_SW_NO_FILE;
    }
    if (c->p3 != RECORD_LEN) {
        return ELEMENT_SW_LENGTH;
    }
    if (record_load(e, c, record) != GT_ERR_OK) {
        return ELEMENT_SW_MEMORY;
    }
    gt_wr_bytes(out, record, sizeof record);
    return GT_SW_OK;
}

uint16_t element_record_read_mac(element *e, const element_command *c, gt_wr *out)
{
    uint8_t record[RECORD_LEN];
    if (!record_exists(c)) {
        return ELEMENT_SW_NO_FILE;
    }
    if (element_secure_give_len(c) != RECORD_LEN) {
        return ELEMENT_SW_LENGTH;
    }
    if (record_load(e, c, record) != GT_ERR_OK) {
        return ELEMENT_SW_MEMORY;
    }
    return element_secure_give(e, c, ELEMENT_KEY_PURCHASE, record, out);
}

/* In the factory and the workshop the wallet is set: any amount, and the count back to 0. */
uint16_t element_record_write(element *e, const element_command *c, gt_wr *out)
{
    (void)out;
    if (!record_exists(c)) {
        return ELEMENT_SW_NO_FILE;
    }
    if (c->p3 != RECORD_LEN + SUITE_MAC_LEN) {
        return ELEMENT_SW_LENGTH;
    }
    bool allowed = false;
    wallet w;
    if (element_key_public(e, ELEMENT_KEY_PURCHASE, &allowed) != GT_ERR_OK ||
        wallet_read(&e->ports.nvm, &w) != GT_ERR_OK) {
        return ELEMENT_SW_MEMORY;
    }
    if (!allowed) {
        return ELEMENT_SW_CONDITION;
    }
    const uint16_t status = element_secure_check(e, c, ELEMENT_KEY_PURCHASE, false);
    if (status != GT_SW_OK) {
        return status;
    }
    gt_rd r = gt_rd_of(c->data, RECORD_LEN);
    const uint32_t value = gt_rd_u32be(&r);
    if (c->p1 == RECORD_AMOUNT) {
        w.amount = value;
    } else if (value == 0) {
        w.count = 0;
    } else {
        return ELEMENT_SW_DATA;
    }
    return wallet_write(&e->ports.nvm, w) == GT_ERR_OK ? GT_SW_OK : ELEMENT_SW_MEMORY;
}

uint16_t element_wallet_increase(element *e, const element_command *c, gt_wr *out)
{
    (void)out;
    if (c->p1 != INCREASE_P1 || c->p2 != PURSE) {
        return ELEMENT_SW_PARAMETER;
    }
    if (c->p3 != WALLET_LEN + SUITE_MAC_LEN) {
        return ELEMENT_SW_LENGTH;
    }
    const uint16_t status = element_secure_check(e, c, ELEMENT_KEY_PURCHASE, true);
    if (status != GT_SW_OK) {
        return status;
    }
    gt_rd r = gt_rd_of(c->data, WALLET_LEN);
    const uint32_t amount = gt_rd_u32be(&r);
    const uint32_t count = gt_rd_u32be(&r);
    wallet w;
    if (wallet_read(&e->ports.nvm, &w) != GT_ERR_OK) {
        return ELEMENT_SW_MEMORY;
    }
    /* A count that would wrap is no purchase either. */
    if (w.count == UINT32_MAX || count != w.count + 1 || amount > UINT32_MAX - w.amount) {
        return ELEMENT_SW_CONDITION;
    }
    w = (wallet){.amount = w.amount + amount, .count = count};
    return wallet_write(&e->ports.nvm, w) == GT_ERR_OK ? GT_SW_OK : ELEMENT_SW_MEMORY;
}

uint16_t element_wallet_deduct(element *e, const element_command *c, gt_wr *out)
{
    (void)out;
    if (c->p1 != 0 || c->p2 != PURSE) {
        return ELEMENT_SW_PARAMETER;
    }
    if (c->p3 != RECORD_LEN) {
        return ELEMENT_SW_LENGTH;
    }
    gt_rd r = gt_rd_of(c->data, RECORD_LEN);
    const uint32_t used = gt_rd_u32be(&r);
    wallet w;
    if (wallet_read(&e->ports.nvm, &w) != GT_ERR_OK) {
        return ELEMENT_SW_MEMORY;
    }
    if (used > w.amount) {
        return ELEMENT_SW_FUNDS;
    }
    w.amount -= used;
    return wallet_write(&e->ports.nvm, w) == GT_ERR_OK ? GT_SW_OK : ELEMENT_SW_MEMORY;
}
