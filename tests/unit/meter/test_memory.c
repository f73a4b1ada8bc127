/* The memory's three stores alone: rings of records, blocks of parameters with the power cut at
 * every byte, and the largest state there can be. And ten years of wear, counted cell by cell. */
#include "meter/layout.h"
#include "meter/service.h"
#include "rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static rig r;

static int setup(void **state)
{
    (void)state;
    rig_prepare(&r);
    return rig_power_on(&r) == GT_ERR_OK ? 0 : -1;
}

static void test_ring(void **state)
{
    (void)state;
    const uint32_t depth = record_depth(&r.meter, RECORD_PURCHASE);
    assert_int_equal(depth, 10);
    uint8_t payload[RECORD_LEN_MAX] = {0};
    assert_int_equal(record_read(&r.meter, RECORD_PURCHASE, 0, payload), GT_ERR_NOT_FOUND);
    for (uint32_t n = 0; n < 100; n++) {
        memset(payload, (int)n, sizeof payload);
        assert_int_equal(record_append(&r.meter, RECORD_PURCHASE, payload), GT_ERR_OK);
        const uint32_t kept = n + 1 < depth ? n + 1 : depth;
        assert_int_equal(record_kept(&r.meter, RECORD_PURCHASE), kept);
        for (uint32_t back = 0; back < kept; back++) {
            assert_int_equal(record_read(&r.meter, RECORD_PURCHASE, back, payload), GT_ERR_OK);
            assert_int_equal(payload[record_len(RECORD_PURCHASE) - 1], n - back);
        }
        assert_int_equal(record_read(&r.meter, RECORD_PURCHASE, kept, payload), GT_ERR_NOT_FOUND);
    }
    record_clear(&r.meter, RECORD_PURCHASE);
    assert_int_equal(record_read(&r.meter, RECORD_PURCHASE, 0, payload), GT_ERR_NOT_FOUND);
    assert_int_equal(record_append(&r.meter, RECORD_PURCHASE, payload), GT_ERR_OK);
    assert_int_equal(record_kept(&r.meter, RECORD_PURCHASE), 1);
    assert_int_equal(record_count(&r.meter, RECORD_PURCHASE), 101);
    meter_tick(&r.meter, r.now);
}

/* However many are appended in one call, those that an image shows are never overwritten. */
static void test_ring_and_power(void **state)
{
    (void)state;
    for (uint64_t byte = 1; byte < 9000; byte += 37) {
        rig_prepare(&r);
        sim_eeprom_init(&r.eeprom, byte);
        assert_int_equal(rig_power_on(&r), GT_ERR_OK);
        uint8_t payload[RECORD_LEN_MAX] = {0};
        for (uint8_t n = 0; n < 20; n++) {
            memset(payload, n, sizeof payload);
            assert_int_equal(record_append(&r.meter, RECORD_PURCHASE, payload), GT_ERR_OK);
        }
        sim_eeprom_cut_after(&r.eeprom, byte);
        for (uint8_t n = 20; n < 60 && !r.eeprom.dead; n++) {
            memset(payload, n, sizeof payload);
            const gt_err err = record_append(&r.meter, RECORD_PURCHASE, payload);
            assert_int_equal(err, r.eeprom.dead ? GT_ERR_IO : GT_ERR_OK);
        }
        sim_eeprom_restore(&r.eeprom);
        assert_int_equal(rig_power_on(&r), GT_ERR_OK);
        uint8_t newest = 0;
        for (uint32_t back = 0; back < 10; back++) {
            assert_int_equal(record_read(&r.meter, RECORD_PURCHASE, back, payload), GT_ERR_OK);
            newest = back == 0 ? payload[0] : newest;
            assert_int_equal(payload[0], newest - back);
            assert_int_equal(payload[31], newest - back);
        }
    }
}

