/* Files of a site into memory. */
#include "prog/site.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

enum { MODEL_ARENA = 64 * 1024, LIST_TEXT_MAX = 16 << 20, NAME_CAP = PATH_MAX + 256 };

/* The whole file, terminated; NULL after a complaint. */
static char *read_file(const char *path, size_t max, FILE *errors, size_t *out_len)
{
    FILE *file = fopen(path, "re");
    char *text = file != NULL ? malloc(max + 1) : NULL;
    if (text == NULL) {
        (void)fprintf(errors, "%s: cannot be read\n", path);
        if (file != NULL) {
            (void)fclose(file);
        }
        return NULL;
    }
    *out_len = fread(text, 1, max + 1, file);
    const bool whole = ferror(file) == 0 && *out_len <= max;
    (void)fclose(file);
    if (!whole) {
        (void)fprintf(errors, "%s: expected a file of at most %zu bytes\n", path, max);
        free(text);
        return NULL;
    }
    text[*out_len] = '\0';
    return text;
}

static gt_err load_model(site *s, gt_arena *arena, const char *path, int zone_min, FILE *errors)
{
    size_t len = 0;
    char *text = read_file(path, DEVICE_TEXT_MAX, errors, &len);
    if (text == NULL) {
        return GT_ERR_IO;
    }
    device_fault fault = {.line = 0};
    const device_model *model = NULL;
    const gt_err err = device_model_load(arena, text, len, zone_min, &fault, &model);
    free(text);
    if (err != GT_ERR_OK) {
        (void)fprintf(errors, "%s:%u: expected %s\n", path, fault.line, fault.expected);
        return err;
    }
    s->models[s->model_count++] = model;
    return GT_ERR_OK;
}

static gt_err load_models(site *s, const station_config *cfg, FILE *errors)
{
    s->model_memory = malloc((size_t)MODEL_ARENA * SITE_MODELS_MAX);
    DIR *dir = opendir(cfg->models_dir);
    gt_err err = s->model_memory == NULL || dir == NULL ? GT_ERR_IO : GT_ERR_OK;
    gt_arena arena = gt_arena_of(s->model_memory, (size_t)MODEL_ARENA * SITE_MODELS_MAX);
    const struct dirent *entry = dir != NULL ? readdir(dir) : NULL;
    for (; entry != NULL && err == GT_ERR_OK; entry = readdir(dir)) {
        const char *end = strrchr(entry->d_name, '.');
        if (end != NULL && strcmp(end, ".map") == 0) {
            char path[NAME_CAP];
            (void)snprintf(path, sizeof path, "%s/%s", cfg->models_dir, entry->d_name);
            err = s->model_count < SITE_MODELS_MAX
                      ? load_model(s, &arena, path, cfg->zone_min, errors)
                      : GT_ERR_SPACE;
        }
    }
    if (dir != NULL) {
        (void)closedir(dir);
    }
    if (err == GT_ERR_OK && s->model_count == 0) {
        (void)fprintf(errors, "%s: expected at least one register map (*.map)\n", cfg->models_dir);
        err = GT_ERR_NOT_FOUND;
    }
    return err;
}

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

static bool model_known(const site *s, const char *name)
{
    for (size_t i = 0; i < s->model_count; i++) {
        if (strcmp(device_model_name(s->models[i]), name) == 0) {
            return true;
        }
    }
    return false;
}

static gt_err check_models(const site *s, const char *path, FILE *errors)
{
    gt_err err = GT_ERR_OK;
    for (size_t i = 0; i < s->meters.count; i++) {
        const meter_list_row *row = &s->meters.row[i];
        if (!model_known(s, row->model)) {
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
    char *text = read_file(cfg->meters_path, LIST_TEXT_MAX, errors, &len);
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
    site s = {.model_count = 0};
    gt_err err = load_models(&s, cfg, errors);
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
    free(s->model_memory);
}
