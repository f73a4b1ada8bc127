/* Modbus TCP frames built again from what is told of them. */
#define FUZZ_PROTOCOL CODEC_MODBUS_TCP
#include "compose_round.h"
