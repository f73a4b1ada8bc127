/* The meter list as people type it: good ones in any shape, and every fault named by line and
 * column. */
#include "registry/meter_list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

enum { CAP = 8 };

#define HEADER "building,floor,room,meter_no,customer_no,model,terminal,line,unit,point\n"
#define GOOD "A,1,101,1,11,prepaid-3p,4401-0001,1,1,1\n"

typedef struct parsed {
    meter_list_row row[CAP];
    meter_list_index index[CAP];
    meter_list list;
    meter_list_errors errors;
} parsed;

static gt_err parse(const char *text, parsed *p)
{
    p->list = (meter_list){.row = p->row, .index = p->index, .cap = CAP};
    return meter_list_parse(text, strlen(text), &p->list, &p->errors);
}

static void test_good(void **state)
{
    (void)state;
    parsed p;
    assert_int_equal(parse(HEADER GOOD
                           "\xE4\xB8\x80\xE5\x8F\xB7\xE6\xA5\xBC,2,\"2,01\",999999999999,"
                           "0,prepaid-3p,0000-65535,6,247,2040\n",
                           &p),
                     GT_ERR_OK);
    assert_int_equal(p.list.count, 2);
    assert_int_equal(p.row[0].line_no, 2);
    assert_int_equal(p.row[0].region, 4401);
    assert_int_equal(p.row[0].address, 1);
    assert_string_equal(p.row[1].room, "2,01");
    assert_true(p.row[1].meter_no == 999999999999);
    assert_int_equal(p.row[1].address, 65535);
    assert_int_equal(p.row[1].unit, 247);
    assert_int_equal(parse("\xEF\xBB\xBFpoint,unit,line,terminal,model,customer_no,meter_no,room,"
                           "floor,building\r\n7,2,3,4401-2,m,5,6,r,f,b\r\n\r\n",
                           &p),
                     GT_ERR_OK);
    assert_int_equal(p.row[0].point, 7);
    assert_string_equal(p.row[0].building, "b");
    assert_int_equal(parse(HEADER, &p), GT_ERR_OK);
    assert_int_equal(p.list.count, 0);
    /* the same unit on another line, the same point on another terminal */
    assert_int_equal(parse(HEADER GOOD "A,1,102,2,11,m,4401-0001,2,1,2\n"
                                       "A,1,103,3,11,m,4401-0002,1,1,1\n",
                           &p),
                     GT_ERR_OK);
}

static void test_bad(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        unsigned line_no;
        const char *column;
    } rows[] = {
        {"", 1, "header"},
        {"\"open", 1, "header"},
        {"building,floor,room\n", 1, "meter_no"},
        {"building,building,floor,room,meter_no,customer_no,model,terminal,line,unit,point\n", 1,
         "building"},
        {"extra," HEADER, 1, "header"},
        {HEADER "A,1,101,1,11,m,4401-0001,1,1\n", 2, "row"},
        {HEADER "A,1,101,1,11,m,4401-0001,1,1,1,1\n", 2, "row"},
        {HEADER ",1,101,1,11,m,4401-0001,1,1,1\n", 2, "building"},
        {HEADER "A/B,1,101,1,11,m,4401-0001,1,1,1\n", 2, "building"},
        {HEADER "A,1,1\x01,1,11,m,4401-0001,1,1,1\n", 2, "room"},
        {HEADER "A,1,\xB5\xE7,1,11,m,4401-0001,1,1,1\n", 2, "room"},     /* GBK */
        {HEADER "A,1,\xED\xA0\x80,1,11,m,4401-0001,1,1,1\n", 2, "room"}, /* surrogate */
        {HEADER "A,1,\xC0\xAF,1,11,m,4401-0001,1,1,1\n", 2, "room"},     /* overlong */
        {HEADER "A,1,\xE4\xB8,1,11,m,4401-0001,1,1,1\n", 2, "room"},     /* cut short */
        {HEADER "A,1,1234567890123456789012345678901234567890123456789012345678901234,1,11,m,"
                "4401-0001,1,1,1\n",
         2, "room"},
        {HEADER "A,1,101,0,11,m,4401-0001,1,1,1\n", 2, "meter_no"},
        {HEADER "A,1,101,1234567890123,11,m,4401-0001,1,1,1\n", 2, "meter_no"},
        {HEADER "A,1,101, 1,11,m,4401-0001,1,1,1\n", 2, "meter_no"},
        {HEADER "A,1,101,-1,11,m,4401-0001,1,1,1\n", 2, "meter_no"},
        {HEADER "A,1,101,0x1,11,m,4401-0001,1,1,1\n", 2, "meter_no"},
        {HEADER "A,1,101,1,,m,4401-0001,1,1,1\n", 2, "customer_no"},
        {HEADER "A,1,101,1,11,,4401-0001,1,1,1\n", 2, "model"},
        {HEADER "A,1,101,1,11,m,44010001,1,1,1\n", 2, "terminal"},
        {HEADER "A,1,101,1,11,m,440-0001,1,1,1\n", 2, "terminal"},
        {HEADER "A,1,101,1,11,m,4401-,1,1,1\n", 2, "terminal"},
        {HEADER "A,1,101,1,11,m,4401-0,1,1,1\n", 2, "terminal"},
        {HEADER "A,1,101,1,11,m,4401-65536,1,1,1\n", 2, "terminal"},
        {HEADER "A,1,101,1,11,m,44A1-1,1,1,1\n", 2, "terminal"},
        {HEADER "A,1,101,1,11,m,4401-0001,0,1,1\n", 2, "line"},
        {HEADER "A,1,101,1,11,m,4401-0001,13,1,1\n", 2, "line"},
        {HEADER "A,1,101,1,11,m,4401-0001,1,0,1\n", 2, "unit"},
        {HEADER "A,1,101,1,11,m,4401-0001,1,248,1\n", 2, "unit"},
        {HEADER "A,1,101,1,11,m,4401-0001,1,257,1\n", 2, "unit"},
        {HEADER "A,1,101,1,11,m,4401-0001,1,1,0\n", 2, "point"},
        {HEADER "A,1,101,1,11,m,4401-0001,1,1,2041\n", 2, "point"},
        {HEADER GOOD "\nA,1,102,1,11,m,4401-0001,1,2,2\n", 4, "meter_no"},
        {HEADER GOOD "A,1,102,2,11,m,4401-0001,1,1,2\n", 3, "unit"},
        {HEADER GOOD "A,1,102,2,11,m,4401-0001,1,2,1\n", 3, "point"},
        {HEADER GOOD "A,1,102,2,11,m,4401-0001,1,2,\"2\n", 3, "row"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        parsed p;
        assert_int_equal(parse(rows[i].text, &p), GT_ERR_SYNTAX);
        const meter_list_error *e = &p.errors.row[0];
        if (p.errors.count == 0 || e->line_no != rows[i].line_no ||
            strcmp(e->column, rows[i].column) != 0 || e->expected[0] == '\0') {
            fail_msg("row %zu: line %u, %s, expected %s", i, e->line_no, e->column, e->expected);
        }
    }
}

