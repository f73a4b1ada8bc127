/**
 * @file web_files.h
 * @brief The pages built into the station. Two files make it: the built web/ folder, or (with
 *        -Dweb=false) one page that says that there are none.
 *
 * Layer:   prog.
 */
#ifndef GT_PROG_WEB_FILES_H
#define GT_PROG_WEB_FILES_H

#include "port/http.h"

/** Lives as long as the program. */
const http_file *web_files(size_t *out_count);

#endif