static void test_rotten_record(void **state)
{
    (void)state;
    uint8_t payload[RECORD_LEN_MAX] = {0};
    assert_int_equal(rig_purchase(&r, 100, 1), 0);
    const uint32_t at = LAYOUT_SMALL_PURCHASE_AT;
    r.eeprom.cells[at + 3] ^= 1;
    assert_int_equal(record_read(&r.meter, RECORD_PURCHASE, 0, payload), GT_ERR_CORRUPT);
    r.eeprom.dead = true;
    assert_int_equal(record_read(&r.meter, RECORD_PURCHASE, 0, payload), GT_ERR_IO);
    assert_int_equal(record_append(&r.meter, RECORD_PURCHASE, payload), GT_ERR_IO);
    assert_int_equal(record_count(&r.meter, RECORD_PURCHASE), 1);
}

static void test_profiles(void **state)
{
    (void)state;
    assert_in_range(meter_nvm_size(METER_PROFILE_SMALL), 1, 262144);
    assert_true(meter_nvm_size(METER_PROFILE_FULL) >= meter_nvm_size(METER_PROFILE_SMALL));
    static uint8_t cells[LAYOUT_FULL_SIZE];
    rig_prepare(&r);
    r.cfg.profile = METER_PROFILE_FULL;
    sim_eeprom_init_large(&r.eeprom, 1, cells, sizeof cells - 1);
    assert_int_equal(rig_power_on(&r), GT_ERR_RANGE);
    sim_eeprom_init_large(&r.eeprom, 1, cells, sizeof cells);
    assert_int_equal(rig_power_on(&r), GT_ERR_OK);
    assert_int_equal(rig_purchase(&r, 100, 1), 0);
    uint8_t payload[RECORD_LEN_MAX] = {0};
    assert_int_equal(record_read(&r.meter, RECORD_PURCHASE, 0, payload), GT_ERR_OK);
    r.cfg.profile = (meter_profile)2;
    assert_int_equal(rig_power_on(&r), GT_ERR_RANGE);
}

static void test_block(void **state)
{
    (void)state;
    uint8_t block[BLOCK_LEN_MAX];
    assert_int_equal(block_read(&r.meter, BLOCK_HOLIDAYS, 7, block), GT_ERR_NOT_FOUND);
    for (uint64_t byte = 1; byte < 300; byte++) {
        memset(block, (int)byte, sizeof block);
        sim_eeprom_cut_after(&r.eeprom, byte % 150 + 1);
        const gt_err err = block_write(&r.meter, BLOCK_HOLIDAYS, 7, block);
        const bool cut = r.eeprom.dead;
        assert_int_equal(err, cut ? GT_ERR_IO : GT_ERR_OK);
        sim_eeprom_restore(&r.eeprom);
        const gt_err found = block_read(&r.meter, BLOCK_HOLIDAYS, 7, block);
        if (found == GT_ERR_NOT_FOUND) {
            assert_true(cut && byte < 150); /* torn before it was ever whole */
            continue;
        }
        assert_int_equal(found, GT_ERR_OK);
        assert_true(block[0] == (uint8_t)byte || cut);
        for (unsigned i = 1; i < sizeof block; i++) {
            assert_int_equal(block[i], block[0]); /* old or new, never both */
        }
    }
    r.eeprom.dead = true;
    assert_int_equal(block_read(&r.meter, BLOCK_HOLIDAYS, 7, block), GT_ERR_IO);
    assert_int_equal(block_write(&r.meter, BLOCK_HOLIDAYS, 7, block), GT_ERR_IO);
}

/* A copy that rots leaves the one before it. */
static void test_rotten_block(void **state)
{
    (void)state;
    uint8_t block[BLOCK_LEN_MAX] = {1};
    assert_int_equal(block_write(&r.meter, BLOCK_WEEK, 0, block), GT_ERR_OK);
    block[0] = 2;
    assert_int_equal(block_write(&r.meter, BLOCK_WEEK, 0, block), GT_ERR_OK);
    r.eeprom.cells[LAYOUT_WEEK_AT + BLOCK_WEEK_LEN + LAYOUT_BANK_EXTRA + 4] ^= 1;
    assert_int_equal(block_read(&r.meter, BLOCK_WEEK, 0, block), GT_ERR_OK);
    assert_int_equal(block[0], 1);
    r.eeprom.cells[LAYOUT_WEEK_AT + 4] ^= 1;
    assert_int_equal(block_read(&r.meter, BLOCK_WEEK, 0, block), GT_ERR_NOT_FOUND);
}

