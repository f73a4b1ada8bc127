/* Where Modbus registers become domain items and commands become Modbus registers, once for
 * concentrator and station. Integers only: an item is raw x 10^n, and n was checked when the model
 * was loaded. */
#include "field/device.h"
#include "field/device_priv.h"

#include "base/bytes.h"
#include "codec/modbus/frame.h"

#include <string.h>

enum { MAC_INPUT_MAX = 2 + 6 + 2 * DEVICE_REGISTERS_MAX, MS_SECOND = 1000, DECIMALS_MAX = 9 };

static int64_t power_of_ten(unsigned n)
{
    int64_t p = 1;
    for (unsigned i = 0; i < n; i++) {
        p *= 10;
    }
    return p;
}

static gt_err frame_encode(const modbus_request *request, device_frame *out)
{
    device_frame frame = {0};
    size_t len = 0;
    GT_TRY(modbus_request_encode(request, frame.bytes, sizeof frame.bytes, &len));
    frame.len = (uint16_t)len;
    *out = frame;
    return GT_ERR_OK;
}

static gt_err read_shape(const device_model *model, uint8_t unit, device_block block,
                         unsigned record, modbus_request *out)
{
    const modbus_block *b = model->block[block];
    if (b == NULL || !device_block_of(block)->read) {
        return GT_ERR_UNSUPPORTED;
    }
    if (record >= b->records) {
        return GT_ERR_RANGE;
    }
    *out = (modbus_request){.unit = unit,
                            .function = b->table == MODBUS_TABLE_INPUT ? MODBUS_READ_INPUT
                                                                       : MODBUS_READ_HOLDING,
                            .start = (uint16_t)(b->start + record * b->stride),
                            .count = b->stride};
    return GT_ERR_OK;
}

gt_err device_read_request(const device_model *model, uint8_t unit, device_block block,
                           unsigned record, device_frame *out)
{
    modbus_request request = {0};
    GT_TRY(read_shape(model, unit, block, record, &request));
    return frame_encode(&request, out);
}

gt_err device_read_registers(const device_model *model, uint8_t unit, device_block block,
                             unsigned record, const uint8_t *reply, size_t len,
                             device_registers *out)
{
    modbus_request request = {0};
    modbus_reply answer = {0};
    GT_TRY(read_shape(model, unit, block, record, &request));
    GT_TRY(modbus_reply_decode(&request, reply, len, &answer));
    if (answer.exception != MODBUS_NO_EXCEPTION) {
        return GT_ERR_REFUSED;
    }
    device_registers registers = {.first = request.start, .count = (uint8_t)request.count};
    memcpy(registers.value, answer.values, request.count * sizeof registers.value[0]);
    *out = registers;
    return GT_ERR_OK;
}

/* One row of the block into the reading. A time that says nothing is left out. */
static gt_err row_read(const device_model *model, const modbus_row *row, unsigned record,
                       modbus_window window, reading *into)
{
    const device_item item = model->item[row - model->map.rows];
    modbus_value value = {0};
    const gt_err err = modbus_value_get(&model->map, row, (uint16_t)record, window, &value);
    if (modbus_type_is_real(row->type) && err == GT_ERR_NOT_FOUND) {
        return GT_ERR_OK; /* the meter has no number there */
    }
    if (!modbus_type_is_time(row->type)) {
        GT_TRY(err);
        reading_set(into, item.id, value.raw * power_of_ten(item.shift));
        return GT_ERR_OK;
    }
    gt_utc at = {0};
    if (err == GT_ERR_OK && gt_utc_of_civil(&value.civil, model->zone_min, &at) == GT_ERR_OK) {
        reading_set(into, item.id, at.ms / MS_SECOND);
    }
    return GT_ERR_OK;
}

static bool all_zero(const device_registers *registers)
{
    for (size_t i = 0; i < registers->count; i++) {
        if (registers->value[i] != 0) {
            return false;
        }
    }
    return true;
}

