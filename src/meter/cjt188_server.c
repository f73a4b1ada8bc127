/* The CJ/T 188 server: a meter of water, gas, heat or electricity whose valve is the relay. Who
 * reads may use wildcards; who writes names the meter, but for the clock, which is set by a frame
 * to everybody and answered by nobody. */
#include "meter/cjt188_map.h"

#include "codec/cjt188/item.h"
#include "meter/comm.h"
#include "meter/framing.h"
#include "meter/order_block.h"

enum { BITS_PER_CHARACTER = 11, SILENCE_US = 500000, ADDR_LEN = 7, ID_BITS = 40, ECHO_LEN = 5 };

static size_t whole(const uint8_t *rx, size_t len)
{
    return framing_whole(&cjt188_framing, rx, len);
}

static int64_t silence_us(uint32_t baud)
{
    (void)baud;
    return SILENCE_US;
}

/* What is asked, and what comes of it. */
typedef struct exchange {
    const cjt188_message *asked;
    gt_mono now;
    bool everybody;  /* addressed with wildcards */
    uint16_t result; /* meter_result */
    gt_wr data;      /* of the answer, behind SER */
} exchange;

static gt_err read_item(meter *m, exchange *x)
{
    if (x->asked->data_len != 0) {
        x->result = METER_RESULT_OTHER;
        return GT_ERR_OK;
    }
    return cjt188_map_read(m, x->asked->di, x->now, &x->data);
}

static gt_err clock_write(meter *m, exchange *x)
{
    gt_rd r = gt_rd_of(x->asked->data, x->asked->data_len);
    gt_civil civil = {.second = (uint8_t)gt_rd_bcd_le(&r, 1)};
    civil.minute = (uint8_t)gt_rd_bcd_le(&r, 1);
    civil.hour = (uint8_t)gt_rd_bcd_le(&r, 1);
    civil.day = (uint8_t)gt_rd_bcd_le(&r, 1);
    civil.month = (uint8_t)gt_rd_bcd_le(&r, 1);
    civil.year = (int16_t)gt_rd_bcd_le(&r, 2);
    gt_err err = gt_rd_done(&r);
    if (err == GT_ERR_OK) {
        err = clock_set(m, &civil, x->now);
    }
    x->result = err == GT_ERR_OK ? METER_RESULT_OK : METER_RESULT_OTHER;
    return err == GT_ERR_IO ? err : GT_ERR_OK;
}

/* Before it is issued to anybody. The maker stays. */
static gt_err address_write(meter *m, exchange *x)
{
    uint64_t addr = 0;
    for (size_t i = ADDR_LEN; x->asked->data_len == ADDR_LEN && i > 0; i--) {
        addr = addr << 8U | x->asked->data[i - 1];
    }
    if (!order_allowed(m, METER_ACT_PRESET)) {
        x->result = METER_RESULT_STATE;
        return GT_ERR_OK;
    }
    const uint64_t maker = cjt188_map_addr(m) >> ID_BITS;
    const gt_err err = addr >> ID_BITS != maker
                           ? GT_ERR_RANGE
                           : comm_address_set(m, addr & ((UINT64_C(1) << ID_BITS) - 1));
    x->result = err == GT_ERR_OK ? METER_RESULT_OK : METER_RESULT_OTHER;
    return err == GT_ERR_IO ? err : GT_ERR_OK;
}

static gt_err order(meter *m, exchange *x)
{
    const cjt188_message *asked = x->asked;
    const order_block block = {asked->di, asked->data, asked->data_len};
    const gt_err err = order_block_take(m, &block, x->now, &x->result);
    GT_TRY(err);
    m->state.account.last_result = x->result;
    if (asked->di == CJT188_DI_PURCHASE_SET && x->result == METER_RESULT_OK) {
        gt_wr_bytes(&x->data, asked->data, ECHO_LEN); /* count and amount */
    } else if (asked->di != CJT188_DI_SETTLE_DAY_SET) {
        gt_wr_u16le(&x->data, cjt188_map_status(m, METER_RESULT_OK));
    }
    return GT_ERR_OK;
}

