/* `gridtill encode`. Names come as NAME=VALUE arguments, one frame, or as what `decode --json`
 * prints, any number of frames. */
#include "prog/encode.h"

#include "base/hex.h"
#include "codec/detect/compose.h"
#include "prog/command.h"

#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { FRAMES_MAX = 1024 };

static const char usage_text[] =
    "usage: gridtill encode [--json] [--lang zh|en] [--model FILE] [--items FILE] --proto NAME\n"
    "                       [--address TEXT]\n"
    "                       [--registration TEMPLATE] [--heartbeat TEMPLATE]     (of a DTU)\n"
    "                       NAME=VALUE ...                  (one frame)\n"
    "       gridtill encode [--json] [--lang zh|en] [--model FILE] [--items FILE] [--file FILE]\n"
    "                       [--registration TEMPLATE] [--heartbeat TEMPLATE]\n"
    "                       (what decode --json prints, by default from standard input)\n"
    "  NAME is a header field (small letters: control=91H) or an item (00010000=123.45), with the\n"
    "  ids that decode --json shows; item:NAME and field:NAME say which when in doubt. Items are\n"
    "  written in the order given; NAME alone is an item without a value.\n"
    "  --json   an array of objects with protocol and hex instead of a line of hex a frame\n";

/* Everything large, in one allocation. */
typedef struct encoder {
    input_options opt;
    input_streams io;
    input_text text;
    input_map map;
    input_items own;
    dtu_profile dtu;
    codec_value fields[CODEC_FIELDS_MAX];
    codec_value items[CODEC_ITEMS_MAX];
    codec_recipe recipe;
    uint8_t frame[CODEC_COMPOSED_MAX];
    char hex[2 * CODEC_COMPOSED_MAX + 1];
    json_t *list; /* frames built: objects of protocol and hex */
} encoder;

static bool options_take(int argc, char **argv, input_options *out)
{
    input_options opt;
    if (!input_options_take(argc, argv, "address", &opt) ||
        (opt.protocol_given && opt.protocol == CODEC_ANY)) {
        return false;
    }
    const bool misplaced = opt.protocol_given ? opt.file != NULL : optind < argc || opt.own != NULL;
    *out = opt;
    return opt.help || !misplaced;
}

static void fault_print(const encoder *e, size_t number, const codec_recipe_fault *fault)
{
    (void)fprintf(e->io.err,
                  e->opt.zh ? "第%zu帧：%s：应为 %s，实为 %s（%s）\n"
                            : "frame %zu: %s: expected %s, found %s (%s)\n",
                  number, fault->id[0] != '\0' ? fault->id : (e->opt.zh ? "整帧" : "the frame"),
                  fault->expected, fault->found, gt_err_text(fault->err));
}

static bool frame_build(encoder *e, size_t number, codec_protocol protocol, const char *name)
{
    gt_wr w = gt_wr_of(e->frame, sizeof e->frame);
    codec_recipe_fault fault;
    e->recipe.fields = e->fields;
    e->recipe.items = e->items;
    e->recipe.map = e->map.there ? &e->map.map : NULL;
    e->recipe.dtu = &e->dtu;
    e->recipe.own = e->own.there ? &e->own.set : NULL;
    if (codec_compose(protocol, &e->recipe, &w, &fault) != GT_ERR_OK) {
        fault_print(e, number, &fault);
        return false;
    }
    gt_hex_format(e->frame, w.len, e->hex, sizeof e->hex);
    return json_array_append_new(e->list,
                                 json_pack("{s:s, s:s}", "protocol", name, "hex", e->hex)) == 0;
}

/* Small letters, digits and underscores, a letter first: as header fields are named. */
static bool is_field_name(const char *name)
{
    if (name[0] < 'a' || name[0] > 'z') {
        return false;
    }
    return name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_")] == '\0';
}

static bool prefix_take(char **name, const char *prefix)
{
    const size_t len = strlen(prefix);
    const bool has = strncmp(*name, prefix, len) == 0;
    *name += has ? len : 0;
    return has;
}

/* "control=91H" into its list; false when there is no more room. */
static bool argument_take(encoder *e, char *argument)
{
    char *equals = strchr(argument, '=');
    if (equals != NULL) {
        *equals = '\0';
    }
    char *name = argument;
    const bool item = prefix_take(&name, "item:");
    const bool field = !item && (prefix_take(&name, "field:") || is_field_name(name));
    const codec_value v = {name, equals != NULL ? equals + 1 : NULL};
    size_t *count = field ? &e->recipe.field_count : &e->recipe.item_count;
    if (*count == (field ? (size_t)CODEC_FIELDS_MAX : (size_t)CODEC_ITEMS_MAX)) {
        (void)fprintf(e->io.err, "%s: one name too many\n", name);
        return false;
    }
    (field ? e->fields : e->items)[(*count)++] = v;
    return true;
}

static const char *protocol_name(codec_protocol protocol)
{
    static const char *const names[] = {[CODEC_ANY] = "auto",
#define CODEC_PROTOCOL_NAME(symbol, name) [CODEC_##symbol] = (name),
                                        CODEC_PROTOCOL_LIST(CODEC_PROTOCOL_NAME)
#undef CODEC_PROTOCOL_NAME
    };
    return names[protocol];
}