gt_err device_reading_of(const device_model *model, device_block block,
                         const device_registers *registers, gt_utc taken, reading *out)
{
    const modbus_block *b = model->block[block];
    if (b == NULL || !device_block_of(block)->read) {
        return GT_ERR_UNSUPPORTED;
    }
    if (registers->first < b->start || (registers->first - b->start) % b->stride != 0 ||
        registers->count < b->stride || registers->count > DEVICE_REGISTERS_MAX) {
        return GT_ERR_TRUNCATED;
    }
    const unsigned record = (unsigned)(registers->first - b->start) / b->stride;
    if (record >= b->records) {
        return GT_ERR_TRUNCATED;
    }
    if (b->repeat && all_zero(registers)) {
        return GT_ERR_NOT_FOUND;
    }
    const modbus_window window = {registers->value, registers->first, registers->count};
    reading got = {.taken = taken};
    for (size_t i = 0; i < b->row_count; i++) {
        GT_TRY(row_read(model, &model->map.rows[b->row_first + i], record, window, &got));
    }
    *out = got;
    return GT_ERR_OK;
}

gt_err device_status_request(const device_model *model, uint8_t unit, device_frame *out)
{
    return device_read_request(model, unit, DEVICE_STATUS, 0, out);
}

gt_err device_status_parse(const device_model *model, uint8_t unit, const uint8_t *reply,
                           size_t len, gt_utc taken, reading *out)
{
    device_registers registers = {0};
    GT_TRY(device_read_registers(model, unit, DEVICE_STATUS, 0, reply, len, &registers));
    return device_reading_of(model, DEVICE_STATUS, &registers, taken, out);
}

/* value with `decimals` decimals -> raw of the row, exactly or not at all. */
static gt_err raw_of(int64_t value, unsigned decimals, const modbus_row *row, int64_t *out)
{
    const int shift = (int)decimals + row->exponent;
    if (shift < -DECIMALS_MAX || shift > DECIMALS_MAX) {
        return GT_ERR_RANGE;
    }
    if (shift < 0) {
        return gt_i64_mul(value, power_of_ten((unsigned)-shift), out);
    }
    const int64_t unit = power_of_ten((unsigned)shift);
    if (value % unit != 0) {
        return GT_ERR_RANGE;
    }
    *out = value / unit;
    return GT_ERR_OK;
}

/* The values of a command, in the order of its fields, into the block's registers. */
static gt_err fields_put(const device_model *model, device_block block, const int64_t *values,
                         uint16_t *regs)
{
    const modbus_block *b = model->block[block];
    const device_block_row *kind = device_block_of(block);
    if (b == NULL) {
        return GT_ERR_UNSUPPORTED;
    }
    for (size_t i = 0; i < kind->field_count; i++) {
        const modbus_row *row = modbus_map_row(&model->map, b, kind->field[i].name);
        if (row == NULL) {
            return GT_ERR_UNSUPPORTED;
        }
        modbus_value value = {0};
        GT_TRY(raw_of(values[i], kind->field[i].decimals, row, &value.raw));
        GT_TRY(modbus_value_put(&model->map, row, &value, regs));
    }
    return GT_ERR_OK;
}

/* What every command needs besides its values. */
typedef struct command {
    const device_model *model;
    const device_target *target;
    const gt_keystore *keys;
    device_block block;
} command;

/* first register (2) | meter_no (6 BCD) | the block's bytes before the MAC */
static gt_err mac_put(const command *to, uint16_t *regs)
{
    const modbus_map *map = &to->model->map;
    const modbus_block *b = to->model->block[to->block];
    const modbus_row *row = modbus_map_row(map, b, "mac");
    if (row == NULL) {
        return GT_ERR_UNSUPPORTED;
    }
    uint8_t input[MAC_INPUT_MAX] = {0};
    gt_wr w = gt_wr_of(input, sizeof input);
    gt_wr_u16be(&w, b->start);
    gt_wr_bcd_be(&w, to->target->meter_no, 6);
    for (size_t i = 0; i < row->offset; i++) {
        gt_wr_u16be(&w, regs[i]);
    }
    GT_TRY(gt_wr_done(&w));
    uint8_t mac[KEYSTORE_MAC_LEN] = {0};
    GT_TRY(to->keys->mac(to->keys->ctx, to->target->meter_no, to->target->key_version,
                         device_block_of(to->block)->name, input, w.len, mac));
    modbus_value value = {0};
    memcpy(value.mac, mac, sizeof value.mac);
    return modbus_value_put(map, row, &value, regs);
}

