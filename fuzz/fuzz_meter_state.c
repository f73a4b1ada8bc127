/* What a meter finds in its memory, or on an exchange card, may be anything: a state decodes to one
 * that encodes to the same bytes, a use changes a state only when its remainders are possible, and
 * an account for exchange comes back as it was. The first byte says which. */
#include "meter/service.h"

#include <string.h>

static void state_round(const uint8_t *data, size_t size)
{
    static meter_state state;
    static meter_state again;
    if (meter_state_decode(data, size, &state) != GT_ERR_OK) {
        return;
    }
    uint8_t buf[METER_STATE_LEN_MAX];
    gt_wr w = gt_wr_of(buf, sizeof buf);
    meter_state_encode(&state, &w);
    GT_ASSERT(gt_wr_done(&w) == GT_ERR_OK);
    GT_ASSERT(meter_state_decode(buf, w.len, &again) == GT_ERR_OK);
    uint8_t second[METER_STATE_LEN_MAX];
    gt_wr v = gt_wr_of(second, sizeof second);
    meter_state_encode(&again, &v);
    GT_ASSERT(v.len == w.len && memcmp(buf, second, w.len) == 0);
}

static void use_round(const uint8_t *data, size_t size)
{
    static meter_state state;
    if (size != METER_USE_LEN) {
        return;
    }
    memset(&state, 0, sizeof state);
    state.rate = 1;
    meter_use use = {0};
    if (meter_use_apply(data, &state, &use) != GT_ERR_OK) {
        GT_ASSERT(state.forward.total.centikwh == 0 && state.account.balance.fen == 0);
        return;
    }
    uint8_t buf[METER_USE_LEN];
    gt_wr w = gt_wr_of(buf, sizeof buf);
    meter_use_encode(&use, &state, &w);
    GT_ASSERT(gt_wr_done(&w) == GT_ERR_OK && memcmp(buf, data, sizeof buf) == 0);
}

static void exchange_round(const uint8_t *data, size_t size)
{
    meter_exchange exchange;
    if (size != METER_EXCHANGE_LEN || meter_exchange_decode(data, &exchange) != GT_ERR_OK) {
        return;
    }
    uint8_t buf[METER_EXCHANGE_LEN];
    meter_exchange again;
    meter_exchange_encode(&exchange, buf);
    GT_ASSERT(meter_exchange_decode(buf, &again) == GT_ERR_OK);
    GT_ASSERT(again.balance.fen == exchange.balance.fen && again.count == exchange.count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    switch (data[0] % 3) {
    case 0:
        state_round(data + 1, size - 1);
        break;
    case 1:
        use_round(data + 1, size - 1);
        break;
    default:
        exchange_round(data + 1, size - 1);
    }
    return 0;
}
