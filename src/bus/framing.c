/* Answers are looked for at every offset of what has arrived, so that line noise before an answer
 * costs bytes and not the answer. A whole good frame of somebody else is stepped over as one. */
#include "bus/framing.h"

#include "base/sum.h"
#include "codec/modbus/frame.h"

#include <string.h>

enum {
    MODBUS_REQUEST_MIN = 4,
    MODBUS_ECHO_AT = 2, /* register and count, which a write answer repeats */
    MODBUS_ECHO_LEN = 4,
    MODBUS_WRITE_ANSWER_LEN = 8,
    MODBUS_READ_ANSWER_EXTRA = 5, /* unit, function, byte count, CRC */

    DLT645_START = 0x68,
    DLT645_END = 0x16,
    DLT645_ADDR_AT = 1,
    DLT645_ADDR_LEN = 6,
    DLT645_CTRL_AT = 8,
    DLT645_LEN_AT = 9,
    DLT645_FIXED = 12, /* 68 addr 68 ctrl len .. cs 16 */
    DLT645_CTRL_ANSWER = 0x80,
    DLT645_CTRL_KIND = 0x1F,
    DLT645_ADDR_BROADCAST = 0x99,
    DLT645_ADDR_ANY = 0xAA,
    DLT645_WAKE = 0xFE,
};

static bool modbus_plausible(framing_bytes request)
{
    return request.len >= MODBUS_REQUEST_MIN && request.len <= MODBUS_ADU_MAX;
}

static bool modbus_is_broadcast(framing_bytes request)
{
    return request.buf[0] == MODBUS_BROADCAST;
}

static uint8_t modbus_unit(framing_bytes request)
{
    return request.buf[0];
}

static uint8_t modbus_kind(framing_bytes request)
{
    return request.buf[1];
}

/* Length of a whole good frame of anybody at the start of got, 0 when there is none. */
static size_t modbus_foreign_len(framing_bytes got)
{
    if (got.len < 3) {
        return 0;
    }
    size_t len = MODBUS_WRITE_ANSWER_LEN;
    if ((got.buf[1] & MODBUS_EXCEPTION_FLAG) != 0) {
        len = MODBUS_EXCEPTION_LEN;
    } else if (got.buf[1] == MODBUS_READ_HOLDING || got.buf[1] == MODBUS_READ_INPUT) {
        len = (size_t)got.buf[2] + MODBUS_READ_ANSWER_EXTRA;
    }
    return got.len >= len && modbus_adu_valid(got.buf, len) ? len : 0;
}

/* A write answer repeats register and count: one of another write is not ours. */
static bool modbus_echo_fits(framing_bytes request, framing_bytes got)
{
    const uint8_t function = request.buf[1];
    if ((function != MODBUS_WRITE_SINGLE && function != MODBUS_WRITE_MULTIPLE) ||
        got.buf[1] != function) {
        return true;
    }
    return memcmp(got.buf + MODBUS_ECHO_AT, request.buf + MODBUS_ECHO_AT, MODBUS_ECHO_LEN) == 0;
}

/* Does the answer stand at the start of got? Also sets broken, and partial when the answer could
 * have begun there. */
static bool modbus_answer_at(framing_bytes request, framing_bytes got, framing_found *found,
                             bool *partial)
{
    const modbus_exchange x = {request.buf, request.len, got.buf, got.len};
    size_t len = 0;
    const gt_err err = modbus_reply_len(&x, &len);
    if (err == GT_ERR_UNSUPPORTED) {
        len = got.len; /* a function the codec does not know: whatever makes the CRC right */
        if (got.buf[0] != request.buf[0]) {
            return false;
        }
    } else if (err != GT_ERR_OK || got.len < len) {
        *partial = *partial || (err == GT_ERR_OK && got.len < len);
        return false;
    }
    if (!modbus_adu_valid(got.buf, len)) {
        found->broken = found->broken || err == GT_ERR_OK;
        return false;
    }
    if (err == GT_ERR_OK && !modbus_echo_fits(request, got)) {
        return false;
    }
    found->len = len;
    return true;
}

