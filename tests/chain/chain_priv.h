/* What the files of the harness share. */
#ifndef GT_TESTS_CHAIN_PRIV_H
#define GT_TESTS_CHAIN_PRIV_H

#include "chain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

/** Meter numbers and keys: by arithmetic. */
uint64_t chain_meter_no(unsigned nth);
uint64_t chain_customer_no(unsigned nth);
extern const uint8_t chain_master[METER_KEY_LEN];

/** Something was said: it becomes part of the hash. */
void chain_trace(chain *c, const char *what, uint64_t who, const uint8_t *bytes, size_t len);
gt_log chain_log(chain *c);

/* network side, chain_link.c */
void chain_link_init(chain_box *b);
void chain_link_open(chain_box *b);
void chain_link_break(chain_box *b);
/** @return CLOSED no connection (any more), BUSY too much is under way */
gt_err chain_link_carry(chain_box *b, network_side to, const uint8_t *bytes, size_t len);
gt_mono chain_link_deadline(void *box);
void chain_link_step(void *box, gt_mono now);
chain_box *chain_link_of(chain *c, uint64_t id);

/* boxes, chain_box.c */
void chain_box_init(chain *c, unsigned nth);
void chain_box_fini(chain_box *b);
void chain_box_start(chain_box *b);
/** After every call into the box: it may have been killed in the middle. */
void chain_box_after(chain_box *b);
concentrator_time chain_box_now(const chain_box *b);
gt_mono chain_box_deadline(void *box);
void chain_box_step(void *box, gt_mono now);

/* station, chain_station.c */
void chain_station_init(chain *c, const char *list, size_t len);
void chain_station_fini(chain *c);
/** The station's process has ended in the middle of what it did. */
bool chain_station_dying(const chain *c);
void chain_station_after(chain *c);
gt_mono chain_store_deadline(void *ctx);
void chain_store_step(void *ctx, gt_mono now);
gt_mono chain_station_deadline(void *ctx);
void chain_station_step(void *ctx, gt_mono now);

/* meters and lines, chain_field.c */
void chain_field_init(chain *c);
gt_mono chain_line_deadline(void *ctx);
void chain_line_step(void *ctx, gt_mono now);
gt_mono chain_meters_deadline(void *ctx);
void chain_meters_step(void *ctx, gt_mono now);
gt_mono chain_acts_deadline(void *ctx);
void chain_acts_step(void *ctx, gt_mono now);

#endif
