/* Inside of access, shared by its own files only. */
#ifndef GT_ACCESS_ACCESS_PRIV_H
#define GT_ACCESS_ACCESS_PRIV_H

#include "access/access.h"

enum { ACCESS_SESSIONS_MAX = 32 }; /* of one operator; the oldest goes */

/** A fresh token and its digest. */
GT_CHECKED gt_err access_token_new(const access *a, char out_text[TOKEN_TEXT_MAX],
                                   uint8_t out_digest[TOKEN_DIGEST_LEN]);

typedef struct access_session_row {
    uint8_t digest[TOKEN_DIGEST_LEN];
    int64_t operator_id;
    const char *peer;
    gt_utc now;
    gt_utc expires;
} access_session_row;

/** Inside a transaction: drop what has ended, then add. */
GT_CHECKED gt_err access_session_add(const store_tx *tx, const access_session_row *row);

/** What a session of @p id starts with: token made, row filled, nothing stored. */
GT_CHECKED gt_err access_session_make(const access *a, const char *peer, gt_utc now,
                                      access_session_row *out_row, access_session *out);

#endif
