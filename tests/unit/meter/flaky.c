/* See flaky.h. */
#include "flaky.h"

#include <stdbool.h>

static gt_err flaky_transmit(void *ctx, const uint8_t *command, size_t len, gt_apdu_answer *out)
{
    flaky *f = ctx;
    f->calls++;
    const bool now = f->calls == f->at;
    if (now && f->how == FAIL_SILENT) {
        return GT_ERR_IO;
    }
    if (now && f->how != FAIL_LOST && f->how != FAIL_SHORT) {
        out->status = f->how == FAIL_MEMORY   ? GT_SW_MEMORY
                      : f->how == FAIL_FORGOT ? GT_SW_NO_CHALLENGE
                                              : 0x6A82;
        out->len = 0;
        return GT_ERR_OK;
    }
    const gt_err err = f->real.transmit(f->real.ctx, command, len, out);
    if (now && f->how == FAIL_LOST) {
        return GT_ERR_IO;
    }
    out->len = (uint8_t)(out->len - (now && out->len > 0 ? 1 : 0));
    return err;
}

static gt_err flaky_reset(void *ctx, uint8_t *out, size_t *out_len)
{
    flaky *f = ctx;
    f->calls++;
    if (f->calls == f->at && f->how != FAIL_SHORT) {
        return GT_ERR_IO;
    }
    const gt_err err = f->real.reset(f->real.ctx, out, out_len);
    *out_len -= f->calls == f->at ? 1 : 0;
    return err;
}

gt_apdu flaky_port(flaky *f, gt_apdu real)
{
    *f = (flaky){.real = real};
    return (gt_apdu){.ctx = f, .reset = flaky_reset, .transmit = flaky_transmit};
}
