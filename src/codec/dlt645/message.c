/* Control codes. Which parts a frame's data is made of is one row a function and direction; decode
 * and encode both walk that row, so they cannot drift apart. */
#include "codec/dlt645/message.h"

#include "base/bytes.h"
#include "codec/dlt645/message_priv.h"

#include <string.h>

enum { REPLY = 0x80, ABNORMAL = 0x40, FOLLOWING = 0x20, FUNCTION = 0x1F };

typedef struct layout {
    dlt645_function function;
    dlt645_part request[DLT645_PARTS_MAX + 1];
    dlt645_part reply[DLT645_PARTS_MAX + 1];
} layout;

static const layout layouts[] = {
    {DLT645_SECURITY,
     {DLT645_PART_DI, DLT645_PART_OPERATOR, DLT645_PART_DATA},
     {DLT645_PART_DI, DLT645_PART_DATA}},
    {DLT645_TIME_BROADCAST, {DLT645_PART_TIME}, {DLT645_PART_NEVER}},
    {DLT645_READ, {DLT645_PART_DI, DLT645_PART_DATA}, {DLT645_PART_DI, DLT645_PART_DATA}},
    {DLT645_READ_NEXT, {DLT645_PART_DI, DLT645_PART_SEQ}, {DLT645_PART_DI, DLT645_PART_DATA_SEQ}},
    {DLT645_ADDR_READ, {DLT645_PART_END}, {DLT645_PART_ADDR}},
    {DLT645_WRITE,
     {DLT645_PART_DI, DLT645_PART_PASSWORD, DLT645_PART_OPERATOR, DLT645_PART_DATA},
     {DLT645_PART_END}},
    {DLT645_ADDR_WRITE, {DLT645_PART_ADDR}, {DLT645_PART_END}},
    {DLT645_FREEZE, {DLT645_PART_FREEZE}, {DLT645_PART_END}},
    {DLT645_BAUD, {DLT645_PART_CODE}, {DLT645_PART_CODE}},
    {DLT645_PASSWORD,
     {DLT645_PART_DI, DLT645_PART_PASSWORD, DLT645_PART_PASSWORD_NEW},
     {DLT645_PART_PASSWORD_NEW}},
    {DLT645_DEMAND_CLEAR, {DLT645_PART_PASSWORD, DLT645_PART_OPERATOR}, {DLT645_PART_END}},
    {DLT645_METER_CLEAR, {DLT645_PART_PASSWORD, DLT645_PART_OPERATOR}, {DLT645_PART_END}},
    {DLT645_EVENT_CLEAR,
     {DLT645_PART_PASSWORD, DLT645_PART_OPERATOR, DLT645_PART_DI},
     {DLT645_PART_END}},
    {DLT645_CONTROL,
     {DLT645_PART_PASSWORD, DLT645_PART_OPERATOR, DLT645_PART_CODE, DLT645_PART_CODE2,
      DLT645_PART_TIME},
     {DLT645_PART_END}},
    {DLT645_OUTPUT, {DLT645_PART_CODE}, {DLT645_PART_CODE}},
    {DLT645_1997_READ,
     {DLT645_PART_DI_SHORT, DLT645_PART_DATA},
     {DLT645_PART_DI_SHORT, DLT645_PART_DATA}},
    {DLT645_1997_READ_NEXT, {DLT645_PART_DI_SHORT}, {DLT645_PART_DI_SHORT, DLT645_PART_DATA}},
    {DLT645_1997_READ_AGAIN, {DLT645_PART_DATA}, {DLT645_PART_DI_SHORT, DLT645_PART_DATA}},
    {DLT645_1997_WRITE,
     {DLT645_PART_DI_SHORT, DLT645_PART_PASSWORD, DLT645_PART_DATA},
     {DLT645_PART_END}},
    {DLT645_1997_TIME_BROADCAST, {DLT645_PART_TIME}, {DLT645_PART_NEVER}},
    {DLT645_1997_ADDR_WRITE, {DLT645_PART_ADDR}, {DLT645_PART_END}},
    {DLT645_1997_BAUD, {DLT645_PART_CODE}, {DLT645_PART_CODE}},
    {DLT645_1997_PASSWORD,
     {DLT645_PART_PASSWORD, DLT645_PART_PASSWORD_NEW},
     {DLT645_PART_PASSWORD_NEW}},
    {DLT645_1997_DEMAND_CLEAR, {DLT645_PART_DATA}, {DLT645_PART_END}},
};

