/**
 * @file dlt645_security.h
 * @brief The frames of DL/T 645-2007 that go to the security element: 03H, and 14H and 1CH at the
 *        levels that have a MAC in place of a password.
 *
 * Layer:   meter, for the DL/T 645-2007 server, which has checked the address.
 */
#ifndef GT_METER_DLT645_SECURITY_H
#define GT_METER_DLT645_SECURITY_H

#include "codec/dlt645/frame.h"
#include "meter/security.h"

typedef enum dlt645_secured {
    DLT645_SECURED_NOT,      /* another kind of frame: the server's own */
    DLT645_SECURED_ANSWERED, /* the answer is made */
    DLT645_SECURED_SILENT,   /* nobody knows the outcome: no answer */
    DLT645_SECURED_APPLY,    /* a write is proven: carry it out as if it had come with a password */
} dlt645_secured;

/** A write that DLT645_SECURED_APPLY is about; data in wire order. */
typedef struct dlt645_secured_write {
    uint32_t di;
    uint8_t len;
    uint8_t data[SECURITY_DATA_MAX];
} dlt645_secured_write;

/**
 * @param[out] answer  written with ANSWERED, and with APPLY (the answer when that succeeds)
 * @param[out] write   written with APPLY
 */
dlt645_secured meter_dlt645_secured(struct meter *m, const dlt645_frame *request, gt_mono now,
                                    dlt645_frame *answer, dlt645_secured_write *write);

#endif
