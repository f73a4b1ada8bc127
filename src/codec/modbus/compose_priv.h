/* What compose.c asks of compose_values.c. */
#ifndef GT_CODEC_MODBUS_COMPOSE_PRIV_H
#define GT_CODEC_MODBUS_COMPOSE_PRIV_H

#include "codec/modbus/compose.h"
#include "codec/modbus/map.h"

/** Coils or registers that items name, from a first one on. */
typedef struct modbus_named {
    modbus_table table;
    bool bits;
    bool placed; /* start is given; else the lowest register named is the first */
    uint16_t start;
    uint16_t count; /* out: up to the last one named */
    uint16_t values[MODBUS_READ_MAX];
} modbus_named;

/** Takes all items that are left. */
void modbus_values_compose(codec_composer *c, modbus_named *named);

#endif
