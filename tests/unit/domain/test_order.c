/* Every cell of the order machine against a table written by hand from the rules, read-back and
 * refusals included. */
#include "domain/order.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

typedef struct cell {
    order_state next;
    unsigned effects;
} cell;

#define STAY(state)      \
    {                    \
        ORDER_##state, 0 \
    }

/* Columns: BOOK SEND ANSWER_OK ANSWER_REFUSED ANSWER_DOUBT NO_ANSWER READ_N READ_N_FENCED
 * READ_N_SPENT READ_N1_SAME READ_OTHER REVERSE */
static const cell want[ORDER_STATES][ORDER_EVENTS] = {
    [ORDER_CREATED] = {{ORDER_BOOKED, ORDER_DO_POST_SALE},
                       STAY(CREATED),
                       STAY(CREATED),
                       STAY(CREATED),
                       STAY(CREATED),
                       STAY(CREATED),
                       STAY(CREATED),
                       STAY(CREATED),
                       STAY(CREATED),
                       STAY(CREATED),
                       STAY(CREATED),
                       STAY(CREATED)},
    [ORDER_BOOKED] = {STAY(BOOKED),
                      STAY(SENT),
                      STAY(BOOKED),
                      STAY(BOOKED),
                      STAY(BOOKED),
                      STAY(BOOKED),
                      STAY(BOOKED),
                      STAY(BOOKED),
                      STAY(BOOKED),
                      STAY(BOOKED),
                      STAY(BOOKED),
                      {ORDER_REVERSED, ORDER_DO_POST_REFUND}},
    [ORDER_SENT] = {STAY(SENT),
                    STAY(SENT),
                    {ORDER_CONFIRMED, ORDER_DO_POST_CONFIRM},
                    {ORDER_REFUSED, ORDER_DO_POST_REFUND},
                    {ORDER_UNKNOWN, ORDER_DO_READ_BACK},
                    {ORDER_UNKNOWN, ORDER_DO_READ_BACK},
                    STAY(SENT),
                    STAY(SENT),
                    STAY(SENT),
                    STAY(SENT),
                    STAY(SENT),
                    {ORDER_SENT, ORDER_DO_FENCE}},
    [ORDER_UNKNOWN] = {STAY(UNKNOWN),
                       STAY(UNKNOWN),
                       STAY(UNKNOWN),
                       STAY(UNKNOWN),
                       STAY(UNKNOWN),
                       STAY(UNKNOWN),
                       {ORDER_SENT, ORDER_DO_RESEND},
                       {ORDER_REVERSED, ORDER_DO_POST_REFUND},
                       {ORDER_FROZEN, ORDER_DO_TICKET},
                       {ORDER_CONFIRMED, ORDER_DO_POST_CONFIRM},
                       {ORDER_FROZEN, ORDER_DO_TICKET},
                       {ORDER_UNKNOWN, ORDER_DO_FENCE}},
    [ORDER_FROZEN] = {STAY(FROZEN), STAY(FROZEN), STAY(FROZEN), STAY(FROZEN), STAY(FROZEN),
                      STAY(FROZEN), STAY(FROZEN), STAY(FROZEN), STAY(FROZEN), STAY(FROZEN),
                      STAY(FROZEN), STAY(FROZEN)},
    [ORDER_CONFIRMED] = {STAY(CONFIRMED), STAY(CONFIRMED), STAY(CONFIRMED), STAY(CONFIRMED),
                         STAY(CONFIRMED), STAY(CONFIRMED), STAY(CONFIRMED), STAY(CONFIRMED),
                         STAY(CONFIRMED), STAY(CONFIRMED), STAY(CONFIRMED), STAY(CONFIRMED)},
    [ORDER_REFUSED] = {STAY(REFUSED), STAY(REFUSED), STAY(REFUSED), STAY(REFUSED), STAY(REFUSED),
                       STAY(REFUSED), STAY(REFUSED), STAY(REFUSED), STAY(REFUSED), STAY(REFUSED),
                       STAY(REFUSED), STAY(REFUSED)},
    [ORDER_REVERSED] = {STAY(REVERSED), STAY(REVERSED), STAY(REVERSED), STAY(REVERSED),
                        STAY(REVERSED), STAY(REVERSED), STAY(REVERSED), STAY(REVERSED),
                        STAY(REVERSED), STAY(REVERSED), STAY(REVERSED), STAY(REVERSED)},
};

