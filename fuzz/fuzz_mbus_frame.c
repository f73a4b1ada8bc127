/* M-Bus frames: decode, encode, decode again, compare; then the content the same way. The bytes
 * also go in as data behind a CI field, inside a frame whose checksum is made right. */
#include "codec/mbus/content.h"
#include "codec/mbus/describe.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
    if (!good) {
        abort();
    }
}

static void content_check(const mbus_frame *frame)
{
    mbus_content c;
    if (mbus_content_decode(frame, &c) != GT_ERR_OK) {
        return;
    }
    must(c.rest_offset + c.rest_len == frame->data_len);
    uint8_t back[MBUS_FIXED_LEN];
    if (c.kind == MBUS_CONTENT_FIXED && !c.msb_first) {
        must(mbus_fixed_encode(&c.fixed, back) == GT_ERR_OK);
        must(memcmp(back, frame->data, MBUS_FIXED_LEN) == 0);
    } else if (c.kind == MBUS_CONTENT_SELECT && !c.msb_first) {
        mbus_device_encode(&c.select, back);
        must(memcmp(back, frame->data, MBUS_SELECT_LEN) == 0);
        must(mbus_device_match(&c.select, &c.select));
    } else if (c.header.kind == MBUS_HEADER_LONG && !c.msb_first) {
        mbus_header_encode(&c.header, back);
        must(memcmp(back, frame->data, MBUS_LONG_HEADER) == 0);
    }
}

static void whole_check(const uint8_t *data, size_t size)
{
    mbus_frame frame;
    size_t len = 0;
    const gt_err err = mbus_frame_decode(data, size, &frame);
    if (err != GT_ERR_OK) {
        return;
    }
    must(mbus_frame_len(data, size, &len) == GT_ERR_OK && len == size);
    uint8_t back[MBUS_FRAME_MAX];
    must(mbus_frame_encode(&frame, back, sizeof back, &len) == GT_ERR_OK);
    must(len == size && memcmp(back, data, len) == 0);
    if (frame.kind == MBUS_LONG) {
        content_check(&frame);
    }
}

static void describe_check(const uint8_t *data, size_t size)
{
    codec_description *d = malloc(sizeof *d);
    must(d != NULL);
    size_t claimed = 0;
    const codec_match match = mbus_probe(data, size, &claimed);
    must(match == CODEC_MATCH_NONE || (claimed > 0 && claimed <= size));
    mbus_describe(data, size, d);
    for (size_t i = 0; i < d->item_count; i++) {
        must(d->items[i].offset + d->items[i].len <= size);
    }
    free(d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    whole_check(data, size);
    describe_check(data, size);
    if (size >= 3 && size - 3 <= MBUS_DATA_MAX) {
        const mbus_frame frame = {MBUS_LONG,           data[0], data[1], data[2],
                                  (uint8_t)(size - 3), data + 3};
        uint8_t whole[MBUS_FRAME_MAX];
        size_t len = 0;
        must(mbus_frame_encode(&frame, whole, sizeof whole, &len) == GT_ERR_OK);
        size_t claimed = 0;
        must(mbus_probe(whole, len, &claimed) == CODEC_MATCH_FRAME && claimed == len);
        whole_check(whole, len);
        describe_check(whole, len);
    }
    return 0;
}
