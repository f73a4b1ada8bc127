/* The park's master data, by arithmetic: two lines a building, one a floor; five lines have 22
 * meters and seven have 21. */
#include "sim/park.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    METERS_LINE = PARK_METERS / PARK_LINES,
    LONGER_LINES = PARK_METERS % PARK_LINES, /* these have one more */
    LINES_BUILDING = PARK_LINES / PARK_BUILDINGS,
};

static const uint64_t meter_no_first = UINT64_C(440100000001);
static const uint64_t customer_no_first = UINT64_C(100000000001);

static unsigned line_first(unsigned line)
{
    return line * METERS_LINE + (line < LONGER_LINES ? line : LONGER_LINES);
}

static unsigned line_of(unsigned nth)
{
    unsigned line = 0;
    while (line + 1 < PARK_LINES && line_first(line + 1) <= nth) {
        line++;
    }
    return line;
}

void park_row_of(unsigned nth, park_row *out)
{
    static const char *const building[PARK_BUILDINGS] = {
        "1号仓库 Warehouse 1", "2号仓库 Warehouse 2", "3号仓库 Warehouse 3",
        "4号仓库 Warehouse 4", "5号办公楼 Office 5",  "6号宿舍 Dormitory 6",
    };
    const unsigned line = line_of(nth);
    const unsigned place = nth - line_first(line) + 1;
    const unsigned b = line / LINES_BUILDING;
    const unsigned box = line / PARK_LINES_BOX;
    memset(out, 0, sizeof *out);
    (void)snprintf(out->building, sizeof out->building, "%s", building[b]);
    out->floor = line % LINES_BUILDING + 1;
    (void)snprintf(out->room, sizeof out->room, "%u-%u%02u", b + 1, out->floor, place);
    out->meter_no = meter_no_first + nth;
    out->customer_no = customer_no_first + nth;
    out->terminal = box + 1;
    out->line = line % PARK_LINES_BOX + 1;
    out->unit = (uint8_t)place;
    out->point = nth - line_first(box * PARK_LINES_BOX) + 1;
}

void park_row_text(unsigned nth, char out[PARK_ROW_MAX])
{
    if (nth >= PARK_METERS) {
        (void)snprintf(out, PARK_ROW_MAX,
                       "building,floor,room,meter_no,customer_no,model,terminal,line,unit,point\n");
        return;
    }
    park_row r;
    park_row_of(nth, &r);
    (void)snprintf(out, PARK_ROW_MAX,
                   "%s,%u,%s,%012" PRIu64 ",%012" PRIu64 ",prepaid-3p,4401-%04u,%u,%u,%u\n",
                   r.building, r.floor, r.room, r.meter_no, r.customer_no, r.terminal, r.line,
                   r.unit, r.point);
}

gt_err park_meter_find(uint64_t meter_no, unsigned *out)
{
    if (meter_no < meter_no_first || meter_no >= meter_no_first + PARK_METERS) {
        return GT_ERR_NOT_FOUND;
    }
    *out = (unsigned)(meter_no - meter_no_first);
    return GT_ERR_OK;
}
