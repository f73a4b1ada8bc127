/* Records out of the state: now in the first telegram, settlements in the second, the newest under
 * storage number 1. */
#include "meter/mbus_map.h"

#include "codec/cjt188/frame.h"
#include "codec/mbus/value.h"
#include "meter/cjt188_map.h"
#include "meter/settlement.h"

enum {
    SHOWN = 100000000, /* eight digits */
    ID_DIGITS = 8,
    NIBBLE = 4,
    VIF_ENERGY = 0x04, /* 0.01 kWh */
    VIF_VOLUME = 0x14, /* 0.01 m3 */
    VIF_DATE = 0x6C,
    VIF_TIME = 0x6D,
    FLAG_VALVE = 1,
    FLAG_MEMORY = 2,
    COUNTED_LEN = 22,
    TIME_MAX = 6,
    NUMBER_MAX = 8,
};

typedef struct view {
    uint8_t vif; /* of the readings */
    bool open;
} view;

static const struct medium {
    uint8_t type;
    uint8_t medium;
    uint8_t vif;
} media[] = {
    {CJT188_TYPE_WATER_COLD, 0x16, VIF_VOLUME},  {CJT188_TYPE_WATER_HOT, 0x06, VIF_VOLUME},
    {CJT188_TYPE_WATER_DRINK, 0x07, VIF_VOLUME}, {CJT188_TYPE_WATER_RECLAIMED, 0x28, VIF_VOLUME},
    {CJT188_TYPE_HEAT, 0x04, VIF_ENERGY},        {CJT188_TYPE_COLD, 0x0A, VIF_ENERGY},
    {CJT188_TYPE_GAS, 0x03, VIF_VOLUME},         {CJT188_TYPE_ELECTRICITY, 0x02, VIF_ENERGY},
};

static struct medium medium_of(const meter *m)
{
    static const struct medium other = {0, 0x0F, VIF_VOLUME};
    for (size_t i = 0; i < sizeof media / sizeof media[0]; i++) {
        if (media[i].type == cjt188_map_type(m)) {
            return media[i];
        }
    }
    return other;
}

mbus_device mbus_map_device(const meter *m)
{
    mbus_device device = {.manufacturer = m->cfg->mbus_maker,
                          .version = (uint8_t)m->cfg->model_code,
                          .medium = medium_of(m).medium};
    uint64_t left = m->state.account.meter_no;
    for (unsigned i = 0; i < ID_DIGITS; i++, left /= 10) {
        device.id |= (uint32_t)(left % 10) << (NIBBLE * i);
    }
    return device;
}

static bool is_open(const meter *m)
{
    return m->ports.relay.closed(m->ports.relay.ctx) == GT_RELAY_ALL;
}

uint8_t mbus_map_status(const meter *m)
{
    const meter_account *a = &m->state.account;
    unsigned status = m->relay.fault || m->store.failing ? MBUS_STATUS_ERROR : 0U;
    status |= a->balance.fen < 0 ? MBUS_STATUS_DEBT : 0U;
    status |= supply_level(a) != CREDIT_EV_BALANCE_OK ? MBUS_STATUS_ALARM : 0U;
    status |= is_open(m) ? 0U : MBUS_STATUS_CLOSED;
    return (uint8_t)status;
}

unsigned mbus_map_telegrams(const meter *m)
{
    return record_kept(m, RECORD_SETTLEMENT) != 0 ? 2 : 1;
}

static int64_t sum(const int32_t phase[METER_PHASES])
{
    return (int64_t)phase[0] + phase[1] + phase[2];
}

static int64_t clamp(int64_t v)
{
    return v < INT32_MIN ? INT32_MIN : v > INT32_MAX ? INT32_MAX : v;
}

/* What stands before the data. */
typedef struct place {
    mbus_field field;
    uint8_t tariff;
    uint8_t storage;
    uint8_t vif;
    uint8_t vife; /* 0: none */
} place;

static void record_put(gt_wr *w, const place *at, const uint8_t *data, size_t len)
{
    const mbus_record record = {.kind = MBUS_RECORD_VALUE,
                                .field = at->field,
                                .tariff = at->tariff,
                                .storage = at->storage,
                                .vif = at->vif,
                                .vife_count = at->vife != 0 ? 1 : 0,
                                .vife = &at->vife,
                                .data = data,
                                .data_len = len};
    const gt_err err = mbus_record_encode(&record, w);
    if (err != GT_ERR_OK && err != GT_ERR_SPACE) {
        gt_wr_fail(w, err);
    }
}

