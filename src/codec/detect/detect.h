/**
 * @file detect.h
 * @brief Which protocol are these bytes? Finds frames of all of them in one string of bytes.
 *
 * Layer:   codec. No I/O, no allocation.
 */
#ifndef GT_CODEC_DETECT_DETECT_H
#define GT_CODEC_DETECT_DETECT_H

#include "codec/describe/describe.h"
#include "codec/items/items.h"
#include "codec/dtu/stream.h"
#include "codec/modbus/describe.h"

/** How far bytes of no protocol are searched for the next whole frame (a damaged frame: as far as
 * it claims to reach). Longer junk comes as several stretches. */
enum { CODEC_AHEAD_MAX = 512 };

/** X(symbol, name) */
#define CODEC_PROTOCOL_LIST(X)    \
    X(GDW1376, "qgdw1376.1")      \
    X(DLT645, "dlt645-2007")      \
    X(DLT645_1997, "dlt645-1997") \
    X(MBUS, "mbus")               \
    X(CJT188, "cjt188")           \
    X(DLT698, "dlt698.45")        \
    X(GDW1376_2, "qgdw1376.2")    \
    X(MODBUS, "modbus")           \
    X(MODBUS_TCP, "modbus-tcp")   \
    X(DTU, "dtu")

typedef enum codec_protocol {
    CODEC_ANY,
#define CODEC_PROTOCOL_ENUM(symbol, name) CODEC_##symbol,
    CODEC_PROTOCOL_LIST(CODEC_PROTOCOL_ENUM)
#undef CODEC_PROTOCOL_ENUM
} codec_protocol;

/** @return false when no protocol has that name; "auto" is CODEC_ANY */
bool codec_protocol_parse(const char *name, codec_protocol *out);

typedef struct codec_found {
    codec_protocol protocol; /* CODEC_ANY when match is NONE */
    codec_match match;       /* FRAME; SHAPE damaged or cut off; NONE bytes of no protocol */
    size_t offset;
    size_t len;
} codec_found;

/**
 * The next stretch of bytes from @p pos on. Stretches follow each other without gaps, so every byte
 * is told once: call again with pos = offset + len until that reaches in_len.
 *
 * @param wanted CODEC_ANY, or the only protocol to look for; CODEC_DTU: lines of its command mode
 */
codec_found codec_detect(codec_protocol wanted, const uint8_t *in, size_t in_len, size_t pos);

/** The same in what came through a DTU: its packets and command lines are CODEC_DTU (packets are
 * described with dtu_describe), what it carries is any protocol's.
 * @param[in,out] io_payload_end  0 at first; keeps where the payload ends between calls, so that
 * its bytes are searched for packets once */
codec_found codec_detect_dtu(const dtu_profile *profile, const dtu_held *bytes, size_t pos,
                             size_t *io_payload_end);

/** What is known besides the bytes; all of it may be missing. */
typedef struct codec_context {
    modbus_context modbus;
    const items_set *own; /* items of the meter's model, NULL for the standard only */
} codec_context;

/** Describes what was found, by its protocol; offsets count from the first byte of the stretch. */
void codec_found_describe(const codec_found *found, const codec_context *context, const uint8_t *in,
                          codec_description *out);

#endif
