/* The protocols that are built in: all there are. A board with little flash links a list of its own
 * in place of this file (tests/cortexm/line_servers.c). */
#include "meter/meter_priv.h"

const meter_server *const line_servers[METER_PROTOCOLS] = {
    [METER_PROTOCOL_MODBUS_RTU] = &modbus_server,
    [METER_PROTOCOL_DLT645_2007] = &dlt645_server,
    [METER_PROTOCOL_DLT645_1997] = &dlt645_1997_server,
    [METER_PROTOCOL_CJT188] = &cjt188_server,
    [METER_PROTOCOL_MBUS] = &mbus_server,
};
