/* Good values, and the words of every complaint. */
#include "adapter/config/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

typedef struct parsed {
    char name[32];
    char host[32];
    char path[128];
    uint16_t port;
    int64_t count;
    size_t mode;
    gt_err err;
    char errors[1024];
} parsed;

static void parse(const char *text, parsed *out)
{
    char path[] = "/tmp/gt-ini-XXXXXX";
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    (void)close(fd);
    config *file = NULL;
    assert_int_equal(config_open(path, &file), GT_ERR_OK);
    memset(out, 0, sizeof *out);
    (void)snprintf(out->name, sizeof out->name, "%s", config_text(file, "station", "name", NULL));
    out->port = config_address(file, "field", "listen", "127.0.0.1:0", out->host, sizeof out->host);
    out->count = config_number(file, "field", "count", 1, 9, 5);
    out->mode = config_choice(file, "field", "mode", "tcp|serial", "tcp");
    config_path(file, "station", "dir", "data", out->path, sizeof out->path);
    FILE *to = fmemopen(out->errors, sizeof out->errors, "w");
    out->err = config_finish(file, to);
    (void)fclose(to);
    config_close(file);
    (void)unlink(path);
}

static void test_good(void **state)
{
    (void)state;
    parsed p;
    parse("; a comment\n[station]\nname = 电掌柜\ndir=/var/lib/x\n[field]\nlisten=0.0.0.0:7001\n"
          "count=9\nmode=serial\n",
          &p);
    assert_int_equal(p.err, GT_ERR_OK);
    assert_string_equal(p.name, "电掌柜");
    assert_string_equal(p.host, "0.0.0.0");
    assert_int_equal(p.port, 7001);
    assert_int_equal(p.count, 9);
    assert_int_equal(p.mode, 1);
    assert_string_equal(p.path, "/var/lib/x");
    parse("[station]\nname=x\n", &p);
    assert_int_equal(p.err, GT_ERR_OK);
    assert_int_equal(p.count, 5);
    assert_string_equal(p.path, "/tmp/data");
}

static void test_complaints(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *want;
    } rows[] = {
        {"", "[station] name: missing; expected a text"},
        {"[station]\nname=\n", ":2: [station] name: expected a text, found \"\""},
        {"[station]\nname=x\nnmae=y\n", ":3: [station] nmae: unknown"},
        {"[station]\nname=x\n[field]\ncount=10\n", ":4: [field] count: expected a number 1..9"},
        {"[station]\nname=x\n[field]\ncount=2x\n", ":4: [field] count: expected a number 1..9"},
        {"[station]\nname=x\n[field]\nlisten=7001\n", ":4: [field] listen: expected host:port"},
        {"[station]\nname=x\n[field]\nlisten=h:70010\n", ":4: [field] listen: expected host:port"},
        {"[station]\nname=x\n[field]\nlisten=h:\n", ":4: [field] listen: expected host:port"},
        {"[station]\nname=x\n[field]\nmode=usb\n", ":4: [field] mode: expected tcp|serial"},
        {"[station]\nname=x\nname=y\n", ":3: [station] name: given twice, first at line 2"},
        {"[station]\nname=x\nrubbish\n", ":3: expected \"[section]\""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        parsed p;
        parse(rows[i].text, &p);
        assert_int_equal(p.err, GT_ERR_SYNTAX);
        if (strstr(p.errors, rows[i].want) == NULL) {
            fail_msg("wanted \"%s\", got \"%s\"", rows[i].want, p.errors);
        }
    }
}

static void test_absent_file(void **state)
{
    (void)state;
    config *file = NULL;
    assert_int_equal(config_open("/nonexistent/a.ini", &file), GT_ERR_OK);
    char text[256] = "";
    FILE *to = fmemopen(text, sizeof text, "w");
    assert_int_equal(config_finish(file, to), GT_ERR_SYNTAX);
    (void)fclose(to);
    assert_non_null(strstr(text, "a.ini: cannot be read"));
    config_close(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_good),
                                       cmocka_unit_test(test_complaints),
                                       cmocka_unit_test(test_absent_file)};
    return cmocka_run_group_tests_name("adapter/config", tests, NULL, NULL);
}
