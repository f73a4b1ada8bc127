/* Modbus TCP data units: a header of seven bytes in front of what pdu.c reads and writes, and the
 * client's short table of requests that wait for their answer. */
#include "codec/modbus/tcp.h"
#include "codec/modbus/pdu_priv.h"
#include "codec/stream/stream.h"

enum { PROTOCOL = 0, LENGTH_AT = 4, BEFORE_UNIT = 6, UNIT_AT = 6 };

static gt_err unit_check(uint8_t unit)
{
    return unit > MODBUS_UNIT_MAX && unit != MODBUS_TCP_DEVICE ? GT_ERR_RANGE : GT_ERR_OK;
}

gt_err modbus_tcp_len(const uint8_t *in, size_t in_len, size_t *out_len)
{
    gt_rd r = gt_rd_of(in, in_len);
    (void)gt_rd_u16be(&r); /* any transaction */
    const uint16_t protocol = gt_rd_u16be(&r);
    if (r.err == GT_ERR_OK && protocol != PROTOCOL) {
        return GT_ERR_MALFORMED;
    }
    const size_t len = (size_t)gt_rd_u16be(&r) + BEFORE_UNIT;
    GT_TRY(r.err);
    if (len < MODBUS_TCP_MIN || len > MODBUS_TCP_MAX) {
        return GT_ERR_RANGE;
    }
    *out_len = len;
    return GT_ERR_OK;
}

/* The header is right and the bytes are as many as it says: a reader of function and body. */
static gt_err head_read(const uint8_t *in, size_t in_len, uint8_t *out_unit, gt_rd *out)
{
    size_t len = 0;
    GT_TRY(modbus_tcp_len(in, in_len, &len));
    if (in_len != len) {
        return in_len < len ? GT_ERR_TRUNCATED : GT_ERR_TRAILING;
    }
    GT_TRY(unit_check(in[UNIT_AT]));
    *out_unit = in[UNIT_AT];
    *out = gt_rd_of(in + MODBUS_TCP_HEAD, in_len - MODBUS_TCP_HEAD);
    return GT_ERR_OK;
}

static uint16_t transaction_of(const uint8_t *in)
{
    return (uint16_t)(in[0] << 8 | in[1]);
}

/* The length is patched by head_close. */
static void head_open(gt_wr *w, uint16_t transaction, uint8_t unit)
{
    gt_wr_u16be(w, transaction);
    gt_wr_u16be(w, PROTOCOL);
    gt_wr_u16be(w, 0);
    gt_wr_u8(w, unit);
}

static gt_err head_close(gt_wr *w, size_t *out_len)
{
    GT_TRY(gt_wr_done(w));
    const size_t len = w->len - BEFORE_UNIT; /* no body is longer than the header can say */
    gt_wr_patch_u8(w, LENGTH_AT, (uint8_t)(len >> 8));
    gt_wr_patch_u8(w, LENGTH_AT + 1, (uint8_t)len);
    *out_len = w->len;
    return GT_ERR_OK;
}

static gt_err frame_check(const uint8_t *in, size_t in_len)
{
    uint8_t unit = 0;
    gt_rd r;
    return head_read(in, in_len, &unit, &r);
}

const codec_framing modbus_tcp_framing = {
    .frame_len = modbus_tcp_len,
    .frame_check = frame_check,
    .cap_min = MODBUS_TCP_MIN,
};

gt_err modbus_tcp_request_encode(const modbus_request *request, uint16_t transaction, uint8_t *buf,
                                 size_t cap, size_t *out_len)
{
    GT_TRY(unit_check(request->unit));
    gt_wr w = gt_wr_of(buf, cap);
    head_open(&w, transaction, request->unit);
    GT_TRY(modbus_pdu_request_write(&w, request));
    return head_close(&w, out_len);
}

gt_err modbus_tcp_request_decode(const uint8_t *in, size_t in_len, uint16_t *out_transaction,
                                 modbus_request *out)
{
    modbus_request q = {0};
    gt_rd r;
    GT_TRY(head_read(in, in_len, &q.unit, &r));
    GT_TRY(modbus_pdu_request_read(&r, &q));
    *out_transaction = transaction_of(in);
    *out = q;
    return GT_ERR_OK;
}

