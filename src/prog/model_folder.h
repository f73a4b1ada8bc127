/**
 * @file model_folder.h
 * @brief The register maps of a folder (*.map) as device models, and text files in whole.
 *
 * Layer:   prog. Complaints go to a stream, with file, line and what was expected.
 */
#ifndef GT_PROG_MODEL_FOLDER_H
#define GT_PROG_MODEL_FOLDER_H

#include "field/device.h"

#include <stdbool.h>
#include <stdio.h>

enum { MODEL_FOLDER_MAX = 16 };

typedef struct model_folder {
    void *memory;
    const device_model *models[MODEL_FOLDER_MAX];
    size_t count;
} model_folder;

/** @return NOT_FOUND no map in it, SPACE too many, IO, MEMORY, or as device_model_load */
GT_CHECKED gt_err model_folder_load(const char *path, int zone_min, FILE *errors,
                                    model_folder *out);
void model_folder_unload(model_folder *folder);
bool model_folder_has(const model_folder *folder, const char *name);

/** The whole file, terminated; NULL after a complaint. The caller frees it. */
char *text_file_read(const char *path, size_t max, FILE *errors, size_t *out_len);

#endif