static void test_every_cell(void **state)
{
    (void)state;
    for (int s = 0; s < ORDER_STATES; s++) {
        for (int e = 0; e < ORDER_EVENTS; e++) {
            const order_step step = order_next((order_state)s, (order_event)e);
            if (step.next != want[s][e].next || step.effects != want[s][e].effects) {
                fail_msg("%s + %s: %s, effects %u", order_state_name((order_state)s),
                         order_event_name((order_event)e), order_state_name(step.next),
                         step.effects);
            }
        }
    }
}

/* Money leaves flight once: a settled state has no way out, and only moves into one post. */
static void test_money_moves_once(void **state)
{
    (void)state;
    const unsigned posts = ORDER_DO_POST_CONFIRM | ORDER_DO_POST_REFUND;
    for (int s = 0; s < ORDER_STATES; s++) {
        for (int e = 0; e < ORDER_EVENTS; e++) {
            const order_step step = order_next((order_state)s, (order_event)e);
            const bool settles = order_state_open((order_state)s) && !order_state_open(step.next);
            assert_int_equal(settles, (step.effects & posts) != 0);
            assert_false(step.legal && !order_state_open((order_state)s));
        }
    }
}

static void test_readback(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        order_expected want;
        order_readback seen;
        gt_err err;
        order_event event;
    } rows[] = {
        {"n", {6, 5000, 1, false}, {5, 16, true, 5000}, GT_ERR_OK, ORDER_EV_READ_N},
        {"n, no amount", {6, 5000, 1, false}, {5, 16, false, 0}, GT_ERR_OK, ORDER_EV_READ_N},
        {"n, fenced", {6, 5000, 1, true}, {5, 16, false, 0}, GT_ERR_OK, ORDER_EV_READ_N_FENCED},
        {"n, fenced wins over spent",
         {6, 5000, ORDER_SENDS_MAX, true},
         {5, 16, false, 0},
         GT_ERR_OK,
         ORDER_EV_READ_N_FENCED},
        {"n, spent",
         {6, 5000, ORDER_SENDS_MAX, false},
         {5, 16, false, 0},
         GT_ERR_OK,
         ORDER_EV_READ_N_SPENT},
        {"n, one left",
         {6, 5000, ORDER_SENDS_MAX - 1, false},
         {5, 16, false, 0},
         GT_ERR_OK,
         ORDER_EV_READ_N},
        {"n+1 same", {6, 5000, 1, false}, {6, 16, true, 5000}, GT_ERR_OK, ORDER_EV_READ_N1_SAME},
        {"n+1 same though fenced",
         {6, 5000, 1, true},
         {6, 16, true, 5000},
         GT_ERR_OK,
         ORDER_EV_READ_N1_SAME},
        {"n+1 other amount",
         {6, 5000, 1, false},
         {6, 16, true, 4999},
         GT_ERR_OK,
         ORDER_EV_READ_OTHER},
        {"n+1 amount not read", {6, 5000, 1, false}, {6, 16, false, 0}, GT_ERR_NOT_FOUND, 0},
        {"n+2", {6, 5000, 1, false}, {7, 16, true, 5000}, GT_ERR_OK, ORDER_EV_READ_OTHER},
        {"n-1", {6, 5000, 1, false}, {4, 16, true, 5000}, GT_ERR_OK, ORDER_EV_READ_OTHER},
        {"reset", {6, 5000, 1, false}, {0, 16, false, 0}, GT_ERR_OK, ORDER_EV_READ_OTHER},
        {"16 bits roll over, n+1",
         {65536, 5000, 1, false},
         {0, 16, true, 5000},
         GT_ERR_OK,
         ORDER_EV_READ_N1_SAME},
        {"16 bits roll over, n",
         {65536, 5000, 1, false},
         {65535, 16, false, 0},
         GT_ERR_OK,
         ORDER_EV_READ_N},
        {"32 bits see what 16 do not",
         {65537, 5000, 1, false},
         {1, 32, true, 5000},
         GT_ERR_OK,
         ORDER_EV_READ_OTHER},
        {"first purchase, n is 0",
         {1, 5000, 1, false},
         {0, 32, false, 0},
         GT_ERR_OK,
         ORDER_EV_READ_N},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        order_event event = 0;
        const gt_err err = order_readback_event(&rows[i].want, &rows[i].seen, &event);
        if (err != rows[i].err || event != rows[i].event) {
            fail_msg("%s: %s %s", rows[i].name, gt_err_name(err), order_event_name(event));
        }
    }
}

