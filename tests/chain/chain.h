/**
 * @file chain.h
 * @brief The whole chain in one process and in virtual time: station, boxes, lines, meters.
 *
 * Everything is the real thing but the three things that carry bytes and time: the network and the
 * lines are simulated, the clock is the test's. One seed makes one run, byte for byte; the hash of
 * everything that was said shows it.
 * A station or a box can be killed between any two things it does, a message can be lost, doubled
 * or held, and the disk under the station can crash.
 */
#ifndef GT_TESTS_CHAIN_H
#define GT_TESTS_CHAIN_H

#include "adapter/store/direct_store.h"
#include "concentrator/concentrator.h"
#include "headend/headend.h"
#include "headend/readings.h"
#include "sim/network.h"
#include "sim/plant.h"
#include "sim/world.h"
#include "vending/command.h"
#include "vending/order.h"
#include "vending/proof.h"

enum {
    CHAIN_BOXES_MAX = 2,
    CHAIN_BOX_LINES_MAX = 6,
    CHAIN_LINES_MAX = CHAIN_BOXES_MAX * CHAIN_BOX_LINES_MAX,
    CHAIN_METERS_MAX = 264,
    CHAIN_KEY_MAX = 32,
    CHAIN_RESTART_MS = 3000, /* a killed box is back after this */
};

typedef struct chain_cfg {
    uint64_t seed;
    unsigned boxes;
    unsigned lines;  /* of each box */
    unsigned meters; /* in all, dealt to the lines in turn */
    network_cfg network;
    bool crash_disk;  /* the station's databases; else in memory, where a crash does no harm */
    gt_civil start;   /* civil time in China */
    uint32_t round_s; /* of the boxes; 0 one round after the other */
    uint32_t poll_ms; /* of the station */
    uint32_t peak_w;  /* 0: nobody uses anything, so balances can be told to the fen */
    int32_t opening_fen;
    int64_t store_us; /* databases answer from another thread, at most this late; 0 at once */
    bool unlisted;    /* the station's meter list lacks box 2 */
} chain_cfg;

/** One box, one line, few meters in debt, an Ethernet, an ordinary forenoon. */
chain_cfg chain_cfg_small(uint64_t seed);

typedef struct chain chain;
typedef struct chain_box chain_box;

/** What happens to the message whose turn has come, whichever side sends it. */
typedef enum chain_fault {
    CHAIN_FAULT_NONE,
    CHAIN_FAULT_LOST,    /* the connection breaks, the message with it */
    CHAIN_FAULT_LAST,    /* it arrives, then the connection breaks */
    CHAIN_FAULT_STALE,   /* as LOST, and the side that did not send hears of it a minute later */
    CHAIN_FAULT_DOUBLE,  /* it arrives twice */
    CHAIN_FAULT_HELD,    /* nothing passes for a minute, then everything */
    CHAIN_FAULT_STATION, /* the station is killed before it is sent or as it arrives */
    CHAIN_FAULT_BOX,     /* the box is */
} chain_fault;

enum { CHAIN_FAULTS = CHAIN_FAULT_BOX + 1 };

const char *chain_fault_name(chain_fault fault);

typedef struct chain_line {
    chain *chain;
    unsigned box; /* 0 .. */
    unsigned no;  /* 1 .. inside its box */
    unsigned nth; /* of all lines; its meters are nth, nth + lines, nth + 2 lines ... */
    sim_line wire;
    gt_mono due; /* of its meters */
} chain_line;

typedef struct chain_link {
    network net;
    bool connecting;
    gt_mono connect_at;
    uint64_t id;       /* of the connection; the station knows it by this */
    bool station_open; /* each side's view */
    bool box_open;
    bool broken; /* nothing passes; each side learns it in its time */
    bool last;   /* breaks when what is under way has arrived */
    gt_mono station_learns;
    gt_mono box_learns;
    gt_mono held_until;
    uint64_t stale_id; /* of an earlier connection that the station still believes in */
    gt_mono stale_until;
} chain_link;

struct chain_box {
    chain *chain;
    unsigned nth;
    concentrator_cfg cfg;
    void *memory;
    size_t memory_size;
    concentrator *core; /* NULL while dead */
    direct_store *store;
    gt_store store_port;
    gt_mono restart_at;
    uint64_t acts;    /* things it told the outside to do, since armed */
    uint64_t kill_at; /* killed instead of doing this one; 0 never */
    bool killed;
    chain_link link;
    chain_line *line[CHAIN_BOX_LINES_MAX];
    sim_random random;
    gt_log log;
    box_meter meters[CHAIN_METERS_MAX];
    uint64_t garbage;
};

/** A write on its way through the store's thread: to be done, then to be told. */
typedef struct chain_write {
    direct_store *store;
    store_work work;
    void *arg;
    store_done done;
    gt_mono due;
    bool written;
    gt_err err;
} chain_write;

