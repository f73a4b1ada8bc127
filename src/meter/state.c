/* The image is a version byte and the numbers of state.def, each as long as it is large: seven bits
 * a byte, signs folded in. Most of a meter's numbers are small, so an image is about 250 bytes. */
#include "meter/state.h"

enum {
    VERSION = 5,
    CARRY_MAX = 100 * 20000,
    MINUTE_MAX = 100000000,
    RECORD_NUMBER_MAX = 0x7FFFFFF
};
enum { MORE = 0x80, LOW = 0x7F, BITS = 7, BITS_MAX = 63 };

#define NUMBER_MAX INT64_C(999999999999)
#define BALANCE_MAX INT64_C(1000000000000000)
#define REGISTER_MAX INT64_C(100000000000000)

static void put(gt_wr *w, int64_t value)
{
    uint64_t v = (uint64_t)value << 1U;
    v = value < 0 ? ~v : v;
    for (; v > LOW; v >>= BITS) {
        gt_wr_u8(w, (uint8_t)(v | MORE));
    }
    gt_wr_u8(w, (uint8_t)v);
}

static int64_t take(gt_rd *r, int64_t min, int64_t max)
{
    uint64_t v = 0;
    uint8_t byte = MORE;
    for (unsigned shift = 0; (byte & MORE) != 0 && shift <= BITS_MAX; shift += BITS) {
        byte = gt_rd_u8(r);
        v |= (uint64_t)(byte & LOW) << shift;
    }
    const int64_t value = (int64_t)((v & 1U) != 0 ? ~(v >> 1U) : v >> 1U);
    if (value < min || value > max || (byte & MORE) != 0) {
        gt_rd_fail(r, GT_ERR_RANGE);
    }
    return value;
}

void meter_state_encode(const meter_state *state, gt_wr *w)
{
    gt_wr_u8(w, VERSION);
#define NUM(type, member, min, max) put(w, (int64_t)state->member);
#define ARRAY(type, member, count, min, max) \
    for (unsigned i = 0; i < (count); i++) { \
        put(w, (int64_t)state->member[i]);   \
    }
#define ROWS(type, array, count, member, min, max) \
    for (unsigned i = 0; i < (count); i++) {       \
        put(w, (int64_t)state->array[i].member);   \
    }
#define MACS(array, count, member)                                             \
    for (unsigned i = 0; i < (count); i++) {                                   \
        gt_wr_bytes(w, state->array[i].member, sizeof state->array[i].member); \
    }
#include "meter/state.def"
#undef NUM
#undef ARRAY
#undef ROWS
#undef MACS
}

static void check(gt_rd *r)
{
    gt_rd_expect(r, VERSION);
#define NUM(type, member, min, max) (void)take(r, min, max);
#define ARRAY(type, member, count, min, max) \
    for (unsigned i = 0; i < (count); i++) { \
        (void)take(r, min, max);             \
    }
#define ROWS(type, array, count, member, min, max) ARRAY(type, array, count, min, max)
#define MACS(array, count, member) (void)gt_rd_take(r, (size_t)(count)*METER_MAC_LEN);
#include "meter/state.def"
#undef NUM
#undef ARRAY
#undef ROWS
#undef MACS
}

static void fill(gt_rd *r, meter_state *out)
{
    (void)gt_rd_u8(r);
#define NUM(type, member, min, max) out->member = (type)take(r, min, max);
#define ARRAY(type, member, count, min, max)      \
    for (unsigned i = 0; i < (count); i++) {      \
        out->member[i] = (type)take(r, min, max); \
    }
#define ROWS(type, array, count, member_, min, max)      \
    for (unsigned i = 0; i < (count); i++) {             \
        out->array[i].member_ = (type)take(r, min, max); \
    }
#define MACS(array, count, member)                     \
    for (unsigned i = 0; i < (count); i++) {           \
        for (unsigned k = 0; k < METER_MAC_LEN; k++) { \
            out->array[i].member[k] = gt_rd_u8(r);     \
        }                                              \
    }
#include "meter/state.def"
#undef NUM
#undef ARRAY
#undef ROWS
#undef MACS
}

gt_err meter_state_decode(const uint8_t *buf, size_t len, meter_state *out)
{
    gt_rd r = gt_rd_of(buf, len);
    check(&r);
    GT_TRY(gt_rd_done(&r));
    r = gt_rd_of(buf, len);
    fill(&r, out);
    return GT_ERR_OK;
}

void meter_use_encode(const meter_use *use, const meter_state *state, gt_wr *w)
{
    gt_wr_u32le(w, use->forward_centikwh);
    gt_wr_u32le(w, use->reverse_centikwh);
    gt_wr_u32le(w, use->cost_fen);
    gt_wr_u32le(w, state->forward.carry);
    gt_wr_u32le(w, state->reverse.carry);
    gt_wr_u16le(w, (uint16_t)state->account.carry_e6);
    gt_wr_u32le(w, state->stamp_s);
}

static void register_add(meter_register *reg, uint8_t rate, uint32_t centikwh)
{
    reg->total.centikwh += centikwh;
    reg->rate[rate - 1].centikwh += centikwh;
}

gt_err meter_use_apply(const uint8_t buf[METER_USE_LEN], meter_state *state, meter_use *out)
{
    gt_rd r = gt_rd_of(buf, METER_USE_LEN);
    meter_use use;
    use.forward_centikwh = gt_rd_u32le(&r);
    use.reverse_centikwh = gt_rd_u32le(&r);
    use.cost_fen = gt_rd_u32le(&r);
    const uint32_t forward_carry = gt_rd_u32le(&r);
    const uint32_t reverse_carry = gt_rd_u32le(&r);
    const uint16_t carry_e6 = gt_rd_u16le(&r);
    const uint32_t stamp_s = gt_rd_u32le(&r);
    GT_TRY(gt_rd_done(&r));
    if (forward_carry > CARRY_MAX || reverse_carry > CARRY_MAX || carry_e6 >= GT_FEN_E6) {
        return GT_ERR_RANGE;
    }
    register_add(&state->forward, state->rate, use.forward_centikwh);
    register_add(&state->reverse, state->rate, use.reverse_centikwh);
    state->forward.carry = forward_carry;
    state->reverse.carry = reverse_carry;
    state->account.balance.fen -= use.cost_fen;
    state->account.carry_e6 = carry_e6;
    if (meter_life_charges(state->account.life)) {
        state->tier_used.centikwh += use.forward_centikwh;
        state->free_used.centikwh += use.forward_centikwh;
    }
    state->stamp_s = stamp_s;
    *out = use;
    return GT_ERR_OK;
}
