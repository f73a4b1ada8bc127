/* M-Bus frames out of a stream: see stream.h. Checksums at the places where a frame seems to end
 * are then repaired, on a copy, so that more of them get through. */
#include "codec/mbus/frame.h"
#include "stream.h"

STREAM_LOOK_BACK(mbus, MBUS_FRAME_MAX)

static void repair(uint8_t *buf, size_t size)
{
    for (size_t at = 0; at < size; at++) {
        size_t len = 0;
        if (buf[at] == MBUS_START_LONG && size - at > 3) {
            buf[at + 2] = buf[at + 1];
            buf[at + 3] = MBUS_START_LONG;
        }
        if (mbus_frame_len(buf + at, size - at, &len) != GT_ERR_OK || len > size - at || len == 1) {
            continue;
        }
        const size_t head = buf[at] == MBUS_START_LONG ? 4 : 1;
        buf[at + len - 2] = gt_sum8(buf + at + head, len - head - 2);
        buf[at + len - 1] = MBUS_END;
        at += len - 1;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const stream_subject of = {.framing = &mbus_framing, .look = look};
    stream_fuzz(&of, data, size);
    if (size <= STREAM_IN_MAX) {
        uint8_t buf[STREAM_IN_MAX];
        memcpy(buf, data, size);
        repair(buf, size);
        stream_fuzz(&of, buf, size);
    }
    return 0;
}