static const struct service {
    uint8_t function;
    uint16_t first;
    uint16_t last;
    bool everybody; /* taken from a frame with wildcards */
    bool silent;    /* which is not answered then */
    gt_err (*serve)(meter *m, exchange *x);
} services[] = {
    {CJT188_READ, CJT188_DI_PRICES, CJT188_DI_SETTLE_DAY, true, false, read_item},
    {CJT188_READ, CJT188_DI_PURCHASE, CJT188_DI_PURCHASE, true, false, read_item},
    {CJT188_READ, CJT188_DI_CURRENT, CJT188_DI_CURRENT, true, false, read_item},
    {CJT188_READ, CJT188_DI_HISTORY, 0xD12B, true, false, read_item},
    {CJT188_READ_ADDR, CJT188_DI_ADDR, CJT188_DI_ADDR, true, false, read_item},
    {CJT188_READ_KEY_VERSION, CJT188_DI_KEY_VERSION, CJT188_DI_KEY_VERSION, true, false, read_item},
    {CJT188_WRITE, CJT188_DI_PRICES_SET, CJT188_DI_SETTLE_DAY_SET, false, false, order},
    {CJT188_WRITE, CJT188_DI_PURCHASE_SET, CJT188_DI_PURCHASE_SET, false, false, order},
    {CJT188_WRITE, CJT188_DI_CLOCK_SET, CJT188_DI_CLOCK_SET, true, true, clock_write},
    {CJT188_WRITE, CJT188_DI_VALVE_SET, CJT188_DI_VALVE_SET, false, false, order},
    {CJT188_WRITE_ADDR, CJT188_DI_ADDR_SET, CJT188_DI_ADDR_SET, false, false, address_write},
};

static const struct service *service_of(const cjt188_message *asked)
{
    for (size_t i = 0; i < sizeof services / sizeof services[0]; i++) {
        const struct service *s = &services[i];
        if (asked->function == s->function && asked->di >= s->first && asked->di <= s->last) {
            return s;
        }
    }
    return NULL;
}

/* @return should there be an answer? */
static bool carry_out(meter *m, exchange *x)
{
    const struct service *s = service_of(x->asked);
    if (s == NULL) {
        x->result = METER_RESULT_OTHER;
        return !x->everybody;
    }
    if (x->everybody && !s->everybody) {
        return false;
    }
    return s->serve(m, x) == GT_ERR_OK && !(x->everybody && s->silent);
}

static void answer(const meter *m, meter_line *line, const exchange *x)
{
    const bool refused = x->result != METER_RESULT_OK;
    cjt188_message reply = *x->asked;
    reply.type = cjt188_map_type(m);
    reply.addr = cjt188_map_addr(m);
    reply.reply = true;
    reply.abnormal = refused;
    reply.status = cjt188_map_status(m, x->result);
    reply.data = x->data.buf;
    reply.data_len = refused ? 0 : (uint8_t)x->data.len;
    cjt188_frame frame;
    size_t len = 0;
    if (gt_wr_done(&x->data) == GT_ERR_OK && cjt188_message_encode(&reply, &frame) == GT_ERR_OK &&
        cjt188_frame_encode(&frame, line->tx, sizeof line->tx, &len) == GT_ERR_OK) {
        line->tx_len = (uint16_t)len;
    }
}

static void frame(meter *m, meter_line *line, size_t len, gt_mono now)
{
    enum { DATA_MAX = 64 };
    const size_t preambles = cjt188_preambles(line->rx, len);
    cjt188_frame asked;
    cjt188_message message;
    if (cjt188_frame_decode(line->rx + preambles, len - preambles, &asked) != GT_ERR_OK ||
        !cjt188_addr_match(&asked, cjt188_map_type(m), cjt188_map_addr(m)) ||
        cjt188_message_decode(&asked, &message) != GT_ERR_OK || message.reply || message.vendor) {
        return;
    }
    uint8_t data[DATA_MAX];
    exchange x = {.asked = &message,
                  .now = now,
                  .everybody = asked.addr != cjt188_map_addr(m),
                  .data = gt_wr_of(data, sizeof data)};
    if (carry_out(m, &x)) {
        answer(m, line, &x);
    }
}

const meter_server cjt188_server = {
    .whole = whole, .frame = frame, .silence_us = silence_us, .character_bits = BITS_PER_CHARACTER};
