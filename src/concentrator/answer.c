/* What the station's items say about a meter: the status block and the frozen records, put into
 * the data formats of Q/GDW 1376.1. A meter never read has the data, but empty. */
#include "concentrator/concentrator_priv.h"

#include "codec/gdw1376/realtime.h"
#include "codec/gdw1376/vendor.h"

/* Energies and amounts have two decimals in a reading, four in the items of 1376.1. */
enum { TWO_MORE_DECIMALS = 100, RATES = 4 };

static gdw1376_when when_of(const concentrator *c, gt_utc utc)
{
    gt_civil local;
    if (gt_civil_of_utc(utc, c->clock.zone_min, &local) != GT_ERR_OK) {
        return gdw1376_when_absent();
    }
    return gdw1376_when_of(&local);
}

static gdw1376_num num_of(const reading *r, item_id item, int64_t factor)
{
    int64_t value = 0;
    if (!reading_has(r, item) || gt_i64_mul(reading_get(r, item), factor, &value) != GT_ERR_OK) {
        return gdw1376_num_absent();
    }
    return gdw1376_num_of(value);
}

/* Formats without a sign show nothing instead of a negative number. */
static gdw1376_num unsigned_of(const reading *r, item_id item, int64_t factor)
{
    const gdw1376_num num = num_of(r, item, factor);
    return num.value < 0 ? gdw1376_num_absent() : num;
}

static void write_instant(gdw1376_when taken, const reading *r, gt_wr *w)
{
    gdw1376_instant instant = {.taken = taken, .current_zero = gdw1376_num_absent()};
    for (unsigned i = 0; i < 4; i++) {
        instant.power[i] = num_of(r, (item_id)(ITEM_POWER + i), 1);
        instant.reactive[i] = num_of(r, (item_id)(ITEM_REACTIVE + i), 1);
        instant.factor[i] = num_of(r, (item_id)(ITEM_POWER_FACTOR + i), 1);
        instant.apparent[i] = gdw1376_num_absent();
    }
    for (unsigned i = 0; i < 3; i++) {
        instant.voltage[i] = unsigned_of(r, (item_id)(ITEM_VOLTAGE_A + i), 1);
        instant.current[i] = num_of(r, (item_id)(ITEM_CURRENT_A + i), 1);
    }
    gdw1376_instant_write(w, &instant);
}

static void write_energy(gdw1376_when taken, const reading *r, gt_wr *w)
{
    gdw1376_energy energy = {
        .taken = taken, .rates = RATES, .total = unsigned_of(r, ITEM_ENERGY, TWO_MORE_DECIMALS)};
    for (unsigned i = 0; i < RATES; i++) {
        energy.rate[i] = unsigned_of(r, (item_id)(ITEM_ENERGY_T1 + i), TWO_MORE_DECIMALS);
    }
    gdw1376_energy_write(w, &energy);
}

static void write_relay(gdw1376_when taken, const reading *r, gt_wr *w)
{
    gdw1376_relay relay = {.taken = taken,
                           .state = GDW1376_RELAY_UNKNOWN,
                           .closed_at = gdw1376_when_absent(),
                           .tripped_at = gdw1376_when_absent()};
    if (reading_has(r, ITEM_RELAY_A)) {
        relay.state = reading_relay_closed(r) ? GDW1376_RELAY_CLOSED : GDW1376_RELAY_OPEN;
    }
    gdw1376_relay_write(w, &relay);
}

static void write_purchase(gdw1376_when taken, const reading *r, gt_wr *w)
{
    gdw1376_purchase purchase = {
        .taken = taken,
        .count = num_of(r, ITEM_PURCHASE_COUNT, 1),
        .amount_left = num_of(r, ITEM_BALANCE, TWO_MORE_DECIMALS),
        .amount_total = gdw1376_num_absent(),
        .energy_left = gdw1376_num_absent(),
        .energy_overdraft = gdw1376_num_absent(),
        .energy_total = gdw1376_num_absent(),
        .overdraft_limit = gdw1376_num_absent(),
        .alarm_limit = gdw1376_num_absent(),
        .fault_energy = gdw1376_num_absent(),
    };
    if (purchase.amount_left.value < 0) {
        purchase.amount_left.value = 0; /* a debt in money cannot be said in this item */
    }
    gdw1376_purchase_write(w, &purchase);
}

static void write_snapshot(gdw1376_when taken, const box_point *p,
                           const device_registers *registers, gt_wr *w)
{
    /* The status block's first register is the model code; without one read it is not known. */
    gdw1376_snapshot snapshot = {.taken = taken, .model = p->read ? p->block.value[0] : 0};
    snapshot.first = registers->first;
    snapshot.count = registers->count;
    for (size_t i = 0; i < registers->count; i++) {
        snapshot.registers[i] = registers->value[i];
    }
    gdw1376_snapshot_write(w, &snapshot);
}

bool box_answer_class1(const concentrator *c, const box_point *p, uint16_t fn, gt_wr *w)
{
    reading r = {0};
    gdw1376_when taken = gdw1376_when_absent();
    if (p->read &&
        device_reading_of(p->model, DEVICE_STATUS, &p->block, p->taken, &r) == GT_ERR_OK) {
        taken = when_of(c, p->taken);
    }
    switch (fn) {
    case GDW1376_FN_INSTANT:
        write_instant(taken, &r, w);
        return true;
    case GDW1376_FN_ENERGY:
        write_energy(taken, &r, w);
        return true;
    case GDW1376_FN_RELAY:
        write_relay(taken, &r, w);
        return true;
    case GDW1376_FN_PURCHASE:
        write_purchase(taken, &r, w);
        return true;
    case GDW1376_FN_VENDOR_STATUS: {
        static const device_registers none = {0};
        write_snapshot(p->read ? when_of(c, p->taken) : taken, p, p->read ? &p->block : &none, w);
        return true;
    }
    default:
        return false;
    }
}

static bool find_reading(concentrator *c, const box_point *p, int32_t period, reading *out)
{
    box_found found;
    reading r = {0};
    if (box_archive_find(c, p, BOX_FREEZE_DAILY, period, &found) != GT_ERR_OK ||
        device_reading_of(p->model, DEVICE_DAILY, &found.registers, found.taken, &r) != GT_ERR_OK) {
        return false;
    }
    *out = r;
    return true;
}

/* The standard's day D was frozen when it ended, at 00:00 of the next; the vendor item names the
 * date that the record itself carries. */
bool box_answer_class2(concentrator *c, const box_point *p, uint16_t fn, const gt_civil *day,
                       gt_wr *w)
{
    const int32_t date = gt_civil_day(day);
    if (fn == GDW1376_FN_VENDOR_DAILY) {
        static const device_registers none = {0};
        box_found found;
        const bool stored = box_archive_find(c, p, BOX_FREEZE_DAILY, date, &found) == GT_ERR_OK;
        gdw1376_day_write(w, day);
        write_snapshot(stored ? when_of(c, found.taken) : gdw1376_when_absent(), p,
                       stored ? &found.registers : &none, w);
        return true;
    }
    reading r;
    const bool standard = fn == GDW1376_FN_DAILY_ENERGY || fn == GDW1376_FN_DAILY_PURCHASE;
    if (!standard || !find_reading(c, p, date + 1, &r)) {
        return false;
    }
    gdw1376_day_write(w, day);
    if (fn == GDW1376_FN_DAILY_ENERGY) {
        write_energy(when_of(c, r.taken), &r, w);
    } else {
        write_purchase(when_of(c, r.taken), &r, w);
    }
    return true;
}
