/**
 * @file object.h
 * @brief Names, units and decimals of DL/T 698.45 objects, attributes, methods and results.
 *
 * Layer:   codec. Rows in object.def, attribute.def, member.def, method.def, dar.def.
 * Source:  DL/T 698.45-2017, interface classes and object list; confidence per row.
 */
#ifndef GT_CODEC_DLT698_OBJECT_H
#define GT_CODEC_DLT698_OBJECT_H

#include "codec/dlt698/value.h"

enum {
    DLT698_ATTRIBUTE_MASK = 0x1F, /* of an OAD's attribute byte: the number without its features */
    DLT698_FINE_DECIMALS = 2,     /* more digits of a high-precision energy */
};

/** How sure a row is. */
typedef enum dlt698_sure { DLT698_SURE_FRAME, DLT698_SURE_TWO, DLT698_SURE_ONE } dlt698_sure;

typedef struct dlt698_object {
    uint16_t oi;
    uint8_t phases; /* oi .. oi + phases: total, A, B, C */
    uint8_t class_id;
    uint8_t type; /* dlt698_type of the numbers or texts of attribute 2; NULL: a structure */
    uint8_t decimals;
    uint8_t sure; /* dlt698_sure */
    const char *unit;
    const char *zh;
    const char *en;
} dlt698_object;

typedef enum dlt698_scale {
    DLT698_SCALE_PLAIN,
    DLT698_SCALE_VALUE,
    DLT698_SCALE_FINE
} dlt698_scale;

typedef enum dlt698_access { DLT698_ACCESS_RO, DLT698_ACCESS_RW } dlt698_access;

typedef struct dlt698_attribute {
    uint8_t class_id;
    uint8_t number;
    uint8_t type;   /* dlt698_type; NULL: depends on the object */
    uint8_t access; /* dlt698_access */
    uint8_t scale;  /* dlt698_scale */
    const char *zh; /* "": the object's name says it */
    const char *en;
} dlt698_attribute;

typedef struct dlt698_member {
    uint16_t oi;
    uint8_t attribute;
    uint8_t nth;  /* from 0 */
    uint8_t type; /* dlt698_type */
    uint8_t decimals;
    uint8_t sure; /* dlt698_sure */
    const char *unit;
    const char *zh;
    const char *en;
} dlt698_member;

typedef struct dlt698_method {
    uint16_t oi;      /* 0: of every object of the class */
    uint8_t class_id; /* 0 with an oi, and for the methods that all classes share */
    uint8_t number;
    uint8_t sure; /* dlt698_sure */
    const char *zh;
    const char *en;
} dlt698_method;

typedef struct dlt698_dar_row {
    uint8_t code;
    const char *zh;
    const char *en;
} dlt698_dar_row;

/* Each gives NULL when the table has no such row. */
const dlt698_object *dlt698_object_of(uint16_t oi);
/** n of table A.n of the standard that describes objects like this; 0: none does. */
uint8_t dlt698_object_clause(uint16_t oi);
/** Row by index, ascending, for docs and tests. */
const dlt698_object *dlt698_object_at(size_t idx);
/** @param attribute the OAD's attribute byte; features are ignored */
const dlt698_attribute *dlt698_attribute_of(uint8_t class_id, uint8_t attribute);
const dlt698_attribute *dlt698_attribute_at(size_t idx);
const dlt698_member *dlt698_member_of(uint16_t oi, uint8_t attribute, uint32_t nth);
const dlt698_member *dlt698_member_at(size_t idx);
/** The object's own method, else that of its class, else the one of all classes. */
const dlt698_method *dlt698_method_of(uint16_t oi, uint8_t method);
const dlt698_method *dlt698_method_at(size_t idx);
const dlt698_dar_row *dlt698_dar_of(uint8_t code);

#endif
