/* The DL/T 645-2007 server: a row for each control code says how long its answer is and who may
 * ask. Passwords open what is no money; what is money wants the password of level 02, and a MAC
 * where the meter has a security element. */
#include "meter/dlt645_commands.h"

#include "meter/comm.h"
#include "meter/dlt645_security.h"
#include "meter/freeze.h"
#include "meter/incident.h"
#include "meter/service.h"

enum {
    STEP_DI1 = 0x100,
    SEQ_LEN = 1,
    OUTPUT_LAST = 2,
    DI_PASSWORD = 0x04000C01,
};

/* The identifiers that a request names: one, or all that follow one another in a block. */
typedef struct run {
    uint32_t di;
    uint32_t step; /* 0: only one */
} run;

/* As codec/dlt645/walk.c takes a block apart: from number 0 where that exists, else from 1. */
static run run_of(uint32_t di)
{
    const bool high = (uint8_t)(di >> 8U) == UINT8_MAX;
    if (!high && (uint8_t)di != UINT8_MAX) {
        return (run){.di = di};
    }
    run r = {.step = high ? (uint32_t)STEP_DI1 : 1};
    r.di = di & ~(UINT8_MAX * r.step);
    r.di += dlt645_item_find(r.di) == NULL ? r.step : 0;
    return r;
}

/* The part of a record that an element is. @return NULL  past the last */
static const dlt645_part_row *part_of(const dlt645_format *record, unsigned element)
{
    unsigned before = 0;
    for (size_t i = record[0].part_first; i < record[1].part_first; i++) {
        const dlt645_part_row *part = dlt645_part_at(i);
        before += part->times;
        if (element < before) {
            return part;
        }
    }
    return NULL;
}

/* All values of one identifier onto the page. @return NOT_FOUND  there are none */
static gt_err item_put(const dlt645_call *call, const dlt645_item *item, uint32_t di,
                       dlt645_page *page)
{
    dlt645_at at = {.m = call->m, .now = call->now, .di = di};
    dlt645_value value;
    gt_err err = dlt645_map_read(&at, &value);
    GT_TRY(err);
    const dlt645_format *format = dlt645_item_format(item);
    const bool record = format->kind == DLT645_KIND_RECORD;
    for (; err == GT_ERR_OK; err = dlt645_map_read(&at, &value)) {
        value.item = item;
        value.part = record ? part_of(format, at.element) : NULL;
        if (record && value.part == NULL) {
            return GT_ERR_OK;
        }
        dlt645_page_put(page, &value);
        at.element++;
        if (!record && !format->many) {
            return GT_ERR_OK;
        }
    }
    return err == GT_ERR_NOT_FOUND ? GT_ERR_OK : err;
}

/* A block ends before the first identifier that the meter lacks. */
static gt_err run_put(const dlt645_call *call, uint32_t asked, dlt645_page *page)
{
    run r = run_of(asked);
    bool any = false;
    for (;; r.di += r.step, any = true) {
        const dlt645_item *item = dlt645_item_find(r.di);
        const dlt645_format *format = item != NULL ? dlt645_item_format(item) : NULL;
        const bool in_block = format != NULL && !format->many && format->kind != DLT645_KIND_RECORD;
        gt_err err = item == NULL || (!in_block && r.step != 0) ? GT_ERR_NOT_FOUND : GT_ERR_OK;
        err = err == GT_ERR_OK ? item_put(call, item, r.di, page) : err;
        if (err == GT_ERR_NOT_FOUND && any) {
            return GT_ERR_OK;
        }
        GT_TRY(err);
        if (r.step == 0) {
            return GT_ERR_OK;
        }
    }
}

/* @param seq  number of the frame, 0 the first */
static uint8_t page_serve(dlt645_call *call, uint32_t di, uint8_t seq, gt_wr *w)
{
    meter_line *line = call->line;
    gt_wr room = gt_wr_of(w->buf, w->cap - SEQ_LEN); /* as much in each frame */
    gt_wr_u32le(&room, di);
    dlt645_page page = {.w = &room, .skip = seq == 0 ? 0 : line->cursor};
    const gt_err err = run_put(call, di, &page);
    if (err != GT_ERR_OK) {
        return err == GT_ERR_NOT_FOUND ? DLT645_FAULT_NO_DATA : dlt645_fault_of(err);
    }
    line->before = page.skip;
    line->cursor = page.at;
    line->di = di;
    line->next = (uint8_t)(page.full ? seq + 1 : 0);
    call->following = page.full;
    w->len = room.len;
    if (seq != 0) {
        gt_wr_u8(w, seq);
    }
    return 0;
}

