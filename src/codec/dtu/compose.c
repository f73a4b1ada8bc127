/* The way back of describe.c. */
#include "codec/dtu/compose.h"

#include "codec/dtu/describe.h"
#include "codec/dtu/line.h"

#include <string.h>

static const struct {
    const char *id;
    dtu_line_kind kind;
} lines[] = {
#define DTU_LINE_ROW(symbol, id, zh, en) {id, DTU_LINE_##symbol},
    DTU_LINE_LIST(DTU_LINE_ROW)
#undef DTU_LINE_ROW
};

static const char *const derived[] = {"literal", "ending"};
enum { DERIVED = sizeof derived / sizeof derived[0] };

static void write_part(codec_composer *c, const dtu_part *part, uint8_t *packet)
{
    const codec_value *v = codec_field_find(c, part->field->name);
    const codec_value who = {part->field->name, c->recipe->address};
    if (v == NULL && part->field->who && who.value[0] != '\0') {
        v = &who;
    }
    if (v == NULL || v->value == NULL) {
        codec_compose_fail(c, GT_ERR_NOT_FOUND, v != NULL ? v : &(codec_value){who.id, NULL},
                           "a value for each field of the template");
        return;
    }
    const gt_err err = dtu_part_write(part, v->value, packet);
    if (err != GT_ERR_OK) {
        codec_compose_fail(c, err, v, "exactly the width and characters of the template's field");
    }
}

static gt_err packet_compose(codec_composer *c, const dtu_template *t, gt_wr *w)
{
    uint8_t packet[DTU_PACKET_MAX];
    memcpy(packet, t->bytes, t->len);
    for (size_t i = 0; i < t->part_count; i++) {
        if (t->parts[i].field != NULL) {
            write_part(c, &t->parts[i], packet);
        }
    }
    codec_fields_derived(c, derived, DERIVED);
    GT_TRY(codec_compose_done(c));
    gt_wr_bytes(w, packet, t->len);
    return gt_wr_done(w);
}

/* The template of a packet of that kind; NULL when it is no packet. */
static const dtu_template *template_of(const dtu_profile *profile, const codec_value *kind)
{
    if (codec_value_is(kind, dtu_piece_id(DTU_REGISTRATION))) {
        return &profile->registration;
    }
    return codec_value_is(kind, dtu_piece_id(DTU_HEARTBEAT)) ? &profile->heartbeat : NULL;
}

static void text_take(const char *text, const char **out, size_t *out_len)
{
    if (text != NULL) {
        *out = text;
        *out_len = strlen(text);
    }
}

static gt_err line_compose(codec_composer *c, dtu_line_kind kind, uint8_t *buf, size_t cap,
                           size_t *out_len)
{
    const codec_value *separator = codec_field_find(c, "separator");
    const codec_value *name = codec_field_find(c, "name");
    const codec_value *item = codec_item_next(c);
    dtu_line line = {kind, "", 0, "", 0, "", 0};
    codec_fields_derived(c, derived, DERIVED);
    text_take(name != NULL ? name->value : NULL, &line.name, &line.name_len);
    text_take(item != NULL ? item->id : NULL, &line.name, &line.name_len);
    text_take(item != NULL ? item->value : NULL, &line.value, &line.value_len);
    text_take(separator != NULL ? separator->value : NULL, &line.sep, &line.sep_len);
    GT_TRY(codec_compose_done(c));
    return dtu_line_encode(&line, buf, cap, out_len);
}

gt_err dtu_compose(codec_composer *c, uint8_t *buf, size_t cap, size_t *out_len)
{
    static const dtu_profile no_profile = {0};
    const codec_value *kind = codec_field_get(c, "kind");
    const dtu_profile *profile = c->recipe->dtu != NULL ? c->recipe->dtu : &no_profile;
    const dtu_template *t = template_of(profile, kind);
    if (t != NULL && t->len == 0) {
        codec_compose_fail(c, GT_ERR_NOT_FOUND, kind, "the template of such a packet");
    }
    if (t != NULL) {
        gt_wr w = gt_wr_of(buf, cap);
        GT_TRY(packet_compose(c, t, &w));
        *out_len = w.len;
        return GT_ERR_OK;
    }
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        if (codec_value_is(kind, lines[i].id)) {
            return line_compose(c, lines[i].kind, buf, cap, out_len);
        }
    }
    codec_compose_fail(c, GT_ERR_UNKNOWN, kind, "registration, heartbeat or a kind of line");
    return codec_compose_done(c);
}
