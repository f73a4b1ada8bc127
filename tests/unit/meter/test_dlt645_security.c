/* Security commands as whole frames: what is answered, refused, left to the server, or not
 * answered. */
#include "meter/dlt645_security.h"
#include "secure.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static secure s;
static dlt645_frame answer;
static dlt645_secured_write write_asked;

static int setup(void **state)
{
    (void)state;
    secure_prepare(&s, SUITE_TDES, METER_SECURITY_2013);
    return 0;
}

static dlt645_frame frame_of(uint8_t ctrl, const uint8_t *head, size_t head_len,
                             const uint8_t *payload, size_t len)
{
    dlt645_frame f = {.addr = 0x202601000257, .ctrl = ctrl, .data_len = (uint8_t)(head_len + len)};
    memcpy(f.data, head, head_len);
    memcpy(f.data + head_len, payload, len);
    return f;
}

static dlt645_secured take(const dlt645_frame *f)
{
    memset(&answer, 0xEE, sizeof answer);
    return meter_dlt645_secured(&s.r.meter, f, s.r.now, &answer, &write_asked);
}

static void answered(const dlt645_frame *f, uint8_t ctrl, uint8_t len)
{
    assert_int_equal(take(f), DLT645_SECURED_ANSWERED);
    assert_int_equal(answer.ctrl, ctrl);
    assert_int_equal(answer.data_len, len);
    assert_int_equal(answer.addr, f->addr);
}

static dlt645_frame of_payload(const secure_payload *p)
{
    const uint8_t head[8] = {(uint8_t)p->di,
                             (uint8_t)(p->di >> 8),
                             (uint8_t)(p->di >> 16),
                             (uint8_t)(p->di >> 24),
                             1,
                             2,
                             3,
                             4};
    return frame_of(0x03, head, sizeof head, p->bytes, p->len);
}

static void authenticate(void)
{
    secure_payload p;
    secure_auth_fill(&s, &p, 1);
    const dlt645_frame f = of_payload(&p);
    assert_int_equal(f.data_len, 0x20);
    answered(&f, 0x83, 0x10);
    const uint8_t di[] = {0xFF, 0x00, 0x00, 0x07};
    assert_memory_equal(answer.data, di, 4);
    const uint8_t rand2[4] = {answer.data[7], answer.data[6], answer.data[5], answer.data[4]};
    element_host_challenged(&s.host, rand2);
}

static void test_purchase(void **state)
{
    (void)state;
    secure_payload p;
    secure_buy_fill(&s, &p, DLT645_SECURITY_PURCHASE, 1234, 1);
    dlt645_frame f = of_payload(&p);
    assert_int_equal(f.data_len, 0x1E);
    answered(&f, 0xC3, 2);
    assert_int_equal(answer.data[0] | answer.data[1] << 8, METER_RESULT_AUTH);
    authenticate();
    secure_buy_fill(&s, &p, DLT645_SECURITY_PURCHASE, 1234, 1);
    f = of_payload(&p);
    answered(&f, 0x83, 4);
    assert_int_equal(secure_balance(&s), 1234);
    answered(&f, 0xC3, 2);
    assert_int_equal(answer.data[0] | answer.data[1] << 8, METER_RESULT_REPEATED);
    for (uint8_t len = 0; len < 8; len++) { /* no room for identifier and operator */
        f.data_len = len;
        answered(&f, 0xC3, 2);
        assert_int_equal(answer.data[0], METER_RESULT_OTHER);
    }
    const dlt645_frame end = {
        .addr = f.addr, .ctrl = 0x03, .data_len = 8, .data = {0xFF, 0x02, 0x00, 0x07}};
    answered(&end, 0x83, 0x16);
}

static void test_suspended(void **state)
{
    (void)state;
    s.r.meter.security.kept.wrong = SECURITY_WRONG_MAX;
    s.r.meter.security.kept.wrong_day = METER_DAY_NONE;
    secure_payload p;
    secure_auth_fill(&s, &p, 1);
    const dlt645_frame f = of_payload(&p);
    answered(&f, 0xC3, 2);
    assert_int_equal(answer.data[0], 0);
    assert_int_equal(answer.data[1], 1); /* bit 8 */
}

