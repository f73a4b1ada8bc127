/* Receipts on paper: the PDF's text is read back by another program, the till printer's bytes are
 * held one by one. */
#include "adapter/receipt/printer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

enum { PARTS = 3, BYTES_MAX = 1 << 20 };

typedef struct paper {
    size_t len;
    char bytes[BYTES_MAX];
} paper;

static paper printed;
static receipt_template form;
static receipt_values parts[PARTS];

static void take(void *ctx, const void *buf, size_t len)
{
    paper *p = ctx;
    assert_true(p->len + len < sizeof p->bytes);
    memcpy(p->bytes + p->len, buf, len);
    p->len += len;
    p->bytes[p->len] = '\0';
}

static const receipt_sink to_paper = {.ctx = &printed, .write = take};

static void use(const char *text)
{
    receipt_fault fault = {0};
    printed.len = 0;
    assert_int_equal(receipt_template_parse(text, strlen(text), &form, &fault), GT_ERR_OK);
}

static int set_up(void **state)
{
    (void)state;
    static const char *const names[PARTS] = {"存根 Stub", "客户 Customer", "记账 Accounts"};
    memset(parts, 0, sizeof parts);
    for (size_t i = 0; i < PARTS; i++) {
        (void)snprintf(parts[i].field[RECEIPT_FIELD_PART], RECEIPT_VALUE_MAX, "%s", names[i]);
        (void)snprintf(parts[i].field[RECEIPT_FIELD_CUSTOMER], RECEIPT_VALUE_MAX, "王堃");
        (void)snprintf(parts[i].field[RECEIPT_FIELD_AMOUNT], RECEIPT_VALUE_MAX, "50.00");
    }
    return 0;
}

static FILE *pdf_text(void)
{
    char path[] = "/tmp/gt-receipt-XXXXXX";
    char command[128];
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, printed.bytes, printed.len), (ssize_t)printed.len);
    assert_int_equal(close(fd), 0);
    (void)snprintf(command, sizeof command, "pdftotext -layout %s -; rm %s", path, path);
    FILE *text = popen(command, "r");
    assert_non_null(text);
    return text;
}

static void a_page_of_three_parts(void **state)
{
    (void)state;
    use("title 电费收据\ncenter {part}\nrow 客户 Customer | {customer}\nrow 金额 | ￥{amount}\n"
        "rule\nspace\ntext 凭此收据\nqr GT1;x;1;{amount}");
    const gt_receipt_printer printer = receipt_printer_pdf();
    assert_int_equal(printer.print(printer.ctx, &form, parts, PARTS, &to_paper), GT_ERR_OK);
    assert_memory_equal(printed.bytes, "%PDF-1.", 7);
    char text[4096] = "";
    FILE *from = pdf_text();
    text[fread(text, 1, sizeof text - 1, from)] = '\0';
    (void)pclose(from);
    assert_non_null(strstr(text, "存根 Stub"));
    assert_non_null(strstr(text, "客户 Customer"));
    assert_non_null(strstr(text, "记账 Accounts"));
    assert_non_null(strstr(text, "王堃"));
    assert_non_null(strstr(text, "￥50.00"));
}

static void the_longest_template_stays_on_its_page(void **state)
{
    (void)state;
    static char text[RECEIPT_LINES_MAX * 64];
    size_t n = 0;
    for (unsigned i = 0; i < RECEIPT_LINES_MAX; i++) {
        n += (size_t)snprintf(text + n, sizeof text - n, "row 第%u行 | {customer}\n", i);
    }
    use(text);
    const gt_receipt_printer printer = receipt_printer_pdf();
    assert_int_equal(printer.print(printer.ctx, &form, parts, PARTS, &to_paper), GT_ERR_OK);
    use("qr {customer}{customer}"); /* and one that cannot be a square is refused */
    memset(parts[0].field[RECEIPT_FIELD_CUSTOMER], 'x', RECEIPT_VALUE_MAX - 1);
    assert_int_equal(printer.print(printer.ctx, &form, parts, 1, &to_paper), GT_ERR_OK);
}

static void the_bytes_of_a_strip(void **state)
{
    (void)state;
    use("title 电费\nrow 金额 | ¥{amount}\ntext \xF0\x9F\x92\xA1z\nrule\nspace\nqr A1");
    const gt_receipt_printer printer = receipt_printer_escpos();
    assert_int_equal(printer.print(printer.ctx, &form, parts, 1, &to_paper), GT_ERR_OK);
    static const char want[] = "\x1B@\x1C&"
                               "\x1B"
                               "a\x01"
                               "\x1D!\x11\x1C!\x0C"
                               "\xB5\xE7\xB7\xD1\n"
                               "\x1D!\x00\x1C!\x00"
                               "\x1B"
                               "a\x00"
                               "\xBD\xF0\xB6\xEE"
                               "                                     "
                               "\xA3\xA4"
                               "50.00\n"
                               "\x1B"
                               "a\x00";
    assert_memory_equal(printed.bytes, want, sizeof want - 1);
    static const char end[] = "\x1D(k\x05\x00"
                              "1P0A1"
                              "\x1D(k\x03\x00"
                              "1Q0"
                              "\n"
                              "\x1B"
                              "a\x00"
                              "\x1D"
                              "VB\x00";
    assert_memory_equal(printed.bytes + printed.len - (sizeof end - 1), end, sizeof end - 1);
}

static void a_long_row_breaks_and_what_is_no_text_is_marked(void **state)
{
    (void)state;
    use("row 备注 | {customer}\ntext {operator}");
    memset(parts[0].field[RECEIPT_FIELD_CUSTOMER], 'y', 60);
    (void)snprintf(parts[0].field[RECEIPT_FIELD_OPERATOR], RECEIPT_VALUE_MAX, "a\xFF\xFEz");
    const gt_receipt_printer printer = receipt_printer_escpos();
    assert_int_equal(printer.print(printer.ctx, &form, parts, 1, &to_paper), GT_ERR_OK);
    assert_non_null(strstr(printed.bytes + 4, "\xB1\xB8\xD7\xA2\n  yyyy"));
    assert_non_null(memmem(printed.bytes, printed.len, "a??z\n", 5));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_page_of_three_parts, set_up),
        cmocka_unit_test_setup(the_longest_template_stays_on_its_page, set_up),
        cmocka_unit_test_setup(the_bytes_of_a_strip, set_up),
        cmocka_unit_test_setup(a_long_row_breaks_and_what_is_no_text_is_marked, set_up),
    };
    return cmocka_run_group_tests_name("adapter/receipt", tests, NULL, NULL);
}
