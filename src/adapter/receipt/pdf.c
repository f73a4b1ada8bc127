/* A receipt as a PDF page. Each part has its share of the page; a template with many lines is drawn
 * smaller, never across the line of the next part. */
#include "adapter/receipt/printer.h"

#include <pango/pangocairo.h>

#include <cairo-pdf.h>
#include <math.h>
#include <pthread.h>
#include <qrencode.h>
#include <stdbool.h>
#include <string.h>

/* Points: 1/72 inch. */
#define PAGE_WIDTH 595.28
#define PAGE_HEIGHT 841.89
#define MARGIN 36.0
#define LABEL_WIDTH 110.0
#define QR_SIZE 84.0
#define GAP 3.0
#define RULE_HEIGHT 8.0

/* Japanese forms of the same characters would be chosen without the family's full name. */
static const char text_font[] = "Noto Sans CJK SC 9";
static const char title_font[] = "Noto Sans CJK SC Bold 14";

typedef struct page {
    cairo_t *cr;
    const receipt_values *values;
    double y;      /* where the next line begins */
    double height; /* what lines have taken in all; the same as y from the part's top */
    bool draw;     /* false: only measure */
    double qr_y;   /* below the last square */
} page;

static double show_text(page *p, const char *text, double x, double width, PangoAlignment align,
                        const char *font)
{
    char shown[RECEIPT_SHOWN_MAX];
    int height = 0;
    receipt_show(text, p->values, shown);
    PangoLayout *layout = pango_cairo_create_layout(p->cr);
    PangoFontDescription *description = pango_font_description_from_string(font);
    pango_layout_set_font_description(layout, description);
    pango_layout_set_width(layout, (int)(width * PANGO_SCALE));
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_alignment(layout, align);
    pango_layout_set_text(layout, shown, -1);
    pango_layout_get_pixel_size(layout, NULL, &height);
    if (p->draw) {
        cairo_move_to(p->cr, x, p->y);
        pango_cairo_show_layout(p->cr, layout);
    }
    pango_font_description_free(description);
    g_object_unref(layout);
    return height;
}

static void draw_rule(const page *p)
{
    if (p->draw) {
        const double y = floor(p->y + RULE_HEIGHT / 2) + 0.5;
        cairo_move_to(p->cr, 0, y);
        cairo_line_to(p->cr, PAGE_WIDTH - 2 * MARGIN, y);
        cairo_set_line_width(p->cr, 0.5);
        cairo_stroke(p->cr);
    }
}

static void draw_dots(const page *p, const QRcode *code)
{
    const double dot = QR_SIZE / code->width;
    const double left = PAGE_WIDTH - 2 * MARGIN - QR_SIZE;
    for (int i = 0; i < code->width * code->width; i++) {
        const int row = i / code->width;
        if ((code->data[i] & 1U) != 0) {
            cairo_rectangle(p->cr, left + i % code->width * dot, p->qr_y + row * dot, dot, dot);
        }
    }
    cairo_fill(p->cr);
}

/* Squares stand at the right, beside the rows; they take no line of their own. */
static gt_err show_qr(page *p, const char *text)
{
    char shown[RECEIPT_SHOWN_MAX];
    receipt_show(text, p->values, shown);
    QRcode *code = QRcode_encodeString8bit(shown, 0, QR_ECLEVEL_M);
    if (code == NULL) {
        return GT_ERR_SPACE;
    }
    if (p->draw) {
        draw_dots(p, code);
    }
    QRcode_free(code);
    p->qr_y += QR_SIZE + GAP;
    return GT_ERR_OK;
}

static double show_row(page *p, const receipt_line *line, double width)
{
    const double label = show_text(p, line->text, 0, LABEL_WIDTH, PANGO_ALIGN_LEFT, text_font);
    const double value =
        show_text(p, line->value, LABEL_WIDTH, width - LABEL_WIDTH, PANGO_ALIGN_LEFT, text_font);
    return label > value ? label : value;
}

