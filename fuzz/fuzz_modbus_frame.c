/* Modbus: the bytes as a request, and as the answer to the request before them; decode, encode,
 * compare; lengths told before the end agree. */
#include "base/sum.h"
#include "codec/modbus/describe.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
    if (!good) {
        abort();
    }
}

/* Coils past the count may hold anything on the wire and are zero when sent. */
static bool canonical(modbus_function function, bool answer)
{
    return answer ? function != MODBUS_READ_COILS && function != MODBUS_READ_DISCRETE
                  : function != MODBUS_WRITE_COILS;
}

static bool request_check(const uint8_t *in, size_t len, modbus_request *out)
{
    if (modbus_request_decode(in, len, out) != GT_ERR_OK) {
        return false;
    }
    uint8_t back[MODBUS_ADU_MAX];
    size_t back_len = 0;
    must(modbus_request_encode(out, back, sizeof back, &back_len) == GT_ERR_OK);
    must(back_len == len && (!canonical(out->function, false) || memcmp(back, in, len) == 0));
    size_t told = 0;
    must(modbus_request_len(in, len, &told) == GT_ERR_OK && told == len);
    return true;
}

static void reply_check(const uint8_t *request, size_t request_len, const uint8_t *in, size_t len)
{
    modbus_request q;
    modbus_reply reply;
    const modbus_exchange x = {request, request_len, in, len};
    size_t told = 0;
    const gt_err err = modbus_reply_len(&x, &told);
    if (!request_check(request, request_len, &q) ||
        modbus_reply_decode(&q, in, len, &reply) != GT_ERR_OK || q.unit == MODBUS_BROADCAST) {
        return;
    }
    must(err == GT_ERR_OK && told == len);
    uint8_t back[MODBUS_ADU_MAX];
    size_t back_len = 0;
    must(modbus_reply_encode(&reply, back, sizeof back, &back_len) == GT_ERR_OK);
    must(back_len == len && (!canonical(q.function, true) || memcmp(back, in, len) == 0));
}

/* With the CRC put right, so that the input gets past it. */
static size_t sealed(const uint8_t *in, size_t len, uint8_t out[MODBUS_ADU_MAX])
{
    if (len + 2 > MODBUS_ADU_MAX) {
        len = MODBUS_ADU_MAX - 2;
    }
    memcpy(out, in, len);
    const uint16_t crc = gt_crc16_modbus(out, len);
    out[len] = (uint8_t)crc;
    out[len + 1] = (uint8_t)(crc >> 8);
    return len + 2;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    modbus_request q;
    (void)request_check(data, size, &q);
    const size_t split = 1 + data[0] % size;
    const uint8_t *rest = size > split ? data + split : data;
    const size_t rest_len = size > split ? size - split : 0;
    uint8_t request[MODBUS_ADU_MAX];
    uint8_t answer[MODBUS_ADU_MAX];
    const size_t request_len = sealed(data + 1, split - 1, request);
    const size_t answer_len = sealed(rest, rest_len, answer);
    reply_check(request, request_len, answer, answer_len);
    codec_description *d = malloc(sizeof *d);
    must(d != NULL);
    modbus_describe(NULL, answer, answer_len, d);
    modbus_describe(NULL, data, size, d);
    free(d);
    return 0;
}
