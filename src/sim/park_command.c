/* Faults and acts by words, the same on the command line, at the control port and in tests. */
#include "sim/park.h"

#include "sim/park_priv.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORD_MAX = 64, NUMBERS_MAX = 2, SLOW_MAX_MS = 60000, PERMILLE = 1000, US_MS = 1000 };

/* One command with its numbers, ready to be carried out. */
typedef struct act {
    park *park;
    gt_mono now;
    uint64_t number[NUMBERS_MAX];
    bool on;
    unsigned meter; /* of number[0], where the row says so */
    char *reply;
} act;

typedef struct act_row {
    const char *name;
    unsigned numbers;
    bool of_meter; /* the first number is a meter's */
    bool switched; /* may end with on (the default) or off */
    gt_err (*run)(act *a);
} act_row;

static gt_err line_number(const act *a, unsigned *out)
{
    if (a->number[0] < 1 || a->number[0] > PARK_LINES) {
        return GT_ERR_NOT_FOUND;
    }
    *out = (unsigned)a->number[0] - 1;
    return GT_ERR_OK;
}

static gt_err run_dead(act *a)
{
    a->park->plant[a->meter].dead = a->on;
    return GT_ERR_OK;
}

static gt_err run_slow(act *a)
{
    if (a->number[1] > SLOW_MAX_MS) {
        return GT_ERR_RANGE;
    }
    a->park->plant[a->meter].slow_us = (int64_t)a->number[1] * US_MS;
    return GT_ERR_OK;
}

static gt_err run_noise(act *a)
{
    unsigned line = 0;
    GT_TRY(line_number(a, &line));
    if (a->number[1] > PERMILLE) {
        return GT_ERR_RANGE;
    }
    sim_line_noise(&a->park->line[line].line, (uint32_t)a->number[1]);
    return GT_ERR_OK;
}

static gt_err run_cut(act *a)
{
    unsigned line = 0;
    GT_TRY(line_number(a, &line));
    sim_line_cut(&a->park->line[line].line, a->on);
    return GT_ERR_OK;
}

static gt_err run_clear(act *a)
{
    for (unsigned i = 0; i < PARK_LINES; i++) {
        sim_line_cut(&a->park->line[i].line, false);
        sim_line_noise(&a->park->line[i].line, 0);
    }
    for (unsigned i = 0; i < PARK_METERS; i++) {
        a->park->plant[i].dead = false;
        a->park->plant[i].slow_us = 0;
    }
    return GT_ERR_OK;
}

static gt_err run_button(act *a)
{
    plant_button(&a->park->plant[a->meter], park_meter_time(a->park, a->now));
    return GT_ERR_OK;
}

static gt_err run_power(act *a)
{
    return plant_power(&a->park->plant[a->meter], a->on, park_meter_time(a->park, a->now));
}

static gt_err run_show(act *a)
{
    const meter_status s = park_status(a->park, a->meter, a->now);
    park_row row;
    park_row_of(a->meter, &row);
    (void)snprintf(
        a->reply, PARK_REPLY_MAX,
        "{\"ok\":true,\"meter_no\":\"%012" PRIu64 "\",\"room\":\"%s\",\"on\":%s,"
        "\"balance_fen\":%" PRId64 ",\"energy_centikwh\":%" PRId64 ",\"purchase_count\":%" PRIu32
        ",\"purchased_total_fen\":%" PRIu32 ",\"control_count\":%" PRIu32
        ",\"credit\":%d,\"remote\":%d,\"relay_closed\":%s,\"watt\":%" PRIu32
        ",\"clock_ms\":%" PRId64 ",\"last_result\":%u}",
        row.meter_no, row.room, a->park->plant[a->meter].on ? "true" : "false", s.balance.fen,
        s.energy[0].centikwh, s.purchase_count,
        a->park->plant[a->meter].meter.state.account.purchased_fen, s.control_count, (int)s.credit,
        (int)s.remote, park_relay_closed(a->park, a->meter) ? "true" : "false",
        park_watt(a->park, a->meter), s.clock.ms, (unsigned)s.last_result);
    return GT_ERR_OK;
}

/* [requests, answers, spoiled, bound_us] of each line */
static gt_err run_lines(act *a)
{
    size_t at = (size_t)snprintf(a->reply, PARK_REPLY_MAX, "{\"ok\":true,\"lines\":[");
    for (unsigned i = 0; i < PARK_LINES && at < PARK_REPLY_MAX; i++) {
        const sim_line_stats s = park_line_stats(a->park, i);
        at += (size_t)snprintf(a->reply + at, PARK_REPLY_MAX - at,
                               "%s[%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRId64 "]",
                               i == 0 ? "" : ",", s.requests, s.answers, s.spoiled, s.bound_us);
    }
    if (at + 3 > PARK_REPLY_MAX) {
        return GT_ERR_SPACE;
    }
    (void)snprintf(a->reply + at, PARK_REPLY_MAX - at, "]}");
    return GT_ERR_OK;
}

static const act_row rows[] = {
    {"dead", 1, true, true, run_dead},     {"slow", 2, true, false, run_slow},
    {"noise", 2, false, false, run_noise}, {"cut", 1, false, true, run_cut},
    {"clear", 0, false, false, run_clear}, {"button", 1, true, false, run_button},
    {"power", 1, true, true, run_power},   {"show", 1, true, false, run_show},
    {"lines", 0, false, false, run_lines},
};

/* " 12 7 on": exactly as many numbers as the row wants, each after a blank or a colon. */
static gt_err words_parse(const char *text, const act_row *row, act *a)
{
    static const char between[] = " :";
    for (unsigned i = 0; i < row->numbers; i++) {
        if (text[0] == '\0' || strchr(between, text[0]) == NULL || text[1] < '0' || text[1] > '9') {
            return GT_ERR_SYNTAX;
        }
        char *end = NULL;
        a->number[i] = strtoull(text + 1, &end, 10);
        text = end;
    }
    if (row->switched && text[0] != '\0' && strchr(between, text[0]) != NULL) {
        a->on = strcmp(text + 1, "on") == 0;
        return a->on || strcmp(text + 1, "off") == 0 ? GT_ERR_OK : GT_ERR_SYNTAX;
    }
    return text[0] == '\0' ? GT_ERR_OK : GT_ERR_SYNTAX;
}

static gt_err act_run(act *a, const char *words)
{
    const size_t len = strcspn(words, " :");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const act_row *row = &rows[i];
        if (strlen(row->name) != len || memcmp(row->name, words, len) != 0) {
            continue;
        }
        GT_TRY(words_parse(words + len, row, a));
        if (row->of_meter) {
            GT_TRY(park_meter_find(a->number[0], &a->meter));
        }
        return row->run(a);
    }
    return GT_ERR_SYNTAX;
}

gt_err park_command(park *p, const char *words, gt_mono now, char reply[PARK_REPLY_MAX])
{
    act a = {.park = p, .now = now, .on = true, .reply = reply};
    (void)snprintf(reply, PARK_REPLY_MAX, "{\"ok\":true}");
    const gt_err err = act_run(&a, words);
    if (err != GT_ERR_OK) {
        (void)snprintf(reply, PARK_REPLY_MAX, "{\"ok\":false,\"error\":\"%s\"}", gt_err_text(err));
    }
    p->due = now;
    return err;
}
