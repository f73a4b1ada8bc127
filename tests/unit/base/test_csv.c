/* CSV: rows of text, what they must read as, and the line a fault is reported on. */
#include "base/csv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

/* Records joined by '|' between fields and ';' between records. */
static gt_err flatten(const char *text, char *out, size_t cap, unsigned *out_line)
{
    gt_csv csv = gt_csv_of(text, strlen(text));
    static gt_csv_row row;
    size_t used = 0;
    gt_err err = gt_csv_next(&csv, &row);
    for (; err == GT_ERR_OK; err = gt_csv_next(&csv, &row)) {
        for (size_t i = 0; i < row.count; i++) {
            const size_t len = strlen(row.field[i]);
            assert_true(used + len + 2 < cap);
            memcpy(out + used, row.field[i], len);
            used += len;
            out[used++] = i + 1 < row.count ? '|' : ';';
        }
    }
    out[used] = '\0';
    *out_line = csv.line;
    return err == GT_ERR_NOT_FOUND ? GT_ERR_OK : err;
}

static void test_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *want;
        gt_err err;
        unsigned line;
    } rows[] = {
        {"", "", GT_ERR_OK, 0},
        {"\n\r\n", "", GT_ERR_OK, 0},
        {"a", "a;", GT_ERR_OK, 1},
        {"a,b\nc,d\n", "a|b;c|d;", GT_ERR_OK, 2},
        {"a,b\r\n\r\nc\r\n", "a|b;c;", GT_ERR_OK, 3},
        {"\xEF\xBB\xBFname\n", "name;", GT_ERR_OK, 1},
        {",\n,,", "|;||;", GT_ERR_OK, 2},
        {"\"a,b\",\"say \"\"hi\"\"\"\n", "a,b|say \"hi\";", GT_ERR_OK, 1},
        {"\"two\nlines\",x\ny", "two\nlines|x;y;", GT_ERR_OK, 3},
        {"a\rb", "a\rb;", GT_ERR_OK, 1},
        {"a\nb\"c\n", "a;", GT_ERR_SYNTAX, 2},
        {"\"a\"b", "", GT_ERR_SYNTAX, 1},
        {"x\n\"open", "x;", GT_ERR_SYNTAX, 2},
        {"\"", "", GT_ERR_SYNTAX, 1},
        {"a,\"b\" ,c", "", GT_ERR_SYNTAX, 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char got[256];
        unsigned line = 0;
        assert_int_equal(flatten(rows[i].text, got, sizeof got, &line), rows[i].err);
        assert_string_equal(got, rows[i].want);
        assert_int_equal(line, rows[i].line);
    }
}

static void test_limits(void **state)
{
    (void)state;
    static gt_csv_row row;
    char text[GT_CSV_ROW_MAX + 8];
    memset(text, ',', sizeof text);
    gt_csv csv = gt_csv_of(text, GT_CSV_FIELDS_MAX - 1);
    assert_int_equal(gt_csv_next(&csv, &row), GT_ERR_OK);
    assert_int_equal(row.count, GT_CSV_FIELDS_MAX);
    csv = gt_csv_of(text, GT_CSV_FIELDS_MAX);
    assert_int_equal(gt_csv_next(&csv, &row), GT_ERR_SPACE);
    memset(text, 'x', sizeof text);
    csv = gt_csv_of(text, GT_CSV_ROW_MAX - 1);
    assert_int_equal(gt_csv_next(&csv, &row), GT_ERR_OK);
    csv = gt_csv_of(text, GT_CSV_ROW_MAX);
    assert_int_equal(gt_csv_next(&csv, &row), GT_ERR_SPACE);
    csv = gt_csv_of("a\0b", 3);
    assert_int_equal(gt_csv_next(&csv, &row), GT_ERR_SYNTAX);
    csv = gt_csv_of("\"\0\"", 3);
    assert_int_equal(gt_csv_next(&csv, &row), GT_ERR_SYNTAX);
}

static void test_column(void **state)
{
    (void)state;
    static gt_csv_row row;
    gt_csv csv = gt_csv_of("a,b,c,b", 7);
    assert_int_equal(gt_csv_next(&csv, &row), GT_ERR_OK);
    size_t at = 9;
    assert_int_equal(gt_csv_column(&row, "c", &at), GT_ERR_OK);
    assert_int_equal(at, 2);
    assert_int_equal(gt_csv_column(&row, "d", &at), GT_ERR_NOT_FOUND);
    assert_int_equal(gt_csv_column(&row, "b", &at), GT_ERR_EXISTS);
    assert_int_equal(at, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_column),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