static void number_put(gt_wr *w, const place *at, int64_t value)
{
    static const uint8_t bytes[] = {[MBUS_FIELD_INT8] = 1,
                                    [MBUS_FIELD_INT16] = 2,
                                    [MBUS_FIELD_INT32] = 4,
                                    [MBUS_FIELD_BCD8] = 4};
    uint8_t data[NUMBER_MAX] = {0};
    const gt_err err = mbus_number_encode(at->field, value, data);
    if (err != GT_ERR_OK) {
        gt_wr_fail(w, err);
        return;
    }
    record_put(w, at, data, bytes[at->field]);
}

/* A time that is not known is no record. */
static void time_put(gt_wr *w, const place *at, const gt_civil *civil)
{
    const mbus_time time = {.type = at->vif == VIF_DATE ? MBUS_TIME_G : MBUS_TIME_F,
                            .year = (uint16_t)civil->year,
                            .month = civil->month,
                            .day = civil->day,
                            .hour = civil->hour,
                            .minute = civil->minute};
    uint8_t data[TIME_MAX] = {0};
    size_t len = 0;
    if (mbus_time_encode(&time, data, &len) == GT_ERR_OK) {
        record_put(w, at, data, len);
    }
}

static void now_put(const meter *m, const view *v, gt_wr *w)
{
    const meter_state *s = &m->state;
    const meter_account *a = &s->account;
#define NUMBER(field, tariff, vif, vife, value) \
    number_put(w, &(place){MBUS_FIELD_##field, tariff, 0, vif, vife}, value);
#include "meter/mbus_map.def"
}

static void electric_put(const meter *m, const view *v, gt_wr *w)
{
    const meter_state *s = &m->state;
#define ELECTRIC(field, tariff, vif, vife, value) \
    number_put(w, &(place){MBUS_FIELD_##field, tariff, 0, vif, vife}, value);
#include "meter/mbus_map.def"
}

static void counted_put(const meter *m, gt_wr *w)
{
    const meter_account *a = &m->state.account;
    uint8_t data[COUNTED_LEN];
    gt_wr counted = gt_wr_of(data, sizeof data);
#define COUNTED(type, value) gt_wr_##type(&counted, value);
#include "meter/mbus_map.def"
    GT_ASSERT(counted.len == COUNTED_LEN);
    const mbus_record record = {.kind = mbus_map_telegrams(m) > 1 ? MBUS_RECORD_MORE
                                                                  : MBUS_RECORD_MANUFACTURER,
                                .data = data,
                                .data_len = sizeof data};
    if (mbus_record_encode(&record, w) != GT_ERR_OK) {
        gt_wr_fail(w, GT_ERR_SPACE);
    }
}

static gt_err settlements_put(const meter *m, gt_wr *w)
{
    enum { HOURS_DAY = 24 };
    const uint8_t vif = medium_of(m).vif;
    const uint32_t kept = record_kept(m, RECORD_SETTLEMENT);
    for (uint32_t back = 0; back < kept; back++) {
        meter_settlement settlement;
        gt_civil date = {0};
        const gt_err err = meter_settlement_get(m, back, &settlement);
        if (err == GT_ERR_CORRUPT) {
            continue; /* a damaged one is not shown */
        }
        GT_TRY(err);
        GT_TRY(gt_civil_of_day(settlement.hour / HOURS_DAY, &date));
        const uint8_t storage = (uint8_t)(back + 1);
        time_put(w, &(place){.field = MBUS_FIELD_INT16, .storage = storage, .vif = VIF_DATE},
                 &date);
        number_put(w, &(place){.field = MBUS_FIELD_BCD8, .storage = storage, .vif = vif},
                   settlement.forward[0].centikwh % SHOWN);
    }
    return gt_wr_done(w);
}

gt_err mbus_map_records(const meter *m, unsigned telegram, gt_mono now, gt_wr *w)
{
    if (telegram != 0) {
        return settlements_put(m, w);
    }
    const view v = {.vif = medium_of(m).vif, .open = is_open(m)};
    gt_civil civil = {0};
    if (clock_civil(m, now, &civil) == GT_ERR_OK) {
        time_put(w, &(place){.field = MBUS_FIELD_INT32, .vif = VIF_TIME}, &civil);
    }
    now_put(m, &v, w);
    if (cjt188_map_type(m) == CJT188_TYPE_ELECTRICITY) {
        electric_put(m, &v, w);
    }
    counted_put(m, w);
    return gt_wr_done(w);
}
