/* The folder is plain files that a person could have written; the ports are neighbours, so that one
 * number moves a whole park. */
#include "prog/sim_site.h"

#include "adapter/config/config.h"
#include "base/hex.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_CAP = PATH_MAX + 300, KEY_TEXT = 2 * METER_KEY_LEN + 1, COPY_BUF = 4096 };

/* What is being written, and the first failure. */
typedef struct writer {
    const char *dir;
    FILE *errors;
    bool failed;
} writer;

static void writer_fail(writer *w, const char *path)
{
    if (!w->failed) {
        (void)fprintf(w->errors, "%s: cannot be written: %s\n", path, strerror(errno));
    }
    w->failed = true;
}

static FILE *writer_open(writer *w, const char *name, mode_t mode)
{
    char path[PATH_CAP];
    const int n = snprintf(path, sizeof path, "%s/%s", w->dir, name);
    if (n < 0 || (size_t)n >= sizeof path) {
        errno = ENAMETOOLONG;
        writer_fail(w, name);
        return NULL;
    }
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
    if (file == NULL) {
        writer_fail(w, path);
    }
    return file;
}

static void writer_close(writer *w, FILE *file, const char *name)
{
    const bool bad = ferror(file) != 0;
    if (fclose(file) != 0 || bad) {
        writer_fail(w, name);
    }
}

static void __attribute__((format(printf, 4, 5)))
write_text(writer *w, const char *name, mode_t mode, const char *form, ...)
{
    FILE *file = writer_open(w, name, mode);
    if (file == NULL) {
        return;
    }
    va_list args;
    va_start(args, form);
    (void)vfprintf(file, form, args); /* ferror is looked at when it is closed */
    va_end(args);
    writer_close(w, file, name);
}

static void write_meters(writer *w)
{
    FILE *file = writer_open(w, "meters.csv", 0644);
    if (file == NULL) {
        return;
    }
    char row[PARK_ROW_MAX];
    park_row_text(PARK_METERS, row);
    (void)fputs(row, file);
    for (unsigned i = 0; i < PARK_METERS; i++) {
        park_row_text(i, row);
        (void)fputs(row, file);
    }
    writer_close(w, file, "meters.csv");
}

static void write_key(writer *w)
{
    uint8_t key[METER_KEY_LEN];
    char text[KEY_TEXT];
    if (getrandom(key, sizeof key, 0) != (ssize_t)sizeof key) {
        writer_fail(w, "master.key");
        return;
    }
    gt_hex_format(key, sizeof key, text, sizeof text);
    write_text(w, "master.key", 0600, "%s\n", text);
    explicit_bzero(key, sizeof key);
    explicit_bzero(text, sizeof text);
}

static void write_station(writer *w, unsigned base)
{
    write_text(w, "station.ini", 0644,
               "; The station of the simulated park.\n"
               "[station]\nname = GridTill park\n\n[store]\ndir = station\n\n"
               "[field]\nlisten = 127.0.0.1:%u\npoll_s = 5\nheartbeat_s = 60\n\n"
               "[http]\nlisten = 127.0.0.1:%u\n\n"
               "[site]\nmeters = meters.csv\nmodels = models\n\n[keys]\nmaster = master.key\n",
               base + SIM_PORT_FIELD, base + SIM_PORT_HTTP);
}

static void write_box(writer *w, unsigned base, unsigned box)
{
    char name[PARK_TEXT_MAX];
    (void)snprintf(name, sizeof name, "box%u.ini", box + 1);
    FILE *file = writer_open(w, name, 0644);
    if (file == NULL) {
        return;
    }
    (void)fprintf(file,
                  "; Field box %u of the simulated park.\n"
                  "[terminal]\naddress = 4401-%04u\n\n"
                  "[uplink]\nhost = 127.0.0.1\nport = %u\nheartbeat_s = 60\n\n"
                  "[meters]\nfile = meters.csv\n\n[models]\ndir = models\n\n"
                  "[store]\ndir = box%u\n\n[collection]\nround_s = 10\n",
                  box + 1, box + 1, base + SIM_PORT_UPLINKS + box, box + 1);
    for (unsigned i = 0; i < PARK_LINES_BOX; i++) {
        (void)fprintf(file, "\n[line %u]\ndevice = tcp:127.0.0.1:%u\nbaud = %d\n", i + 1,
                      base + SIM_PORT_LINES + box * PARK_LINES_BOX + i, PARK_BAUD);
    }
    writer_close(w, file, name);
}

static void write_sim(writer *w, unsigned base, uint64_t seed)
{
    write_text(w, "sim.ini", 0644,
               "; The simulated park: its lines, and the network between boxes and station.\n"
               "[sim]\nhost = 127.0.0.1\nseed = %" PRIu64 "\nmaster_key = master.key\n"
               "lines_port = %u\nuplinks_port = %u\nstation = 127.0.0.1:%u\ncontrol_port = %u\n",
               seed, base + SIM_PORT_LINES, base + SIM_PORT_UPLINKS, base + SIM_PORT_FIELD,
               base + SIM_PORT_CONTROL);
}

