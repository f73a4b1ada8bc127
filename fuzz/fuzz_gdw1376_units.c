/* Data units: the input is AFN, direction, then units. Each datum the walk gives out is decoded
 * with its body's decoder, written, and read again: the second reading must write the same bytes.
 */
#include "body_again.h"
#include "codec/gdw1376/link.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static body_again *again_of(uint8_t afn, bool up, uint16_t fn)
{
    static const struct {
        uint8_t afn;
        bool up;
        uint16_t fn;
        body_again *again;
    } rows[] = {
        {0x05, false, 31, clock_again},       {0x0A, true, 10, meter_table_again},
        {0x04, false, 10, meter_table_again}, {0x0C, true, 2, clock_again},
        {0x0C, true, 25, instant_again},      {0x0C, true, 129, energy_again},
        {0x0C, true, 161, relay_again},       {0x0C, true, 167, purchase_again},
        {0x0C, true, 241, snapshot_again},    {0x0C, true, 242, snapshot_again},
        {0x0D, false, 161, day_again},        {0x0D, true, 161, daily_energy_again},
        {0x0D, true, 101, curve_again},       {0x10, false, 1, forward_down_again},
        {0x10, true, 1, forward_up_again},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].afn == afn && rows[i].up == up && rows[i].fn == fn) {
            return rows[i].again;
        }
    }
    return NULL;
}

static void body_holds(body_again *body, const gdw1376_unit *unit)
{
    static uint8_t first[GDW1376_USER_MAX];
    static uint8_t second[GDW1376_USER_MAX];
    gt_rd r = gdw1376_unit_reader(unit);
    gt_wr w = gt_wr_of(first, sizeof first);
    if (body(&r, &w) != GT_ERR_OK) {
        return;
    }
    require(gt_rd_done(&r) == GT_ERR_OK); /* the table's length is the decoder's */
    require(gt_wr_done(&w) == GT_ERR_OK);
    require(w.len == unit->len);
    gt_rd r2 = gt_rd_of(first, w.len);
    gt_wr w2 = gt_wr_of(second, sizeof second);
    require(body(&r2, &w2) == GT_ERR_OK);
    require(w2.len == w.len && memcmp(first, second, w.len) == 0);
}

static void link_holds(const gdw1376_frame *f)
{
    static gdw1376_confirm confirm;
    static gdw1376_confirm back;
    static uint8_t buf[GDW1376_FRAME_MAX];
    uint16_t fn = 0;
    if (gdw1376_link_decode(f, &fn) == GT_ERR_OK) {
        require(fn >= GDW1376_FN_LOGIN && fn <= GDW1376_FN_HEARTBEAT);
    }
    if (gdw1376_confirm_decode(f, &confirm) != GT_ERR_OK) {
        return;
    }
    size_t len = 0;
    gdw1376_frame again_frame;
    require(gdw1376_confirm_encode(&f->head, &confirm, buf, sizeof buf, &len) == GT_ERR_OK);
    require(gdw1376_frame_decode(buf, len, &again_frame) == GT_ERR_OK);
    require(gdw1376_confirm_decode(&again_frame, &back) == GT_ERR_OK);
    require(back.count == confirm.count && back.fn == confirm.fn && back.afn == confirm.afn);
    require(gdw1376_confirm_ok(&back) == gdw1376_confirm_ok(&confirm));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2 || size > GDW1376_USER_MAX) {
        return 0;
    }
    const gdw1376_frame f = {.head = {.afn = data[0], .up = (data[1] & 1) != 0},
                             .units = data + 2,
                             .units_len = size - 2};
    link_holds(&f);
    gdw1376_units it = gdw1376_units_of(&f);
    while (gdw1376_units_more(&it)) {
        gdw1376_unit unit;
        if (gdw1376_units_next(&it, &unit) != GT_ERR_OK) {
            require(!gdw1376_units_more(&it));
            break;
        }
        require(unit.offset + unit.len <= f.units_len);
        body_again *body = again_of(data[0], f.head.up, unit.fn);
        if (body != NULL) {
            body_holds(body, &unit);
        }
    }
    return 0;
}
