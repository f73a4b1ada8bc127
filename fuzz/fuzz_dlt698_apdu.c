/* APDUs: what the walk accepts, written again node by node, is accepted and gives the same nodes;
 * a second writing gives the same bytes. Entries lie inside the APDU and hold whole values. */
#include "codec/dlt698/apdu.h"

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

static gt_err again(const uint8_t *in, size_t len, gt_wr *w, size_t *nodes)
{
    dlt698_walk walk;
    dlt698_walk_init(&walk, DLT698_TYPE_APDU, in, len);
    dlt698_node node;
    *nodes = 0;
    while (dlt698_walk_next(&walk, &node)) {
        require(node.offset + node.len <= len);
        require(node.depth <= DLT698_DEPTH_MAX);
        dlt698_write_node(w, &node);
        (*nodes)++;
    }
    return dlt698_walk_done(&walk);
}

static void entries_hold(const uint8_t *in, size_t len)
{
    dlt698_entries e;
    dlt698_entry entry;
    require(dlt698_entries_init(&e, in, len) == GT_ERR_OK);
    while (dlt698_entries_next(&e, &entry)) {
        if (entry.is_value) {
            dlt698_node node;
            require(entry.data >= in && entry.data + entry.data_len <= in + len);
            require(dlt698_data_one(entry.data, entry.data_len, &node) == GT_ERR_OK);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t first[IN_MAX];
    static uint8_t second[IN_MAX];
    size_t nodes = 0;
    size_t nodes2 = 0;
    if (size > IN_MAX) {
        return 0;
    }
    dlt698_node one;
    require(dlt698_data_one(data, size, &one) != GT_ERR_OK || one.offset + one.len <= size);
    gt_wr w = gt_wr_of(first, sizeof first);
    if (again(data, size, &w, &nodes) != GT_ERR_OK) {
        return 0;
    }
    require(gt_wr_done(&w) == GT_ERR_OK); /* never longer than what came */
    entries_hold(data, size);
    gt_wr w2 = gt_wr_of(second, sizeof second);
    require(again(first, w.len, &w2, &nodes2) == GT_ERR_OK);
    require(nodes == nodes2);
    require(w2.len == w.len && memcmp(first, second, w.len) == 0);
    return 0;
}
