/* Written beside its place and renamed into it: the name appears with its whole content. */
#include "prog/ready_file.h"

#include <limits.h>
#include <stdio.h>

gt_err ready_file_write(const char *path, const char *text)
{
    char beside[PATH_MAX];
    if (path == NULL) {
        return GT_ERR_OK;
    }
    if (snprintf(beside, sizeof beside, "%s.new", path) >= (int)sizeof beside) {
        return GT_ERR_SPACE;
    }
    FILE *file = fopen(beside, "we");
    if (file == NULL) {
        return GT_ERR_IO;
    }
    const int written = fputs(text, file);
    if (fclose(file) != 0 || written < 0 || rename(beside, path) != 0) {
        (void)remove(beside); /* it may not be there */
        return GT_ERR_IO;
    }
    return GT_ERR_OK;
}
