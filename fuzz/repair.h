/* Lengths and checks of frames put right, so that a mutated frame is not thrown away at its
 * checksum. Written from the frame layouts, not with the codecs' encoders: a wrong encoder must not
 * hide behind itself. */
#ifndef GT_FUZZ_REPAIR_H
#define GT_FUZZ_REPAIR_H

#include "codec/detect/detect.h"

/** Makes all @p size bytes one frame: marks, length fields, checks. Too few bytes stay as they are.
 */
void repair_whole(codec_protocol protocol, uint8_t *data, size_t size);
/** Of every stretch that has a start mark and a length that fits, the checks and the end mark. */
void repair_found(codec_protocol protocol, uint8_t *data, size_t size);

#endif
