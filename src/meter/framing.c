/* Frames in the bytes of a line. What is no frame costs no more than its first byte and those
 * behind it that cannot begin one either, so a frame behind garbage is not lost. */
#include "meter/framing.h"

#include "meter/server.h"

static bool may_begin(const codec_framing *framing, const uint8_t *rx, size_t len)
{
    size_t frame_len = 0;
    const gt_err err = framing->frame_len(rx, len, &frame_len);
    return (err == GT_ERR_OK && frame_len <= METER_FRAME_MAX) || err == GT_ERR_TRUNCATED;
}

static bool is_idle(const codec_framing *framing, uint8_t byte)
{
    return byte != 0 && (byte == framing->preamble[0] || byte == framing->preamble[1]);
}

size_t framing_whole(const codec_framing *framing, const uint8_t *rx, size_t len)
{
    size_t frame_len = 0;
    if (len == 0) {
        return 0;
    }
    const gt_err err = framing->frame_len(rx, len, &frame_len);
    if (err == GT_ERR_TRUNCATED ||
        (err == GT_ERR_OK && frame_len <= METER_FRAME_MAX && frame_len > len)) {
        return 0;
    }
    size_t idle = 0;
    while (idle < len && is_idle(framing, rx[idle])) {
        idle++;
    }
    if (err == GT_ERR_OK && frame_len <= len &&
        framing->frame_check(rx + idle, frame_len - idle) == GT_ERR_OK) {
        return frame_len;
    }
    size_t dropped = 1;
    while (dropped < len && !may_begin(framing, rx + dropped, len - dropped)) {
        dropped++;
    }
    return dropped;
}
