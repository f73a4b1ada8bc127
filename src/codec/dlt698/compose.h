/**
 * @file compose.h
 * @brief A DL/T 698.45 frame from its names: the inverse of describe.h.
 *
 * Layer:   codec. See codec/compose/compose.h for the shared shape.
 *
 * Items in wire order, by the ids that describe gives: "APDU" first ("0501": service and kind),
 * then each piece by the name of its type, each value by its attribute ("00100200", "00100200.2").
 * May be left out:
 *     field "control"       then client and server are told by the service
 *     field "address_type"  then a single address of as many bytes as "server" or the address has
 *     field "client"        then 00
 *     field "types"         then each value has the type that object.def or member.def gives
 *     items "follow report", "time tag", "returned data"   then there is none
 */
#ifndef GT_CODEC_DLT698_COMPOSE_H
#define GT_CODEC_DLT698_COMPOSE_H

#include "codec/compose/compose.h"

GT_CHECKED gt_err dlt698_compose(codec_composer *c, uint8_t *buf, size_t cap, size_t *out_len);

#endif