static gt_err show_line(page *p, const receipt_line *line)
{
    const double full = PAGE_WIDTH - 2 * MARGIN;
    const double beside_qr = full - QR_SIZE - 2 * GAP;
    double height = 0;
    switch (line->kind) {
    case RECEIPT_LINE_TITLE:
        height = show_text(p, line->text, 0, full, PANGO_ALIGN_CENTER, title_font);
        break;
    case RECEIPT_LINE_CENTER:
        height = show_text(p, line->text, 0, full, PANGO_ALIGN_CENTER, text_font);
        break;
    case RECEIPT_LINE_TEXT:
        height = show_text(p, line->text, 0, beside_qr, PANGO_ALIGN_LEFT, text_font);
        break;
    case RECEIPT_LINE_ROW:
        height = show_row(p, line, beside_qr);
        break;
    case RECEIPT_LINE_RULE:
        draw_rule(p);
        height = RULE_HEIGHT - GAP;
        break;
    case RECEIPT_LINE_SPACE:
        height = RULE_HEIGHT;
        break;
    case RECEIPT_LINE_QR:
        return show_qr(p, line->text);
    }
    p->y += height + GAP;
    return GT_ERR_OK;
}

/* The first row is where squares begin, whatever stands above it. */
static gt_err show_part(page *p, const receipt_template *form)
{
    bool placed = false;
    p->y = 0;
    p->qr_y = 0;
    for (size_t i = 0; i < form->count; i++) {
        const receipt_line *line = &form->line[i];
        if (!placed && (line->kind == RECEIPT_LINE_ROW || line->kind == RECEIPT_LINE_TEXT)) {
            p->qr_y += p->y;
            placed = true;
        }
        if (line->kind != RECEIPT_LINE_QR) {
            GT_TRY(show_line(p, line));
        }
    }
    for (size_t i = 0; i < form->count; i++) {
        if (form->line[i].kind == RECEIPT_LINE_QR) {
            GT_TRY(show_line(p, &form->line[i]));
        }
    }
    p->height = p->y > p->qr_y ? p->y : p->qr_y;
    return GT_ERR_OK;
}

static void draw_cut(cairo_t *cr, double y)
{
    static const double dashes[] = {4, 4};
    cairo_save(cr);
    cairo_set_dash(cr, dashes, 2, 0);
    cairo_set_line_width(cr, 0.5);
    cairo_move_to(cr, MARGIN / 2, y);
    cairo_line_to(cr, PAGE_WIDTH - MARGIN / 2, y);
    cairo_stroke(cr);
    cairo_restore(cr);
}

static gt_err draw_page(cairo_t *cr, const receipt_template *form, const receipt_values *parts,
                        size_t count)
{
    const double share = PAGE_HEIGHT / (double)count;
    for (size_t i = 0; i < count; i++) {
        page p = {.cr = cr, .values = &parts[i]};
        GT_TRY(show_part(&p, form));
        const double room = share - MARGIN - GAP;
        const double scale = p.height > room ? room / p.height : 1.0;
        cairo_save(cr);
        cairo_translate(cr, MARGIN + (1 - scale) * (PAGE_WIDTH / 2 - MARGIN),
                        share * (double)i + MARGIN / 2);
        cairo_scale(cr, scale, scale);
        p.draw = true;
        GT_TRY(show_part(&p, form));
        cairo_restore(cr);
        if (i > 0) {
            draw_cut(cr, share * (double)i);
        }
    }
    return GT_ERR_OK;
}

static cairo_status_t pass_on(void *closure, const unsigned char *data, unsigned len)
{
    const receipt_sink *to = closure;
    to->write(to->ctx, data, len);
    return CAIRO_STATUS_SUCCESS;
}

static gt_err print(const receipt_template *form, const receipt_values *parts, size_t count,
                    receipt_sink to)
{
    cairo_surface_t *surface =
        cairo_pdf_surface_create_for_stream(pass_on, &to, PAGE_WIDTH, PAGE_HEIGHT);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR, "GridTill");
    cairo_t *cr = cairo_create(surface);
    gt_err err = draw_page(cr, form, parts, count);
    cairo_destroy(cr);
    cairo_surface_finish(surface);
    if (err == GT_ERR_OK && cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS) {
        err = cairo_surface_status(surface) == CAIRO_STATUS_NO_MEMORY ? GT_ERR_MEMORY : GT_ERR_IO;
    }
    cairo_surface_destroy(surface);
    return err;
}

/* Pango's fonts are not cheap to share between threads, and receipts are few. */
static gt_err print_alone(void *ctx, const receipt_template *form, const receipt_values *parts,
                          size_t count, const receipt_sink *to)
{
    static pthread_mutex_t one = PTHREAD_MUTEX_INITIALIZER;
    (void)ctx;
    (void)pthread_mutex_lock(&one);
    const gt_err err = print(form, parts, count, *to);
    (void)pthread_mutex_unlock(&one);
    return err;
}

gt_receipt_printer receipt_printer_pdf(void)
{
    return (gt_receipt_printer){.content_type = "application/pdf", .print = print_alone};
}
