/* Derivation and MAC are the meter's own code (crypto/meter_key.h, crypto/cmac.h). */
#include "adapter/keystore/file_keystore.h"

#include "base/hex.h"
#include "crypto/cmac.h"
#include "crypto/meter_key.h"
#include "crypto/wipe.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEY_VERSION = 1, TEXT_LEN = 2 * METER_KEY_LEN };
static_assert((int)KEYSTORE_MAC_LEN == (int)METER_MAC_LEN, "one MAC length");

struct file_keystore {
    uint8_t master[METER_KEY_LEN];
};

static gt_err purpose_find(const char *name, meter_key_purpose *out)
{
    static const char *const names[METER_KEY_PURPOSES] = {
        [METER_KEY_PURCHASE] = "purchase",
        [METER_KEY_CONTROL] = "control",
        [METER_KEY_PARAMETER] = "parameter",
    };
    for (unsigned i = 0; i < METER_KEY_PURPOSES; i++) {
        if (strcmp(names[i], name) == 0) {
            *out = (meter_key_purpose)i;
            return GT_ERR_OK;
        }
    }
    return GT_ERR_NOT_FOUND;
}

static gt_err mac(void *ctx, uint64_t meter_no, uint8_t key_version, const char *purpose,
                  const uint8_t *data, size_t len, uint8_t out[KEYSTORE_MAC_LEN])
{
    const file_keystore *keystore = ctx;
    meter_key_info info = {.meter_no = meter_no, .version = key_version};
    if (key_version != KEY_VERSION) {
        return GT_ERR_NOT_FOUND;
    }
    GT_TRY(purpose_find(purpose, &info.purpose));
    uint8_t key[METER_KEY_LEN];
    GT_TRY(meter_key_derive(keystore->master, &info, key));
    uint8_t whole[CMAC_LEN];
    cmac_of(key, data, len, whole);
    memcpy(out, whole, KEYSTORE_MAC_LEN);
    gt_wipe(key, sizeof key);
    return GT_ERR_OK;
}

/* Reads exactly the digits; anything but white space after them is an error. */
static gt_err read_digits(int fd, char text[TEXT_LEN + 1])
{
    char buf[TEXT_LEN + 8] = {0};
    const ssize_t n = read(fd, buf, sizeof buf - 1);
    if (n < 0) {
        return GT_ERR_IO;
    }
    if (n < TEXT_LEN || strspn(buf + TEXT_LEN, " \r\n") != (size_t)n - TEXT_LEN) {
        gt_wipe(buf, sizeof buf);
        return GT_ERR_SYNTAX;
    }
    memcpy(text, buf, TEXT_LEN);
    text[TEXT_LEN] = '\0';
    gt_wipe(buf, sizeof buf);
    return GT_ERR_OK;
}

static gt_err read_key(int fd, uint8_t key[METER_KEY_LEN])
{
    struct stat status;
    if (fstat(fd, &status) != 0) {
        return GT_ERR_IO;
    }
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        return GT_ERR_FORBIDDEN;
    }
    char text[TEXT_LEN + 1];
    GT_TRY(read_digits(fd, text));
    size_t len = 0;
    const gt_err err = gt_hex_parse(text, key, METER_KEY_LEN, &len);
    gt_wipe(text, sizeof text);
    return err;
}

gt_err file_keystore_open(const char *path, file_keystore **out)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return errno == ENOENT ? GT_ERR_NOT_FOUND : GT_ERR_IO;
    }
    file_keystore *keystore = calloc(1, sizeof *keystore);
    gt_err err = keystore == NULL ? GT_ERR_MEMORY : read_key(fd, keystore->master);
    (void)close(fd);
    if (err != GT_ERR_OK) {
        file_keystore_close(keystore);
        return err;
    }
    *out = keystore;
    return GT_ERR_OK;
}

void file_keystore_close(file_keystore *keystore)
{
    if (keystore != NULL) {
        gt_wipe(keystore->master, sizeof keystore->master);
        free(keystore);
    }
}

gt_keystore file_keystore_port(file_keystore *keystore)
{
    return (gt_keystore){.ctx = keystore, .mac = mac};
}