static void copy_file(writer *w, const char *from, const char *to)
{
    FILE *in = fopen(from, "re");
    FILE *out = in == NULL ? NULL : writer_open(w, to, 0644);
    if (in == NULL) {
        writer_fail(w, from);
        return;
    }
    char buf[COPY_BUF];
    for (size_t n = fread(buf, 1, sizeof buf, in); out != NULL && n > 0;
         n = fread(buf, 1, sizeof buf, in)) {
        (void)fwrite(buf, 1, n, out);
    }
    (void)fclose(in);
    if (out != NULL) {
        writer_close(w, out, to);
    }
}

/* The models that came with the program: in its source tree or where it was installed. */
static DIR *models_open(char path[PATH_CAP])
{
    static const char *const places[] = {"../share/gridtill/models", "../../../models"};
    char self[PATH_MAX];
    const ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    if (n <= 0) {
        return NULL;
    }
    self[n] = '\0';
    const char *dir = dirname(self);
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        (void)snprintf(path, PATH_CAP, "%s/%s", dir, places[i]);
        DIR *found = opendir(path);
        if (found != NULL) {
            return found;
        }
    }
    return NULL;
}

static gt_err write_models(writer *w)
{
    char from[PATH_CAP];
    char to[PATH_CAP];
    DIR *models = models_open(from);
    if (models == NULL) {
        (void)fprintf(w->errors, "the folder models is not where this program was installed\n");
        return GT_ERR_NOT_FOUND;
    }
    (void)snprintf(to, sizeof to, "%s/models", w->dir);
    if (mkdir(to, 0755) != 0 && errno != EEXIST) {
        writer_fail(w, to);
    }
    for (const struct dirent *e = readdir(models); e != NULL; e = readdir(models)) {
        const char *end = strrchr(e->d_name, '.');
        char path[2 * PATH_CAP];
        if (end == NULL || strcmp(end, ".map") != 0) {
            continue;
        }
        (void)snprintf(path, sizeof path, "%s/%s", from, e->d_name);
        (void)snprintf(to, sizeof to, "models/%s", e->d_name);
        copy_file(w, path, to);
    }
    (void)closedir(models);
    return GT_ERR_OK;
}

gt_err sim_site_write(const char *dir, uint16_t base_port, uint64_t seed, FILE *errors)
{
    writer w = {.dir = dir, .errors = errors};
    GT_TRY(write_models(&w));
    write_meters(&w);
    write_key(&w);
    write_sim(&w, base_port, seed);
    write_station(&w, base_port);
    for (unsigned box = 0; box < PARK_BOXES; box++) {
        write_box(&w, base_port, box);
    }
    return w.failed ? GT_ERR_IO : GT_ERR_OK;
}

static bool key_read(const char *path, uint8_t out[METER_KEY_LEN])
{
    char text[KEY_TEXT + 1] = {0};
    uint8_t key[METER_KEY_LEN];
    size_t len = 0;
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return false;
    }
    const bool got = fgets(text, sizeof text, file) != NULL;
    (void)fclose(file);
    text[strcspn(text, "\r\n")] = '\0';
    if (!got || gt_hex_parse(text, key, sizeof key, &len) != GT_ERR_OK || len != sizeof key) {
        return false;
    }
    memcpy(out, key, sizeof key);
    return true;
}

gt_err sim_site_read(const char *dir, FILE *errors, sim_site *out)
{
    char path[PATH_CAP];
    config *file = NULL;
    sim_site s = {.seed = 0};
    (void)snprintf(path, sizeof path, "%s/sim.ini", dir);
    GT_TRY(config_open(path, &file));
    (void)snprintf(s.host, sizeof s.host, "%s", config_text(file, "sim", "host", "127.0.0.1"));
    s.seed = (uint64_t)config_number(file, "sim", "seed", 0, INT64_MAX, 1);
    s.lines_port = (uint16_t)config_number(file, "sim", "lines_port", 0, SIM_BASE_PORT_MAX, -1);
    s.uplinks_port = (uint16_t)config_number(file, "sim", "uplinks_port", 0, SIM_BASE_PORT_MAX, -1);
    s.control_port = (uint16_t)config_number(file, "sim", "control_port", 0, 65535, -1);
    s.station_port =
        config_address(file, "sim", "station", NULL, s.station_host, sizeof s.station_host);
    config_path(file, "sim", "master_key", NULL, path, sizeof path);
    if (path[0] != '\0' && !key_read(path, s.master)) {
        config_complain(file, "sim", "master_key", "a file with 32 hexadecimal digits");
    }
    const gt_err err = config_finish(file, errors);
    config_close(file);
    if (err == GT_ERR_OK) {
        *out = s;
    }
    return err;
}
