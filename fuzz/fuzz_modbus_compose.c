/* Modbus RTU frames built again from what is told of them. */
#define FUZZ_PROTOCOL CODEC_MODBUS
#include "compose_round.h"
