/* Tokens are 256 random bits as text. What is stored, and what a page must repeat, are digests of
 * that text under different labels, so that neither leads back to the token or to the other. */
#include "domain/token.h"

#include "base/hex.h"
#include "crypto/sha256.h"
#include "crypto/wipe.h"

#include <string.h>

static gt_err labelled(const char *label, const char *text, uint8_t out[SHA256_LEN])
{
    uint8_t raw[TOKEN_LEN];
    size_t len = 0;
    if (gt_hex_parse(text, raw, sizeof raw, &len) != GT_ERR_OK || len != sizeof raw) {
        return GT_ERR_SYNTAX;
    }
    sha256 sha;
    sha256_init(&sha);
    sha256_update(&sha, label, strlen(label));
    sha256_update(&sha, raw, sizeof raw);
    sha256_final(&sha, out);
    gt_wipe(raw, sizeof raw);
    return GT_ERR_OK;
}

void token_text(const uint8_t random[TOKEN_LEN], char out[TOKEN_TEXT_MAX])
{
    gt_hex_format(random, TOKEN_LEN, out, TOKEN_TEXT_MAX);
}

gt_err token_digest(const char *text, uint8_t out[TOKEN_DIGEST_LEN])
{
    return labelled("", text, out);
}

gt_err token_csrf(const char *text, char out[TOKEN_CSRF_MAX])
{
    uint8_t digest[SHA256_LEN];
    GT_TRY(labelled("csrf", text, digest));
    gt_hex_format(digest, (TOKEN_CSRF_MAX - 1) / 2, out, TOKEN_CSRF_MAX);
    return GT_ERR_OK;
}

bool token_csrf_matches(const char *text, const char *sent)
{
    char want[TOKEN_CSRF_MAX];
    char got[TOKEN_CSRF_MAX] = {0};
    if (sent == NULL || strlen(sent) != TOKEN_CSRF_MAX - 1 || token_csrf(text, want) != GT_ERR_OK) {
        return false;
    }
    memcpy(got, sent, TOKEN_CSRF_MAX - 1);
    return gt_secret_equal((const uint8_t *)want, (const uint8_t *)got, TOKEN_CSRF_MAX);
}