/* What is stored but makes no sense is not used. */
static void test_foreign_tables(void **state)
{
    (void)state;
    uint8_t block[BLOCK_LEN_MAX];
    memset(block, 0xEE, sizeof block);
    tariff_year year;
    tariff_schedule day;
    tariff_week week;
    tariff_tiers tiers;
    assert_int_equal(block_write(&r.meter, BLOCK_YEAR, 0, block), GT_ERR_OK);
    assert_int_equal(block_write(&r.meter, BLOCK_DAY, 0, block), GT_ERR_OK);
    assert_int_equal(block_write(&r.meter, BLOCK_WEEK, 0, block), GT_ERR_OK);
    assert_int_equal(block_write(&r.meter, BLOCK_TIERS, 0, block), GT_ERR_OK);
    assert_int_equal(tariff_year_read(&r.meter, 0, &year), GT_ERR_CORRUPT);
    assert_int_equal(tariff_day_read(&r.meter, 0, 1, &day), GT_ERR_CORRUPT);
    assert_int_equal(tariff_week_read(&r.meter, &week), GT_ERR_CORRUPT);
    assert_int_equal(tariff_spare_tiers_read(&r.meter, &tiers), GT_ERR_CORRUPT);
    meter_tariff_reload(&r.meter, r.now);
    assert_int_equal(r.meter.state.rate, 3); /* yesterday's table goes on */
}

/* Every number of the state at its largest: the image still fits, and comes back. */
static void test_largest_state(void **state)
{
    (void)state;
    static meter_state s;
    static meter_state back;
#define NUM(type, member, min, max) s.member = (type)(max);
#define ARRAY(type, member, count, min, max) \
    for (unsigned i = 0; i < (count); i++) { \
        s.member[i] = (type)(max);           \
    }
#define ROWS(type, array, count, member_, min, max) \
    for (unsigned i = 0; i < (count); i++) {        \
        s.array[i].member_ = (type)(max);           \
    }
#define MACS(array, count, member)
    enum { CARRY_MAX = 100 * 20000, MINUTE_MAX = 100000000, RECORD_NUMBER_MAX = 0x7FFFFFF };
    const int64_t NUMBER_MAX = 999999999999;
    const int64_t BALANCE_MAX = 1000000000000000;
    const int64_t REGISTER_MAX = 100000000000000;
#include "meter/state.def"
    uint8_t buf[METER_STATE_LEN_MAX];
    gt_wr w = gt_wr_of(buf, sizeof buf);
    meter_state_encode(&s, &w);
    assert_int_equal(gt_wr_done(&w), GT_ERR_OK);
    print_message("largest image %zu bytes of %d\n", w.len, METER_STATE_LEN_MAX);
    assert_int_equal(meter_state_decode(buf, w.len, &back), GT_ERR_OK);
    assert_memory_equal(&back.account.written, &s.account.written, sizeof s.account.written);
    assert_int_equal(back.account.balance.fen, s.account.balance.fen);
    assert_int_equal(back.stamp_s, s.stamp_s);
    for (size_t len = 0; len < w.len; len++) {
        assert_int_not_equal(meter_state_decode(buf, len, &back), GT_ERR_OK);
    }
    s.account.carry_e6 = GT_FEN_E6;
    w = gt_wr_of(buf, sizeof buf);
    meter_state_encode(&s, &w);
    assert_int_equal(meter_state_decode(buf, w.len, &back), GT_ERR_RANGE);
    memset(buf + 1, 0xFF, sizeof buf - 1); /* behind the version */
    assert_int_equal(meter_state_decode(buf, sizeof buf, &back), GT_ERR_RANGE);
}

