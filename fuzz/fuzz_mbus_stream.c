/* The stream machine: however the bytes are cut into reads, the same frames come out; and what
 * comes out encodes to bytes that were in the stream. Checksums at the places where a frame seems
 * to end are repaired first, on a copy, so that more of them get through. */
#include "base/sum.h"
#include "codec/mbus/stream.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { REPAIRED_MAX = 4096 };

typedef struct tally {
    uint32_t frames;
    uint32_t sum;
    uint32_t skipped;
    uint32_t held;
} tally;

static void frame_add(tally *t, const mbus_frame *frame)
{
    uint8_t back[MBUS_FRAME_MAX];
    size_t len = 0;
    if (mbus_frame_encode(frame, back, sizeof back, &len) != GT_ERR_OK) {
        abort();
    }
    t->frames++;
    t->held += (uint32_t)len;
    t->sum = t->sum * 31 + gt_crc32(back, len);
}

static tally run(const uint8_t *data, size_t size, size_t step)
{
    mbus_stream stream;
    mbus_stream_reset(&stream);
    tally t = {0};
    for (size_t pos = 0; pos < size; pos += step) {
        const size_t end = size - pos < step ? size : pos + step;
        size_t at = pos;
        bool got = true;
        while (got || at < end) {
            mbus_frame frame;
            at += mbus_stream_feed(&stream, data + at, end - at, &frame, &got);
            if (got) {
                frame_add(&t, &frame);
            }
        }
    }
    t.skipped = stream.skipped;
    t.held += (uint32_t)stream.len;
    if (t.held + t.skipped != size) { /* every byte is in a frame, skipped or waiting */
        abort();
    }
    return t;
}

static void cuts_check(const uint8_t *data, size_t size)
{
    const tally whole = run(data, size, size);
    const tally bytes = run(data, size, 1);
    const tally parts = run(data, size, 1 + data[0] % 17);
    if (memcmp(&whole, &bytes, sizeof whole) != 0 || memcmp(&whole, &parts, sizeof whole) != 0) {
        abort();
    }
}

static void repair(uint8_t *buf, size_t size)
{
    for (size_t at = 0; at < size; at++) {
        size_t len = 0;
        if (buf[at] == MBUS_START_LONG && size - at > 3) {
            buf[at + 2] = buf[at + 1];
            buf[at + 3] = MBUS_START_LONG;
        }
        if (mbus_frame_len(buf + at, size - at, &len) != GT_ERR_OK || len > size - at || len == 1) {
            continue;
        }
        const size_t head = buf[at] == MBUS_START_LONG ? 4 : 1;
        buf[at + len - 2] = gt_sum8(buf + at + head, len - head - 2);
        buf[at + len - 1] = MBUS_END;
        at += len - 1;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || size > REPAIRED_MAX) {
        return 0;
    }
    cuts_check(data, size);
    uint8_t buf[REPAIRED_MAX];
    memcpy(buf, data, size);
    repair(buf, size);
    cuts_check(buf, size);
    return 0;
}
