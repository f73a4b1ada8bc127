/* A frame in words. The envelope is read once more here with a cursor, so that a damaged frame
 * still shows its fields up to the damage; the data units are named only when the frame is whole.
 * Their rows come from the same tables that measure them. */
#include "codec/gdw1376/describe.h"

#include "base/sum.h"
#include "codec/gdw1376/gdw1376_priv.h"
#include "codec/gdw1376/item.h"

enum { MARK = 0x68, END = 0x16, BEFORE_USER = 6, HEAD_LEN = 8, REGION_DIGITS = 4 };

codec_match gdw1376_probe(const uint8_t *in, size_t in_len, size_t *out_len)
{
    static const size_t second_mark = BEFORE_USER - 1;
    if (in_len < BEFORE_USER || in[0] != MARK || in[second_mark] != MARK || in[1] != in[3] ||
        in[2] != in[4]) {
        return CODEC_MATCH_NONE;
    }
    const size_t whole = ((size_t)(in[2] << 8 | in[1]) >> 2) + GDW1376_FRAME_EXTRA;
    if (whole < GDW1376_FRAME_MIN) {
        return CODEC_MATCH_NONE;
    }
    gdw1376_frame frame;
    const size_t claimed = whole < in_len ? whole : in_len;
    *out_len = claimed;
    return gdw1376_frame_decode(in, claimed, &frame) == GT_ERR_OK ? CODEC_MATCH_FRAME
                                                                  : CODEC_MATCH_SHAPE;
}

typedef struct span {
    size_t at;
    size_t len;
} span;

static void field(codec_description *d, const char *id, codec_name name, span where,
                  codec_name meaning)
{
    const codec_field row = {.id = id,
                             .name = name,
                             .offset = (uint32_t)where.at,
                             .len = (uint32_t)where.len,
                             .value = codec_text_end(d),
                             .meaning = meaning};
    codec_field_add(d, &row);
}

static const codec_name no_meaning = {NULL, NULL};

static void field_hex(codec_description *d, const char *id, codec_name name, span where,
                      uint32_t value)
{
    codec_text_add_hex(d, value, (unsigned)where.len * 2);
    codec_text_add(d, "H");
    field(d, id, name, where, no_meaning);
}

static void field_flag(codec_description *d, const char *id, codec_name name, size_t at, bool on)
{
    codec_text_add_number(d, on ? 1 : 0, 1);
    field(d, id, name, (span){at, 1}, no_meaning);
}

static codec_name function_meaning(bool prm, uint8_t function)
{
    static const struct {
        bool prm;
        uint8_t function;
        codec_name name;
    } functions[] = {
        {true, 1, {"复位命令", "reset"}},
        {true, GDW1376_LINK_SEND, {"发送/无回答", "user data, no reply"}},
        {true, GDW1376_LINK_TEST, {"链路测试", "link test"}},
        {true, GDW1376_LINK_CLASS1, {"请求1类数据", "request class 1 data"}},
        {true, GDW1376_LINK_CLASS2, {"请求2类数据", "request class 2 data"}},
        {false, GDW1376_LINK_CONFIRM, {"认可", "confirm"}},
        {false, GDW1376_LINK_USER_DATA, {"用户数据", "user data"}},
        {false, 9, {"否认：无所召唤的数据", "no such data"}},
        {false, GDW1376_LINK_STATUS, {"链路状态", "link status"}},
    };
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
        if (functions[i].prm == prm && functions[i].function == function) {
            return functions[i].name;
        }
    }
    return (codec_name){"备用", "reserved"};
}

static void show_control(codec_description *d, uint8_t c)
{
    const bool up = (c & 0x80) != 0;
    const bool prm = (c & 0x40) != 0;
    const span here = {BEFORE_USER, 1};
    codec_text_add_hex(d, c, 2);
    codec_text_add(d, "H");
    field(d, "control", (codec_name){"控制域C", "Control"}, here, function_meaning(prm, c & 0x0F));
    codec_text_add_number(d, up ? 1 : 0, 1);
    field(d, "dir", (codec_name){"传输方向DIR", "Direction"}, here,
          up ? (codec_name){"上行", "up, from the terminal"}
             : (codec_name){"下行", "down, from the station"});
    codec_text_add_number(d, prm ? 1 : 0, 1);
    field(d, "prm", (codec_name){"启动标志PRM", "Primary"}, here,
          prm ? (codec_name){"启动站", "from the starting side"}
              : (codec_name){"从动站", "from the answering side"});
    if (up) {
        field_flag(d, "acd", (codec_name){"要求访问位ACD", "Access demanded"}, here.at,
                   (c & 0x20) != 0);
    } else {
        field_flag(d, "fcb", (codec_name){"帧计数位FCB", "Frame count bit"}, here.at,
                   (c & 0x20) != 0);
        field_flag(d, "fcv", (codec_name){"帧计数有效位FCV", "Frame count valid"}, here.at,
                   (c & 0x10) != 0);
    }
}