/* A use is as long as it says, and one with impossible remainders is refused. */
static void test_use_refused(void **state)
{
    (void)state;
    static meter_state s;
    s = r.meter.state;
    meter_use use = {.forward_centikwh = 3, .cost_fen = 2};
    uint8_t buf[METER_USE_LEN];
    for (unsigned row = 0; row < 3; row++) {
        gt_wr w = gt_wr_of(buf, sizeof buf);
        s = r.meter.state;
        s.forward.carry = row == 0 ? UINT32_MAX : 0;
        s.reverse.carry = row == 1 ? UINT32_MAX : 0;
        s.account.carry_e6 = row == 2 ? GT_FEN_E6 : 0;
        meter_use_encode(&use, &s, &w);
        assert_int_equal(w.len, METER_USE_LEN);
        s = r.meter.state;
        assert_int_equal(meter_use_apply(buf, &s, &use), GT_ERR_RANGE);
        assert_memory_equal(&s, &r.meter.state, sizeof s);
    }
}

/* Writes of each slot's first byte, as the chip under the port would feel them. */
typedef struct wear {
    gt_nvm below;
    uint32_t writes[LAYOUT_RECORDS_AT];
} wear;

static wear felt;

static gt_err wear_read(void *ctx, uint32_t at, uint8_t *buf, size_t len)
{
    const wear *w = ctx;
    return w->below.read(w->below.ctx, at, buf, len);
}

static gt_err wear_write(void *ctx, uint32_t at, const uint8_t *buf, size_t len)
{
    wear *w = ctx;
    if (at < LAYOUT_RECORDS_AT) {
        w->writes[at]++;
    }
    return w->below.write(w->below.ctx, at, buf, len);
}

static gt_err wear_sync(void *ctx)
{
    const wear *w = ctx;
    return w->below.sync(w->below.ctx);
}

/* Thirty days at 4 kW with four changes of rate a day; the worst cell, times 122, is ten years. */
static void test_wear(void **state)
{
    (void)state;
    enum { DAYS = 30, TEN_YEARS = 3653, CYCLES = 100000 };
    rig_prepare(&r);
    r.cfg.opening_fen = INT32_MAX;
    assert_int_equal(rig_power_on(&r), GT_ERR_OK);
    felt.below = r.meter.ports.nvm;
    r.meter.ports.nvm = (gt_nvm){.ctx = &felt,
                                 .size = felt.below.size,
                                 .read = wear_read,
                                 .write = wear_write,
                                 .sync = wear_sync};
    for (int i = 0; i < DAYS * 24 * 60; i++) {
        rig_wait_s(&r, 60);
        meter_pulse(&r.meter, 80, r.now);
    }
    uint32_t image_worst = 0;
    uint32_t use_worst = 0;
    for (uint32_t at = 0; at < LAYOUT_BLOCKS_AT; at++) {
        uint32_t *worst = at < LAYOUT_USES_AT ? &image_worst : &use_worst;
        *worst = felt.writes[at] > *worst ? felt.writes[at] : *worst;
    }
    const uint64_t images = (uint64_t)image_worst * TEN_YEARS / DAYS;
    const uint64_t uses = (uint64_t)use_worst * TEN_YEARS / DAYS;
    print_message("ten years: %llu writes of the worst image cell, %llu of the worst use cell\n",
                  (unsigned long long)images, (unsigned long long)uses);
    assert_in_range(images, 1, CYCLES / 10);
    assert_in_range(uses, 30000, 45000); /* one a minute over 128 slots is 41,100 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_ring, setup),
        cmocka_unit_test(test_ring_and_power),
        cmocka_unit_test_setup(test_rotten_record, setup),
        cmocka_unit_test(test_profiles),
        cmocka_unit_test_setup(test_block, setup),
        cmocka_unit_test_setup(test_rotten_block, setup),
        cmocka_unit_test_setup(test_foreign_tables, setup),
        cmocka_unit_test(test_largest_state),
        cmocka_unit_test_setup(test_use_refused, setup),
        cmocka_unit_test(test_wear),
    };
    return cmocka_run_group_tests_name("meter/memory", tests, NULL, NULL);
}
