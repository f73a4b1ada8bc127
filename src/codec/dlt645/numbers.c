/* The numbers of a read answer straight from its frame. What the walk does value by value for those
 * who want each with its row is done here a stretch at a time: the frame is checked as it lies, the
 * rows are looked up for as many values as there are, and digits are unmasked, checked and
 * converted eight at a time or sixteen. */
#include "codec/dlt645/numbers.h"

#include "base/sum.h"
#include "codec/dlt645/frame_priv.h"
#include "codec/dlt645/message_priv.h"
#include "codec/dlt645/walk_priv.h"

/* Numbers from the i-th on, as they are on the wire, masked. */
static inline gt_err masked_read(const uint8_t *at, size_t bytes, bool sign, size_t i, size_t n,
                                 int32_t *out)
{
    const dlt645_number_form form = dlt645_form_of(sign, bytes);
    for (; i < n; i++) {
        const uint64_t masked = dlt645_packed_load(at + i * bytes, bytes);
        dlt645_number v;
        if (!dlt645_number_read((uint32_t)dlt645_word_unmask(masked) & form.all, form, &v)) {
            return GT_ERR_MALFORMED;
        }
        out[i] = v.absent ? DLT645_NUMBER_ABSENT : v.raw;
    }
    return GT_ERR_OK;
}

/* Numbers of four bytes: two at a time, an odd one first, as long as they are digits without a
 * sign. No exact unmasking is needed for that: a byte that borrows leaves a digit above 9. */
static inline gt_err fours_read(const uint8_t *at, bool sign, size_t n, int32_t *out)
{
    const uint64_t signs = sign ? UINT64_C(0x8000000080000000) : 0;
    size_t i = 0;
    if (n % 2 != 0) {
        const uint32_t packed = gt_u32le_at(at) - (uint32_t)DLT645_WORD_MASK;
        if ((packed & signs) == 0 && gt_bcd_valid(packed)) {
            out[i++] = (int32_t)(uint32_t)gt_bcd_halves(packed);
        }
    }
    for (; i % 2 == n % 2 && i < n; i += 2) {
        const uint64_t packed = gt_u64le_at(at + 4 * i) - DLT645_WORD_MASK;
        if ((packed & signs) != 0 || !gt_bcd_valid(packed)) {
            break;
        }
        const uint64_t both = gt_bcd_halves(packed);
        out[i] = (int32_t)(uint32_t)both;
        out[i + 1] = (int32_t)(both >> 32);
    }
    return i < n ? masked_read(at, 4, sign, i, n, out) : GT_ERR_OK;
}

/* How many of the numbers wanted have rows, and why not all of them. */
static inline gt_err rows_cover(dlt645_rows *r, size_t wanted, size_t *out_n)
{
    const uint8_t format = r->item->format;
    size_t n = r->left;
    while (n < wanted) {
        r->di += r->left * r->step;
        const gt_err err = dlt645_rows_on(r);
        if (err != GT_ERR_OK || r->item->format != format) {
            *out_n = n;
            return err != GT_ERR_OK ? err : GT_ERR_UNSUPPORTED;
        }
        n += r->left;
    }
    *out_n = wanted;
    return GT_ERR_OK;
}

static gt_err shorts_read(const uint8_t *at, const dlt645_format *format, size_t n, int32_t *out)
{
    return format->bytes == 3   ? masked_read(at, 3, format->sign, 0, n, out)
           : format->bytes == 2 ? masked_read(at, 2, format->sign, 0, n, out)
                                : masked_read(at, 1, format->sign, 0, n, out);
}

gt_err dlt645_numbers_read(const uint8_t *in, size_t in_len, dlt645_numbers *out)
{
    if (!dlt645_fields_right(in, in_len) || in[in_len - 2] != gt_sum8(in, in_len - 2)) {
        return dlt645_frame_check(in, in_len);
    }
    const uint8_t ctrl = in[DLT645_CTRL_AT];
    if (!dlt645_is_read_answer(ctrl) || in[DLT645_LEN_AT] < DLT645_DI_LEN) {
        return GT_ERR_UNSUPPORTED;
    }
    const uint8_t *const data = in + DLT645_HEAD_LEN + DLT645_DI_LEN;
    const size_t len = in[DLT645_LEN_AT] - (size_t)DLT645_DI_LEN;
    if (len == 0) {
        return GT_ERR_NOT_FOUND;
    }
    dlt645_rows r;
    GT_TRY(dlt645_rows_begin((uint32_t)dlt645_word_unmask(gt_u32le_at(in + DLT645_HEAD_LEN)), &r));
    const dlt645_format *const format = dlt645_item_format(r.item);
    if (format->kind != DLT645_KIND_NUMBER) {
        return GT_ERR_UNSUPPORTED;
    }
    out->addr = dlt645_addr_at(in);
    out->following = (ctrl & DLT645_FOLLOWING) != 0;
    out->item = r.item;
    out->di = r.di;
    out->step = r.step;
    const size_t whole = format->bytes == 4 ? len / 4 : len / format->bytes;
    const bool cut = whole * format->bytes < len;
    size_t n = whole;
    gt_err err = GT_ERR_OK;
    if (!format->many) {
        err = rows_cover(&r, whole + cut, &n);
    }
    if (cut && err == GT_ERR_OK) {
        n = whole;
        err = GT_ERR_TRUNCATED;
    }
    GT_TRY(format->bytes == 4 ? fours_read(data, format->sign, n, out->value)
                              : shorts_read(data, format, n, out->value));
    out->count = (uint8_t)n;
    return err;
}
