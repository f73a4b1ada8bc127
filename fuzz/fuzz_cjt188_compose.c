/* CJ/T 188 frames built again from what is told of them. */
#define FUZZ_PROTOCOL CODEC_CJT188
#include "compose_round.h"
