/* Control codes. Which parts a frame's data is made of is one row a function and direction; decode
 * and encode both walk that row, so they cannot drift apart. */
#include "codec/dlt645/message.h"

#include "base/bytes.h"

#include <string.h>

enum { REPLY = 0x80, ABNORMAL = 0x40, FOLLOWING = 0x20, FUNCTION = 0x1F, PARTS_MAX = 5 };

typedef enum part {
    PART_END,
    PART_DI,
    PART_PASSWORD,
    PART_PASSWORD_NEW,
    PART_OPERATOR,
    PART_ADDR,
    PART_TIME,   /* ss mm hh DD MM YY */
    PART_FREEZE, /* mm hh DD MM */
    PART_CODE,
    PART_CODE2,
    PART_DATA,     /* the rest */
    PART_DATA_SEQ, /* the rest but its last byte, then SEQ */
    PART_SEQ,
    PART_ERROR,
    PART_ERROR_WORD,
    PART_NEVER, /* no such frame */
} part;

typedef struct layout {
    dlt645_function function;
    part request[PARTS_MAX + 1];
    part reply[PARTS_MAX + 1];
} layout;

static const layout layouts[] = {
    {DLT645_SECURITY, {PART_DI, PART_OPERATOR, PART_DATA}, {PART_DI, PART_DATA}},
    {DLT645_TIME_BROADCAST, {PART_TIME}, {PART_NEVER}},
    {DLT645_READ, {PART_DI, PART_DATA}, {PART_DI, PART_DATA}},
    {DLT645_READ_NEXT, {PART_DI, PART_SEQ}, {PART_DI, PART_DATA_SEQ}},
    {DLT645_ADDR_READ, {PART_END}, {PART_ADDR}},
    {DLT645_WRITE, {PART_DI, PART_PASSWORD, PART_OPERATOR, PART_DATA}, {PART_END}},
    {DLT645_ADDR_WRITE, {PART_ADDR}, {PART_END}},
    {DLT645_FREEZE, {PART_FREEZE}, {PART_END}},
    {DLT645_BAUD, {PART_CODE}, {PART_CODE}},
    {DLT645_PASSWORD, {PART_DI, PART_PASSWORD, PART_PASSWORD_NEW}, {PART_PASSWORD_NEW}},
    {DLT645_DEMAND_CLEAR, {PART_PASSWORD, PART_OPERATOR}, {PART_END}},
    {DLT645_METER_CLEAR, {PART_PASSWORD, PART_OPERATOR}, {PART_END}},
    {DLT645_EVENT_CLEAR, {PART_PASSWORD, PART_OPERATOR, PART_DI}, {PART_END}},
    {DLT645_CONTROL, {PART_PASSWORD, PART_OPERATOR, PART_CODE, PART_CODE2, PART_TIME}, {PART_END}},
    {DLT645_OUTPUT, {PART_CODE}, {PART_CODE}},
};

static const part abnormal_parts[] = {PART_ERROR, PART_END};
static const part abnormal_security_parts[] = {PART_ERROR_WORD, PART_END};

/* The parts of that kind of frame, or NULL when the function is not in the table. */
static const part *parts_of(unsigned function, bool reply, bool abnormal)
{
    for (size_t i = 0; i < sizeof layouts / sizeof layouts[0]; i++) {
        if ((unsigned)layouts[i].function != function) {
            continue;
        }
        if (reply && abnormal && layouts[i].reply[0] != PART_NEVER) {
            return function == DLT645_SECURITY ? abnormal_security_parts : abnormal_parts;
        }
        return reply ? layouts[i].reply : layouts[i].request;
    }
    return NULL;
}

static dlt645_password password_read(gt_rd *r)
{
    const uint8_t level = gt_rd_u8(r);
    return (dlt645_password){level, gt_rd_u24le(r)};
}

static uint64_t addr_read(gt_rd *r)
{
    const uint64_t low = gt_rd_u32le(r);
    const uint64_t addr = (uint64_t)gt_rd_u16le(r) << 32 | low;
    if (!dlt645_addr_valid(addr)) {
        gt_rd_fail(r, GT_ERR_MALFORMED);
    }
    return addr;
}

static void time_read(gt_rd *r, bool with_second_and_year, dlt645_time *out)
{
    out->second = with_second_and_year ? gt_rd_u8(r) : 0;
    out->minute = gt_rd_u8(r);
    out->hour = gt_rd_u8(r);
    out->day = gt_rd_u8(r);
    out->month = gt_rd_u8(r);
    out->year = with_second_and_year ? gt_rd_u8(r) : 0;
}

static void data_read(gt_rd *r, size_t len, dlt645_message *m)
{
    const uint8_t *at = gt_rd_take(r, len);
    if (at != NULL && len > 0) {
        memcpy(m->data, at, len);
        m->data_len = (uint8_t)len;
    }
}

