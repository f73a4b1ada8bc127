/* The connection of a box to its station. Each side has its own view of it: after an orderly end
 * what was sent before still arrives, after a break it does not, and one side may believe in a
 * connection long after the other has given it up. */
#include "chain_priv.h"

#include <stdio.h>

enum { MINUTE_US = 60000000, RECEIVE_MAX = 1024 };

const char *chain_fault_name(chain_fault fault)
{
    static const char *const names[CHAIN_FAULTS] = {"none",   "lost", "last",    "stale",
                                                    "double", "held", "station", "box"};
    return names[fault];
}

static gt_mono later(gt_mono at, int64_t us)
{
    return (gt_mono){at.us + us};
}

void chain_link_init(chain_box *b)
{
    chain_link *l = &b->link;
    network_init(&l->net, &b->chain->cfg.network, b->chain->cfg.seed * 7 + b->nth);
    l->station_learns = GT_MONO_NEVER;
    l->box_learns = GT_MONO_NEVER;
    l->held_until = GT_MONO_NEVER;
    l->stale_until = GT_MONO_NEVER;
}

void chain_link_open(chain_box *b)
{
    chain_link *l = &b->link;
    l->connecting = true;
    l->connect_at = later(b->chain->world.now, 2 * b->chain->cfg.network.delay_max_us);
}

void chain_link_break(chain_box *b)
{
    chain_link *l = &b->link;
    l->broken = true;
    l->station_learns = b->chain->world.now;
    l->box_learns = b->chain->world.now;
}

chain_box *chain_link_of(chain *c, uint64_t id)
{
    for (unsigned i = 0; i < c->cfg.boxes; i++) {
        if (c->box[i].link.station_open && c->box[i].link.id == id) {
            return &c->box[i];
        }
    }
    return NULL;
}

static gt_err fault_meets(chain_box *b, network_side to, const uint8_t *bytes, size_t len)
{
    chain *c = b->chain;
    chain_link *l = &b->link;
    const gt_mono now = c->world.now;
    chain_trace(c, chain_fault_name(c->fault), b->nth, NULL, 0);
    switch (c->fault) {
    case CHAIN_FAULT_NONE:
        break;
    case CHAIN_FAULT_LOST:
        chain_link_break(b);
        return GT_ERR_OK;
    case CHAIN_FAULT_LAST:
        l->last = true;
        break;
    case CHAIN_FAULT_STALE:
        chain_link_break(b);
        l->station_learns = to == NETWORK_TO_BOX ? now : later(now, MINUTE_US);
        l->box_learns = to == NETWORK_TO_STATION ? now : later(now, MINUTE_US);
        return GT_ERR_OK;
    case CHAIN_FAULT_DOUBLE:
        if (network_send(&l->net, to, bytes, len, now) != GT_ERR_OK) {
            return GT_ERR_BUSY;
        }
        break;
    case CHAIN_FAULT_HELD:
        network_partition(&l->net, true, now);
        l->held_until = later(now, MINUTE_US);
        break;
    case CHAIN_FAULT_STATION:
        c->station_killed = true;
        return GT_ERR_OK;
    case CHAIN_FAULT_BOX:
        b->killed = true;
        return GT_ERR_OK;
    }
    return network_send(&l->net, to, bytes, len, now);
}

gt_err chain_link_carry(chain_box *b, network_side to, const uint8_t *bytes, size_t len)
{
    chain *c = b->chain;
    chain_link *l = &b->link;
    if (to == NETWORK_TO_STATION ? !l->box_open : !l->station_open) {
        return GT_ERR_CLOSED;
    }
    chain_trace(c, to == NETWORK_TO_STATION ? "up" : "down", b->nth, bytes, len);
    if (l->broken) {
        return GT_ERR_OK; /* into the void */
    }
    c->messages++;
    if (c->messages == c->fault_at) {
        return fault_meets(b, to, bytes, len);
    }
    return network_send(&l->net, to, bytes, len, c->world.now);
}

static bool empty(const chain_link *l, network_side to)
{
    return network_room(&l->net, to) == (size_t)NETWORK_CHUNKS_MAX * NETWORK_CHUNK_MAX;
}

/* An orderly end reaches the other side behind everything sent before it. */
static bool end_has_come(const chain_link *l, network_side to)
{
    const bool sender_open = to == NETWORK_TO_BOX ? l->station_open : l->box_open;
    const bool receiver_open = to == NETWORK_TO_BOX ? l->box_open : l->station_open;
    return !sender_open && receiver_open && !l->broken && empty(l, to);
}

