/* The router: finds the row of route.def, checks session, right and page token, calls the handler.
 * Nothing below this file decides who may do what, except commands, whose right depends on the act.
 */
#include "api/call_priv.h"

#include <stdlib.h>
#include <string.h>

typedef enum entry { ENTRY_OPEN, ENTRY_SESSION } entry;

typedef struct route {
    http_method method;
    const char *path;
    entry entry;
    access_right right;
    route_handler handle;
} route;

static const route routes[] = {
#define ROUTE(method_, path_, entry_, right_, handler_, summary_) \
    {.method = HTTP_##method_,                                    \
     .path = (path_),                                             \
     .entry = ENTRY_##entry_,                                     \
     .right = ACCESS_RIGHT_##right_,                              \
     .handle = (handler_)},
#include "api/route.def"
#undef ROUTE
};

/* "{id}": one to eighteen digits, not zero. @return characters taken, 0 when there is no number */
static size_t take_id(const char *text, int64_t *out)
{
    const size_t len = strspn(text, "0123456789");
    if (len < 1 || len > 18 || strtoll(text, NULL, 10) < 1) {
        return 0;
    }
    *out = strtoll(text, NULL, 10);
    return len;
}

static bool matches(const char *pattern, const char *path, int64_t *out_id)
{
    static const char id_mark[] = "{id}";
    while (*pattern != '\0') {
        if (strncmp(pattern, id_mark, sizeof id_mark - 1) == 0) {
            const size_t len = take_id(path, out_id);
            if (len == 0) {
                return false;
            }
            pattern += sizeof id_mark - 1;
            path += len;
        } else if (*pattern != *path) {
            return false;
        } else {
            pattern++;
            path++;
        }
    }
    return *path == '\0';
}

static bool may_enter(call *c, const route *r)
{
    const http_request *request = c->request;
    if (request->method == HTTP_POST &&
        (request->content_type == NULL || strcmp(request->content_type, "application/json") != 0)) {
        call_fail(c, API_ERROR_MEDIA_TYPE, NULL);
        return false;
    }
    if (r->entry == ENTRY_OPEN) {
        return true;
    }
    const gt_err err = access_check(c->cfg->access, request->session, request->now, &c->session);
    if (err == GT_ERR_AUTH) {
        call_fail(c, API_ERROR_NO_SESSION, NULL);
    } else if (err != GT_ERR_OK) {
        call_fail_err(c, err);
    } else if (request->method == HTTP_POST &&
               !token_csrf_matches(c->session.token, request->csrf)) {
        call_fail(c, API_ERROR_CSRF, NULL);
    } else if (!access_allows(c->session.who.role, r->right)) {
        call_fail(c, API_ERROR_FORBIDDEN, NULL);
    } else {
        return true;
    }
    return false;
}

static void handle(void *ctx, const http_request *request, http_answer *answer)
{
    const api *a = ctx;
    call c = {.cfg = &a->cfg, .request = request, .answer = answer};
    bool path_known = false;
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
        if (!matches(routes[i].path, request->path, &c.id)) {
            continue;
        }
        path_known = true;
        if (routes[i].method == request->method) {
            if (may_enter(&c, &routes[i])) {
                routes[i].handle(&c);
            }
            if (answer->body.failed(answer->body.ctx)) {
                call_fail_err(&c, GT_ERR_SPACE);
            }
            return;
        }
    }
    call_fail(&c, path_known ? API_ERROR_METHOD : API_ERROR_NOT_FOUND, NULL);
}

void api_init(api *out, const api_config *cfg)
{
    *out = (api){.cfg = *cfg};
}

http_app api_app(api *a)
{
    return (http_app){.ctx = a, .handle = handle};
}
