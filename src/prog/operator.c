/* `gridtill operator`: who may log in. Passwords come from standard input, from a terminal unseen
 * and twice. */
#include "access/access.h"
#include "adapter/log/log.h"
#include "adapter/loop/clock.h"
#include "adapter/password/password.h"
#include "prog/arguments.h"
#include "prog/command.h"
#include "prog/station_db.h"

#include <string.h>
#include <termios.h>

enum { LIST_PAGE = 64, STANDARD_INPUT = 0 };

typedef struct desk {
    const char *action;
    const char *name;
    const char *role;
    access access;
    gt_store store;
} desk;

static const char usage_text[] =
    "usage: gridtill operator list --config FILE\n"
    "       gridtill operator add --config FILE --name NAME --role "
    "administrator|cashier|technician|auditor\n"
    "       gridtill operator password|disable|enable --config FILE --name NAME\n"
    "A password is read from standard input.\n";

static bool at_terminal(struct termios *out)
{
    return tcgetattr(STANDARD_INPUT, out) == 0;
}

static bool read_line(const char *prompt, char out[ACCESS_PASSWORD_MAX + 2])
{
    struct termios was;
    const bool terminal = at_terminal(&was);
    if (terminal) {
        struct termios unseen = was;
        unseen.c_lflag &= ~(tcflag_t)ECHO;
        (void)tcsetattr(STANDARD_INPUT, TCSAFLUSH, &unseen);
        (void)fputs(prompt, stderr);
    }
    const bool got = fgets(out, ACCESS_PASSWORD_MAX + 2, stdin) != NULL;
    if (terminal) {
        (void)tcsetattr(STANDARD_INPUT, TCSAFLUSH, &was);
        (void)fputc('\n', stderr);
    }
    if (got) {
        out[strcspn(out, "\r\n")] = '\0';
    }
    return got;
}

static bool read_password(char out[ACCESS_PASSWORD_MAX + 2])
{
    char again[ACCESS_PASSWORD_MAX + 2];
    struct termios state;
    if (!read_line("Password: ", out)) {
        (void)fputs("gridtill operator: no password on standard input\n", stderr);
        return false;
    }
    if (at_terminal(&state) && (!read_line("Again: ", again) || strcmp(out, again) != 0)) {
        (void)fputs("gridtill operator: the two passwords differ\n", stderr);
        return false;
    }
    return true;
}

static bool find_role(const char *name, access_role *out)
{
    for (unsigned i = 0; name != NULL && i < ACCESS_ROLES; i++) {
        if (strcmp(access_role_name((access_role)i), name) == 0) {
            *out = (access_role)i;
            return true;
        }
    }
    return false;
}

/* What an error means here; the rest has its general text. */
static const char *words(gt_err err)
{
    static const struct {
        gt_err err;
        const char *text;
    } rows[] = {
        {GT_ERR_SYNTAX, "a name is 2 to 32 of a-z, 0-9, dot, underscore, dash"},
        {GT_ERR_RANGE, "a password has 10 to 128 characters, and is neither common nor the name"},
        {GT_ERR_EXISTS, "there is an operator of that name"},
        {GT_ERR_NOT_FOUND, "there is no operator of that name"},
        {GT_ERR_CONFLICT, "nobody would be left to administer the station, or no password was "
                          "ever chosen"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].err == err) {
            return rows[i].text;
        }
    }
    return gt_err_text(err);
}

static gt_err list(const desk *d)
{
    access_operator page[LIST_PAGE];
    char after[ACCESS_NAME_MAX] = "";
    size_t count = LIST_PAGE;
    while (count == LIST_PAGE) {
        GT_TRY(access_operator_list(&d->access, after, page, LIST_PAGE, &count));
        for (size_t i = 0; i < count; i++) {
            (void)printf("%-32s %-14s %s\n", page[i].name, access_role_name(page[i].role),
                         page[i].enabled ? "enabled" : "disabled");
            (void)snprintf(after, sizeof after, "%s", page[i].name);
        }
    }
    return GT_ERR_OK;
}

static gt_err act(const desk *d, const char *password)
{
    access_operator_form form = {.name = d->name, .password = password};
    const gt_utc now = clock_utc();
    if (strcmp(d->action, "list") == 0) {
        return list(d);
    }
    if (strcmp(d->action, "add") == 0) {
        (void)find_role(d->role, &form.role); /* usage has made sure */
        return access_operator_add(&d->access, &form, now);
    }
    if (strcmp(d->action, "password") == 0) {
        return access_operator_password(&d->access, &form, now);
    }
    return access_operator_enable(&d->access, d->name, strcmp(d->action, "enable") == 0, now);
}

static bool usage_right(const desk *d)
{
    static const char *const actions[] = {"list", "add", "password", "disable", "enable"};
    bool known = false;
    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
        known = known || strcmp(actions[i], d->action) == 0;
    }
    access_role role = ACCESS_ROLE_AUDITOR;
    const bool adds = strcmp(d->action, "add") == 0;
    return known && (strcmp(d->action, "list") == 0) == (d->name == NULL) &&
           adds == (d->role != NULL) && (!adds || find_role(d->role, &role));
}

static int run(desk *d, const char *config)
{
    const bool asks = strcmp(d->action, "add") == 0 || strcmp(d->action, "password") == 0;
    char password[ACCESS_PASSWORD_MAX + 2] = "";
    password_pool pool;
    station_db db;
    if ((asks && !read_password(password)) || station_db_open(config, &db) != GT_ERR_OK) {
        return EXIT_FAILED;
    }
    gt_err err = password_pool_init(&pool);
    if (err == GT_ERR_OK) {
        const gt_password argon2 = password_argon2(&pool);
        const gt_random random = random_system();
        log_stderr log_state = {.fd = 2, .lowest = GT_LOG_WARN};
        const gt_log log = log_stderr_of(&log_state);
        d->store = direct_store_port(db.till);
        d->access =
            (access){.store = &d->store, .password = &argon2, .random = &random, .log = &log};
        err = act(d, password);
        password_pool_fini(&pool);
    }
    station_db_close(&db);
    if (err != GT_ERR_OK) {
        (void)fprintf(stderr, "gridtill operator: %s: %s\n", d->name == NULL ? d->action : d->name,
                      words(err));
        return EXIT_FAILED;
    }
    return EXIT_DONE;
}

int operator_main(int argc, char **argv)
{
    const char *config = NULL;
    desk d = {.action = argc > 1 ? argv[1] : ""};
    const argument options[] = {{"config", &config}, {"name", &d.name}, {"role", &d.role}};
    if (argc < 2 ||
        !arguments_read(argc - 1, argv + 1, options, sizeof options / sizeof options[0]) ||
        config == NULL || !usage_right(&d)) {
        (void)fputs(usage_text, stderr);
        return EXIT_USAGE;
    }
    return run(&d, config);
}
