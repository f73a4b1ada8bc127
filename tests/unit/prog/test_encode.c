/* `gridtill encode`: names in, hex out, and what decode --json printed back to its bytes. */
#include "prog/encode.h"

#include "console.h"
#include "prog/decode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define FRAME "6812907856341268910833333433ab896745cc16"
#define ANSWER "--proto", "dlt645-2007", "--address", "123456789012", "control=91H", "di=00010000"

static void test_command(void **state)
{
    (void)state;
    static const struct {
        const char *args[CONSOLE_ARGS_MAX];
        const char *input;
        int code;
        const char *out; /* all of it when the code is 0 and it is no list */
        const char *err;
    } rows[] = {
        {{ANSWER, "00010000=123456.78"}, "", 0, FRAME "\n", ""},
        {{ANSWER, "item:00010000=123456.78"}, "", 0, FRAME "\n", ""},
        {{"--proto", "dlt645-2007", "field:address=123456789012", "control=0x91", "di=00010000",
          "00010000=123456.78"},
         "",
         0,
         FRAME "\n",
         ""},
        {{"--json", ANSWER, "00010000=123456.78"}, "", 0, "\"hex\": \"" FRAME "\"", ""},
        {{ANSWER, "00010000"}, "", 0, "681290785634126891083333343332323232b416\n", ""},
        {{ANSWER, "00010000=1.234"},
         "",
         1,
         "",
         "frame 1: 00010000: expected a number with at most 2 decimals, found 1.234"},
        {{"--lang", "zh", ANSWER, "00010000=x"}, "", 1, "", "第1帧：00010000：应为"},
        {{ANSWER, "00010000=1234567.89"}, "", 1, "", "00010000: expected a number of as many"},
        {{ANSWER, "colour=blue", "00010000=1"}, "", 1, "", "colour: expected no such field"},
        {{"--proto", "dtu", "--heartbeat", "HB{id:4}", "kind=heartbeat", "id=0001"},
         "",
         0,
         "484230303031\n",
         ""},
        {{"--proto", "dtu", "--registration", "REG{bcd:2}", "kind=registration", "bcd=12a4"},
         "",
         1,
         "",
         "bcd: expected"},
        {{"--proto", "dtu", "kind=set", "+HEARTTM=30"},
         "",
         0,
         "41542b4845415254544d3d33300d0a\n",
         ""},
        {{"--proto", "dlt645-2007", "control=91H"}, "", 1, "", "address: expected an address"},
        {{"--proto", "dlt645-2007", "--address", "123456789012"},
         "",
         1,
         "",
         "control: expected a value, found nothing"},
        {{NULL}, "[{", 1, "", "line 1: expected JSON"},
        {{NULL}, "[]", 0, "", ""},
        {{NULL}, "[3]", 1, "", "frame 1: expected an object with a known \"protocol\""},
        {{NULL}, "{\"protocol\": \"morse\"}", 1, "", "known \"protocol\""},
        {{NULL}, "{\"protocol\": \"auto\"}", 1, "", "known \"protocol\""},
        {{NULL}, "{\"protocol\": \"mbus\", \"fields\": 3}", 1, "", "\"fields\""},
        {{NULL}, "{\"protocol\": \"mbus\", \"items\": [{\"id\": 3}]}", 1, "", "\"items\""},
        {{NULL},
         "{\"protocol\": \"mbus\", \"items\": [{\"id\": \"3\", \"value\": 3}]}",
         1,
         "",
         "\"items\""},
        {{NULL}, "{\"protocol\": \"mbus\", \"errors\": [{}]}", 1, "", "without \"errors\""},
        {{NULL}, "{\"protocol\": \"mbus\", \"cut\": true}", 1, "", "told in full"},
        {{NULL}, "", 1, "", "expected JSON"},
        {{"--file", "/nonexistent"}, "", 1, "", "/nonexistent: No such file"},
        {{"--model", "/nonexistent", ANSWER}, "", 1, "", "/nonexistent: No such file"},
        {{"--proto", "auto", "a=b"}, "", 2, "", "usage:"},
        {{"--proto", "morse", "a=b"}, "", 2, "", "usage:"},
        {{"control=91H"}, "", 2, "", "usage:"},
        {{"--address", "1"}, "", 2, "", "usage:"},
        {{"--proto", "mbus", "--file", "x"}, "", 2, "", "usage:"},
        {{"--nothing"}, "", 2, "", "usage:"},
        {{"--help"}, "", 0, "usage:", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        outcome o = console_run(encode_run, rows[i].args, rows[i].input);
        if (o.code != rows[i].code || strstr(o.out, rows[i].out) == NULL ||
            strstr(o.err, rows[i].err) == NULL) {
            print_message("row %zu: %d\n%s%s", i, o.code, o.out, o.err);
        }
        assert_int_equal(o.code, rows[i].code);
        assert_non_null(strstr(o.out, rows[i].out));
        assert_non_null(strstr(o.err, rows[i].err));
        assert_true(o.code == 0 || o.out[0] == '\0'); /* no partial result */
        console_done(&o);
    }
}

/* Two frames through decode --json and back. */
static void test_round_trip(void **state)
{
    (void)state;
    static const char *const args[] = {"--json", FRAME, "68129078563412681104333334336816", NULL};
    outcome told = console_run(decode_run, args, "");
    assert_int_equal(told.code, 0);
    static const char *const none[] = {NULL};
    outcome built = console_run(encode_run, none, told.out);
    assert_string_equal(built.err, "");
    assert_int_equal(built.code, 0);
    assert_string_equal(built.out, FRAME "\n68129078563412681104333334336816\n");
    console_done(&built);
    console_done(&told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_command),
        cmocka_unit_test(test_round_trip),
    };
    return cmocka_run_group_tests_name("prog/encode", tests, NULL, NULL);
}
