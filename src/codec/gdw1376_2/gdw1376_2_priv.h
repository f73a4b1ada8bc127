/* Shared by the files of this folder only. */
#ifndef GT_CODEC_GDW1376_2_PRIV_H
#define GT_CODEC_GDW1376_2_PRIV_H

enum {
    GDW1376_2_ADDR_DIGITS = 12,
    GDW1376_2_RATE_MAX = 0x7FFF,
    GDW1376_2_RATE_KILO = 0x80, /* in the high byte */
};

#endif
