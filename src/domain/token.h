/**
 * @file token.h
 * @brief Bearer tokens: what a browser keeps, and the little of it that the station keeps.
 *
 * Layer:   domain. Pure.
 * A database that is read by a thief must not open a session: only digests of tokens are stored.
 */
#ifndef GT_DOMAIN_TOKEN_H
#define GT_DOMAIN_TOKEN_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    TOKEN_LEN = 32,      /* random bytes */
    TOKEN_TEXT_MAX = 65, /* as hexadecimal text, terminated */
    TOKEN_DIGEST_LEN = 32,
    TOKEN_CSRF_MAX = 33, /* 128 bits as hexadecimal text, terminated */
};

void token_text(const uint8_t random[TOKEN_LEN], char out[TOKEN_TEXT_MAX]);
/** SHA-256 of the token. @return SYNTAX @p text is no token */
GT_CHECKED gt_err token_digest(const char *text, uint8_t out[TOKEN_DIGEST_LEN]);
/** What a page of this session must send with every change; derived, so stored nowhere.
 *  @return SYNTAX @p text is no token */
GT_CHECKED gt_err token_csrf(const char *text, char out[TOKEN_CSRF_MAX]);
/** Compares in constant time. @p sent may be NULL. */
bool token_csrf_matches(const char *text, const char *sent);

#endif
