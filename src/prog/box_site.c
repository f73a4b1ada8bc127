/* What a field box's configuration points to: register maps and its rows of the meter list. */
#include "prog/box_config.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

enum {
    MODEL_ARENA = 64 * 1024,
    LIST_TEXT_MAX = 16 << 20,
    NAME_CAP = PATH_MAX + 256,
};

/* The whole file; NULL after a complaint. */
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
    const size_t len = fread(text, 1, max + 1, file);
    const bool whole = ferror(file) == 0 && len <= max;
    (void)fclose(file);
    if (!whole) {
        (void)fprintf(errors, "%s: expected a file of at most %zu bytes\n", path, max);
        free(text);
        return NULL;
    }
    *out_len = len;
    return text;
}

static gt_err load_model(box_site *s, gt_arena *arena, const char *path, int zone_min, FILE *errors)
{
    size_t len = 0;
    if (s->model_count == CONCENTRATOR_MODELS_MAX) {
        (void)fprintf(errors, "%s: expected at most %d register maps\n", path,
                      CONCENTRATOR_MODELS_MAX);
        return GT_ERR_SPACE;
    }
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

static gt_err load_models(box_site *s, gt_arena *arena, const box_config *cfg, FILE *errors)
{
    DIR *dir = opendir(cfg->models_dir);
    if (dir == NULL) {
        (void)fprintf(errors, "%s: cannot be read; expected a folder of register maps\n",
                      cfg->models_dir);
        return GT_ERR_IO;
    }
    gt_err err = GT_ERR_OK;
    for (const struct dirent *e = readdir(dir); e != NULL && err == GT_ERR_OK; e = readdir(dir)) {
        const char *end = strrchr(e->d_name, '.');
        if (end != NULL && strcmp(end, ".map") == 0) {
            char path[NAME_CAP];
            (void)snprintf(path, sizeof path, "%s/%s", cfg->models_dir, e->d_name);
            err = load_model(s, arena, path, cfg->zone_min, errors);
        }
    }
    (void)closedir(dir);
    return err;
}

static gt_err load_meters(box_site *s, const box_config *cfg, FILE *errors)
{
    size_t len = 0;
    char *text = read_file(cfg->meters_path, LIST_TEXT_MAX, errors, &len);
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

static bool model_known(const box_site *s, const char *name)
{
    for (size_t i = 0; i < s->model_count; i++) {
        if (strcmp(device_model_name(s->models[i]), name) == 0) {
            return true;
        }
    }
    return false;
}

/* Lists and configuration must agree; every disagreement is told. */
static gt_err check_meters(const box_site *s, const box_config *cfg, FILE *errors)
{
    gt_err err = GT_ERR_OK;
    for (size_t i = 0; i < s->meter_count; i++) {
        const box_meter *m = &s->meters[i];
        const box_line_config *at = &cfg->lines[m->line - 1];
        const char *expected = NULL;
        if (!model_known(s, m->model)) {
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
    enum { METERS_BYTES = BOX_POINTS_MAX * sizeof(box_meter) };
    box_site s = {.memory = malloc(METERS_BYTES + MODEL_ARENA * CONCENTRATOR_MODELS_MAX)};
    if (s.memory == NULL) {
        return GT_ERR_MEMORY;
    }
    s.meters = s.memory;
    gt_arena arena =
        gt_arena_of((uint8_t *)s.memory + METERS_BYTES, MODEL_ARENA * CONCENTRATOR_MODELS_MAX);
    gt_err err = load_models(&s, &arena, cfg, errors);
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
    free(site->memory);
    *site = (box_site){.memory = NULL};
}
