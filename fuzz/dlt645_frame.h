/* DL/T 645 of either edition: decode, encode, decode again, compare; then message and values the
 * same way. Shared by fuzz_dlt645_frame.c and fuzz_dlt645_1997.c. */
#ifndef GT_FUZZ_DLT645_FRAME_H
#define GT_FUZZ_DLT645_FRAME_H

#include "codec/dlt645/describe.h"
#include "codec/dlt645/message.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct edition {
    gt_err (*decode)(const dlt645_frame *frame, dlt645_message *out);
    dlt645_walk (*walk_of)(uint32_t di, const uint8_t *data, size_t len);
    void (*describe)(const items_set *own, const uint8_t *in, size_t in_len,
                     codec_description *out);
} edition;

static void must(bool good)
{
    if (!good) {
        abort();
    }
}

static void values_check(const edition *of, const dlt645_message *m)
{
    dlt645_walk walk = of->walk_of(m->di, m->data, m->data_len);
    dlt645_value v[7];
    size_t count = 0;
    while (dlt645_walk_take(&walk, v, sizeof v / sizeof v[0], &count) == GT_ERR_OK) {
        for (size_t i = 0; i < count; i++) {
            uint8_t back[DLT645_DATA_MAX];
            size_t len = 0;
            must(dlt645_value_encode(&v[i], back, sizeof back, &len) == GT_ERR_OK);
            must(v[i].bytes >= m->data && v[i].bytes + len <= m->data + m->data_len);
            must(memcmp(back, v[i].bytes, len) == 0);
        }
    }
}

static void message_check(const edition *of, const dlt645_frame *frame)
{
    dlt645_message m;
    if (of->decode(frame, &m) != GT_ERR_OK) {
        return;
    }
    dlt645_frame again;
    must(dlt645_message_encode(&m, &again) == GT_ERR_OK);
    must(memcmp(&again, frame, sizeof again) == 0);
    values_check(of, &m);
}

static int frame_fuzz(const edition *of, const uint8_t *data, size_t size)
{
    dlt645_frame frame = {0}; /* what lies behind the data stays as it is */
    if (dlt645_frame_decode(data, size, &frame) == GT_ERR_OK) {
        uint8_t back[DLT645_FRAME_MAX];
        size_t len = 0;
        must(dlt645_frame_encode(&frame, back, sizeof back, &len) == GT_ERR_OK);
        must(len == size && memcmp(back, data, len) == 0);
        message_check(of, &frame);
    }
    /* The same bytes as data of a frame reach the messages without a right checksum. */
    if (size >= 1 && size <= DLT645_DATA_MAX) {
        frame = (dlt645_frame){.ctrl = data[0], .data_len = (uint8_t)(size - 1)};
        memcpy(frame.data, data + 1, size - 1);
        message_check(of, &frame);
        uint8_t whole[DLT645_FRAME_MAX];
        size_t len = 0;
        must(dlt645_frame_encode(&frame, whole, sizeof whole, &len) == GT_ERR_OK);
        codec_description *d = malloc(sizeof *d);
        must(d != NULL);
        of->describe(NULL, whole, len, d);
        of->describe(NULL, data, size, d);
        free(d);
    }
    return 0;
}

#endif
