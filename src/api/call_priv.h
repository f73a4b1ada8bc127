/* One request on its way through the routes; shared by the files of api only. */
#ifndef GT_API_CALL_PRIV_H
#define GT_API_CALL_PRIV_H

#include "api/api.h"
#include "api/form.h"
#include "api/json_writer.h"

typedef enum api_error {
#define ERROR(symbol, status, code, zh, en) API_ERROR_##symbol,
#include "api/error.def"
#undef ERROR
} api_error;

typedef struct call {
    const api_config *cfg;
    const http_request *request;
    http_answer *answer;
    access_session session; /* routes that need one */
    int64_t id;             /* {id} of the path */
    json_writer json;
} call;

typedef void (*route_handler)(call *c);

#define ROUTE(method, path, entry, right, handler, summary) void handler(call *c);
#include "api/route.def"
#undef ROUTE

/** Start and end an answer of status 200 (or what was set) with one JSON object. */
void call_begin(call *c);
void call_end(call *c);

/** Forget what was written and answer the error. @p field NULL when no field is at fault. */
void call_fail(call *c, api_error error, const char *field);

typedef struct call_reason {
    int status;
    const char *code;
    const char *zh;
    const char *en;
    const char *field;
} call_reason;
void call_fail_reason(call *c, const call_reason *reason);

/** The answer for a failure that no route expects: NOT_FOUND, BUSY, FULL, else internal (logged).
 */
void call_fail_err(call *c, gt_err err);

/** Parse the body; on a fault the error is answered, the form closed, and false returned. */
bool call_form(call *c, form *f, const form_field *fields, size_t count);

/** Value of a query parameter, or NULL. */
const char *call_query(const call *c, const char *name);
/** Refuse parameters that are not listed (NULL-terminated). */
bool call_query_known(call *c, const char *const *names);
/** A positive whole number; absent gives @p fallback. Answers the error and returns false. */
bool call_query_number(call *c, const char *name, int64_t fallback, int64_t *out);

GT_CHECKED gt_err call_read_till(call *c, store_work work, void *arg);
GT_CHECKED gt_err call_read_readings(call *c, store_work work, void *arg);

#endif
