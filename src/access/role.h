/**
 * @file role.h
 * @brief Roles and rights: role.def and right.def as functions.
 *
 * Layer:   service. Pure.
 */
#ifndef GT_ACCESS_ROLE_H
#define GT_ACCESS_ROLE_H

#include "base/err.h"

#include <stdbool.h>

typedef enum access_role {
#define ROLE(symbol, name, zh, en) ACCESS_ROLE_##symbol,
#include "access/role.def"
#undef ROLE
} access_role;

enum { ACCESS_ROLES = ACCESS_ROLE_AUDITOR + 1 };

typedef enum access_right {
#define RIGHT(symbol, name, administrator, cashier, technician, auditor) ACCESS_RIGHT_##symbol,
#include "access/right.def"
#undef RIGHT
} access_right;

enum { ACCESS_RIGHTS = ACCESS_RIGHT_PROTECT + 1 };

const char *access_role_name(access_role role);
const char *access_role_zh(access_role role);
const char *access_role_en(access_role role);
/** @return NOT_FOUND */
GT_CHECKED gt_err access_role_find(const char *name, access_role *out);
const char *access_right_name(access_right right);
bool access_allows(access_role role, access_right right);

#endif
