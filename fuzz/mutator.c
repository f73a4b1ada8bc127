/* libFuzzer's own mutation, then frames put right most of the time: as one whole frame, from one of
 * the first bytes on since some targets read a few bytes of their own, or wherever frames are. The
 * build defines REPAIR_PROTOCOL. */
#include "repair.h"

enum { WAYS = 8, PREFIX_MAX = 3 };

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    const size_t len = LLVMFuzzerMutate(data, size, max_size);
    const unsigned way = seed % WAYS;
    const size_t prefix = seed / WAYS % PREFIX_MAX;
    if (way < 3) {
        repair_found(REPAIR_PROTOCOL, data, len);
    } else if (way < 6 && len > prefix) {
        repair_whole(REPAIR_PROTOCOL, data + (way == 5 ? prefix : 0),
                     len - (way == 5 ? prefix : 0));
    }
    return len;
}
