/* A ring of slots, one a slide of the window, and their sum. */
#include "meter/demand.h"

#include <string.h>

enum { E4_KW_MINUTES = 600000 }; /* 1 kWh in a minute is 60 kW */

void demand_restart(demand_window *window, int64_t slot)
{
    memset(window, 0, sizeof *window);
    window->slot = slot;
}

void demand_count(demand_window *window, const demand_scale *scale, uint32_t pulses)
{
    const uint32_t room = UINT32_MAX - window->sum;
    const uint32_t added = pulses < room ? pulses : room; /* a count no meter can reach */
    window->pulses[window->slot % scale->slots] += added;
    window->sum += added;
}

static bool peak_raise(demand_peak *peak, uint32_t e4_kw, uint32_t at_min)
{
    const bool higher = e4_kw > peak->e4_kw;
    if (higher) {
        *peak = (demand_peak){.e4_kw = e4_kw, .at_min = at_min};
    }
    return higher;
}

bool demand_advance(demand_window *window, const demand_scale *scale, const demand_turn *turn,
                    demand_peaks *peaks)
{
    bool raised = false;
    if (window->sum == 0 && window->slot < turn->slot) {
        window->slot = turn->slot;
        window->e4_kw = 0;
    }
    while (window->slot < turn->slot) {
        const uint64_t minutes = (uint64_t)scale->constant * scale->slots * scale->slide_min;
        const uint64_t e4_kw = (uint64_t)window->sum * E4_KW_MINUTES / minutes;
        window->e4_kw = e4_kw < UINT32_MAX ? (uint32_t)e4_kw : UINT32_MAX;
        window->slot++;
        const uint32_t at_min = turn->dated ? (uint32_t)(window->slot * scale->slide_min) : 0;
        const bool highest = peak_raise(&peaks->at[0], window->e4_kw, at_min);
        raised = peak_raise(&peaks->at[turn->rate], window->e4_kw, at_min) || highest || raised;
        uint32_t *oldest = &window->pulses[window->slot % scale->slots];
        window->sum -= *oldest;
        *oldest = 0;
        if (window->sum == 0) {
            window->e4_kw = window->slot < turn->slot ? 0 : window->e4_kw;
            window->slot = turn->slot;
        }
    }
    return raised;
}
