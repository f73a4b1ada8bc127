/* DL/T 698.45 frames out of a stream: see stream.h. Blocks go on to the joiner. */
#include "codec/dlt698/fragment.h"
#include "stream.h"

enum { APDU_MAX = 300 };

typedef struct joined {
    dlt698_joiner j;
    uint8_t apdu[APDU_MAX];
} joined;

static void reset(void *ctx)
{
    joined *to = ctx;
    dlt698_joiner_init(&to->j, to->apdu, sizeof to->apdu);
}

static uint64_t look(void *ctx, const uint8_t *frame, size_t len)
{
    joined *to = ctx;
    dlt698_frame f;
    dlt698_join join;
    require(dlt698_frame_decode(frame, len, &f) == GT_ERR_OK);
    if (dlt698_joiner_take(&to->j, &f, &join) != GT_ERR_OK) {
        return 0;
    }
    require(to->j.len <= sizeof to->apdu);
    return join == DLT698_JOIN_DONE ? to->j.len : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    joined to;
    stream_fuzz(&(stream_subject){&dlt698_framing, look, &to, reset}, data, size);
    return 0;
}