gt_mono chain_link_deadline(void *box)
{
    const chain_box *b = box;
    const chain_link *l = &b->link;
    const gt_mono now = b->chain->world.now;
    if (end_has_come(l, NETWORK_TO_BOX) || end_has_come(l, NETWORK_TO_STATION) ||
        (l->last && empty(l, NETWORK_TO_BOX) && empty(l, NETWORK_TO_STATION))) {
        return now;
    }
    const gt_mono all[] = {network_deadline(&l->net),
                           l->connecting && !l->net.partitioned ? l->connect_at : GT_MONO_NEVER,
                           l->station_open ? l->station_learns : GT_MONO_NEVER,
                           l->box_open ? l->box_learns : GT_MONO_NEVER,
                           l->held_until,
                           l->stale_id != 0 ? l->stale_until : GT_MONO_NEVER};
    gt_mono first = all[0];
    for (size_t i = 1; i < sizeof all / sizeof all[0]; i++) {
        first = all[i].us < first.us ? all[i] : first;
    }
    return first;
}

static void tell_station(chain_box *b)
{
    chain *c = b->chain;
    b->link.station_open = false;
    if (chain_station_alive(c)) {
        headend_closed(c->headend, b->link.id, chain_now(c));
        chain_station_after(c);
    }
}

static void tell_box(chain_box *b)
{
    b->link.box_open = false;
    if (b->core != NULL && !b->killed) {
        concentrator_link_closed(b->core, chain_box_now(b));
        chain_box_after(b);
    }
}

static void connect_box(chain_box *b)
{
    chain *c = b->chain;
    chain_link *l = &b->link;
    l->connecting = false;
    if (!chain_station_alive(c)) {
        tell_box(b);
        return;
    }
    if (l->station_open) {
        l->stale_id = l->id;
        l->stale_until = later(c->world.now, MINUTE_US);
    }
    network_reset(&l->net);
    l->id = ++c->links;
    l->broken = false;
    l->last = false;
    l->station_learns = GT_MONO_NEVER;
    l->box_learns = GT_MONO_NEVER;
    l->station_open = true;
    l->box_open = true;
    char peer[16];
    (void)snprintf(peer, sizeof peer, "box %u", b->nth + 1);
    headend_connected(c->headend, l->id, peer, chain_now(c));
    chain_station_after(c);
    concentrator_link_opened(b->core, chain_box_now(b));
    chain_box_after(b);
}

static void deliver(chain_box *b)
{
    chain *c = b->chain;
    chain_link *l = &b->link;
    uint8_t bytes[RECEIVE_MAX];
    size_t len = network_receive(&l->net, NETWORK_TO_STATION, c->world.now, bytes, sizeof bytes);
    while (len > 0) {
        if (l->station_open && chain_station_alive(c)) {
            headend_bytes(c->headend, l->id, bytes, len, chain_now(c));
            chain_station_after(c);
        }
        len = network_receive(&l->net, NETWORK_TO_STATION, c->world.now, bytes, sizeof bytes);
    }
    len = network_receive(&l->net, NETWORK_TO_BOX, c->world.now, bytes, sizeof bytes);
    while (len > 0) {
        if (l->box_open && b->core != NULL && !b->killed) {
            concentrator_link_bytes(b->core, chain_box_now(b), bytes, len);
            chain_box_after(b);
        }
        len = network_receive(&l->net, NETWORK_TO_BOX, c->world.now, bytes, sizeof bytes);
    }
}

static void ends(chain_box *b, gt_mono now)
{
    chain_link *l = &b->link;
    if (l->last && empty(l, NETWORK_TO_BOX) && empty(l, NETWORK_TO_STATION)) {
        l->last = false;
        chain_link_break(b);
    }
    if (l->broken) {
        network_reset(&l->net);
    }
    if (l->station_open &&
        (l->station_learns.us <= now.us || end_has_come(l, NETWORK_TO_STATION))) {
        tell_station(b);
    }
    if (l->box_open && (l->box_learns.us <= now.us || end_has_come(l, NETWORK_TO_BOX))) {
        tell_box(b);
    }
}

void chain_link_step(void *box, gt_mono now)
{
    chain_box *b = box;
    chain_link *l = &b->link;
    if (l->held_until.us <= now.us) {
        l->held_until = GT_MONO_NEVER;
        network_partition(&l->net, false, now);
    }
    if (l->stale_id != 0 && l->stale_until.us <= now.us) {
        if (chain_station_alive(b->chain)) {
            headend_closed(b->chain->headend, l->stale_id, chain_now(b->chain));
        }
        l->stale_id = 0;
    }
    deliver(b);
    ends(b, now);
    if (l->connecting && !l->net.partitioned && l->connect_at.us <= now.us) {
        connect_box(b);
    }
}

void chain_partition(chain *c, unsigned box, bool partitioned)
{
    network_partition(&c->box[box].link.net, partitioned, c->world.now);
}

void chain_arm(chain *c, chain_fault fault, uint64_t nth)
{
    c->messages = 0;
    c->fault = fault;
    c->fault_at = nth;
}
