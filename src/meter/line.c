/* Bytes in, frames to the server of the line's protocol, answers out. A protocol whose frames tell
 * their length is answered as soon as one is whole; for the others, and for what never becomes a
 * frame, silence is the end. */
#include "meter/comm.h"
#include "meter/meter_priv.h"

#include <string.h>

enum { US_SECOND = 1000000, BAUD_DEFAULT = 9600 };

static const meter_server *server_of(const meter_line *line)
{
    return line_servers[line->protocol];
}

bool meter_protocol_built(meter_protocol protocol)
{
    return (unsigned)protocol < METER_PROTOCOLS && line_servers[protocol] != NULL;
}

void line_start(meter *m)
{
    m->line[METER_LINE_RS485].baud = m->cfg->baud;
    m->line[METER_LINE_RS485].protocol = m->cfg->protocol;
    m->line[METER_LINE_INFRARED].baud =
        m->cfg->infrared_baud != 0 ? m->cfg->infrared_baud : BAUD_DEFAULT;
    m->line[METER_LINE_INFRARED].protocol =
        m->cfg->infrared_baud != 0 ? m->cfg->infrared : m->cfg->protocol;
    comm_start(m);
}

static meter_due due_of(unsigned line)
{
    return line == METER_LINE_RS485 ? METER_DUE_LINE_0 : METER_DUE_LINE_1;
}

static void frame(meter *m, meter_line *line, size_t len, gt_mono now)
{
    GT_ASSERT(len <= line->rx_len);
    server_of(line)->frame(m, line, len, now);
    store_settle(m, now); /* whatever it changed is durable before the answer can be taken */
    line->rx_len = (uint16_t)(line->rx_len - len);
    memmove(line->rx, line->rx + len, line->rx_len);
    line->overrun = false;
}

void line_silence(meter *m, gt_mono at)
{
    for (unsigned i = 0; i < METER_LINES; i++) {
        if (m->due[due_of(i)].us <= at.us) {
            m->due[due_of(i)] = GT_MONO_NEVER;
            frame(m, &m->line[i], m->line[i].rx_len, at);
        }
    }
}

void meter_rx(meter *m, meter_line_id id, const uint8_t *bytes, size_t len, gt_mono now)
{
    GT_ASSERT((unsigned)id < METER_LINES);
    if (len == 0) {
        return;
    }
    meter_line *line = &m->line[id];
    const meter_server *server = server_of(line);
    const int64_t character_us = (int64_t)server->character_bits * US_SECOND / line->baud;
    meter_advance(m, (gt_mono){.us = now.us - (int64_t)len * character_us});
    line->tx_len = 0; /* somebody else speaks: the answer comes too late */
    const size_t room = sizeof line->rx - line->rx_len;
    const size_t taken = len < room ? len : room;
    memcpy(line->rx + line->rx_len, bytes, taken);
    line->rx_len = (uint16_t)(line->rx_len + taken);
    line->overrun = line->overrun || taken < len;
    m->due[due_of(id)].us = now.us + server->silence_us(line->baud);
    meter_advance(m, now);
    if (server->whole != NULL) {
        for (size_t whole = server->whole(line->rx, line->rx_len); whole != 0;
             whole = server->whole(line->rx, line->rx_len)) {
            frame(m, line, whole, now);
        }
        m->due[due_of(id)] = line->rx_len != 0 ? m->due[due_of(id)] : GT_MONO_NEVER;
    }
}

size_t meter_tx(meter *m, meter_line_id id, uint8_t *out, size_t cap)
{
    GT_ASSERT((unsigned)id < METER_LINES);
    meter_line *line = &m->line[id];
    const size_t len = line->tx_len;
    if (len == 0 || len > cap) {
        return 0;
    }
    memcpy(out, line->tx, len);
    line->tx_len = 0;
    return len;
}