static void test_all_faults_in_one_run(void **state)
{
    (void)state;
    parsed p;
    char text[8192] = HEADER;
    for (int i = 0; i < 6; i++) {
        strcat(text, "A,1,101,x,x,m,x,x,x,x\n");
    }
    assert_int_equal(parse(text, &p), GT_ERR_SYNTAX);
    assert_int_equal(p.errors.count, 36);
    assert_int_equal(p.errors.row[METER_LIST_ERRORS_MAX - 1].line_no, 5);
    assert_string_equal(p.errors.row[0].got, "x");
    strcpy(text, HEADER);
    for (int i = 0; i < CAP + 1; i++) {
        char row[80];
        (void)snprintf(row, sizeof row, "A,1,%d,%d,1,m,4401-1,1,%d,%d\n", i, i + 1, i + 1, i + 1);
        strcat(text, row);
    }
    assert_int_equal(parse(text, &p), GT_ERR_SYNTAX);
    assert_int_equal(p.errors.count, 1);
    assert_int_equal(p.errors.row[0].line_no, CAP + 2);
}

static void test_every_prefix(void **state)
{
    (void)state;
    static const char text[] = HEADER GOOD "\"B\",\"1\",102,2,11,m,4401-0001,1,2,2\r\n";
    for (size_t len = 0; len < sizeof text; len++) {
        parsed p;
        p.list = (meter_list){.row = p.row, .index = p.index, .cap = CAP};
        const gt_err err = meter_list_parse(text, len, &p.list, &p.errors);
        assert_int_equal(err == GT_ERR_OK, p.errors.count == 0);
    }
}

static void test_terminal_name(void **state)
{
    (void)state;
    char name[TERMINAL_NAME_MAX];
    uint16_t region = 7;
    uint16_t address = 7;
    terminal_name_format(4401, 1, name);
    assert_string_equal(name, "4401-0001");
    terminal_name_format(9999, 65535, name);
    assert_string_equal(name, "9999-65535");
    assert_int_equal(terminal_name_parse("4401-65536", &region, &address), GT_ERR_RANGE);
    assert_int_equal(terminal_name_parse("4401", &region, &address), GT_ERR_SYNTAX);
    assert_int_equal(region + address, 14);
    assert_int_equal(terminal_name_parse("0044-12", &region, &address), GT_ERR_OK);
    assert_int_equal(region, 44);
    assert_int_equal(address, 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_all_faults_in_one_run),
        cmocka_unit_test(test_every_prefix),
        cmocka_unit_test(test_terminal_name),
    };
    return cmocka_run_group_tests_name("registry/meter_list", tests, NULL, NULL);
}
