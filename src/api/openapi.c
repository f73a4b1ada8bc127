/* The list of routes as an OpenAPI document, made from the same rows that the router uses. */
#include "api/call_priv.h"

#include <stdio.h>
#include <string.h>

typedef struct row {
    const char *method;
    const char *path;
    const char *entry;
    const char *right;
    const char *summary;
} row;

static const row rows[] = {
#define ROUTE(method_, path_, entry_, right_, handler_, summary_) \
    {.method = #method_,                                          \
     .path = (path_),                                             \
     .entry = #entry_,                                            \
     .right = #right_,                                            \
     .summary = (summary_)},
#include "api/route.def"
#undef ROUTE
};

enum { ROWS = sizeof rows / sizeof rows[0] };

static void put_parameters(json_writer *j, const char *path)
{
    if (strstr(path, "{id}") == NULL) {
        return;
    }
    json_writer_array(j, "parameters");
    json_writer_object(j, NULL);
    json_writer_text(j, "name", "id");
    json_writer_text(j, "in", "path");
    json_writer_bool(j, "required", true);
    json_writer_object(j, "schema");
    json_writer_text(j, "type", "integer");
    json_writer_int(j, "minimum", 1);
    json_writer_object_end(j);
    json_writer_object_end(j);
    json_writer_array_end(j);
}

static void put_response(json_writer *j, const char *status, const char *description)
{
    json_writer_object(j, status);
    json_writer_text(j, "description", description);
    json_writer_object_end(j);
}

static void put_operation(json_writer *j, const row *r)
{
    json_writer_object(j, r->method[0] == 'G' ? "get" : "post");
    json_writer_text(j, "summary", r->summary);
    json_writer_text(j, "x-right", r->right);
    if (strcmp(r->entry, "SESSION") == 0) {
        json_writer_array(j, "security");
        json_writer_object(j, NULL);
        json_writer_array(j, "session");
        json_writer_array_end(j);
        json_writer_object_end(j);
        json_writer_array_end(j);
    }
    put_parameters(j, r->path);
    json_writer_object(j, "responses");
    put_response(j, "200", "done");
    put_response(j, "default", "an error object: code, message_zh, message_en, field");
    json_writer_object_end(j);
    json_writer_object_end(j);
}

static void put_scheme(json_writer *j)
{
    json_writer_object(j, "components");
    json_writer_object(j, "securitySchemes");
    json_writer_object(j, "session");
    json_writer_text(j, "type", "apiKey");
    json_writer_text(j, "in", "cookie");
    json_writer_text(j, "name", HTTP_SESSION_COOKIE);
    json_writer_object_end(j);
    json_writer_object_end(j);
    json_writer_object_end(j);
}

void route_openapi(call *c)
{
    json_writer *j = &c->json;
    call_begin(c);
    json_writer_text(j, "openapi", "3.0.3");
    json_writer_object(j, "info");
    json_writer_text(j, "title", "GridTill station");
    json_writer_text(j, "version", "1");
    json_writer_object_end(j);
    json_writer_object(j, "paths");
    for (size_t i = 0; i < ROWS; i++) {
        /* rows of one path stand together */
        if (i == 0 || strcmp(rows[i].path, rows[i - 1].path) != 0) {
            json_writer_object(j, rows[i].path);
        }
        put_operation(j, &rows[i]);
        if (i + 1 == ROWS || strcmp(rows[i].path, rows[i + 1].path) != 0) {
            json_writer_object_end(j);
        }
    }
    json_writer_object_end(j);
    put_scheme(j);
    call_end(c);
}
