/* Templates of receipts: what is understood, what is refused and where, what is shown. */
#include "domain/receipt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static gt_err parse(const char *text, receipt_template *out, receipt_fault *fault)
{
    return receipt_template_parse(text, strlen(text), out, fault);
}

static void a_template(void **state)
{
    (void)state;
    static const char text[] = "# the shop's own\n"
                               "title {station}\r\n"
                               "\n"
                               "  row 金额 Amount |  {amount} 元  \n"
                               "rule\n"
                               "space\t\n"
                               "text {{ braces } and {capitals}\n"
                               "qr GT1;{book};{number}";
    receipt_template t;
    receipt_fault fault;
    assert_int_equal(parse(text, &t, &fault), GT_ERR_OK);
    assert_int_equal(t.count, 6);
    assert_int_equal(t.line[1].kind, RECEIPT_LINE_ROW);
    assert_string_equal(t.line[1].text, "金额 Amount");
    assert_string_equal(t.line[1].value, "{amount} 元");
    receipt_values values = {.field = {[RECEIPT_FIELD_AMOUNT] = "50.00",
                                       [RECEIPT_FIELD_CAPITALS] = "人民币伍拾元整",
                                       [RECEIPT_FIELD_BOOK] = "cashier:ann:2026-11-21",
                                       [RECEIPT_FIELD_NUMBER] = "7"}};
    char shown[RECEIPT_SHOWN_MAX];
    receipt_show(t.line[1].value, &values, shown);
    assert_string_equal(shown, "50.00 元");
    receipt_show(t.line[4].text, &values, shown);
    assert_string_equal(shown, "{ braces } and 人民币伍拾元整");
    receipt_show(t.line[5].text, &values, shown);
    assert_string_equal(shown, "GT1;cashier:ann:2026-11-21;7");
    assert_int_equal(parse("", &t, &fault), GT_ERR_OK);
    assert_int_equal(t.count, 0);
}

static void what_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        gt_err err;
        unsigned line_no;
        const char *expected;
    } rows[] = {
        {"headline x", GT_ERR_SYNTAX, 1, "title"},
        {"titles x", GT_ERR_SYNTAX, 1, "title"},
        {"\n# c\nTITLE x", GT_ERR_SYNTAX, 3, "title"},
        {"title", GT_ERR_SYNTAX, 1, "a text"},
        {"qr \t ", GT_ERR_SYNTAX, 1, "a text"},
        {"rule 3", GT_ERR_SYNTAX, 1, "nothing"},
        {"row 金额 {amount}", GT_ERR_SYNTAX, 1, "label | value"},
        {"text {price}", GT_ERR_SYNTAX, 1, "{field}"},
        {"text {amount", GT_ERR_SYNTAX, 1, "{field}"},
        {"text {", GT_ERR_SYNTAX, 1, "{field}"},
        {"text {}", GT_ERR_SYNTAX, 1, "{field}"},
        {"row a{ | b", GT_ERR_SYNTAX, 1, "{field}"},
        {"row a | {b", GT_ERR_SYNTAX, 1, "{field}"},
        {"text a\x01z", GT_ERR_SYNTAX, 1, "control"},
        {"text a\x7Fz", GT_ERR_SYNTAX, 1, "control"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        receipt_template t;
        receipt_fault fault = {0};
        assert_int_equal(parse(rows[i].text, &t, &fault), rows[i].err);
        assert_int_equal(fault.line_no, rows[i].line_no);
        assert_non_null(strstr(fault.expected, rows[i].expected));
    }
}

static void too_much(void **state)
{
    (void)state;
    receipt_template t;
    receipt_fault fault;
    char text[RECEIPT_LINES_MAX * 8 + 64];
    size_t n = 0;
    for (unsigned i = 0; i <= RECEIPT_LINES_MAX; i++) {
        n += (size_t)snprintf(text + n, sizeof text - n, "rule\n");
    }
    assert_int_equal(receipt_template_parse(text, n, &t, &fault), GT_ERR_SPACE);
    assert_int_equal(fault.line_no, RECEIPT_LINES_MAX + 1);
    assert_int_equal(receipt_template_parse(text, n - 5, &t, &fault), GT_ERR_OK);
    char line[RECEIPT_TEXT_MAX + 8] = "text ";
    memset(line + 5, 'x', RECEIPT_TEXT_MAX);
    assert_int_equal(receipt_template_parse(line, 5 + RECEIPT_TEXT_MAX, &t, &fault), GT_ERR_SPACE);
    assert_int_equal(receipt_template_parse(line, 4 + RECEIPT_TEXT_MAX, &t, &fault), GT_ERR_OK);
    /* fields that grow beyond all room are cut between two characters */
    receipt_values values;
    memset(&values, 0, sizeof values);
    for (unsigned i = 0; i < RECEIPT_VALUE_MAX / 3; i++) {
        memcpy(values.field[RECEIPT_FIELD_CUSTOMER] + 3U * i, "客", 3);
    }
    char shown[RECEIPT_SHOWN_MAX];
    receipt_show("{customer}{customer}{customer}{customer}{customer}{customer}", &values, shown);
    assert_int_equal(strlen(shown), (RECEIPT_SHOWN_MAX - 1) / 3 * 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_template),
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(too_much),
    };
    return cmocka_run_group_tests_name("domain/receipt", tests, NULL, NULL);
}
