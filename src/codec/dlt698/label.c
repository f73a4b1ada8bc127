/* What a value's leaf is called, and what its number means. */
#include "codec/dlt698/dlt698_priv.h"
#include "codec/dlt698/object.h"

static dlt698_label label_of_object(const dlt698_object *object, const dlt698_attribute *attribute)
{
    dlt698_label l = {.name = {object->zh, object->en}, .unit = ""};
    if (attribute == NULL) {
        return l;
    }
    if (attribute->zh[0] != '\0') {
        l.name = (codec_name){attribute->zh, attribute->en};
    }
    if (attribute->scale != DLT698_SCALE_PLAIN) {
        l.unit = object->unit;
        l.decimals = object->decimals;
        l.decimals += attribute->scale == DLT698_SCALE_FINE ? DLT698_FINE_DECIMALS : 0U;
    }
    return l;
}

static bool is_number(dlt698_type type)
{
    const uint8_t format = dlt698_type_of(type)->format;
    return type != DLT698_TYPE_ENUM &&
           (format == DLT698_FORMAT_SIGNED || format == DLT698_FORMAT_UNSIGNED);
}

static dlt698_label plain(dlt698_label l)
{
    l.unit = "";
    l.decimals = 0;
    return l;
}

dlt698_label dlt698_label_of(const dlt698_spot *spot, dlt698_type type)
{
    enum { CLASS_DEMAND = 2 };
    const dlt698_oad oad = spot->oad;
    const dlt698_object *object = dlt698_object_of(oad.oi);
    if (spot->is_method) {
        const dlt698_method *m = dlt698_method_of(oad.oi, oad.attribute);
        return (dlt698_label){.name = m != NULL ? (codec_name){m->zh, m->en}
                                                : (codec_name){"方法参数", "method data"},
                              .unit = ""};
    }
    if (object == NULL) {
        return (dlt698_label){.name = {"未知对象", "unknown object"}, .unit = ""};
    }
    dlt698_label l = label_of_object(object, dlt698_attribute_of(object->class_id, oad.attribute));
    if (spot->in_structure) {
        const dlt698_member *m = dlt698_member_of(oad.oi, oad.attribute, spot->nth);
        if (m != NULL) {
            l = (dlt698_label){.name = {m->zh, m->en}, .unit = m->unit, .decimals = m->decimals};
        } else if (object->class_id != CLASS_DEMAND || spot->nth != 0) {
            l = plain(l);
        }
    }
    return is_number(type) ? l : plain(l);
}
