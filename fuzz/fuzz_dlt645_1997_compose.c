/* DL/T 645-1997 frames built again from what is told of them. */
#define FUZZ_PROTOCOL CODEC_DLT645_1997
#include "compose_round.h"
