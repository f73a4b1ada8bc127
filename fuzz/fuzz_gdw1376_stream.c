/* Q/GDW 1376.1 frames out of a stream: see stream.h. What comes out decodes or is refused by its
 * head alone. */
#include "codec/gdw1376/frame.h"
#include "stream.h"

static uint64_t look(void *ctx, const uint8_t *frame, size_t len)
{
    (void)ctx;
    gdw1376_frame f;
    const gt_err err = gdw1376_frame_decode(frame, len, &f);
    require(err == GT_ERR_OK || err == GT_ERR_TRUNCATED || err == GT_ERR_MALFORMED);
    return err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    stream_fuzz(&(stream_subject){.framing = &gdw1376_framing, .look = look}, data, size);
    return 0;
}