static void show_seq(codec_description *d, const gdw1376_head *h)
{
    static const codec_name parts[] = {
        {"多帧：中间帧", "middle of several frames"},
        {"多帧：结束帧", "last of several frames"},
        {"多帧：第一帧", "first of several frames"},
        {"单帧", "single frame"},
    };
    enum { SEQ_AT = BEFORE_USER + 7 };
    const unsigned part = (h->fir ? 2U : 0U) | (h->fin ? 1U : 0U);
    codec_text_add_number(d, part >> 1, 1);
    codec_text_add_number(d, part & 1, 1);
    field(d, "fir_fin", (codec_name){"首末帧标志FIR/FIN", "FIR, FIN"}, (span){SEQ_AT, 1},
          parts[part]);
    field_flag(d, "tpv", (codec_name){"时间标签有效位TpV", "Time stamp present"}, SEQ_AT, h->tpv);
    field_flag(d, "con", (codec_name){"请求确认标志CON", "Confirm asked"}, SEQ_AT, h->con);
    codec_text_add_number(d, h->seq, 1);
    field(d, "seq", (codec_name){"帧序号PSEQ/RSEQ", "Sequence"}, (span){SEQ_AT, 1}, no_meaning);
}

static void show_address(codec_description *d, const gdw1376_addr *a)
{
    field_hex(d, "region", (codec_name){"行政区划码A1", "Region A1"}, (span){7, 2}, a->region);
    codec_text_add_number(d, a->terminal, 4);
    field(d, "terminal", (codec_name){"终端地址A2", "Terminal A2"}, (span){9, 2}, no_meaning);
    codec_text_add_number(d, a->msa, 1);
    field(d, "msa", (codec_name){"主站地址MSA", "Station address"}, (span){11, 1}, no_meaning);
    codec_text_add_number(d, a->group ? 1 : 0, 1);
    field(d, "group", (codec_name){"组地址标志", "Group flag"}, (span){11, 1},
          a->group ? (codec_name){"终端组地址", "group address"}
                   : (codec_name){"终端单地址", "single address"});
    codec_text_add_hex(d, a->region, REGION_DIGITS);
    codec_text_add(d, "-");
    codec_text_add_number(d, a->terminal, 4);
    d->address = codec_text_end(d);
}

/* C .. SEQ, from bytes already known to be there. */
static void show_head(codec_description *d, const uint8_t *in)
{
    gt_rd r = gt_rd_of(in + BEFORE_USER, HEAD_LEN);
    const gdw1376_head h = gdw1376_head_read(&r, 0);
    show_control(d, in[BEFORE_USER]);
    show_address(d, &h.addr);
    const gdw1376_afn_row *afn = gdw1376_afn_of(h.afn);
    const codec_name name =
        afn != NULL ? (codec_name){afn->name.zh, afn->name.en} : (codec_name){"备用", "reserved"};
    codec_text_add_hex(d, h.afn, 2);
    codec_text_add(d, "H");
    field(d, "afn", (codec_name){"应用层功能码AFN", "Application function"}, (span){12, 1}, name);
    d->title = name;
    show_seq(d, &h);
}

static void show_tp(codec_description *d, const gdw1376_tp *tp, size_t at)
{
    codec_text_add_number(d, tp->pfc, 1);
    field(d, "pfc", (codec_name){"启动帧帧序号计数器PFC", "Frame counter"}, (span){at, 1},
          no_meaning);
    codec_text_add_parts(d, "dd dd:dd:dd",
                         (const unsigned[]){tp->day, tp->hour, tp->minute, tp->second});
    field(d, "tp", (codec_name){"启动帧发送时标", "Sent at"}, (span){at + 1, 4},
          (codec_name){"日 时:分:秒", "DD hh:mm:ss"});
    codec_text_add_number(d, tp->delay_min, 1);
    field(d, "delay", (codec_name){"允许发送传输延时时间", "Delay allowed"}, (span){at + 5, 1},
          (codec_name){"分钟", "minutes"});
}

static void show_aux(codec_description *d, codec_bytes in, const gdw1376_frame *f)
{
    size_t at = (size_t)(f->units - in.buf) + f->units_len;
    if (gdw1376_head_has_pw(&f->head)) {
        codec_text_add_hex_bytes(d, f->aux.pw, GDW1376_PW_LEN);
        field(d, "pw", (codec_name){"消息认证码字段PW", "Password"}, (span){at, GDW1376_PW_LEN},
              no_meaning);
        at += GDW1376_PW_LEN;
    }
    if (gdw1376_head_has_ec(&f->head)) {
        codec_text_add_number(d, f->aux.ec_important, 1);
        field(d, "ec1", (codec_name){"重要事件计数器EC1", "Important events EC1"}, (span){at, 1},
              no_meaning);
        codec_text_add_number(d, f->aux.ec_normal, 1);
        field(d, "ec2", (codec_name){"一般事件计数器EC2", "Normal events EC2"}, (span){at + 1, 1},
              no_meaning);
        at += 2;
    }
    if (gdw1376_head_has_tp(&f->head)) {
        show_tp(d, &f->aux.tp, at);
    }
}

