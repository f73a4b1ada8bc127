/* A meter refuses to start on a configuration that its own arithmetic could not bear. */
#include "meter/config.h"

#include "base/bytes.h"
#include "codec/cjt188/frame.h"
#include "meter/meter_priv.h"

enum { MINUTE_MAX = 1439, HOUR_MAX = 23, MAKER_MAX = 0x7FFF };
enum { CONSTANT_MAX = 20000, UNIT_MAX = 247, BAUD_MIN = 300, BAUD_MAX = 1000000, ZONE_MAX = 840 };

static const uint64_t number_max = 999999999999U;

gt_err meter_parameter_check(const meter_parameter *parameter)
{
    const uint32_t money_max = INT32_MAX;
    bool good = parameter->alarm1_fen <= money_max && parameter->overdraft_fen <= money_max &&
                parameter->hoarding_fen <= money_max &&
                parameter->alarm2_fen <= parameter->alarm1_fen;
    for (unsigned i = 0; i < METER_RATES; i++) {
        good = good && parameter->price_e4[i] <= TARIFF_PRICE_MAX_E4;
    }
    good = good && parameter->emergency_fen <= money_max && parameter->permit_fen <= money_max &&
           parameter->free_centikwh <= money_max && parameter->power.limit_w <= money_max;
    good = good && parameter->friendly_from <= MINUTE_MAX && parameter->friendly_to <= MINUTE_MAX &&
           parameter->friendly_days <= METER_FRIENDLY_ALWAYS;
    return good ? GT_ERR_OK : GT_ERR_RANGE;
}

static bool baud_good(uint32_t baud)
{
    return baud >= BAUD_MIN && baud <= BAUD_MAX;
}

static bool lines_good(const meter_config *cfg)
{
    return baud_good(cfg->baud) && meter_protocol_built(cfg->protocol) &&
           (cfg->infrared_baud == 0 ||
            (baud_good(cfg->infrared_baud) && meter_protocol_built(cfg->infrared)));
}

gt_err meter_settle_check(const meter_settle_day settle[METER_SETTLE_DAYS])
{
    for (unsigned i = 0; i < METER_SETTLE_DAYS; i++) {
        if (settle[i].day > METER_SETTLE_DAY_MAX || settle[i].hour > HOUR_MAX) {
            return GT_ERR_RANGE;
        }
    }
    return GT_ERR_OK;
}

gt_err meter_demand_check(uint8_t demand_min, uint8_t slide_min)
{
    const bool good = slide_min != 0 && demand_min <= METER_DEMAND_MIN_MAX &&
                      demand_min >= slide_min && demand_min % slide_min == 0 &&
                      demand_min / slide_min <= DEMAND_SLOTS_MAX;
    return good ? GT_ERR_OK : GT_ERR_RANGE;
}

gt_err meter_config_check(const meter_config *cfg)
{
    if (cfg->meter_no > number_max || cfg->customer_no > number_max || cfg->unit == 0 ||
        cfg->unit > UNIT_MAX) {
        return GT_ERR_RANGE;
    }
    if (cfg->constant == 0 || cfg->constant > CONSTANT_MAX || cfg->zone_min < -ZONE_MAX ||
        cfg->zone_min > ZONE_MAX || !lines_good(cfg) ||
        (unsigned)cfg->profile > (unsigned)METER_PROFILE_FULL ||
        (cfg->phases != 0 && cfg->phases != 1 && cfg->phases != METER_PHASES)) {
        return GT_ERR_RANGE;
    }
    if ((cfg->cjt188_type != 0 && !cjt188_type_valid(cfg->cjt188_type)) ||
        cfg->cjt188_type == CJT188_TYPE_ANY || cfg->mbus_maker > MAKER_MAX ||
        !gt_bcd_valid(cfg->cjt188_maker)) {
        return GT_ERR_RANGE;
    }
    GT_TRY(meter_settle_check(cfg->settle));
    if (cfg->demand_min != 0 || cfg->demand_slide_min != 0) {
        GT_TRY(meter_demand_check(cfg->demand_min, cfg->demand_slide_min));
    }
    GT_TRY(meter_parameter_check(&cfg->parameter));
    return tariff_schedule_check(&cfg->schedule);
}
