/* Hex text as people paste it: bytes out of it, printed plainly, give the same bytes again; then
 * every stretch the detector finds is described, without gaps or overlaps. */
#include "base/hex.h"
#include "codec/detect/detect.h"
#include "prog/hex_text.h"

#include <stdlib.h>
#include <string.h>

enum { BYTES_MAX = 2048 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
    if (!good) {
        abort();
    }
}

static void stretches_check(const uint8_t *bytes, size_t len)
{
    codec_description *d = malloc(sizeof *d);
    must(d != NULL);
    for (size_t pos = 0; pos < len;) {
        const codec_found found = codec_detect(CODEC_ANY, bytes, len, pos);
        must(found.offset == pos && found.len > 0 && found.len <= len - pos);
        codec_found_describe(&found, NULL, bytes, d);
        must(found.match == CODEC_MATCH_FRAME || d->error_count > 0);
        for (size_t i = 0; i < d->field_count; i++) {
            must((size_t)d->fields[i].offset + d->fields[i].len <= found.len);
        }
        for (size_t i = 0; i < d->item_count; i++) {
            must((size_t)d->items[i].offset + d->items[i].len <= found.len);
        }
        must(d->inner_len == 0 || (size_t)d->inner_offset + d->inner_len <= found.len);
        pos = found.offset + found.len;
    }
    free(d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t bytes[BYTES_MAX];
    hex_text_bytes out = {bytes, sizeof bytes, 0};
    hex_text_fault fault;
    if (hex_text_parse((const char *)data, size, &out, &fault) == GT_ERR_OK) {
        char text[2 * BYTES_MAX + 1];
        gt_hex_format(bytes, out.len, text, sizeof text);
        uint8_t again[BYTES_MAX];
        hex_text_bytes back = {again, sizeof again, 0};
        must(hex_text_parse(text, 2 * out.len, &back, &fault) == GT_ERR_OK);
        must(back.len == out.len && memcmp(again, bytes, out.len) == 0);
        stretches_check(bytes, out.len);
    }
    if (size <= BYTES_MAX) {
        stretches_check(data, size);
    }
    return 0;
}
