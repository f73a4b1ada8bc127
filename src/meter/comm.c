/* One block of the memory. The address is looked at with every frame, so it is kept in RAM too. */
#include "meter/comm.h"

#include "meter/meter_priv.h"

#include "base/bytes.h"

enum { DIGITS = 12, NIBBLE = 4, PASSWORD_BITS = 24 };

static const uint64_t everybody = UINT64_C(0x999999999999);

/* Bits 1 to 6 of the word. */
static const uint32_t speeds[] = {600, 1200, 2400, 4800, 9600, 19200};

gt_err comm_read(const meter *m, meter_comm *out)
{
    uint8_t buf[BLOCK_COMM_LEN];
    const gt_err err = block_read(m, BLOCK_COMM, 0, buf);
    if (err == GT_ERR_NOT_FOUND) {
        *out = (meter_comm){.wrong_day = METER_DAY_NONE};
        for (unsigned i = 0; i < METER_PASSWORDS; i++) {
            out->password[i] = m->cfg->password[i];
        }
        return GT_ERR_OK;
    }
    GT_TRY(err);
    gt_rd r = gt_rd_of(buf, sizeof buf);
    meter_comm comm = {.address = gt_rd_u64le(&r)};
    for (unsigned i = 0; i < METER_PASSWORDS; i++) {
        comm.password[i] = gt_rd_u24le(&r);
    }
    comm.wrong = gt_rd_u8(&r);
    comm.wrong_day = (int32_t)gt_rd_u32le(&r);
    for (unsigned i = 0; i < METER_LINES; i++) {
        comm.speed[i] = gt_rd_u8(&r);
    }
    *out = comm;
    return gt_rd_done(&r);
}

gt_err comm_write(meter *m, const meter_comm *comm)
{
    uint8_t buf[BLOCK_COMM_LEN];
    gt_wr w = gt_wr_of(buf, sizeof buf);
    gt_wr_u64le(&w, comm->address);
    for (unsigned i = 0; i < METER_PASSWORDS; i++) {
        gt_wr_u24le(&w, comm->password[i]);
    }
    gt_wr_u8(&w, comm->wrong);
    gt_wr_u32le(&w, (uint32_t)comm->wrong_day);
    gt_wr_bytes(&w, comm->speed, sizeof comm->speed);
    GT_ASSERT(w.len == BLOCK_COMM_LEN);
    return block_write(m, BLOCK_COMM, 0, buf);
}

void comm_start(meter *m)
{
    meter_comm comm;
    if (comm_read(m, &comm) != GT_ERR_OK) {
        return; /* a memory that fails shows itself when the state is loaded */
    }
    m->comm.address = comm.address;
    for (unsigned i = 0; i < METER_LINES; i++) {
        const uint32_t baud = comm_speed_of(comm.speed[i]);
        m->line[i].baud = baud != 0 ? baud : m->line[i].baud;
    }
}

uint64_t comm_address(const meter *m)
{
    if (m->comm.address != 0) {
        return m->comm.address;
    }
    uint64_t left = m->state.account.meter_no;
    uint64_t packed = 0;
    for (unsigned i = 0; i < DIGITS && left != 0; i++, left /= 10) {
        packed |= left % 10 << (NIBBLE * i);
    }
    return packed;
}

gt_err comm_address_set(meter *m, uint64_t address)
{
    meter_comm comm;
    if (address == 0 || address >= everybody || !gt_bcd_valid(address)) {
        return GT_ERR_RANGE;
    }
    GT_TRY(comm_read(m, &comm));
    comm.address = address;
    GT_TRY(comm_write(m, &comm));
    m->comm.address = address;
    return GT_ERR_OK;
}

/* A guess costs one write, so at most COMM_WRONG_MAX a day. */
gt_err comm_password_check(meter *m, unsigned level, uint32_t password, gt_mono now)
{
    meter_comm comm;
    GT_TRY(comm_read(m, &comm));
    const int32_t today = clock_day(m, now);
    const uint8_t wrong = today == comm.wrong_day || today == METER_DAY_NONE ? comm.wrong : 0;
    if (wrong >= COMM_WRONG_MAX || level >= METER_PASSWORDS) {
        return GT_ERR_REFUSED;
    }
    if (comm.password[level] == password) {
        comm.wrong = 0;
        return wrong == 0 ? GT_ERR_OK : comm_write(m, &comm);
    }
    comm.wrong = (uint8_t)(wrong + 1);
    comm.wrong_day = today;
    GT_TRY(comm_write(m, &comm));
    return GT_ERR_REFUSED;
}

gt_err comm_password_set(meter *m, unsigned level, uint32_t password)
{
    meter_comm comm;
    if (level >= METER_PASSWORDS || password >> PASSWORD_BITS != 0) {
        return GT_ERR_RANGE;
    }
    GT_TRY(comm_read(m, &comm));
    comm.password[level] = password;
    return comm_write(m, &comm);
}

uint32_t comm_speed_of(uint8_t word)
{
    for (unsigned i = 0; i < sizeof speeds / sizeof speeds[0]; i++) {
        if (word == 2U << i) {
            return speeds[i];
        }
    }
    return 0;
}

uint8_t comm_speed_word(uint32_t baud)
{
    for (unsigned i = 0; i < sizeof speeds / sizeof speeds[0]; i++) {
        if (speeds[i] == baud) {
            return (uint8_t)(2U << i);
        }
    }
    return 0;
}

gt_err comm_speed_set(meter *m, meter_line_id line, uint8_t word)
{
    meter_comm comm;
    if (comm_speed_of(word) == 0) {
        return GT_ERR_RANGE;
    }
    GT_TRY(comm_read(m, &comm));
    comm.speed[line] = word;
    GT_TRY(comm_write(m, &comm));
    m->line[line].baud = comm_speed_of(word);
    return GT_ERR_OK;
}
