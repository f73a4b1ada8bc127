/**
 * @file framing.h
 * @brief How each protocol's frames are told apart on a line: is this a request, is that its
 *        answer.
 *
 * Layer:   bus. Pure; the codecs do the work. Part of the line master; others need not include it.
 */
#ifndef GT_BUS_FRAMING_H
#define GT_BUS_FRAMING_H

#include "bus/line.h"

/** What has arrived since a request was sent, judged. */
typedef struct framing_found {
    bool answer;      /* got[start .. start+len) is the whole answer */
    bool broken;      /* an answer of full length is there, but its sum is wrong */
    size_t start;     /* bytes before it belong to nobody */
    size_t len;       /* of the answer */
    unsigned foreign; /* whole good frames of others before it */
} framing_found;

typedef struct framing_bytes {
    const uint8_t *buf;
    size_t len;
} framing_bytes;

typedef struct framing {
    /** Could these bytes be a request of this protocol? */
    bool (*plausible)(framing_bytes request);
    /** Nobody answers it. */
    bool (*is_broadcast)(framing_bytes request);
    /** Whose time-out it is. */
    uint8_t (*unit)(framing_bytes request);
    /** The kind of the request: answers to requests of another kind cannot be mistaken for its. */
    uint8_t (*function)(framing_bytes request);
    framing_found (*find)(framing_bytes request, framing_bytes got);
} framing;

const framing *framing_of(line_framing kind);

#endif
