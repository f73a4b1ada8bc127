/* Templates of packets. Parsing lays out the packet once: literal bytes in their places, fields as
 * ranges with a rule for each byte; so matching is one walk over the packet. */
#include "codec/dtu/template.h"

#include "base/hex.h"

#include <string.h>

static const dtu_field fields[] = {
#define FIELD(name, format, len, who, zh, en) {#name, DTU_##format, len, who, zh, en},
#include "codec/dtu/field.def"
#undef FIELD
};

typedef struct parser {
    const char *text;
    size_t at;
    bool hex; /* literals are pairs of hex digits */
    dtu_template t;
} parser;

/* How many bits a byte of that format must have right. */
static unsigned bits_of(dtu_format format)
{
    switch (format) {
    case DTU_DIGITS:
    case DTU_HEX_TEXT:
        return 4;
    case DTU_TEXT:
    case DTU_BCD:
        return 1;
    case DTU_RAW:
        break;
    }
    return 0;
}

static gt_err part_add(parser *p, const dtu_field *field, size_t len)
{
    dtu_template *t = &p->t;
    dtu_part *last = t->part_count > 0 ? &t->parts[t->part_count - 1] : NULL;
    if (len > DTU_PACKET_MAX - t->len) {
        return GT_ERR_SPACE;
    }
    if (field == NULL && last != NULL && last->field == NULL) {
        last->len = (uint16_t)(last->len + len);
    } else if (t->part_count == DTU_PARTS_MAX) {
        return GT_ERR_SPACE;
    } else {
        t->parts[t->part_count++] = (dtu_part){field, (uint16_t)t->len, (uint16_t)len};
    }
    t->len += len;
    return GT_ERR_OK;
}

static gt_err literal_add(parser *p, uint8_t byte)
{
    GT_TRY(part_add(p, NULL, 1));
    p->t.bytes[p->t.len - 1] = byte;
    return GT_ERR_OK;
}

/* Two hex digits at p->at. */
static gt_err hex_byte(parser *p, uint8_t *out)
{
    const int high = gt_hex_digit(p->text[p->at]);
    const int low = high < 0 ? -1 : gt_hex_digit(p->text[p->at + 1]);
    if (low < 0) {
        return GT_ERR_SYNTAX;
    }
    *out = (uint8_t)(high << 4 | low);
    p->at += 2;
    return GT_ERR_OK;
}

static gt_err escape_take(parser *p)
{
    static const char letters[] = "rnt\\{}";
    static const char meant[] = "\r\n\t\\{}";
    const char c = p->text[p->at + 1];
    if (c == 'x') {
        uint8_t byte = 0;
        p->at += 2;
        GT_TRY(hex_byte(p, &byte));
        return literal_add(p, byte);
    }
    const char *found = c != '\0' ? strchr(letters, c) : NULL;
    if (found == NULL) {
        return GT_ERR_SYNTAX;
    }
    GT_TRY(literal_add(p, (uint8_t)meant[found - letters]));
    p->at += 2;
    return GT_ERR_OK;
}

static const dtu_field *field_of(const char *name, size_t len)
{
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (strlen(fields[i].name) == len && memcmp(fields[i].name, name, len) == 0) {
            return &fields[i];
        }
    }
    return NULL;
}

/* {name} or {name:width} */
static gt_err field_take(parser *p)
{
    const char *name = p->text + p->at + 1;
    const size_t name_len = strspn(name, "abcdefghijklmnopqrstuvwxyz");
    const dtu_field *field = field_of(name, name_len);
    const char *at = name + name_len;
    if (field == NULL) {
        return GT_ERR_UNKNOWN;
    }
    size_t len = field->len;
    if (*at == ':') {
        at++;
        len = 0;
        for (; *at >= '0' && *at <= '9' && len <= DTU_PACKET_MAX; at++) {
            len = len * 10 + (size_t)(*at - '0');
        }
    }
    if (*at != '}') {
        return GT_ERR_SYNTAX;
    }
    if (len == 0) {
        return GT_ERR_RANGE;
    }
    GT_TRY(part_add(p, field, len));
    p->at = (size_t)(at + 1 - p->text);
    return GT_ERR_OK;
}

