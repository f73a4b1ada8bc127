/* A frame in words. The envelope is walked byte by byte first, so that a damaged frame still shows
 * what comes before the damage; only a frame that decodes as a whole gets its data explained. */
#include "codec/mbus/describe.h"

#include "base/sum.h"
#include "codec/mbus/describe_priv.h"

enum { FUNCTION = 0x4F, BESIDE_DATA = 3, LONG_EXTRA = 6 };

typedef struct walk {
    codec_description *d;
    codec_bytes in;
    uint32_t pos;
    bool damaged;
} walk;

typedef struct control_row {
    uint8_t function; /* without FCB and FCV, or ACD and DFC */
    codec_name name;
} control_row;

static const control_row *control_of(uint8_t control)
{
    static const control_row rows[] = {
        {0x40, {"SND_NKE 链路初始化", "SND_NKE, link reset"}},
        {0x43, {"SND_UD 发送用户数据", "SND_UD, data to the meter"}},
        {0x49, {"REQ_SKE 请求链路状态", "REQ_SKE, request link status"}},
        {0x4A, {"REQ_UD1 请求1级数据", "REQ_UD1, request class 1 data"}},
        {0x4B, {"REQ_UD2 请求2级数据", "REQ_UD2, request class 2 data"}},
        {0x08, {"RSP_UD 应答数据", "RSP_UD, data from the meter"}},
        {0x0B, {"RSP_SKE 链路状态", "RSP_SKE, link status"}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].function == (control & FUNCTION)) {
            return &rows[i];
        }
    }
    return NULL;
}

static bool short_control(uint8_t control)
{
    const uint8_t function = control & FUNCTION;
    return control < MBUS_EXTENSION && function != (MBUS_C_SND_UD & FUNCTION) &&
           control_of(control) != NULL;
}

static codec_match short_probe(const uint8_t *in, size_t in_len, size_t *out_len)
{
    if (in_len < MBUS_SHORT_LEN || in[MBUS_SHORT_LEN - 1] != MBUS_END || !short_control(in[1])) {
        return CODEC_MATCH_NONE;
    }
    mbus_frame frame;
    *out_len = MBUS_SHORT_LEN;
    return mbus_frame_decode(in, MBUS_SHORT_LEN, &frame) == GT_ERR_OK ? CODEC_MATCH_FRAME
                                                                      : CODEC_MATCH_SHAPE;
}

static codec_match long_probe(const uint8_t *in, size_t in_len, size_t *out_len)
{
    if (in_len < BESIDE_DATA + 1 || in[3] != MBUS_START_LONG || in[1] < BESIDE_DATA) {
        return CODEC_MATCH_NONE;
    }
    const size_t whole = (size_t)in[1] + LONG_EXTRA;
    mbus_frame frame;
    if (whole <= in_len && mbus_frame_decode(in, whole, &frame) == GT_ERR_OK) {
        *out_len = whole;
        return CODEC_MATCH_FRAME;
    }
    *out_len = whole < in_len ? whole : in_len;
    return CODEC_MATCH_SHAPE;
}

codec_match mbus_probe(const uint8_t *in, size_t in_len, size_t *out_len)
{
    if (in_len == 0) {
        return CODEC_MATCH_NONE;
    }
    if (in[0] == MBUS_START_LONG) {
        return long_probe(in, in_len, out_len);
    }
    if (in[0] == MBUS_START_SHORT) {
        return short_probe(in, in_len, out_len);
    }
    size_t behind = 0;
    if (in[0] == MBUS_START_ACK &&
        (in_len == 1 || short_probe(in + 1, in_len - 1, &behind) == CODEC_MATCH_FRAME ||
         (in[1] == MBUS_START_LONG &&
          long_probe(in + 1, in_len - 1, &behind) == CODEC_MATCH_FRAME))) {
        *out_len = 1;
        return CODEC_MATCH_FRAME;
    }
    return CODEC_MATCH_NONE;
}

static void damage(walk *w, gt_err err, const char *expected)
{
    if (!w->damaged) {
        codec_error_add_at(w->d, err, w->pos, expected, w->in);
        w->damaged = true;
    }
}

/* The byte at the walk's place, when there is one and nothing was wrong before it. */
static bool present(walk *w, const char *expected)
{
    if (w->pos >= w->in.len) {
        damage(w, GT_ERR_TRUNCATED, expected);
    }
    return !w->damaged;
}

static uint8_t at(const walk *w)
{
    return w->in.buf[w->pos];
}

static void take(walk *w, codec_field field)
{
    field.offset = w->pos;
    field.len = 1;
    if (field.value == NULL) {
        field.value = codec_text_hex(w->d, at(w), 2);
    }
    w->pos++;
    codec_field_add(w->d, &field);
}

/* A byte that can only be that one. */
static void fixed(walk *w, uint8_t want, gt_err err, codec_field field)
{
    if (!present(w, field.name.en)) {
        return;
    }
    if (at(w) != want) {
        codec_text_add(w->d, field.name.en);
        codec_text_add(w->d, " ");
        damage(w, err, codec_text_hex(w->d, want, 2));
        return;
    }
    take(w, field);
}

