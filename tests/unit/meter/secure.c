/* See secure.h. */
#include "secure.h"

#include <string.h>

enum { SILENCE = 0xFFFF, US_PER_S = 1000000, NUMBER_LEN = 6 };

static gt_err random_fill(void *ctx, uint8_t *out, size_t len)
{
    secure *s = ctx;
    for (size_t i = 0; i < len; i++) {
        s->random = s->random * 6364136223846793005U + 1442695040888963407U;
        out[i] = (uint8_t)(s->random >> 56U);
    }
    return GT_ERR_OK;
}

static void must(gt_err err)
{
    GT_ASSERT(err == GT_ERR_OK);
}

gt_err secure_power_on(secure *s)
{
    const element_ports ports = {.nvm = sim_eeprom_port(&s->chip),
                                 .random = {.ctx = s, .fill = random_fill}};
    must(element_open(&s->element, &ports));
    s->r.element = element_port(&s->element);
    return rig_power_on(&s->r);
}

void secure_prepare(secure *s, suite_kind kind, meter_security_edition edition)
{
    memset(s, 0, sizeof *s);
    rig_prepare(&s->r);
    s->r.cfg.security_edition = edition;
    s->r.cfg.opening_fen = 0;
    s->random = 5;
    sim_eeprom_init(&s->chip, 3);
    element_host site = {.kind = kind};
    for (unsigned i = 0; i < ELEMENT_SLOTS; i++) {
        must(random_fill(s, site.key[i], SUITE_KEY_LEN));
    }
    must(element_host_derive(&site, s->r.cfg.meter_no, &s->host));
    element_issue issue = {
        .kind = kind, .serial = {1, 2, 3, 4, 5, 6, 7, 8}, .meter_no = s->r.cfg.meter_no};
    memcpy(issue.key, s->host.key, sizeof issue.key);
    const gt_nvm nvm = sim_eeprom_port(&s->chip);
    must(element_make(&nvm, &issue));
    must(secure_power_on(s));
}

gt_err secure_power_cycle(secure *s, int64_t off_s)
{
    meter_power_fail(&s->r.meter, s->r.now);
    s->r.now.us += off_s * US_PER_S;
    return secure_power_on(s);
}

void secure_fill(secure_payload *p, uint32_t di, const uint8_t *data, size_t len)
{
    p->di = di;
    p->len = len;
    if (len > 0) {
        memcpy(p->bytes, data, len);
    }
    must(dlt645_security_turn(di, false, p->bytes, len));
}

uint16_t secure_send(secure *s, const secure_payload *p)
{
    const security_request rq = {.di = p->di, .data = p->bytes, .len = p->len};
    s->silent = meter_security_command(&s->r.meter, &rq, s->r.now, &s->answer) != GT_ERR_OK;
    if (s->silent) {
        return SILENCE;
    }
    if (s->answer.error == 0) {
        must(dlt645_security_turn(p->di, true, s->answer.data, s->answer.len));
    }
    return s->answer.error;
}

uint16_t secure_command(secure *s, uint32_t di, const uint8_t *data, size_t len)
{
    secure_payload p;
    secure_fill(&p, di, data, len);
    return secure_send(s, &p);
}

void secure_auth_fill(secure *s, secure_payload *p, uint8_t salt)
{
    uint8_t data[24];
    const uint8_t asked[8] = {0x51, salt, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58};
    element_host_identify(&s->host, asked, data);
    memcpy(data + 8, asked, 8);
    memcpy(data + 16, s->host.device, 8);
    secure_fill(p, DLT645_SECURITY_IDENTITY, data, sizeof data);
}

uint16_t secure_auth(secure *s)
{
    secure_payload p;
    secure_auth_fill(s, &p, 1);
    const uint16_t error = secure_send(s, &p);
    if (error == 0) {
        element_host_challenged(&s->host, s->answer.data);
    }
    return error;
}

void secure_buy_fill(const secure *s, secure_payload *p, uint32_t di, uint32_t amount,
                     uint32_t count)
{
    uint8_t data[22];
    gt_wr w = gt_wr_of(data, sizeof data);
    gt_wr_u32be(&w, amount);
    gt_wr_u32be(&w, count);
    element_host_increase(&s->host, amount, count, data + 8);
    uint8_t customer[NUMBER_LEN + SUITE_MAC_LEN];
    size_t len = 0;
    gt_wr bcd = gt_wr_of(data + 12, NUMBER_LEN);
    gt_wr_bcd_be(&bcd, s->r.cfg.customer_no, NUMBER_LEN);
    const element_host_text text = {.sfi = 2, .offset = 36, .text = data + 12, .len = NUMBER_LEN};
    uint8_t carried[GT_APDU_DATA_MAX];
    must(element_host_write(&s->host, &text, carried, &len));
    GT_ASSERT(len == sizeof customer);
    memcpy(data + 12, carried, len);
    secure_fill(p, di, data, sizeof data);
}

