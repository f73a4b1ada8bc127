/* All 257 meters of the park read in one round, by the real line masters on real sockets, against
 * the time the wires themselves need. One loop drives twelve lines; the simulator is a process of
 * its own. The bound is the simulator's own account of the busiest line: bytes, turnarounds as
 * drawn, and 3.5 characters of silence between one exchange and the next.
 *
 * usage: bench_bus [rounds]
 */
#include "adapter/loop/clock.h"
#include "adapter/loop/conn.h"
#include "bus/line.h"
#include "field/device.h"
#include "sim/park.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    MODEL_MEMORY = 1 << 17,
    LINE_MEMORY = 1 << 16,
    ROUNDS_DEFAULT = 3,
    ROUNDS_MAX = 50,
    QUEUE_BYTES = 4096,
    READY_WAIT_MS = 10000,
    ROUND_LIMIT_S = 60,
    TEXT_MAX = 1024,
    PATH_CAP = PATH_MAX + 64,
    DEAD_METER = 10, /* of the list: on line 1, one of the busiest */
    US_SECOND = 1000000,
    GOAL_PERMILLE = 980,
};

typedef struct bench bench;

typedef struct master {
    bench *bench;
    unsigned nth;
    line *line;
    loop_conn conn;
    loop_timer timer;
    unsigned next; /* meter to ask for */
    unsigned end;  /* first meter of the next line */
    gt_mono started;
    gt_mono ended;
} master;

struct bench {
    char programs[PATH_CAP]; /* folder of the programs of this build */
    char dir[PATH_MAX];
    pid_t sim;
    gt_loop *loop;
    gt_arena arena;
    const device_model *model;
    master master[PARK_LINES];
    char place[PARK_LINES][LOOP_PATH_MAX]; /* host:port or device */
    char control[LOOP_PATH_MAX];
    unsigned opened;
    unsigned pending; /* lines that still read */
    unsigned read;
    unsigned silent;
    loop_timer limit;
};

static void die(const char *what)
{
    (void)fprintf(stderr, "bench_bus: %s: %s\n", what, strerror(errno));
    exit(EXIT_FAILURE);
}

static void must(gt_err err, const char *what)
{
    if (err != GT_ERR_OK) {
        (void)fprintf(stderr, "bench_bus: %s: %s\n", what, gt_err_text(err));
        exit(EXIT_FAILURE);
    }
}

static pid_t run(const bench *b, const char *const *args)
{
    char program[2 * PATH_CAP];
    (void)snprintf(program, sizeof program, "%s/gridtill-sim", b->programs);
    const pid_t pid = fork();
    if (pid < 0) {
        die("fork");
    }
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGTERM); /* a bench that dies leaves no park behind */
        (void)execv(program, (char *const *)(uintptr_t)args);
        die(program);
    }
    return pid;
}

static void write_file(const bench *b, const char *name, const char *text)
{
    char path[PATH_CAP];
    (void)snprintf(path, sizeof path, "%s/%s", b->dir, name);
    FILE *file = fopen(path, "we");
    if (file == NULL || fputs(text, file) < 0 || fclose(file) != 0) {
        die(path);
    }
}

/* Lines `name=place` of the simulator's ready file. */
static void ready_read(bench *b)
{
    char path[PATH_CAP];
    char row[TEXT_MAX];
    (void)snprintf(path, sizeof path, "%s/ready", b->dir);
    for (int waited = 0; access(path, R_OK) != 0; waited++) {
        if (waited == READY_WAIT_MS || waitpid(b->sim, NULL, WNOHANG) != 0) {
            errno = ETIMEDOUT;
            die("the simulator does not serve");
        }
        (void)usleep(1000);
    }
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        die(path);
    }
    while (fgets(row, sizeof row, file) != NULL) {
        row[strcspn(row, "\n")] = '\0';
        char *place = strchr(row, '=');
        if (place == NULL) {
            continue;
        }
        *place++ = '\0';
        const unsigned long nth =
            strncmp(row, "line", 4) == 0 ? strtoul(row + 4, NULL, 10) - 1 : PARK_LINES;
        char *to = nth < PARK_LINES ? b->place[nth] : b->control;
        if (nth < PARK_LINES || strcmp(row, "control") == 0) {
            (void)snprintf(to, LOOP_PATH_MAX, "%s", place);
        }
    }
    (void)fclose(file);
}

