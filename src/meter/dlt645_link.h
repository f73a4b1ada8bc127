/**
 * @file dlt645_link.h
 * @brief What the servers of both editions of DL/T 645 share: frames off the line, answers onto it,
 *        values of a block that may take several frames.
 *
 * Layer:   meter.
 */
#ifndef GT_METER_DLT645_LINK_H
#define GT_METER_DLT645_LINK_H

#include "codec/dlt645/frame.h"
#include "meter/dlt645_map.h"

#include "base/bytes.h"

/** A request that is for this meter. */
typedef struct dlt645_call {
    meter *m;
    meter_line *line;
    gt_mono now;
    const dlt645_frame *frame;
    bool broadcast; /* nobody answers */
    bool following; /* set by the server: more frames follow this answer */
} dlt645_call;

/** An edition. @return 0 with the answer's data in @p w; or fault bits; or DLT645_SILENT */
typedef uint8_t dlt645_serve(dlt645_call *call, gt_wr *w);

/** As meter_server. */
size_t dlt645_link_whole(const uint8_t *rx, size_t len);
int64_t dlt645_link_silence_us(uint32_t baud);
/** Decode, see whether it is for us, serve, answer. */
void dlt645_link_frame(meter *m, meter_line *line, size_t len, gt_mono now, dlt645_serve *serve);

/** Put an answer on the line, from this meter's address. */
void dlt645_link_answer(const meter *m, meter_line *line, dlt645_frame *frame);

enum { DLT645_BITS_PER_CHARACTER = 11 };

/** A part of a block that has room in one frame. */
typedef struct dlt645_page {
    gt_wr *w;
    uint32_t skip; /* bytes of the block sent before */
    uint32_t at;   /* bytes of the block seen */
    bool full;     /* there is more than fits */
} dlt645_page;

/** Append a value, or a mark, to the page, whole or not at all. */
void dlt645_page_put(dlt645_page *page, const dlt645_value *value);
void dlt645_page_mark(dlt645_page *page, uint8_t mark);

#endif
