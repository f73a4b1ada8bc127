/* Our Modbus beside somebody else's: libmodbus as server and as client, each through a real
 * terminal pair (RTU) and a real connection (TCP), the same random work on both sides, every answer
 * compared with a plain model. usage: modbus_peer rtu|tcp     exit 0: no difference, 1: differences
 */
#define modbus_reply our_reply /* libmodbus has a function of that name */
#include "codec/modbus/tcp.h"
#undef modbus_reply
#include "codec/stream/stream.h"

#include <arpa/inet.h>
#include <errno.h>
#include <modbus.h>
#include <poll.h>
#include <pthread.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum { UNIT = 17, SIZE = 400, ROUNDS = 400, WAIT_MS = 2000, BUF = 512 };

/* What a device holds. */
typedef struct device {
    uint8_t coils[SIZE];
    uint8_t inputs[SIZE];
    uint16_t holding[SIZE];
    uint16_t registers[SIZE];
} device;

typedef struct line {
    int fd; /* our end */
    bool tcp;
    codec_stream stream;
    uint8_t held[MODBUS_TCP_MAX];
} line;

static unsigned differences;

static void check(bool same, const char *what, const modbus_request *q)
{
    if (!same) {
        differences++;
        (void)fprintf(stderr, "%s: function %02X start %u count %u\n", what, (unsigned)q->function,
                      q->start, q->count);
    }
}

static uint32_t random_next(uint32_t *seed)
{
    *seed = *seed * 1664525U + 1013904223U;
    return *seed >> 8;
}

static void device_fill(device *d)
{
    uint32_t seed = 7;
    for (unsigned i = 0; i < SIZE; i++) {
        d->coils[i] = random_next(&seed) & 1;
        d->inputs[i] = random_next(&seed) & 1;
        d->holding[i] = (uint16_t)random_next(&seed);
        d->registers[i] = (uint16_t)random_next(&seed);
    }
}

static bool bits(const uint16_t *packed, unsigned n)
{
    return (packed[n / 16] >> n % 16 & 1) != 0;
}

/* What a device does with a request: the model both sides are held to. */
static void device_do(device *d, const modbus_request *q, our_reply *a)
{
    memset(a, 0, sizeof *a);
    a->unit = q->unit;
    a->function = q->function;
    a->start = q->start;
    a->count = q->count;
    if ((uint32_t)q->start + q->count > SIZE || (uint32_t)q->write_start + q->write_count > SIZE) {
        a->exception = MODBUS_ILLEGAL_ADDRESS;
        return;
    }
    const uint8_t *from = q->function == MODBUS_READ_COILS ? d->coils : d->inputs;
    const uint16_t *words = q->function == MODBUS_READ_INPUT ? d->registers : d->holding;
    for (unsigned i = 0; i < q->write_count; i++) {
        d->holding[q->write_start + i] = q->values[i];
    }
    for (unsigned i = 0; i < q->count; i++) {
        const unsigned at = q->start + i;
        switch (q->function) {
        case MODBUS_READ_COILS:
        case MODBUS_READ_DISCRETE:
            a->values[i / 16] = (uint16_t)(a->values[i / 16] | from[at] << i % 16);
            break;
        case MODBUS_READ_HOLDING:
        case MODBUS_READ_INPUT:
        case MODBUS_READ_WRITE:
            a->values[i] = words[at];
            break;
        case MODBUS_WRITE_COIL:
        case MODBUS_WRITE_COILS:
            d->coils[at] = bits(q->values, i);
            break;
        case MODBUS_WRITE_SINGLE:
        case MODBUS_WRITE_MULTIPLE:
            d->holding[at] = q->values[i];
            break;
        case MODBUS_IDENTIFY:
            break;
        }
    }
    if (q->function == MODBUS_WRITE_COIL || q->function == MODBUS_WRITE_SINGLE) {
        a->values[0] = q->values[0];
    }
}