static void sim_start(bench *b, const char *lines, const char *fault)
{
    char ready[PATH_CAP];
    (void)snprintf(ready, sizeof ready, "%s/ready", b->dir);
    (void)unlink(ready);
    const char *args[] = {"gridtill-sim", "park",    "--site",
                          b->dir,         "--lines", lines,
                          "--ready-file", ready,     fault == NULL ? NULL : "--fault",
                          fault,          NULL};
    b->sim = run(b, args);
    ready_read(b);
}

static void sim_stop(bench *b)
{
    (void)kill(b->sim, SIGTERM);
    (void)waitpid(b->sim, NULL, 0);
}

static uint16_t port_of(const char *place)
{
    const char *colon = strrchr(place, ':');
    return (uint16_t)(colon == NULL ? 0 : strtoul(colon + 1, NULL, 10));
}

/* The simulator's account: bound of every line until now. */
static void bounds_ask(const bench *b, int64_t bound_us[PARK_LINES])
{
    char text[TEXT_MAX] = "";
    const struct sockaddr_in to = {.sin_family = AF_INET,
                                   .sin_port = htons(port_of(b->control)),
                                   .sin_addr = {htonl(INADDR_LOOPBACK)}};
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&to, sizeof to) != 0 ||
        write(fd, "lines\n", 6) != 6) {
        die("control port");
    }
    size_t len = 0;
    while (strchr(text, '\n') == NULL) {
        const ssize_t n = read(fd, text + len, sizeof text - 1 - len);
        if (n <= 0) {
            die("control port");
        }
        len += (size_t)n;
    }
    (void)close(fd);
    const char *at = strchr(text, '[');
    for (unsigned i = 0; i < PARK_LINES && at != NULL; i++) {
        at = strchr(at + 1, '[');
        for (int comma = 0; at != NULL && comma < 3; comma++) {
            at = strchr(at + 1, ',');
        }
        bound_us[i] = at == NULL ? 0 : strtoll(at + 1, NULL, 10);
    }
}

static void master_step(master *m, const line_input *in, gt_mono now);

static void ask_next(master *m)
{
    device_frame frame;
    park_row row;
    if (m->next == m->end) {
        return;
    }
    park_row_of(m->next, &row);
    must(device_status_request(m->bench->model, row.unit, &frame), "request");
    line_request request = {.framing = LINE_MODBUS_RTU,
                            .priority = LINE_COLLECT,
                            .attempts = 1,
                            .cookie = m->next,
                            .len = frame.len};
    memcpy(request.bytes, frame.bytes, frame.len);
    must(line_submit(m->line, &request), "submit");
    m->next++;
}

static void take_outcome(master *m, const line_outcome *o, gt_mono now)
{
    bench *b = m->bench;
    reading got;
    if (o->err == GT_ERR_OK && device_status_parse(b->model, o->reply[0], o->reply, o->len,
                                                   clock_utc(), &got) == GT_ERR_OK) {
        b->read++;
    } else {
        b->silent++;
    }
    m->ended = now;
    ask_next(m);
    if (line_is_idle(m->line)) {
        b->pending--;
        if (b->pending == 0) {
            loop_stop(b->loop);
        }
    }
}

static void master_step(master *m, const line_input *in, gt_mono now)
{
    static const line_input tick = {.event = LINE_TICK};
    line_output out;
    do {
        line_step(m->line, in, now, &out);
        if (out.send != NULL) {
            m->started = m->started.us == 0 ? now : m->started;
            must(loop_send(m->bench->loop, m->conn, out.send, out.send_len), "send");
        }
        if (out.outcome.present) {
            take_outcome(m, &out.outcome, now);
        }
        in = &tick;
    } while (line_deadline(m->line).us <= now.us);
    must(loop_timer_at(m->bench->loop, &m->timer, line_deadline(m->line)), "timer");
}

static void on_timer(void *ctx, gt_mono now)
{
    master_step(ctx, &(line_input){.event = LINE_TICK}, now);
}

static void on_open(void *ctx, loop_conn conn)
{
    master *m = ctx;
    m->conn = conn;
    m->bench->opened++;
    if (m->bench->opened == PARK_LINES) {
        loop_stop(m->bench->loop);
    }
}

