/* Control codes. Which parts a frame's data is made of is one row a function and direction; decode
 * and encode both walk that row, so they cannot drift apart. */
#include "codec/dlt645/message.h"

#include "base/bytes.h"
#include "codec/dlt645/message_priv.h"

enum { SEALED_FRAME_LEN = 8 + DLT645_SEALED_LEN }; /* with password and operator */

typedef struct layout {
    bool known;
    uint8_t request[DLT645_PARTS_MAX + 1]; /* dlt645_part */
    uint8_t reply[DLT645_PARTS_MAX + 1];
} layout;

/* By function, 2007 and then 1997. */
static const layout layouts[][DLT645_FUNCTION + 1] = {
    {
        [DLT645_SECURITY] = {true,
                             {DLT645_PART_DI, DLT645_PART_OPERATOR, DLT645_PART_DATA},
                             {DLT645_PART_DI, DLT645_PART_DATA}},
        [DLT645_TIME_BROADCAST] = {true, {DLT645_PART_TIME}, {DLT645_PART_NEVER}},
        [DLT645_READ] = {true,
                         {DLT645_PART_DI, DLT645_PART_DATA},
                         {DLT645_PART_DI, DLT645_PART_DATA}},
        [DLT645_READ_NEXT] = {true,
                              {DLT645_PART_DI, DLT645_PART_SEQ},
                              {DLT645_PART_DI, DLT645_PART_DATA_SEQ}},
        [DLT645_ADDR_READ] = {true, {DLT645_PART_END}, {DLT645_PART_ADDR}},
        [DLT645_WRITE] = {true,
                          {DLT645_PART_DI, DLT645_PART_PASSWORD, DLT645_PART_OPERATOR,
                           DLT645_PART_DATA},
                          {DLT645_PART_END}},
        [DLT645_ADDR_WRITE] = {true, {DLT645_PART_ADDR}, {DLT645_PART_END}},
        [DLT645_FREEZE] = {true, {DLT645_PART_FREEZE}, {DLT645_PART_END}},
        [DLT645_BAUD] = {true, {DLT645_PART_CODE}, {DLT645_PART_CODE}},
        [DLT645_PASSWORD] = {true,
                             {DLT645_PART_DI, DLT645_PART_PASSWORD, DLT645_PART_PASSWORD_NEW},
                             {DLT645_PART_PASSWORD_NEW}},
        [DLT645_DEMAND_CLEAR] = {true,
                                 {DLT645_PART_PASSWORD, DLT645_PART_OPERATOR},
                                 {DLT645_PART_END}},
        [DLT645_METER_CLEAR] = {true,
                                {DLT645_PART_PASSWORD, DLT645_PART_OPERATOR},
                                {DLT645_PART_END}},
        [DLT645_EVENT_CLEAR] = {true,
                                {DLT645_PART_PASSWORD, DLT645_PART_OPERATOR, DLT645_PART_DI},
                                {DLT645_PART_END}},
        [DLT645_CONTROL] = {true,
                            {DLT645_PART_PASSWORD, DLT645_PART_OPERATOR, DLT645_PART_CODE,
                             DLT645_PART_CODE2, DLT645_PART_TIME},
                            {DLT645_PART_END}},
        [DLT645_OUTPUT] = {true, {DLT645_PART_CODE}, {DLT645_PART_CODE}},
    },
    {
        [DLT645_1997_READ & DLT645_FUNCTION] = {true,
                                                {DLT645_PART_DI_SHORT, DLT645_PART_DATA},
                                                {DLT645_PART_DI_SHORT, DLT645_PART_DATA}},
        [DLT645_1997_READ_NEXT & DLT645_FUNCTION] = {true,
                                                     {DLT645_PART_DI_SHORT},
                                                     {DLT645_PART_DI_SHORT, DLT645_PART_DATA}},
        [DLT645_1997_READ_AGAIN &
            DLT645_FUNCTION] = {true, {DLT645_PART_DATA}, {DLT645_PART_DI_SHORT, DLT645_PART_DATA}},
        [DLT645_1997_WRITE &
            DLT645_FUNCTION] = {true,
                                {DLT645_PART_DI_SHORT, DLT645_PART_PASSWORD, DLT645_PART_DATA},
                                {DLT645_PART_END}},
        [DLT645_1997_TIME_BROADCAST &
            DLT645_FUNCTION] = {true, {DLT645_PART_TIME}, {DLT645_PART_NEVER}},
        [DLT645_1997_ADDR_WRITE & DLT645_FUNCTION] = {true, {DLT645_PART_ADDR}, {DLT645_PART_END}},
        [DLT645_1997_BAUD & DLT645_FUNCTION] = {true, {DLT645_PART_CODE}, {DLT645_PART_CODE}},
        [DLT645_1997_PASSWORD & DLT645_FUNCTION] =
            {true, {DLT645_PART_PASSWORD, DLT645_PART_PASSWORD_NEW}, {DLT645_PART_PASSWORD_NEW}},
        [DLT645_1997_DEMAND_CLEAR &
            DLT645_FUNCTION] = {true, {DLT645_PART_DATA}, {DLT645_PART_END}},
    },
};

static const uint8_t abnormal_parts[] = {DLT645_PART_ERROR, DLT645_PART_END};
static const uint8_t abnormal_security_parts[] = {DLT645_PART_ERROR_WORD, DLT645_PART_END};
static const uint8_t sealed_parts[] = {DLT645_PART_PASSWORD, DLT645_PART_OPERATOR, DLT645_PART_DATA,
                                       DLT645_PART_END};

