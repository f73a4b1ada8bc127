/* DL/T 645-2007: see dlt645_frame.h. */
#include "dlt645_frame.h"

#include "../tests/unit/codec/dlt645/numbers_same.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const edition of = {dlt645_message_decode, dlt645_walk_of, dlt645_describe};
    must(numbers_same(data, size));
    return frame_fuzz(&of, data, size);
}
