/* Q/GDW 1376.2 frames out of a stream: see stream.h. */
#include "codec/gdw1376_2/frame.h"
#include "stream.h"

STREAM_LOOK_BACK(gdw1376_2, GDW1376_2_FRAME_MAX)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    stream_fuzz(&(stream_subject){.framing = &gdw1376_2_framing, .look = look}, data, size);
    return 0;
}
