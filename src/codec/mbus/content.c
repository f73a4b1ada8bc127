/* Behind the CI field. A row of ci.def says which header comes first and what follows it. */
#include "codec/mbus/content.h"

#include "base/bytes.h"

enum { ID_DIGITS = 8, LETTERS = 3, LETTER_BITS = 5, LETTER_BASE = 64, UNIT_BITS = 6 };

typedef struct ci_row {
    uint8_t content;
    uint8_t header;
    bool msb_first;
    const char *zh;
    const char *en;
} ci_row;

enum {
    CI_UNKNOWN,
#define CI(code, content, header, msb_first, zh, en) CI_##code,
#include "codec/mbus/ci.def"
#undef CI
};

static const uint8_t ci_index[256] = {
#define CI(code, content, header, msb_first, zh, en) [code] = CI_##code,
#include "codec/mbus/ci.def"
#undef CI
};

static const ci_row ci_rows[] = {
    {MBUS_CONTENT_UNKNOWN, MBUS_HEADER_NONE, false, NULL, NULL},
#define CI(code, content, header, msb_first, zh, en) \
    {MBUS_CONTENT_##content, MBUS_HEADER_##header, msb_first, zh, en},
#include "codec/mbus/ci.def"
#undef CI
};

mbus_device mbus_device_any(void)
{
    return (mbus_device){0xFFFFFFFF, 0xFFFF, 0xFF, 0xFF};
}

bool mbus_device_match(const mbus_device *selection, const mbus_device *own)
{
    for (unsigned i = 0; i < ID_DIGITS; i++) {
        const unsigned digit = selection->id >> (4 * i) & 0x0F;
        if (digit != 0x0F && digit != (own->id >> (4 * i) & 0x0F)) {
            return false;
        }
    }
    return (selection->manufacturer == 0xFFFF || selection->manufacturer == own->manufacturer) &&
           (selection->version == 0xFF || selection->version == own->version) &&
           (selection->medium == 0xFF || selection->medium == own->medium);
}

void mbus_manufacturer_format(uint16_t code, char out[4])
{
    for (unsigned i = 0; i < LETTERS; i++) {
        out[i] = (char)(LETTER_BASE + (code >> (LETTER_BITS * (LETTERS - 1 - i)) & 0x1F));
    }
    out[LETTERS] = '\0';
}

gt_err mbus_manufacturer_parse(const char *text, uint16_t *out)
{
    unsigned code = 0;
    for (unsigned i = 0; i < LETTERS; i++) {
        if (text[i] < 'A' || text[i] > 'Z') {
            return GT_ERR_SYNTAX;
        }
        code = code << LETTER_BITS | (unsigned)(text[i] - LETTER_BASE);
    }
    if (text[LETTERS] != '\0') {
        return GT_ERR_SYNTAX;
    }
    *out = (uint16_t)code;
    return GT_ERR_OK;
}

static uint16_t u16(gt_rd *r, bool msb_first)
{
    return msb_first ? gt_rd_u16be(r) : gt_rd_u16le(r);
}

static uint32_t u32(gt_rd *r, bool msb_first)
{
    return msb_first ? gt_rd_u32be(r) : gt_rd_u32le(r);
}

static mbus_device device_decode(gt_rd *r, bool msb_first)
{
    mbus_device d;
    d.id = u32(r, msb_first);
    d.manufacturer = u16(r, msb_first);
    d.version = gt_rd_u8(r);
    d.medium = gt_rd_u8(r);
    return d;
}

static void device_write(const mbus_device *d, gt_wr *w)
{
    gt_wr_u32le(w, d->id);
    gt_wr_u16le(w, d->manufacturer);
    gt_wr_u8(w, d->version);
    gt_wr_u8(w, d->medium);
}

void mbus_device_encode(const mbus_device *device, uint8_t out[MBUS_SELECT_LEN])
{
    gt_wr w = gt_wr_of(out, MBUS_SELECT_LEN);
    device_write(device, &w);
}

void mbus_header_encode(const mbus_header *header, uint8_t out[MBUS_LONG_HEADER])
{
    gt_wr w = gt_wr_of(out, MBUS_LONG_HEADER);
    device_write(&header->device, &w);
    gt_wr_u8(&w, header->access);
    gt_wr_u8(&w, header->status);
    gt_wr_u16le(&w, header->config);
}

static void header_decode(gt_rd *r, mbus_content *c)
{
    mbus_header *h = &c->header;
    if (h->kind == MBUS_HEADER_LONG) {
        h->device = device_decode(r, c->msb_first);
    }
    if (h->kind != MBUS_HEADER_NONE) {
        h->access = gt_rd_u8(r);
        h->status = gt_rd_u8(r);
        h->config = u16(r, c->msb_first);
    }
}

/* Meters older than the security modes put anything into the signature, so only the modes in use
 * with at least one encrypted block count. */
static bool encrypted(const mbus_header *h)
{
    const unsigned mode = h->config >> 8 & 0x1F;
    const unsigned blocks = h->config >> 4 & 0x0F;
    return h->kind != MBUS_HEADER_NONE && (mode == 5 || mode == 7) && blocks > 0;
}

static void fixed_decode(gt_rd *r, mbus_content *c)
{
    mbus_fixed *f = &c->fixed;
    f->id = u32(r, c->msb_first);
    f->access = gt_rd_u8(r);
    f->status = gt_rd_u8(r);
    const uint8_t first = gt_rd_u8(r);
    const uint8_t second = gt_rd_u8(r);
    f->unit[0] = first & 0x3F;
    f->unit[1] = second & 0x3F;
    f->medium = (uint8_t)(first >> UNIT_BITS | second >> UNIT_BITS << 2);
    f->counter[0] = u32(r, c->msb_first);
    f->counter[1] = u32(r, c->msb_first);
}

/* Bytes before the rest, by what the CI field announces. */
static size_t head_len(const ci_row *row)
{
    static const uint8_t headers[] = {[MBUS_HEADER_NONE] = 0,
                                      [MBUS_HEADER_SHORT] = MBUS_SHORT_HEADER,
                                      [MBUS_HEADER_LONG] = MBUS_LONG_HEADER};
    return row->content == MBUS_CONTENT_SELECT  ? MBUS_SELECT_LEN
           : row->content == MBUS_CONTENT_FIXED ? MBUS_FIXED_LEN
                                                : headers[row->header];
}

gt_err mbus_content_decode(const mbus_frame *frame, mbus_content *out)
{
    if (frame->kind != MBUS_LONG) {
        return GT_ERR_MALFORMED;
    }
    const ci_row *row = &ci_rows[ci_index[frame->ci]];
    const size_t head = head_len(row);
    if (frame->data_len < head) {
        return GT_ERR_TRUNCATED;
    }
    if (row->content == MBUS_CONTENT_FIXED && frame->data_len > head) {
        return GT_ERR_TRAILING;
    }
    out->kind = (mbus_content_kind)row->content;
    out->msb_first = row->msb_first;
    out->zh = row->zh;
    out->en = row->en;
    out->header.kind = (mbus_header_kind)row->header;
    out->rest_len = frame->data_len - head;
    out->rest_offset = (uint8_t)head;
    out->rest = out->rest_len > 0 ? frame->data + head : NULL;
    gt_rd r = gt_rd_of(frame->data, head); /* exactly the head: reading it cannot fail */
    if (out->kind == MBUS_CONTENT_FIXED) {
        fixed_decode(&r, out);
    } else if (out->kind == MBUS_CONTENT_SELECT) {
        out->select = device_decode(&r, out->msb_first);
    } else if (out->kind == MBUS_CONTENT_RECORDS) {
        header_decode(&r, out);
        out->kind = encrypted(&out->header) ? MBUS_CONTENT_ENCRYPTED : out->kind;
    }
    return gt_rd_done(&r);
}

gt_err mbus_fixed_encode(const mbus_fixed *fixed, uint8_t out[MBUS_FIXED_LEN])
{
    if (fixed->unit[0] >> UNIT_BITS != 0 || fixed->unit[1] >> UNIT_BITS != 0 ||
        fixed->medium >> 4 != 0) {
        return GT_ERR_RANGE;
    }
    gt_wr w = gt_wr_of(out, MBUS_FIXED_LEN);
    gt_wr_u32le(&w, fixed->id);
    gt_wr_u8(&w, fixed->access);
    gt_wr_u8(&w, fixed->status);
    gt_wr_u8(&w, (uint8_t)(fixed->unit[0] | (fixed->medium & 3) << UNIT_BITS));
    gt_wr_u8(&w, (uint8_t)(fixed->unit[1] | fixed->medium >> 2 << UNIT_BITS));
    gt_wr_u32le(&w, fixed->counter[0]);
    gt_wr_u32le(&w, fixed->counter[1]);
    return gt_wr_done(&w);
}
