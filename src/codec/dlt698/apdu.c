/* APDUs written and read. Writing follows part.def by hand for what client and server send every
 * day; reading goes through the walk, which knows every service. */
#include "codec/dlt698/apdu.h"

#include "codec/dlt698/dlt698_priv.h"

enum {
    NO_FOLLOW = 0,
    NO_TIME_TAG = 0,
    TIME_TAG = 1,
    RESULT_DAR = 0,
    RESULT_DATA = 1,
    CSD_OAD = 0,
    RSD_RANGE = 2,
    RSD_LAST = 9
};

dlt698_stamp dlt698_stamp_of(const gt_civil *civil)
{
    return (dlt698_stamp){.year = (uint16_t)civil->year,
                          .month = civil->month,
                          .day = civil->day,
                          .weekday = (uint8_t)gt_civil_weekday(civil),
                          .hour = civil->hour,
                          .minute = civil->minute,
                          .second = civil->second};
}

static dlt698_stamp stamp_read(gt_rd *r)
{
    dlt698_stamp s;
    s.year = gt_rd_u16be(r);
    s.month = gt_rd_u8(r);
    s.day = gt_rd_u8(r);
    s.weekday = gt_rd_u8(r);
    s.hour = gt_rd_u8(r);
    s.minute = gt_rd_u8(r);
    s.second = gt_rd_u8(r);
    s.ms = gt_rd_u16be(r);
    return s;
}

static void stamp_write(gt_wr *w, const dlt698_stamp *s)
{
    gt_wr_u16be(w, s->year);
    gt_wr_u8(w, s->month);
    gt_wr_u8(w, s->day);
    gt_wr_u8(w, s->weekday);
    gt_wr_u8(w, s->hour);
    gt_wr_u8(w, s->minute);
    gt_wr_u8(w, s->second);
    gt_wr_u16be(w, s->ms);
}

gt_err dlt698_link_request_decode(const uint8_t *in, size_t len, dlt698_link_request *out)
{
    gt_rd r = gt_rd_of(in, len);
    dlt698_link_request m;
    gt_rd_expect(&r, DLT698_LINK_REQUEST);
    m.piid = gt_rd_u8(&r);
    m.type = gt_rd_u8(&r);
    if (m.type > DLT698_LOGOUT) {
        gt_rd_fail(&r, GT_ERR_MALFORMED);
    }
    m.heartbeat_s = gt_rd_u16be(&r);
    m.at = stamp_read(&r);
    GT_TRY(gt_rd_done(&r));
    *out = m;
    return GT_ERR_OK;
}

gt_err dlt698_link_response_decode(const uint8_t *in, size_t len, dlt698_link_response *out)
{
    gt_rd r = gt_rd_of(in, len);
    dlt698_link_response m;
    gt_rd_expect(&r, DLT698_LINK_RESPONSE);
    m.piid = gt_rd_u8(&r);
    m.result = gt_rd_u8(&r);
    m.asked = stamp_read(&r);
    m.received = stamp_read(&r);
    m.answered = stamp_read(&r);
    GT_TRY(gt_rd_done(&r));
    *out = m;
    return GT_ERR_OK;
}

void dlt698_link_request_write(gt_wr *w, const dlt698_link_request *m)
{
    gt_wr_u8(w, DLT698_LINK_REQUEST);
    gt_wr_u8(w, m->piid);
    gt_wr_u8(w, m->type);
    gt_wr_u16be(w, m->heartbeat_s);
    stamp_write(w, &m->at);
}

void dlt698_link_response_write(gt_wr *w, const dlt698_link_response *m)
{
    gt_wr_u8(w, DLT698_LINK_RESPONSE);
    gt_wr_u8(w, m->piid);
    gt_wr_u8(w, m->result);
    stamp_write(w, &m->asked);
    stamp_write(w, &m->received);
    stamp_write(w, &m->answered);
}

void dlt698_apdu_begin(gt_wr *w, dlt698_service service, uint8_t choice, uint8_t piid)
{
    gt_wr_u8(w, (uint8_t)service);
    gt_wr_u8(w, choice);
    gt_wr_u8(w, piid);
}

static void oads_write(gt_wr *w, const dlt698_oad *oads, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        dlt698_write_oad(w, oads[i]);
    }
}

void dlt698_apdu_get(gt_wr *w, uint8_t piid, const dlt698_oad *oads, uint32_t count)
{
    dlt698_apdu_begin(w, DLT698_GET_REQUEST, count == 1 ? DLT698_NORMAL : DLT698_LIST, piid);
    if (count != 1) {
        dlt698_write_length(w, count);
    }
    oads_write(w, oads, count);
}

void dlt698_apdu_get_next(gt_wr *w, uint8_t piid, uint16_t block)
{
    dlt698_apdu_begin(w, DLT698_GET_REQUEST, DLT698_NEXT, piid);
    gt_wr_u16be(w, block);
}

void dlt698_apdu_get_record(gt_wr *w, uint8_t piid, dlt698_oad table)
{
    dlt698_apdu_begin(w, DLT698_GET_REQUEST, DLT698_RECORD, piid);
    dlt698_write_oad(w, table);
}