/* Nine functions in turn, counts up to their limit, one in eight past the device's end. */
static modbus_request request_random(unsigned n, uint32_t *seed)
{
    static const struct {
        modbus_function function;
        unsigned most;
    } kinds[] = {
        {MODBUS_READ_COILS, SIZE},  {MODBUS_READ_DISCRETE, SIZE}, {MODBUS_READ_HOLDING, 125},
        {MODBUS_READ_INPUT, 125},   {MODBUS_WRITE_COIL, 1},       {MODBUS_WRITE_SINGLE, 1},
        {MODBUS_WRITE_COILS, SIZE}, {MODBUS_WRITE_MULTIPLE, 123}, {MODBUS_READ_WRITE, 121}};
    const unsigned kind = n % (sizeof kinds / sizeof kinds[0]);
    modbus_request q = {.unit = UNIT, .function = kinds[kind].function};
    q.count = (uint16_t)(1 + random_next(seed) % kinds[kind].most);
    const bool past = random_next(seed) % 8 == 0;
    q.start = (uint16_t)(past ? SIZE + 1U - q.count : random_next(seed) % (SIZE + 1U - q.count));
    if (q.function == MODBUS_READ_WRITE) {
        q.write_count = q.count;
        q.write_start = (uint16_t)(random_next(seed) % (SIZE + 1U - q.count));
    }
    for (unsigned i = 0; i < MODBUS_WRITE_MAX; i++) {
        q.values[i] = (uint16_t)random_next(seed);
    }
    q.values[0] = (uint16_t)(q.function == MODBUS_WRITE_COIL ? q.values[0] & 1 : q.values[0]);
    return q;
}

static size_t line_read(const line *l, uint8_t *buf, size_t cap)
{
    struct pollfd p = {.fd = l->fd, .events = POLLIN};
    const ssize_t got = poll(&p, 1, WAIT_MS) == 1 ? read(l->fd, buf, cap) : 0;
    return got > 0 ? (size_t)got : 0;
}

/* The whole answer to an RTU request, by its own length. */
static size_t rtu_answer(const line *l, const uint8_t *request, size_t request_len, uint8_t *buf)
{
    size_t have = 0;
    size_t want = 0;
    for (;;) {
        const modbus_exchange x = {request, request_len, buf, have};
        if (modbus_reply_len(&x, &want) == GT_ERR_OK && have >= want) {
            return have;
        }
        const size_t got = line_read(l, buf + have, MODBUS_ADU_MAX - have);
        if (got == 0) {
            return 0;
        }
        have += got;
    }
}

static size_t tcp_frame(line *l, const uint8_t **out)
{
    size_t len = 0;
    while (!codec_stream_next(&l->stream, out, &len)) {
        uint8_t buf[BUF];
        const size_t got = line_read(l, buf, MODBUS_TCP_MIN); /* in small pieces */
        if (got == 0 || codec_stream_feed(&l->stream, buf, got) != got) {
            return 0;
        }
    }
    return len;
}

/* Our client, libmodbus answering in its thread. */
static void ours_asks(line *l, device *model)
{
    uint32_t seed = 1;
    static modbus_tcp_client client;
    for (unsigned n = 0; n < ROUNDS; n++) {
        const modbus_request q = request_random(n, &seed);
        uint8_t buf[MODBUS_TCP_MAX];
        uint8_t got[BUF];
        size_t len = 0;
        uint16_t transaction = 0;
        our_reply answer;
        our_reply want;
        const uint8_t *frame = got;
        bool good = false;
        if (l->tcp) {
            good = modbus_tcp_client_ask(&client, &q, buf, &len, &transaction) == GT_ERR_OK &&
                   write(l->fd, buf, len) == (ssize_t)len;
            len = good ? tcp_frame(l, &frame) : 0;
            good = good && modbus_tcp_client_answer(&client, frame, len, &transaction, &answer) ==
                               GT_ERR_OK;
        } else {
            good = modbus_request_encode(&q, buf, sizeof buf, &len) == GT_ERR_OK &&
                   write(l->fd, buf, len) == (ssize_t)len;
            const size_t got_len = good ? rtu_answer(l, buf, len, got) : 0;
            good = good && modbus_reply_decode(&q, got, got_len, &answer) == GT_ERR_OK;
        }
        device_do(model, &q, &want);
        check(good, "no right answer from libmodbus", &q);
        check(!good || memcmp(&answer, &want, sizeof want) == 0, "libmodbus answered else", &q);
    }
}