gt_err modbus_tcp_reply_encode(const modbus_reply *reply, uint16_t transaction, uint8_t *buf,
                               size_t cap, size_t *out_len)
{
    GT_TRY(unit_check(reply->unit));
    gt_wr w = gt_wr_of(buf, cap);
    head_open(&w, transaction, reply->unit);
    GT_TRY(modbus_pdu_reply_write(&w, reply));
    return head_close(&w, out_len);
}

gt_err modbus_tcp_exception_encode(const uint8_t *request, size_t request_len,
                                   modbus_exception exception, uint8_t *buf, size_t cap)
{
    if (request_len < MODBUS_TCP_MIN) {
        return GT_ERR_TRUNCATED;
    }
    gt_wr w = gt_wr_of(buf, cap);
    size_t len = 0;
    head_open(&w, transaction_of(request), request[UNIT_AT]);
    gt_wr_u8(&w, request[MODBUS_TCP_HEAD] | MODBUS_EXCEPTION_FLAG);
    gt_wr_u8(&w, (uint8_t)exception);
    return head_close(&w, &len);
}

gt_err modbus_tcp_reply_decode(const modbus_request *request, const uint8_t *in, size_t in_len,
                               modbus_reply *out)
{
    GT_TRY(unit_check(request->unit));
    GT_TRY(modbus_pdu_check(request));
    uint8_t unit = 0;
    gt_rd r;
    GT_TRY(head_read(in, in_len, &unit, &r));
    if (unit != request->unit) {
        return GT_ERR_MISMATCH;
    }
    GT_TRY(modbus_pdu_reply_read(&r, request, out));
    out->unit = unit;
    return GT_ERR_OK;
}

/* The slot that waits under that transaction; MODBUS_TCP_PENDING_MAX: none. */
static size_t slot_of(const modbus_tcp_client *client, uint16_t transaction)
{
    size_t i = 0;
    while (i < MODBUS_TCP_PENDING_MAX &&
           !(client->used[i] && client->transaction[i] == transaction)) {
        i++;
    }
    return i;
}

static size_t slot_free(const modbus_tcp_client *client)
{
    size_t i = 0;
    while (i < MODBUS_TCP_PENDING_MAX && client->used[i]) {
        i++;
    }
    return i;
}

gt_err modbus_tcp_client_ask(modbus_tcp_client *client, const modbus_request *request, uint8_t *buf,
                             size_t *out_len, uint16_t *out_transaction)
{
    const size_t slot = slot_free(client);
    if (slot == MODBUS_TCP_PENDING_MAX) {
        return GT_ERR_BUSY;
    }
    uint16_t transaction = client->last;
    do { /* ends: fewer wait than there are numbers */
        transaction++;
    } while (slot_of(client, transaction) != MODBUS_TCP_PENDING_MAX);
    GT_TRY(modbus_tcp_request_encode(request, transaction, buf, MODBUS_TCP_MAX, out_len));
    client->pending[slot] = *request;
    client->transaction[slot] = transaction;
    client->used[slot] = true;
    client->last = transaction;
    *out_transaction = transaction;
    return GT_ERR_OK;
}

gt_err modbus_tcp_client_answer(modbus_tcp_client *client, const uint8_t *in, size_t in_len,
                                uint16_t *out_transaction, modbus_reply *out)
{
    uint8_t unit = 0;
    gt_rd r;
    GT_TRY(head_read(in, in_len, &unit, &r));
    const uint16_t transaction = transaction_of(in);
    const size_t slot = slot_of(client, transaction);
    if (slot == MODBUS_TCP_PENDING_MAX) {
        return GT_ERR_NOT_FOUND;
    }
    client->used[slot] = false;
    *out_transaction = transaction;
    return modbus_tcp_reply_decode(&client->pending[slot], in, in_len, out);
}

bool modbus_tcp_client_forget(modbus_tcp_client *client, uint16_t transaction)
{
    const size_t slot = slot_of(client, transaction);
    if (slot == MODBUS_TCP_PENDING_MAX) {
        return false;
    }
    client->used[slot] = false;
    return true;
}