static void test_refusal(void **state)
{
    (void)state;
    static const struct {
        uint16_t word;
        order_event event;
        const char *name;
    } rows[] = {
        {0x0000, ORDER_EV_ANSWER_DOUBT, "other"}, /* refused without a reason */
        {0x0001, ORDER_EV_ANSWER_REFUSED, "other"},
        {0x0002, ORDER_EV_ANSWER_DOUBT, "repeated"}, /* perhaps taken the first time */
        {0x0004, ORDER_EV_ANSWER_REFUSED, "mac"},
        {0x0010, ORDER_EV_ANSWER_REFUSED, "customer"},
        {0x0020, ORDER_EV_ANSWER_DOUBT, "count"},
        {0x0040, ORDER_EV_ANSWER_REFUSED, "hoarding"},
        {0x0100, ORDER_EV_ANSWER_REFUSED, "suspended"},
        {0x0200, ORDER_EV_ANSWER_REFUSED, "expired"},
        {0x0042, ORDER_EV_ANSWER_DOUBT, "repeated"}, /* one doubtful bit is enough */
        {0x8000, ORDER_EV_ANSWER_DOUBT, "other"},    /* a bit nobody knows */
        {0x8040, ORDER_EV_ANSWER_REFUSED, "hoarding"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(order_refusal_event(rows[i].word), rows[i].event);
        assert_string_equal(order_refusal_name(rows[i].word), rows[i].name);
        assert_true(order_refusal_zh(rows[i].word)[0] != '\0');
        assert_true(order_refusal_en(rows[i].word)[0] != '\0');
    }
}

static void test_names(void **state)
{
    (void)state;
    order_state found = ORDER_CREATED;
    for (int s = 0; s < ORDER_STATES; s++) {
        assert_int_equal(order_state_find(order_state_name((order_state)s), &found), GT_ERR_OK);
        assert_int_equal(found, s);
        assert_true(order_state_zh((order_state)s)[0] != '\0');
        assert_true(order_state_en((order_state)s)[0] != '\0');
    }
    assert_int_equal(order_state_find("paid", &found), GT_ERR_NOT_FOUND);
    assert_int_equal(order_state_find("", &found), GT_ERR_NOT_FOUND);
    assert_int_equal(found, ORDER_STATES - 1);
}

/* docs/money.md draws the machine: every row is an arrow there, and no arrow is anything else. */
static void test_diagram(void **state)
{
    static char doc[65536];
    FILE *file = fopen(*state, "rb");
    assert_non_null(file);
    const size_t len = fread(doc, 1, sizeof doc - 1, file);
    assert_int_equal(fclose(file), 0);
    doc[len] = '\0';
    unsigned rows = 0;
    for (int s = 0; s < ORDER_STATES; s++) {
        for (int e = 0; e < ORDER_EVENTS; e++) {
            const order_step step = order_next((order_state)s, (order_event)e);
            char arrow[96];
            (void)snprintf(arrow, sizeof arrow, "\n    %s --> %s: %s\n",
                           order_state_name((order_state)s), order_state_name(step.next),
                           order_event_name((order_event)e));
            if (step.legal && strstr(doc, arrow) == NULL) {
                fail_msg("docs/money.md lacks: %s", arrow);
            }
            rows += step.legal ? 1 : 0;
        }
    }
    unsigned arrows = 0;
    for (const char *at = strstr(doc, " --> "); at != NULL; at = strstr(at + 1, " --> ")) {
        arrows++;
    }
    assert_int_equal(arrows, rows + 1); /* and the one into the first state */
}

/* The argument is docs/money.md. */
int main(int argc, char **argv)
{
    if (argc != 2) {
        return 2;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_cell), cmocka_unit_test(test_money_moves_once),
        cmocka_unit_test(test_readback),   cmocka_unit_test(test_refusal),
        cmocka_unit_test(test_names),      cmocka_unit_test_prestate(test_diagram, argv[1]),
    };
    return cmocka_run_group_tests_name("domain/order", tests, NULL, NULL);
}
