/* Which codec composes a protocol's frames: one row a protocol. */
#include "codec/detect/compose.h"

#include "codec/cjt188/compose.h"
#include "codec/dlt645/compose.h"
#include "codec/dlt698/compose.h"
#include "codec/dtu/compose.h"
#include "codec/gdw1376/compose.h"
#include "codec/gdw1376_2/compose.h"
#include "codec/mbus/compose.h"
#include "codec/modbus/compose.h"

typedef gt_err (*composer)(codec_composer *c, uint8_t *buf, size_t cap, size_t *out_len);

/* A protocol without a row cannot be composed. */
static const composer composers[] = {
    [CODEC_DTU] = dtu_compose,
    [CODEC_CJT188] = cjt188_compose,
    [CODEC_DLT645] = dlt645_compose,
    [CODEC_DLT645_1997] = dlt645_1997_compose,
    [CODEC_DLT698] = dlt698_compose,
    [CODEC_GDW1376] = gdw1376_compose,
    [CODEC_GDW1376_2] = gdw1376_2_compose,
    [CODEC_MBUS] = mbus_compose,
    [CODEC_MODBUS] = modbus_compose,
    [CODEC_MODBUS_TCP] = modbus_tcp_compose,
};

gt_err codec_compose(codec_protocol protocol, const codec_recipe *recipe, gt_wr *out,
                     codec_recipe_fault *fault)
{
    GT_ASSERT((size_t)protocol < sizeof composers / sizeof composers[0]);
    codec_composer c = codec_composer_of(recipe);
    gt_err err = GT_ERR_UNSUPPORTED;
    size_t len = 0;
    if (composers[protocol] != NULL) {
        err = composers[protocol](&c, out->buf + out->len, out->cap - out->len, &len);
    }
    if (err != GT_ERR_OK) {
        codec_compose_fail(&c, err, NULL, gt_err_text(err));
        *fault = c.fault;
        return err;
    }
    out->len += len;
    return GT_ERR_OK;
}