static void on_bytes(void *ctx, loop_conn conn, const uint8_t *buf, size_t len)
{
    (void)conn;
    master_step(ctx, &(line_input){LINE_BYTES, buf, len}, clock_mono());
}

static void on_close(void *ctx, loop_conn conn, gt_err why)
{
    (void)ctx;
    (void)conn;
    must(why, "a line was closed");
}

static void on_limit(void *ctx, gt_mono now)
{
    const bench *b = ctx;
    (void)now;
    (void)fprintf(stderr, "bench_bus: a round took more than %d s\n", ROUND_LIMIT_S);
    loop_stop(b->loop);
}

static void line_connect(master *m, bool pty)
{
    static const loop_conn_ops ops = {on_open, on_bytes, on_close};
    bench *b = m->bench;
    if (pty) {
        const loop_serial_cfg cfg = {.path = b->place[m->nth],
                                     .baud = PARK_BAUD,
                                     .stop_bits = 1,
                                     .queue_max = QUEUE_BYTES,
                                     .ops = &ops,
                                     .ctx = m};
        must(loop_serial_open(b->loop, &cfg, &m->conn), b->place[m->nth]);
        b->opened++;
        return;
    }
    const loop_connect_cfg cfg = {.host = "127.0.0.1",
                                  .port = port_of(b->place[m->nth]),
                                  .timeout_ms = READY_WAIT_MS,
                                  .queue_max = QUEUE_BYTES,
                                  .ops = &ops,
                                  .ctx = m};
    must(loop_connect(b->loop, &cfg, &m->conn), b->place[m->nth]);
}

static void lines_open(bench *b, bool pty)
{
    static const loop_cfg limits = {.conns_max = 2 * PARK_LINES, .timers_max = 2 * PARK_LINES};
    static const line_cfg wire = {PARK_BAUD, PARK_CHAR_BITS};
    must(loop_open(&limits, &b->loop), "loop");
    loop_timer_init(&b->limit, on_limit, b);
    b->opened = 0;
    unsigned nth = 0;
    for (unsigned i = 0; i < PARK_LINES; i++) {
        master *m = &b->master[i];
        park_row row;
        *m = (master){.bench = b, .nth = i, .next = nth};
        must(line_create(&b->arena, &wire, &m->line), "line");
        loop_timer_init(&m->timer, on_timer, m);
        line_connect(m, pty);
        for (park_row_of(nth, &row);
             nth < PARK_METERS && (row.terminal - 1) * PARK_LINES_BOX + row.line - 1 == i;
             park_row_of(nth, &row)) {
            nth++;
        }
        m->end = nth;
    }
    if (b->opened < PARK_LINES) {
        loop_run(b->loop);
    }
    for (unsigned i = 0; i < PARK_LINES; i++) {
        master_step(&b->master[i], &(line_input){.event = LINE_OPENED}, clock_mono());
    }
}

/* One round of every line. @return thousandths of the bound reached */
static int64_t round_run(bench *b, const char *name, unsigned round)
{
    int64_t before[PARK_LINES];
    int64_t after[PARK_LINES];
    static const line_cfg wire = {PARK_BAUD, PARK_CHAR_BITS};
    bounds_ask(b, before);
    b->read = 0;
    b->silent = 0;
    b->pending = PARK_LINES;
    const gt_mono begin = clock_mono();
    must(loop_timer_at(b->loop, &b->limit, (gt_mono){begin.us + ROUND_LIMIT_S * US_SECOND}),
         "timer");
    for (unsigned i = 0; i < PARK_LINES; i++) {
        master *m = &b->master[i];
        m->started = (gt_mono){0};
        m->next = i == 0 ? 0 : b->master[i - 1].end;
        ask_next(m);
        master_step(m, &(line_input){.event = LINE_TICK}, clock_mono());
    }
    loop_run(b->loop);
    bounds_ask(b, after);
    int64_t bound_us = 0;
    int64_t took_us = 0;
    for (unsigned i = 0; i < PARK_LINES; i++) {
        const int64_t mine = after[i] - before[i] - line_silence_us(&wire); /* none at the end */
        const int64_t time = b->master[i].ended.us - b->master[i].started.us;
        bound_us = mine > bound_us ? mine : bound_us;
        took_us = time > took_us ? time : took_us;
    }
    const int64_t permille = took_us == 0 ? 0 : bound_us * 1000 / took_us;
    printf("bus: case=%s round=%u meters=%u read=%u silent=%u round_ms=%lld bound_ms=%lld "
           "ratio=%lld.%03lld\n",
           name, round, PARK_METERS, b->read, b->silent, (long long)(took_us / 1000),
           (long long)(bound_us / 1000), (long long)(permille / 1000),
           (long long)(permille % 1000));
    (void)fflush(stdout);
    return permille;
}

