/* Device identification. An answer has no length of its own: it ends where its last object does. */
#include "codec/modbus/pdu_priv.h"

enum { MORE_NO = 0x00, MORE_YES = 0xFF };

gt_err modbus_object_next(gt_rd *r, modbus_object *out)
{
    modbus_object o = {.id = gt_rd_u8(r)};
    o.len = gt_rd_u8(r);
    o.text = gt_rd_take(r, o.len);
    GT_TRY(r->err);
    *out = o;
    return GT_ERR_OK;
}

void modbus_object_add(gt_wr *w, const modbus_object *object)
{
    gt_wr_u8(w, object->id);
    gt_wr_u8(w, object->len);
    gt_wr_bytes(w, object->text, object->len);
}

gt_err modbus_identity_write(gt_wr *w, uint8_t access, const modbus_identity *identity)
{
    if (identity->objects_len > MODBUS_OBJECTS_MAX) {
        return GT_ERR_RANGE;
    }
    gt_wr_u8(w, MODBUS_MEI_IDENTIFY);
    gt_wr_u8(w, access);
    gt_wr_u8(w, identity->conformity);
    gt_wr_u8(w, identity->more ? MORE_YES : MORE_NO);
    gt_wr_u8(w, identity->next);
    gt_wr_u8(w, identity->count);
    gt_wr_bytes(w, identity->objects, identity->objects_len);
    return GT_ERR_OK;
}

gt_err modbus_identity_read(gt_rd *r, uint8_t access, modbus_identity *out)
{
    const uint8_t type = gt_rd_u8(r);
    const uint8_t echo = gt_rd_u8(r);
    modbus_identity i = {.conformity = gt_rd_u8(r)};
    const uint8_t more = gt_rd_u8(r);
    i.next = gt_rd_u8(r);
    i.count = gt_rd_u8(r);
    GT_TRY(r->err);
    if (type != MODBUS_MEI_IDENTIFY || echo != access) {
        return GT_ERR_MISMATCH;
    }
    if (more != MORE_NO && more != MORE_YES) {
        return GT_ERR_MALFORMED;
    }
    const size_t from = r->pos;
    modbus_object object;
    for (unsigned n = 0; n < i.count; n++) {
        GT_TRY(modbus_object_next(r, &object));
    }
    i.more = more == MORE_YES;
    i.objects = r->buf + from;
    i.objects_len = (uint8_t)(r->pos - from);
    *out = i;
    return GT_ERR_OK;
}
