/* Between the box rig and its meters. */
#ifndef GT_TESTS_CONCENTRATOR_RIG_PRIV_H
#define GT_TESTS_CONCENTRATOR_RIG_PRIV_H

#include "rig.h"

/* @param line_no 0: the link. Fails the test when the rig holds no more. */
void rig_event_add(rig *r, gt_mono due, unsigned line_no, const uint8_t *bytes, size_t len);
/* Port of the box: a request on a line. @p ctx the rig */
void rig_line_send(void *ctx, unsigned line_no, const uint8_t *bytes, size_t len);

#endif
