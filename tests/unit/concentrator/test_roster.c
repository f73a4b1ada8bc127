/* Meter lists: which rows are ours, and what is said about those that are wrong. */
#include "concentrator/roster.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#define HEADER "building,floor,room,meter_no,customer_no,model,terminal,line,unit,point\n"
#define GOOD "A,1,101,202611210001,7,prepaid-3p,4401-0001,1,1,2\n"

enum { CAP = 4 };

static void test_reads_own_rows(void **state)
{
    (void)state;
    static const char text[] = HEADER GOOD "A,1,102,202611210002,8,prepaid-3p,4401-0001,6,247,1\n"
                                           "A,1,103,nonsense,9,,4401-0002,99,0,0\n";
    box_meter meters[CAP];
    size_t count = 0;
    box_roster_fault fault;
    assert_int_equal(box_roster_parse(text, strlen(text), "4401-0001", meters, CAP, &count, &fault),
                     GT_ERR_OK);
    assert_int_equal(count, 2);
    assert_int_equal(meters[0].point, 1);
    assert_int_equal(meters[0].line, 6);
    assert_int_equal(meters[0].unit, 247);
    assert_int_equal(meters[1].meter_no, 202611210001);
    assert_string_equal(meters[1].model, "prepaid-3p");
    assert_int_equal(box_roster_parse(text, strlen(text), "4401-0009", meters, CAP, &count, &fault),
                     GT_ERR_OK);
    assert_int_equal(count, 0);
}

static void test_says_what_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        gt_err err;
        unsigned line;
        const char *key;
    } rows[] = {
        {"", GT_ERR_SYNTAX, 0, "header"},
        {"a,b\n", GT_ERR_SYNTAX, 1, "meter_no"},
        {HEADER "A,1\n", GT_ERR_SYNTAX, 2, "row"},
        {HEADER "A,\"1\n", GT_ERR_SYNTAX, 2, "row"},
        {HEADER "A,1,1,x,7,prepaid-3p,4401-0001,1,1,1\n", GT_ERR_SYNTAX, 2, "meter_no"},
        {HEADER "A,1,1,0,7,prepaid-3p,4401-0001,1,1,1\n", GT_ERR_SYNTAX, 2, "meter_no"},
        {HEADER "A,1,1,1234567890123,7,p,4401-0001,1,1,1\n", GT_ERR_SYNTAX, 2, "meter_no"},
        {HEADER "A,1,1,1,7,p,4401-0001,0,1,1\n", GT_ERR_SYNTAX, 2, "line"},
        {HEADER "A,1,1,1,7,p,4401-0001,13,1,1\n", GT_ERR_SYNTAX, 2, "line"},
        {HEADER "A,1,1,1,7,p,4401-0001,1,248,1\n", GT_ERR_SYNTAX, 2, "unit"},
        {HEADER "A,1,1,1,7,p,4401-0001,1,-1,1\n", GT_ERR_SYNTAX, 2, "unit"},
        {HEADER "A,1,1,1,7,p,4401-0001,1,1,2041\n", GT_ERR_SYNTAX, 2, "point"},
        {HEADER "A,1,1,1,7,p,4401-0001,1,1,\n", GT_ERR_SYNTAX, 2, "point"},
        {HEADER "A,1,1,1,7,,4401-0001,1,1,1\n", GT_ERR_SYNTAX, 2, "model"},
        {HEADER GOOD "A,1,1,1,7,p,4401-0001,1,2,2\n", GT_ERR_EXISTS, 3, "point"},
        {HEADER GOOD "A,1,1,1,7,p,4401-0001,1,1,3\n", GT_ERR_EXISTS, 3, "unit"},
        {HEADER GOOD "A,1,1,202611210001,7,p,4401-0001,1,2,3\n", GT_ERR_EXISTS, 3, "meter_no"},
        {HEADER "A,1,1,1,7,p,4401-0001,1,1,1\nA,1,1,2,7,p,4401-0001,1,2,2\n"
                "A,1,1,3,7,p,4401-0001,1,3,3\nA,1,1,4,7,p,4401-0001,1,4,4\n"
                "A,1,1,5,7,p,4401-0001,1,5,5\n",
         GT_ERR_SPACE, 6, "row"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        box_meter meters[CAP];
        size_t count = 77;
        box_roster_fault fault = {.line = 77};
        assert_int_equal(box_roster_parse(rows[i].text, strlen(rows[i].text), "4401-0001", meters,
                                          CAP, &count, &fault),
                         rows[i].err);
        assert_int_equal(count, 77);
        assert_int_equal(fault.line, rows[i].line);
        assert_string_equal(fault.key, rows[i].key);
        assert_non_null(fault.expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_own_rows),
        cmocka_unit_test(test_says_what_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