typedef struct served {
    modbus_t *peer;
    device *device;
    line *line;
} served;

static void *libmodbus_serves(void *arg)
{
    served *s = arg;
    modbus_mapping_t *map = modbus_mapping_new(SIZE, SIZE, SIZE, SIZE);
    memcpy(map->tab_bits, s->device->coils, SIZE);
    memcpy(map->tab_input_bits, s->device->inputs, SIZE);
    memcpy(map->tab_registers, s->device->holding, sizeof s->device->holding);
    memcpy(map->tab_input_registers, s->device->registers, sizeof s->device->registers);
    uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
    for (unsigned n = 0; n < ROUNDS; n++) {
        const int len = modbus_receive(s->peer, query);
        if (len < 0 || modbus_reply(s->peer, query, len, map) < 0) {
            break;
        }
    }
    modbus_mapping_free(map);
    return NULL;
}

/* Our server: RTU requests end by their length, TCP frames come out of the stream machine. */
static void *ours_serves(void *arg)
{
    served *s = arg;
    for (unsigned n = 0; n < ROUNDS; n++) {
        uint8_t buf[BUF];
        uint8_t out[MODBUS_TCP_MAX];
        modbus_request q;
        our_reply a;
        size_t len = 0;
        uint16_t transaction = 0;
        const uint8_t *frame = buf;
        if (s->line->tcp) {
            const size_t got = tcp_frame(s->line, &frame);
            if (got == 0 || modbus_tcp_request_decode(frame, got, &transaction, &q) != GT_ERR_OK) {
                return NULL;
            }
            device_do(s->device, &q, &a);
            if (modbus_tcp_reply_encode(&a, transaction, out, sizeof out, &len) != GT_ERR_OK) {
                return NULL;
            }
        } else {
            size_t have = 0;
            size_t want = 0;
            while (modbus_request_len(buf, have, &want) != GT_ERR_OK || have < want) {
                const size_t got = line_read(s->line, buf + have, MODBUS_ADU_MAX - have);
                if (got == 0) {
                    return NULL;
                }
                have += got;
            }
            if (modbus_request_decode(buf, have, &q) != GT_ERR_OK) {
                return NULL;
            }
            device_do(s->device, &q, &a);
            if (modbus_reply_encode(&a, out, sizeof out, &len) != GT_ERR_OK) {
                return NULL;
            }
        }
        if (write(s->line->fd, out, len) != (ssize_t)len) {
            return NULL;
        }
    }
    return NULL;
}

static int libmodbus_call(modbus_t *peer, const modbus_request *q, uint8_t *coils, uint16_t *words)
{
    for (unsigned i = 0; i < q->count; i++) {
        coils[i] = bits(q->values, i);
    }
    switch (q->function) {
    case MODBUS_READ_COILS:
        return modbus_read_bits(peer, q->start, q->count, coils);
    case MODBUS_READ_DISCRETE:
        return modbus_read_input_bits(peer, q->start, q->count, coils);
    case MODBUS_READ_HOLDING:
        return modbus_read_registers(peer, q->start, q->count, words);
    case MODBUS_READ_INPUT:
        return modbus_read_input_registers(peer, q->start, q->count, words);
    case MODBUS_WRITE_COIL:
        return modbus_write_bit(peer, q->start, q->values[0]);
    case MODBUS_WRITE_SINGLE:
        return modbus_write_register(peer, q->start, q->values[0]);
    case MODBUS_WRITE_COILS:
        return modbus_write_bits(peer, q->start, q->count, coils);
    case MODBUS_WRITE_MULTIPLE:
        return modbus_write_registers(peer, q->start, q->count, q->values);
    case MODBUS_READ_WRITE:
        return modbus_write_and_read_registers(peer, q->write_start, q->write_count, q->values,
                                               q->start, q->count, words);
    case MODBUS_IDENTIFY:
        break;
    }
    return -1;
}

