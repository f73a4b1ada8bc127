/* A meter refuses to start on a configuration that its own arithmetic could not bear. */
#include "meter/config.h"

#include "meter/tariff.h"

enum { PRICE_MAX_E4 = 1000000 }; /* so that no count of pulses overflows its cost */
enum { CONSTANT_MAX = 20000, UNIT_MAX = 247, BAUD_MIN = 300, BAUD_MAX = 1000000, ZONE_MAX = 840 };

static const uint64_t number_max = 999999999999U;

gt_err meter_parameter_check(const meter_parameter *parameter)
{
    const uint32_t money_max = INT32_MAX;
    bool good = parameter->alarm1_fen <= money_max && parameter->overdraft_fen <= money_max &&
                parameter->hoarding_fen <= money_max &&
                parameter->alarm2_fen <= parameter->alarm1_fen;
    for (unsigned i = 0; i < METER_RATES; i++) {
        good = good && parameter->price_e4[i] <= PRICE_MAX_E4;
    }
    return good ? GT_ERR_OK : GT_ERR_RANGE;
}

gt_err meter_config_check(const meter_config *cfg)
{
    if (cfg->meter_no > number_max || cfg->customer_no > number_max || cfg->unit == 0 ||
        cfg->unit > UNIT_MAX) {
        return GT_ERR_RANGE;
    }
    if (cfg->baud < BAUD_MIN || cfg->baud > BAUD_MAX || cfg->constant == 0 ||
        cfg->constant > CONSTANT_MAX || cfg->zone_min < -ZONE_MAX || cfg->zone_min > ZONE_MAX) {
        return GT_ERR_RANGE;
    }
    GT_TRY(meter_parameter_check(&cfg->parameter));
    return tariff_schedule_check(&cfg->schedule);
}
