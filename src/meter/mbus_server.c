/* The M-Bus server: found by its primary address or selected by its secondary one, read telegram by
 * telegram as the frame count bit turns, told a new address, speed or time, and ordered by a
 * manufacturer's record that holds an identifier and an order of order_block.h.
 *
 * Of a line: next holds the flags below, cursor the telegram sent last, before the access number,
 * di the application error that waits, plus one. */
#include "meter/mbus_map.h"

#include "codec/mbus/value.h"
#include "meter/comm.h"
#include "meter/framing.h"
#include "meter/order_block.h"

enum { FLAG_SELECTED = 1, FLAG_FCB_KNOWN = 2, FLAG_FCB = 4 };

enum {
    BITS_PER_CHARACTER = 11,
    US_SECOND = 1000000,
    SILENCE_BITS = 330, /* what a master waits for an answer, EN 13757-2; and 50 ms */
    SILENCE_US = 50000,
    FUNCTION = 0x8F, /* of the control field, with the bit that must be clear */
    FUNCTION_NKE = 0x00,
    FUNCTION_UD = 0x03,
    FUNCTION_UD1 = 0x0A,
    FUNCTION_UD2 = 0x0B,
    CI_RESET = 0x50,
    CI_ALARM = 0x71,
    CI_BAUD_300 = 0xB8,
    VIF_FABRICATION = 0x78,
    VIF_ADDRESS = 0x7A,
    ERROR_ANY = 0x00,
    ERROR_CI = 0x01,
    ERROR_TRUNCATED = 0x04,
    ERROR_DIFE = 0x05,
    ORDER_ID_LEN = 2,
};

static size_t whole(const uint8_t *rx, size_t len)
{
    return framing_whole(&mbus_framing, rx, len);
}

static int64_t silence_us(uint32_t baud)
{
    return (int64_t)SILENCE_BITS * US_SECOND / baud + SILENCE_US;
}

/* A block that was never written, or is damaged, leaves the address that is configured. */
static gt_err primary(const meter *m, uint8_t *out)
{
    uint8_t unit[BLOCK_MBUS_LEN];
    const gt_err err = block_read(m, BLOCK_MBUS, 0, unit);
    if (err != GT_ERR_OK && err != GT_ERR_NOT_FOUND) {
        return err;
    }
    *out = err == GT_ERR_OK ? unit[0] : m->cfg->unit;
    return GT_ERR_OK;
}

static void send(meter_line *line, const mbus_frame *frame)
{
    size_t len = 0;
    if (mbus_frame_encode(frame, line->tx, sizeof line->tx, &len) == GT_ERR_OK) {
        line->tx_len = (uint16_t)len;
    }
}

static void acknowledge(meter_line *line)
{
    const mbus_frame ack = mbus_ack();
    send(line, &ack);
}

static void restart(meter_line *line)
{
    line->next &= FLAG_SELECTED;
    line->cursor = 0;
    line->di = 0;
}

/* Which telegram this request is for: the next, or the same again. */
static void telegram_turn(const meter *m, meter_line *line, uint8_t control)
{
    const bool counted = (control & MBUS_C_FCV) != 0;
    const bool known = counted && (line->next & FLAG_FCB_KNOWN) != 0;
    const uint8_t fcb = (control & MBUS_C_FCB) != 0 ? FLAG_FCB : 0;
    if (known && (line->next & FLAG_FCB) == fcb) {
        return;
    }
    line->cursor = known && line->cursor + 1 < mbus_map_telegrams(m) ? line->cursor + 1 : 0;
    line->before++;
    line->next = (uint8_t)((line->next & FLAG_SELECTED) | fcb | (counted ? FLAG_FCB_KNOWN : 0));
}

static void readout(const meter *m, meter_line *line, const mbus_frame *asked, gt_mono now)
{
    uint8_t data[METER_FRAME_MAX - MBUS_LONG_MIN];
    gt_wr w = gt_wr_of(data, sizeof data);
    uint8_t head[MBUS_LONG_HEADER];
    uint8_t own = 0;
    telegram_turn(m, line, asked->control);
    const bool failed = line->di != 0;
    if (failed) {
        gt_wr_u8(&w, (uint8_t)(line->di - 1));
        line->di = 0;
    } else {
        const mbus_header header = {.kind = MBUS_HEADER_LONG,
                                    .device = mbus_map_device(m),
                                    .access = (uint8_t)line->before,
                                    .status = mbus_map_status(m)};
        mbus_header_encode(&header, head);
        gt_wr_bytes(&w, head, sizeof head);
        if (mbus_map_records(m, line->cursor, now, &w) != GT_ERR_OK) {
            return;
        }
    }
    if (primary(m, &own) == GT_ERR_OK) {
        mbus_frame reply =
            mbus_rsp_ud(own, failed ? MBUS_CI_ERROR : MBUS_CI_VARIABLE, data, (uint8_t)w.len);
        reply.control |= (mbus_map_status(m) & MBUS_STATUS_URGENT) != 0 ? MBUS_C_FCB : 0; /* ACD */
        send(line, &reply);
    }
}

