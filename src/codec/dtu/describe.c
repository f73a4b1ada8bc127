/* A packet told part by part, a line of the command mode as its command or answer. */
#include "codec/dtu/describe.h"

#include "codec/dtu/line.h"

#include <string.h>

static const codec_name kind_name = {"类别", "kind"};
static const codec_name literal_name = {"固定内容", "fixed content"};

static const struct {
    const char *id;
    codec_name name;
} pieces[] = {
    [DTU_REGISTRATION] = {"registration", {"注册包", "registration packet"}},
    [DTU_HEARTBEAT] = {"heartbeat", {"心跳包", "heartbeat packet"}},
};

static const struct {
    const char *id;
    codec_name name;
} lines[] = {
#define DTU_LINE_ROW(symbol, id, zh, en) {id, {zh, en}},
    DTU_LINE_LIST(DTU_LINE_ROW)
#undef DTU_LINE_ROW
};

const char *dtu_piece_id(dtu_piece piece)
{
    return pieces[piece].id;
}

static bool is_ending(uint8_t byte)
{
    return byte == dtu_line_framing.preamble[0] || byte == dtu_line_framing.preamble[1];
}

static size_t endings(const uint8_t *in, size_t in_len)
{
    size_t n = 0;
    while (n < in_len && is_ending(in[n])) {
        n++;
    }
    return n;
}

/* The line at in[0] with all its endings; 0 when there is none. */
static size_t line_span(const uint8_t *in, size_t in_len)
{
    size_t at = endings(in, in_len);
    size_t len = 0;
    if (dtu_line_framing.frame_len(in + at, in_len - at, &len) != GT_ERR_OK) {
        return 0;
    }
    at += len;
    const bool pair = at < in_len && in[at - 1] == '\r' && in[at] == '\n';
    return pair ? at + 1 : at;
}

codec_match dtu_probe(const uint8_t *in, size_t in_len, size_t *out_len)
{
    const size_t len = line_span(in, in_len);
    dtu_line line;
    if (len == 0 || dtu_line_decode(in, len, &line) != GT_ERR_OK || line.kind == DTU_LINE_TEXT) {
        return CODEC_MATCH_NONE;
    }
    *out_len = len;
    return CODEC_MATCH_FRAME;
}

/* As text when it can be read, else in hex. */
static const char *shown(codec_description *d, codec_bytes bytes)
{
    bool readable = true;
    for (size_t i = 0; i < bytes.len; i++) {
        readable = readable && bytes.buf[i] >= ' ' && bytes.buf[i] <= '~';
    }
    if (readable) {
        codec_text_add_bytes(d, bytes.buf, bytes.len);
    } else {
        codec_text_add_hex_bytes(d, bytes.buf, bytes.len);
    }
    return codec_text_end(d);
}

static const char *part_text(codec_description *d, const dtu_part *part, const uint8_t *at)
{
    if (part->field == NULL) {
        return shown(d, (codec_bytes){at, part->len});
    }
    if (dtu_part_digits(part) != part->len) {
        codec_text_add_hex_bytes(d, at, part->len);
    } else {
        codec_text_add_bytes(d, at, part->len);
    }
    return codec_text_end(d);
}

static void tell_part(codec_description *d, const dtu_part *part, const uint8_t *in)
{
    const codec_field row = {.id = part->field != NULL ? part->field->name : "literal",
                             .name = part->field != NULL
                                         ? (codec_name){part->field->zh, part->field->en}
                                         : (codec_name){"固定内容", "fixed content"},
                             .offset = part->at,
                             .len = part->len,
                             .value = part_text(d, part, in + part->at)};
    codec_field_add(d, &row);
    if (part->field != NULL && part->field->who && d->address[0] == '\0') {
        d->address = row.value;
    }
}

static void tell_kind(codec_description *d, const char *id, codec_name meaning)
{
    codec_field_add(
        d, &(codec_field){.id = "kind", .name = kind_name, .value = id, .meaning = meaning});
    d->title = meaning;
}

static void tell_packet(codec_description *d, const dtu_template *t, dtu_piece piece,
                        const uint8_t *in)
{
    tell_kind(d, pieces[piece].id, pieces[piece].name);
    for (size_t i = 0; i < t->part_count; i++) {
        tell_part(d, &t->parts[i], in);
    }
}

static const char *copied(codec_description *d, const char *text, size_t len)
{
    codec_text_add_bytes(d, (const uint8_t *)text, len);
    return codec_text_end(d);
}

