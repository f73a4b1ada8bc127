/* `gridtill decode`. Reads hex from the arguments, a file or standard input, cuts it into frames
 * and prints each. A Modbus request lends its registers to the answer behind it; a frame carried
 * inside another one (transparent forward) is told as well. */
#include "prog/decode.h"

#include "codec/detect/detect.h"
#include "codec/dtu/describe.h"
#include "codec/modbus/tcp.h"
#include "prog/command.h"
#include "prog/hex_text.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

enum { INPUT_BYTES_MAX = 1 << 16, REGISTER_MAX = 0xFFFF };

static const char usage_text[] =
    "usage: gridtill decode [--json] [--lang zh|en] [--proto NAME] [--model FILE] [--start "
    "REGISTER]\n"
    "                       [--items FILE] [--registration TEMPLATE] [--heartbeat TEMPLATE]\n"
    "                       [HEX ... | --file FILE]        (no HEX, no FILE: standard input)\n"
    "  --proto  auto (default), cjt188, dlt645-1997, dlt645-2007, dlt698.45, dtu, mbus, modbus,\n"
    "           modbus-tcp, qgdw1376.1, qgdw1376.2\n"
    "  --model  register map that names Modbus registers (default models/prepaid-3p.map)\n"
    "  --items  data items of a meter model (models/README.md)\n"
    "  --start  first register of a Modbus answer without its request before it\n"
    "  --registration, --heartbeat  packets of a DTU, for --proto dtu: 'LOGIN:{imei}\\r\\n'\n";

/* Everything large, in one allocation. */
typedef struct decoder {
    input_options opt;
    int32_t start;
    input_streams io;
    input_text text;
    uint8_t bytes[INPUT_BYTES_MAX];
    size_t len;
    input_map map;
    input_items own;
    dtu_profile dtu;
    modbus_request request; /* the last Modbus frame, when it was a request */
    uint16_t transaction;   /* of it, on TCP */
    bool has_request;
    codec_description frame;
    codec_description inner;
    json_t *list;
    bool bad;
} decoder;

static bool start_parse(const char *text, int32_t *out)
{
    char *end = NULL;
    errno = 0;
    const long value = strtol(text, &end, 0);
    if (errno != 0 || end == text || *end != '\0' || value < 0 || value > REGISTER_MAX) {
        return false;
    }
    *out = (int32_t)value;
    return true;
}

static bool options_take(int argc, char **argv, input_options *out, int32_t *out_start)
{
    input_options opt;
    int32_t start = -1;
    if (!input_options_take(argc, argv, "start", &opt) ||
        (opt.own != NULL && !start_parse(opt.own, &start)) || (opt.file != NULL && optind < argc)) {
        return false;
    }
    *out = opt;
    *out_start = start;
    return true;
}

static bool text_read(decoder *d, int argc, char **argv)
{
    if (d->opt.file != NULL) {
        return input_file_read(&d->io, d->opt.file, &d->text);
    }
    return argc > 0 ? input_arguments_join(&d->io, argc, argv, &d->text)
                    : input_stream_read(&d->io, &d->text);
}

static bool hex_read(decoder *d, int argc, char **argv)
{
    if (!text_read(d, argc, argv)) {
        return false;
    }
    hex_text_bytes bytes = {d->bytes, sizeof d->bytes, 0};
    hex_text_fault fault;
    if (hex_text_parse(d->text.at, d->text.len, &bytes, &fault) != GT_ERR_OK) {
        (void)fprintf(d->io.err,
                      d->opt.zh ? "第%u行：应为 %s，实为 %s\n" : "line %u: expected %s, found %s\n",
                      fault.line, fault.expected, fault.found[0] != '\0' ? fault.found : "nothing");
        return false;
    }
    d->len = bytes.len;
    return true;
}

static void frame_tell(decoder *d, const decode_frame *frame, json_t *parent)
{
    if (d->opt.json) {
        json_t *object = decode_json(frame);
        const int failed = parent != NULL ? json_object_set_new(parent, "inner", object)
                                          : json_array_append_new(d->list, object);
        d->bad = d->bad || failed != 0;
    } else {
        decode_print(d->io.out, frame, d->opt.zh);
    }
    decode_print_errors(d->io.err, frame, d->opt.zh);
    d->bad = d->bad || frame->d->error_count > 0;
}

/* The frame carried inside, if the outer one says there is one. */
static void inner_tell(decoder *d, const decode_frame *outer)
{
    if (outer->d->inner_len == 0) {
        return;
    }
    const uint8_t *bytes = outer->bytes + outer->d->inner_offset;
    const codec_found found = codec_detect(CODEC_ANY, bytes, outer->d->inner_len, 0);
    if (found.match == CODEC_MATCH_NONE) {
        return; /* the outer frame carries something that is none of ours */
    }
    const codec_context context = {{d->map.there ? &d->map.map : NULL, NULL, d->start},
                                   d->own.there ? &d->own.set : NULL};
    codec_found_describe(&found, &context, bytes, &d->inner);
    const decode_frame frame = {&d->inner, bytes, found.len, outer->offset + outer->d->inner_offset,
                                1};
    json_t *parent = d->opt.json ? json_array_get(d->list, json_array_size(d->list) - 1) : NULL;
    frame_tell(d, &frame, parent);
}

