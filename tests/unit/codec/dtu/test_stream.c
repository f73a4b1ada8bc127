/* Packets and payload told apart: wherever packets stand, however the bytes are cut into reads,
 * every byte comes out once and nothing waits for ever. */
#include "codec/dtu/stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

enum { TEXT_MAX = 512 };

static dtu_profile profile_of(const char *registration, const char *heartbeat)
{
    dtu_profile p = {0};
    size_t at = 0;
    if (registration != NULL) {
        assert_int_equal(dtu_template_parse(registration, &p.registration, &at), GT_ERR_OK);
    }
    if (heartbeat != NULL) {
        assert_int_equal(dtu_template_parse(heartbeat, &p.heartbeat, &at), GT_ERR_OK);
    }
    return p;
}

/* What comes out until nothing does: R(...) and H(...) around packets, payload as it is. */
static void drain(dtu_stream *s, char *got)
{
    const uint8_t *bytes = NULL;
    size_t len = 0;
    for (dtu_piece piece = dtu_stream_next(s, &bytes, &len); piece != DTU_NOTHING;
         piece = dtu_stream_next(s, &bytes, &len)) {
        const size_t n = strlen(got);
        const bool packet = piece != DTU_PAYLOAD;
        (void)snprintf(got + n, TEXT_MAX - n, "%s%.*s%s",
                       !packet                     ? ""
                       : piece == DTU_REGISTRATION ? "R("
                                                   : "H(",
                       (int)len, (const char *)bytes, packet ? ")" : "");
    }
}

static void feed(dtu_stream *s, const char *text, size_t len, size_t piece, char *got)
{
    for (size_t at = 0; at < len;) {
        const size_t n = len - at < piece ? len - at : piece;
        const size_t taken = dtu_stream_feed(s, (const uint8_t *)text + at, n);
        assert_true(taken > 0);
        at += taken;
        drain(s, got);
    }
}

/* '|' in the input is a silence. */
static const struct row {
    const char *name;
    const char *registration;
    const char *heartbeat;
    const char *in;
    const char *want;
    size_t pending;
} rows[] = {
    {"no packets at all", NULL, NULL, "payload", "payload", 0},
    {"registration first", "LOGIN:{id:4}", "HEART", "LOGIN:A001payload", "R(LOGIN:A001)payload", 0},
    {"each alone", "LOGIN:{id:4}", "HEART", "HEART", "H(HEART)", 0},
    {"before payload", NULL, "HEART", "HEARTpayload", "H(HEART)payload", 0},
    {"behind payload", NULL, "HEART", "payloadHEART", "payloadH(HEART)", 0},
    {"inside payload", NULL, "HEART", "payHEARTload", "payH(HEART)load", 0},
    {"twice", NULL, "HEART", "HEARTHEART", "H(HEART)H(HEART)", 0},
    {"a false start in front", NULL, "HEART", "HEAHEART", "HEAH(HEART)", 0},
    {"a false start that overlaps", NULL, "ABABC", "ABABABC", "ABH(ABABC)", 0},
    {"registration before each data", "##{id:2}#", NULL, "##01#data##01#data",
     "R(##01#)dataR(##01#)data", 0},
    {"begins like one: held", NULL, "HEART", "payHEA", "pay", 3},
    {"begins like one, then not", NULL, "HEART", "payHEAxx", "payHEAxx", 0},
    {"begins like one, then silence", NULL, "HEART", "payHEA|RT", "payHEART", 0},
    {"silence twice", NULL, "HEART", "H||HEART", "HH(HEART)", 0},
    {"one is the other's beginning", "HEART{digits:2}", "HEART", "HEART12HEARTxx",
     "R(HEART12)H(HEART)xx", 0},
    {"the shorter one waits for silence", "HEART{digits:2}", "HEART", "HEART1|HEART", "H(HEART)1",
     5},
    {"both fit, same length", "{digits:8}", "{id:8}", "12345678", "R(12345678)", 0},
    {"says little: only where something begins", NULL, "HB", "HBpayHBload|HBHB",
     "H(HB)payHBloadH(HB)H(HB)", 0},
    {"says little, behind a registration", "LOGIN", "HB", "LOGINHBxHB", "R(LOGIN)H(HB)xHB", 0},
    {"says little, cut off", NULL, "HB", "H|B", "HB", 0},
};

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const dtu_profile p = profile_of(rows[i].registration, rows[i].heartbeat);
        for (size_t piece = 1; piece <= strlen(rows[i].in); piece++) {
            uint8_t buf[DTU_PACKET_MAX];
            char got[TEXT_MAX] = "";
            dtu_stream s;
            dtu_stream_init(&s, &p, buf, sizeof buf);
            for (const char *at = rows[i].in; *at != '\0';) {
                const size_t n = strcspn(at, "|");
                feed(&s, at, n, piece, got);
                at += n;
                if (*at == '|') {
                    dtu_stream_over(&s);
                    drain(&s, got);
                    at++;
                }
            }
            if (strcmp(got, rows[i].want) != 0) {
                print_error("%s, in pieces of %zu\n", rows[i].name, piece);
            }
            assert_string_equal(got, rows[i].want);
            assert_int_equal(dtu_stream_pending(&s), rows[i].pending);
        }
    }
}

/* The longest packet fits the smallest buffer, behind payload that fills it. */
static void test_full_buffer(void **state)
{
    (void)state;
    const dtu_profile p = profile_of("LOGIN{id:251}", NULL);
    char in[2 * DTU_PACKET_MAX];
    memset(in, 'x', sizeof in);
    memcpy(in + 100, "LOGIN", 5);
    for (size_t piece = 1; piece <= sizeof in; piece++) {
        uint8_t buf[DTU_PACKET_MAX];
        dtu_stream s;
        dtu_stream_init(&s, &p, buf, sizeof buf);
        size_t payload = 0;
        size_t packets = 0;
        for (size_t at = 0; at < sizeof in;) {
            const size_t n = sizeof in - at < piece ? sizeof in - at : piece;
            const size_t taken = dtu_stream_feed(&s, (const uint8_t *)in + at, n);
            assert_true(taken > 0);
            at += taken;
            const uint8_t *bytes = NULL;
            size_t len = 0;
            for (dtu_piece got = dtu_stream_next(&s, &bytes, &len); got != DTU_NOTHING;
                 got = dtu_stream_next(&s, &bytes, &len)) {
                payload += got == DTU_PAYLOAD ? len : 0;
                packets += got == DTU_REGISTRATION ? 1 : 0;
            }
        }
        assert_int_equal(packets, 1);
        assert_int_equal(payload, sizeof in - DTU_PACKET_MAX);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_full_buffer),
    };
    return cmocka_run_group_tests_name("codec/dtu/stream", tests, NULL, NULL);
}
