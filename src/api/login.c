/* First start, login, logout, who am I. */
#include "api/call_priv.h"

#include <stdio.h>

enum { TEXT_MAX = 256 }; /* access decides what is too long; this only bounds the work */

static void put_me(call *c)
{
    char csrf[TOKEN_CSRF_MAX];
    const access_role role = c->session.who.role;
    if (token_csrf(c->session.token, csrf) != GT_ERR_OK) {
        call_fail_err(c, GT_ERR_INTERNAL);
        return;
    }
    call_begin(c);
    json_writer_text(&c->json, "name", c->session.who.name);
    json_writer_text(&c->json, "role", access_role_name(role));
    json_writer_text(&c->json, "role_zh", access_role_zh(role));
    json_writer_text(&c->json, "role_en", access_role_en(role));
    json_writer_array(&c->json, "rights");
    for (unsigned i = ACCESS_RIGHT_BOARD; i < ACCESS_RIGHTS; i++) {
        if (access_allows(role, (access_right)i)) {
            json_writer_text(&c->json, NULL, access_right_name((access_right)i));
        }
    }
    json_writer_array_end(&c->json);
    json_writer_text(&c->json, "csrf", csrf);
    json_writer_int(&c->json, "expires_ms", c->session.expires.ms);
    call_end(c);
}

static void set_cookie(call *c, const char *token, int64_t life_s)
{
    (void)snprintf(c->answer->set_cookie, sizeof c->answer->set_cookie,
                   "%s=%s; Path=/; HttpOnly; SameSite=Strict; Max-Age=%lld%s", HTTP_SESSION_COOKIE,
                   token, (long long)life_s, c->cfg->cookie_secure ? "; Secure" : "");
}

static void welcome(call *c, const access_session *session)
{
    c->session = *session;
    put_me(c);
    if (c->answer->status == 200) {
        set_cookie(c, session->token, ACCESS_SESSION_LIFE_MS / 1000);
    }
}

void route_start(call *c)
{
    bool pending = false;
    const gt_err err = access_setup_pending(c->cfg->access, &pending);
    if (err != GT_ERR_OK) {
        call_fail_err(c, err);
        return;
    }
    call_begin(c);
    json_writer_bool(&c->json, "setup_pending", pending);
    call_end(c);
}

void route_setup(call *c)
{
    static const form_field fields[] = {{.name = "token", .text_max = TEXT_MAX},
                                        {.name = "name", .text_max = TEXT_MAX},
                                        {.name = "password", .text_max = TEXT_MAX}};
    form f;
    access_session session;
    if (!call_form(c, &f, fields, 3)) {
        return;
    }
    const access_setup_form wanted = {.token = f.value[0].text,
                                      .name = f.value[1].text,
                                      .password = f.value[2].text,
                                      .peer = c->request->peer};
    const gt_err err = access_setup_finish(c->cfg->access, &wanted, c->request->now, &session);
    if (err == GT_ERR_OK) {
        welcome(c, &session);
    } else if (err == GT_ERR_AUTH) {
        call_fail(c, API_ERROR_SETUP_LINK, "token");
    } else if (err == GT_ERR_SYNTAX) {
        call_fail(c, API_ERROR_BAD_NAME, "name");
    } else if (err == GT_ERR_RANGE) {
        call_fail(c, API_ERROR_WEAK_PASSWORD, "password");
    } else {
        call_fail_err(c, err);
    }
    form_close(&f);
}

void route_login(call *c)
{
    static const form_field fields[] = {{.name = "name", .text_max = TEXT_MAX},
                                        {.name = "password", .text_max = TEXT_MAX}};
    form f;
    access_session session;
    if (!call_form(c, &f, fields, 2)) {
        return;
    }
    const access_login_form wanted = {
        .name = f.value[0].text, .password = f.value[1].text, .peer = c->request->peer};
    const gt_err err = access_login(c->cfg->access, &wanted, c->request->now, &session);
    if (err == GT_ERR_OK) {
        welcome(c, &session);
    } else if (err == GT_ERR_AUTH) {
        call_fail(c, API_ERROR_LOGIN_WRONG, NULL);
    } else if (err == GT_ERR_TIMEOUT) {
        call_fail(c, API_ERROR_LOGIN_LIMITED, NULL);
    } else {
        call_fail_err(c, err);
    }
    form_close(&f);
}

void route_logout(call *c)
{
    form f;
    if (!call_form(c, &f, NULL, 0)) {
        return;
    }
    form_close(&f);
    const gt_err err = access_logout(c->cfg->access, c->session.token);
    if (err != GT_ERR_OK) {
        call_fail_err(c, err);
        return;
    }
    call_begin(c);
    call_end(c);
    set_cookie(c, "", 0);
}

void route_me(call *c)
{
    put_me(c);
}
