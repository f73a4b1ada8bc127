/* See cjt188_rig.h. */
#include "cjt188_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

rig cjt;
cjt188_message cjt_reply;
const uint64_t cjt_own = UINT64_C(0x12342601000257);

static cjt188_frame reply_frame;

void cjt_power_on(uint8_t type)
{
    rig_prepare(&cjt);
    cjt.cfg.protocol = METER_PROTOCOL_CJT188;
    cjt.cfg.cjt188_type = type;
    cjt.cfg.cjt188_maker = CJT_MAKER;
    assert_int_equal(rig_power_on(&cjt), GT_ERR_OK);
}

int cjt_setup(void **state)
{
    (void)state;
    cjt_power_on(CJT188_TYPE_WATER_COLD);
    return 0;
}

size_t cjt_frame(const cjt_request *q, uint8_t buf[CJT188_FRAME_MAX])
{
    const cjt188_message message = {.type = q->type,
                                    .addr = q->addr,
                                    .function = q->function,
                                    .di = q->di,
                                    .di_high_first = q->high_first,
                                    .ser = CJT_SER,
                                    .data = q->data,
                                    .data_len = (uint8_t)q->len};
    cjt188_frame frame;
    size_t len = 0;
    assert_int_equal(cjt188_message_encode(&message, &frame), GT_ERR_OK);
    assert_int_equal(cjt188_frame_encode(&frame, buf, CJT188_FRAME_MAX, &len), GT_ERR_OK);
    return len;
}

/* @return status word of a refusal, 0 of an answer, CJT_SILENT */
unsigned cjt_ask(const cjt_request *q)
{
    uint8_t buf[CJT188_FRAME_MAX];
    rig_send(&cjt, buf, cjt_frame(q, buf));
    if (cjt.tx_len == 0) {
        return CJT_SILENT;
    }
    assert_int_equal(cjt188_frame_decode(cjt.tx, cjt.tx_len, &reply_frame), GT_ERR_OK);
    assert_int_equal(cjt188_message_decode(&reply_frame, &cjt_reply), GT_ERR_OK);
    assert_true(cjt_reply.reply);
    assert_int_equal(cjt_reply.ser, CJT_SER);
    assert_int_equal(cjt_reply.addr, cjt_own);
    assert_int_equal(cjt_reply.type, cjt.cfg.cjt188_type != 0 ? cjt.cfg.cjt188_type : 0x40);
    return cjt_reply.abnormal ? cjt_reply.status : 0;
}

unsigned cjt_ask_own(uint8_t function, uint16_t di, const uint8_t *data, size_t len)
{
    const cjt_request q = {cjt.cfg.cjt188_type, cjt_own, function, di, data, len, false};
    return cjt_ask(&q);
}

void cjt_data_is(const char *name, const uint8_t *want, size_t len)
{
    if (cjt_reply.data_len != len || memcmp(cjt_reply.data, want, len) != 0) {
        fail_msg("%s: %u bytes, or others", name, cjt_reply.data_len);
    }
}

size_t cjt_sign(meter_key_purpose purpose, uint16_t di, uint8_t *data, size_t len)
{
    const meter_command command = {
        .first_register = di, .meter_no = cjt.cfg.meter_no, .block = data, .block_len = len};
    assert_int_equal(meter_command_mac(cjt.cfg.key[purpose], &command, data + len), GT_ERR_OK);
    return len + METER_MAC_LEN;
}
