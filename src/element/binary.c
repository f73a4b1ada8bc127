/* Reading and writing files. P1 is 80H and the file's short number, P2 the offset. */
#include "element/element_priv.h"

#include "crypto/wipe.h"

#include <string.h>

enum { SHORT_NUMBER = 0x80, SHORT_MASK = 0x1F };

static element_file file_named(const element_command *c)
{
    return (c->p1 & ~(unsigned)SHORT_MASK) == SHORT_NUMBER ? element_file_of_sfi(c->p1 & SHORT_MASK)
                                                           : ELEMENT_FILE_NONE;
}

/* @p len bytes of the file at P2, out of its readable part. */
static uint16_t part_read(const element *e, const element_command *c, size_t len, uint8_t *buf,
                          const uint8_t **out)
{
    const element_file file = file_named(c);
    if (file == ELEMENT_FILE_NONE || element_file_row_of(file)->readable == 0) {
        return ELEMENT_SW_NO_FILE;
    }
    if (c->p2 + len > element_file_row_of(file)->readable) {
        return ELEMENT_SW_OFFSET;
    }
    const gt_err err = element_file_read(&e->ports.nvm, file, buf);
    if (err != GT_ERR_OK && err != GT_ERR_NOT_FOUND) {
        return ELEMENT_SW_MEMORY;
    }
    *out = buf + c->p2;
    return GT_SW_OK;
}

uint16_t element_binary_read(element *e, const element_command *c, gt_wr *out)
{
    uint8_t buf[ELEMENT_FILE_MAX];
    const uint8_t *part = NULL;
    const uint16_t status = part_read(e, c, c->p3, buf, &part);
    if (status == GT_SW_OK) {
        gt_wr_bytes(out, part, c->p3);
    }
    gt_wipe(buf, sizeof buf);
    return status;
}

uint16_t element_binary_read_mac(element *e, const element_command *c, gt_wr *out)
{
    uint8_t buf[ELEMENT_FILE_MAX];
    const uint8_t *part = NULL;
    const size_t len = element_secure_give_len(c);
    if (len == 0) {
        return ELEMENT_SW_LENGTH;
    }
    uint16_t status = part_read(e, c, len, buf, &part);
    if (status == GT_SW_OK) {
        status = element_secure_give(e, c, element_file_row_of(file_named(c))->key, part, out);
    }
    gt_wipe(buf, sizeof buf);
    return status;
}

/* The file as it is, with @p len bytes of @p text at P2. */
static uint16_t part_write(const element *e, const element_command *c, const uint8_t *text,
                           size_t len)
{
    const element_file file = file_named(c);
    if (c->p2 + len > element_file_row_of(file)->size) {
        return ELEMENT_SW_OFFSET;
    }
    uint8_t buf[ELEMENT_FILE_MAX];
    const gt_err err = element_file_read(&e->ports.nvm, file, buf);
    if (err != GT_ERR_OK && err != GT_ERR_NOT_FOUND) {
        return ELEMENT_SW_MEMORY;
    }
    memcpy(buf + c->p2, text, len);
    return element_file_write(&e->ports.nvm, file, buf) == GT_ERR_OK ? GT_SW_OK : ELEMENT_SW_MEMORY;
}

uint16_t element_binary_write(element *e, const element_command *c, gt_wr *out)
{
    (void)out;
    const element_file file = file_named(c);
    if (file == ELEMENT_FILE_NONE) {
        return ELEMENT_SW_NO_FILE;
    }
    return element_file_row_of(file)->write == ELEMENT_WRITE_FREE ? part_write(e, c, c->data, c->p3)
                                                                  : ELEMENT_SW_FORBIDDEN;
}

static uint16_t sealed_write(const element *e, const element_command *c, element_slot slot)
{
    uint8_t text[GT_APDU_DATA_MAX];
    size_t len = c->p3 - SUITE_MAC_LEN;
    suite_key key;
    if (element_key_load(e, slot, &key) != GT_ERR_OK) {
        return ELEMENT_SW_MEMORY;
    }
    memcpy(text, c->data, len);
    const gt_err err = suite_open(&key, e->challenge, text, len, &len);
    const uint16_t status = err == GT_ERR_OK ? part_write(e, c, text, len) : ELEMENT_SW_DATA;
    gt_wipe(&key, sizeof key);
    gt_wipe(text, sizeof text);
    return status;
}

uint16_t element_binary_write_mac(element *e, const element_command *c, gt_wr *out)
{
    (void)out;
    const element_file file = file_named(c);
    if (file == ELEMENT_FILE_NONE) {
        return ELEMENT_SW_NO_FILE;
    }
    const element_file_row *row = element_file_row_of(file);
    if (row->write != ELEMENT_WRITE_MAC && row->write != ELEMENT_WRITE_SEALED) {
        return ELEMENT_SW_FORBIDDEN;
    }
    if (c->p3 <= SUITE_MAC_LEN) {
        return ELEMENT_SW_LENGTH;
    }
    /* What a card may bring is plain: parameters and tariffs. */
    const uint16_t status = element_secure_check(e, c, row->key, row->write == ELEMENT_WRITE_MAC);
    if (status != GT_SW_OK) {
        return status;
    }
    return row->write == ELEMENT_WRITE_SEALED ? sealed_write(e, c, row->key)
                                              : part_write(e, c, c->data, c->p3 - SUITE_MAC_LEN);
}
