/* What describe.c and describe_body.c share. */
#ifndef GT_CODEC_MODBUS_DESCRIBE_PRIV_H
#define GT_CODEC_MODBUS_DESCRIBE_PRIV_H

#include "codec/modbus/describe.h"
#include "codec/modbus/pdu_priv.h"

typedef enum modbus_look {
    MODBUS_LOOK_NONE,
    MODBUS_LOOK_REQUEST, /* of a single write: or its answer, which repeats it */
    MODBUS_LOOK_ANSWER,
    MODBUS_LOOK_EXCEPTION,
} modbus_look;

typedef struct modbus_teller {
    codec_description *d;
    const modbus_context *context;
    const uint8_t *in;
    size_t in_len;
    uint32_t base; /* offset of the unit; the function code follows */
    uint32_t pos;
    const modbus_row_function *row; /* of the function */
} modbus_teller;

/** Adds a field at the teller's place and steps over it. */
void modbus_tell(modbus_teller *t, codec_field field, const char *value);
/** Everything behind the function code; the look's length was checked. */
void modbus_body_tell(modbus_teller *t, modbus_look look);
/** The request before this frame, when it is the one that this frame answers; NULL when not. */
const modbus_request *modbus_asked(const modbus_context *context, const uint8_t *unit_at);

#endif
