/* Files of register maps into memory. */
#include "prog/model_folder.h"

#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { MODEL_ARENA = 64 * 1024, NAME_CAP = PATH_MAX + 256 };

char *text_file_read(const char *path, size_t max, FILE *errors, size_t *out_len)
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
    text[len] = '\0';
    *out_len = len;
    return text;
}

static gt_err load_model(model_folder *f, gt_arena *arena, const char *path, int zone_min,
                         FILE *errors)
{
    size_t len = 0;
    if (f->count == MODEL_FOLDER_MAX) {
        (void)fprintf(errors, "%s: expected at most %d register maps\n", path, MODEL_FOLDER_MAX);
        return GT_ERR_SPACE;
    }
    char *text = text_file_read(path, DEVICE_TEXT_MAX, errors, &len);
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
    f->models[f->count++] = model;
    return GT_ERR_OK;
}

static gt_err load_all(model_folder *f, DIR *dir, const char *folder, int zone_min, FILE *errors)
{
    gt_arena arena = gt_arena_of(f->memory, (size_t)MODEL_ARENA * MODEL_FOLDER_MAX);
    gt_err err = GT_ERR_OK;
    for (const struct dirent *e = readdir(dir); e != NULL && err == GT_ERR_OK; e = readdir(dir)) {
        const char *end = strrchr(e->d_name, '.');
        if (end != NULL && strcmp(end, ".map") == 0) {
            char path[NAME_CAP];
            (void)snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
            err = load_model(f, &arena, path, zone_min, errors);
        }
    }
    if (err == GT_ERR_OK && f->count == 0) {
        (void)fprintf(errors, "%s: expected at least one register map (*.map)\n", folder);
        err = GT_ERR_NOT_FOUND;
    }
    return err;
}

gt_err model_folder_load(const char *path, int zone_min, FILE *errors, model_folder *out)
{
    DIR *dir = opendir(path);
    if (dir == NULL) {
        (void)fprintf(errors, "%s: cannot be read; expected a folder of register maps\n", path);
        return GT_ERR_IO;
    }
    model_folder f = {.memory = malloc((size_t)MODEL_ARENA * MODEL_FOLDER_MAX)};
    const gt_err err = f.memory == NULL ? GT_ERR_MEMORY : load_all(&f, dir, path, zone_min, errors);
    (void)closedir(dir);
    if (err != GT_ERR_OK) {
        model_folder_unload(&f);
        return err;
    }
    *out = f;
    return GT_ERR_OK;
}

void model_folder_unload(model_folder *folder)
{
    free(folder->memory);
    *folder = (model_folder){.memory = NULL};
}

bool model_folder_has(const model_folder *folder, const char *name)
{
    for (size_t i = 0; i < folder->count; i++) {
        if (strcmp(device_model_name(folder->models[i]), name) == 0) {
            return true;
        }
    }
    return false;
}
