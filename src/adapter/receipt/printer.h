/**
 * @file printer.h
 * @brief The two ways a receipt leaves the station: a PDF page, or the bytes of a till printer.
 *
 * Layer:   adapter, behind port/receipt.h.
 */
#ifndef GT_ADAPTER_RECEIPT_PRINTER_H
#define GT_ADAPTER_RECEIPT_PRINTER_H

#include "port/receipt.h"

/**
 * A4, the parts below each other with a line to cut along; cairo, pango, libqrencode.
 * @return a printer that needs no closing; its calls go one after another
 */
gt_receipt_printer receipt_printer_pdf(void);

/** ESC/POS for 80 mm paper (48 columns), GB18030, each part cut off. */
gt_receipt_printer receipt_printer_escpos(void);

#endif