static codec_name control_meaning(codec_description *d, uint8_t control)
{
    const control_row *row = control_of(control);
    if (row == NULL || control >= MBUS_EXTENSION) {
        return (codec_name){"非有线M-Bus控制码", "not a control field of wired M-Bus"};
    }
    const bool master = (control & MBUS_C_MASTER) != 0;
    const char *first = master ? ", FCB=1" : ", ACD=1";
    const char *second = master ? ", FCV=1" : ", DFC=1";
    codec_text_add(d, row->name.zh);
    codec_text_add(d, (control & MBUS_C_FCB) != 0 ? first : "");
    codec_text_add(d, (control & MBUS_C_FCV) != 0 ? second : "");
    const char *zh = codec_text_end(d);
    codec_text_add(d, row->name.en);
    codec_text_add(d, (control & MBUS_C_FCB) != 0 ? first : "");
    codec_text_add(d, (control & MBUS_C_FCV) != 0 ? second : "");
    return (codec_name){zh, codec_text_end(d)};
}

static void control_and_address(walk *w)
{
    if (present(w, "control field")) {
        const codec_name meaning = control_meaning(w->d, at(w));
        w->d->title = meaning;
        take(w, (codec_field){"control", {"控制域C", "control field"}, .meaning = meaning});
    }
    if (present(w, "address")) {
        const uint8_t address = at(w);
        codec_name meaning = {NULL, NULL};
        if (address == MBUS_ADDR_SELECTED) {
            meaning =
                (codec_name){"已按二级地址选中的表", "the meter selected by secondary address"};
        } else if (address == MBUS_ADDR_ALL_ANSWER) {
            meaning = (codec_name){"所有表，均应答", "every meter, and it answers"};
        } else if (address == MBUS_ADDR_BROADCAST) {
            meaning = (codec_name){"广播，不应答", "broadcast, nobody answers"};
        }
        codec_text_add_number(w->d, address, 1);
        w->d->address = codec_text_end(w->d);
        take(w, (codec_field){
                    "address", {"地址域A", "address"}, .value = w->d->address, .meaning = meaning});
    }
}

static uint8_t lengths(walk *w)
{
    if (!present(w, "length field")) {
        return 0;
    }
    const uint8_t len = at(w);
    if (len < BESIDE_DATA) {
        damage(w, GT_ERR_RANGE, "length 03H to FFH");
        return 0;
    }
    codec_text_add_number(w->d, len, 1);
    const char *text = codec_text_end(w->d);
    take(w, (codec_field){"length", {"长度L", "length"}, .value = text});
    fixed(w, len, GT_ERR_MALFORMED,
          (codec_field){"length2", {"长度L（重复）", "the same length again"}, .value = text});
    return len;
}

static void end(walk *w, uint8_t sum)
{
    fixed(w, sum, GT_ERR_CHECKSUM,
          (codec_field){"checksum", {"校验码CS", "checksum"}, .meaning = {"正确", "right"}});
    fixed(w, MBUS_END, GT_ERR_MALFORMED, (codec_field){"end", {"结束符", "end mark"}});
    if (!w->damaged && w->pos < w->in.len) {
        damage(w, GT_ERR_TRAILING, "end of the frame");
    }
}

static void long_describe(walk *w)
{
    fixed(w, MBUS_START_LONG, GT_ERR_MALFORMED, (codec_field){"start", {"帧起始符", "start mark"}});
    const uint8_t len = lengths(w);
    fixed(w, MBUS_START_LONG, GT_ERR_MALFORMED,
          (codec_field){"start2", {"帧起始符", "second start mark"}});
    const uint32_t summed = w->pos;
    control_and_address(w);
    const uint32_t data_at = w->pos + 1;
    if (present(w, "CI field")) {
        take(w, (codec_field){"ci", {"控制信息域CI", "CI field"}});
    }
    mbus_frame frame;
    if (mbus_frame_decode(w->in.buf, w->in.len, &frame) == GT_ERR_OK) {
        mbus_data_describe(w->d, &frame, data_at);
    }
    if (w->damaged) {
        return;
    }
    if (w->in.len - summed < len) {
        w->pos = (uint32_t)w->in.len;
        damage(w, GT_ERR_TRUNCATED, "as many bytes as the length says");
        return;
    }
    w->pos = summed + len;
    end(w, gt_sum8(w->in.buf + summed, len));
}

void mbus_describe(const uint8_t *in, size_t in_len, codec_description *out)
{
    codec_description_begin(out, "mbus");
    walk w = {.d = out, .in = {in, in_len}};
    if (in_len > 0 && in[0] == MBUS_START_ACK) {
        out->title = (codec_name){"E5 确认", "E5, acknowledged"};
        take(&w, (codec_field){"start", {"单字符确认", "acknowledge"}});
        if (in_len > 1) {
            damage(&w, GT_ERR_TRAILING, "end of the frame");
        }
        return;
    }
    if (in_len > 0 && in[0] == MBUS_START_SHORT) {
        take(&w, (codec_field){"start", {"短帧起始符", "start mark of a short frame"}});
        control_and_address(&w);
        end(&w, in_len > 2 ? (uint8_t)(in[1] + in[2]) : 0);
        return;
    }
    long_describe(&w);
}
