/* What a field box's configuration points to: register maps and its rows of the meter list. */
#include "prog/box_config.h"

#include <stdlib.h>
#include <string.h>

enum { LIST_TEXT_MAX = 16 << 20 };

static gt_err load_meters(box_site *s, const box_config *cfg, FILE *errors)
{
    size_t len = 0;
    char *text = text_file_read(cfg->meters_path, LIST_TEXT_MAX, errors, &len);
    if (text == NULL) {
        return GT_ERR_IO;
    }
    box_roster_fault fault = {.line = 0};
    const gt_err err =
        box_roster_parse(text, len, cfg->name, s->meters, BOX_POINTS_MAX, &s->meter_count, &fault);
    free(text);
    if (err != GT_ERR_OK) {
        (void)fprintf(errors, "%s:%u: %s: expected %s\n", cfg->meters_path, fault.line, fault.key,
                      fault.expected);
    } else if (s->meter_count == 0) {
        (void)fprintf(errors, "%s: terminal: expected at least one row of %s\n", cfg->meters_path,
                      cfg->name);
        return GT_ERR_NOT_FOUND;
    }
    return err;
}

/* Lists and configuration must agree; every disagreement is told. */
static gt_err check_meters(const box_site *s, const box_config *cfg, FILE *errors)
{
    gt_err err = GT_ERR_OK;
    for (size_t i = 0; i < s->meter_count; i++) {
        const box_meter *m = &s->meters[i];
        const box_line_config *at = &cfg->lines[m->line - 1];
        const char *expected = NULL;
        if (!model_folder_has(&s->models, m->model)) {
            expected = "a model of the models folder";
        } else if (at->device == BOX_DEVICE_NONE) {
            expected = "a line that the configuration has";
        } else if (at->model[0] != '\0' && strcmp(at->model, m->model) != 0) {
            expected = "the model that the configuration names for its line";
        }
        if (expected != NULL) {
            (void)fprintf(errors, "%s: point %u (line %u, model \"%s\"): expected %s\n",
                          cfg->meters_path, m->point, m->line, m->model, expected);
            err = GT_ERR_SYNTAX;
        }
    }
    return err;
}

gt_err box_site_load(const box_config *cfg, FILE *errors, box_site *out)
{
    box_site s = {.meters = calloc(BOX_POINTS_MAX, sizeof(box_meter))};
    if (s.meters == NULL) {
        return GT_ERR_MEMORY;
    }
    gt_err err = model_folder_load(cfg->models_dir, cfg->zone_min, errors, &s.models);
    if (err == GT_ERR_OK) {
        err = load_meters(&s, cfg, errors);
    }
    if (err == GT_ERR_OK) {
        err = check_meters(&s, cfg, errors);
    }
    if (err != GT_ERR_OK) {
        box_site_unload(&s);
        return err;
    }
    *out = s;
    return GT_ERR_OK;
}

void box_site_unload(box_site *site)
{
    free(site->meters);
    model_folder_unload(&site->models);
    *site = (box_site){.meters = NULL};
}
