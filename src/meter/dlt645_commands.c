/* What the two editions do alike. */
#include "meter/dlt645_commands.h"

#include "meter/comm.h"
#include "meter/service.h"

enum { CENTURY = 2000, ALL_LEVELS = 0x3FF };

const dlt645_command_row *dlt645_command_find(const dlt645_command_row *rows, size_t count,
                                              const dlt645_call *call)
{
    for (size_t i = 0; i < count; i++) {
        if (rows[i].code == call->frame->ctrl && (rows[i].broadcast || !call->broadcast)) {
            return &rows[i];
        }
    }
    return NULL;
}

/* Broadcast time has no answer, not even to one meter. */
uint8_t dlt645_misread_fault(const dlt645_command_row *row)
{
    return row->serve == dlt645_time_broadcast ? DLT645_SILENT : DLT645_FAULT_OTHER;
}

uint8_t dlt645_password_fault(const dlt645_call *call, const dlt645_password *password,
                              unsigned allowed)
{
    if (password->level >= METER_PASSWORDS || (allowed >> password->level & 1U) == 0) {
        return DLT645_FAULT_AUTH;
    }
    const gt_err err = comm_password_check(call->m, password->level, password->digits, call->now);
    return err == GT_ERR_REFUSED ? DLT645_FAULT_AUTH : dlt645_fault_of(err);
}

uint8_t dlt645_write_fault(const dlt645_call *call, uint32_t di, const dlt645_password *password)
{
    const bool guarded = dlt645_map_guarded(di);
    if (guarded && meter_security_present(call->m)) {
        return DLT645_FAULT_AUTH; /* only with a MAC */
    }
    return dlt645_password_fault(call, password, guarded ? DLT645_LEVEL_2 : DLT645_LEVELS);
}

bool dlt645_civil_of(const dlt645_time *time, gt_civil *out)
{
    const uint8_t digits[] = {time->second, time->minute, time->hour,
                              time->day,    time->month,  time->year};
    for (size_t i = 0; i < sizeof digits; i++) {
        if (!gt_bcd_valid(digits[i])) {
            return false;
        }
    }
    *out = (gt_civil){.year = (int16_t)(CENTURY + (int)gt_bcd_number(time->year)),
                      .month = (uint8_t)gt_bcd_number(time->month),
                      .day = (uint8_t)gt_bcd_number(time->day),
                      .hour = (uint8_t)gt_bcd_number(time->hour),
                      .minute = (uint8_t)gt_bcd_number(time->minute),
                      .second = (uint8_t)gt_bcd_number(time->second)};
    return gt_civil_valid(out);
}

uint8_t dlt645_time_broadcast(dlt645_call *call, const dlt645_message *request, gt_wr *w)
{
    (void)w;
    gt_civil civil = {0};
    if (dlt645_civil_of(&request->time, &civil)) {
        const gt_err err = clock_set(call->m, &civil, call->now);
        (void)err; /* nobody is told */
    }
    return DLT645_SILENT;
}

/* Without a password, so only while the meter is not yet anybody's. */
uint8_t dlt645_addr_write(dlt645_call *call, const dlt645_message *request, gt_wr *w)
{
    (void)w;
    if (!order_allowed(call->m, METER_ACT_PRESET)) {
        return DLT645_FAULT_AUTH;
    }
    return dlt645_fault_of(comm_address_set(call->m, request->new_addr));
}

/* The answer goes out as the question came in; the next byte comes at the new speed. */
uint8_t dlt645_baud(dlt645_call *call, const dlt645_message *request, gt_wr *w)
{
    const meter_line_id id =
        call->line == &call->m->line[METER_LINE_RS485] ? METER_LINE_RS485 : METER_LINE_INFRARED;
    const gt_err err = comm_speed_set(call->m, id, request->code);
    gt_wr_u8(w, request->code);
    return err == GT_ERR_RANGE ? DLT645_FAULT_BAUD : dlt645_fault_of(err);
}

/* Who knows the password of a level may set those of that level and of the levels below. */
uint8_t dlt645_password_change(dlt645_call *call, const dlt645_message *request, gt_wr *w)
{
    const dlt645_password *wanted = &request->password_new;
    if (wanted->level >= METER_PASSWORDS || request->password.level > wanted->level) {
        return DLT645_FAULT_AUTH;
    }
    const uint8_t fault = dlt645_password_fault(call, &request->password, ALL_LEVELS);
    if (fault != 0) {
        return fault;
    }
    gt_wr_u8(w, wanted->level);
    gt_wr_u24le(w, wanted->digits);
    return dlt645_fault_of(comm_password_set(call->m, wanted->level, wanted->digits));
}

uint8_t dlt645_demand_clear(const dlt645_call *call, const dlt645_password *password)
{
    const uint8_t fault = dlt645_password_fault(call, password, DLT645_LEVELS);
    return fault != 0 ? fault : dlt645_fault_of(meter_demand_clear(call->m, call->now));
}
