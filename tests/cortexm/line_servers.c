/* The protocols that this board carries: those of an electricity meter, in 96 KiB of flash. */
#include "meter/meter_priv.h"

const meter_server *const line_servers[METER_PROTOCOLS] = {
    [METER_PROTOCOL_MODBUS_RTU] = &modbus_server,
    [METER_PROTOCOL_DLT645_2007] = &dlt645_server,
    [METER_PROTOCOL_DLT645_1997] = &dlt645_1997_server,
};
