/**
 * @file element_priv.h
 * @brief What the files of this folder share: commands in pieces, files in the memory, keys.
 */
#ifndef GT_ELEMENT_ELEMENT_PRIV_H
#define GT_ELEMENT_ELEMENT_PRIV_H

#include "base/bytes.h"
#include "element/element.h"

typedef enum element_file {
#define FILE(symbol, sfi, size, readable, write, key) ELEMENT_FILE_##symbol,
#include "element/file.def"
#undef FILE
    ELEMENT_FILE_NONE,
} element_file;

enum { ELEMENT_FILES = ELEMENT_FILE_NONE, ELEMENT_FILE_MAX = 258 };

typedef enum element_write {
    ELEMENT_WRITE_NEVER,
    ELEMENT_WRITE_FREE,
    ELEMENT_WRITE_MAC,
    ELEMENT_WRITE_SEALED,
} element_write;

typedef struct element_file_row {
    uint8_t sfi;
    uint16_t size;
    uint16_t readable;
    element_write write;
    element_slot key;
} element_file_row;

/** file.c */
const element_file_row *element_file_row_of(element_file file);
/** ELEMENT_FILE_NONE when there is none */
element_file element_file_of_sfi(uint8_t sfi);
/** The whole file; zeros when it was never written. @return NOT_FOUND then; IO; CORRUPT */
GT_CHECKED gt_err element_file_read(const gt_nvm *nvm, element_file file, uint8_t *out);
/** The whole file, durable when OK is returned; a power cut leaves the old one or the new one. */
GT_CHECKED gt_err element_file_write(const gt_nvm *nvm, element_file file, const uint8_t *content);

/** A command taken apart. */
typedef struct element_command {
    const uint8_t *head; /* GT_APDU_HEAD_LEN, as the MAC covers it */
    uint8_t p1;
    uint8_t p2;
    uint8_t p3;          /* Lc, or Le of a command without data */
    const uint8_t *data; /* p3 bytes, or NULL */
} element_command;

/** Carries out one command, data of the answer into @p out. @return SW1 SW2 */
typedef uint16_t element_handler(element *e, const element_command *c, gt_wr *out);

/** secure.c: MACs in and out. */
/** @return OK, ELEMENT_SW_CHALLENGE or ELEMENT_SW_MAC; the last SUITE_MAC_LEN bytes of the data are
 *  the MAC, under @p slot or, from a card that proved itself, under the card's key if @p by_card */
uint16_t element_secure_check(const element *e, const element_command *c, element_slot slot,
                              bool by_card);
/** Text and its MAC for another chip, as command 04 B0 / 04 B2 asks: challenge of the receiver 4,
 *  head of the command it will execute 5, and its serial 8 if it is a card (P3 is 11H). */
uint16_t element_secure_give(const element *e, const element_command *c, element_slot slot,
                             const uint8_t *text, gt_wr *out);
/** Length of text that such a command asks for; 0: the command is wrong. */
size_t element_secure_give_len(const element_command *c);

/** keys.c */
GT_CHECKED gt_err element_key_load(const element *e, element_slot slot, suite_key *out);
/** Is the slot still under a public key? */
GT_CHECKED gt_err element_key_public(const element *e, element_slot slot, bool *out);
/** The child of a slot for one device. */
GT_CHECKED gt_err element_key_child(const element *e, element_slot slot,
                                    const uint8_t device[SUITE_FACTOR_LEN], suite_key *out);
GT_CHECKED gt_err element_keys_make(const gt_nvm *nvm, const element_issue *issue);
/** 84 D4 01 FF: new keys, all or none. */
element_handler element_key_update;

/** binary.c */
element_handler element_binary_read;      /* 00 B0 */
element_handler element_binary_read_mac;  /* 04 B0 */
element_handler element_binary_write;     /* 00 D6 */
element_handler element_binary_write_mac; /* 04 D6 */

/** wallet.c */
GT_CHECKED gt_err element_wallet_make(const gt_nvm *nvm);
element_handler element_record_read;     /* 00 B2 */
element_handler element_record_read_mac; /* 04 B2 */
element_handler element_record_write;    /* 04 DC: while the purchase key is public */
element_handler element_wallet_increase; /* 84 32 */
element_handler element_wallet_deduct;   /* 80 30 */

#endif
