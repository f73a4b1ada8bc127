/**
 * @file pages.h
 * @brief The pages built into the program: web/ compressed, or one line that says they are absent.
 *
 * Layer:   adapter. Made by web/meson.build; -Dweb=false leaves the pages out.
 */
#ifndef GT_ADAPTER_HTTP_PAGES_H
#define GT_ADAPTER_HTTP_PAGES_H

#include "port/http.h"

const http_file *http_pages(size_t *out_count);

#endif
