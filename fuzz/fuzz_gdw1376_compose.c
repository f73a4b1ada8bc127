/* Q/GDW 1376.1 frames built again from what is told of them. */
#define FUZZ_PROTOCOL CODEC_GDW1376
#include "compose_round.h"
