/* Link frames and their description: what decodes must encode to the same bytes, and describing
 * never reads past the input. The first input byte chooses whether length, HCS and FCS are
 * repaired, so that the fuzzer gets behind them. */
#include "base/sum.h"
#include "codec/dlt698/describe.h"
#include "codec/dlt698/frame.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { IN_MAX = 4096 };

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void repair(uint8_t *frame, size_t len)
{
    const size_t head = 6U + (frame[4] & 0x0FU) + 1U;
    if (len < head + 5) {
        return;
    }
    frame[0] = 0x68;
    frame[1] = (uint8_t)(len - 2);
    frame[2] = (uint8_t)((len - 2) >> 8);
    frame[3] &= 0xEF;
    const uint16_t hcs = gt_crc16_x25(frame + 1, head - 1);
    frame[head] = (uint8_t)hcs;
    frame[head + 1] = (uint8_t)(hcs >> 8);
    const uint16_t fcs = gt_crc16_x25(frame + 1, len - 4);
    frame[len - 3] = (uint8_t)fcs;
    frame[len - 2] = (uint8_t)(fcs >> 8);
    frame[len - 1] = 0x16;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t in[IN_MAX];
    static uint8_t out[IN_MAX];
    static uint8_t clear[IN_MAX];
    static codec_description description;
    if (size < 1 || size - 1 > sizeof in) {
        return 0;
    }
    const size_t len = size - 1;
    memcpy(in, data + 1, len);
    if ((data[0] & 1) != 0 && len >= DLT698_FRAME_MIN) {
        repair(in, len);
    }
    dlt698_frame f;
    if (dlt698_frame_decode(in, len, &f) == GT_ERR_OK) {
        size_t out_len = 0;
        require(dlt698_frame_data(&f, clear, sizeof clear, &f.data) == GT_ERR_OK);
        require(dlt698_frame_encode(&f, out, sizeof out, &out_len) == GT_ERR_OK);
        require(out_len == len);
        require(memcmp(in, out, len) == 0);
    }
    size_t claimed = 0;
    if (dlt698_probe(in, len, &claimed) != CODEC_MATCH_NONE) {
        require(claimed <= len);
    }
    dlt698_describe(in, len, &description);
    for (size_t i = 0; i < description.item_count; i++) {
        require((size_t)description.items[i].offset + description.items[i].len <= len);
    }
    for (size_t i = 0; i < description.field_count; i++) {
        require((size_t)description.fields[i].offset + description.fields[i].len <= len);
    }
    require((size_t)description.inner_offset + description.inner_len <= len);
    return 0;
}
