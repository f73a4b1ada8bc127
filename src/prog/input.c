/* Reading whole inputs of at most 1 MiB, and the options that decode and encode share. */
#include "prog/input.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>

static const char map_default[] = "models/prepaid-3p.map";

/* The whole stream, or false when it holds more than fits. */
static bool whole_read(FILE *file, input_text *out)
{
    out->len = fread(out->at, 1, sizeof out->at, file);
    return ferror(file) == 0 && (out->len < sizeof out->at || fgetc(file) == EOF);
}

bool input_stream_read(const input_streams *io, input_text *out)
{
    const bool good = whole_read(io->in, out);
    if (!good) {
        (void)fputs("standard input: cannot be read, or more than 1 MiB\n", io->err);
    }
    return good;
}

bool input_file_read(const input_streams *io, const char *path, input_text *out)
{
    FILE *file = fopen(path, "rbe");
    if (file == NULL) {
        (void)fprintf(io->err, "%s: %s\n", path, strerror(errno));
        return false;
    }
    const bool good = whole_read(file, out);
    (void)fclose(file);
    if (!good) {
        (void)fprintf(io->err, "%s: cannot be read, or more than 1 MiB\n", path);
    }
    return good;
}

bool input_arguments_join(const input_streams *io, int argc, char **argv, input_text *out)
{
    size_t len = 0;
    for (int i = 0; i < argc; i++) {
        const size_t one = strlen(argv[i]);
        if (one + 1 > sizeof out->at - len) {
            (void)fputs("more than 1 MiB of text\n", io->err);
            return false;
        }
        memcpy(out->at + len, argv[i], one);
        out->at[len + one] = ' ';
        len += one + 1;
    }
    out->len = len;
    return true;
}

bool input_map_read(const input_streams *io, const char *path, input_text *scratch, input_map *out)
{
    const bool asked = path != NULL;
    const char *name = asked ? path : map_default;
    FILE *probe = fopen(name, "rbe");
    if (probe == NULL && !asked) {
        return true;
    }
    if (probe != NULL) {
        (void)fclose(probe);
    }
    if (!input_file_read(io, name, scratch)) {
        return false;
    }
    modbus_map_fault fault;
    if (modbus_map_parse(scratch->at, scratch->len, &out->map, &fault) != GT_ERR_OK) {
        (void)fprintf(io->err, "%s:%u: expected %s, found %s\n", name, fault.line, fault.expected,
                      fault.found);
        return false;
    }
    out->there = true;
    return true;
}

bool input_items_read(const input_streams *io, const char *path, input_text *scratch,
                      input_items *out)
{
    if (path == NULL) {
        return true;
    }
    if (!input_file_read(io, path, scratch)) {
        return false;
    }
    items_fault fault;
    if (items_parse(scratch->at, scratch->len, &out->set, &fault) != GT_ERR_OK) {
        (void)fprintf(io->err, "%s:%u: expected %s, found %s\n", path, fault.line, fault.expected,
                      fault.found);
        return false;
    }
    out->there = true;
    return true;
}

static bool option_take(input_options *opt, int c, const char *argument)
{
    switch (c) {
    case 'j':
        opt->json = true;
        return true;
    case 'l':
        opt->zh = strcmp(argument, "zh") == 0;
        return opt->zh || strcmp(argument, "en") == 0;
    case 'p':
        opt->protocol_given = true;
        return codec_protocol_parse(argument, &opt->protocol);
    case 'f':
        opt->file = argument;
        return true;
    case 'm':
        opt->model = argument;
        return true;
    case 'i':
        opt->items = argument;
        return true;
    case 'r':
        opt->registration = argument;
        return true;
    case 'b':
        opt->heartbeat = argument;
        return true;
    case 'o':
        opt->own = argument;
        return true;
    case 'h':
        opt->help = true;
        return true;
    default:
        return false;
    }
}

bool input_options_take(int argc, char **argv, const char *own_name, input_options *out)
{
    const struct option names[] = {{"json", no_argument, NULL, 'j'},
                                   {"lang", required_argument, NULL, 'l'},
                                   {"proto", required_argument, NULL, 'p'},
                                   {"file", required_argument, NULL, 'f'},
                                   {"model", required_argument, NULL, 'm'},
                                   {"items", required_argument, NULL, 'i'},
                                   {"registration", required_argument, NULL, 'r'},
                                   {"heartbeat", required_argument, NULL, 'b'},
                                   {own_name, required_argument, NULL, 'o'},
                                   {"help", no_argument, NULL, 'h'},
                                   {NULL, 0, NULL, 0}};
    input_options opt = {0};
    optind = 0; /* a fresh start, also for a second call in one process */
    opterr = 0;
    for (int c = getopt_long(argc, argv, "", names, NULL); c != -1;
         c = getopt_long(argc, argv, "", names, NULL)) {
        if (!option_take(&opt, c, optarg)) {
            return false;
        }
    }
    *out = opt;
    return true;
}

static bool template_read(const input_streams *io, const char *text, dtu_template *out)
{
    size_t at = 0;
    const gt_err err = text != NULL ? dtu_template_parse(text, out, &at) : GT_ERR_OK;
    if (err != GT_ERR_OK) {
        (void)fprintf(io->err, "%s: character %zu: %s\n", text, at + 1, gt_err_text(err));
    }
    return err == GT_ERR_OK;
}

bool input_dtu_read(const input_streams *io, const input_options *opt, dtu_profile *out)
{
    *out = (dtu_profile){0};
    return template_read(io, opt->registration, &out->registration) &&
           template_read(io, opt->heartbeat, &out->heartbeat);
}
