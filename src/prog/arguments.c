/* Options by getopt_long; the place in the list is what it returns. */
#include "prog/arguments.h"

#include "base/err.h"

#include <getopt.h>

bool arguments_read(int argc, char **argv, const argument *list, size_t count)
{
    struct option names[ARGUMENTS_MAX + 1] = {{.name = NULL}};
    GT_ASSERT(count <= ARGUMENTS_MAX);
    for (size_t i = 0; i < count; i++) {
        names[i] = (struct option){.name = list[i].name, .has_arg = required_argument};
    }
    int place = 0;
    int got = getopt_long(argc, argv, "", names, &place);
    for (; got == 0; got = getopt_long(argc, argv, "", names, &place)) {
        *list[place].value = optarg;
    }
    return got == -1 && optind == argc;
}
