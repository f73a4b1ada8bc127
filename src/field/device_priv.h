/**
 * @file device_priv.h
 * @brief What device.c and modbus_map.c share: the model itself.
 *
 * Layer:   field, private.
 */
#ifndef GT_FIELD_DEVICE_PRIV_H
#define GT_FIELD_DEVICE_PRIV_H

#include "codec/modbus/map.h"
#include "field/device.h"

/** How a register row becomes an item: raw x 10^shift. */
typedef struct device_item {
    item_id id;
    uint8_t shift;
} device_item;

struct device_model {
    modbus_map map;
    int zone_min;
    const modbus_block *block[DEVICE_BLOCKS]; /* NULL: the model has none */
    device_item item[MODBUS_ROWS_MAX];        /* of rows in blocks that are read */
};

/** A field of a block that is written; the caller's value has that many decimals. */
typedef struct device_field {
    const char *name;
    uint8_t decimals;
} device_field;

enum { DEVICE_FIELDS_MAX = 10 };

typedef struct device_block_row {
    const char *name; /* in register maps; also the label of the key that guards it */
    bool repeat;
    bool read;
    uint8_t field_count; /* of a block that is written, MAC not counted */
    device_field field[DEVICE_FIELDS_MAX];
} device_block_row;

const device_block_row *device_block_of(device_block block);

#endif
