/* Field lengths as rows; the only code is the walk along them. */
#include "codec/dlt645/security.h"

enum {
    FIELDS_MAX = 6,
    REST = 0xFE,
    REPEAT = 0x80, /* on a length: as often as it fits */
};

typedef struct layout {
    uint32_t id;
    uint8_t fields[2][FIELDS_MAX]; /* request, answer; ended by 0 unless full */
} layout;

static const layout layouts[] = {
#define F(...)      \
    {               \
        __VA_ARGS__ \
    }
#define NONE \
    {        \
        0    \
    }
#define EACH(n) (REPEAT | (n))
#define LAYOUT(symbol, id, request, answer) {id, {request, answer}},
#include "codec/dlt645/security.def"
#undef LAYOUT
#undef EACH
#undef NONE
#undef F
};

static bool is_open(uint8_t field)
{
    return (field & REPEAT) != 0;
}

static void reverse(uint8_t *at, size_t len)
{
    for (size_t i = 0; i < len / 2; i++) {
        const uint8_t low = at[i];
        at[i] = at[len - 1 - i];
        at[len - 1 - i] = low;
    }
}

/* Bytes for the field of open length; *out_err says when the payload does not fit the fields. */
static size_t open_len(const uint8_t *fields, size_t len, gt_err *out_err)
{
    size_t fixed = 0;
    uint8_t unit = 0;
    for (size_t i = 0; i < FIELDS_MAX && fields[i] != 0; i++) {
        if (is_open(fields[i])) {
            unit = fields[i] == REST ? 1 : (uint8_t)(fields[i] & ~(unsigned)REPEAT);
        } else {
            fixed += fields[i];
        }
    }
    if (len < fixed + unit) {
        *out_err = GT_ERR_TRUNCATED;
        return 0;
    }
    const size_t left = len - fixed;
    *out_err = unit == 0 ? (left == 0 ? GT_ERR_OK : GT_ERR_TRAILING)
                         : (left % unit == 0 ? GT_ERR_OK : GT_ERR_TRAILING);
    return left;
}

static void fields_turn(const uint8_t *fields, uint8_t *data, size_t open)
{
    size_t at = 0;
    for (size_t i = 0; i < FIELDS_MAX && fields[i] != 0; i++) {
        const size_t whole = is_open(fields[i]) ? open : fields[i];
        const size_t unit = is_open(fields[i]) && fields[i] != REST
                                ? (size_t)(fields[i] & ~(unsigned)REPEAT)
                                : whole;
        for (size_t end = at + whole; at < end; at += unit) {
            reverse(data + at, unit);
        }
    }
}

gt_err dlt645_security_turn(uint32_t id, bool reply, uint8_t *data, size_t len)
{
    for (size_t i = 0; i < sizeof layouts / sizeof layouts[0]; i++) {
        if (layouts[i].id == id) {
            const uint8_t *fields = layouts[i].fields[reply ? 1 : 0];
            gt_err err = GT_ERR_OK;
            const size_t open = open_len(fields, len, &err);
            if (err == GT_ERR_OK) {
                fields_turn(fields, data, open);
            }
            return err;
        }
    }
    return GT_ERR_UNKNOWN;
}
