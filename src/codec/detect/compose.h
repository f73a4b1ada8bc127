/**
 * @file compose.h
 * @brief Frames of every protocol from their names.
 *
 * Layer:   codec. No I/O, no allocation. See codec/compose/compose.h.
 */
#ifndef GT_CODEC_DETECT_COMPOSE_H
#define GT_CODEC_DETECT_COMPOSE_H

#include "codec/compose/compose.h"
#include "codec/detect/detect.h"

/** The longest frame of any protocol. */
enum { CODEC_COMPOSED_MAX = 16384 };

/**
 * One frame of @p protocol from @p recipe.
 *
 * @param out         room for CODEC_COMPOSED_MAX more bytes is always enough; untouched in `len`,
 *                    not in its bytes, on failure
 * @param[out] fault  written on failure only, with the same error
 * @return UNSUPPORTED  the protocol, or this kind of frame, cannot be composed
 *         the fault of a field or item; SPACE  @p out too small
 */
GT_CHECKED gt_err codec_compose(codec_protocol protocol, const codec_recipe *recipe, gt_wr *out,
                                codec_recipe_fault *fault);

#endif
