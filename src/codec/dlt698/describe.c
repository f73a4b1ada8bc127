/* A frame in words. The envelope is read once more here, so that a damaged frame still shows its
 * fields up to the damage; the APDU is named only when the frame is whole. */
#include "codec/dlt698/describe.h"

#include "base/sum.h"
#include "codec/dlt698/dlt698_priv.h"

enum { CONTROL_AT = 3, AF_AT = 4, SA_AT = 5, TAIL = 3, BLOCK_LEN = 2, FUNCTION = 0x07 };

/* A start without HCS yet: could it be one of ours? */
static bool start_plausible(const uint8_t *in, size_t in_len)
{
    if (in_len <= CONTROL_AT || (in[2] & 0xC0) != 0 || (in[CONTROL_AT] & 0x10) != 0) {
        return false;
    }
    const uint8_t function = in[CONTROL_AT] & FUNCTION;
    return (size_t)(in[2] << 8 | in[1]) + 2 >= DLT698_FRAME_MIN &&
           (function == DLT698_FUNC_LINK || function == DLT698_FUNC_DATA);
}

codec_match dlt698_probe(const uint8_t *in, size_t in_len, size_t *out_len)
{
    if (in_len == 0 || in[0] != DLT698_MARK || !start_plausible(in, in_len)) {
        return CODEC_MATCH_NONE;
    }
    const size_t whole = (size_t)(in[2] << 8 | in[1]) + 2;
    const size_t claimed = whole < in_len ? whole : in_len;
    dlt698_frame frame;
    if (dlt698_frame_decode(in, claimed, &frame) == GT_ERR_OK) {
        *out_len = claimed;
        return CODEC_MATCH_FRAME;
    }
    if (in_len > AF_AT && in_len >= dlt698_head_len(in[AF_AT])) {
        gt_rd r = gt_rd_of(in, in_len);
        uint16_t len = 0;
        const bool head_right = dlt698_head_read(&r, &frame, &len) == GT_ERR_OK;
        const bool end_right = whole <= in_len && in[whole - 1] == DLT698_END;
        if (!head_right && !end_right) {
            return CODEC_MATCH_NONE;
        }
    }
    *out_len = claimed;
    return CODEC_MATCH_SHAPE;
}

typedef struct span {
    size_t at;
    size_t len;
} span;

static const codec_name no_meaning = {NULL, NULL};

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

static void field_hex(codec_description *d, const char *id, codec_name name, span where,
                      uint32_t value)
{
    codec_text_add_hex(d, value, (unsigned)where.len * 2);
    codec_text_add(d, "H");
    field(d, id, name, where, no_meaning);
}

static void field_bit(codec_description *d, const char *id, codec_name name, bool on,
                      codec_name meaning)
{
    codec_text_add_number(d, on ? 1 : 0, 1);
    field(d, id, name, (span){CONTROL_AT, 1}, meaning);
}

static void show_control(codec_description *d, uint8_t c, const dlt698_frame *f)
{
    codec_name function = {"保留", "reserved"};
    if (f->function == DLT698_FUNC_LINK) {
        function = (codec_name){"链路管理", "link management"};
    } else if (f->function == DLT698_FUNC_DATA) {
        function = (codec_name){"用户数据", "user data"};
    }
    codec_text_add_hex(d, c, 2);
    codec_text_add(d, "H");
    field(d, "control", (codec_name){"控制域C", "Control"}, (span){CONTROL_AT, 1}, function);
    field_bit(d, "dir", (codec_name){"传输方向DIR", "Direction"}, f->from_server,
              f->from_server ? (codec_name){"服务器发出", "from the server"}
                             : (codec_name){"客户机发出", "from the client"});
    field_bit(d, "prm", (codec_name){"启动标志PRM", "Started by"}, f->prm,
              f->prm ? (codec_name){"客户机发起", "the client"}
                     : (codec_name){"服务器发起", "the server"});
    field_bit(d, "fragment", (codec_name){"分帧标志", "Block"}, f->fragment,
              f->fragment ? (codec_name){"APDU片段", "part of an APDU"}
                          : (codec_name){"完整APDU", "a whole APDU"});
    field_bit(d, "scramble", (codec_name){"扰码标志SC", "Scrambled"}, f->scrambled,
              f->scrambled ? (codec_name){"加33H", "+33H"} : (codec_name){"不加扰码", "no"});
}

