/* Bytes of either side go into the model and come out when the model says. When one side closes the
 * other is closed too, and what was under way is lost, as on a radio link that breaks. */
#include "prog/sim_proxy.h"

#include "adapter/loop/clock.h"

enum { QUEUE_MAX = 1 << 18, CONNECT_TIMEOUT_MS = 5000, BOX_CONNS_MAX = 2 };

static void proxy_end(sim_proxy *p)
{
    loop_conn_close(p->loop, p->box);
    loop_conn_close(p->loop, p->station);
    p->box = (loop_conn){0};
    p->station = (loop_conn){0};
    p->station_up = false;
    network_reset(&p->network);
    loop_timer_stop(p->loop, &p->timer);
}

/* Deliver what has arrived; come back for the rest. */
static void pump(sim_proxy *p, gt_mono now)
{
    uint8_t buf[NETWORK_CHUNK_MAX];
    gt_err err = GT_ERR_OK;
    for (int to = 0; to < NETWORK_SIDES && err == GT_ERR_OK; to++) {
        if (to == NETWORK_TO_STATION && !p->station_up) {
            continue;
        }
        const loop_conn conn = to == NETWORK_TO_STATION ? p->station : p->box;
        const loop_conn sender = to == NETWORK_TO_STATION ? p->box : p->station;
        size_t n = network_receive(&p->network, (network_side)to, now, buf, sizeof buf);
        while (n > 0 && err == GT_ERR_OK) {
            err = loop_send(p->loop, conn, buf, n);
            n = network_receive(&p->network, (network_side)to, now, buf, sizeof buf);
        }
        loop_conn_pause(p->loop, sender,
                        network_room(&p->network, (network_side)to) < LOOP_READ_MAX);
    }
    if (err == GT_ERR_OK && p->box.id != 0) {
        const gt_mono due = p->station_up ? network_deadline(&p->network) : GT_MONO_NEVER;
        err = loop_timer_at(p->loop, &p->timer, due);
    }
    if (err != GT_ERR_OK) {
        proxy_end(p);
    }
}

static void on_timer(void *ctx, gt_mono now)
{
    pump(ctx, now);
}

static void take(sim_proxy *p, network_side to, const uint8_t *buf, size_t len)
{
    const gt_mono now = clock_mono();
    if (network_send(&p->network, to, buf, len, now) != GT_ERR_OK) {
        proxy_end(p); /* cannot happen while the sender is paused in time */
        return;
    }
    pump(p, now);
}

static void station_open(void *ctx, loop_conn conn)
{
    sim_proxy *p = ctx;
    (void)conn; /* it is p->station */
    p->station_up = true;
    pump(p, clock_mono());
}

static void station_bytes(void *ctx, loop_conn conn, const uint8_t *buf, size_t len)
{
    (void)conn;
    take(ctx, NETWORK_TO_BOX, buf, len);
}

static void station_close(void *ctx, loop_conn conn, gt_err why)
{
    sim_proxy *p = ctx;
    (void)conn;
    (void)why; /* whatever it was, the box sees its connection end */
    p->station = (loop_conn){0};
    proxy_end(p);
}

static const loop_conn_ops station_ops = {station_open, station_bytes, station_close};

static void box_open(void *ctx, loop_conn conn)
{
    sim_proxy *p = ctx;
    proxy_end(p); /* the box has come back: its old connection is of no use */
    p->box = conn;
    const loop_connect_cfg cfg = {.host = p->cfg.station_host,
                                  .port = p->cfg.station_port,
                                  .timeout_ms = CONNECT_TIMEOUT_MS,
                                  .queue_max = QUEUE_MAX,
                                  .ops = &station_ops,
                                  .ctx = p};
    if (loop_connect(p->loop, &cfg, &p->station) != GT_ERR_OK) {
        proxy_end(p);
    }
}

static void box_bytes(void *ctx, loop_conn conn, const uint8_t *buf, size_t len)
{
    sim_proxy *p = ctx;
    if (conn.id == p->box.id) {
        take(p, NETWORK_TO_STATION, buf, len);
    }
}

static void box_close(void *ctx, loop_conn conn, gt_err why)
{
    sim_proxy *p = ctx;
    (void)why;
    if (conn.id == p->box.id) {
        p->box = (loop_conn){0};
        proxy_end(p);
    }
}

static const loop_conn_ops box_ops = {box_open, box_bytes, box_close};

gt_err sim_proxy_open(sim_proxy *p, gt_loop *loop, const sim_proxy_cfg *cfg)
{
    *p = (sim_proxy){.loop = loop, .cfg = *cfg};
    network_init(&p->network, &cfg->network, cfg->seed);
    loop_timer_init(&p->timer, on_timer, p);
    const loop_listen_cfg listen = {.host = cfg->host,
                                    .port = cfg->port,
                                    .conns_max = BOX_CONNS_MAX,
                                    .queue_max = QUEUE_MAX,
                                    .ops = &box_ops,
                                    .ctx = p};
    return loop_listen(loop, &listen, &p->listener);
}

uint16_t sim_proxy_port(const sim_proxy *p)
{
    return loop_listener_port(p->loop, p->listener);
}

void sim_proxy_drop(sim_proxy *p)
{
    proxy_end(p);
}

void sim_proxy_partition(sim_proxy *p, bool partitioned)
{
    const gt_mono now = clock_mono();
    network_partition(&p->network, partitioned, now);
    pump(p, now);
}
