/* Lines of a DTU's command mode out of a stream: see stream.h. Each is told without error, and
 * encodes to a line that says the same. */
#include "codec/dtu/describe.h"
#include "codec/dtu/line.h"
#include "stream.h"

static bool same(const char *a, size_t a_len, const char *b, size_t b_len)
{
    return a_len == b_len && memcmp(a, b, a_len) == 0;
}

static uint64_t look(void *ctx, const uint8_t *frame, size_t len)
{
    codec_description *d = ctx;
    dtu_line line;
    dtu_line again;
    uint8_t back[DTU_LINE_MAX + 4];
    size_t back_len = 0;
    require(dtu_line_decode(frame, len, &line) == GT_ERR_OK);
    require(dtu_line_encode(&line, back, sizeof back, &back_len) == GT_ERR_OK);
    require(dtu_line_decode(back, back_len, &again) == GT_ERR_OK);
    require(line.kind == again.kind && same(line.sep, line.sep_len, again.sep, again.sep_len));
    require(same(line.name, line.name_len, again.name, again.name_len));
    require(same(line.value, line.value_len, again.value, again.value_len));
    dtu_describe(NULL, frame, len, d);
    require(d->error_count == 0);
    return d->field_count * 31 + d->item_count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static codec_description d;
    stream_fuzz(&(stream_subject){.framing = &dtu_line_framing, .look = look, .ctx = &d}, data,
                size);
    return 0;
}
