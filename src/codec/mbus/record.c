/* Records: the chain of DIFs, the chain of VIFs, the data. Lengths come from the DIF's low nibble;
 * nothing is taken that the telegram does not hold. */
#include "codec/mbus/record.h"

enum {
    SPECIAL = 0x0F,
    FIELD = 0x0F,
    PLAIN_TEXT = 0x7C,
    DIF_MANUFACTURER = 0x0F,
    DIF_MORE = 0x1F,
    DIF_IDLE = 0x2F,
    DIF_READ_ALL = 0x7F,
};

/* Bytes by field; variable data says its length itself. */
static const uint8_t field_bytes[] = {0, 1, 2, 3, 4, 4, 6, 8, 0, 1, 2, 3, 4, 0, 6};

bool mbus_lvar_len(uint8_t lvar, size_t *out_len)
{
    static const struct {
        uint8_t first, last, step, start; /* length: start + step * (lvar - first) */
    } ranges[] = {
        {0x00, 0xBF, 1, 0},  /* text */
        {0xC0, 0xC9, 1, 0},  /* BCD */
        {0xD0, 0xD9, 1, 0},  /* negative BCD */
        {0xE0, 0xEF, 1, 0},  /* binary number */
        {0xF0, 0xF4, 4, 16}, /* binary number */
        {0xF5, 0xF6, 16, 48},
    };
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        if (lvar >= ranges[i].first && lvar <= ranges[i].last) {
            *out_len = (size_t)(ranges[i].start + ranges[i].step * (lvar - ranges[i].first));
            return true;
        }
    }
    return false;
}

/* DIF and DIFEs; false for a DIF that starts no value. */
static void dib_decode(gt_rd *r, uint8_t dif, mbus_record *m)
{
    m->function = (mbus_function)(dif >> 4 & 0x03);
    m->field = (mbus_field)(dif & FIELD);
    m->storage = dif >> 6 & 0x01;
    uint8_t last = dif;
    while ((last & MBUS_EXTENSION) != 0 && r->err == GT_ERR_OK) {
        if (m->dife_count == MBUS_DIFE_MAX) {
            gt_rd_fail(r, GT_ERR_RANGE);
            return;
        }
        last = gt_rd_u8(r);
        m->storage |= (uint64_t)(last & 0x0F) << (1 + 4 * m->dife_count);
        m->tariff |= (uint32_t)(last >> 4 & 0x03) << (2 * m->dife_count);
        m->device = (uint16_t)(m->device | (last >> 6 & 0x01) << m->dife_count);
        m->dife_count++;
    }
}

static void vib_decode(gt_rd *r, mbus_record *m)
{
    m->vif = gt_rd_u8(r);
    if ((m->vif & ~MBUS_EXTENSION) == PLAIN_TEXT) {
        m->text_len = gt_rd_u8(r);
        m->text = gt_rd_take(r, m->text_len);
    }
    m->vife = r->buf + r->pos;
    uint8_t last = m->vif;
    while ((last & MBUS_EXTENSION) != 0 && r->err == GT_ERR_OK) {
        if (m->vife_count == MBUS_VIFE_MAX) {
            gt_rd_fail(r, GT_ERR_RANGE);
            return;
        }
        last = gt_rd_u8(r);
        m->vife_count++;
    }
}

static void data_decode(gt_rd *r, mbus_record *m)
{
    m->data_len = field_bytes[m->field];
    if (m->field == MBUS_FIELD_VARIABLE) {
        m->lvar = gt_rd_u8(r);
        if (!mbus_lvar_len(m->lvar, &m->data_len)) {
            gt_rd_fail(r, GT_ERR_UNSUPPORTED);
        }
    }
    m->data = gt_rd_take(r, m->data_len);
}

static bool special_decode(gt_rd *r, uint8_t dif, mbus_record *m)
{
    switch (dif) {
    case DIF_MANUFACTURER:
    case DIF_MORE:
        m->kind = dif == DIF_MORE ? MBUS_RECORD_MORE : MBUS_RECORD_MANUFACTURER;
        m->data_len = gt_rd_left(r);
        m->data = gt_rd_take(r, m->data_len);
        return true;
    case DIF_IDLE:
        m->kind = MBUS_RECORD_IDLE;
        return true;
    case DIF_READ_ALL:
        m->kind = MBUS_RECORD_READ_ALL;
        return true;
    default:
        return false;
    }
}

/* Nearly every record has one DIF, one VIF and data of a fixed length; it is worth its own path.
 * False: anything else, nothing is taken. */
static bool plain_decode(gt_rd *r, mbus_record *out)
{
    const size_t left = r->len - r->pos;
    const uint8_t *at = r->buf + r->pos;
    if (left < 2 || (at[0] & MBUS_EXTENSION) != 0 || at[1] >= PLAIN_TEXT) {
        return false;
    }
    const unsigned field = at[0] & FIELD;
    if (field == MBUS_FIELD_VARIABLE || field == SPECIAL || left - 2 < field_bytes[field]) {
        return false;
    }
    *out = (mbus_record){.kind = MBUS_RECORD_VALUE,
                         .function = (mbus_function)(at[0] >> 4 & 0x03),
                         .field = (mbus_field)field,
                         .vif = at[1],
                         .storage = at[0] >> 6 & 0x01,
                         .vife = at + 2,
                         .data = at + 2,
                         .data_len = field_bytes[field]};
    r->pos += 2 + (size_t)field_bytes[field];
    return true;
}

