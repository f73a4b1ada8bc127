/* DL/T 698.45 frames built again from what is told of them. */
#define FUZZ_PROTOCOL CODEC_DLT698
#include "compose_round.h"
