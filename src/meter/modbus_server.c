/* The Modbus RTU server: a frame that silence has ended becomes an answer, or silence. Frames for
 * other units are dropped at their first byte. */
#include "meter/modbus_map.h"

#include "codec/modbus/frame.h"

#include <string.h>

enum { BITS_PER_CHARACTER = 11, BAUD_FIXED = 19200, SILENCE_FIXED_US = 1750 };
enum { US_SECOND = 1000000 };

/* Modbus over Serial Line V1.02, 2.5.1.1. */
static int64_t silence_us(uint32_t baud)
{
    if (baud > BAUD_FIXED) {
        return SILENCE_FIXED_US;
    }
    return (int64_t)BITS_PER_CHARACTER * US_SECOND * 7 / (2 * (int64_t)baud);
}

static modbus_exception read_registers(const meter *m, const modbus_request *request, gt_mono now,
                                       modbus_reply *reply)
{
    const gt_err err = modbus_map_read(m, now, request->start, request->count, reply->values);
    if (err == GT_ERR_OK) {
        return MODBUS_NO_EXCEPTION;
    }
    return err == GT_ERR_NOT_FOUND ? MODBUS_ILLEGAL_ADDRESS : MODBUS_DEVICE_FAILURE;
}

static gt_err clock_take(meter *m, const uint16_t *regs, gt_mono now, uint16_t *out)
{
    gt_civil civil = {0};
    gt_err err = modbus_map_clock(regs, &civil);
    if (err == GT_ERR_OK) {
        err = clock_set(m, &civil, now);
    }
    if (err == GT_ERR_IO) {
        return err;
    }
    *out = err == GT_ERR_OK ? METER_RESULT_OK : METER_RESULT_OTHER;
    return GT_ERR_OK;
}

/* The blocks a request may write, each whole. */
static const struct {
    uint16_t first;
    uint16_t count;
    gt_err (*take)(meter *m, const uint16_t *regs, gt_mono now, uint16_t *out);
    bool broadcast;
} writable[] = {
    {MAP_PURCHASE_FIRST, MAP_PURCHASE_COUNT, purchase_take, false},
    {MAP_CONTROL_FIRST, MAP_CONTROL_COUNT, control_take, false},
    {MAP_PARAMETER_FIRST, MAP_PARAMETER_COUNT, parameter_take, false},
    {MAP_CLOCK_SET_FIRST, MAP_CLOCK_SET_COUNT, clock_take, true},
};

/* @return IO  the outcome is not certain: no answer may be given */
static gt_err write_block(meter *m, const modbus_request *request, gt_mono now,
                          modbus_exception *out)
{
    const bool broadcast = request->unit == MODBUS_BROADCAST;
    for (size_t i = 0; i < sizeof writable / sizeof writable[0]; i++) {
        if (request->start != writable[i].first || request->count != writable[i].count ||
            (broadcast && !writable[i].broadcast)) {
            continue;
        }
        uint16_t result = METER_RESULT_OK;
        GT_TRY(writable[i].take(m, request->values, now, &result));
        m->state.account.last_result = result;
        *out = result == METER_RESULT_OK ? MODBUS_NO_EXCEPTION : MODBUS_DEVICE_FAILURE;
        return GT_ERR_OK;
    }
    *out = MODBUS_ILLEGAL_ADDRESS;
    return GT_ERR_OK;
}

static gt_err carry_out(meter *m, const modbus_request *request, gt_mono now, modbus_reply *reply)
{
    modbus_exception exception = MODBUS_ILLEGAL_FUNCTION;
    if (request->function == MODBUS_READ_HOLDING) {
        exception = read_registers(m, request, now, reply);
    } else if (request->function == MODBUS_WRITE_MULTIPLE) {
        GT_TRY(write_block(m, request, now, &exception));
    }
    reply->exception = (uint8_t)exception;
    return GT_ERR_OK;
}

static void answer(meter *m, meter_line *line, const modbus_request *request, gt_mono now)
{
    modbus_reply reply = {.unit = request->unit,
                          .function = request->function,
                          .start = request->start,
                          .count = request->count};
    size_t len = 0;
    if (carry_out(m, request, now, &reply) == GT_ERR_OK && request->unit != MODBUS_BROADCAST &&
        modbus_reply_encode(&reply, line->tx, sizeof line->tx, &len) == GT_ERR_OK) {
        line->tx_len = (uint16_t)len;
    }
}

static void frame(meter *m, meter_line *line, size_t len, gt_mono now)
{
    const uint8_t unit = line->rx[0];
    if (line->overrun || (unit != m->cfg->unit && unit != MODBUS_BROADCAST)) {
        return;
    }
    modbus_request request;
    const gt_err err = modbus_request_decode(line->rx, len, &request);
    if (err == GT_ERR_OK) {
        answer(m, line, &request, now);
        return;
    }
    const modbus_exception exception = modbus_exception_of(err);
    if (exception != MODBUS_NO_EXCEPTION && unit != MODBUS_BROADCAST &&
        modbus_exception_encode(line->rx, len, exception, line->tx, sizeof line->tx) == GT_ERR_OK) {
        line->tx_len = MODBUS_EXCEPTION_LEN;
    }
}

const meter_server modbus_server = {
    .frame = frame, .silence_us = silence_us, .character_bits = BITS_PER_CHARACTER};
