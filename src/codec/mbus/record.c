/* Records: the chain of DIFs, the chain of VIFs, the data. Lengths come from the DIF's low nibble;
 * nothing is taken that the telegram does not hold. */
#include "codec/mbus/record.h"

#include <assert.h>

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
            const unsigned over = (unsigned)lvar - ranges[i].first;
            *out_len = ranges[i].start + (size_t)ranges[i].step * over;
            return true;
        }
    }
    return false;
}

/* Bytes of the chain of extensions behind @p last: at most ten, all of them there. */
static gt_err chain_len(const uint8_t *at, size_t left, uint8_t *out)
{
    static_assert((int)MBUS_DIFE_MAX == (int)MBUS_VIFE_MAX, "one limit for both chains");
    uint8_t n = 0;
    do {
        if (n == MBUS_DIFE_MAX) {
            return GT_ERR_RANGE;
        }
        if (n == left) {
            return GT_ERR_TRUNCATED;
        }
    } while ((at[n++] & MBUS_EXTENSION) != 0);
    *out = n;
    return GT_ERR_OK;
}

void mbus_difes_take(const uint8_t *dife, mbus_record *m)
{
    for (unsigned i = 0; i < m->dife_count; i++) {
        m->storage |= (uint64_t)(dife[i] & 0x0F) << (1 + 4 * i);
        m->tariff |= (uint32_t)(dife[i] >> 4 & 0x03) << (2 * i);
        m->device = (uint16_t)(m->device | (dife[i] >> 6 & 0x01) << i);
    }
}

/* Where the parts of a value's record are: filled from front to back. */
typedef struct layout {
    uint8_t difes;
    uint8_t text_len;
    uint8_t vifes;
    uint8_t lvar;
    size_t vif;  /* index of the VIF */
    size_t vife; /* of the first VIFE; the text in plain letters, if any, lies before it */
    size_t data;
    size_t data_len;
} layout;

/* The parts that few records have: DIFEs, a text, VIFEs, a length byte. */
static gt_err layout_find(const uint8_t *at, size_t left, layout *out)
{
    layout l = {.data_len = field_bytes[at[0] & FIELD]};
    if ((at[0] & MBUS_EXTENSION) != 0) {
        GT_TRY(chain_len(at + 1, left - 1, &l.difes));
    }
    l.vif = 1U + l.difes;
    if (l.vif == left) {
        return GT_ERR_TRUNCATED;
    }
    l.vife = l.vif + 1;
    if ((at[l.vif] & ~MBUS_EXTENSION) == PLAIN_TEXT) {
        if (l.vife == left || left - l.vife - 1 < at[l.vife]) {
            return GT_ERR_TRUNCATED;
        }
        l.text_len = at[l.vife];
        l.vife += 1U + l.text_len;
    }
    if ((at[l.vif] & MBUS_EXTENSION) != 0) {
        GT_TRY(chain_len(at + l.vife, left - l.vife, &l.vifes));
    }
    l.data = l.vife + l.vifes;
    if ((at[0] & FIELD) == MBUS_FIELD_VARIABLE) {
        if (l.data == left) {
            return GT_ERR_TRUNCATED;
        }
        l.lvar = at[l.data++];
        if (!mbus_lvar_len(l.lvar, &l.data_len)) {
            return GT_ERR_UNSUPPORTED;
        }
    }
    *out = l;
    return GT_ERR_OK;
}

/* One byte of DIF, one of VIF, data of a fixed length: most records are no more than that. */
static bool is_plain(const uint8_t *at, size_t left)
{
    return left >= 2 && ((at[0] | at[1]) & MBUS_EXTENSION) == 0 && at[1] != PLAIN_TEXT &&
           (at[0] & FIELD) != MBUS_FIELD_VARIABLE;
}

/* Written only when the data are all there. */
static inline gt_err layout_take(const uint8_t *at, size_t left, layout l, mbus_record *out,
                                 size_t *out_len)
{
    if (left - l.data < l.data_len) {
        return GT_ERR_TRUNCATED;
    }
    out->kind = MBUS_RECORD_VALUE;
    out->function = (mbus_function)(at[0] >> 4 & 0x03);
    out->field = (mbus_field)(at[0] & FIELD);
    out->dife_count = l.difes;
    out->vif = at[l.vif];
    out->vife_count = l.vifes;
    out->text_len = l.text_len;
    out->lvar = l.lvar;
    out->device = 0;
    out->tariff = 0;
    out->storage = at[0] >> 6 & 0x01;
    out->vife = at + l.vife;
    out->text = at + l.vife - l.text_len;
    out->data = at + l.data;
    out->data_len = l.data_len;
    *out_len = l.data + l.data_len;
    return GT_ERR_OK;
}

/* The record of a value at the start of @p at. */
static gt_err value_decode(const uint8_t *at, size_t left, mbus_record *out, size_t *out_len)
{
    if (is_plain(at, left)) {
        const layout plain = {
            .vif = 1, .vife = 2, .data = 2, .data_len = field_bytes[at[0] & FIELD]};
        return layout_take(at, left, plain, out, out_len);
    }
    layout l;
    GT_TRY(layout_find(at, left, &l));
    GT_TRY(layout_take(at, left, l, out, out_len));
    mbus_difes_take(at + 1, out);
    return GT_ERR_OK;
}

static gt_err special_decode(const uint8_t *at, size_t left, mbus_record *out, size_t *out_len)
{
    mbus_record_kind kind = MBUS_RECORD_MANUFACTURER;
    size_t data_len = 0;
    switch (at[0]) {
    case DIF_MANUFACTURER:
    case DIF_MORE:
        kind = at[0] == DIF_MORE ? MBUS_RECORD_MORE : MBUS_RECORD_MANUFACTURER;
        data_len = left - 1;
        break;
    case DIF_IDLE:
        kind = MBUS_RECORD_IDLE;
        break;
    case DIF_READ_ALL:
        kind = MBUS_RECORD_READ_ALL;
        break;
    default:
        return GT_ERR_UNSUPPORTED;
    }
    *out = (mbus_record){.kind = kind, .data = at + 1, .data_len = data_len};
    *out_len = 1 + data_len;
    return GT_ERR_OK;
}

gt_err mbus_record_decode(gt_rd *r, mbus_record *out)
{
    const size_t left = gt_rd_left(r);
    if (left == 0) {
        gt_rd_fail(r, GT_ERR_TRUNCATED);
        return r->err;
    }
    const uint8_t *at = r->buf + r->pos;
    size_t len = 0;
    const bool special = (at[0] & SPECIAL) == SPECIAL;
    const gt_err err =
        special ? special_decode(at, left, out, &len) : value_decode(at, left, out, &len);
    if (err != GT_ERR_OK) {
        gt_rd_fail(r, err);
        return err;
    }
    r->pos += len;
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
