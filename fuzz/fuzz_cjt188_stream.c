/* CJ/T 188 frames out of a stream: see stream.h. */
#include "codec/cjt188/frame.h"
#include "stream.h"

STREAM_LOOK_BACK(cjt188, CJT188_FRAME_MAX)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    stream_fuzz(&(stream_subject){.framing = &cjt188_framing, .look = look}, data, size);
    return 0;
}
