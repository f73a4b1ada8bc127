/* Look-ups. The object table is searched by halves; the others are short. */
#include "codec/dlt698/object.h"

#include <assert.h>

static const dlt698_object objects[] = {
#define GROUP(high_, rows_, clause_)
#define OBJECT(oi_, phases_, class_, type_, unit_, decimals_, sure_, zh_, en_) \
    {.oi = (oi_),                                                              \
     .phases = (phases_),                                                      \
     .class_id = (class_),                                                     \
     .type = DLT698_TYPE_##type_,                                              \
     .decimals = (decimals_),                                                  \
     .sure = DLT698_SURE_##sure_,                                              \
     .unit = (unit_),                                                          \
     .zh = (zh_),                                                              \
     .en = (en_)},
#include "codec/dlt698/object.def"
#undef OBJECT
#undef GROUP
};

/* Index of the first row of each group of OIs: the rows of the groups before it, counted. */
enum {
#define GROUP(high_, rows_, clause_) FIRST_##high_, LAST_##high_ = FIRST_##high_ + (rows_)-1,
#define OBJECT(oi_, phases_, class_, type_, unit_, decimals_, sure_, zh_, en_)
#include "codec/dlt698/object.def"
    FIRST_COUNT
#undef GROUP
};

typedef struct object_group {
    uint16_t first;
    uint8_t rows;
    uint8_t clause; /* table A.n */
} object_group;

static const object_group groups[256] = {
#define GROUP(high_, rows_, clause_) \
    [high_] = {.first = FIRST_##high_, .rows = (rows_), .clause = (clause_)},
#include "codec/dlt698/object.def"
#undef OBJECT
#undef GROUP
};

static const dlt698_attribute attributes[] = {
#define ATTRIBUTE(class_, number_, type_, access_, scale_, zh_, en_) \
    {.class_id = (class_),                                           \
     .number = (number_),                                            \
     .type = DLT698_TYPE_##type_,                                    \
     .access = DLT698_ACCESS_##access_,                              \
     .scale = DLT698_SCALE_##scale_,                                 \
     .zh = (zh_),                                                    \
     .en = (en_)},
#include "codec/dlt698/attribute.def"
#undef ATTRIBUTE
};

static const dlt698_member members[] = {
#define MEMBER(oi_, attribute_, nth_, type_, unit_, decimals_, sure_, zh_, en_) \
    {.oi = (oi_),                                                               \
     .attribute = (attribute_),                                                 \
     .nth = (nth_),                                                             \
     .type = DLT698_TYPE_##type_,                                               \
     .decimals = (decimals_),                                                   \
     .sure = DLT698_SURE_##sure_,                                               \
     .unit = (unit_),                                                           \
     .zh = (zh_),                                                               \
     .en = (en_)},
#include "codec/dlt698/member.def"
#undef MEMBER
};

static const dlt698_method methods[] = {
#define CLASS_METHOD(class_, number_, zh_, en_) \
    {.class_id = (class_), .number = (number_), .sure = DLT698_SURE_ONE, .zh = (zh_), .en = (en_)},
#define METHOD(oi_, number_, sure_, zh_, en_) \
    {.oi = (oi_), .number = (number_), .sure = DLT698_SURE_##sure_, .zh = (zh_), .en = (en_)},
#include "codec/dlt698/method.def"
#undef METHOD
#undef CLASS_METHOD
};

static const dlt698_dar_row dars[] = {
#define DAR(code_, zh_, en_) {.code = (code_), .zh = (zh_), .en = (en_)},
#include "codec/dlt698/dar.def"
#undef DAR
};

static_assert((int)FIRST_COUNT == (int)(sizeof objects / sizeof objects[0]), "rows as counted");

/* Row + 1 of each attribute of each class. */
enum {
#define ATTRIBUTE(class_, number_, type_, access_, scale_, zh_, en_) ATTRIBUTE_##class_##_##number_,
#include "codec/dlt698/attribute.def"
#undef ATTRIBUTE
    CLASSES = 27,
    NUMBERS = 32,
};

static const uint8_t attribute_rows[CLASSES][NUMBERS] = {
#define ATTRIBUTE(class_, number_, type_, access_, scale_, zh_, en_) \
    [class_][number_] = ATTRIBUTE_##class_##_##number_ + 1,
#include "codec/dlt698/attribute.def"
#undef ATTRIBUTE
};

enum {
    OBJECT_ROWS = sizeof objects / sizeof objects[0],
    ATTRIBUTE_ROWS = sizeof attributes / sizeof attributes[0],
    MEMBER_ROWS = sizeof members / sizeof members[0],
    METHOD_ROWS = sizeof methods / sizeof methods[0],
    DAR_ROWS = sizeof dars / sizeof dars[0],
};

static bool object_covers(const dlt698_object *row, uint16_t oi)
{
    return row->oi <= oi && oi <= row->oi + row->phases;
}

/* Energies and demands follow each other in steps of 16, most others in steps of 1, with gaps; so
 * the low byte tells nearly which row of its group it is. */
const dlt698_object *dlt698_object_of(uint16_t oi)
{
    enum { PHASE_BITS = 4 };
    const object_group *group = &groups[oi >> 8];
    const dlt698_object *first = &objects[group->first];
    size_t left = (oi & UINT8_MAX) >> PHASE_BITS;
    if (left < group->rows && object_covers(&first[left], oi)) {
        return &first[left];
    }
    left = (oi & UINT8_MAX) + 1U < group->rows ? (oi & UINT8_MAX) + 1U : group->rows;
    while (left > 0 && first[left - 1].oi > oi) {
        left--;
    }
    return left > 0 && object_covers(&first[left - 1], oi) ? &first[left - 1] : NULL;
}

uint8_t dlt698_object_clause(uint16_t oi)
{
    return groups[oi >> 8].clause;
}

const dlt698_object *dlt698_object_at(size_t idx)
{
    return idx < OBJECT_ROWS ? &objects[idx] : NULL;
}

const dlt698_attribute *dlt698_attribute_of(uint8_t class_id, uint8_t attribute)
{
    const uint8_t row =
        class_id < CLASSES ? attribute_rows[class_id][attribute & DLT698_ATTRIBUTE_MASK] : 0;
    return row > 0 ? &attributes[row - 1] : NULL;
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

static const dlt698_method *method_find(uint16_t oi, uint8_t class_id, uint8_t number)
{
    for (size_t i = 0; i < METHOD_ROWS; i++) {
        if (methods[i].oi == oi && methods[i].class_id == class_id && methods[i].number == number) {
            return &methods[i];
        }
    }
    return NULL;
}

const dlt698_method *dlt698_method_of(uint16_t oi, uint8_t method)
{
    const dlt698_object *object = dlt698_object_of(oi);
    const dlt698_method *found = oi != 0 ? method_find(oi, 0, method) : NULL;
    if (found == NULL && object != NULL) {
        found = method_find(0, object->class_id, method);
    }
    return found != NULL ? found : method_find(0, 0, method);
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
