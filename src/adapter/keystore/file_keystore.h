/**
 * @file file_keystore.h
 * @brief The station's master key in a file only its owner may read; meters' keys derive from it.
 *
 * Layer:   adapter, behind port/keystore.h. Any thread.
 * File:    32 hexadecimal digits and a line end, mode 0600 or stricter. Key version 1.
 */
#ifndef GT_ADAPTER_KEYSTORE_FILE_KEYSTORE_H
#define GT_ADAPTER_KEYSTORE_FILE_KEYSTORE_H

#include "port/keystore.h"

typedef struct file_keystore file_keystore;

/**
 * @return NOT_FOUND no such file, FORBIDDEN group or others may read it, SYNTAX not 32 hex digits,
 *         IO, MEMORY
 */
GT_CHECKED gt_err file_keystore_open(const char *path, file_keystore **out);
/** Wipes the key. */
void file_keystore_close(file_keystore *keystore);
gt_keystore file_keystore_port(file_keystore *keystore);

#endif
