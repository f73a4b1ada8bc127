/* `gridtill demo`: the whole chain on this machine. Writes a park's site folder if it is not there,
 * then runs the simulator, two concentrators and the station, each a process of its own, until one
 * of them ends or Ctrl-C. Their logs stand in the site folder. */
#include "prog/arguments.h"
#include "prog/command.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ARGS_MAX = 12, PATH_CAP = PATH_MAX + 64, STOP_WAIT_S = 10 };

typedef struct demo_options {
    const char *dir;
    const char *network;
    const char *base_port;
} demo_options;

typedef struct child {
    const char *name;    /* of the log file */
    const char *program; /* beside this one */
    const char *arguments[ARGS_MAX];
    pid_t pid;
} child;

static int usage(const char *problem)
{
    (void)fprintf(stderr,
                  "gridtill demo: %s\nusage: gridtill demo [--dir DIR] [--network ethernet|gprs] "
                  "[--base-port N]\n",
                  problem);
    return EXIT_USAGE;
}

static int parse_options(int argc, char **argv, demo_options *o)
{
    const argument list[] = {
        {"dir", &o->dir}, {"network", &o->network}, {"base-port", &o->base_port}};
    if (!arguments_read(argc, argv, list, sizeof list / sizeof list[0])) {
        return usage("an option is not known or lacks its value");
    }
    if (strcmp(o->network, "ethernet") != 0 && strcmp(o->network, "gprs") != 0) {
        return usage("--network is ethernet or gprs");
    }
    return EXIT_DONE;
}

/* The folder this program was started from holds the others too. */
static bool program_path(const char *program, char path[PATH_CAP])
{
    char self[PATH_MAX];
    const ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    if (n <= 0) {
        return false;
    }
    self[n] = '\0';
    (void)snprintf(path, PATH_CAP, "%s/%s", dirname(self), program);
    return access(path, X_OK) == 0;
}

/* In the child: log to DIR/NAME.log, standard output stays; die with the parent. */
static _Noreturn void become(const child *c, const char *dir, pid_t parent)
{
    char path[PATH_CAP];
    char log_path[PATH_CAP];
    const char *argv[ARGS_MAX + 2] = {c->program};
    for (int i = 0; i < ARGS_MAX && c->arguments[i] != NULL; i++) {
        argv[i + 1] = c->arguments[i];
    }
    (void)snprintf(log_path, sizeof log_path, "%s/%s.log", dir, c->name);
    const int log_fd = open(log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (log_fd >= 0) {
        (void)dup2(log_fd, STDERR_FILENO);
    }
    sigset_t none;
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() == parent && program_path(c->program, path)) {
        (void)setpgid(0, 0); /* Ctrl-C is handled by the parent */
        (void)execv(path, (char *const *)(uintptr_t)argv);
    }
    (void)fprintf(stderr, "%s cannot be started: %s\n", c->program, strerror(errno));
    _exit(EXIT_FAILED);
}

static bool start(child *c, const char *dir)
{
    const pid_t parent = getpid();
    (void)fflush(stdout);
    c->pid = fork();
    if (c->pid == 0) {
        become(c, dir, parent);
    }
    return c->pid > 0;
}

static int wait_for(pid_t pid)
{
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILED;
}

static bool write_site(const demo_options *o)
{
    char station[PATH_CAP];
    (void)snprintf(station, sizeof station, "%s/station.ini", o->dir);
    if (access(station, F_OK) == 0) {
        return true;
    }
    char above[PATH_CAP];
    (void)snprintf(above, sizeof above, "%s", o->dir);
    (void)mkdir(dirname(above), S_IRWXU); /* the default folder is two deep */
    (void)mkdir(o->dir, S_IRWXU);
    child writer = {.name = "site",
                    .program = "gridtill-sim",
                    .arguments = {"park", "--write-site", o->dir, "--base-port", o->base_port}};
    return start(&writer, o->dir) && wait_for(writer.pid) == 0;
}

/* Waits for a signal to stop or for a child to end. @return the child that ended, or NULL */
static const child *watch(const child *children, size_t count, const sigset_t *signals)
{
    for (;;) {
        int signum = 0;
        if (sigwait(signals, &signum) != 0 || signum != SIGCHLD) {
            return NULL;
        }
        for (size_t i = 0; i < count; i++) {
            if (waitpid(children[i].pid, NULL, WNOHANG) == children[i].pid) {
                return &children[i];
            }
        }
    }
}

static void stop(const child *children, size_t count, const child *ended)
{
    for (size_t i = count; i > 0; i--) {
        const child *c = &children[i - 1];
        if (c->pid > 0 && c != ended) {
            (void)kill(c->pid, SIGTERM);
        }
    }
    (void)alarm(STOP_WAIT_S); /* SIGALRM ends this program, and its end the children */
    for (size_t i = 0; i < count; i++) {
        if (children[i].pid > 0 && &children[i] != ended) {
            (void)wait_for(children[i].pid);
        }
    }
    (void)alarm(0);
}

int demo_main(int argc, char **argv)
{
    demo_options options = {.dir = "run/park", .network = "ethernet", .base_port = "17000"};
    const int bad = parse_options(argc, argv, &options);
    if (bad != EXIT_DONE) {
        return bad;
    }
    sigset_t signals;
    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGINT);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGCHLD);
    (void)sigprocmask(SIG_BLOCK, &signals, NULL);
    if (!write_site(&options) || chdir(options.dir) != 0) {
        (void)fprintf(stderr, "gridtill demo: cannot write the site folder %s\n", options.dir);
        return EXIT_FAILED;
    }
    child children[] = {
        {.name = "sim",
         .program = "gridtill-sim",
         .arguments = {"park", "--site", ".", "--network", options.network}},
        {.name = "box1", .program = "gridtill-concentrator", .arguments = {"--config", "box1.ini"}},
        {.name = "box2", .program = "gridtill-concentrator", .arguments = {"--config", "box2.ini"}},
        {.name = "station",
         .program = "gridtill",
         .arguments = {"serve", "--config", "station.ini"}},
    };
    const size_t count = sizeof children / sizeof children[0];
    (void)printf("GridTill: a park of 257 simulated meters; data and logs in %s; Ctrl-C ends it.\n",
                 options.dir);
    bool running = true;
    for (size_t i = 0; i < count && running; i++) {
        running = start(&children[i], ".");
    }
    const child *ended = running ? watch(children, count, &signals) : NULL;
    stop(children, count, ended);
    if (ended != NULL) {
        (void)fprintf(stderr, "gridtill demo: %s ended by itself; see %s/%s.log\n", ended->program,
                      options.dir, ended->name);
    }
    return running && ended == NULL ? EXIT_DONE : EXIT_FAILED;
}
