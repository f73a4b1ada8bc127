/**
 * @file record.h
 * @brief The rings of records: append, read the n-th newest.
 *
 * Layer:   meter. The classes and their depths are record.def.
 * A record is written first and counts through the image of the state saved after, at the end of
 * the call in which it was made at the latest; so it exists exactly when what it tells of exists.
 */
#ifndef GT_METER_RECORD_H
#define GT_METER_RECORD_H

#include "base/err.h"

#include <stdint.h>

typedef enum record_class {
#define RECORD(symbol, len, tail, small, full) RECORD_##symbol,
#include "meter/record.def"
#undef RECORD
    RECORD_CLASSES_END,
} record_class;

enum {
    RECORD_CLASSES = RECORD_CLASSES_END,
    RECORD_LEN_MAX = 256,
#define RECORD(symbol, len, tail, small, full) RECORD_##symbol##_LEN = (len),
#include "meter/record.def"
#undef RECORD
};

struct meter;

/** Bytes of one record of that class. */
uint16_t record_len(record_class class);
/** Newest records that can be read, at most. */
uint32_t record_depth(const struct meter *m, record_class class);
/** Records there are to read now. */
uint32_t record_kept(const struct meter *m, record_class class);
/** Made since the class was cleared, those no longer kept included; stops at 65535. */
uint32_t record_shown(const struct meter *m, record_class class);
/** Ever written; also the number of the next one. */
uint32_t record_count(const struct meter *m, record_class class);

/** @param payload record_len bytes. @return IO  nothing is appended */
GT_CHECKED gt_err record_append(struct meter *m, record_class class, const uint8_t *payload);
/**
 * @param back 0 is the newest
 * @return NOT_FOUND  fewer records; CORRUPT  damaged; IO
 */
GT_CHECKED gt_err record_read(const struct meter *m, record_class class, uint32_t back,
                              uint8_t *payload);
/**
 * Add its tail to the newest record, as long as the class has it; it takes the place of one before.
 * @return NOT_FOUND  there is no record; IO
 */
GT_CHECKED gt_err record_tail_write(struct meter *m, record_class class, const uint8_t *tail);
/** @return NOT_FOUND  fewer records, or the tail is not (wholly) there; IO */
GT_CHECKED gt_err record_tail_read(const struct meter *m, record_class class, uint32_t back,
                                   uint8_t *tail);
/** Forget all of a class (event clear). Ring and count go on: a number is never used twice. */
void record_clear(struct meter *m, record_class class);

#endif
