/* Names, texts and classes of the error list, all from the same rows. */
#include "base/err.h"

typedef struct err_row {
    const char *name;
    const char *text;
    gt_err_kind kind;
} err_row;

static const err_row rows[] = {
#define ROW(symbol, class_, text_) \
    [GT_ERR_##symbol] = {.name = #symbol, .text = (text_), .kind = GT_ERR_KIND_##class_},
    GT_ERR_LIST(ROW)
#undef ROW
};

enum { ROW_COUNT = sizeof rows / sizeof rows[0] };

static const err_row *row_of(gt_err err)
{
    static const err_row outside = {.name = "?", .text = "?", .kind = GT_ERR_KIND_OURS};
    return (unsigned)err < ROW_COUNT ? &rows[err] : &outside;
}

const char *gt_err_name(gt_err err)
{
    return row_of(err)->name;
}

const char *gt_err_text(gt_err err)
{
    return row_of(err)->text;
}

gt_err_kind gt_err_class(gt_err err)
{
    return row_of(err)->kind;
}
