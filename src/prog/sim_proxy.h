/**
 * @file sim_proxy.h
 * @brief The network between one box and its station: a TCP proxy with the network model inside.
 *
 * Layer:   prog.
 */
#ifndef GT_PROG_SIM_PROXY_H
#define GT_PROG_SIM_PROXY_H

#include "adapter/loop/conn.h"
#include "sim/network.h"

typedef struct sim_proxy_cfg {
    const char *host; /* where the box connects */
    uint16_t port;
    const char *station_host; /* must outlive the proxy */
    uint16_t station_port;
    network_cfg network;
    uint64_t seed;
} sim_proxy_cfg;

/** Caller's storage, must stay put; every field is private. */
typedef struct sim_proxy {
    gt_loop *loop;
    sim_proxy_cfg cfg;
    uint32_t listener;
    loop_conn box;
    loop_conn station;
    bool station_up;
    loop_timer timer;
    network network;
} sim_proxy;

GT_CHECKED gt_err sim_proxy_open(sim_proxy *p, gt_loop *loop, const sim_proxy_cfg *cfg);
uint16_t sim_proxy_port(const sim_proxy *p);
/** Cut the present connection, if any. */
void sim_proxy_drop(sim_proxy *p);
void sim_proxy_partition(sim_proxy *p, bool partitioned);

#endif
