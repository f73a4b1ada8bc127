/* What every route does with its request: answers, errors, bodies, query parameters. */
#include "api/call_priv.h"

#include <stdlib.h>
#include <string.h>

static const call_reason errors[] = {
#define ERROR(symbol, status_, code_, zh_, en_) \
    [API_ERROR_##symbol] = {.status = (status_), .code = (code_), .zh = (zh_), .en = (en_)},
#include "api/error.def"
#undef ERROR
};

void call_begin(call *c)
{
    if (c->answer->status == 500) {
        c->answer->status = 200;
    }
    json_writer_init(&c->json, &c->answer->body);
    json_writer_object(&c->json, NULL);
}

void call_end(call *c)
{
    json_writer_object_end(&c->json);
    json_writer_flush(&c->json);
}

void call_fail_reason(call *c, const call_reason *reason)
{
    c->answer->body.reset(c->answer->body.ctx);
    c->answer->status = reason->status;
    c->answer->events = false;
    c->answer->set_cookie[0] = '\0';
    if (reason->status == 503) {
        c->answer->retry_after_s = 1;
    }
    json_writer_init(&c->json, &c->answer->body);
    json_writer_object(&c->json, NULL);
    json_writer_object(&c->json, "error");
    json_writer_text(&c->json, "code", reason->code);
    json_writer_text(&c->json, "message_zh", reason->zh);
    json_writer_text(&c->json, "message_en", reason->en);
    json_writer_text(&c->json, "field", reason->field);
    json_writer_object_end(&c->json);
    json_writer_object_end(&c->json);
    json_writer_flush(&c->json);
}

void call_fail(call *c, api_error error, const char *field)
{
    call_reason reason = errors[error];
    reason.field = field;
    call_fail_reason(c, &reason);
    if (error == API_ERROR_LOGIN_LIMITED) {
        c->answer->retry_after_s = ACCESS_ATTEMPT_WINDOW_MS / 1000;
    }
}

void call_fail_err(call *c, gt_err err)
{
    if (err == GT_ERR_NOT_FOUND) {
        call_fail(c, API_ERROR_NOT_FOUND, NULL);
        return;
    }
    if (err == GT_ERR_BUSY) {
        call_fail(c, API_ERROR_BUSY, NULL);
        return;
    }
    /* whatever else the layers below may say is for the log, not for strangers */
    call_fail(c, err == GT_ERR_FULL ? API_ERROR_DISK_FULL : API_ERROR_INTERNAL, NULL);
    gt_log_event(c->cfg->log, GT_LOG_ERROR, "api.failed", gt_log_str("path", c->request->path),
                 gt_log_str("err", gt_err_name(err)));
}

bool call_form(call *c, form *f, const form_field *fields, size_t count)
{
    static const api_error of_fault[] = {
        [FORM_NO_JSON] = API_ERROR_BAD_JSON,
        [FORM_UNKNOWN_FIELD] = API_ERROR_UNKNOWN_FIELD,
        [FORM_MISSING_FIELD] = API_ERROR_MISSING_FIELD,
        [FORM_BAD_FIELD] = API_ERROR_BAD_FIELD,
    };
    const form_fault fault = form_open(f, c->request->body, c->request->body_len, fields, count);
    if (fault == FORM_OK) {
        return true;
    }
    call_fail(c, of_fault[fault], f->field[0] != '\0' ? f->field : NULL);
    form_close(f);
    return false;
}

const char *call_query(const call *c, const char *name)
{
    for (size_t i = 0; i < c->request->query_count; i++) {
        if (strcmp(c->request->query[i].name, name) == 0) {
            return c->request->query[i].value;
        }
    }
    return NULL;
}

bool call_query_known(call *c, const char *const *names)
{
    for (size_t i = 0; i < c->request->query_count; i++) {
        const char *const *name = names;
        while (*name != NULL && strcmp(*name, c->request->query[i].name) != 0) {
            name++;
        }
        if (*name == NULL) {
            call_fail(c, API_ERROR_BAD_QUERY, c->request->query[i].name);
            return false;
        }
    }
    return true;
}

bool call_query_number(call *c, const char *name, int64_t fallback, int64_t *out)
{
    const char *text = call_query(c, name);
    if (text == NULL) {
        *out = fallback;
        return true;
    }
    if (strlen(text) < 1 || strlen(text) > 18 || strspn(text, "0123456789") != strlen(text) ||
        strtoll(text, NULL, 10) < 1) {
        call_fail(c, API_ERROR_BAD_QUERY, name);
        return false;
    }
    *out = strtoll(text, NULL, 10);
    return true;
}

gt_err call_read_till(call *c, store_work work, void *arg)
{
    return c->cfg->till->read(c->cfg->till->ctx, work, arg);
}

gt_err call_read_readings(call *c, store_work work, void *arg)
{
    return c->cfg->readings->read(c->cfg->readings->ctx, work, arg);
}
