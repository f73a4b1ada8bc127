/* The station without pages (-Dweb=false): the API serves, "/" says what is missing. */
#include "prog/web_files.h"

static const char page[] =
    "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>GridTill</title>"
    "<p>This station was built without its pages (-Dweb=false). The API serves under /api/.</p>"
    "<p lang=\"zh\">本站编译时未包含网页（-Dweb=false）。接口位于 /api/。</p></html>";

const http_file *web_files(size_t *out_count)
{
    static const http_file files[] = {{.path = "/index.html",
                                       .content_type = "text/html; charset=utf-8",
                                       .etag = "\"absent\"",
                                       .data = page,
                                       .len = sizeof page - 1}};
    *out_count = sizeof files / sizeof files[0];
    return files;
}
