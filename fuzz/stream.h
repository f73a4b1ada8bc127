/* The framing machine with one protocol's table: however the bytes are cut into pieces, the same
 * frames come out, no byte is lost from the count, and what comes out is right. The first byte is
 * also the size of a piece, the second the size of a small buffer. Shared by fuzz_*_stream.c. */
#ifndef GT_FUZZ_STREAM_H
#define GT_FUZZ_STREAM_H

#include "base/sum.h"
#include "codec/stream/stream.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

typedef struct stream_subject {
    const codec_framing *framing;
    /* Looks closer at one frame. @return a number that must not depend on the cuts */
    uint64_t (*look)(void *ctx, const uint8_t *frame, size_t len);
    void *ctx;
    void (*reset)(void *ctx); /* before each run; NULL when there is nothing to forget */
} stream_subject;

typedef struct stream_outcome {
    uint64_t frames;
    uint64_t garbage;
    uint64_t preambles;
    uint64_t sum; /* of the frames' bytes and of what look said */
    uint64_t pending;
} stream_outcome;

enum { STREAM_IN_MAX = 4096 };

static stream_outcome stream_run(const stream_subject *of, const uint8_t *data, size_t size,
                                 size_t piece, size_t cap)
{
    uint8_t *buf = malloc(cap); /* of just that size, so that a step past it is seen */
    require(buf != NULL);
    codec_stream s;
    codec_stream_init(&s, of->framing, buf, cap);
    if (of->reset != NULL) {
        of->reset(of->ctx);
    }
    uint64_t sum = 0;
    uint64_t in_frames = 0;
    for (size_t at = 0; at < size;) {
        const size_t taken =
            codec_stream_feed(&s, data + at, size - at < piece ? size - at : piece);
        const uint8_t *frame = NULL;
        size_t len = 0;
        while (codec_stream_next(&s, &frame, &len)) {
            require(len <= cap && of->framing->frame_check(frame, len) == GT_ERR_OK);
            in_frames += len;
            sum = sum * 31 + gt_crc32(frame, len);
            sum = sum * 31 + of->look(of->ctx, frame, len);
        }
        require(taken > 0);
        require(codec_stream_pending(&s) < cap);
        at += taken;
    }
    const stream_outcome o = {s.frames, s.garbage, s.preambles, sum, codec_stream_pending(&s)};
    require(in_frames + o.garbage + o.preambles + o.pending == size);
    free(buf);
    return o;
}

static void stream_fuzz(const stream_subject *of, const uint8_t *data, size_t size)
{
    if (size < 2 || size > STREAM_IN_MAX) {
        return;
    }
    const size_t small = of->framing->cap_min + data[1];
    const stream_outcome large = stream_run(of, data, size, size, STREAM_IN_MAX);
    const stream_outcome bounded = stream_run(of, data, size, size, small);
    const stream_outcome cut[] = {
        stream_run(of, data, size, 1, STREAM_IN_MAX),
        stream_run(of, data, size, 1 + data[0] % 17, STREAM_IN_MAX),
    };
    const stream_outcome cut_bounded = stream_run(of, data, size, (size_t)data[0] + 1, small);
    require(memcmp(&large, &cut[0], sizeof large) == 0);
    require(memcmp(&large, &cut[1], sizeof large) == 0);
    require(memcmp(&bounded, &cut_bounded, sizeof bounded) == 0);
}

/* A look: the frame decodes, and encodes to the bytes it came from. */
#define STREAM_LOOK_BACK(protocol, frame_max)                                            \
    static uint64_t look(void *ctx, const uint8_t *frame, size_t len)                    \
    {                                                                                    \
        (void)ctx;                                                                       \
        protocol##_frame f;                                                              \
        uint8_t back[frame_max];                                                         \
        size_t back_len = 0;                                                             \
        require(protocol##_frame_decode(frame, len, &f) == GT_ERR_OK);                   \
        require(protocol##_frame_encode(&f, back, sizeof back, &back_len) == GT_ERR_OK); \
        require(back_len == len && memcmp(back, frame, len) == 0);                       \
        return 0;                                                                        \
    }

#endif
