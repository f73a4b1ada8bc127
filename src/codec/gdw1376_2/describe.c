/* A frame in words. What the envelope lacks is told with its place; only a frame that decodes as a
 * whole gets its information field, addresses and data named. */
#include "codec/gdw1376_2/describe.h"

#include "base/sum.h"
#include "codec/gdw1376_2/gdw1376_2_priv.h"
#include "codec/gdw1376_2/walk.h"

enum {
    C_AT = 3,
    INFO_AT = 4,
    ADDR_AT = 10,
    ADDR_LEN = 6,
    TAIL_LEN = 2,
    MODE_MASK = 0x3F,
    DIR = 0x80,
    MODULE = 0x04,
    RELAY_SHIFT = 4,
};

/* AFN of a frame that need not be whole; false when it is cut off before it. */
static bool afn_peek(const uint8_t *in, size_t in_len, uint8_t *out)
{
    if (in_len <= ADDR_AT) {
        return false;
    }
    size_t at = ADDR_AT;
    if ((in[INFO_AT] & MODULE) != 0) {
        const size_t relays = (in[C_AT] & DIR) != 0 ? 0 : in[INFO_AT] >> RELAY_SHIFT;
        at += ADDR_LEN * (2 + relays);
    }
    if (at >= in_len) {
        return false;
    }
    *out = in[at];
    return true;
}

codec_match gdw1376_2_probe(const uint8_t *in, size_t in_len, size_t *out_len)
{
    size_t whole = 0;
    uint8_t afn = 0;
    if (gdw1376_2_frame_len(in, in_len, &whole) != GT_ERR_OK || !afn_peek(in, in_len, &afn) ||
        gdw1376_2_mode_of(in[C_AT] & MODE_MASK) == NULL || gdw1376_2_afn_of(afn) == NULL) {
        return CODEC_MATCH_NONE;
    }
    gdw1376_2_frame frame;
    const size_t claimed = whole < in_len ? whole : in_len;
    *out_len = claimed;
    return gdw1376_2_frame_decode(in, claimed, &frame) == GT_ERR_OK ? CODEC_MATCH_FRAME
                                                                    : CODEC_MATCH_SHAPE;
}

typedef struct page {
    codec_description *d;
    uint32_t base; /* of the data in the frame */
    uint16_t fn;
} page;

/* The text built so far becomes the field's value. */
static void field(codec_description *d, const char *id, codec_name name, codec_bytes where,
                  const uint8_t *start)
{
    const codec_field row = {.id = id,
                             .name = name,
                             .offset = (uint32_t)(where.buf - start),
                             .len = (uint32_t)where.len,
                             .value = codec_text_end(d)};
    codec_field_add(d, &row);
}

static void field_hex(codec_description *d, const char *id, codec_name name, codec_bytes where,
                      const uint8_t *start)
{
    codec_text_add_hex_bytes(d, where.buf, where.len);
    codec_text_add(d, "H");
    field(d, id, name, where, start);
}

static void show_control(codec_description *d, const gdw1376_2_frame *f)
{
    const gdw1376_2_name *mode = gdw1376_2_mode_of(f->mode);
    codec_text_add_number(d, f->up ? 1 : 0, 1);
    codec_field_add(d, &(codec_field){"dir",
                                      {"传输方向位DIR", "Direction"},
                                      C_AT,
                                      1,
                                      codec_text_end(d),
                                      f->up ? (codec_name){"上行", "up, from the module"}
                                            : (codec_name){"下行", "down, to the module"}});
    codec_text_add_number(d, f->prm ? 1 : 0, 1);
    codec_field_add(d, &(codec_field){"prm",
                                      {"启动标志位PRM", "Primary"},
                                      C_AT,
                                      1,
                                      codec_text_end(d),
                                      f->prm ? (codec_name){"启动站", "from the starting side"}
                                             : (codec_name){"从动站", "from the answering side"}});
    codec_text_add_number(d, f->mode, 1);
    codec_field_add(d,
                    &(codec_field){"mode",
                                   {"通信方式", "Medium"},
                                   C_AT,
                                   1,
                                   codec_text_end(d),
                                   mode != NULL ? mode->name : (codec_name){"备用", "reserved"}});
}

