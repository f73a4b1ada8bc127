/**
 * @file framing.h
 * @brief meter_server.whole of protocols whose codec knows its frames.
 *
 * Layer:   meter, internal.
 */
#ifndef GT_METER_FRAMING_H
#define GT_METER_FRAMING_H

#include "codec/stream/stream.h"

/** Length of the frame at the start, or of what can begin no frame (the server drops it: it does
 * not decode); 0: wait. */
size_t framing_whole(const codec_framing *framing, const uint8_t *rx, size_t len);

#endif
