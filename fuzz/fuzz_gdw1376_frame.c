/* Link frames and their description: what decodes must encode to the same bytes, and describing
 * never reads past the input. The first input byte chooses whether lengths and checksum are
 * repaired, so that the fuzzer gets behind them. */
#include "base/sum.h"
#include "codec/gdw1376/describe.h"
#include "codec/gdw1376/frame.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void repair(uint8_t *frame, size_t len)
{
    const size_t user_len = len - GDW1376_FRAME_EXTRA;
    frame[0] = frame[5] = 0x68;
    frame[1] = frame[3] = (uint8_t)(user_len << 2 | (frame[1] & 3U));
    frame[2] = frame[4] = (uint8_t)(user_len >> 6);
    frame[len - 2] = gt_sum8(frame + 6, user_len);
    frame[len - 1] = 0x16;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t in[GDW1376_FRAME_MAX];
    static uint8_t out[GDW1376_FRAME_MAX];
    static codec_description description;
    if (size < 1 || size - 1 > sizeof in) {
        return 0;
    }
    const size_t len = size - 1;
    memcpy(in, data + 1, len);
    if ((data[0] & 1) != 0 && len >= GDW1376_FRAME_MIN) {
        repair(in, len);
    }
    gdw1376_frame f;
    if (gdw1376_frame_decode(in, len, &f) == GT_ERR_OK) {
        size_t out_len = 0;
        require(gdw1376_frame_encode(&f, out, sizeof out, &out_len) == GT_ERR_OK);
        require(out_len == len);
        require(memcmp(in, out, len) == 0);
    }
    size_t claimed = 0;
    if (gdw1376_probe(in, len, &claimed) != CODEC_MATCH_NONE) {
        require(claimed <= len);
    }
    gdw1376_describe(in, len, &description);
    for (size_t i = 0; i < description.item_count; i++) {
        require((size_t)description.items[i].offset + description.items[i].len <= len);
    }
    for (size_t i = 0; i < description.field_count; i++) {
        require((size_t)description.fields[i].offset + description.fields[i].len <= len);
    }
    return 0;
}
