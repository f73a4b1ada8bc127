/* Pages built into the program: found by path, validated by ETag, cached for a year where the name
 * changes with the content. */
#include "adapter/http/server_priv.h"

#include <string.h>

const http_file *file_find(const http_server *server, const char *path)
{
    /* Pages have no file of their own: the script shows them by path. */
    const char *wanted = strchr(path, '.') == NULL ? "/index.html" : path;
    for (size_t i = 0; i < server->cfg.file_count; i++) {
        if (strcmp(server->cfg.files[i].path, wanted) == 0) {
            return &server->cfg.files[i];
        }
    }
    return NULL;
}

mhd_result file_answer(struct MHD_Connection *conn, const http_file *file)
{
    const char *known =
        MHD_lookup_connection_value(conn, MHD_HEADER_KIND, MHD_HTTP_HEADER_IF_NONE_MATCH);
    const bool same = known != NULL && strcmp(known, file->etag) == 0;
    /* The library wants a writable pointer and never writes: the mode says persistent. */
    union {
        const void *from;
        void *to;
    } data = {.from = file->data};
    struct MHD_Response *response =
        MHD_create_response_from_buffer(same ? 0 : file->len, data.to, MHD_RESPMEM_PERSISTENT);
    if (response == NULL) {
        return MHD_NO;
    }
    exchange_headers(response);
    (void)MHD_add_response_header(response, MHD_HTTP_HEADER_ETAG, file->etag);
    (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL,
                                  file->immutable ? "public, max-age=31536000, immutable"
                                                  : "no-cache");
    if (!same) {
        (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, file->content_type);
        if (file->gzip) {
            (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_ENCODING, "gzip");
        }
    }
    const mhd_result queued =
        MHD_queue_response(conn, same ? MHD_HTTP_NOT_MODIFIED : MHD_HTTP_OK, response);
    MHD_destroy_response(response);
    return queued;
}