static gt_err step(parser *p)
{
    const char c = p->text[p->at];
    if (c == '{') {
        return field_take(p);
    }
    if (p->hex && c == ' ') {
        p->at++;
        return GT_ERR_OK;
    }
    if (p->hex) {
        uint8_t byte = 0;
        GT_TRY(hex_byte(p, &byte));
        return literal_add(p, byte);
    }
    if (c == '\\') {
        return escape_take(p);
    }
    if (c == '}') {
        return GT_ERR_SYNTAX;
    }
    GT_TRY(literal_add(p, (uint8_t)c));
    p->at++;
    return GT_ERR_OK;
}

gt_err dtu_template_parse(const char *text, dtu_template *out, size_t *out_at)
{
    static const char hex_mark[] = "hex:";
    parser p = {.text = text, .hex = strncmp(text, hex_mark, sizeof hex_mark - 1) == 0};
    p.at = p.hex ? sizeof hex_mark - 1 : 0;
    while (text[p.at] != '\0') {
        const gt_err err = step(&p);
        if (err != GT_ERR_OK) {
            *out_at = p.at;
            return err;
        }
    }
    size_t bits = 0;
    for (size_t i = 0; i < p.t.part_count; i++) {
        const dtu_part *part = &p.t.parts[i];
        bits += part->len * (part->field == NULL ? 8U : bits_of(part->field->format));
    }
    if (bits == 0) {
        *out_at = 0;
        return GT_ERR_RANGE;
    }
    p.t.alone = bits < DTU_BITS_ANYWHERE;
    *out = p.t;
    return GT_ERR_OK;
}

static bool byte_fits(dtu_format format, uint8_t byte)
{
    switch (format) {
    case DTU_DIGITS:
        return byte >= '0' && byte <= '9';
    case DTU_HEX_TEXT:
        return byte < 0x80 && gt_hex_digit((char)byte) >= 0;
    case DTU_TEXT:
        return byte >= ' ' && byte <= '~';
    case DTU_BCD:
        return byte >> 4 <= 9 && (byte & 0x0F) <= 9;
    case DTU_RAW:
        break;
    }
    return true;
}

gt_err dtu_template_match(const dtu_template *t, const uint8_t *in, size_t in_len)
{
    for (size_t i = 0; i < t->part_count; i++) {
        const dtu_part *part = &t->parts[i];
        for (size_t at = part->at; at < (size_t)part->at + part->len; at++) {
            if (at >= in_len) {
                return GT_ERR_TRUNCATED;
            }
            if (part->field == NULL ? in[at] != t->bytes[at]
                                    : !byte_fits(part->field->format, in[at])) {
                return GT_ERR_MALFORMED;
            }
        }
    }
    return GT_ERR_OK;
}

size_t dtu_part_digits(const dtu_part *part)
{
    const bool paired = part->field->format == DTU_BCD || part->field->format == DTU_RAW;
    return paired ? (size_t)part->len * 2 : part->len;
}

gt_err dtu_part_write(const dtu_part *part, const char *text, uint8_t *packet)
{
    const size_t digits = dtu_part_digits(part);
    uint8_t bytes[DTU_PACKET_MAX];
    if (strlen(text) != digits) {
        return GT_ERR_SYNTAX;
    }
    if (digits != part->len) {
        size_t len = 0;
        GT_TRY(gt_hex_parse(text, bytes, sizeof bytes, &len));
    } else {
        memcpy(bytes, text, digits);
    }
    for (size_t i = 0; i < part->len; i++) {
        if (!byte_fits(part->field->format, bytes[i])) {
            return GT_ERR_SYNTAX;
        }
    }
    memcpy(packet + part->at, bytes, part->len);
    return GT_ERR_OK;
}