gt_err mbus_record_decode(gt_rd *r, mbus_record *out)
{
    GT_TRY(r->err);
    if (plain_decode(r, out)) {
        return GT_ERR_OK;
    }
    const size_t start = r->pos;
    mbus_record m = {.kind = MBUS_RECORD_VALUE};
    const uint8_t dif = gt_rd_u8(r);
    if ((dif & SPECIAL) == SPECIAL) {
        if (!special_decode(r, dif, &m)) {
            gt_rd_fail(r, GT_ERR_UNSUPPORTED);
        }
    } else {
        dib_decode(r, dif, &m);
        vib_decode(r, &m);
        data_decode(r, &m);
    }
    if (r->err != GT_ERR_OK) {
        r->pos = start;
        return r->err;
    }
    *out = m;
    return GT_ERR_OK;
}

/* How many DIFEs the numbers need; MBUS_DIFE_MAX + 1 when ten are not enough. */
static unsigned difes_needed(const mbus_record *m)
{
    unsigned n = 0;
    while (n <= MBUS_DIFE_MAX &&
           (m->storage >> (1 + 4 * n) != 0 || m->tariff >> (2 * n) != 0 || m->device >> n != 0)) {
        n++;
    }
    return n > m->dife_count ? n : m->dife_count;
}

static void dib_encode(gt_wr *w, const mbus_record *m)
{
    const unsigned count = difes_needed(m);
    if (count > MBUS_DIFE_MAX) {
        gt_wr_fail(w, GT_ERR_RANGE);
        return;
    }
    gt_wr_u8(w, (uint8_t)((count > 0 ? (unsigned)MBUS_EXTENSION : 0U) | (m->storage & 1) << 6 |
                          (unsigned)m->function << 4 | m->field));
    for (unsigned i = 0; i < count; i++) {
        const unsigned more = i + 1 < count ? MBUS_EXTENSION : 0;
        const unsigned device = (unsigned)m->device >> i & 0x01;
        const unsigned tariff = (unsigned)(m->tariff >> (2 * i)) & 0x03;
        const unsigned storage = (unsigned)(m->storage >> (1 + 4 * i)) & 0x0F;
        gt_wr_u8(w, (uint8_t)(more | device << 6 | tariff << 4 | storage));
    }
}

static void vib_encode(gt_wr *w, const mbus_record *m)
{
    const bool plain = (m->vif & ~MBUS_EXTENSION) == PLAIN_TEXT;
    if (m->vife_count > MBUS_VIFE_MAX) {
        gt_wr_fail(w, GT_ERR_RANGE);
        return;
    }
    gt_wr_u8(w, m->vif);
    if (plain) {
        gt_wr_u8(w, m->text_len);
        gt_wr_bytes(w, m->text, m->text_len);
    } else if (m->text_len > 0) {
        gt_wr_fail(w, GT_ERR_MALFORMED);
    }
    uint8_t last = m->vif;
    for (unsigned i = 0; i < m->vife_count; i++) {
        if ((last & MBUS_EXTENSION) == 0) {
            gt_wr_fail(w, GT_ERR_MALFORMED);
        }
        last = m->vife[i];
        gt_wr_u8(w, last);
    }
    if ((last & MBUS_EXTENSION) != 0) {
        gt_wr_fail(w, GT_ERR_MALFORMED);
    }
}

static void data_encode(gt_wr *w, const mbus_record *m)
{
    if (m->field > MBUS_FIELD_BCD12) {
        gt_wr_fail(w, GT_ERR_MALFORMED);
        return;
    }
    size_t len = field_bytes[m->field];
    if (m->field == MBUS_FIELD_VARIABLE) {
        gt_wr_u8(w, m->lvar);
        if (!mbus_lvar_len(m->lvar, &len)) {
            gt_wr_fail(w, GT_ERR_MALFORMED);
            return;
        }
    }
    if (len != m->data_len) {
        gt_wr_fail(w, GT_ERR_MALFORMED);
        return;
    }
    gt_wr_bytes(w, m->data, m->data_len);
}

gt_err mbus_record_encode(const mbus_record *record, gt_wr *w)
{
    switch (record->kind) {
    case MBUS_RECORD_VALUE:
        dib_encode(w, record);
        vib_encode(w, record);
        data_encode(w, record);
        break;
    case MBUS_RECORD_IDLE:
        gt_wr_u8(w, DIF_IDLE);
        break;
    case MBUS_RECORD_READ_ALL:
        gt_wr_u8(w, DIF_READ_ALL);
        break;
    case MBUS_RECORD_MANUFACTURER:
    case MBUS_RECORD_MORE:
        gt_wr_u8(w, record->kind == MBUS_RECORD_MORE ? DIF_MORE : DIF_MANUFACTURER);
        gt_wr_bytes(w, record->data, record->data_len);
        break;
    }
    return gt_wr_done(w);
}

gt_err mbus_records_check(const uint8_t *in, size_t in_len, size_t *out_offset)
{
    gt_rd r = gt_rd_of(in, in_len);
    mbus_record m;
    while (gt_rd_left(&r) > 0) {
        const gt_err err = mbus_record_decode(&r, &m);
        if (err != GT_ERR_OK) {
            *out_offset = r.pos;
            return err;
        }
    }
    return GT_ERR_OK;
}

bool mbus_records_more(const uint8_t *in, size_t in_len)
{
    gt_rd r = gt_rd_of(in, in_len);
    mbus_record m = {.kind = MBUS_RECORD_VALUE};
    while (gt_rd_left(&r) > 0 && mbus_record_decode(&r, &m) == GT_ERR_OK) {
    }
    return m.kind == MBUS_RECORD_MORE;
}
