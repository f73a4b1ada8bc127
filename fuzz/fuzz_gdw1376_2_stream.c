/* The stream machine: however the bytes are cut into reads, the same frames come out. */
#include "codec/gdw1376_2/stream.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct tally {
    uint32_t frames;
    uint32_t sum;
    uint32_t skipped;
} tally;

static tally run(const uint8_t *data, size_t size, size_t step)
{
    gdw1376_2_stream stream;
    gdw1376_2_stream_reset(&stream);
    tally t = {0};
    for (size_t pos = 0; pos < size; pos += step) {
        const size_t end = size - pos < step ? size : pos + step;
        size_t at = pos;
        bool got = true;
        while (got || at < end) {
            gdw1376_2_frame f;
            at += gdw1376_2_stream_feed(&stream, data + at, end - at, &f, &got);
            if (got) {
                t.frames++;
                t.sum = t.sum * 31 + f.afn + f.fn + (uint32_t)f.data_len;
                for (size_t i = 0; i < f.data_len; i++) {
                    t.sum = t.sum * 31 + f.data[i];
                }
            }
        }
    }
    t.skipped = stream.skipped;
    return t;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { SIZE_MAX_IN = 4096 };
    if (size == 0 || size > SIZE_MAX_IN) {
        return 0;
    }
    const tally whole = run(data, size, size);
    const tally parts = run(data, size, 1 + data[0] % 17);
    if (whole.frames != parts.frames || whole.sum != parts.sum || whole.skipped != parts.skipped) {
        abort();
    }
    return 0;
}
