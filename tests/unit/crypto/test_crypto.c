/* Published vectors, and OpenSSL as the second opinion on random inputs of every length. */
#include "base/hex.h"
#include "crypto/aes.h"
#include "crypto/cmac.h"
#include "crypto/kdf.h"
#include "crypto/meter_key.h"
#include "crypto/sha256.h"
#include "crypto/wipe.h"

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

enum { TEXT_MAX = 160 };

static uint64_t seed = 20260101;

static void random_fill(uint8_t *buf, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        seed = seed * 6364136223846793005U + 1442695040888963407U;
        buf[i] = (uint8_t)(seed >> 56U);
    }
}

static size_t unhex(const char *text, uint8_t *out, size_t cap)
{
    size_t len = 0;
    assert_int_equal(gt_hex_parse(text, out, cap, &len), GT_ERR_OK);
    return len;
}

static void openssl_cmac(const uint8_t *key, const uint8_t *buf, size_t len, uint8_t out[16])
{
    size_t out_len = 0;
    char cipher[] = "AES-128-CBC";
    const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, cipher, 0),
                                 OSSL_PARAM_END};
    assert_non_null(
        EVP_Q_mac(NULL, "CMAC", NULL, NULL, params, key, 16, buf, len, out, 16, &out_len));
}

static void openssl_kbkdf(uint8_t *key, uint8_t *label, size_t label_len, uint8_t *context,
                          size_t context_len, uint8_t *out, size_t out_len)
{
    char mac[] = "CMAC";
    char cipher[] = "AES-128-CBC";
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_MAC, mac, 0),
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_CIPHER, cipher, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, key, 16),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, label, label_len),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, context, context_len),
        OSSL_PARAM_END};
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "KBKDF", NULL);
    EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);
    assert_int_equal(EVP_KDF_derive(ctx, out, out_len, params), 1);
    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(kdf);
}

static void test_aes(void **state)
{
    (void)state;
    uint8_t key[16];
    uint8_t in[16];
    uint8_t want[16];
    uint8_t got[16];
    aes128 aes;
    unhex("000102030405060708090a0b0c0d0e0f", key, sizeof key); /* FIPS 197, C.1 */
    unhex("00112233445566778899aabbccddeeff", in, sizeof in);
    unhex("69c4e0d86a7b0430d8cdb78070b4c55a", want, sizeof want);
    aes128_init(&aes, key);
    aes128_encrypt(&aes, in, got);
    assert_memory_equal(got, want, sizeof want);
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    for (int i = 0; i < 2000; i++) {
        random_fill(key, sizeof key);
        random_fill(in, sizeof in);
        int len = 0;
        assert_int_equal(EVP_EncryptInit_ex(ctx, EVP_aes_128_ecb(), NULL, key, NULL), 1);
        assert_int_equal(EVP_EncryptUpdate(ctx, want, &len, in, sizeof in), 1);
        aes128_init(&aes, key);
        aes128_encrypt(&aes, in, in); /* in place */
        assert_memory_equal(in, want, sizeof want);
    }
    EVP_CIPHER_CTX_free(ctx);
    static const uint8_t zero[sizeof aes];
    aes128_fini(&aes);
    assert_memory_equal(&aes, zero, sizeof aes);
}

static void test_cmac_published(void **state)
{
    (void)state;
    static const struct {
        size_t len;
        const char *want;
    } rows[] = {/* RFC 4493, 4 */
                {0, "bb1d6929e95937287fa37d129b756746"},
                {16, "070a16b46b4d4144f79bdd9dd04a287c"},
                {40, "dfa66747de9ae63030ca32611497c827"},
                {64, "51f0bebf7e3b9d92fc49741779363cfe"}};
    uint8_t key[16];
    uint8_t message[64];
    unhex("2b7e151628aed2a6abf7158809cf4f3c", key, sizeof key);
    unhex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
          "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710",
          message, sizeof message);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t want[16];
        uint8_t got[16];
        unhex(rows[i].want, want, sizeof want);
        cmac_of(key, message, rows[i].len, got);
        assert_memory_equal(got, want, sizeof want);
    }
}

static void test_cmac_openssl(void **state)
{
    (void)state;
    uint8_t key[16];
    uint8_t text[TEXT_MAX];
    for (size_t len = 0; len <= TEXT_MAX; len++) {
        uint8_t want[16];
        uint8_t got[16];
        random_fill(key, sizeof key);
        random_fill(text, len);
        openssl_cmac(key, text, len, want);
        cmac mac; /* in two pieces, cut anywhere */
        const size_t cut = len == 0 ? 0 : text[0] % (len + 1);
        cmac_init(&mac, key);
        cmac_update(&mac, text, cut);
        cmac_update(&mac, text + cut, len - cut);
        cmac_final(&mac, got);
        assert_memory_equal(got, want, sizeof want);
    }
}