static const uint8_t *parts_of(unsigned function, bool reply, bool abnormal, bool sealed)
{
    const unsigned edition = function / DLT645_1997;
    const unsigned code = function % DLT645_1997;
    if (edition >= sizeof layouts / sizeof layouts[0] || code > DLT645_FUNCTION ||
        !layouts[edition][code].known) {
        return NULL;
    }
    const layout *l = &layouts[edition][code];
    if (reply && abnormal && l->reply[0] != DLT645_PART_NEVER) {
        return function == DLT645_SECURITY ? abnormal_security_parts : abnormal_parts;
    }
    if (function == DLT645_CONTROL && !reply && sealed) {
        return sealed_parts;
    }
    return reply ? l->reply : l->request;
}

const uint8_t *dlt645_message_parts(const dlt645_message *message)
{
    return parts_of((unsigned)message->function, message->reply, message->abnormal,
                    message->data_len == DLT645_SEALED_LEN);
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
    m->data = gt_rd_take(r, len);
    m->data_len = (uint8_t)len;
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
        data_read(r, gt_rd_left(r) - 1, m);
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
    case DLT645_PART_END:
        break;
    }
}

/* Bytes of each part; data has as many as are left. */
static const uint8_t part_bytes[] = {
    [DLT645_PART_DI] = 4,           [DLT645_PART_DI_SHORT] = 2, [DLT645_PART_PASSWORD] = 4,
    [DLT645_PART_PASSWORD_NEW] = 4, [DLT645_PART_OPERATOR] = 4, [DLT645_PART_ADDR] = 6,
    [DLT645_PART_TIME] = 6,         [DLT645_PART_FREEZE] = 4,   [DLT645_PART_CODE] = 1,
    [DLT645_PART_CODE2] = 1,        [DLT645_PART_DATA] = 0,     [DLT645_PART_DATA_SEQ] = 1,
    [DLT645_PART_SEQ] = 1,          [DLT645_PART_ERROR] = 1,    [DLT645_PART_ERROR_WORD] = 2,
    [DLT645_PART_NEVER] = 0,
};

/* Does the data have the length that the parts make, and is a part there at all? */
static gt_err parts_check(const uint8_t *parts, const dlt645_frame *frame)
{
    size_t bytes = 0;
    bool open = false;
    for (size_t i = 0; i < DLT645_PARTS_MAX && parts[i] != DLT645_PART_END; i++) {
        if (parts[i] == DLT645_PART_NEVER) {
            return GT_ERR_UNSUPPORTED;
        }
        open = parts[i] == DLT645_PART_DATA || parts[i] == DLT645_PART_DATA_SEQ; /* the last */
        bytes += part_bytes[parts[i]];
    }
    if (frame->data_len < bytes) {
        return GT_ERR_TRUNCATED;
    }
    if (frame->data_len > bytes && !open) {
        return GT_ERR_TRAILING;
    }
    gt_rd r = gt_rd_of(frame->data, frame->data_len);
    (void)(parts[0] == DLT645_PART_ADDR ? addr_read(&r) : 0);
    return r.err;
}

/* A read answer, by far the commonest frame, without looking at parts one by one. */
static void answer_decode(const dlt645_frame *frame, dlt645_message *out)
{
    const uint8_t *at = frame->data;
    *out = (dlt645_message){.addr = frame->addr, .function = DLT645_READ, .reply = true};
    out->following = (frame->ctrl & DLT645_FOLLOWING) != 0;
    out->di = gt_u32le_at(at);
    out->data = at + DLT645_DI_LEN;
    out->data_len = (uint8_t)(frame->data_len - DLT645_DI_LEN);
}

static gt_err decode(const dlt645_frame *frame, unsigned edition, dlt645_message *out)
{
    const unsigned code = frame->ctrl & DLT645_FUNCTION;
    const bool reply = (frame->ctrl & DLT645_REPLY) != 0;
    const bool abnormal = (frame->ctrl & DLT645_ABNORMAL) != 0;
    const bool following = (frame->ctrl & DLT645_FOLLOWING) != 0;
    const bool sealed = frame->data_len == SEALED_FRAME_LEN;
    const uint8_t *parts = parts_of(edition | code, reply, abnormal, sealed);
    if (parts == NULL) {
        return GT_ERR_UNSUPPORTED;
    }
    if (!reply && (abnormal || following)) {
        return GT_ERR_MALFORMED;
    }
    if (edition == 0 && dlt645_is_read_answer(frame->ctrl) && frame->data_len >= DLT645_DI_LEN) {
        answer_decode(frame, out);
        return GT_ERR_OK;
    }
    GT_TRY(parts_check(parts, frame)); /* nothing below fails */
    *out = (dlt645_message){.addr = frame->addr};
    out->function = (dlt645_function)(edition | code);
    out->reply = reply;
    out->abnormal = abnormal;
    out->following = following;
    gt_rd r = gt_rd_of(frame->data, frame->data_len);
    for (size_t i = 0; i < DLT645_PARTS_MAX && parts[i] != DLT645_PART_END; i++) {
        part_read(&r, (dlt645_part)parts[i], out);
    }
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
    const uint8_t *parts = dlt645_message_parts(m);
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
    f.ctrl =
        (uint8_t)(((unsigned)m->function & DLT645_FUNCTION) | (m->reply ? DLT645_REPLY : 0U) |
                  (m->abnormal ? DLT645_ABNORMAL : 0U) | (m->following ? DLT645_FOLLOWING : 0U));
    gt_wr w = gt_wr_of(f.data, sizeof f.data);
    for (size_t i = 0; i < DLT645_PARTS_MAX && parts[i] != DLT645_PART_END; i++) {
        part_write(&w, (dlt645_part)parts[i], m);
    }
    GT_TRY(gt_wr_done(&w));
    f.data_len = (uint8_t)w.len;
    *out = f;
    return GT_ERR_OK;
}