static const dlt645_part abnormal_parts[] = {DLT645_PART_ERROR, DLT645_PART_END};
static const dlt645_part abnormal_security_parts[] = {DLT645_PART_ERROR_WORD, DLT645_PART_END};

const dlt645_part *dlt645_message_parts(unsigned function, bool reply, bool abnormal)
{
    for (size_t i = 0; i < sizeof layouts / sizeof layouts[0]; i++) {
        if ((unsigned)layouts[i].function != function) {
            continue;
        }
        if (reply && abnormal && layouts[i].reply[0] != DLT645_PART_NEVER) {
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

static void part_read(gt_rd *r, dlt645_part what, dlt645_message *m)
{
    switch (what) {
    case DLT645_PART_DI:
        m->di = gt_rd_u32le(r);
        break;
    case DLT645_PART_DI_SHORT:
        m->di = gt_rd_u16le(r);
        break;
    case DLT645_PART_PASSWORD:
        m->password = password_read(r);
        break;
    case DLT645_PART_PASSWORD_NEW:
        m->password_new = password_read(r);
        break;
    case DLT645_PART_OPERATOR:
        m->operator_code = gt_rd_u32le(r);
        break;
    case DLT645_PART_ADDR:
        m->new_addr = addr_read(r);
        break;
    case DLT645_PART_TIME:
    case DLT645_PART_FREEZE:
        time_read(r, what == DLT645_PART_TIME, &m->time);
        break;
    case DLT645_PART_CODE:
        m->code = gt_rd_u8(r);
        break;
    case DLT645_PART_CODE2:
        m->code2 = gt_rd_u8(r);
        break;
    case DLT645_PART_DATA_SEQ:
        data_read(r, gt_rd_left(r) > 0 ? gt_rd_left(r) - 1 : 0, m);
        m->seq = gt_rd_u8(r);
        break;
    case DLT645_PART_DATA:
        data_read(r, gt_rd_left(r), m);
        break;
    case DLT645_PART_SEQ:
        m->seq = gt_rd_u8(r);
        break;
    case DLT645_PART_ERROR:
        m->error = gt_rd_u8(r);
        break;
    case DLT645_PART_ERROR_WORD:
        m->error = gt_rd_u16le(r);
        break;
    case DLT645_PART_NEVER:
        gt_rd_fail(r, GT_ERR_UNSUPPORTED);
        break;
    case DLT645_PART_END:
        break;
    }
}

static gt_err decode(const dlt645_frame *frame, unsigned edition, dlt645_message *out)
{
    const unsigned function = edition | (frame->ctrl & FUNCTION);
    dlt645_message m = {.addr = frame->addr};
    m.reply = (frame->ctrl & REPLY) != 0;
    m.abnormal = (frame->ctrl & ABNORMAL) != 0;
    m.following = (frame->ctrl & FOLLOWING) != 0;
    const dlt645_part *parts = dlt645_message_parts(function, m.reply, m.abnormal);
    if (parts == NULL) {
        return GT_ERR_UNSUPPORTED;
    }
    if (!m.reply && (m.abnormal || m.following)) {
        return GT_ERR_MALFORMED;
    }
    m.function = (dlt645_function)function;
    gt_rd r = gt_rd_of(frame->data, frame->data_len);
    for (size_t i = 0; i < DLT645_PARTS_MAX && parts[i] != DLT645_PART_END; i++) {
        part_read(&r, parts[i], &m);
    }
    GT_TRY(gt_rd_done(&r));
    *out = m;
    return GT_ERR_OK;
}

gt_err dlt645_message_decode(const dlt645_frame *frame, dlt645_message *out)
{
    return decode(frame, 0, out);
}

gt_err dlt645_1997_message_decode(const dlt645_frame *frame, dlt645_message *out)
{
    return decode(frame, DLT645_1997, out);
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

static void part_write(gt_wr *w, dlt645_part what, const dlt645_message *m)
{
    switch (what) {
    case DLT645_PART_DI:
        gt_wr_u32le(w, m->di);
        break;
    case DLT645_PART_DI_SHORT:
        gt_wr_u16le(w, (uint16_t)m->di);
        break;
    case DLT645_PART_PASSWORD:
        password_write(w, &m->password);
        break;
    case DLT645_PART_PASSWORD_NEW:
        password_write(w, &m->password_new);
        break;
    case DLT645_PART_OPERATOR:
        gt_wr_u32le(w, m->operator_code);
        break;
    case DLT645_PART_ADDR:
        gt_wr_u32le(w, (uint32_t)m->new_addr);
        gt_wr_u16le(w, (uint16_t)(m->new_addr >> 32));
        break;
    case DLT645_PART_TIME:
    case DLT645_PART_FREEZE:
        time_write(w, what == DLT645_PART_TIME, &m->time);
        break;
    case DLT645_PART_CODE:
        gt_wr_u8(w, m->code);
        break;
    case DLT645_PART_CODE2:
        gt_wr_u8(w, m->code2);
        break;
    case DLT645_PART_DATA_SEQ:
        gt_wr_bytes(w, m->data, m->data_len);
        gt_wr_u8(w, m->seq);
        break;
    case DLT645_PART_DATA:
        gt_wr_bytes(w, m->data, m->data_len);
        break;
    case DLT645_PART_SEQ:
        gt_wr_u8(w, m->seq);
        break;
    case DLT645_PART_ERROR:
        gt_wr_u8(w, (uint8_t)m->error);
        break;
    case DLT645_PART_ERROR_WORD:
        gt_wr_u16le(w, m->error);
        break;
    case DLT645_PART_NEVER:
        gt_wr_fail(w, GT_ERR_UNSUPPORTED);
        break;
    case DLT645_PART_END:
        break;
    }
}

gt_err dlt645_message_encode(const dlt645_message *message, dlt645_frame *out)
{
    const dlt645_message *m = message;
    const dlt645_part *parts = dlt645_message_parts((unsigned)m->function, m->reply, m->abnormal);
    if (parts == NULL) {
        return GT_ERR_UNSUPPORTED;
    }
    if (!dlt645_addr_valid(m->addr) || !dlt645_addr_valid(m->new_addr) ||
        m->data_len > DLT645_DATA_MAX ||
        (((unsigned)m->function & DLT645_1997) != 0 && m->di > UINT16_MAX) ||
        (!m->reply && (m->abnormal || m->following))) {
        return GT_ERR_RANGE;
    }
    dlt645_frame f = {.addr = m->addr};
    f.ctrl = (uint8_t)(((unsigned)m->function & FUNCTION) | (m->reply ? REPLY : 0U) |
                       (m->abnormal ? ABNORMAL : 0U) | (m->following ? FOLLOWING : 0U));
    gt_wr w = gt_wr_of(f.data, sizeof f.data);
    for (size_t i = 0; i < DLT645_PARTS_MAX && parts[i] != DLT645_PART_END; i++) {
        part_write(&w, parts[i], m);
    }
    GT_TRY(gt_wr_done(&w));
    f.data_len = (uint8_t)w.len;
    *out = f;
    return GT_ERR_OK;
}
