/* M-Bus frames built again from what is told of them. */
#define FUZZ_PROTOCOL CODEC_MBUS
#include "compose_round.h"