static void show_address(codec_description *d, const uint8_t *in, const dlt698_addr *a)
{
    static const codec_name types[] = {{"单地址", "single"},
                                       {"通配地址", "wildcard"},
                                       {"组地址", "group"},
                                       {"广播地址", "broadcast"}};
    codec_text_add_hex(d, in[AF_AT], 2);
    codec_text_add(d, "H");
    field(d, "address_type", (codec_name){"地址特征", "Address type"}, (span){AF_AT, 1},
          types[a->type]);
    codec_text_add_number(d, a->logical, 1);
    field(d, "logical", (codec_name){"逻辑地址", "Logical address"}, (span){AF_AT, 1}, no_meaning);
    codec_text_add_hex_bytes(d, a->sa, a->len);
    field(d, "server", (codec_name){"服务器地址SA", "Server address"}, (span){SA_AT, a->len},
          no_meaning);
    field_hex(d, "client", (codec_name){"客户机地址CA", "Client address"},
              (span){(size_t)SA_AT + a->len, 1}, a->ca);
    codec_text_add_hex_bytes(d, a->sa, a->len);
    d->address = codec_text_end(d);
}

/* 68 .. HCS; false when the damage is here. */
static bool show_head(codec_description *d, codec_bytes in, dlt698_frame *f, uint16_t *len)
{
    gt_rd r = gt_rd_of(in.buf, in.len);
    const gt_err err = dlt698_head_read(&r, f, len);
    if (err != GT_ERR_OK && err != GT_ERR_CHECKSUM) {
        const char *expected = err == GT_ERR_TRUNCATED     ? "68H, L, C, address and HCS"
                               : err == GT_ERR_UNSUPPORTED ? "a length in bytes"
                               : err == GT_ERR_RANGE       ? "a length that holds the address"
                                                           : "68H, reserved bits 0";
        const size_t at = r.pos < in.len && r.pos > 0 ? r.pos - 1 : r.pos;
        codec_error_add_at(d, err, (uint32_t)(err == GT_ERR_TRUNCATED ? in.len : at), expected, in);
        return false;
    }
    field_hex(d, "start", (codec_name){"起始字符", "Start"}, (span){0, 1}, DLT698_MARK);
    codec_text_add_number(d, *len, 1);
    field(d, "length", (codec_name){"长度域L", "Length"}, (span){1, 2}, no_meaning);
    show_control(d, in.buf[CONTROL_AT], f);
    show_address(d, in.buf, &f->addr);
    const size_t hcs_at = r.pos - 2;
    const uint16_t hcs = gt_crc16_x25(in.buf + 1, hcs_at - 1);
    field_hex(d, "hcs", (codec_name){"帧头校验HCS", "Header check"}, (span){hcs_at, 2},
              (uint32_t)in.buf[hcs_at + 1] << 8 | in.buf[hcs_at]);
    if (err == GT_ERR_CHECKSUM) {
        codec_error_add_at(d, err, (uint32_t)hcs_at, codec_text_hex(d, hcs, 4), in);
    }
    return true;
}

