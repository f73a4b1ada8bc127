#include "test_place.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* A place points at its schema's name, so the names of the places in use at once stay apart. */
enum { NAMES = 8, NAME_CAP = 32 };

store_place test_place(store_db db)
{
    static char names[NAMES][NAME_CAP];
    static unsigned made;
    const char *server = getenv("GRIDTILL_TEST_POSTGRES");
    if (server == NULL) {
        return (store_place){.engine = &sqlite_engine, .db = db, .target = ":memory:"};
    }
    char *name = names[made % NAMES];
    (void)snprintf(name, NAME_CAP, "t%ld_%u", (long)getpid(), made++);
    return (store_place){.engine = &postgres_engine, .db = db, .target = server, .option = name};
}
