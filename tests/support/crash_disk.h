/**
 * @file crash_disk.h
 * @brief A file system under SQLite, in memory, that can crash, tear, fill up and lie.
 *
 * Every write, truncation, sync and deletion is counted as one step. What was written since the
 * last sync of a file may be lost at a crash, in any subset of its 512-byte sectors.
 */
#ifndef GT_TESTS_SUPPORT_CRASH_DISK_H
#define GT_TESTS_SUPPORT_CRASH_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Name to give as store_place.option. */
#define CRASH_DISK_NAME "crash-disk"

/** Empty the disk, forget all faults, register the file system on first use. */
void crash_disk_reset(void);
/** Steps done since the reset. */
uint64_t crash_disk_steps(void);
/** The step with this number (counted from the reset) fails, half done, and so does all after it.
 */
void crash_disk_crash_at(uint64_t step);
/** Syncs from this step on fail with an I/O error while other steps work. */
void crash_disk_fail_syncs_from(uint64_t step);
/** Growth beyond this many bytes in all fails with "disk full"; 0 takes the limit away. */
void crash_disk_limit(size_t bytes);
size_t crash_disk_used(void);
bool crash_disk_crashed(void);
/** Power back: unsynced sectors are kept or lost by the seed; faults are cleared. */
void crash_disk_reboot(uint64_t seed);

#endif
