/* The suites: the published answers of cards for the old one, OpenSSL for the new ones, and every
 * way in which a sealed text can be wrong. */
#include "base/hex.h"
#include "crypto/suite.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static uint64_t seed_state = 20260103;

static void random_fill(uint8_t *buf, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        seed_state = seed_state * 6364136223846793005U + 1442695040888963407U;
        buf[i] = (uint8_t)(seed_state >> 56U);
    }
}

static void unhex(const char *text, uint8_t *out, size_t cap)
{
    size_t len = 0;
    assert_int_equal(gt_hex_parse(text, out, cap, &len), GT_ERR_OK);
    assert_int_equal(len, cap);
}

static const uint8_t seed[SUITE_SEED_LEN] = {0x4C, 0x45, 0xBA, 0xB9};

/* WRITE KEY of a card as published: the sealed key and the MAC over it. With both halves of the
 * key alike, triple DES is single DES. */
static void test_tdes_published(void **state)
{
    (void)state;
    suite_key key = {.kind = SUITE_TDES};
    uint8_t buf[SUITE_SEALED_MAX];
    uint8_t want[16];
    uint8_t head[5];
    uint8_t mac[SUITE_MAC_LEN];
    uint8_t mac_want[SUITE_MAC_LEN];
    memset(key.bytes, 0xFF, sizeof key.bytes);
    unhex("f9f0f0aaff1122334455667788", buf, 13);
    unhex("7c87bc23140021b3afea67e6359ddcfe", want, sizeof want);
    assert_int_equal(suite_sealed_len(SUITE_TDES, 13), sizeof want);
    assert_int_equal(suite_seal(&key, seed, buf, 13), GT_ERR_OK);
    assert_memory_equal(buf, want, sizeof want);
    unhex("84d4010214", head, sizeof head);
    unhex("d7c943f6", mac_want, sizeof mac_want);
    const suite_message message = {
        .seed = seed, .head = head, .head_len = sizeof head, .body = buf, .body_len = sizeof want};
    suite_mac(&key, &message, mac);
    assert_memory_equal(mac, mac_want, sizeof mac);
    uint8_t answer[8];
    uint8_t challenge[8];
    unhex("53fd1f262ec4e6e2", challenge, sizeof challenge);
    unhex("a0dbbfc1192ff24a", want, 8);
    suite_answer(&key, challenge, answer);
    assert_memory_equal(answer, want, sizeof answer);
}

/* DES in OpenSSL only as triple DES: EDE of K1 K1 is single DES of K1. */
static void openssl_des(const uint8_t *key, uint8_t *block)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    uint8_t twice[16];
    int len = 0;
    memcpy(twice, key, 8);
    memcpy(twice + 8, key, 8);
    assert_int_equal(EVP_EncryptInit_ex(ctx, EVP_des_ede_ecb(), NULL, twice, NULL), 1);
    assert_int_equal(EVP_CIPHER_CTX_set_padding(ctx, 0), 1);
    assert_int_equal(EVP_EncryptUpdate(ctx, block, &len, block, 8), 1);
    EVP_CIPHER_CTX_free(ctx);
}

static void openssl_tdes(const uint8_t *key, const uint8_t *in, uint8_t *out)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int len = 0;
    assert_int_equal(EVP_EncryptInit_ex(ctx, EVP_des_ede_ecb(), NULL, key, NULL), 1);
    assert_int_equal(EVP_CIPHER_CTX_set_padding(ctx, 0), 1);
    assert_int_equal(EVP_EncryptUpdate(ctx, out, &len, in, 8), 1);
    EVP_CIPHER_CTX_free(ctx);
}

static void test_tdes_openssl(void **state)
{
    (void)state;
    for (size_t len = 0; len < 64; len++) {
        suite_key key = {.kind = SUITE_TDES};
        suite_factor factor = {.label = "not used"};
        suite_key child;
        uint8_t other[8];
        uint8_t want[16];
        random_fill(key.bytes, sizeof key.bytes);
        random_fill(factor.device, sizeof factor.device);
        for (int i = 0; i < 8; i++) {
            other[i] = factor.device[i] ^ 0xFF;
        }
        openssl_tdes(key.bytes, factor.device, want);
        openssl_tdes(key.bytes, other, want + 8);
        suite_derive(&key, &factor, &child);
        assert_int_equal(child.kind, SUITE_TDES);
        assert_memory_equal(child.bytes, want, sizeof want);
        /* MAC: pad by hand, CBC with K1, and triple DES for the last block */
        uint8_t text[5 + 64 + 8] = {0};
        uint8_t chain[8];
        random_fill(text, 5 + len);
        memcpy(chain, seed, sizeof chain);
        text[5 + len] = 0x80;
        const size_t padded = (5 + len + 8) / 8 * 8;
        for (size_t at = 0; at < padded; at += 8) {
            for (size_t i = 0; i < 8; i++) {
                chain[i] ^= text[at + i];
            }
            if (at + 8 < padded) {
                openssl_des(key.bytes, chain);
            } else {
                openssl_tdes(key.bytes, chain, chain);
            }
        }
        uint8_t mac[SUITE_MAC_LEN];
        const suite_message message = {
            .seed = seed, .head = text, .head_len = 5, .body = text + 5, .body_len = len};
        suite_mac(&key, &message, mac);
        assert_memory_equal(mac, chain, sizeof mac);
    }
}

