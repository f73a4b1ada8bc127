/* CJ/T 188: decode, encode, compare; then message and values the same way. */
#include "codec/cjt188/describe.h"

#include "../tests/unit/codec/cjt188/numbers_same.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
    if (!good) {
        abort();
    }
}

static void message_check(const cjt188_frame *frame)
{
    cjt188_message m;
    if (cjt188_message_decode(frame, &m) != GT_ERR_OK) {
        return;
    }
    cjt188_frame again;
    must(cjt188_message_encode(&m, &again) == GT_ERR_OK);
    must(again.ctrl == frame->ctrl && again.data_len == frame->data_len);
    must(memcmp(again.data, frame->data, frame->data_len) == 0);
    cjt188_walk walk = cjt188_walk_of(&m);
    cjt188_value v[3];
    size_t count = 0;
    while (cjt188_walk_take(&walk, v, 3, &count) == GT_ERR_OK) {
        for (size_t i = 0; i < count; i++) {
            uint8_t back[CJT188_DATA_MAX];
            size_t len = 0;
            must(cjt188_value_encode(&v[i], back, sizeof back, &len) == GT_ERR_OK);
            must(len == cjt188_format_of(v[i].field)->bytes);
            must(v[i].bytes >= m.data && v[i].bytes + len <= m.data + m.data_len);
            must(memcmp(back, v[i].bytes, len) == 0);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    must(numbers_same(data, size));
    cjt188_frame frame = {0};
    uint8_t whole[CJT188_FRAME_MAX];
    size_t len = 0;
    if (cjt188_frame_decode(data, size, &frame) == GT_ERR_OK) {
        must(cjt188_frame_encode(&frame, whole, sizeof whole, &len) == GT_ERR_OK);
        must(len == size && memcmp(whole, data, len) == 0);
        message_check(&frame);
    }
    /* The same bytes as type, control code and data reach the messages without a right checksum. */
    if (size >= 2 && size <= CJT188_DATA_MAX && cjt188_type_valid(data[0])) {
        frame = (cjt188_frame){.type = data[0], .ctrl = data[1], .data_len = (uint8_t)(size - 2)};
        memcpy(frame.data, data + 2, size - 2);
        message_check(&frame);
        must(cjt188_frame_encode(&frame, whole, sizeof whole, &len) == GT_ERR_OK);
        codec_description *d = malloc(sizeof *d);
        must(d != NULL);
        cjt188_describe(NULL, whole, len, d);
        cjt188_describe(NULL, data, size, d);
        free(d);
    }
    return 0;
}