static void test_control(void **state)
{
    (void)state;
    const uint8_t head[8] = {0x98, 0, 0, 0, 1, 2, 3, 4};
    uint8_t bytes[SECURITY_CONTROL_LEN];
    authenticate();
    secure_control_fill(&s, bytes, 0x1A, 600);
    dlt645_frame f = frame_of(0x1C, head, sizeof head, bytes, sizeof bytes);
    assert_int_equal(f.data_len, 0x1C);
    answered(&f, 0x9C, 0);
    assert_int_equal(rig_status(&s.r).remote, REMOTE_CUT);
    answered(&f, 0xDC, 1);
    assert_int_equal(answer.data[0], 2);
    for (uint8_t len = 1; len < 0x1C; len++) {
        f.data_len = len;
        answered(&f, 0xDC, 1);
        assert_int_equal(answer.data[0], 1);
    }
    f.data_len = 0x1D;
    answered(&f, 0xDC, 1);
    f.data_len = 0;
    assert_int_equal(take(&f), DLT645_SECURED_NOT);
    f.data[0] = 0x02; /* a password */
    f.data_len = 0x10;
    assert_int_equal(take(&f), DLT645_SECURED_NOT);
}

static void test_write(void **state)
{
    (void)state;
    uint8_t head[12] = {0x01, 0x10, 0x00, 0x04, 0x99, 0, 0, 0, 1, 2, 3, 4};
    const uint8_t text[4] = {0x00, 0x00, 0x30, 0x00};
    const element_host_text t = {.sfi = 2, .offset = 16, .text = text, .len = 4};
    secure_payload p;
    authenticate();
    secure_write_fill(&s, &p, &t, 0x04001001);
    dlt645_frame f = frame_of(0x14, head, sizeof head, p.bytes, p.len);
    assert_int_equal(take(&f), DLT645_SECURED_APPLY);
    assert_int_equal(answer.ctrl, 0x94);
    assert_int_equal(answer.data_len, 0);
    assert_int_equal(write_asked.di, 0x04001001);
    assert_int_equal(write_asked.len, 4);
    const uint8_t wire[4] = {0x00, 0x30, 0x00, 0x00};
    assert_memory_equal(write_asked.data, wire, 4);
    answered(&f, 0xD4, 1);
    assert_int_equal(answer.data[0], 4);
    f.data[4] = 0x98;
    answered(&f, 0xD4, 1);
    f.data_len = 8;
    answered(&f, 0xD4, 1);
    assert_int_equal(answer.data[0], 1);
    f.data_len = 5;
    assert_int_equal(take(&f), DLT645_SECURED_NOT);
    f.data_len = 3;
    assert_int_equal(take(&f), DLT645_SECURED_NOT);
    f.data_len = 20;
    f.data[4] = 0x04;
    assert_int_equal(take(&f), DLT645_SECURED_NOT);
    f.ctrl = 0x11;
    assert_int_equal(take(&f), DLT645_SECURED_NOT);
}

static void test_silence(void **state)
{
    (void)state;
    const uint8_t head[12] = {0x01, 0x10, 0x00, 0x04, 0x99, 0, 0, 0, 1, 2, 3, 4};
    const uint8_t control_head[8] = {0x98};
    const uint8_t text[4] = {0x00, 0x00, 0x30, 0x00};
    const element_host_text t = {.sfi = 2, .offset = 16, .text = text, .len = 4};
    uint8_t control[SECURITY_CONTROL_LEN];
    secure_payload p;
    authenticate();
    secure_write_fill(&s, &p, &t, 0x04001001);
    secure_control_fill(&s, control, 0x1A, 600);
    const dlt645_frame frames[3] = {
        frame_of(0x14, head, sizeof head, p.bytes, p.len),
        frame_of(0x1C, control_head, sizeof control_head, control, sizeof control),
        {.ctrl = 0x03, .data_len = 8, .data = {0xFF, 0x02, 0x81, 0x07}}};
    s.chip.dead = true;
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(take(&frames[i]), DLT645_SECURED_SILENT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_purchase, setup), cmocka_unit_test_setup(test_suspended, setup),
        cmocka_unit_test_setup(test_control, setup), cmocka_unit_test_setup(test_write, setup),
        cmocka_unit_test_setup(test_silence, setup)};
    return cmocka_run_group_tests_name("meter/dlt645_security", tests, NULL, NULL);
}
