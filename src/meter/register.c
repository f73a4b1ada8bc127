/* Each pulse is 100 / constant of 0.01 kWh. The numerator is what is carried, so nothing is ever
 * rounded away however the pulses are grouped. */
#include "meter/register.h"

enum { CENTIKWH_PER_KWH = 100 };

gt_energy meter_register_count(meter_register *reg, uint32_t pulses, uint16_t constant,
                               uint8_t rate)
{
    GT_ASSERT(constant != 0);
    GT_ASSERT(rate >= 1 && rate <= METER_RATES);
    const uint64_t sum = reg->carry + (uint64_t)pulses * CENTIKWH_PER_KWH;
    const gt_energy whole = {.centikwh = (int64_t)(sum / constant)};
    reg->carry = (uint32_t)(sum % constant);
    reg->total.centikwh += whole.centikwh;
    reg->rate[rate - 1].centikwh += whole.centikwh;
    return whole;
}