static void show_info(codec_description *d, const gdw1376_2_frame *f, const uint8_t *in)
{
    codec_text_add_hex_bytes(d, f->info, sizeof f->info);
    field(d, "info", (codec_name){"信息域R", "Information field R"},
          (codec_bytes){in + INFO_AT, GDW1376_2_INFO_LEN}, in);
    const gdw1376_2_info_row *row = NULL;
    for (size_t i = 0; (row = gdw1376_2_info_at(i)) != NULL; i++) {
        if ((row->way == GDW1376_2_WAY_UP) == f->up) {
            codec_text_add_number(d, gdw1376_2_info_get(f, row->part), 1);
            codec_field_add(d, &(codec_field){.id = row->id,
                                              .name = row->name,
                                              .offset = (uint32_t)INFO_AT + row->byte,
                                              .len = row->len,
                                              .value = codec_text_end(d)});
        }
    }
}

static void show_address(codec_description *d, const char *id, codec_name name, uint32_t at,
                         uint64_t addr)
{
    codec_text_add_hex(d, addr, GDW1376_2_ADDR_DIGITS);
    codec_field_add(
        d, &(codec_field){
               .id = id, .name = name, .offset = at, .len = ADDR_LEN, .value = codec_text_end(d)});
}

/* @return offset of the AFN */
static uint32_t show_addresses(codec_description *d, const gdw1376_2_frame *f)
{
    uint32_t at = ADDR_AT;
    if (!gdw1376_2_frame_has_addresses(f)) {
        return at;
    }
    show_address(d, "source", (codec_name){"源地址A1", "Source A1"}, at, f->source);
    for (size_t i = 0; i < gdw1376_2_frame_relays(f); i++) {
        at += ADDR_LEN;
        show_address(d, "relay", (codec_name){"中继地址A2", "Relay A2"}, at, f->relays[i]);
    }
    at += ADDR_LEN;
    show_address(d, "destination", (codec_name){"目的地址A3", "Destination A3"}, at,
                 f->destination);
    codec_text_add_hex(d, f->up ? f->source : f->destination, GDW1376_2_ADDR_DIGITS);
    d->address = codec_text_end(d);
    return at + ADDR_LEN;
}

static const char *item_id(codec_description *d, uint16_t fn, unsigned nth)
{
    codec_text_add(d, "F");
    codec_text_add_number(d, fn, 1);
    if (nth > 0) {
        codec_text_add(d, " #");
        codec_text_add_number(d, nth + 1, 1);
    }
    return codec_text_end(d);
}

static uint32_t number_of(const uint8_t *at, size_t len)
{
    uint32_t v = 0;
    for (size_t i = len; i > 0; i--) {
        v = v << 8 | at[i - 1];
    }
    return v;
}

static bool is_text(const uint8_t *at, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (at[i] < 0x20 || at[i] >= 0x7F) {
            return false;
        }
    }
    return true;
}

static void show_value(codec_description *d, unsigned kind, const uint8_t *at, size_t len)
{
    switch (kind) {
    case GDW1376_2_KIND_NUMBER:
        codec_text_add_number(d, number_of(at, len), 1);
        return;
    case GDW1376_2_KIND_RATE:
        codec_text_add_number(d, number_of(at, len) & GDW1376_2_RATE_MAX, 1);
        codec_text_add(d, (at[1] & GDW1376_2_RATE_KILO) != 0 ? "k" : "");
        return;
    case GDW1376_2_KIND_DIGITS:
        for (size_t i = len; i > 0; i--) {
            codec_text_add_hex(d, at[i - 1], 2);
        }
        return;
    case GDW1376_2_KIND_TEXT:
        if (is_text(at, len)) {
            for (size_t i = len; i > 0; i--) {
                codec_text_add_bytes(d, &at[i - 1], 1);
            }
            return;
        }
        codec_text_add_hex_bytes(d, at, len);
        codec_text_add(d, "H");
        return;
    default:
        codec_text_add_hex_bytes(d, at, len);
    }
}

static void visit(void *ctx, const gdw1376_2_met *met, gt_rd *r)
{
    page *p = ctx;
    const gdw1376_2_field *row = met->field;
    const uint32_t offset = p->base + (uint32_t)r->pos;
    const char *id = item_id(p->d, p->fn, met->nth);
    show_value(p->d, row->kind, r->buf + r->pos, met->len);
    codec_item_add(p->d, &(codec_item){.id = id,
                                       .name = row->name,
                                       .offset = offset,
                                       .len = (uint32_t)met->len,
                                       .value = codec_text_end(p->d),
                                       .unit = row->unit});
    if (row->kind == GDW1376_2_KIND_FRAME) {
        p->d->inner_offset = offset;
        p->d->inner_len = (uint32_t)met->len;
    }
}