static void alarm(const meter *m, meter_line *line)
{
    const uint8_t urgent = mbus_map_status(m) & MBUS_STATUS_URGENT;
    uint8_t own = 0;
    if (urgent == 0) {
        acknowledge(line);
    } else if (primary(m, &own) == GT_ERR_OK) {
        const mbus_frame reply = mbus_rsp_ud(own, CI_ALARM, &urgent, sizeof urgent);
        send(line, &reply);
    }
}

/* Records behind a selection narrow it: only the fabrication number is one we have. */
static bool records_match(const mbus_content *content, const mbus_device *own)
{
    gt_rd r = gt_rd_of(content->rest, content->rest_len);
    while (gt_rd_left(&r) > 0) {
        mbus_record record;
        if (mbus_record_decode(&r, &record) != GT_ERR_OK || record.kind != MBUS_RECORD_VALUE ||
            record.vif != VIF_FABRICATION || record.field != MBUS_FIELD_BCD8) {
            return false;
        }
        gt_rd id = gt_rd_of(record.data, record.data_len);
        mbus_device wanted = mbus_device_any();
        wanted.id = gt_rd_u32le(&id);
        if (!mbus_device_match(&wanted, own)) {
            return false;
        }
    }
    return true;
}

static void select(const meter *m, meter_line *line, const mbus_content *content)
{
    const mbus_device own = mbus_map_device(m);
    restart(line);
    line->next = 0;
    if (mbus_device_match(&content->select, &own) && records_match(content, &own)) {
        line->next = FLAG_SELECTED;
        acknowledge(line);
    }
}

static gt_err clock_take(meter *m, const mbus_record *record, gt_mono now)
{
    mbus_value value;
    mbus_value_decode(record, false, &value);
    if (value.kind != MBUS_VALUE_TIME || value.time.invalid ||
        (value.time.type != MBUS_TIME_F && value.time.type != MBUS_TIME_I)) {
        return GT_ERR_UNSUPPORTED;
    }
    const gt_civil civil = {.year = (int16_t)value.time.year,
                            .month = value.time.month,
                            .day = value.time.day,
                            .hour = value.time.hour,
                            .minute = value.time.minute,
                            .second = value.time.type == MBUS_TIME_I ? value.time.second : 0};
    return clock_set(m, &civil, now);
}

static gt_err address_take(meter *m, const mbus_record *record)
{
    const uint8_t unit = record->data[0];
    if (unit == MBUS_ADDR_NEW || unit > MBUS_ADDR_LAST) {
        return GT_ERR_RANGE;
    }
    return block_write(m, BLOCK_MBUS, 0, &unit);
}

static gt_err order_take(meter *m, const mbus_record *record, gt_mono now)
{
    gt_rd r = gt_rd_of(record->data, record->data_len);
    const uint16_t id = gt_rd_u16le(&r);
    GT_TRY(r.err);
    const order_block block = {id, record->data + ORDER_ID_LEN, record->data_len - ORDER_ID_LEN};
    uint16_t result = METER_RESULT_OK;
    GT_TRY(order_block_take(m, &block, now, &result));
    m->state.account.last_result = result;
    return result == METER_RESULT_OK ? GT_ERR_OK : GT_ERR_REFUSED;
}

static gt_err record_take(meter *m, const mbus_record *record, bool everybody, gt_mono now)
{
    if (record->kind == MBUS_RECORD_VALUE && record->storage == 0 && record->tariff == 0) {
        const bool address = record->vif == VIF_ADDRESS && record->field == MBUS_FIELD_INT8;
        return address && !everybody ? address_take(m, record) : clock_take(m, record, now);
    }
    if (record->kind == MBUS_RECORD_MANUFACTURER && !everybody) {
        return order_take(m, record, now);
    }
    return GT_ERR_UNSUPPORTED;
}

