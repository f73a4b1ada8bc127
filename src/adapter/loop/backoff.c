/* Doubling with a cap; half of each step is random. */
#include "adapter/loop/backoff.h"

uint32_t loop_backoff_wait_ms(loop_backoff *backoff, uint32_t random)
{
    const uint32_t step = backoff->next_ms == 0 ? backoff->first_ms : backoff->next_ms;
    backoff->next_ms = step > backoff->max_ms / 2 ? backoff->max_ms : step * 2;
    const uint32_t fixed = step - step / 2;
    return fixed + random % (step / 2 + 1);
}

void loop_backoff_reset(loop_backoff *backoff)
{
    backoff->next_ms = 0;
}
