/* The block ciphers against published vectors, and against OpenSSL on random inputs. */
#include "base/hex.h"
#include "crypto/aes.h"
#include "crypto/block.h"
#include "crypto/cmac.h"
#include "crypto/des.h"
#include "crypto/kdf.h"
#include "crypto/sm4.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

enum { ROUNDS = 1000 };

static uint64_t seed = 20260102;

static void random_fill(uint8_t *buf, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        seed = seed * 6364136223846793005U + 1442695040888963407U;
        buf[i] = (uint8_t)(seed >> 56U);
    }
}

static void unhex(const char *text, uint8_t *out, size_t cap)
{
    size_t len = 0;
    assert_int_equal(gt_hex_parse(text, out, cap, &len), GT_ERR_OK);
    assert_int_equal(len, cap);
}

static void openssl_block(const EVP_CIPHER *cipher, const uint8_t *key, const uint8_t *in,
                          uint8_t *out)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int len = 0;
    assert_int_equal(EVP_EncryptInit_ex(ctx, cipher, NULL, key, NULL), 1);
    assert_int_equal(EVP_CIPHER_CTX_set_padding(ctx, 0), 1);
    assert_int_equal(EVP_EncryptUpdate(ctx, out, &len, in, EVP_CIPHER_get_block_size(cipher)), 1);
    EVP_CIPHER_CTX_free(ctx);
}

static void test_sm4_published(void **state)
{
    (void)state;
    uint8_t key[16];
    uint8_t block[16];
    uint8_t want[16];
    sm4 cipher;
    unhex("0123456789abcdeffedcba9876543210", key, sizeof key); /* GB/T 32907, A.1 */
    unhex("681edf34d206965e86b3e94f536e4246", want, sizeof want);
    sm4_init(&cipher, key);
    sm4_encrypt(&cipher, key, block);
    assert_memory_equal(block, want, sizeof want);
    sm4_decrypt(&cipher, block, block);
    assert_memory_equal(block, key, sizeof key);
}

static void test_des_published(void **state)
{
    (void)state;
    static const struct {
        const char *key;
        const char *in;
        const char *out;
    } rows[] = {
        {"ffffffffffffffff", "53fd1f262ec4e6e2", "a0dbbfc1192ff24a"},
        {"ffffffffffffffff", "06cee4f200000000", "fec63184b307aefd"},
        {"133457799bbcdff1", "0123456789abcdef", "85e813540f0ab405"},
        {"0101010101010101", "8000000000000000", "95f8a5e5dd31d900"}, /* NBS SP 500-20 */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t key[8];
        uint8_t block[8];
        uint8_t want[8];
        des cipher;
        unhex(rows[i].key, key, sizeof key);
        unhex(rows[i].in, block, sizeof block);
        unhex(rows[i].out, want, sizeof want);
        des_init(&cipher, key);
        des_encrypt(&cipher, block, block);
        assert_memory_equal(block, want, sizeof want);
        des_decrypt(&cipher, block, block);
        unhex(rows[i].in, want, sizeof want);
        assert_memory_equal(block, want, sizeof want);
        static const uint8_t zero[sizeof cipher];
        des_fini(&cipher);
        assert_memory_equal(&cipher, zero, sizeof cipher);
    }
}

static void test_tdes_openssl(void **state)
{
    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        uint8_t key[16];
        uint8_t in[8];
        uint8_t want[8];
        uint8_t got[8];
        tdes cipher;
        random_fill(key, sizeof key);
        random_fill(in, sizeof in);
        openssl_block(EVP_des_ede_ecb(), key, in, want);
        tdes_init(&cipher, key);
        tdes_encrypt(&cipher, in, got);
        assert_memory_equal(got, want, sizeof want);
        tdes_decrypt(&cipher, got, got);
        assert_memory_equal(got, in, sizeof in);
        static const uint8_t zero[sizeof cipher];
        tdes_fini(&cipher);
        assert_memory_equal(&cipher, zero, sizeof cipher);
    }
}

static void test_block_openssl(void **state)
{
    (void)state;
    static const struct {
        block_kind kind;
        const EVP_CIPHER *(*reference)(void);
    } rows[] = {{BLOCK_AES128, EVP_aes_128_ecb}, {BLOCK_SM4, EVP_sm4_ecb}};
    for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
        for (int i = 0; i < ROUNDS; i++) {
            uint8_t key[16];
            uint8_t in[16];
            uint8_t want[16];
            uint8_t got[16];
            block_cipher cipher;
            random_fill(key, sizeof key);
            random_fill(in, sizeof in);
            openssl_block(rows[k].reference(), key, in, want);
            block_init(&cipher, rows[k].kind, key);
            block_encrypt(&cipher, in, got);
            assert_memory_equal(got, want, sizeof want);
            block_decrypt(&cipher, got, got); /* in place */
            assert_memory_equal(got, in, sizeof in);
            static const uint8_t zero[sizeof cipher];
            block_fini(&cipher);
            assert_memory_equal(&cipher, zero, sizeof cipher);
        }
    }
}

static void test_sm4_cmac_and_kdf_openssl(void **state)
{
    (void)state;
    char name[] = "SM4-CBC";
    char mode[] = "CMAC";
    const OSSL_PARAM mac_params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, name, 0), OSSL_PARAM_END};
    for (size_t len = 0; len <= 80; len++) {
        uint8_t key[16];
        uint8_t text[80];
        uint8_t want[16];
        uint8_t got[16];
        size_t out_len = 0;
        random_fill(key, sizeof key);
        random_fill(text, sizeof text);
        assert_non_null(EVP_Q_mac(NULL, "CMAC", NULL, NULL, mac_params, key, sizeof key, text, len,
                                  want, sizeof want, &out_len));
        cmac mac;
        cmac_init_with(&mac, BLOCK_SM4, key);
        cmac_update(&mac, text, len);
        cmac_final(&mac, got);
        assert_memory_equal(got, want, sizeof want);
        const OSSL_PARAM params[] = {
            OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_MAC, mode, 0),
            OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_CIPHER, name, 0),
            OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, key, sizeof key),
            OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, text, 5),
            OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, text + 5, 9),
            OSSL_PARAM_END};
        EVP_KDF *kdf = EVP_KDF_fetch(NULL, "KBKDF", NULL);
        EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);
        assert_int_equal(EVP_KDF_derive(ctx, want, sizeof want, params), 1);
        EVP_KDF_CTX_free(ctx);
        EVP_KDF_free(kdf);
        const kdf_info info = {.cipher = BLOCK_SM4,
                               .label = text,
                               .label_len = 5,
                               .context = text + 5,
                               .context_len = 9};
        assert_int_equal(kdf_cmac(key, &info, got, sizeof got), GT_ERR_OK);
        assert_memory_equal(got, want, sizeof want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sm4_published), cmocka_unit_test(test_des_published),
        cmocka_unit_test(test_tdes_openssl), cmocka_unit_test(test_block_openssl),
        cmocka_unit_test(test_sm4_cmac_and_kdf_openssl)};
    return cmocka_run_group_tests_name("crypto/cipher", tests, NULL, NULL);
}
