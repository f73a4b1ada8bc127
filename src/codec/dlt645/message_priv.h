/* What the data of a frame is made of: message.c reads and writes by it, describe_data.c tells by
 * it. */
#ifndef GT_CODEC_DLT645_MESSAGE_PRIV_H
#define GT_CODEC_DLT645_MESSAGE_PRIV_H

#include "codec/dlt645/message.h"

enum { DLT645_PARTS_MAX = 5 };

/** Of a control code: from the meter, abnormal, more follows, the function. */
enum {
    DLT645_REPLY = 0x80,
    DLT645_ABNORMAL = 0x40,
    DLT645_FOLLOWING = 0x20,
    DLT645_FUNCTION = 0x1F,
};
enum { DLT645_DI_LEN = 4 };

/** Has the answer to a read an identifier and its values? By far the commonest frame. */
static inline bool dlt645_is_read_answer(uint8_t ctrl)
{
    return (ctrl & ~DLT645_FOLLOWING) == (DLT645_REPLY | DLT645_READ);
}

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

/** What a CONTROL request carries in place of N1 and what follows: cipher and MAC. */
enum { DLT645_SEALED_LEN = 20 };

/** The parts (dlt645_part) of that kind of frame in wire order, ended by END unless there are
 * PARTS_MAX; NULL when no edition has the function. */
const uint8_t *dlt645_message_parts(const dlt645_message *message);

/** What the data of a frame holds, for describe_data.c and compose_data.c. */
typedef enum dlt645_content {
    DLT645_CONTENT_BYTES,
    DLT645_CONTENT_VALUES,    /* of the identifier; a MAC behind them at password level 99H */
    DLT645_CONTENT_CONTINUED, /* from the middle of an answer */
    DLT645_CONTENT_SEALED,    /* cipher and MAC, password level 98H */
    DLT645_CONTENT_PROFILE,   /* which load profile blocks are asked for */
} dlt645_content_kind;

/** "dlt645-2007"; @param edition 0 or DLT645_1997 */
const char *dlt645_protocol(unsigned edition);
dlt645_content_kind dlt645_content(const dlt645_message *message);
/** The identifier that the values go by: security answers have layouts of their own. */
uint32_t dlt645_values_di(const dlt645_message *message);
/** Of the data how many bytes at its end are a MAC. */
size_t dlt645_mac_len(const dlt645_message *message);

#endif