static bool same_write(const modbus_request *a, const modbus_request *b)
{
    return a->function == b->function &&
           (a->function == MODBUS_WRITE_SINGLE || a->function == MODBUS_WRITE_COIL) &&
           a->unit == b->unit && a->start == b->start && a->values[0] == b->values[0];
}

/* An answer to functions 05 and 06 repeats its request, so the same frame again is no request. */
static void request_remember(decoder *d, const codec_found *found, const decode_frame *frame)
{
    modbus_request request;
    uint16_t transaction = 0;
    const bool tcp = found->protocol == CODEC_MODBUS_TCP;
    const bool is_request =
        (found->protocol == CODEC_MODBUS &&
         modbus_request_decode(frame->bytes, frame->len, &request) == GT_ERR_OK) ||
        (tcp &&
         modbus_tcp_request_decode(frame->bytes, frame->len, &transaction, &request) == GT_ERR_OK);
    const bool echo = is_request && d->has_request && same_write(&request, &d->request) &&
                      transaction == d->transaction;
    d->has_request = is_request && !echo;
    if (d->has_request) {
        d->request = request;
        d->transaction = transaction;
    }
}

/* The request before this frame, unless TCP says that it is another one's. */
static const modbus_request *request_before(const decoder *d, const codec_found *found)
{
    const uint8_t *at = d->bytes + found->offset;
    const bool other = found->protocol == CODEC_MODBUS_TCP && found->len >= 2 &&
                       (at[0] << 8 | at[1]) != d->transaction;
    return d->has_request && !other ? &d->request : NULL;
}

static void found_tell(decoder *d, const codec_found *found)
{
    const codec_context context = {
        {d->map.there ? &d->map.map : NULL, request_before(d, found), d->start},
        d->own.there ? &d->own.set : NULL};
    if (found->protocol == CODEC_DTU) {
        dtu_describe(&d->dtu, d->bytes + found->offset, found->len, &d->frame);
    } else {
        codec_found_describe(found, &context, d->bytes, &d->frame);
    }
    const decode_frame frame = {&d->frame, d->bytes + found->offset, found->len, found->offset, 0};
    frame_tell(d, &frame, NULL);
    inner_tell(d, &frame);
    request_remember(d, found, &frame);
}

static int decode_all(decoder *d)
{
    if (d->opt.json) {
        d->list = json_array();
    }
    dtu_held carried = {d->bytes, d->len, .begins = true};
    size_t payload_end = 0;
    for (size_t pos = 0; pos < d->len;) {
        const codec_found found = d->opt.protocol == CODEC_DTU
                                      ? codec_detect_dtu(&d->dtu, &carried, pos, &payload_end)
                                      : codec_detect(d->opt.protocol, d->bytes, d->len, pos);
        carried.begins = found.match == CODEC_MATCH_FRAME;
        found_tell(d, &found);
        pos = found.offset + found.len;
    }
    if (d->opt.json) {
        const int failed = json_dumpf(d->list, d->io.out, JSON_INDENT(2));
        d->bad = d->bad || failed != 0;
        (void)fputc('\n', d->io.out);
        json_decref(d->list);
    }
    if (fflush(d->io.out) != 0) {
        (void)fprintf(d->io.err, "output: %s\n", strerror(errno));
        d->bad = true;
    }
    return d->bad ? EXIT_FAILED : EXIT_DONE;
}

int decode_run(int argc, char **argv, input_streams streams)
{
    input_options opt;
    int32_t start = -1;
    if (!options_take(argc, argv, &opt, &start)) {
        (void)fputs(usage_text, streams.err);
        return EXIT_USAGE;
    }
    if (opt.help) {
        (void)fputs(usage_text, streams.out);
        return EXIT_DONE;
    }
    const int first = optind;
    decoder *d = calloc(1, sizeof *d);
    if (d == NULL) {
        (void)fputs("out of memory\n", streams.err);
        return EXIT_FAILED;
    }
    d->opt = opt;
    d->start = start;
    d->io = streams;
    const bool ready = input_map_read(&d->io, opt.model, &d->text, &d->map) &&
                       input_items_read(&d->io, opt.items, &d->text, &d->own) &&
                       input_dtu_read(&d->io, &opt, &d->dtu) &&
                       hex_read(d, argc - first, argv + first);
    const int code = ready ? decode_all(d) : EXIT_FAILED;
    free(d);
    return code;
}

int decode_main(int argc, char **argv)
{
    return decode_run(argc, argv, (input_streams){stdin, stdout, stderr});
}
