/* DL/T 645 frames out of a stream: see stream.h. */
#include "codec/dlt645/frame.h"
#include "stream.h"

STREAM_LOOK_BACK(dlt645, DLT645_FRAME_MAX)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    stream_fuzz(&(stream_subject){.framing = &dlt645_framing, .look = look}, data, size);
    return 0;
}