static void show_mark(codec_description *d, const char *id, codec_name name, size_t at,
                      uint8_t byte)
{
    field_hex(d, id, name, (span){at, 1}, byte);
}

static const codec_name protocol_names[] = {
    {"备用", "reserved"},
    {"Q/GDW 130-2005", "Q/GDW 130-2005"},
    {"Q/GDW 376.1-2009, 1376.1", "Q/GDW 376.1-2009, 1376.1"},
    {"备用", "reserved"},
};

/* 68 L L 68; false when the damage is here. */
static bool show_start(codec_description *d, codec_bytes in, size_t *out_user_len)
{
    const uint8_t *at = in.buf;
    if (in.len == 0 || at[0] != MARK) {
        codec_error_add_at(d, GT_ERR_MALFORMED, 0, "start mark 68H", in);
        return false;
    }
    show_mark(d, "start", (codec_name){"起始字符", "Start"}, 0, at[0]);
    if (in.len < BEFORE_USER) {
        codec_error_add_at(d, GT_ERR_TRUNCATED, (uint32_t)in.len, "68 L L 68", in);
        return false;
    }
    const uint32_t length = (uint32_t)at[2] << 8 | at[1];
    codec_text_add_number(d, length >> 2, 1);
    field(d, "length", (codec_name){"用户数据长度L1", "User data length"}, (span){1, 2},
          no_meaning);
    codec_text_add_number(d, length & 3, 1);
    field(d, "protocol", (codec_name){"协议标识", "Protocol"}, (span){1, 1},
          protocol_names[length & 3]);
    if (at[3] != at[1] || at[4] != at[2]) {
        codec_error_add_at(d, GT_ERR_MALFORMED, at[3] != at[1] ? 3 : 4, "the same length again",
                           in);
        return false;
    }
    codec_text_add_number(d, length >> 2, 1);
    field(d, "length2", (codec_name){"用户数据长度L2", "Length again"}, (span){3, 2}, no_meaning);
    if (at[5] != MARK) {
        codec_error_add_at(d, GT_ERR_MALFORMED, 5, "second start mark 68H", in);
        return false;
    }
    show_mark(d, "start2", (codec_name){"起始字符", "Start again"}, 5, at[5]);
    *out_user_len = length >> 2;
    if (*out_user_len < GDW1376_USER_MIN || *out_user_len > GDW1376_USER_MAX) {
        codec_error_add_at(d, GT_ERR_RANGE, 1, "user data of 8 to 2048 bytes", in);
        return false;
    }
    return true;
}

/* CS 16, and what is wrong with them. */
static void show_end(codec_description *d, codec_bytes in, size_t user_len)
{
    const size_t cs_at = BEFORE_USER + user_len;
    if (in.len <= cs_at) {
        codec_error_add_at(d, GT_ERR_TRUNCATED, (uint32_t)in.len, "user data as long as L says",
                           in);
        return;
    }
    const uint8_t cs = gt_sum8(in.buf + BEFORE_USER, user_len);
    show_mark(d, "checksum", (codec_name){"校验和CS", "Checksum"}, cs_at, in.buf[cs_at]);
    if (in.buf[cs_at] != cs) {
        codec_error_add_at(d, GT_ERR_CHECKSUM, (uint32_t)cs_at, codec_text_hex(d, cs, 2), in);
    }
    if (in.len < cs_at + 2 || in.buf[cs_at + 1] != END) {
        codec_error_add_at(d, in.len < cs_at + 2 ? GT_ERR_TRUNCATED : GT_ERR_MALFORMED,
                           (uint32_t)cs_at + 1, "end mark 16H", in);
        return;
    }
    show_mark(d, "end", (codec_name){"结束字符", "End"}, cs_at + 1, END);
    if (in.len > cs_at + 2) {
        codec_error_add_at(d, GT_ERR_TRAILING, (uint32_t)cs_at + 2, "end of input", in);
    }
}

void gdw1376_describe(const uint8_t *in, size_t in_len, codec_description *out)
{
    const codec_bytes bytes = {in, in_len};
    codec_description_begin(out, "qgdw1376.1");
    size_t user_len = 0;
    if (!show_start(out, bytes, &user_len)) {
        return;
    }
    if (in_len < BEFORE_USER + HEAD_LEN) {
        codec_error_add_at(out, GT_ERR_TRUNCATED, (uint32_t)in_len, "C, A, AFN and SEQ", bytes);
        return;
    }
    show_head(out, in);
    gdw1376_frame frame;
    const gt_err err = gdw1376_frame_decode(in, in_len, &frame);
    if (err == GT_ERR_OK) {
        show_aux(out, bytes, &frame);
    }
    show_end(out, bytes, user_len);
    if (err == GT_ERR_OK) {
        gdw1376_describe_units(out, bytes, &frame);
    } else if (out->error_count == 0) {
        codec_error_add_at(out, err, BEFORE_USER + HEAD_LEN, "room for PW, EC and Tp, Tp in BCD",
                           bytes);
    }
}
