/* A station built without its pages (-Dweb=false) says so. */
#include "adapter/http/pages.h"

static const char text[] = "This station was built without its pages (-Dweb=false). The interface "
                           "under /api/ works.\n本程序构建时未包含网页，/api/ 接口可用。\n";

static const http_file files[] = {
    {.path = "/index.html",
     .content_type = "text/plain; charset=utf-8",
     .etag = "\"no-pages\"",
     .data = text,
     .len = sizeof text - 1},
};

const http_file *http_pages(size_t *out_count)
{
    *out_count = sizeof files / sizeof files[0];
    return files;
}