void dlt698_write_selector_range(gt_wr *w, dlt698_oad key, const gt_civil *from, const gt_civil *to)
{
    gt_wr_u8(w, RSD_RANGE);
    dlt698_write_oad(w, key);
    dlt698_put_civil(w, DLT698_TYPE_DATE_TIME_S, from);
    dlt698_put_civil(w, DLT698_TYPE_DATE_TIME_S, to);
    dlt698_put_null(w);
}

void dlt698_write_selector_last(gt_wr *w, uint8_t nth)
{
    gt_wr_u8(w, RSD_LAST);
    gt_wr_u8(w, nth);
}

void dlt698_write_columns(gt_wr *w, const dlt698_oad *oads, uint32_t count)
{
    dlt698_write_length(w, count);
    for (uint32_t i = 0; i < count; i++) {
        gt_wr_u8(w, CSD_OAD);
        dlt698_write_oad(w, oads[i]);
    }
}

void dlt698_apdu_set(gt_wr *w, uint8_t piid, dlt698_oad oad)
{
    dlt698_apdu_begin(w, DLT698_SET_REQUEST, DLT698_NORMAL, piid);
    dlt698_write_oad(w, oad);
}

void dlt698_apdu_action(gt_wr *w, uint8_t piid, dlt698_oad method)
{
    dlt698_apdu_begin(w, DLT698_ACTION_REQUEST, DLT698_NORMAL, piid);
    dlt698_write_oad(w, method);
}

void dlt698_request_end(gt_wr *w, const dlt698_time_tag *tag)
{
    if (tag == NULL) {
        gt_wr_u8(w, NO_TIME_TAG);
        return;
    }
    gt_wr_u8(w, TIME_TAG);
    dlt698_write_civil(w, DLT698_TYPE_DATE_TIME_S, &tag->sent);
    gt_wr_u8(w, tag->delay_unit);
    gt_wr_u16be(w, tag->delay);
}

void dlt698_response_end(gt_wr *w)
{
    gt_wr_u8(w, NO_FOLLOW);
    gt_wr_u8(w, NO_TIME_TAG);
}

void dlt698_write_value_head(gt_wr *w)
{
    gt_wr_u8(w, RESULT_DATA);
}

void dlt698_write_refusal(gt_wr *w, uint8_t dar)
{
    gt_wr_u8(w, RESULT_DAR);
    gt_wr_u8(w, dar);
}

gt_err dlt698_entries_init(dlt698_entries *e, const uint8_t *apdu, size_t len)
{
    GT_TRY(dlt698_check(DLT698_TYPE_APDU, apdu, len));
    *e = (dlt698_entries){0};
    dlt698_walk_init(&e->walk, DLT698_TYPE_APDU, apdu, len);
    return GT_ERR_OK;
}

dlt698_columns dlt698_columns_of(dlt698_walk *w, const dlt698_node *node)
{
    dlt698_walk_skip(w, node);
    const size_t first = node->offset + node->len;
    const gt_rd all = gt_rd_of(w->r.buf + first, w->r.pos - first);
    return (dlt698_columns){.all = all, .next = all, .count = node->count};
}

dlt698_oad dlt698_column_next(dlt698_columns *c)
{
    if (gt_rd_left(&c->next) == 0) {
        c->next = c->all;
    }
    gt_rd csd = dlt698_take(&c->next, DLT698_TYPE_CSD);
    (void)gt_rd_u8(&csd); /* OAD, or ROAD, which begins with one */
    return dlt698_oad_of(gt_rd_u32be(&csd));
}

static void data_take(dlt698_entries *e, const dlt698_node *node, dlt698_entry *out)
{
    dlt698_walk_skip(&e->walk, node);
    out->is_value = true;
    out->dar = DLT698_DAR_OK;
    out->data = e->walk.r.buf + node->offset;
    out->data_len = e->walk.r.pos - node->offset;
}

bool dlt698_entries_next(dlt698_entries *e, dlt698_entry *out)
{
    dlt698_node node;
    dlt698_columns columns;
    while (dlt698_walk_next(&e->walk, &node)) {
        const dlt698_role role = dlt698_node_role(&node);
        dlt698_entry entry = {.object = e->object, .column = e->object};
        switch (role) {
        case DLT698_ROLE_OBJECT:
            if (dlt698_node_oad(&node, &e->object) != GT_ERR_OK) {
                return false; /* part.def gives this role to OAD and OMD only */
            }
            break;
        case DLT698_ROLE_COLUMNS:
            columns = dlt698_columns_of(&e->walk, &node);
            e->columns = columns.all;
            e->column_next = columns.next;
            e->column_count = columns.count;
            break;
        case DLT698_ROLE_RESULT:
            entry.dar = node.value[0];
            *out = entry;
            return true;
        case DLT698_ROLE_VALUE:
            data_take(e, &node, &entry);
            *out = entry;
            return true;
        case DLT698_ROLE_CELL:
            entry.is_cell = true;
            entry.row = node.nth / e->column_count;
            columns = (dlt698_columns){e->columns, e->column_next, e->column_count};
            entry.column = dlt698_column_next(&columns);
            e->column_next = columns.next;
            data_take(e, &node, &entry);
            *out = entry;
            return true;
        case DLT698_ROLE_PLAIN:
        case DLT698_ROLE_COLUMN:
        case DLT698_ROLE_FOLLOW:
        case DLT698_ROLE_SERVER:
        case DLT698_ROLE_FRAME:
        case DLT698_ROLE_APDU:
        case DLT698_ROLE_PIID:
            break;
        }
    }
    return false;
}
