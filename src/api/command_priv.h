/* Commands as JSON; shared by the routes that show them. */
#ifndef GT_API_COMMAND_PRIV_H
#define GT_API_COMMAND_PRIV_H

#include "api/call_priv.h"

/** An array under "commands", newest first. */
GT_CHECKED gt_err command_list_put(json_writer *j, const store_tx *till, int64_t meter_id,
                                   int64_t limit);

#endif
