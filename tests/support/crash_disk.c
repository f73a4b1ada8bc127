/* Each file holds what programs see (live) and what a crash leaves for certain (durable). A crash
 * picks, for each 512-byte sector that differs between the two, which one survives. */
#include "crash_disk.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

enum { FILES_MAX = 16, NAME_MAX_LEN = 256, SECTOR = 512, FILE_MAX = 64 << 20 };

typedef struct image {
    uint8_t *bytes;
    size_t len;
    size_t cap;
} image;

typedef struct mem_file {
    char name[NAME_MAX_LEN];
    bool exists;
    bool durable_exists;
    image live;
    image durable;
} mem_file;

typedef struct open_file {
    sqlite3_file base;
    mem_file *file;
} open_file;

static struct {
    mem_file files[FILES_MAX];
    uint64_t steps;
    uint64_t crash_step;
    uint64_t sync_fault_step;
    size_t limit;
    bool crashed;
    bool registered;
} disk;

/* Count a step. @return SQLITE_OK, or the error when the power is off; *half: this very step */
static int step(bool *half)
{
    *half = false;
    if (disk.crashed) {
        return SQLITE_IOERR;
    }
    disk.steps++;
    if (disk.steps == disk.crash_step) {
        disk.crashed = true;
        *half = true;
        return SQLITE_IOERR;
    }
    return SQLITE_OK;
}

static bool image_resize(image *img, size_t len)
{
    if (len > FILE_MAX) {
        return false;
    }
    if (len > img->cap) {
        const size_t cap = len * 2;
        uint8_t *bytes = realloc(img->bytes, cap);
        if (bytes == NULL) {
            return false;
        }
        img->bytes = bytes;
        img->cap = cap;
    }
    if (len > img->len) {
        memset(img->bytes + img->len, 0, len - img->len);
    }
    img->len = len;
    return true;
}

static void image_copy(image *to, const image *from)
{
    if (image_resize(to, from->len) && from->len > 0) {
        memcpy(to->bytes, from->bytes, from->len);
    }
}

size_t crash_disk_used(void)
{
    size_t used = 0;
    for (int i = 0; i < FILES_MAX; i++) {
        used += disk.files[i].exists ? disk.files[i].live.len : 0;
    }
    return used;
}

static mem_file *file_find(const char *name)
{
    for (int i = 0; i < FILES_MAX; i++) {
        if (disk.files[i].name[0] != '\0' && strcmp(disk.files[i].name, name) == 0) {
            return &disk.files[i];
        }
    }
    return NULL;
}

static mem_file *file_make(const char *name)
{
    mem_file *file = file_find(name);
    for (int i = 0; file == NULL && i < FILES_MAX; i++) {
        if (disk.files[i].name[0] == '\0') {
            file = &disk.files[i];
            (void)sqlite3_snprintf(NAME_MAX_LEN, file->name, "%s", name);
        }
    }
    if (file != NULL && !file->exists) {
        file->exists = true;
        file->live.len = 0;
    }
    return file;
}

/* ---- methods of an open file ---- */

static int close_file(sqlite3_file *base)
{
    (void)base;
    return SQLITE_OK;
}

static int read_file(sqlite3_file *base, void *out, int n, sqlite3_int64 at)
{
    const image *live = &((open_file *)(void *)base)->file->live;
    if (disk.crashed) {
        return SQLITE_IOERR_READ;
    }
    const size_t from = (size_t)at;
    const size_t have = from < live->len ? live->len - from : 0;
    const size_t take = have < (size_t)n ? have : (size_t)n;
    if (take > 0) {
        memcpy(out, live->bytes + from, take);
    }
    if (take < (size_t)n) {
        memset((uint8_t *)out + take, 0, (size_t)n - take);
        return SQLITE_IOERR_SHORT_READ;
    }
    return SQLITE_OK;
}