static int compare(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a;
    const int64_t y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

/* @return the case reached the goal */
static bool case_run(bench *b, const char *name, const char *fault, unsigned rounds)
{
    int64_t permille[ROUNDS_MAX];
    char lines[PATH_CAP] = "tcp";
    const bool pty = strcmp(name, "pty") == 0;
    const size_t arena_mark = b->arena.used;
    if (pty) {
        (void)snprintf(lines, sizeof lines, "pty:%s", b->dir);
    }
    sim_start(b, lines, fault);
    lines_open(b, pty);
    unsigned read = PARK_METERS;
    for (unsigned i = 0; i < rounds; i++) {
        permille[i] = round_run(b, name, i + 1);
        read = b->read < read ? b->read : read;
    }
    loop_close(b->loop);
    b->arena.used = arena_mark;
    sim_stop(b);
    qsort(permille, rounds, sizeof permille[0], compare);
    const bool complete = read + (fault == NULL ? 0 : 1) == PARK_METERS;
    const bool good = complete && (fault != NULL || permille[rounds / 2] >= GOAL_PERMILLE);
    printf("bus: case=%s median_ratio=0.%03lld goal=%s %s\n", name, (long long)permille[rounds / 2],
           fault == NULL ? "0.980" : "none", good ? "ok" : "SHORT");
    return good;
}

static void model_load(bench *b)
{
    static char text[DEVICE_TEXT_MAX];
    static const char path[] = SOURCE_ROOT "/models/prepaid-3p.map";
    device_fault fault = {0};
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        die(path);
    }
    const size_t len = fread(text, 1, sizeof text, file);
    (void)fclose(file);
    must(device_model_load(&b->arena, text, len, GT_ZONE_CHINA_MIN, &fault, &b->model), path);
}

static void site_write(bench *b)
{
    (void)snprintf(b->dir, sizeof b->dir, "/tmp/gridtill-bench-XXXXXX");
    if (mkdtemp(b->dir) == NULL) {
        die("a temporary folder");
    }
    write_file(b, "master.key", "000102030405060708090a0b0c0d0e0f\n");
    write_file(b, "sim.ini",
               "[sim]\nseed = 1\nmaster_key = master.key\nlines_port = 0\nuplinks_port = 0\n"
               "station = 127.0.0.1:9\ncontrol_port = 0\n");
}

static void site_remove(const bench *b)
{
    char path[PATH_CAP];
    static const char *const names[] = {"master.key", "sim.ini", "ready"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", b->dir, names[i]);
        (void)unlink(path);
    }
    for (unsigned i = 1; i <= PARK_LINES; i++) {
        (void)snprintf(path, sizeof path, "%s/line%02u", b->dir, i);
        (void)unlink(path);
    }
    (void)rmdir(b->dir);
}

int main(int argc, char **argv)
{
    static bench b;
    static uint8_t memory[MODEL_MEMORY + PARK_LINES * LINE_MEMORY];
    char self[PATH_MAX];
    const ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    if (n <= 0) {
        die("/proc/self/exe");
    }
    self[n] = '\0';
    (void)snprintf(b.programs, sizeof b.programs, "%s/../src/prog", dirname(self));
    unsigned rounds = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : ROUNDS_DEFAULT;
    rounds = rounds < 1 || rounds > ROUNDS_MAX ? ROUNDS_DEFAULT : rounds;
    b.arena = gt_arena_of(memory, sizeof memory);
    model_load(&b);
    site_write(&b);
    park_row row;
    char dead[PARK_TEXT_MAX];
    park_row_of(DEAD_METER, &row);
    (void)snprintf(dead, sizeof dead, "dead:%012llu", (unsigned long long)row.meter_no);
    bool good = case_run(&b, "tcp", NULL, rounds);
    good = case_run(&b, "pty", NULL, rounds) && good;
    good = case_run(&b, "dead", dead, rounds) && good;
    site_remove(&b);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
