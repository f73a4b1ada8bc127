/* The hosted answer to a failed GT_ASSERT: say where and stop. Firmware links its own. */
#include "base/err.h"

#include <stdio.h>
#include <stdlib.h>

_Noreturn void gt_assert_failed(const char *expr, const char *file, int line)
{
    (void)fprintf(stderr, "%s:%d: guarantee broken: %s\n", file, line, expr);
    abort();
}
