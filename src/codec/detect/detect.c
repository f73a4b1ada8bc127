/* Finding frames. A whole frame with a right checksum is certain and splits the bytes; what lies
 * before it, or everything when there is none, is then searched for the start of a damaged one. */
#include "codec/detect/detect.h"

#include "codec/cjt188/describe.h"
#include "codec/cjt188/frame.h"
#include "codec/dlt645/describe.h"
#include "codec/dlt645/frame.h"
#include "codec/dlt698/describe.h"
#include "codec/dtu/describe.h"
#include "codec/gdw1376/describe.h"
#include "codec/gdw1376_2/describe.h"
#include "codec/mbus/describe.h"

#include <string.h>

bool codec_protocol_parse(const char *name, codec_protocol *out)
{
    static const struct {
        const char *name;
        codec_protocol protocol;
    } names[] = {{"auto", CODEC_ANY},
#define CODEC_PROTOCOL_NAME(symbol, name) {name, CODEC_##symbol},
                 CODEC_PROTOCOL_LIST(CODEC_PROTOCOL_NAME)
#undef CODEC_PROTOCOL_NAME
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(names[i].name, name) == 0) {
            *out = names[i].protocol;
            return true;
        }
    }
    return false;
}

/* Both editions of DL/T 645 share a frame. */
static codec_match (*const probes[])(const uint8_t *in, size_t in_len, size_t *out_len) = {
    [CODEC_GDW1376] = gdw1376_probe,       [CODEC_DLT645] = dlt645_probe,
    [CODEC_DLT645_1997] = dlt645_probe,    [CODEC_MBUS] = mbus_probe,
    [CODEC_CJT188] = cjt188_probe,         [CODEC_DLT698] = dlt698_probe,
    [CODEC_GDW1376_2] = gdw1376_2_probe,   [CODEC_MODBUS] = modbus_probe,
    [CODEC_MODBUS_TCP] = modbus_tcp_probe, [CODEC_DTU] = dtu_probe,
};

typedef struct search {
    codec_protocol wanted;
    const uint8_t *in;
    size_t in_len; /* looks no further than this */
    size_t pos;    /* and begins here */
} search;

/* A preamble belongs to its frame: what stands behind one was judged together with it. */
static bool behind_preamble(const search *s, codec_protocol protocol, size_t at)
{
    const uint8_t before = at > s->pos ? s->in[at - 1] : 0;
    switch (protocol) {
    case CODEC_DLT645:
    case CODEC_DLT645_1997:
        return before == DLT645_PREAMBLE;
    case CODEC_CJT188:
        return before == CJT188_PREAMBLE || before == CJT188_PREAMBLE_IDLE;
    case CODEC_ANY:
    case CODEC_GDW1376:
    case CODEC_GDW1376_2:
    case CODEC_MBUS:
    case CODEC_DLT698:
    case CODEC_MODBUS:
    case CODEC_MODBUS_TCP:
    case CODEC_DTU:
        break;
    }
    return false;
}

/* Both editions of DL/T 645 share a frame: unless one is asked for, the control code decides. Two
 * zero bytes are all that a damaged Modbus TCP frame has to show, so it must be asked for. */
static bool tried(const search *s, codec_protocol protocol, size_t at, codec_match match)
{
    if (s->wanted != CODEC_ANY) {
        return s->wanted == protocol;
    }
    if (protocol == CODEC_MODBUS_TCP) {
        return match == CODEC_MATCH_FRAME;
    }
    if (protocol == CODEC_DTU) {
        return false; /* any text may look like its lines */
    }
    return protocol != CODEC_DLT645_1997 || dlt645_1997_likely(s->in + at, s->in_len - at);
}

/* Any protocol's frame of that match at one offset. */
static bool match_at(const search *s, size_t at, codec_match match, codec_found *out)
{
    static const codec_protocol order[] = {
        CODEC_GDW1376,   CODEC_DLT645_1997, CODEC_DLT645, CODEC_MBUS,       CODEC_DLT698,
        CODEC_GDW1376_2, CODEC_CJT188,      CODEC_MODBUS, CODEC_MODBUS_TCP, CODEC_DTU};
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        size_t len = 0;
        if (!behind_preamble(s, order[i], at) && tried(s, order[i], at, match) &&
            probes[order[i]](s->in + at, s->in_len - at, &len) == match) {
            *out = (codec_found){order[i], match, at, len};
            return true;
        }
    }
    return false;
}

/* M-Bus' single E5H, Modbus TCP: no checksum, so they never end a stretch of other bytes (unless
 * nothing else is looked for). */
