/* See mbus_rig.h. */
#include "mbus_rig.h"

#include "base/bytes.h"
#include "codec/cjt188/item.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

rig mb;
mbus_frame mb_reply;
mbus_content mb_content;

const mbus_device mb_own = {
    .id = 0x01000257, .manufacturer = MB_MAKER, .version = 3, .medium = 0x16};

void mb_power_on(uint8_t type)
{
    rig_prepare(&mb);
    mb.cfg.protocol = METER_PROTOCOL_MBUS;
    mb.cfg.cjt188_type = type;
    mb.cfg.mbus_maker = MB_MAKER;
    assert_int_equal(rig_power_on(&mb), GT_ERR_OK);
}

int mb_setup(void **state)
{
    (void)state;
    mb_power_on(CJT188_TYPE_WATER_COLD);
    return 0;
}

int mb_ask(mbus_frame frame)
{
    uint8_t buf[MBUS_FRAME_MAX];
    size_t len = 0;
    assert_int_equal(mbus_frame_encode(&frame, buf, sizeof buf, &len), GT_ERR_OK);
    rig_send(&mb, buf, len);
    if (mb.tx_len == 0) {
        return MB_SILENT;
    }
    assert_int_equal(mbus_frame_decode(mb.tx, mb.tx_len, &mb_reply), GT_ERR_OK);
    if (mb_reply.kind == MBUS_ACK) {
        return MB_ACKED;
    }
    assert_int_equal(mb_reply.kind, MBUS_LONG);
    assert_int_equal(mb_reply.control & ~MBUS_C_FCB, MBUS_C_RSP_UD);
    assert_int_equal(mbus_content_decode(&mb_reply, &mb_content), GT_ERR_OK);
    return mb_reply.ci;
}

int mb_send(uint8_t address, uint8_t ci, const uint8_t *data, size_t len)
{
    return mb_ask(mbus_snd_ud(address, true, ci, data, (uint8_t)len));
}

int64_t mb_number(const char *name, uint64_t storage, uint32_t tariff, uint8_t vif, uint8_t vife)
{
    gt_rd records = gt_rd_of(mb_content.rest, mb_content.rest_len);
    while (gt_rd_left(&records) > 0) {
        mbus_record record;
        mbus_value value;
        assert_int_equal(mbus_record_decode(&records, &record), GT_ERR_OK);
        if (record.kind == MBUS_RECORD_VALUE && record.storage == storage &&
            record.tariff == tariff && record.vif == vif && (vife == 0 || record.vife[0] == vife)) {
            mbus_value_decode(&record, false, &value);
            assert_int_equal(value.kind, MBUS_VALUE_NUMBER);
            return value.number;
        }
    }
    fail_msg("%s: not there", name);
    return 0;
}