static void libmodbus_asks(modbus_t *peer, device *model)
{
    uint32_t seed = 2;
    for (unsigned n = 0; n < ROUNDS; n++) {
        modbus_request q = request_random(n, &seed);
        uint8_t coils[SIZE];
        uint16_t words[MODBUS_READ_MAX];
        our_reply want;
        errno = 0;
        const int result = libmodbus_call(peer, &q, coils, words);
        device_do(model, &q, &want);
        if (want.exception != MODBUS_NO_EXCEPTION) {
            check(result == -1 && errno == EMBXILADD, "our refusal was not understood", &q);
            continue;
        }
        check(result == (int)q.count, "libmodbus did not take our answer", &q);
        for (unsigned i = 0; i < q.count && result == (int)q.count; i++) {
            const bool bit = q.function <= MODBUS_READ_DISCRETE;
            const bool word = q.function == MODBUS_READ_HOLDING ||
                              q.function == MODBUS_READ_INPUT || q.function == MODBUS_READ_WRITE;
            check(!bit || coils[i] == bits(want.values, i), "another coil", &q);
            check(!word || words[i] == want.values[i], "another register", &q);
        }
    }
}

/* Both ends of a connection: ours in the line, the peer's in *out. */
static bool tcp_open(line *l, modbus_t **out)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    const bool good = listener >= 0 && bind(listener, (struct sockaddr *)&at, len) == 0 &&
                      listen(listener, 1) == 0 &&
                      getsockname(listener, (struct sockaddr *)&at, &len) == 0;
    if (!good) {
        return false;
    }
    *out = modbus_new_tcp("127.0.0.1", ntohs(at.sin_port));
    const bool connected = modbus_connect(*out) == 0;
    l->fd = connected ? accept(listener, NULL, NULL) : -1;
    (void)close(listener);
    codec_stream_init(&l->stream, &modbus_tcp_framing, l->held, sizeof l->held);
    return l->fd >= 0;
}

static bool rtu_open(line *l, modbus_t **out)
{
    char name[128];
    struct termios raw;
    int peer = -1;
    if (openpty(&l->fd, &peer, name, NULL, NULL) != 0 || tcgetattr(peer, &raw) != 0) {
        return false;
    }
    cfmakeraw(&raw);
    (void)tcsetattr(peer, TCSANOW, &raw);
    *out = modbus_new_rtu(name, 115200, 'N', 8, 1);
    return modbus_connect(*out) == 0; /* the other descriptor stays open: no hang-up in between */
}

static bool line_open(line *l, bool tcp, modbus_t **out)
{
    *l = (line){.tcp = tcp};
    *out = NULL;
    if (!(tcp ? tcp_open(l, out) : rtu_open(l, out))) {
        return false;
    }
    (void)modbus_set_slave(*out, UNIT);
    (void)modbus_set_response_timeout(*out, 2, 0);
    (void)modbus_set_indication_timeout(*out, 2, 0);
    return true;
}

int main(int argc, char **argv)
{
    const bool tcp = argc > 1 && strcmp(argv[1], "tcp") == 0;
    static device theirs;
    static device model;
    for (unsigned turn = 0; turn < 2; turn++) {
        static line l;
        modbus_t *peer = NULL;
        pthread_t thread;
        if (!line_open(&l, tcp, &peer)) {
            (void)fputs("no terminal or no connection here\n", stderr);
            return 77;
        }
        device_fill(&theirs);
        device_fill(&model);
        served s = {peer, &theirs, &l};
        if (pthread_create(&thread, NULL, turn == 0 ? libmodbus_serves : ours_serves, &s) != 0) {
            return 1;
        }
        if (turn == 0) {
            ours_asks(&l, &model);
        } else {
            libmodbus_asks(peer, &model);
        }
        (void)pthread_join(thread, NULL);
        modbus_close(peer);
        modbus_free(peer);
        (void)close(l.fd);
    }
    printf("modbus_peer %s: %u requests each way, %u differences\n", tcp ? "tcp" : "rtu", ROUNDS,
           differences);
    return differences == 0 ? 0 : 1;
}
