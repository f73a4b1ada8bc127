/* Commands to a room's meter: into the outbox once, however often the button was pressed. */
#include "api/command_priv.h"

#include "api/pick_priv.h"
#include "vending/command.h"

#include <stdio.h>
#include <string.h>

enum {
    KEY_MIN = 8,
    KEY_KEEP_MS = 7 * 86400000, /* nobody presses a button again after a week */
};

static void put_act(json_writer *j, const char *act_name)
{
    vending_act act;
    json_writer_text(j, "act", act_name);
    if (vending_act_find(act_name, &act) == GT_ERR_OK) {
        json_writer_text(j, "act_zh", vending_act_zh(act));
        json_writer_text(j, "act_en", vending_act_en(act));
    }
}

gt_err command_list_put(json_writer *j, const store_tx *till, int64_t meter_id, int64_t limit)
{
    store_rows rows = store_rows_open(till, STMT_API_COMMANDS,
                                      STORE_PARAMS(store_int(meter_id), store_int(limit)));
    json_writer_array(j, "commands");
    while (store_rows_next(&rows)) {
        json_writer_object(j, NULL);
        json_writer_int(j, "id", store_rows_int(&rows, 0));
        put_act(j, store_rows_text(&rows, 1));
        json_writer_text(j, "state", store_rows_text(&rows, 2));
        json_writer_int(j, "created_ms", store_rows_int(&rows, 3));
        json_writer_int(j, "expires_ms", store_rows_int(&rows, 4));
        json_writer_text(j, "operator", store_rows_text(&rows, 5));
        json_writer_text(j, "result", store_rows_text(&rows, 6));
        json_writer_object_end(j);
    }
    json_writer_array_end(j);
    return store_rows_close(&rows);
}

typedef struct asked {
    const char *key;
    vending_command_request_args args;
    supply_reason reason;
    bool replayed;
    int64_t command_id;
    char state[16];
} asked;

/* A key that is known: the same command again, or another one under a used key. */
static gt_err find_key(const store_tx *tx, asked *a, bool *out_known)
{
    store_rows rows =
        store_rows_open(tx, STMT_API_COMMAND_KEY_FIND, STORE_PARAMS(store_text(a->key)));
    const bool known = store_rows_next(&rows);
    bool same = false;
    if (known) {
        same = store_rows_int(&rows, 1) == a->args.meter_id &&
               strcmp(store_rows_text(&rows, 2), vending_act_name(a->args.act)) == 0;
        a->command_id = store_rows_int(&rows, 0);
        (void)snprintf(a->state, sizeof a->state, "%s", store_rows_text(&rows, 3));
    }
    GT_TRY(store_rows_close(&rows));
    *out_known = known;
    return known && !same ? GT_ERR_EXISTS : GT_ERR_OK;
}

static gt_err ask_work(const store_tx *tx, void *arg)
{
    asked *a = arg;
    vending_command command;
    a->reason = SUPPLY_ALLOWED;
    GT_TRY(find_key(tx, a, &a->replayed));
    if (a->replayed) {
        return GT_ERR_OK;
    }
    GT_TRY(vending_command_request(tx, &a->args, &a->reason, &command));
    a->command_id = command.id;
    (void)snprintf(a->state, sizeof a->state, "%s", vending_command_state_name(command.state));
    GT_TRY(store_run(tx, STMT_API_COMMAND_KEY_PURGE,
                     STORE_PARAMS(store_int(a->args.now.ms - KEY_KEEP_MS)), NULL));
    return store_run(
        tx, STMT_API_COMMAND_KEY_ADD,
        STORE_PARAMS(store_text(a->key), store_int(command.id), store_int(a->args.now.ms)), NULL);
}

static access_right right_of(vending_act act)
{
    switch (act) {
    case VENDING_ACT_RESTORE:
        return ACCESS_RIGHT_RESTORE;
    case VENDING_ACT_CUT:
        return ACCESS_RIGHT_CUT;
    case VENDING_ACT_PROTECT:
    case VENDING_ACT_UNPROTECT:
        return ACCESS_RIGHT_PROTECT;
    case VENDING_ACT_READ:
        return ACCESS_RIGHT_READ;
    case VENDING_ACT_CREDIT:
        break;
    }
    return ACCESS_RIGHT_NONE;
}

static void put_outcome(call *c, gt_err err, const asked *a)
{
    if (err == GT_ERR_OK) {
        c->cfg->wake(c->cfg->ctx);
        c->answer->status = a->replayed ? 200 : 201;
        call_begin(c);
        json_writer_bool(&c->json, "replayed", a->replayed);
        json_writer_object(&c->json, "command");
        json_writer_int(&c->json, "id", a->command_id);
        put_act(&c->json, vending_act_name(a->args.act));
        json_writer_text(&c->json, "state", a->state);
        json_writer_object_end(&c->json);
        call_end(c);
    } else if (err == GT_ERR_EXISTS) {
        call_fail(c, API_ERROR_KEY_REUSED, "key");
    } else if (err == GT_ERR_CONFLICT && a->reason != SUPPLY_ALLOWED) {
        const call_reason said = {.status = 409,
                                  .code = supply_reason_name(a->reason),
                                  .zh = supply_reason_zh(a->reason),
                                  .en = supply_reason_en(a->reason)};
        call_fail_reason(c, &said);
    } else {
        call_fail_err(c, err);
    }
}

static void ask(call *c, const form *f)
{
    asked a = {.key = f->value[1].text};
    pick p = {.room_id = c->id, .meter_id = f->value[2].id};
    vending_act act = VENDING_ACT_CREDIT;
    if (vending_act_find(f->value[0].text, &act) != GT_ERR_OK || act == VENDING_ACT_CREDIT) {
        call_fail(c, API_ERROR_BAD_FIELD, "command");
        return;
    }
    if (!access_allows(c->session.who.role, right_of(act))) {
        call_fail(c, API_ERROR_FORBIDDEN, NULL);
        return;
    }
    if (strlen(a.key) < KEY_MIN) {
        call_fail(c, API_ERROR_BAD_FIELD, "key");
        return;
    }
    if (!pick_or_fail(c, &p)) {
        return;
    }
    a.args = (vending_command_request_args){
        .meter_id = p.meter_id,
        .act = act,
        .operator_name = c->session.who.name,
        .reading_known = p.read,
        .reading_taken = p.latest.values.taken,
        .meter_protected = reading_get(&p.latest.values, ITEM_PROTECTED) != 0,
        .clock_trusted = c->cfg->clock_trusted(c->cfg->ctx),
        .now = c->request->now,
    };
    const gt_err err = store_write(c->cfg->till, ask_work, &a);
    put_outcome(c, err, &a);
}

void route_command_add(call *c)
{
    static const form_field fields[] = {
        {.name = "command", .text_max = 16},
        {.name = "key", .text_max = VENDING_KEY_MAX - 1},
        {.name = "meter_id", .type = FORM_ID, .optional = true},
    };
    form f;
    if (call_form(c, &f, fields, sizeof fields / sizeof fields[0])) {
        ask(c, &f);
        form_close(&f);
    }
}
