/**
 * @file control.h
 * @brief AFN 05 function numbers. Bodies: trip and keep-on one byte, clock gdw1376_clock_write
 *        (realtime.h), the others none. A meter's own relay is not switched with these but through
 *        AFN 10 with a frame the meter authenticates.
 *
 * Layer:   codec.
 * Source:  Q/GDW 1376.1, 5.6.
 */
#ifndef GT_CODEC_GDW1376_CONTROL_H
#define GT_CODEC_GDW1376_CONTROL_H

enum {
    GDW1376_FN_TRIP = 1,        /* D7-4 limit time in 0.5 h, D3-0 warning delay in minutes */
    GDW1376_FN_ALLOW_CLOSE = 2, /* no data */
    GDW1376_FN_KEEP_ON = 25,    /* keep supplied: 0.5 h, 0 is without end */
    GDW1376_FN_CLOCK_SET = 31,
    GDW1376_FN_KEEP_ON_END = 33, /* no data */
};

#endif
