/* The transparent stream of a DTU. The input is two lines, templates of registration and heartbeat,
 * then the stream. However it is cut, the same packets and the same payload come out, every byte
 * once; a packet fits its template, and its description composes to the same bytes. */
#include "base/sum.h"
#include "codec/detect/compose.h"
#include "codec/dtu/describe.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* A line of the input as a template; none when it is no template. */
static void template_take(const uint8_t **data, size_t *size, dtu_template *out)
{
    char text[DTU_PACKET_MAX * 2];
    size_t len = 0;
    while (len < *size && (*data)[len] != '\n') {
        len++;
    }
    if (len < sizeof text) {
        size_t at = 0;
        memcpy(text, *data, len);
        text[len] = '\0';
        if (dtu_template_parse(text, out, &at) != GT_ERR_OK) {
            require(out->len == 0 && at <= len);
        }
    }
    *data += len;
    *size -= len;
    if (*size > 0) {
        ++*data;
        --*size;
    }
}

static void packet_check(const dtu_profile *profile, dtu_piece piece, codec_bytes packet)
{
    const dtu_template *t =
        piece == DTU_REGISTRATION ? &profile->registration : &profile->heartbeat;
    require(packet.len == t->len);
    require(dtu_template_match(t, packet.buf, packet.len) == GT_ERR_OK);
    codec_description *d = malloc(sizeof *d);
    require(d != NULL);
    dtu_describe(profile, packet.buf, packet.len, d);
    require(d->error_count == 0 && !d->cut);
    codec_value fields[CODEC_FIELDS_MAX];
    for (size_t i = 0; i < d->field_count; i++) {
        fields[i] = (codec_value){d->fields[i].id, d->fields[i].value};
    }
    const codec_recipe recipe = {
        .address = "", .fields = fields, .field_count = d->field_count, .dtu = profile};
    uint8_t buf[DTU_PACKET_MAX];
    gt_wr w = gt_wr_of(buf, sizeof buf);
    codec_recipe_fault fault;
    require(codec_compose(CODEC_DTU, &recipe, &w, &fault) == GT_ERR_OK);
    require(w.len == packet.len && memcmp(buf, packet.buf, w.len) == 0);
    free(d);
}

typedef struct tally {
    uint64_t sum; /* of each byte and whose it is */
    uint64_t out;
    uint64_t packets;
} tally;

static void drain(const dtu_profile *profile, dtu_stream *s, tally *t)
{
    const uint8_t *bytes = NULL;
    size_t len = 0;
    for (dtu_piece piece = dtu_stream_next(s, &bytes, &len); piece != DTU_NOTHING;
         piece = dtu_stream_next(s, &bytes, &len)) {
        require(len > 0);
        if (piece != DTU_PAYLOAD) {
            packet_check(profile, piece, (codec_bytes){bytes, len});
            t->packets++;
        }
        for (size_t i = 0; i < len; i++) {
            t->sum = t->sum * 31 + bytes[i] + 256 * (uint64_t)piece;
        }
        t->out += len;
    }
}

static tally run(const dtu_profile *profile, const uint8_t *data, size_t size, size_t piece)
{
    uint8_t buf[DTU_PACKET_MAX];
    dtu_stream s;
    tally t = {0};
    dtu_stream_init(&s, profile, buf, sizeof buf);
    for (size_t at = 0; at < size;) {
        const size_t taken = dtu_stream_feed(&s, data + at, size - at < piece ? size - at : piece);
        require(taken > 0);
        at += taken;
        drain(profile, &s, &t);
        require(dtu_stream_pending(&s) < DTU_PACKET_MAX);
        require(t.out + dtu_stream_pending(&s) == at);
    }
    dtu_stream_over(&s);
    drain(profile, &s, &t);
    require(t.out == size && dtu_stream_pending(&s) == 0);
    return t;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { SIZE_MAX_IN = 4096 };
    dtu_profile profile = {0};
    if (size > SIZE_MAX_IN) {
        return 0;
    }
    const size_t odd = size > 0 ? 1 + data[size - 1] % 17 : 1;
    template_take(&data, &size, &profile.registration);
    template_take(&data, &size, &profile.heartbeat);
    const tally whole = run(&profile, data, size, SIZE_MAX_IN);
    const tally bytes = run(&profile, data, size, 1);
    const tally parts = run(&profile, data, size, odd);
    require(memcmp(&whole, &bytes, sizeof whole) == 0);
    require(memcmp(&whole, &parts, sizeof whole) == 0);
    return 0;
}