/* The data, by the table; those that do not fit it give an error and no items. */
static void show_data(codec_description *d, codec_bytes in, const gdw1376_2_frame *f)
{
    page p = {d, (uint32_t)(f->data - in.buf), f->fn};
    gt_rd r = gt_rd_of(f->data, f->data_len);
    gt_rd check = r;
    const gdw1376_2_layout layout = gdw1376_2_item_layout(gdw1376_2_item_of(f->afn, f->fn), f->up);
    gdw1376_2_layout_walk(layout, &check, NULL);
    const gt_err err = gt_rd_done(&check);
    if (err != GT_ERR_OK) {
        codec_error_add_at(d, err, p.base + (uint32_t)check.pos, "data as the function lays it out",
                           in);
        return;
    }
    gdw1376_2_layout_walk(layout, &r, &(gdw1376_2_visitor){.visit = visit, .ctx = &p});
}

static void show_function(codec_description *d, const uint8_t *in, const gdw1376_2_frame *f,
                          uint32_t at)
{
    const gdw1376_2_name *afn = gdw1376_2_afn_of(f->afn);
    const gdw1376_2_item *item = gdw1376_2_item_of(f->afn, f->fn);
    const codec_name reserved = {"备用", "reserved"};
    d->title = item != NULL ? item->name : afn != NULL ? afn->name : reserved;
    codec_field_add(d, &(codec_field){"afn",
                                      {"应用功能码AFN", "Application function"},
                                      at,
                                      1,
                                      codec_text_hex(d, in[at], 2),
                                      afn != NULL ? afn->name : reserved});
    codec_text_add(d, "F");
    codec_text_add_number(d, f->fn, 1);
    codec_field_add(d, &(codec_field){"fn",
                                      {"数据单元标识DT", "Data unit identifier"},
                                      at + 1,
                                      2,
                                      codec_text_end(d),
                                      item != NULL ? item->name : reserved});
}

/* What keeps the bytes from being a frame, with its place. */
static void show_damage(codec_description *d, codec_bytes in, gt_err err)
{
    size_t whole = 0;
    const gt_err length = gdw1376_2_frame_len(in.buf, in.len, &whole);
    if (length == GT_ERR_MALFORMED) {
        codec_error_add_at(d, length, 0, "start mark 68H", in);
    } else if (length == GT_ERR_RANGE) {
        codec_error_add_at(d, length, 1, "length 15 to 2048", in);
    } else if (length == GT_ERR_TRUNCATED || in.len < whole) {
        codec_error_add_at(d, GT_ERR_TRUNCATED, (uint32_t)in.len, "as many bytes as L says", in);
    } else if (in.len > whole) {
        codec_error_add_at(d, GT_ERR_TRAILING, (uint32_t)whole, "end of input", in);
    } else if (err == GT_ERR_CHECKSUM) {
        const size_t at = whole - TAIL_LEN;
        const uint8_t cs = gt_sum8(in.buf + C_AT, at - C_AT);
        codec_error_add_at(d, err, (uint32_t)at, codec_text_hex(d, cs, 2), in);
    } else if (in.buf[whole - 1] != 0x16) {
        codec_error_add_at(d, err, (uint32_t)whole - 1, "end mark 16H", in);
    } else {
        codec_error_add_at(d, err, INFO_AT, "addresses as R says, then AFN and one function", in);
    }
}

void gdw1376_2_describe(const uint8_t *in, size_t in_len, codec_description *out)
{
    const codec_bytes bytes = {in, in_len};
    codec_description_begin(out, "qgdw1376.2");
    gdw1376_2_frame f;
    const gt_err err = gdw1376_2_frame_decode(in, in_len, &f);
    if (err != GT_ERR_OK) {
        show_damage(out, bytes, err);
        return;
    }
    field_hex(out, "start", (codec_name){"起始字符", "Start"}, (codec_bytes){in, 1}, in);
    codec_text_add_number(out, in_len, 1);
    field(out, "length", (codec_name){"长度L", "Length"}, (codec_bytes){in + 1, 2}, in);
    show_control(out, &f);
    show_info(out, &f, in);
    show_function(out, in, &f, show_addresses(out, &f));
    field_hex(out, "checksum", (codec_name){"校验和CS", "Checksum"},
              (codec_bytes){in + in_len - TAIL_LEN, 1}, in);
    field_hex(out, "end", (codec_name){"结束字符", "End"}, (codec_bytes){in + in_len - 1, 1}, in);
    show_data(out, bytes, &f);
}
