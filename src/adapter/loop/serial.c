/* Serial lines and the pseudo-terminals that stand in for them: raw, eight data bits. */
#include "adapter/loop/loop_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <unistd.h>

typedef struct baud_row {
    uint32_t baud;
    speed_t speed;
} baud_row;

static const baud_row bauds[] = {
    {300, B300},   {600, B600},     {1200, B1200},   {2400, B2400},   {4800, B4800},
    {9600, B9600}, {19200, B19200}, {38400, B38400}, {57600, B57600}, {115200, B115200},
};

static gt_err speed_find(uint32_t baud, speed_t *out)
{
    for (size_t i = 0; i < sizeof bauds / sizeof bauds[0]; i++) {
        if (bauds[i].baud == baud) {
            *out = bauds[i].speed;
            return GT_ERR_OK;
        }
    }
    return GT_ERR_RANGE;
}

/* A pseudo-terminal's device: majors 136 .. 143 (Linux, admin-guide/devices). */
static bool is_pty(int fd)
{
    enum { PTY_MAJOR_FIRST = 136, PTY_MAJOR_LAST = 143 };
    struct stat info;
    return fstat(fd, &info) == 0 && major(info.st_rdev) >= PTY_MAJOR_FIRST &&
           major(info.st_rdev) <= PTY_MAJOR_LAST;
}

static gt_err line_set(int fd, const loop_serial_cfg *cfg, speed_t speed)
{
    struct termios tio;
    if (tcgetattr(fd, &tio) != 0) {
        return GT_ERR_IO;
    }
    cfmakeraw(&tio);
    tio.c_cflag &= ~(tcflag_t)(PARENB | PARODD | CSTOPB | CRTSCTS);
    tio.c_cflag |= CLOCAL | CREAD;
    switch (cfg->parity) {
    case LOOP_PARITY_NONE:
        break;
    case LOOP_PARITY_EVEN:
        tio.c_cflag |= PARENB;
        break;
    case LOOP_PARITY_ODD:
        tio.c_cflag |= PARENB | PARODD;
        break;
    }
    if (cfg->stop_bits == 2) {
        tio.c_cflag |= CSTOPB;
    }
    if (is_pty(fd)) {
        tio.c_cflag &= ~(tcflag_t)(PARENB | PARODD); /* has no parity bit, and says EINVAL to it */
    }
    if (cfsetispeed(&tio, speed) != 0 || cfsetospeed(&tio, speed) != 0 ||
        tcsetattr(fd, TCSANOW, &tio) != 0) {
        return GT_ERR_IO;
    }
    (void)tcflush(fd, TCIOFLUSH); /* what stood in the line before is nobody's */
    return GT_ERR_OK;
}

static gt_err stream_start(gt_loop *loop, const loop_serial_cfg *cfg, int fd, const char *name,
                           loop_slot **out)
{
    loop_slot *slot = loop_slot_take(loop);
    if (slot == NULL) {
        (void)close(fd);
        return GT_ERR_SPACE;
    }
    slot->ops = cfg->ops;
    slot->ctx = cfg->ctx;
    slot->queue_max = cfg->queue_max;
    (void)snprintf(slot->peer, sizeof slot->peer, "%s", name); /* cut: only for the log */
    GT_TRY(loop_slot_start(slot, fd, SLOT_OPEN));
    *out = slot;
    return GT_ERR_OK;
}

gt_err loop_serial_open(gt_loop *loop, const loop_serial_cfg *cfg, loop_conn *out)
{
    speed_t speed = B0;
    GT_TRY(speed_find(cfg->baud, &speed));
    if (cfg->stop_bits != 1 && cfg->stop_bits != 2) {
        return GT_ERR_RANGE;
    }
    const int fd = open(cfg->path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
        return errno == ENOENT ? GT_ERR_NOT_FOUND : GT_ERR_IO;
    }
    const gt_err err = line_set(fd, cfg, speed);
    if (err != GT_ERR_OK) {
        (void)close(fd);
        return err;
    }
    loop_slot *slot = NULL;
    GT_TRY(stream_start(loop, cfg, fd, cfg->path, &slot));
    *out = loop_slot_handle(slot);
    return GT_ERR_OK;
}

/* A new master and its slave, raw from birth, both ours. */
static gt_err pair_open(int *out_master, int *out_slave, char path[LOOP_PATH_MAX])
{
    const int master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (master < 0) {
        return GT_ERR_IO;
    }
    int slave = -1;
    if (grantpt(master) == 0 && unlockpt(master) == 0 &&
        ptsname_r(master, path, LOOP_PATH_MAX) == 0) {
        slave = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
    }
    const loop_serial_cfg raw = {.parity = LOOP_PARITY_NONE, .stop_bits = 1};
    if (slave < 0 || line_set(slave, &raw, B9600) != GT_ERR_OK) {
        (void)close(master);
        if (slave >= 0) {
            (void)close(slave);
        }
        return GT_ERR_IO;
    }
    *out_master = master;
    *out_slave = slave;
    return GT_ERR_OK;
}

gt_err loop_pty_open(gt_loop *loop, const loop_serial_cfg *cfg, loop_conn *out,
                     char out_path[LOOP_PATH_MAX])
{
    int master = -1;
    int slave = -1;
    char path[LOOP_PATH_MAX];
    GT_TRY(pair_open(&master, &slave, path));
    loop_slot *slot = NULL;
    const gt_err err = stream_start(loop, cfg, master, path, &slot);
    if (err != GT_ERR_OK) {
        (void)close(slave);
        return err;
    }
    slot->keep_fd = slave;
    (void)snprintf(out_path, LOOP_PATH_MAX, "%s", path); /* same size */
    *out = loop_slot_handle(slot);
    return GT_ERR_OK;
}
