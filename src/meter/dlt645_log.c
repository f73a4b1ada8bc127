/* Reading of what was set aside: freezes of table A.6, and the logs of table A.4 as far as the
 * meter keeps them. Of a log's parts those that it does not keep are shown as absent. */
#include "meter/dlt645_log.h"

#include "meter/freeze.h"
#include "meter/incident.h"

enum {
    REGISTER_ROLL = 100000000,
    E4_KW_WATT = 10,
    MS_SECOND = 1000,
    PHASES_AND_SUM = 1 + METER_PHASES,
};

/* Parts of a log's record that hold something; all others are absent. */
typedef enum log_part {
    PART_NONE,
    PART_BEGIN,
    PART_END,
    PART_OPERATOR,
    PART_DETAIL,
    PART_DETAIL_TIME,
    PART_FORWARD,
    PART_REVERSE,
    PART_END_FORWARD,
    PART_END_REVERSE,
} log_part;

enum { PARTS_MAX = 10 };

typedef struct log_row {
    uint32_t di; /* DI0 is 0 */
    uint8_t class;
    uint8_t parts[PARTS_MAX]; /* log_part, by element */
} log_row;

static const log_row log_rows[] = {
#define LOG(di, class, ...) {di, RECORD_##class, {__VA_ARGS__}},
#include "meter/dlt645_log.def"
};

static const uint8_t freeze_classes[] = {
#define FREEZE(di2, class) [di2] = RECORD_##class,
#include "meter/dlt645_log.def"
};

static void time_put(const dlt645_at *at, uint32_t utc_s, dlt645_value *out)
{
    gt_civil civil = {0};
    const gt_utc utc = {.ms = (int64_t)utc_s * MS_SECOND};
    out->absent = utc_s == 0 || gt_civil_of_utc(utc, at->m->cfg->zone_min, &civil) != GT_ERR_OK;
    out->stamp = out->absent ? (dlt645_stamp){0} : dlt645_map_stamp(&civil);
}

static void end_put(const meter_incident *incident, gt_energy energy, dlt645_value *out)
{
    out->absent = !incident->ended;
    out->raw = energy.centikwh % REGISTER_ROLL;
}

static void part_put(const dlt645_at *at, const meter_incident *incident, log_part part,
                     dlt645_value *out)
{
    switch (part) {
    case PART_NONE:
        out->absent = true;
        break;
    case PART_BEGIN:
        time_put(at, incident->begin_s, out);
        break;
    case PART_END:
        time_put(at, incident->ended ? incident->end_s : 0, out);
        break;
    case PART_OPERATOR:
        out->raw = incident->operator_code;
        break;
    case PART_DETAIL:
        out->raw = incident->detail;
        break;
    case PART_DETAIL_TIME:
        time_put(at, incident->detail, out);
        break;
    case PART_FORWARD:
        out->raw = incident->forward.centikwh % REGISTER_ROLL;
        break;
    case PART_REVERSE:
        out->raw = incident->reverse.centikwh % REGISTER_ROLL;
        break;
    case PART_END_FORWARD:
        end_put(incident, incident->end_forward, out);
        break;
    case PART_END_REVERSE:
        end_put(incident, incident->end_reverse, out);
        break;
    }
}

gt_err dlt645_log_read(const dlt645_at *at, dlt645_value *out)
{
    const uint32_t back = at->di & UINT8_MAX;
    for (size_t i = 0; back != 0 && i < sizeof log_rows / sizeof log_rows[0]; i++) {
        const log_row *row = &log_rows[i];
        if (row->di == (at->di & ~(uint32_t)UINT8_MAX)) {
            meter_incident incident;
            GT_TRY(meter_incident_get(at->m, (record_class)row->class, back - 1, &incident));
            const bool kept = at->element < PARTS_MAX;
            part_put(at, &incident, (log_part)(kept ? row->parts[at->element] : PART_NONE), out);
            return GT_ERR_OK;
        }
    }
    return GT_ERR_NOT_FOUND;
}

static int64_t phase_sum(const int32_t phase[METER_PHASES], unsigned nth)
{
    return nth == 0 ? (int64_t)phase[0] + phase[1] + phase[2] : phase[nth - 1];
}

static gt_err variable_put(const meter_freeze *freeze, unsigned element, dlt645_value *out)
{
    const bool reactive = element >= PHASES_AND_SUM;
    const unsigned nth = element % PHASES_AND_SUM;
    if (element >= 2 * PHASES_AND_SUM) {
        return GT_ERR_NOT_FOUND;
    }
    out->raw = phase_sum(reactive ? freeze->reactive_var : freeze->power_w, nth) * E4_KW_WATT;
    return GT_ERR_OK;
}

gt_err dlt645_freeze_read(const dlt645_at *at, dlt645_value *out)
{
    enum { TIME, FORWARD, REVERSE };
    const record_class class = (record_class)freeze_classes[at->di >> 16U & UINT8_MAX];
    const unsigned column = at->di >> 8U & UINT8_MAX;
    const unsigned energies = class == RECORD_HOURLY ? 1 : 1 + METER_RATES;
    meter_freeze freeze;
    GT_TRY(meter_freeze_get(at->m, class, (at->di & UINT8_MAX) - 1, &freeze));
    if (column > REVERSE) {
        return variable_put(&freeze, at->element, out);
    }
    if (at->element >= (column == TIME ? 1U : energies)) {
        return GT_ERR_NOT_FOUND;
    }
    out->stamp = dlt645_map_stamp_of_minute(freeze.at_min);
    out->raw =
        (column == FORWARD ? freeze.forward : freeze.reverse)[at->element].centikwh % REGISTER_ROLL;
    return GT_ERR_OK;
}