static void openssl_cmac(suite_kind kind, const uint8_t *key, const uint8_t *buf, size_t len,
                         uint8_t out[16])
{
    char aes[] = "AES-128-CBC";
    char sm4[] = "SM4-CBC";
    size_t out_len = 0;
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, kind == SUITE_SM4 ? sm4 : aes, 0),
        OSSL_PARAM_END};
    assert_non_null(
        EVP_Q_mac(NULL, "CMAC", NULL, NULL, params, key, 16, buf, len, out, 16, &out_len));
}

/* SP 800-108 for one block, written out: 00000001 | label | 00 | context | 00000080. */
static void reference_derive(suite_kind kind, const uint8_t *key, const suite_factor *factor,
                             uint8_t out[16])
{
    uint8_t text[64] = {0, 0, 0, 1};
    size_t len = 4;
    memcpy(text + len, factor->label, strlen(factor->label));
    len += strlen(factor->label) + 1;
    memcpy(text + len, factor->device, 8);
    len += 8;
    text[len++] = factor->version;
    len += 3;
    text[len++] = 0x80;
    openssl_cmac(kind, key, text, len, out);
}

static void openssl_cbc(suite_kind kind, const uint8_t *key, const uint8_t *iv, uint8_t *buf,
                        size_t len)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int out = 0;
    const EVP_CIPHER *cipher = kind == SUITE_SM4 ? EVP_sm4_cbc() : EVP_aes_128_cbc();
    assert_int_equal(EVP_EncryptInit_ex(ctx, cipher, NULL, key, iv), 1);
    assert_int_equal(EVP_CIPHER_CTX_set_padding(ctx, 0), 1);
    assert_int_equal(EVP_EncryptUpdate(ctx, buf, &out, buf, (int)len), 1);
    EVP_CIPHER_CTX_free(ctx);
}

static void test_block_suites_openssl(void **state)
{
    (void)state;
    for (suite_kind kind = SUITE_AES128; kind <= SUITE_SM4; kind++) {
        for (size_t len = 0; len < 64; len++) {
            suite_key key = {.kind = kind};
            suite_factor factor = {.label = "purchase", .version = (uint8_t)len};
            uint8_t text[8 + 5 + 64];
            uint8_t want[16];
            suite_key child;
            random_fill(key.bytes, sizeof key.bytes);
            random_fill(factor.device, sizeof factor.device);
            random_fill(text, sizeof text);
            memcpy(text, seed, 8);
            reference_derive(kind, key.bytes, &factor, want);
            suite_derive(&key, &factor, &child);
            assert_memory_equal(child.bytes, want, 16);
            uint8_t mac[SUITE_MAC_LEN];
            const suite_message message = {
                .seed = text, .head = text + 8, .head_len = 5, .body = text + 13, .body_len = len};
            openssl_cmac(kind, key.bytes, text, 13 + len, want);
            suite_mac(&key, &message, mac);
            assert_memory_equal(mac, want, sizeof mac);
            uint8_t answer[SUITE_ANSWER_LEN];
            openssl_cmac(kind, key.bytes, text + 5, 8, want);
            suite_answer(&key, text + 5, answer);
            assert_memory_equal(answer, want, sizeof answer);
            /* sealed: CBC under a derived key, from the enciphered seed */
            uint8_t sealed[96] = {0};
            uint8_t plain[96] = {(uint8_t)len};
            uint8_t own[16];
            uint8_t iv[16] = {0};
            const uint8_t zero[16] = {0};
            const suite_factor seal = {.label = "seal"};
            reference_derive(kind, key.bytes, &seal, own);
            memcpy(iv, seed, 8);
            openssl_cbc(kind, own, zero, iv, 16);
            memcpy(plain + 1, text + 13, len);
            plain[1 + len] = 0x80;
            const size_t sealed_len = suite_sealed_len(kind, len);
            assert_int_equal(sealed_len, (len + 2 + 15) / 16 * 16);
            openssl_cbc(kind, own, iv, plain, sealed_len);
            memcpy(sealed, text + 13, len);
            assert_int_equal(suite_seal(&key, seed, sealed, len), GT_ERR_OK);
            assert_memory_equal(sealed, plain, sealed_len);
        }
    }
}

