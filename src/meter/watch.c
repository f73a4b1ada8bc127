/* Tampering and faults, as sensed by the board or seen in what the measuring chip shows. A
 * condition must hold, or be gone, for as long as its row of watch.def says before an incident
 * begins or ends. What was never measured or told since power-up is not judged. */
#include "meter/meter_priv.h"

enum { PERMILLE = 1000, US_PER_S = 1000000, CURRENT_MIN_CA = 50 };
enum { VOLTAGE_DV = 2200, CURRENT_MAX_CA = 6000, DV_CA_PER_W = 1000 };

typedef struct watch_row {
    record_class class;
    uint8_t which;
    bool (*holds)(const meter *m, const struct watch_row *row);
    uint16_t limit_permille;
    uint8_t begin_s;
    uint8_t end_s;
} watch_row;

static bool sensed(const meter *m, const watch_row *row)
{
    return (m->watch.sensed >> row->which & 1U) != 0;
}

static int64_t nominal_dv(const meter *m)
{
    return m->cfg->voltage_dv != 0 ? m->cfg->voltage_dv : VOLTAGE_DV;
}

static int64_t full_w(const meter *m)
{
    const int64_t max_ca = m->cfg->current_max_ca != 0 ? m->cfg->current_max_ca : CURRENT_MAX_CA;
    return nominal_dv(m) * max_ca / DV_CA_PER_W;
}

static unsigned phases(const meter *m)
{
    return m->cfg->phases != 0 ? m->cfg->phases : METER_PHASES;
}

/* On a single-phase meter both wires carry the same current, or some of it goes another way.
 * @return whether the second is more than the first by the limit */
static bool exceeds(const watch_row *row, int64_t first_ca, int64_t second_ca)
{
    return second_ca > CURRENT_MIN_CA &&
           (second_ca - first_ca) * PERMILLE > second_ca * row->limit_permille;
}

static bool both_wires(const meter *m)
{
    return m->cfg->phases == 1 && m->measured.neutral_measured;
}

static bool bypassed(const meter *m, const watch_row *row)
{
    const meter_measurement *v = &m->measured;
    return sensed(m, row) || (both_wires(m) && exceeds(row, v->current_ca[0], v->neutral_ca));
}

static bool earthed(const meter *m, const watch_row *row)
{
    const meter_measurement *v = &m->measured;
    return sensed(m, row) || (both_wires(m) && exceeds(row, v->neutral_ca, v->current_ca[0]));
}

/* While no phase has voltage the supply is gone, and not a phase of it. */
static bool lost(const meter *m, const watch_row *row)
{
    bool others = false;
    bool this = false;
    for (unsigned i = 0; i < phases(m); i++) {
        const bool low =
            m->measured.voltage_dv[i] * (int64_t)PERMILLE < nominal_dv(m) * row->limit_permille;
        this = i == row->which ? low : this;
        others = others || !low;
    }
    return this && others;
}

static bool reversed(const meter *m, const watch_row *row)
{
    return m->measured.power_w[row->which] * -(int64_t)PERMILLE > full_w(m) * row->limit_permille;
}

static bool overloaded(const meter *m, const watch_row *row)
{
    return m->measured.power_w[row->which] * (int64_t)PERMILLE > full_w(m) * row->limit_permille;
}

static const watch_row rows[METER_WATCHES] = {
#define WATCH(incident, which_, condition, limit, begin, end) \
    [METER_WATCH_##incident] = {.class = RECORD_##incident,   \
                                .which = (uint8_t)(which_),   \
                                .holds = (condition),         \
                                .limit_permille = (limit),    \
                                .begin_s = (begin),           \
                                .end_s = (end)},
#include "meter/watch.def"
#undef WATCH
};

static void due_find(meter *m)
{
    gt_mono first = GT_MONO_NEVER;
    for (unsigned i = 0; i < METER_WATCHES; i++) {
        first = m->watch.due[i].us < first.us ? m->watch.due[i] : first;
    }
    m->due[METER_DUE_WATCH] = first;
}

static void turn(meter *m, unsigned row, gt_mono at)
{
    const record_class class = rows[row].class;
    m->watch.due[row] = GT_MONO_NEVER;
    m->watch.judged ^= UINT32_C(1) << row;
    if ((m->watch.judged >> row & 1U) != 0) {
        incident_begin(m, class, 0, at);
    } else {
        incident_end(m, class, at);
    }
}

void watch_due(meter *m, gt_mono at)
{
    for (unsigned i = 0; i < METER_WATCHES; i++) {
        if (m->watch.due[i].us <= at.us) {
            turn(m, i, at);
        }
    }
    due_find(m);
}

static void look(meter *m, unsigned row, gt_mono now)
{
    const bool judged = (m->watch.judged >> row & 1U) != 0;
    const bool holds = rows[row].holds(m, &rows[row]);
    if (holds == judged) {
        m->watch.due[row] = GT_MONO_NEVER;
    } else if (m->watch.due[row].us == INT64_MAX) {
        const int64_t after_s = holds ? rows[row].begin_s : rows[row].end_s;
        m->watch.due[row].us = now.us + after_s * US_PER_S;
    }
}

void watch_measured(meter *m, gt_mono now)
{
    for (unsigned i = METER_WATCH_BYPASS; i < METER_WATCHES; i++) {
        look(m, i, now);
    }
    due_find(m);
}

void meter_sense(meter *m, meter_sense_kind what, bool on, gt_mono now)
{
    meter_advance(m, now);
    const unsigned bit = 1U << (unsigned)what;
    m->watch.sensed = (uint8_t)(on ? m->watch.sensed | bit : m->watch.sensed & ~bit);
    for (unsigned i = 0; i <= METER_WATCH_NEUTRAL_EARTH; i++) {
        if (rows[i].which == (uint8_t)what) {
            look(m, i, now);
        }
    }
    due_find(m);
    meter_advance(m, now); /* what begins at once */
}

void watch_start(meter *m)
{
    for (unsigned i = 0; i < METER_WATCHES; i++) {
        m->watch.due[i] = GT_MONO_NEVER;
        m->watch.judged |= (incident_open(m, rows[i].class) ? UINT32_C(1) : 0) << i;
    }
}