static uint8_t read_first(dlt645_call *call, const dlt645_message *q, gt_wr *w)
{
    if (q->data_len != 0) {
        return DLT645_FAULT_NO_DATA; /* a load profile's count and time */
    }
    return page_serve(call, q->di, 0, w);
}

/* The frame that comes next, or the one before once more: its answer may have been lost. */
static uint8_t read_next(dlt645_call *call, const dlt645_message *q, gt_wr *w)
{
    meter_line *line = call->line;
    const bool again = q->seq != 0 && q->seq + 1U == line->next;
    if (q->di != line->di || q->seq == 0 || (q->seq != line->next && !again)) {
        return DLT645_FAULT_NO_DATA;
    }
    line->cursor = again ? line->before : line->cursor;
    return page_serve(call, q->di, q->seq, w);
}

static uint8_t addr_read(dlt645_call *call, const dlt645_message *q, gt_wr *w)
{
    (void)q;
    const uint64_t own = comm_address(call->m);
    gt_wr_u32le(w, (uint32_t)own);
    gt_wr_u16le(w, (uint16_t)(own >> 32U));
    return 0;
}

static uint8_t apply(dlt645_call *call, uint32_t di, const uint8_t *data, size_t len)
{
    dlt645_walk walk = dlt645_walk_of(di, data, len);
    const dlt645_write write = {
        .m = call->m, .now = call->now, .di = di, .walk = &walk, .scale = 1};
    return dlt645_map_write(&write);
}

static uint8_t write_data(dlt645_call *call, const dlt645_message *q, gt_wr *w)
{
    (void)w;
    const uint8_t fault = dlt645_write_fault(call, q->di, &q->password);
    return fault != 0 ? fault : apply(call, q->di, q->data, q->data_len);
}

static uint8_t password(dlt645_call *call, const dlt645_message *q, gt_wr *w)
{
    return q->di == DI_PASSWORD + (uint32_t)q->password_new.level
               ? dlt645_password_change(call, q, w)
               : DLT645_FAULT_OTHER;
}

static uint8_t demand_clear(dlt645_call *call, const dlt645_message *q, gt_wr *w)
{
    (void)w;
    return dlt645_demand_clear(call, &q->password);
}

static uint8_t meter_clear_all(dlt645_call *call, const dlt645_message *q, gt_wr *w)
{
    (void)w;
    if (meter_security_present(call->m)) {
        return DLT645_FAULT_AUTH;
    }
    const uint8_t fault = dlt645_password_fault(call, &q->password, DLT645_LEVEL_2);
    return fault != 0 ? fault : dlt645_fault_of(meter_clear(call->m, call->now));
}

/* All logs at once. */
static uint8_t event_clear(dlt645_call *call, const dlt645_message *q, gt_wr *w)
{
    (void)w;
    const uint8_t fault = dlt645_password_fault(call, &q->password, DLT645_LEVEL_2);
    if (fault != 0) {
        return fault;
    }
    if (q->di != UINT32_MAX) {
        return DLT645_FAULT_NO_DATA;
    }
    return dlt645_fault_of(meter_events_clear(call->m, q->di, call->now));
}

static uint8_t control_fault(uint16_t result)
{
    return result == METER_RESULT_OK      ? 0
           : result == METER_RESULT_STATE ? DLT645_FAULT_AUTH
                                          : DLT645_FAULT_OTHER;
}

