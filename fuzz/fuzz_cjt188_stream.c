/* The stream machine: however the bytes are cut into reads, the same frames come out. */
#include "codec/cjt188/stream.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct tally {
    uint32_t frames;
    uint32_t sum;
    uint32_t skipped;
} tally;

static tally run(const uint8_t *data, size_t size, size_t step)
{
    cjt188_stream stream;
    cjt188_stream_reset(&stream);
    tally t = {0};
    for (size_t pos = 0; pos < size; pos += step) {
        const size_t end = size - pos < step ? size : pos + step;
        size_t at = pos;
        bool got = true;
        while (got || at < end) {
            cjt188_frame frame;
            at += cjt188_stream_feed(&stream, data + at, end - at, &frame, &got);
            if (got) {
                t.frames++;
                t.sum = t.sum * 31 + frame.ctrl + (uint32_t)frame.addr + frame.data_len;
            }
        }
    }
    t.skipped = stream.skipped;
    return t;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    const tally whole = run(data, size, size);
    const tally bytes = run(data, size, 1);
    const tally parts = run(data, size, 1 + data[0] % 17);
    if (memcmp(&whole, &bytes, sizeof whole) != 0 || memcmp(&whole, &parts, sizeof whole) != 0) {
        abort();
    }
    return 0;
}
