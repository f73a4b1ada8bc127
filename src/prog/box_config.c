/* A field box's keys, each asked for once. */
#include "prog/box_config.h"

#include "adapter/config/config.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    ZONE_LIMIT_MIN = 14 * 60,
    REGION_DIGITS = 4,
    TERMINAL_MAX = 9999, /* four digits in meter lists */
    NAME_LEN = 9,        /* "4401-0001" */
    SECTION_MAX = 16,
    PORT_MAX = 65535,
};

static bool host_numeric(const char *host)
{
    struct in6_addr addr;
    return inet_pton(AF_INET, host, &addr) == 1 || inet_pton(AF_INET6, host, &addr) == 1;
}

static bool copy_text(char *out, size_t cap, const char *text)
{
    const size_t len = strlen(text);
    if (len >= cap) {
        return false;
    }
    memcpy(out, text, len + 1);
    return true;
}

/* "4401-0001": the region's digits are kept as they stand (BCD on the wire), the number is not. */
static bool terminal_parse(const char *text, gdw1376_addr *out)
{
    unsigned region = 0;
    unsigned number = 0;
    if (strlen(text) != NAME_LEN || text[REGION_DIGITS] != '-') {
        return false;
    }
    for (size_t i = 0; i < NAME_LEN; i++) {
        if (i == REGION_DIGITS) {
            continue;
        }
        if (text[i] < '0' || text[i] > '9') {
            return false;
        }
        const unsigned digit = (unsigned)(text[i] - '0');
        if (i < REGION_DIGITS) {
            region = region << 4 | digit;
        } else {
            number = number * 10 + digit;
        }
    }
    if (number == 0 || number > TERMINAL_MAX) {
        return false;
    }
    *out = (gdw1376_addr){.region = (uint16_t)region, .terminal = (uint16_t)number};
    return true;
}

static void read_terminal(config *file, box_config *out)
{
    const char *address = config_text(file, "terminal", "address", NULL);
    if (address[0] != '\0' && (!terminal_parse(address, &out->addr) ||
                               !copy_text(out->name, sizeof out->name, address))) {
        config_complain(file, "terminal", "address",
                        "region and number such as 4401-0001, the number not 0000");
    }
    out->zone_min = (int)config_number(file, "terminal", "zone_min", -ZONE_LIMIT_MIN,
                                       ZONE_LIMIT_MIN, GT_ZONE_CHINA_MIN);
}

static void read_host(config *file, const char *key, const char *fallback, box_host_config *out)
{
    const char *host = config_text(file, "uplink", key, fallback);
    if (host[0] != '\0' && (!host_numeric(host) || !copy_text(out->host, sizeof out->host, host))) {
        config_complain(file, "uplink", key, "a numeric IPv4 or IPv6 address");
    }
}

static void read_uplink(config *file, box_config *out)
{
    read_host(file, "host", NULL, &out->host[0]);
    out->host[0].port = (uint16_t)config_number(file, "uplink", "port", 1, PORT_MAX, -1);
    read_host(file, "spare_host", "", &out->host[1]);
    out->hosts = out->host[1].host[0] == '\0' ? 1 : 2;
    out->host[1].port =
        (uint16_t)config_number(file, "uplink", "spare_port", 1, PORT_MAX, out->host[0].port);
    out->heartbeat_s =
        (uint32_t)config_number(file, "uplink", "heartbeat_s", CONCENTRATOR_HEARTBEAT_MIN_S,
                                CONCENTRATOR_HEARTBEAT_MAX_S, 60);
}

/* "tcp:HOST:PORT", "serial:/dev/ttyS1", or just the path. */
static bool device_parse(const char *text, box_line_config *out)
{
    static const char tcp[] = "tcp:";
    static const char serial[] = "serial:";
    if (strncmp(text, tcp, sizeof tcp - 1) != 0) {
        const bool named = strncmp(text, serial, sizeof serial - 1) == 0;
        const char *path = named ? text + sizeof serial - 1 : text;
        out->device = BOX_DEVICE_SERIAL;
        return path[0] == '/' && copy_text(out->path, sizeof out->path, path);
    }
    const char *host = text + sizeof tcp - 1;
    const char *colon = strrchr(host, ':');
    const size_t host_len = colon == NULL ? 0 : (size_t)(colon - host);
    char *end = NULL;
    const long port = colon == NULL ? 0 : strtol(colon + 1, &end, 10);
    if (host_len == 0 || host_len >= sizeof out->host || port < 1 || port > PORT_MAX ||
        *end != '\0') {
        return false;
    }
    memcpy(out->host, host, host_len);
    out->host[host_len] = '\0';
    out->port = (uint16_t)port;
    out->device = BOX_DEVICE_TCP;
    return host_numeric(out->host);
}

static uint32_t read_baud(config *file, const char *section)
{
    static const uint32_t bauds[] = {300, 600, 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200};
    static const char choices[] = "300|600|1200|2400|4800|9600|19200|38400|57600|115200";
    return bauds[config_choice(file, section, "baud", choices, "9600")];
}

static void read_line(config *file, unsigned number, box_line_config *out)
{
    char section[SECTION_MAX];
    (void)snprintf(section, sizeof section, "line %u", number);
    if (!config_has_section(file, section)) {
        return;
    }
    const char *device = config_text(file, section, "device", NULL);
    if (device[0] != '\0' && !device_parse(device, out)) {
        config_complain(file, section, "device",
                        "tcp:ADDRESS:PORT with a numeric address, serial:/dev/NAME, or the path of "
                        "a pseudo-terminal");
    }
    out->baud = read_baud(file, section);
    out->parity = (box_parity)config_choice(file, section, "parity", "none|even|odd", "none");
    out->stop_bits = (uint8_t)config_number(file, section, "stop_bits", 1, 2, 1);
    if (!copy_text(out->model, sizeof out->model, config_text(file, section, "model", ""))) {
        config_complain(file, section, "model", "the name of a meter model");
    }
}

static void read_keys(config *file, box_config *out)
{
    unsigned lines = 0;
    read_terminal(file, out);
    read_uplink(file, out);
    for (unsigned i = 0; i < BOX_LINES_MAX; i++) {
        read_line(file, i + 1, &out->lines[i]);
        lines += out->lines[i].baud != 0 ? 1 : 0;
    }
    if (lines == 0) {
        config_complain(file, "line 1", "device", "at least one line, [line 1] .. [line 12]");
    }
    config_path(file, "meters", "file", NULL, out->meters_path, sizeof out->meters_path);
    config_path(file, "models", "dir", NULL, out->models_dir, sizeof out->models_dir);
    config_path(file, "store", "dir", NULL, out->store_dir, sizeof out->store_dir);
    out->round_s =
        (uint32_t)config_number(file, "collection", "round_s", 0, CONCENTRATOR_ROUND_MAX_S, 30);
}

gt_err box_config_read(const char *path, FILE *errors, box_config *out)
{
    config *file = NULL;
    GT_TRY(config_open(path, &file));
    box_config *read = calloc(1, sizeof *read);
    gt_err err = read == NULL ? GT_ERR_MEMORY : GT_ERR_OK;
    if (err == GT_ERR_OK) {
        read_keys(file, read);
        err = config_finish(file, errors);
    }
    config_close(file);
    if (err == GT_ERR_OK) {
        *out = *read;
    }
    free(read);
    return err;
}
