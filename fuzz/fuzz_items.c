/* Items of a meter model as text: the parser, and its values on bytes behind the text (after a zero
 * byte). What is told is built again and is the same bytes. */
#include "codec/items/items.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { DATA_MAX = 4096, DIGITS = 4 };

typedef struct state {
    items_set set;
    codec_description d;
    codec_value items[CODEC_ITEMS_MAX];
    uint8_t back[DATA_MAX];
} state;

static void must(bool good)
{
    if (!good) {
        abort();
    }
}

static void item_check(state *s, const items_item *item, codec_bytes data)
{
    codec_description_begin(&s->d, "items");
    if (items_describe(&s->set, item, DIGITS, data, 0, &s->d) != GT_ERR_OK) {
        must(s->d.item_count == 0);
        return;
    }
    if (s->d.cut) {
        return;
    }
    must(s->d.item_count == item->value_count);
    for (size_t i = 0; i < s->d.item_count; i++) {
        s->items[i] = (codec_value){s->d.items[i].id, s->d.items[i].value};
    }
    const codec_recipe recipe = {"", NULL, 0, s->items, s->d.item_count, NULL};
    codec_composer c = codec_composer_of(&recipe);
    gt_wr w = gt_wr_of(s->back, sizeof s->back);
    items_compose(&s->set, item, DIGITS, &c, &w);
    /* a number of more than 18 digits, or -0, is told but not read back */
    if (codec_compose_done(&c) == GT_ERR_OK && gt_wr_done(&w) == GT_ERR_OK) {
        must(w.len == data.len);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    state *s = malloc(sizeof *s);
    must(s != NULL);
    items_fault fault;
    const uint8_t *end = size > 0 ? memchr(data, 0, size) : NULL;
    const size_t text_len = end != NULL ? (size_t)(end - data) : size;
    const gt_err err = items_parse((const char *)data, text_len, &s->set, &fault);
    if (err != GT_ERR_OK) {
        must(fault.line > 0 && fault.expected != NULL);
    } else {
        const codec_bytes rest = {data + text_len + (end != NULL), size - text_len - (end != NULL)};
        for (size_t i = 0; i < s->set.item_count; i++) {
            item_check(s, &s->set.items[i], rest);
        }
    }
    free(s);
    return 0;
}
