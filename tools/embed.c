/* Build-time tool: turns files into C arrays. embed OUTPUT.h NAME=FILE ...
 * Each becomes `static const char embedded_NAME[]`, terminated. */
#include <stdio.h>
#include <string.h>

static int embed(FILE *out, const char *name, size_t name_len, const char *path)
{
    FILE *in = fopen(path, "rb");
    if (in == NULL) {
        perror(path);
        return 1;
    }
    unsigned long count = 0;
    (void)fprintf(out, "static const char embedded_%.*s[] = {", (int)name_len, name);
    for (int byte = fgetc(in); byte != EOF; byte = fgetc(in)) {
        (void)fprintf(out, "%s%d,", count % 24 == 0 ? "\n" : "", byte > 127 ? byte - 256 : byte);
        count++;
    }
    (void)fprintf(out, "0};\n");
    return fclose(in) != 0;
}

int main(int argc, char **argv)
{
    FILE *out = argc >= 2 ? fopen(argv[1], "wb") : NULL;
    if (out == NULL) {
        (void)fprintf(stderr, "usage: embed OUTPUT.h NAME=FILE ...\n");
        return 2;
    }
    int failed = 0;
    for (int i = 2; i < argc && failed == 0; i++) {
        const char *equals = strchr(argv[i], '=');
        failed = equals == NULL || embed(out, argv[i], (size_t)(equals - argv[i]), equals + 1) != 0;
    }
    return fclose(out) != 0 || failed != 0 ? 1 : 0;
}
