/**
 * @file identity.h
 * @brief Device identification, function 2BH with type 0EH: who made the device, which one it is.
 *
 * Layer:   codec. No I/O, no allocation. Freestanding.
 * Source:  Modbus Application Protocol V1.1b3, 6.21; rows in object.def.
 */
#ifndef GT_CODEC_MODBUS_IDENTITY_H
#define GT_CODEC_MODBUS_IDENTITY_H

#include "base/bytes.h"

enum {
    MODBUS_MEI_IDENTIFY = 0x0E,
    MODBUS_OBJECTS_MAX = 246, /* bytes of the list that fit one answer */
    MODBUS_INDIVIDUAL = 0x80, /* conformity: single objects can be read, too */
};

typedef enum modbus_access {
    MODBUS_BASIC = 1,    /* objects 00H to 02H */
    MODBUS_REGULAR = 2,  /* and those to 7FH */
    MODBUS_EXTENDED = 3, /* and those to FFH */
    MODBUS_ONE = 4,      /* the one object asked for */
} modbus_access;

typedef enum modbus_object_id {
#define MODBUS_OBJECT(symbol, id, zh, en, clause) MODBUS_OBJECT_##symbol = (id),
#include "codec/modbus/object.def"
#undef MODBUS_OBJECT
} modbus_object_id;

/** What an answer holds. */
typedef struct modbus_identity {
    uint8_t conformity; /* modbus_access the device offers, and MODBUS_INDIVIDUAL */
    bool more;          /* ask again from object `next` */
    uint8_t next;
    uint8_t count; /* objects in the list */
    uint8_t objects_len;
    const uint8_t *objects; /* id, length, text; count times */
} modbus_identity;

typedef struct modbus_object {
    uint8_t id;
    uint8_t len;
    const uint8_t *text; /* not terminated */
} modbus_object;

/** The next object of a list. @return TRUNCATED  it goes past the end, or there is none */
GT_CHECKED gt_err modbus_object_next(gt_rd *r, modbus_object *out);
/** Appends an object to a list. */
void modbus_object_add(gt_wr *w, const modbus_object *object);

#endif
