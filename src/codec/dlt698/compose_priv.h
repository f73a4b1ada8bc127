/**
 * @file compose_priv.h
 * @brief Shared by the files that compose: a leaf from its text, an APDU from its items.
 *
 * Layer:   codec, private to this folder.
 */
#ifndef GT_CODEC_DLT698_COMPOSE_PRIV_H
#define GT_CODEC_DLT698_COMPOSE_PRIV_H

#include "codec/compose/compose.h"
#include "codec/dlt698/dlt698_priv.h"

/** Writes the leaf, with its length but without a tag, from what dlt698_leaf_text made. */
void dlt698_leaf_compose(codec_composer *c, const codec_value *v, dlt698_type type,
                         unsigned decimals, gt_wr *w);

/** Writes an APDU from the items that were not read yet, and from the field "types". */
void dlt698_apdu_compose(codec_composer *c, gt_wr *w);

#endif
