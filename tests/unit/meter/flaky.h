/* A chip's port with one bad moment: the nth call fails, in one of the ways in which it can. */
#ifndef GT_TESTS_METER_FLAKY_H
#define GT_TESTS_METER_FLAKY_H

#include "port/apdu.h"

typedef enum failure {
    FAIL_SILENT,  /* no answer, not carried out */
    FAIL_LOST,    /* carried out, no answer */
    FAIL_REFUSED, /* refused for no reason */
    FAIL_SHORT,   /* the answer is one byte short */
    FAIL_MEMORY,  /* the chip's memory fails */
    FAIL_FORGOT,  /* the chip has forgotten its challenge */
} failure;

enum { FAILURES = FAIL_FORGOT + 1 };

typedef struct flaky {
    gt_apdu real;
    unsigned calls;
    unsigned at;
    failure how;
} flaky;

/** Calls counted from 1; @p f->at 0: none fails. */
gt_apdu flaky_port(flaky *f, gt_apdu real);

#endif