static framing_found modbus_find(framing_bytes request, framing_bytes got)
{
    framing_found found = {0};
    bool partial = false;
    size_t at = 0;
    while (at < got.len) {
        const framing_bytes rest = {got.buf + at, got.len - at};
        if (modbus_answer_at(request, rest, &found, &partial)) {
            found.answer = true;
            found.start = at;
            return found;
        }
        const size_t foreign = modbus_foreign_len(rest);
        found.foreign += foreign > 0 ? 1 : 0;
        at += foreign > 0 ? foreign : 1;
    }
    /* Registers may look like a short exception: while an answer may still be arriving, none of
     * what is seen inside it is a broken one. */
    found.broken = found.broken && !partial;
    return found;
}

/* The frame without its wake-up bytes. */
static framing_bytes dlt645_frame(framing_bytes request)
{
    while (request.len > 0 && request.buf[0] == DLT645_WAKE) {
        request.buf++;
        request.len--;
    }
    return request;
}

/* Length of a whole good frame at the start of got, 0 when there is none. */
static size_t dlt645_len(framing_bytes got)
{
    if (got.len < DLT645_FIXED || got.buf[0] != DLT645_START ||
        got.buf[DLT645_CTRL_AT - 1] != DLT645_START) {
        return 0;
    }
    const size_t len = (size_t)got.buf[DLT645_LEN_AT] + DLT645_FIXED;
    if (got.len < len || got.buf[len - 1] != DLT645_END ||
        gt_sum8(got.buf, len - 2) != got.buf[len - 2]) {
        return 0;
    }
    return len;
}

static bool dlt645_plausible(framing_bytes request)
{
    const framing_bytes frame = dlt645_frame(request);
    return dlt645_len(frame) == frame.len && frame.len > 0;
}

static bool dlt645_is_broadcast(framing_bytes request)
{
    return dlt645_frame(request).buf[DLT645_ADDR_AT] == DLT645_ADDR_BROADCAST;
}

static uint8_t dlt645_unit(framing_bytes request)
{
    return dlt645_frame(request).buf[DLT645_ADDR_AT];
}

static uint8_t dlt645_kind(framing_bytes request)
{
    return dlt645_frame(request).buf[DLT645_CTRL_AT] & DLT645_CTRL_KIND;
}

/* A wildcard in the request's address (AAH) fits any digit pair. */
static bool dlt645_addr_fits(framing_bytes request, framing_bytes got)
{
    for (size_t i = DLT645_ADDR_AT; i < DLT645_ADDR_AT + DLT645_ADDR_LEN; i++) {
        if (request.buf[i] != got.buf[i] && request.buf[i] != DLT645_ADDR_ANY) {
            return false;
        }
    }
    return true;
}

static framing_found dlt645_find(framing_bytes request, framing_bytes got)
{
    const framing_bytes frame = dlt645_frame(request);
    framing_found found = {0};
    size_t at = 0;
    while (at < got.len) {
        const framing_bytes rest = {got.buf + at, got.len - at};
        const size_t len = dlt645_len(rest);
        if (len > 0 && (rest.buf[DLT645_CTRL_AT] & DLT645_CTRL_ANSWER) != 0 &&
            ((rest.buf[DLT645_CTRL_AT] ^ frame.buf[DLT645_CTRL_AT]) & DLT645_CTRL_KIND) == 0 &&
            dlt645_addr_fits(frame, rest)) {
            found.answer = true;
            found.start = at;
            found.len = len;
            return found;
        }
        found.foreign += len > 0 ? 1 : 0;
        at += len > 0 ? len : 1;
    }
    return found;
}

const framing *framing_of(line_framing kind)
{
    static const framing table[] = {
        [LINE_MODBUS_RTU] = {modbus_plausible, modbus_is_broadcast, modbus_unit, modbus_kind,
                             modbus_find},
        [LINE_DLT645] = {dlt645_plausible, dlt645_is_broadcast, dlt645_unit, dlt645_kind,
                         dlt645_find},
    };
    return &table[kind];
}