enum { CHAIN_WRITES_MAX = 256 };

struct chain {
    chain_cfg cfg;
    world world;
    uint64_t hash;
    uint8_t *model_memory;
    const device_model *model;
    /* the station */
    headend *headend; /* NULL while it is dead */
    void *headend_memory;
    size_t headend_size;
    direct_store *till;
    direct_store *readings;
    size_t write_first;
    size_t write_count;
    chain_write writes[CHAIN_WRITES_MAX];
    sim_random pace;
    bool station_killed;
    uint64_t till_writes;     /* ever: nothing about an order changes without one */
    uint64_t station_acts;    /* things it told the outside to do, since armed */
    uint64_t station_kill_at; /* killed instead of doing this one; 0 never */
    uint64_t links;           /* connections ever */
    /* messages between boxes and station */
    uint64_t messages; /* since armed */
    uint64_t fault_at;
    chain_fault fault;
    uint64_t log_warnings;
    bool garbage; /* random bytes into every line and link, all the time */
    gt_mono garbage_at;
    sim_random noise;
    int power_meter; /* whose chip may lose power in the middle of a write; -1 none */
    gt_mono power_back;
    chain_box box[CHAIN_BOXES_MAX];
    chain_line line[CHAIN_LINES_MAX];
    plant plant[CHAIN_METERS_MAX];
    int64_t meter_id[CHAIN_METERS_MAX]; /* as the station knows them */
};

/** Build all of it and start station and boxes; asserts (cmocka) when something is wrong. */
chain *chain_open(const chain_cfg *cfg);
void chain_close(chain *c);

typedef bool (*chain_done)(void *ctx);
/** Let time pass. @return true as soon as done says so or the station has died (crash disk) */
bool chain_run(chain *c, int64_t ms, chain_done done, void *ctx);
headend_now chain_now(const chain *c);
/** Everything that was on the wires so far, and when. */
uint64_t chain_hash(const chain *c);

/** The station's process ends at once; its connections break. Its databases stay open. */
void chain_station_kill(chain *c);
/** The machine loses power: also what was not synced, by the seed. */
void chain_station_crash(chain *c, uint64_t seed);
/** Open databases and station again. */
gt_err chain_station_start(chain *c);
bool chain_station_alive(const chain *c);

/** From now on: the @p nth message (from 1) meets @p fault. */
void chain_arm(chain *c, chain_fault fault, uint64_t nth);
void chain_box_kill(chain *c, unsigned box);
void chain_line_cut(chain *c, unsigned nth, bool cut);
void chain_partition(chain *c, unsigned box, bool partitioned);

/* ---- the customer and the till ---- */

typedef struct chain_sale {
    const char *key;
    unsigned meter;
    int64_t amount_fen;
} chain_sale;

/** At the counter. The head-end is told that there is work. */
gt_err chain_sell(chain *c, const chain_sale *sale, vending_sale_result *out);
/** The cashier takes a sale back. @return as vending_order_reverse, CLOSED the station is dead */
gt_err chain_reverse(chain *c, const char *key);
/** @return NOT_FOUND never sold */
gt_err chain_order(chain *c, const char *key, vending_order *out);
/** Until the order with that key is settled, or frozen. @return its state; CREATED: never sold */
order_state chain_settle(chain *c, const char *key, int64_t ms);
/** Until the order is confirmed and its relay was seen closed. */
bool chain_light(chain *c, const char *key, int64_t ms);
/** When a step of the order's timeline was noted; -1 never. */
int64_t chain_step_ms(chain *c, int64_t order_id, vending_step step);

gt_err chain_command(chain *c, unsigned nth, vending_act act, supply_reason *out_reason,
                     vending_command *out);
gt_err chain_command_find(chain *c, int64_t id, vending_command *out);
/** Until it is settled. */
vending_command_state chain_command_settle(chain *c, int64_t id, int64_t ms);

/** What the meter itself knows. */
meter_status chain_meter(chain *c, unsigned nth);
int64_t chain_meter_purchased_fen(const chain *c, unsigned nth);

/**
 * What no fault may break, from the meters and from what customers were told: every sale of
 * @p sales is in its meter exactly once when its order is confirmed and not at all when it was
 * refused or never booked, meters hold nothing else, the ledger proves sound and counts the same.
 * Fails the test with @p what when not. Every order must be settled.
 */
void chain_check_money(chain *c, const chain_sale *sales, size_t count, const char *what);

/** A meter read from the station's latest values: its time, or -1. */
int64_t chain_latest_ms(chain *c, unsigned nth);
/** Until every meter of the list was read. @return false: not within @p ms */
bool chain_all_read(chain *c, int64_t ms);
/** Freezes the station has of a meter. */
size_t chain_freezes(chain *c, unsigned nth, headend_freeze *out, size_t cap);

#endif
