/* The DL/T 645-1997 server. A family of identifiers (all but the last digit alike) that is asked
 * for as a block ends with AAH; a family that this meter lacks is an AAH alone. */
#include "meter/dlt645_1997_map.h"
#include "meter/dlt645_commands.h"

enum {
    LOW = 0x0F,
    DI0 = 0xFF,
    FAMILY_FIRST = 0x10,
    FAMILY_END = 0xAA,
};

/* The next identifier from @p di on that the edition has; beyond @p last when there is none. */
static uint32_t seek(uint32_t di, uint32_t last)
{
    while (di <= last && dlt645_1997_item_find(di) == NULL) {
        di++;
    }
    return di;
}

/* One family. @return whether it has any value */
static gt_err family_put(const dlt645_call *call, uint32_t first, dlt645_page *page, bool *any)
{
    const uint32_t last = (first | LOW) - 1;
    gt_err err = GT_ERR_OK;
    for (uint32_t di = first; di <= last; di = seek(di + 1, last)) {
        dlt645_value value;
        err = dlt645_1997_map_read(call->m, di, call->now, &value);
        if (err != GT_ERR_OK) {
            break;
        }
        dlt645_page_put(page, &value);
        *any = true;
    }
    dlt645_page_mark(page, FAMILY_END);
    return err == GT_ERR_NOT_FOUND ? GT_ERR_OK : err;
}

static gt_err block_put(const dlt645_call *call, uint32_t asked, dlt645_page *page)
{
    const bool families = (asked & DI0) == DI0;
    uint32_t di =
        seek(families ? (asked & ~(uint32_t)DI0) + FAMILY_FIRST : asked & ~(uint32_t)LOW, asked);
    bool any = false;
    while (di < asked) {
        GT_TRY(family_put(call, di, page, &any));
        di = seek((di | LOW) + 1, asked);
    }
    return any ? GT_ERR_OK : GT_ERR_NOT_FOUND;
}

static gt_err values_put(const dlt645_call *call, uint32_t asked, dlt645_page *page)
{
    dlt645_value value;
    if ((asked & LOW) == LOW) {
        return block_put(call, asked, page);
    }
    GT_TRY(dlt645_1997_map_read(call->m, asked, call->now, &value));
    dlt645_page_put(page, &value);
    return GT_ERR_OK;
}

static uint8_t page_serve(dlt645_call *call, uint32_t di, uint32_t from, gt_wr *w)
{
    gt_wr_u16le(w, (uint16_t)di);
    dlt645_page page = {.w = w, .skip = from};
    const gt_err err = values_put(call, di, &page);
    if (err != GT_ERR_OK) {
        return err == GT_ERR_NOT_FOUND ? DLT645_1997_FAULT_NO_DATA : dlt645_fault_of(err);
    }
    meter_line *line = call->line;
    line->before = from;
    line->cursor = page.full ? page.at : 0;
    line->di = di;
    call->following = page.full;
    return 0;
}

static uint8_t read_first(dlt645_call *call, const dlt645_message *q, gt_wr *w)
{
    return q->data_len == 0 ? page_serve(call, q->di, 0, w) : DLT645_1997_FAULT_NO_DATA;
}

static uint8_t read_next(dlt645_call *call, const dlt645_message *q, gt_wr *w)
{
    const meter_line *line = call->line;
    return q->di == line->di && line->cursor != 0 ? page_serve(call, q->di, line->cursor, w)
                                                  : DLT645_1997_FAULT_NO_DATA;
}

/* The answer sent last, once more. */
static uint8_t read_again(dlt645_call *call, const dlt645_message *q, gt_wr *w)
{
    (void)q;
    const meter_line *line = call->line;
    return line->di != 0 ? page_serve(call, line->di, line->before, w) : DLT645_1997_FAULT_NO_DATA;
}

static uint8_t write_data(dlt645_call *call, const dlt645_message *q, gt_wr *w)
{
    (void)w;
    dlt645_1997_target target;
    if (dlt645_1997_map_target(call->m, q->di, &target) != GT_ERR_OK) {
        return DLT645_1997_FAULT_NO_DATA;
    }
    const uint8_t fault = dlt645_write_fault(call, target.di, &q->password);
    if (fault != 0) {
        return fault;
    }
    dlt645_walk walk = dlt645_1997_walk_of(q->di, q->data, q->data_len);
    const dlt645_write write = {
        .m = call->m, .now = call->now, .di = target.di, .walk = &walk, .scale = target.scale};
    return dlt645_map_write(&write);
}

static uint8_t baud(dlt645_call *call, const dlt645_message *q, gt_wr *w)
{
    const uint8_t fault = dlt645_baud(call, q, w);
    return fault == DLT645_FAULT_BAUD ? DLT645_1997_FAULT_DATA : fault; /* has no bit of its own */
}

/* The standard sends this bare; here it wants a password, as in the edition of 2007. */
static uint8_t demand_clear(dlt645_call *call, const dlt645_message *q, gt_wr *w)
{
    (void)w;
    gt_rd r = gt_rd_of(q->data, q->data_len);
    const dlt645_password given = {.level = gt_rd_u8(&r), .digits = gt_rd_u24le(&r)};
    if (gt_rd_done(&r) != GT_ERR_OK) {
        return DLT645_1997_FAULT_AUTH;
    }
    return dlt645_demand_clear(call, &given);
}

static const dlt645_command_row rows[] = {
    {DLT645_1997_READ & DI0, false, read_first},
    {DLT645_1997_READ_NEXT & DI0, false, read_next},
    {DLT645_1997_READ_AGAIN & DI0, false, read_again},
    {DLT645_1997_WRITE & DI0, false, write_data},
    {DLT645_1997_TIME_BROADCAST & DI0, true, dlt645_time_broadcast},
    {DLT645_1997_ADDR_WRITE & DI0, false, dlt645_addr_write},
    {DLT645_1997_BAUD & DI0, false, baud},
    {DLT645_1997_PASSWORD & DI0, false, dlt645_password_change},
    {DLT645_1997_DEMAND_CLEAR & DI0, false, demand_clear},
};

static uint8_t serve(dlt645_call *call, gt_wr *w)
{
    dlt645_message request;
    const gt_err err = dlt645_1997_message_decode(call->frame, &request);
    const dlt645_command_row *row = dlt645_command_find(rows, sizeof rows / sizeof rows[0], call);
    if (row == NULL) {
        return DLT645_SILENT;
    }
    return err == GT_ERR_OK ? row->serve(call, &request, w) : dlt645_misread_fault(row);
}

static void frame(meter *m, meter_line *line, size_t len, gt_mono now)
{
    dlt645_link_frame(m, line, len, now, serve);
}

const meter_server dlt645_1997_server = {.whole = dlt645_link_whole,
                                         .frame = frame,
                                         .silence_us = dlt645_link_silence_us,
                                         .character_bits = DLT645_BITS_PER_CHARACTER};