static void show_block(codec_description *d, size_t at, const dlt698_frame *f)
{
    static const codec_name kinds[] = {{"起始帧", "first block"},
                                       {"最后帧", "last block"},
                                       {"确认帧", "confirmation"},
                                       {"中间帧", "middle block"}};
    codec_text_add_number(d, f->block_seq, 1);
    field(d, "block", (codec_name){"分帧帧序号", "Block number"}, (span){at, BLOCK_LEN},
          no_meaning);
    codec_text_add_number(d, (uint64_t)f->block, 1);
    field(d, "block_kind", (codec_name){"分帧类型", "Kind of block"}, (span){at + 1, 1},
          kinds[f->block]);
    codec_text_add_number(d, f->block_reserved, 1);
    field(d, "block_reserved", (codec_name){"保留", "Reserved"}, (span){at + 1, 1}, no_meaning);
    d->title = (codec_name){"分帧传输", "block of an APDU"};
    if (f->data_len == 0) {
        return;
    }
    codec_text_add_hex_bytes(d, f->data, f->data_len);
    const codec_item item = {.id = "block",
                             .name = {"APDU片段", "Part of an APDU"},
                             .offset = (uint32_t)(at + BLOCK_LEN),
                             .len = (uint32_t)f->data_len,
                             .value = codec_text_end(d),
                             .unit = ""};
    codec_item_add(d, &item);
}

static void show_end(codec_description *d, codec_bytes in, size_t whole)
{
    const size_t fcs_at = whole - TAIL;
    if (in.len < whole) {
        codec_error_add_at(d, GT_ERR_TRUNCATED, (uint32_t)in.len, "user data, FCS and 16H", in);
        return;
    }
    const uint16_t fcs = gt_crc16_x25(in.buf + 1, fcs_at - 1);
    const uint16_t found = (uint16_t)(in.buf[fcs_at + 1] << 8 | in.buf[fcs_at]);
    field_hex(d, "fcs", (codec_name){"帧校验FCS", "Frame check"}, (span){fcs_at, 2}, found);
    if (found != fcs) {
        codec_error_add_at(d, GT_ERR_CHECKSUM, (uint32_t)fcs_at, codec_text_hex(d, fcs, 4), in);
    }
    if (in.buf[whole - 1] != DLT698_END) {
        codec_error_add_at(d, GT_ERR_MALFORMED, (uint32_t)whole - 1, "end mark 16H", in);
        return;
    }
    field_hex(d, "end", (codec_name){"结束字符", "End"}, (span){whole - 1, 1}, DLT698_END);
    if (in.len > whole) {
        codec_error_add_at(d, GT_ERR_TRAILING, (uint32_t)whole, "end of input", in);
    }
}

void dlt698_describe(const uint8_t *in, size_t in_len, codec_description *out)
{
    const codec_bytes bytes = {in, in_len};
    codec_description_begin(out, "dlt698.45");
    out->title = (codec_name){"DL/T 698.45帧", "DL/T 698.45 frame"};
    dlt698_frame f;
    uint16_t len = 0;
    if (!show_head(out, bytes, &f, &len)) {
        return;
    }
    const gt_err err = dlt698_frame_decode(in, in_len, &f);
    const size_t user_at = dlt698_head_len(in[AF_AT]);
    uint8_t clear[DLT698_DESCRIBE_SCRAMBLED_MAX];
    const uint8_t *data = NULL;
    if (err == GT_ERR_OK && dlt698_frame_data(&f, clear, sizeof clear, &data) != GT_ERR_OK) {
        codec_error_add_at(out, GT_ERR_UNSUPPORTED, (uint32_t)user_at,
                           "at most 2,048 scrambled bytes", bytes);
    } else if (err == GT_ERR_OK) {
        f.data = data;
        if (f.fragment) {
            show_block(out, user_at, &f);
        } else if (f.data_len > 0) {
            dlt698_describe_apdu(out, (codec_bytes){data, f.data_len}, (uint32_t)user_at);
        }
    }
    show_end(out, bytes, (size_t)len + 2);
    if (err != GT_ERR_OK && out->error_count == 0) {
        codec_error_add_at(out, err, (uint32_t)user_at, "room for the block's head", bytes);
    }
}
