/* DL/T 645-2007 frames built again from what is told of them. */
#define FUZZ_PROTOCOL CODEC_DLT645
#include "compose_round.h"