/* All of them decode before the first is done. @return IO  say nothing */
static gt_err records_take(meter *m, meter_line *line, const mbus_content *content, bool everybody,
                           gt_mono now)
{
    size_t offset = 0;
    gt_err err = mbus_records_check(content->rest, content->rest_len, &offset);
    if (err != GT_ERR_OK) {
        line->di = 1U + (err == GT_ERR_TRUNCATED ? ERROR_TRUNCATED
                         : err == GT_ERR_RANGE   ? ERROR_DIFE
                                                 : ERROR_ANY);
        return GT_ERR_OK;
    }
    gt_rd r = gt_rd_of(content->rest, content->rest_len);
    while (gt_rd_left(&r) > 0) {
        mbus_record record;
        GT_TRY(mbus_record_decode(&r, &record));
        err = record_take(m, &record, everybody, now);
        if (err != GT_ERR_OK) {
            line->di = 1U + ERROR_ANY;
            return err == GT_ERR_IO ? err : GT_ERR_OK;
        }
    }
    return GT_ERR_OK;
}

static gt_err baud_take(meter *m, meter_line *line, uint8_t ci)
{
    static const uint32_t bauds[] = {300, 600, 1200, 2400, 4800, 9600, 19200, 38400};
    const uint8_t word = comm_speed_word(bauds[ci - CI_BAUD_300]);
    if (word == 0) {
        line->di = 1U + ERROR_CI;
        return GT_ERR_OK;
    }
    return comm_speed_set(
        m, line == &m->line[METER_LINE_RS485] ? METER_LINE_RS485 : METER_LINE_INFRARED, word);
}

/* Data to the meter. A meter that takes part acknowledges even what it cannot do; the error is the
 * answer to the next request. @return IO  say nothing */
static gt_err data_take(meter *m, meter_line *line, const mbus_frame *asked, gt_mono now)
{
    const bool everybody = asked->address == MBUS_ADDR_BROADCAST;
    mbus_content content;
    line->di = 0;
    if (mbus_content_decode(asked, &content) != GT_ERR_OK) {
        line->di = 1U + ERROR_TRUNCATED;
        return GT_ERR_OK;
    }
    if (asked->ci == CI_RESET) {
        line->cursor = 0;
        line->next &= FLAG_SELECTED;
        return GT_ERR_OK;
    }
    if (asked->ci == MBUS_CI_SEND) {
        return records_take(m, line, &content, everybody, now);
    }
    if (content.kind == MBUS_CONTENT_BAUD && !everybody) {
        return baud_take(m, line, asked->ci);
    }
    line->di = 1U + ERROR_CI;
    return GT_ERR_OK;
}

static void long_take(meter *m, meter_line *line, const mbus_frame *asked, gt_mono now)
{
    mbus_content content;
    if ((asked->control & FUNCTION) != FUNCTION_UD) {
        return;
    }
    if (asked->ci == MBUS_CI_SELECT) {
        if (asked->address == MBUS_ADDR_SELECTED &&
            mbus_content_decode(asked, &content) == GT_ERR_OK) {
            select(m, line, &content);
        }
        return;
    }
    if (data_take(m, line, asked, now) == GT_ERR_OK) {
        acknowledge(line);
    }
}

static void short_take(const meter *m, meter_line *line, const mbus_frame *asked, gt_mono now)
{
    switch (asked->control & FUNCTION) {
    case FUNCTION_NKE:
        restart(line);
        if (asked->address == MBUS_ADDR_SELECTED) {
            line->next = 0;
        }
        acknowledge(line);
        break;
    case FUNCTION_UD1:
        alarm(m, line);
        break;
    case FUNCTION_UD2:
        readout(m, line, asked, now);
        break;
    default:
        break;
    }
}

/* A selection is for all; what else comes to 253 is for whom it selected. */
static bool is_for(const meter *m, const meter_line *line, const mbus_frame *asked)
{
    uint8_t own = 0;
    if (asked->address == MBUS_ADDR_SELECTED) {
        return (line->next & FLAG_SELECTED) != 0 || asked->ci == MBUS_CI_SELECT;
    }
    return asked->address == MBUS_ADDR_ALL_ANSWER || asked->address == MBUS_ADDR_BROADCAST ||
           (primary(m, &own) == GT_ERR_OK && asked->address == own);
}

static void frame(meter *m, meter_line *line, size_t len, gt_mono now)
{
    mbus_frame asked = {.kind = MBUS_ACK};
    if (mbus_frame_decode(line->rx, len, &asked) != GT_ERR_OK || asked.kind == MBUS_ACK ||
        (asked.control & MBUS_C_MASTER) == 0 || !is_for(m, line, &asked)) {
        return;
    }
    if (asked.kind == MBUS_LONG) {
        long_take(m, line, &asked, now);
    } else {
        short_take(m, line, &asked, now);
    }
    if (asked.address == MBUS_ADDR_BROADCAST) {
        line->tx_len = 0; /* everybody was meant and nobody answers */
    }
}

const meter_server mbus_server = {
    .whole = whole, .frame = frame, .silence_us = silence_us, .character_bits = BITS_PER_CHARACTER};
