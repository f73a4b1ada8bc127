/**
 * @file frame.h
 * @brief Q/GDW 1376.1 link frame: bytes <-> struct.
 *
 * Layer:   codec. No I/O, no allocation, no clock, no globals.
 * Source:  Q/GDW 1376.1 (2013; frames of 376.1-2009 are the same), 4.3 frame structure.
 *
 *     68 L L 68 | C A1 A2 A3 AFN SEQ  data units  [PW] [EC] [Tp] | CS 16
 *
 * A decoded frame borrows its data units from the input; it lives as long as those bytes do.
 */
#ifndef GT_CODEC_GDW1376_FRAME_H
#define GT_CODEC_GDW1376_FRAME_H

#include "base/bytes.h"

enum {
    GDW1376_USER_FORMAT_MAX = 16383, /* what the length field can say (14 bits) */
    GDW1376_USER_MAX = 2048,         /* our own limit of C .. end of user data */
    GDW1376_USER_MIN = 8,            /* C, A, AFN, SEQ */
    GDW1376_FRAME_EXTRA = 8,         /* 68 L L 68 before, CS 16 after */
    GDW1376_FRAME_MAX = GDW1376_USER_MAX + GDW1376_FRAME_EXTRA,
    GDW1376_FRAME_MIN = GDW1376_USER_MIN + GDW1376_FRAME_EXTRA,
    GDW1376_STREAM_LOGIN = 64, /* buffer for a login with Tp and EC: before a terminal is known */
    GDW1376_PW_LEN = 16,
    GDW1376_SEQ_MAX = 15,
    GDW1376_TERMINAL_ALL = 0xFFFF, /* A2 of a broadcast */
};

/** Application functions (AFN) used here; others decode too and keep their number. */
enum {
    GDW1376_AFN_CONFIRM = 0x00,
    GDW1376_AFN_RESET = 0x01,
    GDW1376_AFN_LINK = 0x02,
    GDW1376_AFN_SET = 0x04,
    GDW1376_AFN_CONTROL = 0x05,
    GDW1376_AFN_AUTH = 0x06,
    GDW1376_AFN_QUERY = 0x0A,
    GDW1376_AFN_CLASS1 = 0x0C,
    GDW1376_AFN_CLASS2 = 0x0D,
    GDW1376_AFN_FILE = 0x0F,
    GDW1376_AFN_FORWARD = 0x10,
};

/** Link functions: the low four bits of C. */
enum {
    GDW1376_LINK_CONFIRM = 0,   /* PRM 0 */
    GDW1376_LINK_USER_DATA = 8, /* PRM 0 */
    GDW1376_LINK_STATUS = 11,   /* PRM 0 */
    GDW1376_LINK_SEND = 4,      /* PRM 1, no reply */
    GDW1376_LINK_TEST = 9,      /* PRM 1 */
    GDW1376_LINK_CLASS1 = 10,   /* PRM 1 */
    GDW1376_LINK_CLASS2 = 11,   /* PRM 1 */
};

enum { GDW1376_PROTOCOL_2005 = 1, GDW1376_PROTOCOL_2009 = 2 }; /* D1 D0 of the length */

typedef struct gdw1376_addr {
    uint16_t region; /* A1, four BCD digits as hex: 0x4403 is 4403; other nibbles occur, are kept */
    uint16_t terminal; /* A2, binary */
    uint8_t msa;       /* station address 0 .. 127 */
    bool group;        /* A2 is a group address */
} gdw1376_addr;

/** C, A, AFN and SEQ: everything before the data units. */
typedef struct gdw1376_head {
    gdw1376_addr addr;
    uint8_t protocol; /* GDW1376_PROTOCOL_ */
    bool up;          /* DIR: terminal to station */
    bool prm;         /* from the starting side */
    bool fcb_acd;     /* down: FCB; up: ACD, and then EC follows the data units */
    bool fcv;         /* down only */
    uint8_t function; /* GDW1376_LINK_ */
    uint8_t afn;
    bool tpv;    /* Tp ends the user data */
    bool fir;    /* first frame of the message */
    bool fin;    /* last frame of the message */
    bool con;    /* the receiver is to confirm */
    uint8_t seq; /* PSEQ or RSEQ, 0 .. 15 */
} gdw1376_head;

