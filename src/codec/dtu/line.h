/**
 * @file line.h
 * @brief Command mode of a DTU: "+++", AT lines and their answers, a line each.
 *
 * Layer:   codec. No I/O, no allocation.
 * Source:  the form of ITU-T V.250; answers also in the way of several makes ("+ok=..." instead of
 *          "+NAME: ..." and "OK").
 *
 * Lines are found in a stream by codec/stream with dtu_line_framing. What is not told: the single
 * letters some makes exchange after "+++", which no line ending closes.
 */
#ifndef GT_CODEC_DTU_LINE_H
#define GT_CODEC_DTU_LINE_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

enum {
    DTU_LINE_MAX = 256, /* its ending included */
};

/** X(symbol, id, zh, en) */
#define DTU_LINE_LIST(X)                                      \
    X(ESCAPE, "escape", "进入命令模式", "enter command mode") \
    X(TEST, "test", "测试命令", "test")                       \
    X(ACT, "act", "执行或查询命令", "act or query")           \
    X(QUERY, "query", "查询命令", "query")                    \
    X(SET, "set", "设置命令", "set")                          \
    X(OK, "ok", "成功应答", "done")                           \
    X(ERROR, "error", "失败应答", "failed")                   \
    X(VALUE, "value", "参数应答", "answer with a value")      \
    X(TEXT, "text", "文本", "text")

typedef enum dtu_line_kind {
#define DTU_LINE_ENUM(symbol, id, zh, en) DTU_LINE_##symbol,
    DTU_LINE_LIST(DTU_LINE_ENUM)
#undef DTU_LINE_ENUM
} dtu_line_kind;

/** Parts borrow from the bytes. Commands: "AT" name "?" or "=" value. Answers: name sep value. */
typedef struct dtu_line {
    dtu_line_kind kind;
    const char *name; /* "+CSQ", "E0"; "" when there is none */
    size_t name_len;
    const char *sep; /* of an answer with a value: "=", ":" or ": " */
    size_t sep_len;
    const char *value; /* what is set or answered; a TEXT as a whole */
    size_t value_len;
} dtu_line;

/** What a command is called; NULL when it has no row. */
typedef struct dtu_command {
    const char *name;
    const char *unit; /* of its value */
    const char *zh;
    const char *en;
} dtu_command;
const dtu_command *dtu_command_of(const char *name, size_t name_len);

/**
 * Exactly one line: any CR and LF before it, the text, then CR, LF or both ("+++" has no ending).
 * @return TRUNCATED  it has no ending
 *         TRAILING   bytes behind the ending
 *         MALFORMED  nothing in it, or a byte that is not printable ASCII
 *         RANGE      longer than DTU_LINE_MAX
 */
GT_CHECKED gt_err dtu_line_decode(const uint8_t *in, size_t in_len, dtu_line *out);

/**
 * Commands end with CR LF, answers stand between two of them.
 * @return MALFORMED  the parts are not those of such a line: it would be read as another one
 *         SPACE, RANGE
 */
GT_CHECKED gt_err dtu_line_encode(const dtu_line *line, uint8_t *buf, size_t cap, size_t *out_len);

/** For codec/stream. Line endings are its preambles. */
extern const struct codec_framing dtu_line_framing;

#endif