static gt_err write_encode(const device_model *model, uint8_t unit, device_block block,
                           const uint16_t *regs, device_frame *out)
{
    const modbus_block *b = model->block[block];
    modbus_request request = {
        .unit = unit, .function = MODBUS_WRITE_MULTIPLE, .start = b->start, .count = b->stride};
    memcpy(request.values, regs, b->stride * sizeof regs[0]);
    return frame_encode(&request, out);
}

/* A command with a MAC is for one meter: a broadcast would be nobody's. */
static gt_err command_encode(const command *to, const int64_t *values, device_frame *out)
{
    uint16_t regs[DEVICE_REGISTERS_MAX] = {0};
    if (to->target->unit == MODBUS_BROADCAST) {
        return GT_ERR_RANGE;
    }
    GT_TRY(fields_put(to->model, to->block, values, regs));
    GT_TRY(mac_put(to, regs));
    return write_encode(to->model, to->target->unit, to->block, regs, out);
}

gt_err device_purchase_request(const device_model *model, const device_target *target,
                               const gt_keystore *keys, const device_purchase *purchase,
                               device_frame *out)
{
    if (purchase->amount.fen < 1 || purchase->amount.fen > INT32_MAX) {
        return GT_ERR_RANGE;
    }
    const int64_t values[] = {purchase->amount.fen, purchase->count,
                              (int64_t)purchase->customer_no};
    return command_encode(&(command){model, target, keys, DEVICE_PURCHASE}, values, out);
}

gt_err device_control_request(const device_model *model, const device_target *target,
                              const gt_keystore *keys, const device_control *control,
                              device_frame *out)
{
    const int64_t values[] = {(int64_t)control->command, control->count,
                              control->expires.ms / MS_SECOND};
    return command_encode(&(command){model, target, keys, DEVICE_CONTROL}, values, out);
}

gt_err device_parameter_request(const device_model *model, const device_target *target,
                                const gt_keystore *keys, const device_parameter *parameter,
                                device_frame *out)
{
    const device_parameter *p = parameter;
    const int64_t values[] = {p->count,         p->alarm1.fen,   p->alarm2.fen,
                              p->overdraft.fen, p->hoarding.fen, p->price[0].e4,
                              p->price[1].e4,   p->price[2].e4,  p->price[3].e4};
    return command_encode(&(command){model, target, keys, DEVICE_PARAMETER}, values, out);
}

gt_err device_clock_request(const device_model *model, uint8_t unit, gt_utc now, device_frame *out)
{
    const modbus_block *b = model->block[DEVICE_CLOCK_SET];
    const modbus_row *row = b == NULL ? NULL : modbus_map_row(&model->map, b, "clock");
    if (row == NULL) {
        return GT_ERR_UNSUPPORTED;
    }
    uint16_t regs[DEVICE_REGISTERS_MAX] = {0};
    modbus_value value = {0};
    GT_TRY(gt_civil_of_utc(now, model->zone_min, &value.civil));
    GT_TRY(modbus_value_put(&model->map, row, &value, regs));
    return write_encode(model, unit, DEVICE_CLOCK_SET, regs, out);
}

gt_err device_write_result(const device_model *model, uint8_t unit, device_block block,
                           const uint8_t *reply, size_t len, uint8_t *out_exception)
{
    const modbus_block *b = model->block[block];
    if (b == NULL || device_block_of(block)->read) {
        return GT_ERR_UNSUPPORTED;
    }
    const modbus_request request = {
        .unit = unit, .function = MODBUS_WRITE_MULTIPLE, .start = b->start, .count = b->stride};
    modbus_reply answer = {0};
    GT_TRY(modbus_reply_decode(&request, reply, len, &answer));
    *out_exception = answer.exception;
    return GT_ERR_OK;
}
