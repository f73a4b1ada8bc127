/* The meter list of a site into memory, checked against its models. */
#include "prog/site.h"

#include <stdlib.h>
#include <string.h>

enum { LIST_TEXT_MAX = 16 << 20 };

static size_t count_lines(const char *text)
{
    size_t lines = 1;
    for (const char *at = strchr(text, '\n'); at != NULL; at = strchr(at + 1, '\n')) {
        lines++;
    }
    return lines;
}

static void print_list_errors(const char *path, const meter_list_errors *found, FILE *errors)
{
    const size_t shown =
        found->count < METER_LIST_ERRORS_MAX ? found->count : METER_LIST_ERRORS_MAX;
    for (size_t i = 0; i < shown; i++) {
        const meter_list_error *e = &found->row[i];
        (void)fprintf(errors, "%s:%u: %s: expected %s, got \"%s\"\n", path, e->line_no, e->column,
                      e->expected, e->got);
    }
    if (found->count > shown) {
        (void)fprintf(errors, "%s: and %zu more\n", path, found->count - shown);
    }
}

static gt_err check_models(const site *s, const char *path, FILE *errors)
{
    gt_err err = GT_ERR_OK;
    for (size_t i = 0; i < s->meters.count; i++) {
        const meter_list_row *row = &s->meters.row[i];
        if (!model_folder_has(&s->models, row->model)) {
            (void)fprintf(errors,
                          "%s:%u: model: expected a model of the models folder, got \"%s\"\n", path,
                          row->line_no, row->model);
            err = GT_ERR_NOT_FOUND;
        }
    }
    return err;
}

static gt_err load_list(site *s, const station_config *cfg, FILE *errors)
{
    size_t len = 0;
    char *text = text_file_read(cfg->meters_path, LIST_TEXT_MAX, errors, &len);
    if (text == NULL) {
        return GT_ERR_IO;
    }
    const size_t cap = count_lines(text);
    s->list_memory = calloc(cap, sizeof(meter_list_row) + sizeof(meter_list_index));
    gt_err err = s->list_memory == NULL ? GT_ERR_MEMORY : GT_ERR_OK;
    if (err == GT_ERR_OK) {
        s->meters.row = s->list_memory;
        s->meters.index = (meter_list_index *)(void *)(s->meters.row + cap);
        s->meters.cap = cap;
        meter_list_errors found = {.count = 0};
        err = meter_list_parse(text, len, &s->meters, &found);
        print_list_errors(cfg->meters_path, &found, errors);
    }
    free(text);
    return err == GT_ERR_OK ? check_models(s, cfg->meters_path, errors) : err;
}

gt_err site_load(const station_config *cfg, FILE *errors, site *out)
{
    site s = {.list_memory = NULL};
    gt_err err = model_folder_load(cfg->models_dir, cfg->zone_min, errors, &s.models);
    if (err == GT_ERR_OK) {
        err = load_list(&s, cfg, errors);
    }
    if (err != GT_ERR_OK) {
        site_unload(&s);
        return err;
    }
    *out = s;
    return GT_ERR_OK;
}

void site_unload(site *s)
{
    free(s->list_memory);
    model_folder_unload(&s->models);
}