static uint8_t control(dlt645_call *call, const dlt645_message *q, gt_wr *w)
{
    (void)w;
    meter *m = call->m;
    gt_civil until = {0};
    gt_utc expiry = {0};
    if (meter_security_present(m) || q->data_len != 0) {
        return DLT645_FAULT_AUTH; /* with an element by MAC only */
    }
    uint8_t fault = dlt645_password_fault(call, &q->password, DLT645_LEVEL_2);
    if (fault != 0) {
        return fault;
    }
    if (!dlt645_civil_of(&q->time, &until) ||
        gt_utc_of_civil(&until, m->cfg->zone_min, &expiry) != GT_ERR_OK) {
        return DLT645_FAULT_OTHER;
    }
    fault = control_fault(control_check(m, q->code, expiry.ms, call->now));
    if (fault != 0) {
        return fault;
    }
    const meter_account before = m->state.account;
    control_apply(m, q->code, call->now);
    fault = dlt645_fault_of(order_commit(m, &before, call->now));
    if (fault == 0) {
        supply_update(m, call->now);
    }
    return fault;
}

/* Now; the times of day, month and year at which this meter freezes are fixed. */
static uint8_t freeze(dlt645_call *call, const dlt645_message *q, gt_wr *w)
{
    (void)w;
    enum { ANY = 0x99 };
    const dlt645_time *t = &q->time;
    if (t->minute != ANY || t->hour != ANY || t->day != ANY || t->month != ANY) {
        return DLT645_FAULT_OTHER;
    }
    return dlt645_fault_of(meter_freeze_now(call->m, call->now));
}

static uint8_t output(dlt645_call *call, const dlt645_message *q, gt_wr *w)
{
    if (q->code > OUTPUT_LAST) {
        return DLT645_FAULT_OTHER;
    }
    call->m->comm.output = q->code;
    gt_wr_u8(w, q->code);
    return 0;
}

static const dlt645_command_row rows[] = {
    {DLT645_READ, false, read_first},
    {DLT645_READ_NEXT, false, read_next},
    {DLT645_ADDR_READ, false, addr_read},
    {DLT645_WRITE, false, write_data},
    {DLT645_ADDR_WRITE, false, dlt645_addr_write},
    {DLT645_TIME_BROADCAST, true, dlt645_time_broadcast},
    {DLT645_BAUD, false, dlt645_baud},
    {DLT645_PASSWORD, false, password},
    {DLT645_DEMAND_CLEAR, false, demand_clear},
    {DLT645_METER_CLEAR, false, meter_clear_all},
    {DLT645_EVENT_CLEAR, false, event_clear},
    {DLT645_CONTROL, false, control},
    {DLT645_OUTPUT, false, output},
    {DLT645_FREEZE, true, freeze},
};

/* Frames with a MAC in place of a password. @return true: served */
static bool secured(dlt645_call *call, uint8_t *out_fault)
{
    dlt645_frame answer = {.addr = 0};
    dlt645_secured_write write;
    switch (meter_dlt645_secured(call->m, call->frame, call->now, &answer, &write)) {
    case DLT645_SECURED_NOT:
        return false;
    case DLT645_SECURED_ANSWERED:
        dlt645_link_answer(call->m, call->line, &answer);
        *out_fault = DLT645_SILENT;
        return true;
    case DLT645_SECURED_SILENT:
        *out_fault = DLT645_SILENT;
        return true;
    case DLT645_SECURED_APPLY:
        *out_fault = apply(call, write.di, write.data, write.len);
        return true;
    }
    return false;
}

static uint8_t serve(dlt645_call *call, gt_wr *w)
{
    dlt645_message request;
    uint8_t fault = 0;
    if (!call->broadcast && secured(call, &fault)) {
        return fault;
    }
    const gt_err err = dlt645_message_decode(call->frame, &request);
    const dlt645_command_row *row = dlt645_command_find(rows, sizeof rows / sizeof rows[0], call);
    if (row == NULL) {
        return DLT645_SILENT; /* nothing this edition knows */
    }
    if (err != GT_ERR_OK) {
        return dlt645_misread_fault(row);
    }
    meter_operator(call->m, request.operator_code, request.di);
    fault = row->serve(call, &request, w);
    meter_operator(call->m, 0, 0);
    return fault;
}

static void frame(meter *m, meter_line *line, size_t len, gt_mono now)
{
    dlt645_link_frame(m, line, len, now, serve);
}

const meter_server dlt645_server = {.whole = dlt645_link_whole,
                                    .frame = frame,
                                    .silence_us = dlt645_link_silence_us,
                                    .character_bits = DLT645_BITS_PER_CHARACTER};
