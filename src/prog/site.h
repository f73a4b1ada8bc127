/**
 * @file site.h
 * @brief What a configuration points to: the meter list and the device models, read and checked.
 *
 * Layer:   prog.
 */
#ifndef GT_PROG_SITE_H
#define GT_PROG_SITE_H

#include "field/device.h"
#include "prog/station_config.h"
#include "registry/meter_list.h"

enum { SITE_MODELS_MAX = 32 };

typedef struct site {
    void *list_memory;
    void *model_memory;
    meter_list meters;
    const device_model *models[SITE_MODELS_MAX];
    size_t model_count;
} site;

/**
 * Load every *.map of the models folder and the meter list; each row's model must be there.
 * Complaints go to @p errors with file, line and what was expected.
 */
GT_CHECKED gt_err site_load(const station_config *cfg, FILE *errors, site *out);
void site_unload(site *s);

#endif
