/* A frame from its names: the head first, because it decides what follows the data units, then the
 * units (compose_unit.c), then PW, EC and Tp. */
#include "codec/gdw1376/compose.h"

#include "codec/gdw1376/gdw1376_priv.h"

#include <string.h>

enum { BYTE_MAX = 255, MSA_MAX = 127, PROTOCOL_MAX = 3 };
enum { C_DIR = 0x80, C_PRM = 0x40, C_FCB_ACD = 0x20, C_FCV = 0x10, LOW_NIBBLE = 0x0F };

static uint64_t number_or(codec_composer *c, const char *id, uint64_t max, uint64_t otherwise)
{
    const codec_value *v = codec_field_find(c, id);
    return v != NULL ? codec_value_number(c, v, max) : otherwise;
}

static bool flag_or(codec_composer *c, const char *id, bool otherwise)
{
    return number_or(c, id, 1, otherwise ? 1 : 0) != 0;
}

/* "4403-0004": region nibbles, then the terminal in decimal. */
static void address_text_read(codec_composer *c, gdw1376_addr *out)
{
    static const char expected[] = "an address as 4403-0004";
    const codec_value v = {"address", c->recipe->address};
    const char *dash = strchr(v.value, '-');
    char region[8] = "";
    if (dash == NULL || (size_t)(dash - v.value) >= sizeof region) {
        codec_compose_fail(c, GT_ERR_SYNTAX, &v, expected);
        return;
    }
    memcpy(region, v.value, (size_t)(dash - v.value));
    out->region = (uint16_t)codec_value_hex(c, &(codec_value){"address", region}, 4);
    out->terminal =
        (uint16_t)codec_value_number(c, &(codec_value){"address", dash + 1}, UINT16_MAX);
}

static void address_read(codec_composer *c, gdw1376_addr *out)
{
    const bool given = c->recipe->address[0] != '\0';
    gdw1376_addr whole = {0};
    if (given) {
        address_text_read(c, &whole);
    }
    const codec_value *region =
        given ? codec_field_find(c, "region") : codec_field_get(c, "region");
    const codec_value *terminal =
        given ? codec_field_find(c, "terminal") : codec_field_get(c, "terminal");
    out->region = region != NULL ? (uint16_t)codec_value_hex(c, region, 4) : whole.region;
    out->terminal =
        terminal != NULL ? (uint16_t)codec_value_number(c, terminal, UINT16_MAX) : whole.terminal;
    if (given && (out->region != whole.region || out->terminal != whole.terminal)) {
        codec_compose_fail(c, GT_ERR_MISMATCH, &(codec_value){"address", c->recipe->address},
                           "the same address as region and terminal");
    }
    out->msa = (uint8_t)number_or(c, "msa", MSA_MAX, 0);
    out->group = flag_or(c, "group", false);
}

/* Without a control byte: a request, or with dir 1 the answer to one; a login from the terminal. */
static gdw1376_head head_default(codec_composer *c, const gdw1376_addr *addr, uint8_t afn)
{
    const bool up = flag_or(c, "dir", afn == GDW1376_AFN_LINK);
    const gdw1376_head request = gdw1376_head_request(addr, afn, 0);
    if (!up) {
        return request;
    }
    return afn == GDW1376_AFN_LINK ? gdw1376_head_link(addr, 0) : gdw1376_head_reply(&request, afn);
}

/* "11": FIR, then FIN. */
static void part_read(codec_composer *c, gdw1376_head *h)
{
    const codec_value *v = codec_field_find(c, "fir_fin");
    unsigned both = 0;
    if (v == NULL || !codec_value_parts(c, v, "dd", &both)) {
        return;
    }
    h->fir = both / 10 == 1;
    h->fin = both % 10 == 1;
    if (both / 10 > 1 || both % 10 > 1) {
        codec_compose_fail(c, GT_ERR_RANGE, v, "two flags, each 0 or 1");
    }
}

static gdw1376_head head_read(codec_composer *c)
{
    static const char *const derived[] = {"start", "length",   "length2", "start2",
                                          "prm",   "checksum", "end"};
    codec_fields_derived(c, derived, sizeof derived / sizeof derived[0]);
    gdw1376_addr addr = {0};
    address_read(c, &addr);
    const uint8_t afn = (uint8_t)codec_value_hex(c, codec_field_get(c, "afn"), 2);
    gdw1376_head h = head_default(c, &addr, afn);
    const codec_value *control = codec_field_find(c, "control");
    if (control != NULL) {
        static const char *const told[] = {"dir", "acd", "fcb", "fcv"};
        const uint8_t byte = (uint8_t)codec_value_hex(c, control, 2);
        h.up = (byte & C_DIR) != 0;
        h.prm = (byte & C_PRM) != 0;
        h.fcb_acd = (byte & C_FCB_ACD) != 0;
        h.fcv = (byte & C_FCV) != 0;
        h.function = byte & LOW_NIBBLE;
        codec_fields_derived(c, told, sizeof told / sizeof told[0]);
    } else {
        h.fcb_acd = flag_or(c, h.up ? "acd" : "fcb", h.fcb_acd);
        h.fcv = flag_or(c, "fcv", h.fcv);
    }
    h.protocol = (uint8_t)number_or(c, "protocol", PROTOCOL_MAX, GDW1376_PROTOCOL_2009);
    h.tpv = flag_or(c, "tpv", h.tpv);
    h.con = flag_or(c, "con", h.con);
    h.seq = (uint8_t)number_or(c, "seq", GDW1376_SEQ_MAX, h.seq);
    part_read(c, &h);
    return h;
}

static void tp_read(codec_composer *c, gdw1376_tp *out)
{
    unsigned part[4] = {0};
    out->pfc = (uint8_t)number_or(c, "pfc", BYTE_MAX, 0);
    if (codec_value_parts(c, codec_field_get(c, "tp"), "dd dd:dd:dd", part)) {
        out->day = (uint8_t)part[0];
        out->hour = (uint8_t)part[1];
        out->minute = (uint8_t)part[2];
        out->second = (uint8_t)part[3];
    }
    out->delay_min = (uint8_t)number_or(c, "delay", BYTE_MAX, 0);
}

static void aux_read(codec_composer *c, const gdw1376_head *h, gdw1376_aux *out)
{
    const codec_value *pw = gdw1376_head_has_pw(h) ? codec_field_find(c, "pw") : NULL;
    if (pw != NULL) {
        gt_wr w = gt_wr_of(out->pw, sizeof out->pw);
        codec_value_bytes(c, pw, &w);
        if (w.len != sizeof out->pw) {
            codec_compose_fail(c, GT_ERR_RANGE, pw, "32 hexadecimal digits");
        }
    }
    if (gdw1376_head_has_ec(h)) {
        out->ec_important = (uint8_t)number_or(c, "ec1", BYTE_MAX, 0);
        out->ec_normal = (uint8_t)number_or(c, "ec2", BYTE_MAX, 0);
    }
    if (gdw1376_head_has_tp(h)) {
        tp_read(c, &out->tp);
    }
}

gt_err gdw1376_compose(codec_composer *c, uint8_t *buf, size_t cap, size_t *out_len)
{
    const gdw1376_head head = head_read(c);
    gdw1376_aux aux = {0};
    aux_read(c, &head, &aux);
    gdw1376_message m = gdw1376_message_begin(buf, cap, &head);
    gdw1376_compose_units(c, &m);
    GT_TRY(codec_compose_done(c));
    return gdw1376_message_end(&m, &aux, out_len);
}
