/* The framing machine: however the bytes are cut into pieces, the same frames come out, no byte is
 * lost from the count, and what comes out decodes. Blocks go on to the joiner. The first byte is
 * the size of a piece, the second the size of the buffer. */
#include "codec/dlt698/fragment.h"
#include "codec/dlt698/stream.h"

#include <stdlib.h>

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
    uint64_t joined_bytes;
    size_t pending;
} outcome;

enum { SIZE_MAX_IN = 4096, APDU_MAX = 300 };

static outcome run(const uint8_t *data, size_t size, size_t piece, size_t cap)
{
    static uint8_t buf[SIZE_MAX_IN];
    static uint8_t apdu[APDU_MAX];
    dlt698_stream s;
    dlt698_joiner j;
    dlt698_stream_init(&s, buf, cap);
    dlt698_joiner_init(&j, apdu, sizeof apdu);
    outcome o = {0};
    while (size > 0) {
        const size_t taken = dlt698_stream_feed(&s, data, size < piece ? size : piece);
        const uint8_t *frame = NULL;
        size_t len = 0;
        while (dlt698_stream_next(&s, &frame, &len)) {
            dlt698_frame f;
            dlt698_join join;
            require(dlt698_frame_decode(frame, len, &f) == GT_ERR_OK);
            o.frame_bytes += len;
            if (dlt698_joiner_take(&j, &f, &join) == GT_ERR_OK) {
                require(j.len <= sizeof apdu);
                o.joined_bytes += join == DLT698_JOIN_DONE ? j.len : 0;
            }
        }
        require(taken > 0);
        require(dlt698_stream_pending(&s) < cap);
        data += taken;
        size -= taken;
    }
    o.frames = s.frames;
    o.garbage = s.garbage;
    o.pending = dlt698_stream_pending(&s);
    return o;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2 || size > SIZE_MAX_IN) {
        return 0;
    }
    const size_t cap = data[1] == 0 ? (size_t)SIZE_MAX_IN : (size_t)DLT698_STREAM_MIN + data[1];
    const outcome a = run(data + 2, size - 2, (size_t)data[0] + 1, cap);
    const outcome b = run(data + 2, size - 2, SIZE_MAX_IN, cap);
    require(a.frame_bytes + a.garbage + a.pending == size - 2);
    require(a.frames == b.frames && a.garbage == b.garbage && a.pending == b.pending);
    require(a.joined_bytes == b.joined_bytes);
    return 0;
}
