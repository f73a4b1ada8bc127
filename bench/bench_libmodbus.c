/* Modbus RTU requests out of a socket: libmodbus' modbus_receive beside a read and our decoder, in
 * turns in one run. System calls dominate both; libmodbus makes several a request. Each pass counts
 * this thread's processor time. usage: bench_libmodbus [REQUESTS_PER_PASS] */
#include "codec/modbus/frame.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* What this takes of libmodbus; its header and ours both define a modbus_reply. */
struct modbus_peer;
struct modbus_peer *modbus_new_rtu(const char *device, int baud, char parity, int data_bit,
                                   int stop_bit);
int modbus_set_slave(struct modbus_peer *ctx, int slave);
int modbus_set_socket(struct modbus_peer *ctx, int s);
int modbus_receive(struct modbus_peer *ctx, uint8_t *req);
void modbus_free(struct modbus_peer *ctx);

enum { PASSES = 9, RUNS_DEFAULT = 20000, UNIT = 1, BAUD = 9600, DATA_BITS = 8 };

typedef struct rig {
    int fds[2];
    struct modbus_peer *peer;
    uint8_t request[MODBUS_ADU_MAX];
    size_t request_len;
} rig;

static bool rig_open(rig *r)
{
    const modbus_request q = {
        .unit = UNIT, .function = MODBUS_READ_HOLDING, .start = 0x15, .count = 20};
    r->peer = modbus_new_rtu("/dev/null", BAUD, 'N', DATA_BITS, 1);
    if (r->peer == NULL || socketpair(AF_UNIX, SOCK_STREAM, 0, r->fds) != 0 ||
        modbus_request_encode(&q, r->request, sizeof r->request, &r->request_len) != GT_ERR_OK) {
        return false;
    }
    return modbus_set_slave(r->peer, UNIT) == 0 && modbus_set_socket(r->peer, r->fds[0]) == 0;
}

static bool peer_take(rig *r)
{
    uint8_t in[MODBUS_ADU_MAX];
    return modbus_receive(r->peer, in) == (int)r->request_len;
}

static bool our_take(rig *r)
{
    uint8_t in[MODBUS_ADU_MAX];
    const ssize_t len = read(r->fds[0], in, sizeof in);
    modbus_request q;
    return len > 0 && modbus_request_decode(in, (size_t)len, &q) == GT_ERR_OK && q.count == 20;
}

/* Nanoseconds a request, the write that brings it included; below 0 when one was not taken. */
static double pass(rig *r, bool (*take)(rig *r), unsigned runs)
{
    struct timespec from;
    struct timespec to;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
    for (unsigned i = 0; i < runs; i++) {
        if (write(r->fds[1], r->request, r->request_len) != (ssize_t)r->request_len || !take(r)) {
            return -1;
        }
    }
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
    return ((double)(to.tv_sec - from.tv_sec) * 1e9 + (double)(to.tv_nsec - from.tv_nsec)) / runs;
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    const unsigned runs = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : RUNS_DEFAULT;
    static rig r;
    double peer[PASSES];
    double ours[PASSES];
    if (runs == 0 || !rig_open(&r)) {
        (void)fprintf(stderr, "libmodbus: the socket cannot be set up\n");
        return 2;
    }
    for (unsigned i = 0; i < PASSES; i++) {
        peer[i] = pass(&r, peer_take, runs);
        ours[i] = pass(&r, our_take, runs);
        if (peer[i] < 0 || ours[i] < 0) {
            (void)fprintf(stderr, "libmodbus: a request was not taken\n");
            return 1;
        }
    }
    qsort(peer, PASSES, sizeof peer[0], by_value);
    qsort(ours, PASSES, sizeof ours[0], by_value);
    printf("Modbus RTU request by socket  libmodbus_ns=%.0f ours_ns=%.0f ratio=%.2f\n",
           peer[PASSES / 2], ours[PASSES / 2], ours[PASSES / 2] / peer[PASSES / 2]);
    modbus_free(r.peer);
    (void)close(r.fds[1]);
    return 0;
}