static int write_file(sqlite3_file *base, const void *src, int n, sqlite3_int64 at)
{
    image *live = &((open_file *)(void *)base)->file->live;
    bool half = false;
    const int code = step(&half);
    size_t len = (size_t)n;
    if (half) {
        len /= 2;
    } else if (code != SQLITE_OK) {
        return SQLITE_IOERR_WRITE;
    }
    const size_t end = (size_t)at + len;
    const size_t grow = end > live->len ? end - live->len : 0;
    if (!half && disk.limit != 0 && grow > 0 && crash_disk_used() + grow > disk.limit) {
        return SQLITE_FULL;
    }
    if (grow > 0 && !image_resize(live, end)) {
        return SQLITE_FULL;
    }
    memcpy(live->bytes + at, src, len);
    return half ? SQLITE_IOERR_WRITE : SQLITE_OK;
}

static int truncate_file(sqlite3_file *base, sqlite3_int64 size)
{
    bool half = false;
    if (step(&half) != SQLITE_OK) {
        return SQLITE_IOERR_TRUNCATE;
    }
    return image_resize(&((open_file *)(void *)base)->file->live, (size_t)size) ? SQLITE_OK
                                                                                : SQLITE_FULL;
}

static int sync_file(sqlite3_file *base, int flags)
{
    (void)flags;
    mem_file *file = ((open_file *)(void *)base)->file;
    bool half = false;
    if (step(&half) != SQLITE_OK) {
        return SQLITE_IOERR_FSYNC;
    }
    if (disk.sync_fault_step != 0 && disk.steps >= disk.sync_fault_step) {
        return SQLITE_IOERR_FSYNC;
    }
    image_copy(&file->durable, &file->live);
    file->durable_exists = true;
    return SQLITE_OK;
}

static int file_size(sqlite3_file *base, sqlite3_int64 *out)
{
    *out = (sqlite3_int64)((open_file *)(void *)base)->file->live.len;
    return disk.crashed ? SQLITE_IOERR_FSTAT : SQLITE_OK;
}

static int lock_file(sqlite3_file *base, int level)
{
    (void)base;
    (void)level;
    return SQLITE_OK;
}

static int check_lock(sqlite3_file *base, int *out)
{
    (void)base;
    *out = 0;
    return SQLITE_OK;
}

static int file_control(sqlite3_file *base, int op, void *arg)
{
    (void)base;
    (void)op;
    (void)arg;
    return SQLITE_NOTFOUND;
}

static int sector_size(sqlite3_file *base)
{
    (void)base;
    return SECTOR;
}

static int characteristics(sqlite3_file *base)
{
    (void)base;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static const sqlite3_io_methods methods = {
    .iVersion = 1,
    .xClose = close_file,
    .xRead = read_file,
    .xWrite = write_file,
    .xTruncate = truncate_file,
    .xSync = sync_file,
    .xFileSize = file_size,
    .xLock = lock_file,
    .xUnlock = lock_file,
    .xCheckReservedLock = check_lock,
    .xFileControl = file_control,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = characteristics,
};

/* ---- methods of the file system ---- */

static int vfs_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *base, int flags,
                    int *out_flags)
{
    (void)vfs;
    open_file *opened = (open_file *)(void *)base;
    opened->base.pMethods = NULL;
    mem_file *file = file_find(name != NULL ? name : "temporary");
    const bool create = (flags & SQLITE_OPEN_CREATE) != 0;
    if (disk.crashed || ((file == NULL || !file->exists) && !create)) {
        return SQLITE_CANTOPEN;
    }
    file = file_make(name != NULL ? name : "temporary");
    if (file == NULL) {
        return SQLITE_CANTOPEN;
    }
    opened->file = file;
    opened->base.pMethods = &methods;
    if (out_flags != NULL) {
        *out_flags = flags;
    }
    return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync_dir)
{
    (void)vfs;
    (void)sync_dir;
    bool half = false;
    if (step(&half) != SQLITE_OK) {
        return SQLITE_IOERR_DELETE;
    }
    mem_file *file = file_find(name);
    if (file == NULL || !file->exists) {
        return SQLITE_IOERR_DELETE_NOENT;
    }
    file->exists = false;
    file->durable_exists = false;
    file->live.len = 0;
    file->durable.len = 0;
    return SQLITE_OK;
}

