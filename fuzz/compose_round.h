/* What a protocol's describe tells, its compose builds again. Included by one fuzz_NAME_compose.c a
 * protocol, which defines FUZZ_PROTOCOL. A frame that is not canonical may be refused, or come out
 * as its canonical form: then that form says the same and comes out as itself. */
#include "codec/detect/compose.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A frame's description and the frame built from it. */
typedef struct round_trip {
    codec_description d;
    uint8_t out[CODEC_COMPOSED_MAX];
    size_t out_len;
} round_trip;

static void must(bool good)
{
    if (!good) {
        abort();
    }
}

static bool text_same(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* @return false when the bytes are no whole frame told in full, or it is not composed */
static bool round_make(round_trip *r, const uint8_t *in, size_t in_len)
{
    static const uint8_t nothing = 0;
    const codec_found found = codec_detect(FUZZ_PROTOCOL, in_len > 0 ? in : &nothing, in_len, 0);
    if (in_len == 0 || found.match != CODEC_MATCH_FRAME || found.len != in_len) {
        return false;
    }
    codec_found_describe(&found, NULL, in, &r->d);
    if (r->d.error_count > 0 || r->d.cut) {
        return false;
    }
    codec_value fields[CODEC_FIELDS_MAX];
    codec_value items[CODEC_ITEMS_MAX];
    for (size_t i = 0; i < r->d.field_count; i++) {
        fields[i] = (codec_value){r->d.fields[i].id, r->d.fields[i].value};
    }
    for (size_t i = 0; i < r->d.item_count; i++) {
        items[i] = (codec_value){r->d.items[i].id, r->d.items[i].value};
    }
    const codec_recipe recipe = {r->d.address, fields,          r->d.field_count,
                                 items,        r->d.item_count, NULL};
    gt_wr w = gt_wr_of(r->out, sizeof r->out);
    codec_recipe_fault fault;
    if (codec_compose(FUZZ_PROTOCOL, &recipe, &w, &fault) != GT_ERR_OK) {
        must(w.len == 0 && fault.err != GT_ERR_OK);
        return false;
    }
    r->out_len = w.len;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    round_trip *first = malloc(sizeof *first);
    round_trip *second = malloc(sizeof *second);
    must(first != NULL && second != NULL);
    if (round_make(first, data, size)) {
        must(round_make(second, first->out, first->out_len));
        must(second->out_len == first->out_len);
        must(memcmp(second->out, first->out, first->out_len) == 0);
        must(text_same(first->d.address, second->d.address));
        must(first->d.item_count == second->d.item_count);
        for (size_t i = 0; i < first->d.item_count; i++) {
            must(text_same(first->d.items[i].id, second->d.items[i].id));
            must(text_same(first->d.items[i].value, second->d.items[i].value));
        }
    }
    free(first);
    free(second);
    return 0;
}
