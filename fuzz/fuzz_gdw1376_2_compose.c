/* Q/GDW 1376.2 frames built again from what is told of them. */
#define FUZZ_PROTOCOL CODEC_GDW1376_2
#include "compose_round.h"
