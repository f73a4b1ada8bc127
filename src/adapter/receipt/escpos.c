/* ESC/POS, the language of till printers: text in GB18030 with the printer's Chinese mode on, the
 * QR square drawn by the printer itself (GS ( k, model 2), each part cut off. */
#include "adapter/receipt/printer.h"

#include <iconv.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum {
    COLUMNS = 48, /* of 80 mm paper, font A; a Chinese character takes two */
    ENCODED_MAX = 2 * RECEIPT_SHOWN_MAX,
    QR_STORE_EXTRA = 3,
};

static const char start[] = "\x1B@\x1C&"; /* ESC @ initialise, FS & Chinese mode */
static const char left[] = "\x1B"
                           "a\x00"; /* ESC a 0 */
static const char centre[] = "\x1B"
                             "a\x01";             /* ESC a 1 */
static const char large[] = "\x1D!\x11\x1C!\x0C"; /* GS ! and FS !: twice as wide and high */
static const char normal[] = "\x1D!\x00\x1C!\x00";
static const char cut[] = "\x1D"
                          "VB\x00"; /* GS V B 0: feed and cut */
static const char qr_setup[] = "\x1D(k\x04\x00"
                               "1A2\x00" /* model 2 */
                               "\x1D(k\x03\x00"
                               "1C\x06" /* six dots a module */
                               "\x1D(k\x03\x00"
                               "1E1"; /* level M */
static const char qr_print[] = "\x1D(k\x03\x00"
                               "1Q0";

#define BYTES(text) text, sizeof(text) - 1

typedef struct strip {
    const receipt_sink *to;
    const receipt_values *values;
    iconv_t to_gb;
} strip;

static void send(const strip *s, const char *bytes, size_t len)
{
    s->to->write(s->to->ctx, bytes, len);
}

/* U+00A5 would become four bytes that few printers can draw: the wide sign is meant. */
static void widen_yen(const char *text, char out[ENCODED_MAX])
{
    static const char narrow[] = "\xC2\xA5";
    static const char wide[] = "\xEF\xBF\xA5";
    while (*text != '\0') {
        const bool yen = strncmp(text, narrow, sizeof narrow - 1) == 0;
        const char *from = yen ? wide : text;
        const size_t len = yen ? sizeof wide - 1 : 1;
        memcpy(out, from, len);
        out += len;
        text += yen ? sizeof narrow - 1 : 1;
    }
    *out = '\0';
}

/* What cannot be encoded becomes "?", a character each. @return bytes */
static size_t encode(const strip *s, const char *text, char out[ENCODED_MAX])
{
    char copy[ENCODED_MAX];
    widen_yen(text, copy);
    char *in = copy;
    size_t in_left = strlen(copy);
    char *to = out;
    size_t room = ENCODED_MAX;
    while (in_left > 0 && iconv(s->to_gb, &in, &in_left, &to, &room) == (size_t)-1 && room > 0) {
        *to++ = '?';
        room--;
        do {
            in++;
            in_left--;
        } while (in_left > 0 && ((unsigned char)*in & 0xC0U) == 0x80U);
    }
    return ENCODED_MAX - room;
}

static size_t send_text(const strip *s, const char *text, char encoded[ENCODED_MAX])
{
    char shown[RECEIPT_SHOWN_MAX];
    receipt_show(text, s->values, shown);
    return encode(s, shown, encoded);
}

static void send_line(const strip *s, const char *text)
{
    char encoded[ENCODED_MAX];
    const size_t len = send_text(s, text, encoded);
    send(s, encoded, len);
    send(s, BYTES("\n"));
}

/* In GB18030 a Chinese character is two bytes and two columns, so bytes are columns. */
static void send_row(const strip *s, const receipt_line *line)
{
    char label[ENCODED_MAX];
    char value[ENCODED_MAX];
    const size_t label_len = send_text(s, line->text, label);
    const size_t value_len = send_text(s, line->value, value);
    send(s, label, label_len);
    if (label_len + 1 + value_len <= COLUMNS) {
        for (size_t i = label_len + value_len; i < COLUMNS; i++) {
            send(s, BYTES(" "));
        }
    } else {
        send(s, BYTES("\n  "));
    }
    send(s, value, value_len);
    send(s, BYTES("\n"));
}

static void send_qr(const strip *s, const char *text)
{
    char shown[RECEIPT_SHOWN_MAX];
    receipt_show(text, s->values, shown);
    const size_t len = strlen(shown) + QR_STORE_EXTRA;
    const char store[] = {'\x1D', '(', 'k', (char)(len & 0xFFU), (char)(len >> 8), '1', 'P', '0'};
    send(s, BYTES(qr_setup));
    send(s, store, sizeof store);
    send(s, shown, strlen(shown));
    send(s, BYTES(qr_print));
    send(s, BYTES("\n"));
}

static void send_kind(const strip *s, const receipt_line *line)
{
    switch (line->kind) {
    case RECEIPT_LINE_TITLE:
        send(s, BYTES(centre));
        send(s, BYTES(large));
        send_line(s, line->text);
        send(s, BYTES(normal));
        break;
    case RECEIPT_LINE_CENTER:
        send(s, BYTES(centre));
        send_line(s, line->text);
        break;
    case RECEIPT_LINE_TEXT:
        send_line(s, line->text);
        break;
    case RECEIPT_LINE_ROW:
        send_row(s, line);
        break;
    case RECEIPT_LINE_RULE:
        send(s, BYTES("------------------------------------------------\n"));
        break;
    case RECEIPT_LINE_SPACE:
        send(s, BYTES("\n"));
        break;
    case RECEIPT_LINE_QR:
        send(s, BYTES(centre));
        send_qr(s, line->text);
        break;
    }
    send(s, BYTES(left));
}

static gt_err print(void *ctx, const receipt_template *form, const receipt_values *parts,
                    size_t count, const receipt_sink *to)
{
    (void)ctx;
    strip s = {.to = to, .to_gb = iconv_open("GB18030", "UTF-8")};
    if (s.to_gb == (iconv_t)-1) {
        return GT_ERR_IO;
    }
    for (size_t i = 0; i < count; i++) {
        s.values = &parts[i];
        send(&s, BYTES(start));
        for (size_t line = 0; line < form->count; line++) {
            send_kind(&s, &form->line[line]);
        }
        send(&s, BYTES(cut));
    }
    (void)iconv_close(s.to_gb);
    return GT_ERR_OK;
}

gt_receipt_printer receipt_printer_escpos(void)
{
    return (gt_receipt_printer){.content_type = "application/vnd.escpos", .print = print};
}