uint16_t secure_buy(secure *s, uint32_t amount, uint32_t count)
{
    secure_payload p;
    secure_buy_fill(s, &p, DLT645_SECURITY_PURCHASE, amount, count);
    return secure_send(s, &p);
}

uint16_t secure_open(secure *s, uint64_t customer, uint32_t count, size_t spoil_at)
{
    const uint64_t own = s->r.cfg.customer_no;
    secure_payload p;
    s->r.cfg.customer_no = customer;
    secure_buy_fill(s, &p, DLT645_SECURITY_OPEN, 700, count);
    s->r.cfg.customer_no = own;
    p.bytes[spoil_at] ^= spoil_at != 0 ? 1 : 0;
    return secure_send(s, &p);
}

uint16_t secure_wallet_init(secure *s, uint32_t amount, uint32_t count, size_t spoil_at)
{
    uint8_t data[16];
    gt_wr w = gt_wr_of(data, sizeof data);
    gt_wr_u32be(&w, amount);
    gt_wr_u32be(&w, 0);
    gt_wr_u32be(&w, count);
    element_host_record(&s->host, 1, amount, data + 4);
    element_host_record(&s->host, 3, count, data + 12);
    data[spoil_at] ^= spoil_at != 0 ? 1 : 0;
    return secure_command(s, DLT645_SECURITY_WALLET_INIT, data, sizeof data);
}

gt_err secure_life(secure *s, meter_life life)
{
    sim_eeprom_init(&s->r.eeprom, 1);
    s->r.cfg.life = life;
    return secure_power_on(s);
}

static uint8_t bcd(int v)
{
    return (uint8_t)(v / 10 * 16 + v % 10);
}

void secure_control_fill(const secure *s, uint8_t out[SECURITY_CONTROL_LEN], uint8_t command,
                         int64_t valid_s)
{
    gt_civil at = {0};
    const gt_utc until = {.ms = rig_utc(&s->r).ms + valid_s * 1000};
    must(gt_civil_of_utc(until, s->r.cfg.zone_min, &at));
    const uint8_t text[] = {command,      0,           bcd(at.second), bcd(at.minute),
                            bcd(at.hour), bcd(at.day), bcd(at.month),  bcd(at.year - 2000)};
    const element_host_text t = {.sfi = 8, .text = text, .len = sizeof text};
    uint8_t carried[GT_APDU_DATA_MAX];
    size_t len = 0;
    must(element_host_write(&s->host, &t, carried, &len));
    GT_ASSERT(len == SECURITY_CONTROL_LEN);
    memcpy(out, carried, len);
    must(dlt645_security_turn(DLT645_SECURITY_CONTROL, false, out, len));
}

uint16_t secure_control_send(secure *s, const uint8_t bytes[SECURITY_CONTROL_LEN])
{
    uint16_t error = 0;
    s->silent = meter_security_control(&s->r.meter, bytes, s->r.now, &error) != GT_ERR_OK;
    return s->silent ? SILENCE : error;
}

uint16_t secure_control(secure *s, uint8_t command, int64_t valid_s)
{
    uint8_t bytes[SECURITY_CONTROL_LEN];
    secure_control_fill(s, bytes, command, valid_s);
    return secure_control_send(s, bytes);
}

void secure_write_fill(const secure *s, secure_payload *p, const element_host_text *text,
                       uint32_t di)
{
    uint8_t carried[GT_APDU_DATA_MAX];
    must(element_host_write(&s->host, text, carried, &p->len));
    GT_ASSERT(p->len <= sizeof p->bytes);
    memcpy(p->bytes, carried, p->len);
    must(dlt645_security_turn(DLT645_SECURITY_WRITE, false, p->bytes, p->len));
    p->di = di;
}

uint16_t secure_write_send(secure *s, uint8_t level, const secure_payload *p)
{
    const security_request rq = {.di = p->di, .data = p->bytes, .len = p->len};
    s->silent = meter_security_write(&s->r.meter, level, &rq, s->r.now, &s->answer) != GT_ERR_OK;
    return s->silent ? SILENCE : s->answer.error;
}

uint16_t secure_keys(secure *s, const element_host_key *keys, size_t count)
{
    uint8_t data[GT_APDU_DATA_MAX];
    size_t len = 0;
    must(element_host_keys(&s->host, keys, count, data, &len));
    return secure_command(s, DLT645_SECURITY_KEYS, data, len);
}

int64_t secure_balance(const secure *s)
{
    return rig_status(&s->r).balance.fen;
}

uint32_t secure_count(const secure *s)
{
    return rig_status(&s->r).purchase_count;
}

uint32_t secure_wallet(secure *s, uint8_t record)
{
    const uint8_t command[] = {0x00, 0xB2, record, 0x0C, 0x04};
    gt_apdu_answer answer;
    element_apdu(&s->element, command, sizeof command, &answer);
    GT_ASSERT(answer.status == GT_SW_OK && answer.len == 4);
    gt_rd r = gt_rd_of(answer.data, 4);
    return gt_rd_u32be(&r);
}