static bool arguments_build(encoder *e, int argc, char **argv)
{
    e->recipe.address = e->opt.own != NULL ? e->opt.own : "";
    for (int i = 0; i < argc; i++) {
        if (!argument_take(e, argv[i])) {
            return false;
        }
    }
    return frame_build(e, 1, e->opt.protocol, protocol_name(e->opt.protocol));
}

/* Ids and values of an array of objects. */
static bool values_take(const json_t *list, codec_value *values, size_t max, size_t *out_count)
{
    const size_t count = json_array_size(list);
    if ((list != NULL && !json_is_array(list)) || count > max) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        const json_t *row = json_array_get(list, i);
        const json_t *value = json_object_get(row, "value");
        values[i] =
            (codec_value){json_string_value(json_object_get(row, "id")), json_string_value(value)};
        if (values[i].id == NULL ||
            (values[i].value == NULL && value != NULL && !json_is_null(value))) {
            return false;
        }
    }
    *out_count = count;
    return true;
}

static bool object_fail(const encoder *e, size_t number, const char *expected)
{
    (void)fprintf(e->io.err, e->opt.zh ? "第%zu帧：应为 %s\n" : "frame %zu: expected %s\n", number,
                  expected);
    return false;
}

static bool object_build(encoder *e, size_t number, const json_t *object)
{
    const char *name = json_string_value(json_object_get(object, "protocol"));
    const char *address = json_string_value(json_object_get(object, "address"));
    codec_protocol protocol = CODEC_ANY;
    if (name == NULL || !codec_protocol_parse(name, &protocol) || protocol == CODEC_ANY) {
        return object_fail(e, number, "an object with a known \"protocol\"");
    }
    if (json_array_size(json_object_get(object, "errors")) > 0 ||
        json_is_true(json_object_get(object, "cut"))) {
        return object_fail(e, number, "a frame without \"errors\", told in full");
    }
    e->recipe = (codec_recipe){.address = address != NULL ? address : ""};
    if (!values_take(json_object_get(object, "fields"), e->fields, CODEC_FIELDS_MAX,
                     &e->recipe.field_count)) {
        return object_fail(e, number, "\"fields\": objects with text \"id\" and \"value\"");
    }
    if (!values_take(json_object_get(object, "items"), e->items, CODEC_ITEMS_MAX,
                     &e->recipe.item_count)) {
        return object_fail(e, number, "\"items\": objects with text \"id\" and \"value\"");
    }
    return frame_build(e, number, protocol, name);
}

static bool json_build(encoder *e)
{
    const bool read = e->opt.file != NULL ? input_file_read(&e->io, e->opt.file, &e->text)
                                          : input_stream_read(&e->io, &e->text);
    if (!read) {
        return false;
    }
    json_error_t error;
    json_t *root = json_loadb(e->text.at, e->text.len, JSON_REJECT_DUPLICATES, &error);
    if (root == NULL) {
        (void)fprintf(e->io.err, "line %d: expected JSON: %s\n", error.line, error.text);
        return false;
    }
    const size_t count = json_is_array(root) ? json_array_size(root) : 1;
    bool good = count <= FRAMES_MAX;
    if (!good) {
        (void)fputs("more than 1024 frames\n", e->io.err);
    }
    for (size_t i = 0; good && i < count; i++) {
        good = object_build(e, i + 1, json_is_array(root) ? json_array_get(root, i) : root);
    }
    json_decref(root);
    return good;
}

static bool frames_print(const encoder *e)
{
    if (e->opt.json) {
        (void)json_dumpf(e->list, e->io.out, JSON_INDENT(2));
        (void)fputc('\n', e->io.out);
    }
    for (size_t i = 0; !e->opt.json && i < json_array_size(e->list); i++) {
        const json_t *frame = json_array_get(e->list, i);
        (void)fprintf(e->io.out, "%s\n", json_string_value(json_object_get(frame, "hex")));
    }
    if (fflush(e->io.out) != 0 || ferror(e->io.out) != 0) {
        (void)fprintf(e->io.err, "output: %s\n", strerror(errno));
        return false;
    }
    return true;
}

int encode_run(int argc, char **argv, input_streams streams)
{
    input_options opt;
    if (!options_take(argc, argv, &opt)) {
        (void)fputs(usage_text, streams.err);
        return EXIT_USAGE;
    }
    if (opt.help) {
        (void)fputs(usage_text, streams.out);
        return EXIT_DONE;
    }
    const int first = optind;
    encoder *e = calloc(1, sizeof *e);
    json_t *list = json_array();
    bool done = false;
    if (e == NULL || list == NULL) {
        (void)fputs("out of memory\n", streams.err);
    } else {
        e->opt = opt;
        e->io = streams;
        e->list = list;
        done = input_map_read(&e->io, opt.model, &e->text, &e->map) &&
               input_items_read(&e->io, opt.items, &e->text, &e->own) &&
               input_dtu_read(&e->io, &opt, &e->dtu) &&
               (opt.protocol != CODEC_ANY ? arguments_build(e, argc - first, argv + first)
                                          : json_build(e)) &&
               frames_print(e);
    }
    json_decref(list);
    free(e);
    return done ? EXIT_DONE : EXIT_FAILED;
}

int encode_main(int argc, char **argv)
{
    return encode_run(argc, argv, (input_streams){stdin, stdout, stderr});
}
