/**
 * @file site.h
 * @brief What a configuration points to: the meter list and the device models, read and checked.
 *
 * Layer:   prog.
 */
#ifndef GT_PROG_SITE_H
#define GT_PROG_SITE_H

#include "prog/model_folder.h"
#include "prog/station_config.h"
#include "registry/meter_list.h"

typedef struct site {
    void *list_memory;
    meter_list meters;
    model_folder models;
} site;

/**
 * Load every *.map of the models folder and the meter list; each row's model must be there.
 * Complaints go to @p errors with file, line and what was expected.
 */
GT_CHECKED gt_err site_load(const station_config *cfg, FILE *errors, site *out);
void site_unload(site *s);

#endif
