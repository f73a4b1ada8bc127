/* gridtill-sim: a park of meters that run the real firmware core, on lines with real timing; or one
 * such meter alone. */
#include "prog/sim_meter.h"
#include "prog/sim_run.h"

#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { EXIT_USAGE = 2 };

typedef struct arguments {
    const char *site;
    const char *write_site;
    const char *base_port;
    const char *seed;
    const char *speed;
    const char *lines;
    const char *network;
    const char *uplink_to;
    const char *ready_file;
    size_t fault_count;
    const char *fault[SIM_FAULTS_MAX];
} arguments;

static int usage(const char *problem)
{
    (void)fprintf(
        stderr,
        "gridtill-sim: %s\n"
        "usage: gridtill-sim meter ...\n"
        "       gridtill-sim park --write-site DIR [--base-port N] [--seed N]\n"
        "       gridtill-sim park --site DIR [--lines tcp|pty:DIR] [--network ethernet|gprs]\n"
        "           [--speed N] [--seed N] [--uplink-to HOST:PORT] [--ready-file FILE]\n"
        "           [--fault dead:METER_NO|slow:METER_NO:MS|noise:LINE:PERMILLE|cut:LINE]...\n",
        problem);
    return EXIT_USAGE;
}

static bool number_parse(const char *text, uint64_t min, uint64_t max, uint64_t *out)
{
    char *end = NULL;
    errno = 0;
    const unsigned long long value = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || value < min ||
        value > max) {
        return false;
    }
    *out = value;
    return true;
}

static bool host_parse(const char *text, sim_site *out)
{
    const char *colon = strrchr(text, ':');
    uint64_t port = 0;
    if (colon == NULL || (size_t)(colon - text) >= sizeof out->station_host ||
        !number_parse(colon + 1, 1, 65535, &port)) {
        return false;
    }
    memset(out->station_host, 0, sizeof out->station_host);
    memcpy(out->station_host, text, (size_t)(colon - text));
    out->station_port = (uint16_t)port;
    return true;
}

static bool arguments_parse(int argc, char **argv, arguments *a)
{
    static const struct option names[] = {{"site", required_argument, NULL, 's'},
                                          {"write-site", required_argument, NULL, 'w'},
                                          {"base-port", required_argument, NULL, 'b'},
                                          {"seed", required_argument, NULL, 'd'},
                                          {"speed", required_argument, NULL, 'x'},
                                          {"lines", required_argument, NULL, 'l'},
                                          {"network", required_argument, NULL, 'n'},
                                          {"uplink-to", required_argument, NULL, 'u'},
                                          {"ready-file", required_argument, NULL, 'r'},
                                          {"fault", required_argument, NULL, 'f'},
                                          {NULL, 0, NULL, 0}};
    const char **slot[128] = {['s'] = &a->site,    ['w'] = &a->write_site, ['b'] = &a->base_port,
                              ['d'] = &a->seed,    ['x'] = &a->speed,      ['l'] = &a->lines,
                              ['n'] = &a->network, ['u'] = &a->uplink_to,  ['r'] = &a->ready_file};
    for (int c = getopt_long(argc, argv, "", names, NULL); c != -1;
         c = getopt_long(argc, argv, "", names, NULL)) {
        if (c == '?' || (c == 'f' && a->fault_count == SIM_FAULTS_MAX)) {
            return false;
        }
        if (c == 'f') {
            a->fault[a->fault_count++] = optarg;
        } else {
            *slot[c] = optarg;
        }
    }
    return optind == argc;
}

static int write_site(const arguments *a)
{
    uint64_t base = 0;
    uint64_t seed = 0;
    if (!number_parse(a->base_port, 1, SIM_BASE_PORT_MAX, &base)) {
        return usage("--base-port is a port number");
    }
    if (!number_parse(a->seed == NULL ? "1" : a->seed, 0, INT64_MAX, &seed)) {
        return usage("--seed is a whole number");
    }
    if (mkdir(a->write_site, S_IRWXU) != 0 && errno != EEXIST) {
        (void)fprintf(stderr, "gridtill-sim: %s: %s\n", a->write_site, strerror(errno));
        return EXIT_FAILURE;
    }
    return sim_site_write(a->write_site, (uint16_t)base, seed, stderr) == GT_ERR_OK ? EXIT_SUCCESS
                                                                                    : EXIT_FAILURE;
}

/* @return NULL, or what is wrong */
static const char *options_fill(const arguments *a, sim_options *o)
{
    static const char pty[] = "pty:";
    uint64_t speed = 1;
    o->ready_path = a->ready_file;
    o->fault_count = a->fault_count;
    memcpy(o->fault, a->fault, sizeof o->fault);
    if (!number_parse(a->speed, 1, PARK_SPEED_MAX, &speed)) {
        return "--speed is 1 .. 3600";
    }
    o->speed = (uint32_t)speed;
    if (a->seed != NULL && !number_parse(a->seed, 0, INT64_MAX, &o->site.seed)) {
        return "--seed is a whole number";
    }
    if (strncmp(a->lines, pty, sizeof pty - 1) == 0) {
        o->pty_dir = a->lines + sizeof pty - 1;
    } else if (strcmp(a->lines, "tcp") != 0) {
        return "--lines is tcp or pty:DIR";
    }
    const bool gprs = strcmp(a->network, "gprs") == 0;
    if (!gprs && strcmp(a->network, "ethernet") != 0) {
        return "--network is ethernet or gprs";
    }
    o->network = gprs ? network_gprs() : network_ethernet();
    if (a->uplink_to != NULL && !host_parse(a->uplink_to, &o->site)) {
        return "--uplink-to is HOST:PORT";
    }
    return NULL;
}

int main(int argc, char **argv)
{
    arguments a = {.base_port = "17000", .speed = "1", .lines = "tcp", .network = "ethernet"};
    if (argc >= 2 && strcmp(argv[1], "meter") == 0) {
        return sim_meter_main(argc - 1, argv + 1);
    }
    if (argc < 2 || strcmp(argv[1], "park") != 0) {
        return usage("the first word is park or meter");
    }
    if (!arguments_parse(argc - 1, argv + 1, &a)) {
        return usage("an option is not known or lacks its value");
    }
    if (a.write_site != NULL) {
        return write_site(&a);
    }
    if (a.site == NULL) {
        return usage("--site or --write-site is needed");
    }
    sim_options options = {.speed = 1};
    if (sim_site_read(a.site, stderr, &options.site) != GT_ERR_OK) {
        return EXIT_FAILURE;
    }
    const char *problem = options_fill(&a, &options);
    if (problem != NULL) {
        return usage(problem);
    }
    return sim_run(&options) == GT_ERR_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