static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *out)
{
    (void)vfs;
    (void)flags;
    const mem_file *file = file_find(name);
    *out = file != NULL && file->exists;
    return disk.crashed ? SQLITE_IOERR_ACCESS : SQLITE_OK;
}

static int vfs_full_path(sqlite3_vfs *vfs, const char *name, int cap, char *out)
{
    (void)vfs;
    (void)sqlite3_snprintf(cap, out, "%s", name);
    return SQLITE_OK;
}

static void register_once(void)
{
    static sqlite3_vfs vfs;
    if (disk.registered) {
        return;
    }
    vfs = *sqlite3_vfs_find(NULL); /* random numbers, sleeping and the clock stay the system's */
    vfs.pNext = NULL;
    vfs.szOsFile = (int)sizeof(open_file);
    vfs.zName = CRASH_DISK_NAME;
    vfs.xOpen = vfs_open;
    vfs.xDelete = vfs_delete;
    vfs.xAccess = vfs_access;
    vfs.xFullPathname = vfs_full_path;
    (void)sqlite3_vfs_register(&vfs, 0);
    disk.registered = true;
}

/* ---- faults ---- */

void crash_disk_reset(void)
{
    register_once();
    for (int i = 0; i < FILES_MAX; i++) {
        free(disk.files[i].live.bytes);
        free(disk.files[i].durable.bytes);
    }
    memset(disk.files, 0, sizeof disk.files);
    disk.steps = 0;
    disk.crash_step = 0;
    disk.sync_fault_step = 0;
    disk.limit = 0;
    disk.crashed = false;
}

uint64_t crash_disk_steps(void)
{
    return disk.steps;
}

void crash_disk_crash_at(uint64_t step_number)
{
    disk.crash_step = step_number;
}

void crash_disk_fail_syncs_from(uint64_t step_number)
{
    disk.sync_fault_step = step_number;
}

void crash_disk_limit(size_t bytes)
{
    disk.limit = bytes;
}

bool crash_disk_crashed(void)
{
    return disk.crashed;
}

static uint64_t next_random(uint64_t *seed)
{
    *seed += UINT64_C(0x9E3779B97F4A7C15);
    uint64_t z = *seed;
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

static void survive(mem_file *file, uint64_t *seed)
{
    const bool longer = (next_random(seed) & 1U) != 0;
    const size_t live_len = file->live.len;
    const size_t old_len = file->durable.len;
    if (live_len > old_len && longer) {
        (void)image_resize(&file->durable, live_len);
    }
    const size_t len = file->durable.len;
    for (size_t at = 0; at < len && at < live_len; at += SECTOR) {
        const size_t end = at + SECTOR;
        const size_t n =
            (end < len && end < live_len ? end : (len < live_len ? len : live_len)) - at;
        if ((next_random(seed) & 1U) != 0) {
            memcpy(file->durable.bytes + at, file->live.bytes + at, n);
        }
    }
    if (live_len < old_len && longer) {
        (void)image_resize(&file->durable, live_len); /* the truncation reached the disk */
    }
    image_copy(&file->live, &file->durable);
    file->exists = file->durable_exists || (file->exists && longer);
}

void crash_disk_reboot(uint64_t seed)
{
    for (int i = 0; i < FILES_MAX; i++) {
        if (disk.files[i].exists) {
            survive(&disk.files[i], &seed);
        }
    }
    disk.crash_step = 0;
    disk.sync_fault_step = 0;
    disk.crashed = false;
}
