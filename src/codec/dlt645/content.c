/* What the data of a frame holds, by function, identifier and password level. */
#include "codec/dlt645/item.h"
#include "codec/dlt645/message_priv.h"

enum { LEVEL_SEALED = 0x98, LEVEL_MAC = 0x99, MAC_BYTES = 4, PROFILE = 0x06 };
enum { BLOCKS_LEN = 1, BLOCKS_FROM_LEN = 6 }; /* of a request for the load profile */

const char *dlt645_protocol(unsigned edition)
{
    return edition == DLT645_1997 ? "dlt645-1997" : "dlt645-2007";
}

uint32_t dlt645_values_di(const dlt645_message *m)
{
    const bool answer = m->function == DLT645_SECURITY && m->reply;
    return answer ? m->di | DLT645_DI_ANSWER : m->di;
}

/* Parameters that are secured by the security element, or a sealed command. Answers to either hold
 * no data. */
static bool is_secured(const dlt645_message *m, uint8_t level)
{
    const bool write = m->function == DLT645_WRITE && m->password.level == level;
    const bool control = m->function == DLT645_CONTROL && level == LEVEL_SEALED;
    return (write || control) && m->data_len >= MAC_BYTES;
}

size_t dlt645_mac_len(const dlt645_message *m)
{
    return is_secured(m, LEVEL_MAC) || is_secured(m, LEVEL_SEALED) ? MAC_BYTES : 0;
}

dlt645_content_kind dlt645_content(const dlt645_message *m)
{
    if (is_secured(m, LEVEL_SEALED)) {
        return DLT645_CONTENT_SEALED;
    }
    switch (m->function) {
    case DLT645_READ:
        if (!m->reply && m->di >> 24 == PROFILE &&
            (m->data_len == BLOCKS_LEN || m->data_len == BLOCKS_FROM_LEN)) {
            return DLT645_CONTENT_PROFILE;
        }
        return m->reply ? DLT645_CONTENT_VALUES : DLT645_CONTENT_BYTES;
    case DLT645_1997_READ:
    case DLT645_1997_READ_NEXT:
    case DLT645_1997_READ_AGAIN:
        return m->reply ? DLT645_CONTENT_VALUES : DLT645_CONTENT_BYTES;
    case DLT645_READ_NEXT: /* a request holds no data */
        return DLT645_CONTENT_CONTINUED;
    case DLT645_WRITE:
    case DLT645_1997_WRITE:
    case DLT645_SECURITY:
        return DLT645_CONTENT_VALUES;
    case DLT645_TIME_BROADCAST:
    case DLT645_ADDR_READ:
    case DLT645_ADDR_WRITE:
    case DLT645_FREEZE:
    case DLT645_BAUD:
    case DLT645_PASSWORD:
    case DLT645_DEMAND_CLEAR:
    case DLT645_METER_CLEAR:
    case DLT645_EVENT_CLEAR:
    case DLT645_CONTROL:
    case DLT645_OUTPUT:
    case DLT645_1997_TIME_BROADCAST:
    case DLT645_1997_ADDR_WRITE:
    case DLT645_1997_BAUD:
    case DLT645_1997_PASSWORD:
    case DLT645_1997_DEMAND_CLEAR:
        break;
    }
    return DLT645_CONTENT_BYTES;
}
