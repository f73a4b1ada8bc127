/**
 * @file apdu.h
 * @brief APDUs of DL/T 698.45: written by client and server, and their results read.
 *
 * Layer:   codec. No I/O, no allocation; decoded pieces borrow their input.
 * Source:  DL/T 698.45-2017, application layer.
 *
 * Writing a request:
 *     dlt698_apdu_get(&w, piid, oads, count);  dlt698_request_end(&w, NULL);
 * Writing a server's answer, piece by piece:
 *     dlt698_apdu_begin(&w, DLT698_GET_RESPONSE, DLT698_NORMAL, piid);
 *     dlt698_write_oad(&w, oad);  dlt698_write_value_head(&w);  dlt698_put_...;
 *     dlt698_response_end(&w);
 * Any other APDU is written the same way from the pieces of value.h, in the order of part.def;
 * dlt698_check tells whether it came out whole.
 */
#ifndef GT_CODEC_DLT698_APDU_H
#define GT_CODEC_DLT698_APDU_H

#include "codec/dlt698/value.h"

/** First byte of an APDU. */
typedef enum dlt698_service {
    DLT698_LINK_REQUEST = 0x01, /* the server sends it */
    DLT698_CONNECT_REQUEST = 0x02,
    DLT698_RELEASE_REQUEST = 0x03,
    DLT698_GET_REQUEST = 0x05,
    DLT698_SET_REQUEST = 0x06,
    DLT698_ACTION_REQUEST = 0x07,
    DLT698_REPORT_RESPONSE = 0x08,
    DLT698_PROXY_REQUEST = 0x09,
    DLT698_SECURITY_REQUEST = 0x10,
    DLT698_ERROR_REQUEST = 0x6E,
    DLT698_LINK_RESPONSE = 0x81,
    DLT698_CONNECT_RESPONSE = 0x82,
    DLT698_RELEASE_RESPONSE = 0x83,
    DLT698_RELEASE_NOTE = 0x84,
    DLT698_GET_RESPONSE = 0x85,
    DLT698_SET_RESPONSE = 0x86,
    DLT698_ACTION_RESPONSE = 0x87,
    DLT698_REPORT_NOTE = 0x88,
    DLT698_PROXY_RESPONSE = 0x89,
    DLT698_SECURITY_RESPONSE = 0x90,
    DLT698_ERROR_RESPONSE = 0xEE,
} dlt698_service;

/** Second byte of GET, SET, ACTION and REPORT. */
enum {
    DLT698_NORMAL = 1,
    DLT698_LIST = 2,
    DLT698_RECORD = 3,
    DLT698_RECORD_LIST = 4,
    DLT698_NEXT = 5,
    DLT698_THEN_GET = 3
};

/** Data access results (DAR) a server gives out most. The whole list: dar.def. */
enum {
    DLT698_DAR_OK = 0,
    DLT698_DAR_REFUSED = 3,
    DLT698_DAR_UNDEFINED = 4,
    DLT698_DAR_TYPE = 7,
    DLT698_DAR_RANGE = 8,
    DLT698_DAR_BLOCK = 9,
    DLT698_DAR_SECURITY = 20,
    DLT698_DAR_OTHER = 255
};

enum { DLT698_PIID_NUMBER = 0x3F, DLT698_PIID_ACD = 0x40, DLT698_PIID_LOW_PRIORITY = 0x80 };

typedef enum dlt698_link { DLT698_LOGIN, DLT698_HEARTBEAT, DLT698_LOGOUT } dlt698_link;

/** date_time as on the wire: milliseconds and weekday are kept; fields may be FFH. */
typedef struct dlt698_stamp {
    uint16_t year;
    uint8_t month, day, weekday, hour, minute, second;
    uint16_t ms;
} dlt698_stamp;

dlt698_stamp dlt698_stamp_of(const gt_civil *civil);

/** The server's login, heartbeat or logout. */
typedef struct dlt698_link_request {
    uint8_t piid;
    uint8_t type; /* dlt698_link */
    uint16_t heartbeat_s;
    dlt698_stamp at;
} dlt698_link_request;

