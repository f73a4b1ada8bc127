/**
 * @file conn.h
 * @brief Byte streams on a loop: TCP accepted and called, serial lines, pseudo-terminals.
 *
 * Layer:   adapter.
 * All streams live in the loop's one preallocated array; a handle is index + generation, so that
 * a stale one is GT_ERR_NOT_FOUND and never somebody else's stream. Descriptors are close-on-exec
 * and non-blocking from birth.
 */
#ifndef GT_ADAPTER_LOOP_CONN_H
#define GT_ADAPTER_LOOP_CONN_H

#include "adapter/loop/loop.h"

typedef struct loop_conn {
    uint64_t id; /* 0: none */
} loop_conn;

enum { LOOP_HOST_MAX = 64, LOOP_PATH_MAX = 128, LOOP_READ_MAX = 16384, LOOP_LISTENERS_MAX = 64 };

/**
 * What happens on a stream. on_open comes once per accepted or connected stream, never for a serial
 * line or pty (those are open when the call returns). on_close is the last call of a handle; it
 * does NOT come after loop_conn_close. why: CLOSED the peer ended it, TIMEOUT or IO a connection
 * attempt failed (without on_open), IO broken, SPACE the peer read too slowly.
 */
typedef struct loop_conn_ops {
    void (*on_open)(void *ctx, loop_conn conn);
    void (*on_bytes)(void *ctx, loop_conn conn, const uint8_t *buf, size_t len);
    void (*on_close)(void *ctx, loop_conn conn, gt_err why);
} loop_conn_ops;

typedef struct loop_listen_cfg {
    const char *host;   /* numeric IPv4 or IPv6 */
    uint16_t port;      /* 0: any free one */
    uint32_t conns_max; /* of this listener; one more is accepted and closed at once, counted */
    size_t queue_max;   /* unsent bytes a stream may hold; more closes it with SPACE */
    const loop_conn_ops *ops; /* must outlive the listener */
    void *ctx;
} loop_listen_cfg;

/**
 * Listen with SO_REUSEADDR.
 * @param[out] out_listener number for the calls below
 * @return SYNTAX host is no numeric address, SPACE, IO (address in use, no permission)
 */
GT_CHECKED gt_err loop_listen(gt_loop *loop, const loop_listen_cfg *cfg, uint32_t *out_listener);
uint16_t loop_listener_port(const gt_loop *loop, uint32_t listener);
/** Streams already accepted stay. */
void loop_listener_close(gt_loop *loop, uint32_t listener);

typedef struct loop_connect_cfg {
    const char *host; /* numeric, or a name resolved before the call by the program */
    uint16_t port;
    uint32_t timeout_ms; /* of the attempt */
    size_t queue_max;
    const loop_conn_ops *ops;
    void *ctx;
} loop_connect_cfg;

/** Starts an attempt; on_open or on_close follows. Back-off: backoff.h. @return SYNTAX, SPACE, IO
 */
GT_CHECKED gt_err loop_connect(gt_loop *loop, const loop_connect_cfg *cfg, loop_conn *out);

typedef enum loop_parity { LOOP_PARITY_NONE, LOOP_PARITY_EVEN, LOOP_PARITY_ODD } loop_parity;

typedef struct loop_serial_cfg {
    const char *path;
    uint32_t baud; /* 300 600 1200 2400 4800 9600 19200 38400 57600 115200 */
    loop_parity parity;
    uint8_t stop_bits; /* 1 or 2; always 8 data bits, raw */
    size_t queue_max;
    const loop_conn_ops *ops; /* on_open is not used */
    void *ctx;
} loop_serial_cfg;

/** @return RANGE baud or stop bits, NOT_FOUND no such device, SPACE, IO */
GT_CHECKED gt_err loop_serial_open(gt_loop *loop, const loop_serial_cfg *cfg, loop_conn *out);
/**
 * The other end of a serial line without hardware: a raw pseudo-terminal whose device others open.
 * Stays open when they close it. @p cfg path, baud, parity, stop_bits are not used.
 */
GT_CHECKED gt_err loop_pty_open(gt_loop *loop, const loop_serial_cfg *cfg, loop_conn *out,
                                char out_path[LOOP_PATH_MAX]);

/**
 * Queue bytes; they are copied. A stream that would hold more than its queue_max is closed
 * (on_close SPACE follows from the loop) and counted.
 * @return NOT_FOUND stale handle, CLOSED still connecting or already failing, SPACE as above
 */
GT_CHECKED gt_err loop_send(gt_loop *loop, loop_conn conn, const uint8_t *buf, size_t len);
/** What was queued goes out if the system takes it at once; no further callback. Stale: nothing. */
void loop_conn_close(gt_loop *loop, loop_conn conn);
/** Stop or resume on_bytes, to make the peer wait. Stale: nothing. */
void loop_conn_pause(gt_loop *loop, loop_conn conn, bool paused);
/** Bytes queued and not yet taken by the system; 0 for a stale handle. */
size_t loop_conn_queued(const gt_loop *loop, loop_conn conn);
/** "127.0.0.1:40112", "/dev/ttyS1"; "-" for a stale handle. */
void loop_conn_peer(const gt_loop *loop, loop_conn conn, char out[LOOP_PATH_MAX]);

typedef struct loop_counts {
    uint64_t accepted;
    uint64_t refused_full; /* accepted and closed at once: a limit was reached */
    uint64_t slow_closed;  /* closed because the peer read too slowly */
    uint64_t bytes_in;
    uint64_t bytes_out;
    uint32_t open; /* now */
} loop_counts;

loop_counts loop_counts_of(const gt_loop *loop);

#endif
