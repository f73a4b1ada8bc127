/* Roles and rights: the two tables as functions. */
#include "access/role.h"

#include <string.h>

static const struct {
    const char *name;
    const char *zh;
    const char *en;
} roles[] = {
#define ROLE(symbol, name_, zh_, en_) \
    [ACCESS_ROLE_##symbol] = {.name = (name_), .zh = (zh_), .en = (en_)},
#include "access/role.def"
#undef ROLE
};

static const struct {
    const char *name;
    bool allowed[ACCESS_ROLES];
} rights[] = {
#define RIGHT(symbol, name_, administrator, cashier, technician, auditor)                      \
    [ACCESS_RIGHT_##symbol] = {.name = (name_),                                                \
                               .allowed = {[ACCESS_ROLE_ADMINISTRATOR] = (administrator) != 0, \
                                           [ACCESS_ROLE_CASHIER] = (cashier) != 0,             \
                                           [ACCESS_ROLE_TECHNICIAN] = (technician) != 0,       \
                                           [ACCESS_ROLE_AUDITOR] = (auditor) != 0}},
#include "access/right.def"
#undef RIGHT
};

const char *access_role_name(access_role role)
{
    return roles[role].name;
}

const char *access_role_zh(access_role role)
{
    return roles[role].zh;
}

const char *access_role_en(access_role role)
{
    return roles[role].en;
}

gt_err access_role_find(const char *name, access_role *out)
{
    for (unsigned i = 0; i < ACCESS_ROLES; i++) {
        if (strcmp(roles[i].name, name) == 0) {
            *out = (access_role)i;
            return GT_ERR_OK;
        }
    }
    return GT_ERR_NOT_FOUND;
}

const char *access_right_name(access_right right)
{
    return rights[right].name;
}

bool access_allows(access_role role, access_right right)
{
    return rights[right].allowed[role];
}
