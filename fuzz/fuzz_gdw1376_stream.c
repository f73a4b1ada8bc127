/* The framing machine: however the bytes are cut into pieces, the same frames come out, no byte is
 * lost from the count, and what comes out decodes or is refused by its head alone. The first byte
 * is the size of a piece, the second the size of the buffer. */
#include "codec/gdw1376/stream.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

typedef struct outcome {
    uint64_t frames;
    uint64_t garbage;
    uint64_t frame_bytes;
    size_t pending;
} outcome;

static outcome run(const uint8_t *data, size_t size, size_t piece, size_t cap)
{
    static uint8_t buf[GDW1376_FRAME_MAX];
    gdw1376_stream s;
    gdw1376_stream_init(&s, buf, cap);
    outcome o = {0};
    while (size > 0) {
        const size_t taken = gdw1376_stream_feed(&s, data, size < piece ? size : piece);
        const uint8_t *frame = NULL;
        size_t len = 0;
        while (gdw1376_stream_next(&s, &frame, &len)) {
            gdw1376_frame f;
            const gt_err err = gdw1376_frame_decode(frame, len, &f);
            require(err == GT_ERR_OK || err == GT_ERR_TRUNCATED || err == GT_ERR_MALFORMED);
            o.frame_bytes += len;
        }
        require(taken > 0);
        require(gdw1376_stream_pending(&s) < cap);
        data += taken;
        size -= taken;
    }
    o.frames = s.frames;
    o.garbage = s.garbage;
    o.pending = gdw1376_stream_pending(&s);
    return o;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { SIZE_MAX_IN = 4096 };
    if (size < 2 || size > SIZE_MAX_IN) {
        return 0;
    }
    const size_t cap =
        data[1] == 0 ? (size_t)GDW1376_FRAME_MAX : (size_t)GDW1376_STREAM_MIN + data[1];
    const outcome a = run(data + 2, size - 2, (size_t)data[0] + 1, cap);
    const outcome b = run(data + 2, size - 2, SIZE_MAX_IN, cap);
    require(a.frame_bytes + a.garbage + a.pending == size - 2);
    require(a.frames == b.frames && a.garbage == b.garbage && a.pending == b.pending);
    return 0;
}
