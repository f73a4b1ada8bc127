/**
 * @file frame.h
 * @brief DL/T 698.45-2017 link frame: bytes <-> struct.
 *
 * Layer:   codec. No I/O, no allocation, no clock, no globals.
 * Source:  DL/T 698.45-2017, data link layer (frame format, control, addresses, checks).
 *
 *     68 | L L C AF SA .. CA HCS HCS | [block]  link user data | FCS FCS 16
 *
 * A decoded frame borrows its user data from the input, still scrambled when the sender scrambled
 * them: dlt698_frame_data gives them in the clear.
 */
#ifndef GT_CODEC_DLT698_FRAME_H
#define GT_CODEC_DLT698_FRAME_H

#include "base/bytes.h"

enum {
    DLT698_SA_MAX = 16,
    DLT698_LEN_MAX = 16383, /* 14 bits of L: everything but 68 and 16 */
    DLT698_FRAME_MAX = DLT698_LEN_MAX + 2,
    DLT698_FRAME_MIN = 12,  /* one byte of SA, no user data */
    DLT698_HEAD_MIN = 9,    /* 68 .. HCS with one byte of SA */
    DLT698_STREAM_MIN = 64, /* smallest useful buffer: a login with the longest address */
};

/** Functions of the control byte. */
enum { DLT698_FUNC_LINK = 1, DLT698_FUNC_DATA = 3 };

typedef enum dlt698_addr_type {
    DLT698_ADDR_SINGLE,
    DLT698_ADDR_WILDCARD,
    DLT698_ADDR_GROUP,
    DLT698_ADDR_BROADCAST,
} dlt698_addr_type;

/** Server address SA and client address CA. */
typedef struct dlt698_addr {
    dlt698_addr_type type;
    uint8_t logical; /* D5 D4 of AF as they are; 2 and 3: the first byte of sa may be an extended
                        logical address, which public sources tell differently */
    uint8_t len;     /* 1 .. DLT698_SA_MAX */
    uint8_t sa[DLT698_SA_MAX]; /* most significant first, as people write it */
    uint8_t ca;
} dlt698_addr;

/** Kind of a link block, D15 D14 of its head. */
typedef enum dlt698_block {
    DLT698_BLOCK_FIRST,
    DLT698_BLOCK_LAST,
    DLT698_BLOCK_CONFIRM, /* asks for the next; carries no data */
    DLT698_BLOCK_MIDDLE,
} dlt698_block;

enum { DLT698_BLOCK_SEQ_MAX = 4095 };

typedef struct dlt698_frame {
    bool from_server; /* DIR */
    bool prm;         /* the exchange was started by the client */
    bool fragment;    /* block and block_seq hold: the data are one block of an APDU */
    bool scrambled;   /* each byte of user data travels +33H */
    uint8_t function; /* DLT698_FUNC_ */
    dlt698_addr addr;
    dlt698_block block;
    uint8_t block_reserved; /* D13 D12 of the block's head, kept */
    uint16_t block_seq;     /* 0 .. DLT698_BLOCK_SEQ_MAX */
    const uint8_t *data;    /* behind the block head, as on the wire; borrowed from the input */
    size_t data_len;
} dlt698_frame;

/**
 * Decode exactly one frame, first 0x68 to final 0x16.
 *
 * @param[out] out  written only on GT_ERR_OK; borrows @p in
 * @return GT_ERR_TRUNCATED    fewer bytes than the length field promises, or too few for a block
 *         GT_ERR_TRAILING     bytes after the end mark
 *         GT_ERR_MALFORMED    a fixed byte or reserved bit is wrong
 *         GT_ERR_RANGE        a length too small for the address
 *         GT_ERR_UNSUPPORTED  a length in kilobytes (D14 of L)
 *         GT_ERR_CHECKSUM     HCS or FCS does not match
 */
GT_CHECKED gt_err dlt698_frame_decode(const uint8_t *in, size_t in_len, dlt698_frame *out);

/**
 * User data in the clear: the borrowed bytes themselves, or a copy in @p buf when scrambled.
 *
 * @return GT_ERR_SPACE  scrambled, and @p cap is below data_len
 */
GT_CHECKED gt_err dlt698_frame_data(const dlt698_frame *frame, uint8_t *buf, size_t cap,
                                    const uint8_t **out_data);

/**
 * @param frame  its data are in the clear; they are scrambled on the way when it says so
 * @return GT_ERR_SPACE  @p cap too small
 *         GT_ERR_RANGE  more than DLT698_LEN_MAX, or a field outside its bits
 */
GT_CHECKED gt_err dlt698_frame_encode(const dlt698_frame *frame, uint8_t *buf, size_t cap,
                                      size_t *out_len);

/** Client's request with user data. */
dlt698_frame dlt698_frame_request(const dlt698_addr *addr, const uint8_t *data, size_t len);
/** The answer to @p request: DIR turned, address, function, PRM and scrambling kept. */
dlt698_frame dlt698_frame_reply(const dlt698_frame *request, const uint8_t *data, size_t len);

/** 12 digits of a meter number as a single address; RANGE above 999999999999. */
GT_CHECKED gt_err dlt698_addr_of_number(uint64_t number, uint8_t ca, dlt698_addr *out);
/** The whole address as one number, digits only; MALFORMED with other nibbles or above 16 digits.
 */
GT_CHECKED gt_err dlt698_addr_number(const dlt698_addr *addr, uint64_t *out_number);
/** Everybody on the line: type broadcast, SA AAH. Nobody answers. */
dlt698_addr dlt698_addr_broadcast(uint8_t ca);
/** Whoever is alone on the line: type wildcard, six bytes AAH. */
dlt698_addr dlt698_addr_any(uint8_t ca);
/**
 * Is a server with the single address @p own meant by @p asked? Broadcast: always. Wildcard: nibble
 * AH of @p asked stands for any digit. Single and wildcard ignore leading zeros. Group: never, its
 * members are the server's business. CA is not compared.
 */
bool dlt698_addr_matches(const dlt698_addr *asked, const dlt698_addr *own);

/** For codec/stream. */
extern const struct codec_framing dlt698_framing;

#endif
