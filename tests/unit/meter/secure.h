/* A meter on the bench with a security element, and the station's key keeper on the other end.
 * Frames are left out: payloads go in as a server would hand them over, in wire order. */
#ifndef GT_TESTS_METER_SECURE_H
#define GT_TESTS_METER_SECURE_H

#include "codec/dlt645/security.h"
#include "element/host.h"
#include "rig.h"

enum { SECURE_PAYLOAD_MAX = SECURITY_DATA_MAX };

/** What goes over the line. */
typedef struct secure_payload {
    uint32_t di;
    size_t len;
    uint8_t bytes[SECURE_PAYLOAD_MAX];
} secure_payload;

typedef struct secure {
    rig r;
    sim_eeprom chip;
    element element;
    element_host host;
    uint64_t random;
    bool silent;            /* the last command was not answered */
    security_answer answer; /* turned to the element's order */
} secure;

/** A running meter with customer 100200300400 and an empty wallet, powered on. */
void secure_prepare(secure *s, suite_kind kind, meter_security_edition edition);
/** Meter and element lose power and get it again. */
gt_err secure_power_cycle(secure *s, int64_t off_s);
/** The same memory, powered on after a cut. */
gt_err secure_power_on(secure *s);

/** Payload in the element's order, turned to the wire's. */
void secure_fill(secure_payload *p, uint32_t di, const uint8_t *data, size_t len);
/** @return SERR word; 0xFFFF when the meter stays silent */
uint16_t secure_send(secure *s, const secure_payload *p);
uint16_t secure_command(secure *s, uint32_t di, const uint8_t *data, size_t len);

void secure_auth_fill(secure *s, secure_payload *p, uint8_t salt);
uint16_t secure_auth(secure *s);
/** 070101FF or 070102FF with right MACs under the host's challenge. */
void secure_buy_fill(const secure *s, secure_payload *p, uint32_t di, uint32_t amount,
                     uint32_t count);
uint16_t secure_buy(secure *s, uint32_t amount, uint32_t count);
/** 070101FF for 700 fen, 070103FF; that byte of the payload wrong, 0: none. */
uint16_t secure_open(secure *s, uint64_t customer, uint32_t count, size_t spoil_at);
uint16_t secure_wallet_init(secure *s, uint32_t amount, uint32_t count, size_t spoil_at);
/** The same element in a new meter that begins in that state. */
gt_err secure_life(secure *s, meter_life life);
/** N1, and how long it holds. */
void secure_control_fill(const secure *s, uint8_t out[SECURITY_CONTROL_LEN], uint8_t command,
                         int64_t valid_s);
uint16_t secure_control_send(secure *s, const uint8_t bytes[SECURITY_CONTROL_LEN]);
uint16_t secure_control(secure *s, uint8_t command, int64_t valid_s);
/** Write at level 98 or 99. @return ERR byte; 0xFFFF silence */
uint16_t secure_write_send(secure *s, uint8_t level, const secure_payload *p);
void secure_write_fill(const secure *s, secure_payload *p, const element_host_text *text,
                       uint32_t di);
uint16_t secure_keys(secure *s, const element_host_key *keys, size_t count);

int64_t secure_balance(const secure *s);
uint32_t secure_count(const secure *s);
uint32_t secure_wallet(secure *s, uint8_t record);

#endif
