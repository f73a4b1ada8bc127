/* Asks a meter for its energy and tells what came back. The line is two buffers here; a program of
 * your own would write `request` to a serial port and feed what it reads. */
#include "codec/detect/compose.h"
#include "codec/dlt645/frame.h"
#include "codec/stream/stream.h"

#include <stdio.h>

/* What the line brought: a preamble, an answer, and half of another one. */
static const uint8_t received[] = {
    0xFE, 0xFE, 0x68, 0x12, 0x90, 0x78, 0x56, 0x34, 0x12, 0x68, 0x91, 0x08, 0x33,
    0x33, 0x34, 0x33, 0xAB, 0x89, 0x67, 0x45, 0xCC, 0x16, 0x68, 0x12, 0x90, 0x78,
};

static void tell(const uint8_t *frame, size_t len)
{
    static codec_description d;
    const codec_found found = codec_detect(CODEC_ANY, frame, len, 0);
    codec_found_describe(&found, NULL, frame, &d);
    printf("%s %s: %s\n", d.protocol, d.address, d.title.en);
    for (size_t i = 0; i < d.item_count; i++) {
        const codec_item *item = &d.items[i];
        printf("  %s %s (%s) = %s %s\n", item->id, item->name.en, item->name.zh,
               item->value != NULL ? item->value : "-", item->unit);
    }
    for (size_t i = 0; i < d.error_count; i++) {
        printf("  byte %u: expected %s, found %s\n", (unsigned)d.errors[i].offset,
               d.errors[i].expected, d.errors[i].found);
    }
}

static int ask(uint8_t *request, size_t cap, size_t *out_len)
{
    static const codec_value fields[] = {{"control", "11H"}, {"di", "00010000"}};
    const codec_recipe recipe = {.address = "123456789012", .fields = fields, .field_count = 2};
    gt_wr out = gt_wr_of(request, cap);
    codec_recipe_fault fault;
    if (codec_compose(CODEC_DLT645, &recipe, &out, &fault) != GT_ERR_OK) {
        fprintf(stderr, "%s: expected %s, found %s\n", fault.id, fault.expected, fault.found);
        return 1;
    }
    *out_len = out.len;
    return 0;
}

int main(void)
{
    uint8_t request[DLT645_FRAME_MAX];
    size_t request_len = 0;
    if (ask(request, sizeof request, &request_len) != 0) {
        return 1;
    }
    tell(request, request_len);
    uint8_t buf[DLT645_FRAME_MAX];
    codec_stream stream;
    codec_stream_init(&stream, &dlt645_framing, buf, sizeof buf);
    for (size_t pos = 0; pos < sizeof received;) {
        pos += codec_stream_feed(&stream, received + pos, sizeof received - pos);
        const uint8_t *frame = NULL;
        size_t len = 0;
        while (codec_stream_next(&stream, &frame, &len)) {
            tell(frame, len);
        }
    }
    printf("%u bytes of a frame wait for more\n", (unsigned)codec_stream_pending(&stream));
    return 0;
}
