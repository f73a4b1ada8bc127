/* The built pages as a list of files. build.mjs wrote the rows, tools/embed the bytes. */
#include "prog/web_files.h"

#include "pages_embedded.h"

static const http_file files[] = {
#define PAGE(symbol, path_, type_, etag_, immutable_) \
    {.path = (path_),                                 \
     .content_type = (type_),                         \
     .etag = (etag_),                                 \
     .data = embedded_##symbol,                       \
     .len = sizeof embedded_##symbol - 1,             \
     .gzip = true,                                    \
     .immutable = (immutable_) != 0},
#include "pages.def"
#undef PAGE
};

const http_file *web_files(size_t *out_count)
{
    *out_count = sizeof files / sizeof files[0];
    return files;
}