static void part_read(gt_rd *r, part what, dlt645_message *m)
{
    switch (what) {
    case PART_DI:
        m->di = gt_rd_u32le(r);
        break;
    case PART_PASSWORD:
        m->password = password_read(r);
        break;
    case PART_PASSWORD_NEW:
        m->password_new = password_read(r);
        break;
    case PART_OPERATOR:
        m->operator_code = gt_rd_u32le(r);
        break;
    case PART_ADDR:
        m->new_addr = addr_read(r);
        break;
    case PART_TIME:
    case PART_FREEZE:
        time_read(r, what == PART_TIME, &m->time);
        break;
    case PART_CODE:
        m->code = gt_rd_u8(r);
        break;
    case PART_CODE2:
        m->code2 = gt_rd_u8(r);
        break;
    case PART_DATA_SEQ:
        data_read(r, gt_rd_left(r) > 0 ? gt_rd_left(r) - 1 : 0, m);
        m->seq = gt_rd_u8(r);
        break;
    case PART_DATA:
        data_read(r, gt_rd_left(r), m);
        break;
    case PART_SEQ:
        m->seq = gt_rd_u8(r);
        break;
    case PART_ERROR:
        m->error = gt_rd_u8(r);
        break;
    case PART_ERROR_WORD:
        m->error = gt_rd_u16le(r);
        break;
    case PART_NEVER:
        gt_rd_fail(r, GT_ERR_UNSUPPORTED);
        break;
    case PART_END:
        break;
    }
}

gt_err dlt645_message_decode(const dlt645_frame *frame, dlt645_message *out)
{
    dlt645_message m = {.addr = frame->addr};
    m.reply = (frame->ctrl & REPLY) != 0;
    m.abnormal = (frame->ctrl & ABNORMAL) != 0;
    m.following = (frame->ctrl & FOLLOWING) != 0;
    const part *parts = parts_of(frame->ctrl & FUNCTION, m.reply, m.abnormal);
    if (parts == NULL) {
        return GT_ERR_UNSUPPORTED;
    }
    if (!m.reply && (m.abnormal || m.following)) {
        return GT_ERR_MALFORMED;
    }
    m.function = (dlt645_function)(frame->ctrl & FUNCTION);
    gt_rd r = gt_rd_of(frame->data, frame->data_len);
    for (size_t i = 0; i < PARTS_MAX && parts[i] != PART_END; i++) {
        part_read(&r, parts[i], &m);
    }
    GT_TRY(gt_rd_done(&r));
    *out = m;
    return GT_ERR_OK;
}

static void password_write(gt_wr *w, const dlt645_password *password)
{
    gt_wr_u8(w, password->level);
    gt_wr_u24le(w, password->digits);
}

static void time_write(gt_wr *w, bool with_second_and_year, const dlt645_time *time)
{
    if (with_second_and_year) {
        gt_wr_u8(w, time->second);
    }
    gt_wr_u8(w, time->minute);
    gt_wr_u8(w, time->hour);
    gt_wr_u8(w, time->day);
    gt_wr_u8(w, time->month);
    if (with_second_and_year) {
        gt_wr_u8(w, time->year);
    }
}

static void part_write(gt_wr *w, part what, const dlt645_message *m)
{
    switch (what) {
    case PART_DI:
        gt_wr_u32le(w, m->di);
        break;
    case PART_PASSWORD:
        password_write(w, &m->password);
        break;
    case PART_PASSWORD_NEW:
        password_write(w, &m->password_new);
        break;
    case PART_OPERATOR:
        gt_wr_u32le(w, m->operator_code);
        break;
    case PART_ADDR:
        gt_wr_u32le(w, (uint32_t)m->new_addr);
        gt_wr_u16le(w, (uint16_t)(m->new_addr >> 32));
        break;
    case PART_TIME:
    case PART_FREEZE:
        time_write(w, what == PART_TIME, &m->time);
        break;
    case PART_CODE:
        gt_wr_u8(w, m->code);
        break;
    case PART_CODE2:
        gt_wr_u8(w, m->code2);
        break;
    case PART_DATA_SEQ:
        gt_wr_bytes(w, m->data, m->data_len);
        gt_wr_u8(w, m->seq);
        break;
    case PART_DATA:
        gt_wr_bytes(w, m->data, m->data_len);
        break;
    case PART_SEQ:
        gt_wr_u8(w, m->seq);
        break;
    case PART_ERROR:
        gt_wr_u8(w, (uint8_t)m->error);
        break;
    case PART_ERROR_WORD:
        gt_wr_u16le(w, m->error);
        break;
    case PART_NEVER:
        gt_wr_fail(w, GT_ERR_UNSUPPORTED);
        break;
    case PART_END:
        break;
    }
}

gt_err dlt645_message_encode(const dlt645_message *message, dlt645_frame *out)
{
    const dlt645_message *m = message;
    const part *parts = parts_of((unsigned)m->function, m->reply, m->abnormal);
    if (parts == NULL) {
        return GT_ERR_UNSUPPORTED;
    }
    if (!dlt645_addr_valid(m->addr) || !dlt645_addr_valid(m->new_addr) ||
        m->data_len > DLT645_DATA_MAX || (!m->reply && (m->abnormal || m->following))) {
        return GT_ERR_RANGE;
    }
    dlt645_frame f = {.addr = m->addr};
    f.ctrl = (uint8_t)((unsigned)m->function | (m->reply ? REPLY : 0U) |
                       (m->abnormal ? ABNORMAL : 0U) | (m->following ? FOLLOWING : 0U));
    gt_wr w = gt_wr_of(f.data, sizeof f.data);
    for (size_t i = 0; i < PARTS_MAX && parts[i] != PART_END; i++) {
        part_write(&w, parts[i], m);
    }
    GT_TRY(gt_wr_done(&w));
    f.data_len = (uint8_t)w.len;
    *out = f;
    return GT_ERR_OK;
}
