/* Yuan are written in groups of four digits (亿, 万, none); inside a group each digit has its unit,
 * and zeros between digits become one 零. */
#include "domain/capitals.h"

#include <stdbool.h>
#include <string.h>

enum { GROUP = 10000, GROUPS = 3, PLACES = 4, FEN_OF_YUAN = 100 };

static const char *const digits[] = {"零", "壹", "贰", "叁", "肆", "伍", "陆", "柒", "捌", "玖"};
static const char *const places[PLACES] = {"", "拾", "佰", "仟"};
static const char *const groups[GROUPS] = {"", "万", "亿"};

static void add(char out[CAPITALS_MAX], const char *text)
{
    const size_t len = strlen(out);
    GT_ASSERT(len + strlen(text) < CAPITALS_MAX);
    memcpy(out + len, text, strlen(text) + 1);
}

/* @p started  something stands before: a missing 仟 is then a zero to be spoken */
static void add_group(char out[CAPITALS_MAX], unsigned value, bool started)
{
    static const unsigned weight[PLACES] = {1, 10, 100, 1000};
    bool zero = false;
    for (unsigned place = PLACES; place-- > 0;) {
        const unsigned digit = value / weight[place] % 10;
        if (digit == 0) {
            zero = started;
            continue;
        }
        if (zero) {
            add(out, digits[0]);
        }
        add(out, digits[digit]);
        add(out, places[place]);
        started = true;
        zero = false;
    }
}

static void add_yuan(char out[CAPITALS_MAX], uint64_t yuan)
{
    static const uint64_t weight[GROUPS] = {1, GROUP, (uint64_t)GROUP * GROUP};
    bool started = false;
    bool skipped = false; /* a whole group of zeros */
    for (unsigned g = GROUPS; g-- > 0;) {
        const unsigned value = (unsigned)(yuan / weight[g] % GROUP);
        if (value == 0) {
            skipped = started;
            continue;
        }
        if (skipped && value >= GROUP / 10) {
            add(out, digits[0]); /* a missing 仟 says it below by itself */
        }
        add_group(out, value, started);
        add(out, groups[g]);
        started = true;
        skipped = false;
    }
}

gt_err capitals_of_fen(int64_t fen, char out[CAPITALS_MAX])
{
    if (fen < 0 || fen > CAPITALS_AMOUNT_MAX_FEN) {
        return GT_ERR_RANGE;
    }
    const uint64_t yuan = (uint64_t)fen / FEN_OF_YUAN;
    const unsigned jiao = (unsigned)(fen % FEN_OF_YUAN / 10);
    const unsigned rest = (unsigned)(fen % 10);
    out[0] = '\0';
    if (yuan > 0 || fen == 0) {
        add_yuan(out, yuan);
        add(out, fen == 0 ? "零元" : "元");
    }
    if (jiao > 0) {
        add(out, digits[jiao]);
        add(out, "角");
    } else if (rest > 0 && yuan > 0) {
        add(out, digits[0]);
    }
    if (rest > 0) {
        add(out, digits[rest]);
        add(out, "分");
    } else {
        add(out, "整");
    }
    return GT_ERR_OK;
}