/* Line endings, "AT" and "+++": bytes that say nothing of their own. */
static void tell_bytes(codec_description *d, const char *id, codec_name name, codec_bytes bytes,
                       size_t at)
{
    if (bytes.len > 0) {
        codec_field_add(d, &(codec_field){.id = id,
                                          .name = name,
                                          .offset = (uint32_t)at,
                                          .len = (uint32_t)bytes.len,
                                          .value = shown(d, bytes)});
    }
}

static codec_name command_name(const dtu_command *command, codec_name otherwise)
{
    return command != NULL ? (codec_name){command->zh, command->en} : otherwise;
}

static void tell_name(codec_description *d, const dtu_line *line, size_t at)
{
    static const codec_name none = {NULL, NULL};
    const size_t mark = line->kind == DTU_LINE_QUERY ? 1 : 0;
    codec_field_add(d, &(codec_field){.id = "name",
                                      .name = {"名称", "name"},
                                      .offset = (uint32_t)at,
                                      .len = (uint32_t)(line->name_len + mark),
                                      .value = copied(d, line->name, line->name_len),
                                      .meaning = command_name(
                                          dtu_command_of(line->name, line->name_len), none)});
}

static void tell_value(codec_description *d, const dtu_line *line, size_t at)
{
    static const codec_name otherwise = {"参数", "parameter"};
    const dtu_command *command = dtu_command_of(line->name, line->name_len);
    const size_t between = line->kind == DTU_LINE_SET ? 1 : line->sep_len;
    codec_item_add(d, &(codec_item){.id = copied(d, line->name, line->name_len),
                                    .name = command_name(command, otherwise),
                                    .offset = (uint32_t)at,
                                    .len = (uint32_t)(line->name_len + between + line->value_len),
                                    .value = copied(d, line->value, line->value_len),
                                    .unit = command != NULL ? command->unit : ""});
}

static void tell_line(codec_description *d, const dtu_line *line, codec_bytes in)
{
    static const codec_name ending = {"行结束符", "line ending"};
    static const codec_name separator = {"分隔符", "separator"};
    size_t at = endings(in.buf, in.len);
    size_t end = in.len;
    while (is_ending(in.buf[end - 1])) {
        end--;
    }
    tell_kind(d, lines[line->kind].id, lines[line->kind].name);
    tell_bytes(d, "ending", ending, (codec_bytes){in.buf, at}, 0);
    const size_t escape = line->kind == DTU_LINE_ESCAPE ? end - at : 0;
    const size_t fixed = line->kind != DTU_LINE_ESCAPE && line->kind <= DTU_LINE_SET ? 2 : escape;
    tell_bytes(d, "literal", literal_name, (codec_bytes){in.buf + at, fixed}, at);
    at += fixed;
    const size_t sep_at = at + line->name_len;
    tell_bytes(d, "separator", separator, (codec_bytes){in.buf + sep_at, line->sep_len}, sep_at);
    if (line->kind == DTU_LINE_SET || line->kind == DTU_LINE_TEXT || line->sep_len > 0) {
        tell_value(d, line, at);
    } else if (line->name_len > 0) {
        tell_name(d, line, at);
    }
    tell_bytes(d, "ending", ending, (codec_bytes){in.buf + end, in.len - end}, end);
}

void dtu_describe(const dtu_profile *profile, const uint8_t *in, size_t in_len,
                  codec_description *out)
{
    codec_description_begin(out, "dtu");
    const dtu_held held = {in, in_len, true, true};
    size_t len = 0;
    const dtu_piece piece = profile != NULL ? dtu_cut(profile, &held, &len) : DTU_NOTHING;
    if ((piece == DTU_REGISTRATION || piece == DTU_HEARTBEAT) && len == in_len) {
        tell_packet(out, piece == DTU_REGISTRATION ? &profile->registration : &profile->heartbeat,
                    piece, in);
        return;
    }
    dtu_line line;
    const gt_err err = dtu_line_decode(in, in_len, &line);
    if (err == GT_ERR_OK) {
        tell_line(out, &line, (codec_bytes){in, in_len});
        return;
    }
    out->title = (codec_name){"不是DTU的数据包或命令", "no packet or command of a DTU"};
    codec_error_add_at(out, err, 0, "a packet as its template says, or a line of the command mode",
                       (codec_bytes){in, in_len});
}
