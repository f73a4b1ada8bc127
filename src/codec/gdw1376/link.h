/**
 * @file link.h
 * @brief AFN 02 (login, logout, heartbeat) and AFN 00 (confirm, deny): whole frames.
 *
 * Layer:   codec.
 * Source:  Q/GDW 1376.1, 5.1 and 5.3.
 */
#ifndef GT_CODEC_GDW1376_LINK_H
#define GT_CODEC_GDW1376_LINK_H

#include "codec/gdw1376/message.h"

enum {
    GDW1376_FN_LOGIN = 1, /* AFN 02 */
    GDW1376_FN_LOGOUT = 2,
    GDW1376_FN_HEARTBEAT = 3,
    GDW1376_FN_CONFIRM_ALL = 1, /* AFN 00 */
    GDW1376_FN_DENY_ALL = 2,
    GDW1376_FN_CONFIRM_EACH = 3,
    GDW1376_EACH_MAX = 32, /* identifiers kept of a per-item confirmation */
    GDW1376_EACH_OK = 0,   /* error byte: done */
};

/** @param fn GDW1376_FN_LOGIN, _LOGOUT or _HEARTBEAT */
GT_CHECKED gt_err gdw1376_link_encode(const gdw1376_addr *addr, uint8_t seq, uint16_t fn,
                                      uint8_t *buf, size_t cap, size_t *out_len);
/** @return MISMATCH when the frame is not AFN 02 from a terminal, naming one function of p0 */
GT_CHECKED gt_err gdw1376_link_decode(const gdw1376_frame *frame, uint16_t *out_fn);

typedef struct gdw1376_each {
    gdw1376_id id;
    uint8_t err; /* 0 done, 1 refused */
} gdw1376_each;

typedef struct gdw1376_confirm {
    uint16_t fn; /* GDW1376_FN_CONFIRM_ALL, _DENY_ALL or _CONFIRM_EACH */
    uint8_t afn; /* EACH only: the AFN answered */
    uint8_t count;
    gdw1376_each each[GDW1376_EACH_MAX];
} gdw1376_confirm;

/**
 * Answer to @p request with AFN 00, to either side: link status for a link test (AFN 02), user data
 * otherwise.
 */
GT_CHECKED gt_err gdw1376_confirm_encode(const gdw1376_head *request,
                                         const gdw1376_confirm *confirm, uint8_t *buf, size_t cap,
                                         size_t *out_len);
/**
 * @return MISMATCH  not AFN 00
 *         RANGE     more than GDW1376_EACH_MAX identifiers
 */
GT_CHECKED gt_err gdw1376_confirm_decode(const gdw1376_frame *frame, gdw1376_confirm *out);
/** Nothing in it was refused. */
bool gdw1376_confirm_ok(const gdw1376_confirm *confirm);

#endif
