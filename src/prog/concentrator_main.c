/* `gridtill-concentrator`: the field box. */
#include "prog/box_run.h"

#include <getopt.h>
#include <stdlib.h>

enum { EXIT_OF_USAGE = 2 };

typedef struct options {
    const char *config_path;
    const char *ready_path;
    bool check;
    bool help;
} options;

static void usage(FILE *to)
{
    (void)fputs("usage: gridtill-concentrator --config FILE [--ready-file FILE] [--check]\n"
                "  --config FILE      configuration, see docs/concentrator.md\n"
                "  --ready-file FILE  written once the box works\n"
                "  --check            read configuration, meter list and models, then stop\n",
                to);
}

static bool options_read(int argc, char **argv, options *out)
{
    static const struct option names[] = {{"config", required_argument, NULL, 'c'},
                                          {"ready-file", required_argument, NULL, 'r'},
                                          {"check", no_argument, NULL, 'k'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    for (int c = getopt_long(argc, argv, "", names, NULL); c != -1;
         c = getopt_long(argc, argv, "", names, NULL)) {
        switch (c) {
        case 'c':
            out->config_path = optarg;
            break;
        case 'r':
            out->ready_path = optarg;
            break;
        case 'k':
            out->check = true;
            break;
        case 'h':
            out->help = true;
            break;
        default:
            return false;
        }
    }
    return out->help || (optind == argc && out->config_path != NULL);
}

static gt_err run(const options *o, const box_config *cfg)
{
    box_site site;
    GT_TRY(box_site_load(cfg, stderr, &site));
    gt_err err = GT_ERR_OK;
    if (o->check) {
        (void)printf("%s: %zu meters on terminal %s\n", o->config_path, site.meter_count,
                     cfg->name);
    } else {
        err = box_run(cfg, &site, o->ready_path);
    }
    box_site_unload(&site);
    return err;
}

int main(int argc, char **argv)
{
    options o = {.config_path = NULL};
    if (!options_read(argc, argv, &o)) {
        usage(stderr);
        return EXIT_OF_USAGE;
    }
    if (o.help) {
        usage(stdout);
        return EXIT_SUCCESS;
    }
    box_config *cfg = calloc(1, sizeof *cfg);
    if (cfg == NULL) {
        return EXIT_FAILURE;
    }
    gt_err err = box_config_read(o.config_path, stderr, cfg);
    if (err == GT_ERR_OK) {
        err = run(&o, cfg);
    }
    free(cfg);
    return err == GT_ERR_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
