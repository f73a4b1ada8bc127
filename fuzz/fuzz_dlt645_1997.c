/* DL/T 645-1997: see dlt645_frame.h. Also: what is told about the edition never goes wrong. */
#include "dlt645_frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const edition of = {dlt645_1997_message_decode, dlt645_1997_walk_of,
                               dlt645_1997_describe};
    (void)dlt645_1997_likely(data, size);
    return frame_fuzz(&of, data, size);
}