static bool frame_bare(const search *s, const codec_found *frame)
{
    return (frame->protocol == CODEC_MBUS && frame->len == 1) ||
           (frame->protocol == CODEC_MODBUS_TCP && s->wanted == CODEC_ANY);
}

codec_found codec_detect(codec_protocol wanted, const uint8_t *in, size_t in_len, size_t pos)
{
    search s = {wanted, in, in_len, pos};
    codec_found shape;
    const bool shaped = match_at(&s, pos, CODEC_MATCH_SHAPE, &shape);
    const size_t ahead =
        shaped && shape.len > CODEC_AHEAD_MAX ? shape.len : (size_t)CODEC_AHEAD_MAX;
    const size_t limit = in_len - pos > ahead ? pos + ahead : in_len;
    codec_found frame = {CODEC_ANY, CODEC_MATCH_NONE, limit, 0};
    for (size_t at = pos; at < limit && frame.match == CODEC_MATCH_NONE; at++) {
        if (match_at(&s, at, CODEC_MATCH_FRAME, &frame) && at > pos && frame_bare(&s, &frame)) {
            frame = (codec_found){CODEC_ANY, CODEC_MATCH_NONE, limit, 0};
        }
    }
    if (frame.match == CODEC_MATCH_FRAME && frame.offset == pos) {
        return frame;
    }
    s.in_len = frame.match == CODEC_MATCH_FRAME ? frame.offset : in_len;
    if (match_at(&s, pos, CODEC_MATCH_SHAPE, &shape)) {
        return shape;
    }
    size_t end = pos + 1; /* of the bytes that start nothing */
    while (end < frame.offset &&
           !(match_at(&s, end, CODEC_MATCH_SHAPE, &shape) && shape.protocol != CODEC_MODBUS)) {
        end++;
    }
    return (codec_found){CODEC_ANY, CODEC_MATCH_NONE, pos, end - pos};
}

codec_found codec_detect_dtu(const dtu_profile *profile, const dtu_held *bytes, size_t pos,
                             size_t *io_payload_end)
{
    const uint8_t *at = bytes->buf + pos;
    const size_t left = bytes->len - pos;
    const bool known = pos < *io_payload_end; /* no packet before that, unless one begins here */
    const dtu_held window = {at, known && left > DTU_PACKET_MAX ? DTU_PACKET_MAX : left,
                             bytes->begins, true};
    size_t len = 0;
    if (dtu_cut(profile, &window, &len) != DTU_PAYLOAD) {
        return (codec_found){CODEC_DTU, CODEC_MATCH_FRAME, pos, len};
    }
    *io_payload_end = known ? *io_payload_end : pos + len;
    len = *io_payload_end - pos;
    if (dtu_probe(at, len, &len) == CODEC_MATCH_FRAME) {
        return (codec_found){CODEC_DTU, CODEC_MATCH_FRAME, pos, len};
    }
    return codec_detect(CODEC_ANY, bytes->buf, *io_payload_end, pos);
}

void codec_found_describe(const codec_found *found, const codec_context *context, const uint8_t *in,
                          codec_description *out)
{
    const items_set *own = context != NULL ? context->own : NULL;
    const modbus_context *modbus = context != NULL ? &context->modbus : NULL;
    const uint8_t *at = in + found->offset;
    switch (found->protocol) {
    case CODEC_GDW1376:
        gdw1376_describe(at, found->len, out);
        return;
    case CODEC_DLT645:
        dlt645_describe(own, at, found->len, out);
        return;
    case CODEC_MBUS:
        mbus_describe(at, found->len, out);
        return;
    case CODEC_GDW1376_2:
        gdw1376_2_describe(at, found->len, out);
        return;
    case CODEC_DLT645_1997:
        dlt645_1997_describe(own, at, found->len, out);
        return;
    case CODEC_DLT698:
        dlt698_describe(at, found->len, out);
        return;
    case CODEC_CJT188:
        cjt188_describe(own, at, found->len, out);
        return;
    case CODEC_MODBUS:
        modbus_describe(modbus, at, found->len, out);
        return;
    case CODEC_MODBUS_TCP:
        modbus_tcp_describe(modbus, at, found->len, out);
        return;
    case CODEC_DTU:
        dtu_describe(NULL, at, found->len, out);
        return;
    case CODEC_ANY:
        break;
    }
    codec_description_begin(out, "unknown");
    out->title = (codec_name){"不属于任何已知规约的字节", "bytes of no known protocol"};
    codec_error_add_at(
        out, GT_ERR_UNKNOWN, 0,
        "68H (DL/T 645, DL/T 698.45, Q/GDW 1376.1, M-Bus) or a Modbus frame with a right CRC",
        (codec_bytes){at, found->len});
}