static void test_kdf(void **state)
{
    (void)state;
    uint8_t key[16];
    uint8_t label[24];
    uint8_t context[40];
    for (size_t i = 1; i <= 100; i++) {
        uint8_t want[100];
        uint8_t got[100];
        random_fill(key, sizeof key);
        random_fill(label, sizeof label);
        random_fill(context, sizeof context);
        const kdf_info info = {.label = label,
                               .label_len = 1 + i % sizeof label,
                               .context = context,
                               .context_len = 1 + i % sizeof context};
        openssl_kbkdf(key, label, info.label_len, context, info.context_len, want, i);
        assert_int_equal(kdf_cmac(key, &info, got, i), GT_ERR_OK);
        assert_memory_equal(got, want, i);
    }
    const kdf_info info = {.label = label, .label_len = 1, .context = context, .context_len = 1};
    uint8_t out[1] = {7};
    assert_int_equal(kdf_cmac(key, &info, out, 0), GT_ERR_RANGE);
    assert_int_equal(kdf_cmac(key, &info, out, KDF_OUT_MAX + 1), GT_ERR_RANGE);
    assert_int_equal(out[0], 7);
}

static void test_sha256(void **state)
{
    (void)state;
    static const char abc[] = "abc"; /* FIPS 180-4 example */
    uint8_t want[SHA256_LEN];
    uint8_t got[SHA256_LEN];
    unhex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", want, sizeof want);
    sha256_of(abc, 3, got);
    assert_memory_equal(got, want, sizeof want);
    uint8_t text[300];
    for (size_t len = 0; len <= sizeof text; len++) {
        random_fill(text, len);
        size_t out_len = 0;
        assert_int_equal(EVP_Q_digest(NULL, "SHA256", NULL, text, len, want, &out_len), 1);
        sha256 sha;
        const size_t cut = len == 0 ? 0 : text[0] % (len + 1);
        sha256_init(&sha);
        sha256_update(&sha, text, cut);
        sha256_update(&sha, text + cut, len - cut);
        sha256_final(&sha, got);
        assert_memory_equal(got, want, sizeof want);
    }
}

static void test_wipe_and_compare(void **state)
{
    (void)state;
    uint8_t a[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    uint8_t b[8];
    for (size_t i = 0; i < sizeof a; i++) {
        memcpy(b, a, sizeof a);
        assert_true(gt_secret_equal(a, b, sizeof a));
        b[i] ^= 0x80;
        assert_false(gt_secret_equal(a, b, sizeof a));
    }
    static const uint8_t zero[4];
    gt_wipe(a, 4);
    assert_memory_equal(a, zero, 4);
    assert_int_equal(a[4], 5);
}

static void test_meter_key(void **state)
{
    (void)state;
    static const char *const labels[] = {"purchase", "control", "parameter"};
    uint8_t master[16];
    random_fill(master, sizeof master);
    for (unsigned p = 0; p < METER_KEY_PURPOSES; p++) {
        const meter_key_info info = {
            .purpose = (meter_key_purpose)p, .meter_no = 202601000257, .version = 3};
        uint8_t context[] = {0x20, 0x26, 0x01, 0x00, 0x02, 0x57, 3};
        uint8_t label[16];
        uint8_t want[16];
        uint8_t got[16];
        memcpy(label, labels[p], strlen(labels[p]));
        openssl_kbkdf(master, label, strlen(labels[p]), context, sizeof context, want, sizeof want);
        assert_int_equal(meter_key_derive(master, &info, got), GT_ERR_OK);
        assert_memory_equal(got, want, sizeof want);
        /* the MAC, with the covered bytes written out by hand */
        const uint8_t covered[] = {0x01, 0x00, 0x20, 0x26, 0x01, 0x00, 0x02, 0x57, 0xAA, 0xBB};
        uint8_t full[16];
        uint8_t mac[METER_MAC_LEN];
        openssl_cmac(got, covered, sizeof covered, full);
        const meter_command command = {.first_register = 0x0100,
                                       .meter_no = info.meter_no,
                                       .block = covered + 8,
                                       .block_len = 2};
        assert_int_equal(meter_command_mac(got, &command, mac), GT_ERR_OK);
        assert_memory_equal(mac, full, sizeof mac);
    }
}

static void test_meter_key_refuses(void **state)
{
    (void)state;
    const uint8_t key[16] = {0};
    uint8_t out[16] = {9};
    const meter_key_info info = {.meter_no = 1000000000000};
    const meter_command command = {.meter_no = 1000000000000, .block = key, .block_len = 1};
    assert_int_equal(meter_key_derive(key, &info, out), GT_ERR_RANGE);
    assert_int_equal(meter_command_mac(key, &command, out), GT_ERR_RANGE);
    assert_int_equal(out[0], 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_aes),          cmocka_unit_test(test_cmac_published),
        cmocka_unit_test(test_cmac_openssl), cmocka_unit_test(test_kdf),
        cmocka_unit_test(test_sha256),       cmocka_unit_test(test_wipe_and_compare),
        cmocka_unit_test(test_meter_key),    cmocka_unit_test(test_meter_key_refuses)};
    return cmocka_run_group_tests_name("crypto", tests, NULL, NULL);
}
