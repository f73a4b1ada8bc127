/**
 * @file ready_file.h
 * @brief The file that tells whoever started a program that it serves now, and where.
 *
 * Layer:   prog.
 */
#ifndef GT_PROG_READY_FILE_H
#define GT_PROG_READY_FILE_H

#include "base/err.h"

/**
 * Write @p text to @p path so that no reader ever sees a part of it (written beside, renamed).
 *
 * @param path NULL: nothing is to be written
 * @param text lines `name=host:port`
 */
GT_CHECKED gt_err ready_file_write(const char *path, const char *text);

#endif
