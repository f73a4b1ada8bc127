/* Runs one fuzz target over every file of a folder, so the corpus is an ordinary test. Built with
 * REPLAY_PREFIXES it runs every prefix of each short file too: where an input ends is what a
 * decoder must always see. */
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INPUT_MAX = 1 << 20, PATH_MAX_LEN = 1024, PREFIXED_MAX = 600 };

#ifdef REPLAY_PREFIXES
static const bool prefixes = true;
#else
static const bool prefixes = false;
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The input is copied into memory of exactly its size, so that a read past its end is seen. */
static int replay(const uint8_t *buf, size_t len)
{
    uint8_t *exact = malloc(len > 0 ? len : 1);
    if (exact == NULL) {
        return 1;
    }
    memcpy(exact, buf, len);
    (void)LLVMFuzzerTestOneInput(exact, len);
    free(exact);
    return 0;
}

static int replay_file(const char *path)
{
    static uint8_t buf[INPUT_MAX];
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        return 1;
    }
    const size_t len = fread(buf, 1, sizeof buf, file);
    (void)fclose(file);
    int failed = replay(buf, len);
    for (size_t prefix = 0; prefixes && len <= PREFIXED_MAX && prefix < len; prefix++) {
        failed |= replay(buf, prefix);
    }
    return failed;
}

int main(int argc, char **argv)
{
    DIR *dir = argc == 2 ? opendir(argv[1]) : NULL;
    if (dir == NULL) {
        (void)fprintf(stderr, "usage: replay CORPUS_FOLDER (which must exist)\n");
        return 2;
    }
    unsigned count = 0;
    int failed = 0;
    for (const struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        char path[PATH_MAX_LEN];
        (void)snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name);
        if (entry->d_name[0] != '.') {
            failed |= replay_file(path);
            count++;
        }
    }
    (void)closedir(dir);
    printf("%u inputs replayed\n", count);
    return failed != 0 || count == 0 ? 1 : 0;
}
