/**
 * @file err.h
 * @brief The one error list of the project: codes, names, texts, classes.
 *
 * Layer:   base. Freestanding C.
 * A function returns an error or a value, never both in one integer. Zero is success.
 */
#ifndef GT_BASE_ERR_H
#define GT_BASE_ERR_H

/** X(symbol, class, text) */
#define GT_ERR_LIST(X)                                                \
    X(OK, NONE, "ok")                                                 \
    X(TRUNCATED, PEER, "input ends before the field does")            \
    X(TRAILING, PEER, "bytes follow where the message should end")    \
    X(MALFORMED, PEER, "field holds a value its format forbids")      \
    X(RANGE, PEER, "value is outside the range allowed")              \
    X(CHECKSUM, PEER, "checksum does not match")                      \
    X(UNSUPPORTED, PEER, "known to the standard, not supported here") \
    X(UNKNOWN, PEER, "identifier is not in the table")                \
    X(MISMATCH, PEER, "answer does not belong to the request")        \
    X(REFUSED, PEER, "the other side refused")                        \
    X(REPLAY, PEER, "token or sequence number already used")          \
    X(AUTH, PEER, "authentication failed")                            \
    X(NOT_FOUND, CALLER, "no such thing")                             \
    X(EXISTS, CALLER, "already there")                                \
    X(CONFLICT, CALLER, "state does not allow it now")                \
    X(FORBIDDEN, CALLER, "not allowed for this user")                 \
    X(SYNTAX, CALLER, "text does not follow its format")              \
    X(SPACE, CALLER, "buffer or queue is full")                       \
    X(MEMORY, RETRY, "out of memory")                                 \
    X(BUSY, RETRY, "busy, try again")                                 \
    X(TIMEOUT, RETRY, "no answer in time")                            \
    X(CLOSED, RETRY, "connection closed")                             \
    X(IO, RETRY, "input or output failed")                            \
    X(FULL, RETRY, "no space left on the storage")                    \
    X(CORRUPT, STORE, "stored data is damaged")                       \
    X(INTERNAL, OURS, "internal fault")

typedef enum gt_err {
#define GT_ERR_ENUM(symbol, class_, text) GT_ERR_##symbol,
    GT_ERR_LIST(GT_ERR_ENUM)
#undef GT_ERR_ENUM
} gt_err;

/** Whose fault an error is, and so what to do about it. */
typedef enum gt_err_kind {
    GT_ERR_KIND_NONE,
    GT_ERR_KIND_PEER,   /* the other side sent something wrong */
    GT_ERR_KIND_CALLER, /* the request cannot be met as asked */
    GT_ERR_KIND_RETRY,  /* may go through later */
    GT_ERR_KIND_STORE,  /* stop and repair */
    GT_ERR_KIND_OURS,   /* a defect */
} gt_err_kind;

/** @return "TRUNCATED"; "?" for a number outside the list */
const char *gt_err_name(gt_err err);
/** @return the English text of the list */
const char *gt_err_text(gt_err err);
gt_err_kind gt_err_class(gt_err err);

#define GT_CHECKED __attribute__((warn_unused_result))

/** Return early on error. The only macro that hides control flow. */
#define GT_TRY(expr)                      \
    do {                                  \
        const gt_err gt_try_err = (expr); \
        if (gt_try_err != GT_ERR_OK) {    \
            return gt_try_err;            \
        }                                 \
    } while (0)

/** Called when a GT_ASSERT fails; the program (or the meter's board) provides it. Must not return.
 */
__attribute__((noreturn)) void gt_assert_failed(const char *expr, const char *file, int line);

/** States what the program guarantees itself. Stays on in release builds. */
#define GT_ASSERT(cond) ((cond) ? (void)0 : gt_assert_failed(#cond, __FILE__, __LINE__))

#endif
