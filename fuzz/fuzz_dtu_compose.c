/* Lines of a DTU's command mode built again from what is told of them. */
#define FUZZ_PROTOCOL CODEC_DTU
#include "compose_round.h"
