/* Look-ups. The object table is searched by halves; the others are short. */
#include "codec/dlt698/object.h"

static const dlt698_object objects[] = {
#define OBJECT(oi_, phases_, class_, unit_, decimals_, sure_, zh_, en_) \
    {.oi = (oi_),                                                       \
     .phases = (phases_),                                               \
     .class_id = (class_),                                              \
     .unit = (unit_),                                                   \
     .decimals = (decimals_),                                           \
     .sure = DLT698_SURE_##sure_,                                       \
     .zh = (zh_),                                                       \
     .en = (en_)},
#include "codec/dlt698/object.def"
#undef OBJECT
};

static const dlt698_attribute attributes[] = {
#define ATTRIBUTE(class_, number_, scale_, zh_, en_) \
    {.class_id = (class_),                           \
     .number = (number_),                            \
     .scale = DLT698_SCALE_##scale_,                 \
     .zh = (zh_),                                    \
     .en = (en_)},
#include "codec/dlt698/attribute.def"
#undef ATTRIBUTE
};

static const dlt698_member members[] = {
#define MEMBER(oi_, attribute_, nth_, unit_, decimals_, sure_, zh_, en_) \
    {.oi = (oi_),                                                        \
     .attribute = (attribute_),                                          \
     .nth = (nth_),                                                      \
     .unit = (unit_),                                                    \
     .decimals = (decimals_),                                            \
     .sure = DLT698_SURE_##sure_,                                        \
     .zh = (zh_),                                                        \
     .en = (en_)},
#include "codec/dlt698/member.def"
#undef MEMBER
};

static const dlt698_method methods[] = {
#define METHOD(oi_, number_, sure_, zh_, en_) \
    {.oi = (oi_), .number = (number_), .sure = DLT698_SURE_##sure_, .zh = (zh_), .en = (en_)},
#include "codec/dlt698/method.def"
#undef METHOD
};

static const dlt698_dar_row dars[] = {
#define DAR(code_, zh_, en_) {.code = (code_), .zh = (zh_), .en = (en_)},
#include "codec/dlt698/dar.def"
#undef DAR
};

enum {
    OBJECT_ROWS = sizeof objects / sizeof objects[0],
    ATTRIBUTE_ROWS = sizeof attributes / sizeof attributes[0],
    MEMBER_ROWS = sizeof members / sizeof members[0],
    METHOD_ROWS = sizeof methods / sizeof methods[0],
    DAR_ROWS = sizeof dars / sizeof dars[0],
};

const dlt698_object *dlt698_object_of(uint16_t oi)
{
    size_t low = 0;
    size_t high = OBJECT_ROWS;
    while (low < high) {
        const size_t mid = (low + high) / 2;
        const dlt698_object *row = &objects[mid];
        if (oi >= row->oi && oi <= row->oi + row->phases) {
            return row;
        }
        if (row->oi < oi) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return NULL;
}

const dlt698_object *dlt698_object_at(size_t idx)
{
    return idx < OBJECT_ROWS ? &objects[idx] : NULL;
}

const dlt698_attribute *dlt698_attribute_of(uint8_t class_id, uint8_t attribute)
{
    for (size_t i = 0; i < ATTRIBUTE_ROWS; i++) {
        if (attributes[i].class_id == class_id &&
            attributes[i].number == (attribute & DLT698_ATTRIBUTE_MASK)) {
            return &attributes[i];
        }
    }
    return NULL;
}

const dlt698_attribute *dlt698_attribute_at(size_t idx)
{
    return idx < ATTRIBUTE_ROWS ? &attributes[idx] : NULL;
}

const dlt698_member *dlt698_member_of(uint16_t oi, uint8_t attribute, uint32_t nth)
{
    for (size_t i = 0; i < MEMBER_ROWS; i++) {
        if (members[i].oi == oi && members[i].nth == nth &&
            members[i].attribute == (attribute & DLT698_ATTRIBUTE_MASK)) {
            return &members[i];
        }
    }
    return NULL;
}

const dlt698_member *dlt698_member_at(size_t idx)
{
    return idx < MEMBER_ROWS ? &members[idx] : NULL;
}

const dlt698_method *dlt698_method_of(uint16_t oi, uint8_t method)
{
    for (size_t i = 0; i < METHOD_ROWS; i++) {
        if (methods[i].oi == oi && methods[i].number == method) {
            return &methods[i];
        }
    }
    return NULL;
}

const dlt698_method *dlt698_method_at(size_t idx)
{
    return idx < METHOD_ROWS ? &methods[idx] : NULL;
}

const dlt698_dar_row *dlt698_dar_of(uint8_t code)
{
    for (size_t i = 0; i < DAR_ROWS; i++) {
        if (dars[i].code == code) {
            return &dars[i];
        }
    }
    return NULL;
}