typedef struct dlt698_link_response {
    uint8_t piid;
    uint8_t result; /* D7: the client's clock is trusted; D2..D0: 0 ok, 1 address in use, 2 unknown
                       device, 3 no room */
    dlt698_stamp asked, received, answered;
} dlt698_link_response;

GT_CHECKED gt_err dlt698_link_request_decode(const uint8_t *in, size_t len,
                                             dlt698_link_request *out);
GT_CHECKED gt_err dlt698_link_response_decode(const uint8_t *in, size_t len,
                                              dlt698_link_response *out);
void dlt698_link_request_write(gt_wr *w, const dlt698_link_request *m);
void dlt698_link_response_write(gt_wr *w, const dlt698_link_response *m);

/** Service, choice and PIID of GET, SET, ACTION, REPORT, PROXY. */
void dlt698_apdu_begin(gt_wr *w, dlt698_service service, uint8_t choice, uint8_t piid);
/** GET-Request normal for one attribute, list for more. */
void dlt698_apdu_get(gt_wr *w, uint8_t piid, const dlt698_oad *oads, uint32_t count);
/** GET-Request next: the block after @p block. */
void dlt698_apdu_get_next(gt_wr *w, uint8_t piid, uint16_t block);
/** GET-Request record up to its RSD: then write selector byte, selector and dlt698_write_columns.
 */
void dlt698_apdu_get_record(gt_wr *w, uint8_t piid, dlt698_oad table);
/** RSD 2: rows whose @p key lies in [from, to), no interval. */
void dlt698_write_selector_range(gt_wr *w, dlt698_oad key, const gt_civil *from,
                                 const gt_civil *to);
/** RSD 9: the nth last row, 1 the newest. */
void dlt698_write_selector_last(gt_wr *w, uint8_t nth);
/** RCSD of plain attributes. */
void dlt698_write_columns(gt_wr *w, const dlt698_oad *oads, uint32_t count);
/** SET-Request normal or ACTION-Request normal up to its data: then dlt698_put_... */
void dlt698_apdu_set(gt_wr *w, uint8_t piid, dlt698_oad oad);
void dlt698_apdu_action(gt_wr *w, uint8_t piid, dlt698_oad method);

typedef struct dlt698_time_tag {
    gt_civil sent;
    uint8_t delay_unit; /* 0 s, 1 min, 2 h, 3 day, 4 month, 5 year */
    uint16_t delay;
} dlt698_time_tag;

/** Ends what a client writes; NULL: no time tag. */
void dlt698_request_end(gt_wr *w, const dlt698_time_tag *tag);
/** Ends what a server writes: no follow report, no time tag. */
void dlt698_response_end(gt_wr *w);
/** A get result: data follow. / A get result: that DAR. */
void dlt698_write_value_head(gt_wr *w);
void dlt698_write_refusal(gt_wr *w, uint8_t dar);

/** One piece of an answer (or of a report): what a GET, SET or ACTION gave. */
typedef struct dlt698_entry {
    dlt698_oad object; /* attribute or method; of a record: the table */
    dlt698_oad column; /* of a record's cell; otherwise as object */
    uint32_t row;      /* of a record's cell */
    bool is_cell;
    bool is_value; /* data are there; otherwise dar is what was said */
    uint8_t dar;
    const uint8_t *data; /* tag included: dlt698_data_one, or a walk of DLT698_TYPE_DATA */
    size_t data_len;
} dlt698_entry;

/** Reads the entries of GET-, SET-, ACTION-, REPORT- and PROXY APDUs. */
typedef struct dlt698_entries {
    dlt698_walk walk;
    dlt698_oad object;
    gt_rd columns; /* of the record being read */
    gt_rd column_next;
    uint32_t column_count;
} dlt698_entries;

/** Errors as dlt698_walk_done: the whole APDU is checked first, so that no entry is half read. */
GT_CHECKED gt_err dlt698_entries_init(dlt698_entries *e, const uint8_t *apdu, size_t len);
/** @return false after the last */
bool dlt698_entries_next(dlt698_entries *e, dlt698_entry *out);

#endif
