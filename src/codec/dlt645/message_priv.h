/* What the data of a frame is made of: message.c reads and writes by it, describe_data.c tells by
 * it. */
#ifndef GT_CODEC_DLT645_MESSAGE_PRIV_H
#define GT_CODEC_DLT645_MESSAGE_PRIV_H

#include "codec/dlt645/message.h"

enum { DLT645_PARTS_MAX = 5 };

typedef enum dlt645_part {
    DLT645_PART_END,
    DLT645_PART_DI,
    DLT645_PART_DI_SHORT, /* 1997: two bytes */
    DLT645_PART_PASSWORD,
    DLT645_PART_PASSWORD_NEW,
    DLT645_PART_OPERATOR,
    DLT645_PART_ADDR,
    DLT645_PART_TIME,   /* ss mm hh DD MM YY */
    DLT645_PART_FREEZE, /* mm hh DD MM */
    DLT645_PART_CODE,
    DLT645_PART_CODE2,
    DLT645_PART_DATA,     /* the rest */
    DLT645_PART_DATA_SEQ, /* the rest but its last byte, then SEQ */
    DLT645_PART_SEQ,
    DLT645_PART_ERROR,
    DLT645_PART_ERROR_WORD,
    DLT645_PART_NEVER, /* no such frame */
} dlt645_part;

/** The parts of that kind of frame in wire order, ended by END unless there are PARTS_MAX; NULL
 * when no edition has the function. */
const dlt645_part *dlt645_message_parts(unsigned function, bool reply, bool abnormal);

#endif
