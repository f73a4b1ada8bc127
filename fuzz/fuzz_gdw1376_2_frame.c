/* Q/GDW 1376.2: decode, encode, compare; the same with length and checksum put right, so that the
 * fuzzer gets past them; and both in words. */
#include "base/sum.h"
#include "codec/gdw1376_2/describe.h"
#include "codec/gdw1376_2/frame.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
    if (!good) {
        abort();
    }
}

static void check(const uint8_t *in, size_t len)
{
    gdw1376_2_frame f;
    if (gdw1376_2_frame_decode(in, len, &f) == GT_ERR_OK) {
        uint8_t back[GDW1376_2_FRAME_MAX];
        size_t back_len = 0;
        must(gdw1376_2_frame_encode(&f, back, sizeof back, &back_len) == GT_ERR_OK);
        must(back_len == len && memcmp(back, in, len) == 0);
    }
    codec_description *d = malloc(sizeof *d);
    must(d != NULL);
    gdw1376_2_describe(in, len, d);
    for (size_t i = 0; i < d->item_count; i++) {
        must(d->items[i].offset + d->items[i].len <= len);
    }
    must(d->inner_offset + d->inner_len <= len);
    free(d);
    size_t claimed = 0;
    must(gdw1376_2_probe(in, len, &claimed) == CODEC_MATCH_NONE || claimed <= len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check(data, size);
    if (size >= GDW1376_2_FRAME_MIN && size <= GDW1376_2_FRAME_MAX) {
        uint8_t whole[GDW1376_2_FRAME_MAX];
        memcpy(whole, data, size);
        whole[0] = 0x68;
        whole[1] = (uint8_t)size;
        whole[2] = (uint8_t)(size >> 8);
        whole[size - 2] = gt_sum8(whole + 3, size - 5);
        whole[size - 1] = 0x16;
        check(whole, size);
    }
    return 0;
}