/** Time stamp of the starting frame. Digits as sent. */
typedef struct gdw1376_tp {
    uint8_t pfc; /* counter of starting frames */
    uint8_t second;
    uint8_t minute;
    uint8_t hour;
    uint8_t day;
    uint8_t delay_min; /* longest way allowed; 0: no limit */
} gdw1376_tp;

/** What follows the data units; which parts are there is decided by the head. */
typedef struct gdw1376_aux {
    uint8_t pw[GDW1376_PW_LEN];
    uint8_t ec_important;
    uint8_t ec_normal;
    gdw1376_tp tp;
} gdw1376_aux;

typedef struct gdw1376_frame {
    gdw1376_head head;
    gdw1376_aux aux;
    const uint8_t *units; /* data units, borrowed from the input */
    size_t units_len;
} gdw1376_frame;

/** PW: down, in AFN 01 04 05 06 0F 10. EC: up with ACD. Tp: with TpV. */
bool gdw1376_head_has_pw(const gdw1376_head *head);
bool gdw1376_head_has_ec(const gdw1376_head *head);
bool gdw1376_head_has_tp(const gdw1376_head *head);
/** Bytes of the parts that follow the data units. */
size_t gdw1376_head_aux_len(const gdw1376_head *head);

/** Station's request: down, PRM, single frame; link function after the AFN; confirm asked for
 * 04/05. */
gdw1376_head gdw1376_head_request(const gdw1376_addr *addr, uint8_t afn, uint8_t seq);
/** The answer to @p request from the other side: DIR turned, PRM 0, user data, the same seq,
 * single. */
gdw1376_head gdw1376_head_reply(const gdw1376_head *request, uint8_t afn);
/** Terminal's login, heartbeat or logout: AFN 02 up, PRM, link test, confirm asked. */
gdw1376_head gdw1376_head_link(const gdw1376_addr *addr, uint8_t seq);

/**
 * Decode exactly one frame, first 0x68 to final 0x16.
 *
 * @param[out] out  written only on GT_ERR_OK; borrows @p in
 * @return GT_ERR_TRUNCATED  fewer bytes than the length field promises, or user data too short for
 *                           the PW, EC and Tp its head announces
 *         GT_ERR_TRAILING   bytes after the end mark
 *         GT_ERR_MALFORMED  a fixed byte is wrong, the two lengths differ, or Tp is not BCD
 *         GT_ERR_RANGE      length below GDW1376_USER_MIN or above GDW1376_USER_MAX
 *         GT_ERR_CHECKSUM   CS does not match
 */
GT_CHECKED gt_err gdw1376_frame_decode(const uint8_t *in, size_t in_len, gdw1376_frame *out);

/**
 * @return GT_ERR_SPACE  @p cap too small
 *         GT_ERR_RANGE  user data above GDW1376_USER_MAX, or a field outside its bits
 */
GT_CHECKED gt_err gdw1376_frame_encode(const gdw1376_frame *frame, uint8_t *buf, size_t cap,
                                       size_t *out_len);

/** A1 of a region kept as a number: 4403 -> 0x4403. RANGE above 9999. */
GT_CHECKED gt_err gdw1376_region_of_number(uint16_t number, uint16_t *out_region);
/** 0x4403 -> 4403. MALFORMED when a nibble is not a digit. */
GT_CHECKED gt_err gdw1376_region_number(uint16_t region, uint16_t *out_number);
/** Same region, terminal and group flag (MSA aside). */
bool gdw1376_addr_equal(const gdw1376_addr *a, const gdw1376_addr *b);

/** For codec/stream. It settles marks, lengths and checksum; the head is not yet decoded. */
extern const struct codec_framing gdw1376_framing;

#endif
