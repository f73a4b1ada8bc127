/* A field box's configuration: what it reads as, and what is said about what is wrong. */
#include "prog/box_config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define TERMINAL "[terminal]\naddress = 4401-0012\n"
#define UPLINK "[uplink]\nhost = 192.0.2.1\nport = 7001\n"
#define LINE "[line 3]\ndevice = tcp:192.0.2.9:4001\n"
#define FILES "[meters]\nfile = m.csv\n[models]\ndir = models\n[store]\ndir = /var/lib/box\n"

/* Read a text as a configuration; what was complained about goes to @p said. */
static gt_err read_text(const char *text, box_config *out, char *said, size_t cap)
{
    char path[] = "/tmp/gridtill-box-XXXXXX";
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    (void)close(fd);
    memset(said, 0, cap);
    FILE *errors = fmemopen(said, cap, "w");
    assert_non_null(errors);
    const gt_err err = box_config_read(path, errors, out);
    (void)fclose(errors);
    (void)unlink(path);
    return err;
}

static void test_reads(void **state)
{
    (void)state;
    static box_config cfg;
    char said[4096];
    assert_int_equal(read_text(TERMINAL UPLINK LINE "[line 12]\ndevice = /dev/pts/7\nbaud = 2400\n"
                                                    "parity = even\nmodel = prepaid-3p\n" FILES,
                               &cfg, said, sizeof said),
                     GT_ERR_OK);
    assert_string_equal(said, "");
    assert_int_equal(cfg.addr.region, 0x4401);
    assert_int_equal(cfg.addr.terminal, 12);
    assert_int_equal(cfg.hosts, 1);
    assert_int_equal(cfg.heartbeat_s, 60);
    assert_int_equal(cfg.lines[0].device, BOX_DEVICE_NONE);
    assert_int_equal(cfg.lines[2].device, BOX_DEVICE_TCP);
    assert_string_equal(cfg.lines[2].host, "192.0.2.9");
    assert_int_equal(cfg.lines[2].port, 4001);
    assert_int_equal(cfg.lines[2].baud, 9600);
    assert_int_equal(cfg.lines[11].device, BOX_DEVICE_SERIAL);
    assert_string_equal(cfg.lines[11].path, "/dev/pts/7");
    assert_int_equal(cfg.lines[11].baud, 2400);
    assert_int_equal(cfg.lines[11].parity, BOX_PARITY_EVEN);
    assert_string_equal(cfg.meters_path, "/tmp/m.csv");
    assert_string_equal(cfg.store_dir, "/var/lib/box");
}

static void test_complains(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *says; /* part of the complaint */
    } rows[] = {
        {UPLINK LINE FILES, "[terminal] address: missing"},
        {"[terminal]\naddress = 4401-0000\n" UPLINK LINE FILES, ":2: [terminal] address: expected"},
        {"[terminal]\naddress = 440-00001\n" UPLINK LINE FILES, ":2: [terminal] address: expected"},
        {"[terminal]\naddress = 44A1-0001\n" UPLINK LINE FILES, ":2: [terminal] address: expected"},
        {TERMINAL "[uplink]\nhost = a.example\nport = 1\n" LINE FILES, ":4: [uplink] host"},
        {TERMINAL "[uplink]\nhost = ::1\nport = 0\n" LINE FILES, ":5: [uplink] port"},
        {TERMINAL "[uplink]\nhost = ::1\n" LINE FILES, "[uplink] port: missing"},
        {TERMINAL UPLINK "spare_host = x\n" LINE FILES, ":6: [uplink] spare_host"},
        {TERMINAL UPLINK "heartbeat_s = 4\n" LINE FILES, ":6: [uplink] heartbeat_s"},
        {TERMINAL UPLINK FILES, "[line 1] device: missing; expected at least one line"},
        {TERMINAL UPLINK "[line 13]\ndevice = /dev/ttyS1\n" LINE FILES, ":7: [line 13] device"},
        {TERMINAL UPLINK "[line 1]\nbaud = 9600\n" FILES, "[line 1] device: missing"},
        {TERMINAL UPLINK "[line 1]\ndevice = ttyS1\n" FILES, ":7: [line 1] device"},
        {TERMINAL UPLINK "[line 1]\ndevice = tcp:host:1\n" FILES, ":7: [line 1] device"},
        {TERMINAL UPLINK "[line 1]\ndevice = tcp:::1\n" FILES, ":7: [line 1] device"},
        {TERMINAL UPLINK "[line 1]\ndevice = tcp:192.0.2.1:0\n" FILES, ":7: [line 1] device"},
        {TERMINAL UPLINK "[line 1]\ndevice = tcp:192.0.2.1:99999\n" FILES, ":7: [line 1] device"},
        {TERMINAL UPLINK LINE "baud = 9601\n" FILES, ":8: [line 3] baud"},
        {TERMINAL UPLINK LINE "parity = mark\n" FILES, ":8: [line 3] parity"},
        {TERMINAL UPLINK LINE "stop_bits = 3\n" FILES, ":8: [line 3] stop_bits"},
        {TERMINAL UPLINK LINE "colour = red\n" FILES, ":8: [line 3] colour: unknown"},
        {TERMINAL UPLINK LINE FILES "[collection]\nround_s = -1\n", "[collection] round_s"},
        {TERMINAL UPLINK LINE "[meters]\nfile = m\n[models]\ndir = x\n", "[store] dir: missing"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        static box_config cfg;
        char said[4096];
        cfg.heartbeat_s = 77;
        assert_int_equal(read_text(rows[i].text, &cfg, said, sizeof said), GT_ERR_SYNTAX);
        if (strstr(said, rows[i].says) == NULL) {
            print_error("row %zu says: %s\n", i, said);
        }
        assert_non_null(strstr(said, rows[i].says));
        assert_int_equal(cfg.heartbeat_s, 77);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads),
        cmocka_unit_test(test_complains),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
