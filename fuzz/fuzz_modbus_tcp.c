/* Modbus TCP: frames out of a stream (stream.h), each then as a request and as the answer to a
 * request: decode, encode, compare; and the client's table of waiting requests. */
#include "codec/modbus/describe.h"
#include "codec/modbus/tcp.h"
#include "stream.h"

/* Coils past the count may hold anything on the wire and are zero when sent. */
static bool canonical(modbus_function function, bool answer)
{
    return answer ? function != MODBUS_READ_COILS && function != MODBUS_READ_DISCRETE
                  : function != MODBUS_WRITE_COILS;
}

static void request_check(const uint8_t *frame, size_t len)
{
    modbus_request q;
    uint16_t transaction = 0;
    uint8_t back[MODBUS_TCP_MAX];
    size_t back_len = 0;
    if (modbus_tcp_request_decode(frame, len, &transaction, &q) != GT_ERR_OK) {
        return;
    }
    require(modbus_tcp_request_encode(&q, transaction, back, sizeof back, &back_len) == GT_ERR_OK);
    require(back_len == len && (!canonical(q.function, false) || memcmp(back, frame, len) == 0));
}

static void reply_check(const uint8_t *frame, size_t len)
{
    static const modbus_request asks[] = {
        {.unit = 1, .function = MODBUS_READ_COILS, .count = 9},
        {.unit = 1, .function = MODBUS_READ_DISCRETE, .count = 24},
        {.unit = 1, .function = MODBUS_READ_HOLDING, .count = 2},
        {.unit = 1, .function = MODBUS_READ_INPUT, .count = 1},
        {.unit = 1, .function = MODBUS_WRITE_COIL, .count = 1, .values = {1}},
        {.unit = 1, .function = MODBUS_WRITE_SINGLE, .count = 1, .values = {3}},
        {.unit = 1, .function = MODBUS_WRITE_COILS, .count = 9},
        {.unit = 1, .function = MODBUS_WRITE_MULTIPLE, .count = 2},
        {.unit = 1, .function = MODBUS_READ_WRITE, .count = 1, .write_count = 1},
        {.unit = 1, .function = MODBUS_IDENTIFY, .count = MODBUS_BASIC},
    };
    for (size_t i = 0; i < sizeof asks / sizeof asks[0]; i++) {
        modbus_tcp_client client = {.last = (uint16_t)((frame[0] << 8 | frame[1]) - 1)};
        uint8_t back[MODBUS_TCP_MAX];
        size_t back_len = 0;
        uint16_t transaction = 0;
        modbus_reply a;
        require(modbus_tcp_client_ask(&client, &asks[i], back, &back_len, &transaction) ==
                GT_ERR_OK);
        if (modbus_tcp_client_answer(&client, frame, len, &transaction, &a) != GT_ERR_OK) {
            require(client.used[0] == false);
            continue;
        }
        require(modbus_tcp_reply_encode(&a, transaction, back, sizeof back, &back_len) ==
                GT_ERR_OK);
        require(back_len == len);
        require(!canonical(asks[i].function, true) || memcmp(back, frame, len) == 0);
    }
}

static uint64_t look(void *ctx, const uint8_t *frame, size_t len)
{
    (void)ctx;
    request_check(frame, len);
    reply_check(frame, len);
    codec_description *d = malloc(sizeof *d);
    size_t claimed = 0;
    require(d != NULL && modbus_tcp_probe(frame, len, &claimed) != CODEC_MATCH_NONE);
    modbus_tcp_describe(NULL, frame, len, d);
    for (size_t i = 0; i < d->item_count; i++) {
        require(d->items[i].offset + d->items[i].len <= len);
    }
    const uint64_t told = d->item_count;
    free(d);
    return told;
}

/* Makes headers right where one could stand, so that more gets past them. */
static void repair(uint8_t *buf, size_t size)
{
    for (size_t at = 0; at + MODBUS_TCP_MIN <= size;) {
        buf[at + 2] = buf[at + 3] = buf[at + 4] = 0;
        const size_t left = size - at - 6;
        if (buf[at + 5] < 2 || buf[at + 5] > left) {
            buf[at + 5] = (uint8_t)(left > 200 ? 200 : left);
        }
        buf[at + 6] = 1;
        at += 6U + buf[at + 5];
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const stream_subject of = {.framing = &modbus_tcp_framing, .look = look};
    stream_fuzz(&of, data, size);
    if (size <= STREAM_IN_MAX) {
        uint8_t buf[STREAM_IN_MAX];
        memcpy(buf, data, size);
        repair(buf, size);
        stream_fuzz(&of, buf, size);
    }
    return 0;
}