static void test_seal_there_and_back(void **state)
{
    (void)state;
    for (suite_kind kind = SUITE_TDES; kind <= SUITE_SM4; kind++) {
        suite_key key = {.kind = kind};
        random_fill(key.bytes, sizeof key.bytes);
        for (size_t len = 0; len <= SUITE_DATA_MAX; len += len < 40 ? 1 : 33) {
            uint8_t text[SUITE_SEALED_MAX];
            uint8_t buf[SUITE_SEALED_MAX];
            size_t out_len = 999;
            random_fill(text, sizeof text);
            memset(buf, 0xA5, sizeof buf);
            memcpy(buf, text, len);
            assert_int_equal(suite_seal(&key, seed, buf, len), GT_ERR_OK);
            const size_t sealed = suite_sealed_len(kind, len);
            for (size_t i = sealed; i < sizeof buf; i++) {
                assert_int_equal(buf[i], 0xA5); /* not a byte beyond the blocks */
            }
            assert_true(sealed <= SUITE_SEALED_MAX);
            assert_int_equal(suite_open(&key, seed, buf, sealed, &out_len), GT_ERR_OK);
            assert_int_equal(out_len, len);
            assert_memory_equal(buf, text, len);
        }
        uint8_t buf[SUITE_SEALED_MAX + 16] = {0};
        assert_int_equal(suite_seal(&key, seed, buf, SUITE_DATA_MAX + 1), GT_ERR_RANGE);
    }
}

/* Wrong insides, made with OpenSSL so that any plain text can be had. */
static void test_open_refuses(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint8_t plain[16];
        gt_err want;
        size_t len;
    } rows[] = {
        {"good: nothing inside", {0, 0x80}, GT_ERR_OK, 16},
        {"good: 14 bytes",
         {14, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0x80},
         GT_ERR_OK,
         16},
        {"length beyond the block", {15, 1, 2, 3}, GT_ERR_MALFORMED, 16},
        {"length 255", {255, 0x80}, GT_ERR_MALFORMED, 16},
        {"no mark", {2, 1, 2, 0}, GT_ERR_MALFORMED, 16},
        {"mark elsewhere", {2, 1, 2, 0, 0x80}, GT_ERR_MALFORMED, 16},
        {"not zeros after it", {2, 1, 2, 0x80, 0, 0, 1}, GT_ERR_MALFORMED, 16},
        {"the last byte not zero",
         {2, 1, 2, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1},
         GT_ERR_MALFORMED,
         16},
        {"nothing", {0}, GT_ERR_RANGE, 0},
        {"not whole blocks", {0}, GT_ERR_RANGE, 15},
        {"one byte over", {0}, GT_ERR_RANGE, 17},
        {"too long", {0}, GT_ERR_RANGE, 256},
    };
    for (suite_kind kind = SUITE_AES128; kind <= SUITE_SM4; kind++) {
        suite_key key = {.kind = kind};
        random_fill(key.bytes, sizeof key.bytes);
        uint8_t own[16];
        uint8_t iv[16] = {0};
        const uint8_t zero[16] = {0};
        const suite_factor seal = {.label = "seal"};
        reference_derive(kind, key.bytes, &seal, own);
        memcpy(iv, seed, 8);
        openssl_cbc(kind, own, zero, iv, 16);
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            uint8_t buf[256] = {0};
            size_t out_len = 999;
            memcpy(buf, rows[i].plain, 16);
            openssl_cbc(kind, own, iv, buf, 16);
            const gt_err err = suite_open(&key, seed, buf, rows[i].len, &out_len);
            if (err != rows[i].want) {
                fail_msg("%s: %s", rows[i].name, gt_err_name(err));
            }
            assert_int_equal(out_len, err == GT_ERR_OK ? rows[i].plain[0] : 999);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tdes_published), cmocka_unit_test(test_tdes_openssl),
        cmocka_unit_test(test_block_suites_openssl), cmocka_unit_test(test_seal_there_and_back),
        cmocka_unit_test(test_open_refuses)};
    return cmocka_run_group_tests_name("crypto/suite", tests, NULL, NULL);
}
