/**
 * @file message.h
 * @brief What a DL/T 645 frame says: every control code, request and answer <-> struct.
 *
 * Layer:   codec. No I/O, no allocation, no clock.
 * Source:  DL/T 645-2007, 5.2.4 (control code), 7 (application layer), 8 (extended functions);
 *          DL/T 645-1997, the same frame with control codes of its own.
 */
#ifndef GT_CODEC_DLT645_MESSAGE_H
#define GT_CODEC_DLT645_MESSAGE_H

#include "codec/dlt645/frame.h"

/** X(symbol, code, zh, en) */
#define DLT645_FUNCTION_LIST(X)                                        \
    X(SECURITY, 0x03, "安全认证", "security")                          \
    X(TIME_BROADCAST, 0x08, "广播校时", "broadcast time")              \
    X(READ, 0x11, "读数据", "read")                                    \
    X(READ_NEXT, 0x12, "读后续数据", "read following")                 \
    X(ADDR_READ, 0x13, "读通信地址", "read address")                   \
    X(WRITE, 0x14, "写数据", "write")                                  \
    X(ADDR_WRITE, 0x15, "写通信地址", "write address")                 \
    X(FREEZE, 0x16, "冻结命令", "freeze")                              \
    X(BAUD, 0x17, "更改通信速率", "change baud rate")                  \
    X(PASSWORD, 0x18, "修改密码", "change password")                   \
    X(DEMAND_CLEAR, 0x19, "最大需量清零", "maximum demand reset")      \
    X(METER_CLEAR, 0x1A, "电表清零", "meter clear")                    \
    X(EVENT_CLEAR, 0x1B, "事件清零", "event clear")                    \
    X(CONTROL, 0x1C, "跳合闸、报警、保电", "relay, alarm, keep-power") \
    X(OUTPUT, 0x1D, "多功能端子输出控制", "multifunction terminal output")

/** Of the 1997 edition. X(symbol, code, zh, en) */
#define DLT645_1997_FUNCTION_LIST(X)                      \
    X(READ, 0x01, "读数据", "read")                       \
    X(READ_NEXT, 0x02, "读后续数据", "read following")    \
    X(READ_AGAIN, 0x03, "重读数据", "read again")         \
    X(WRITE, 0x04, "写数据", "write")                     \
    X(TIME_BROADCAST, 0x08, "广播校时", "broadcast time") \
    X(ADDR_WRITE, 0x0A, "写设备地址", "write address")    \
    X(BAUD, 0x0C, "更改通信速率", "change baud rate")     \
    X(PASSWORD, 0x0F, "修改密码", "change password")      \
    X(DEMAND_CLEAR, 0x10, "最大需量清零", "maximum demand reset")

/** On a function code: it is one of the 1997 edition. */
enum { DLT645_1997 = 0x100 };

typedef enum dlt645_function {
#define DLT645_FUNCTION_ENUM(symbol, code, zh, en) DLT645_##symbol = code,
    DLT645_FUNCTION_LIST(DLT645_FUNCTION_ENUM)
#undef DLT645_FUNCTION_ENUM
#define DLT645_FUNCTION_ENUM(symbol, code, zh, en) DLT645_1997_##symbol = DLT645_1997 | (code),
        DLT645_1997_FUNCTION_LIST(DLT645_FUNCTION_ENUM)
#undef DLT645_FUNCTION_ENUM
} dlt645_function;

/** N1 of control 1CH. X(symbol, code, zh, en) */
#define DLT645_COMMAND_LIST(X)                                                                 \
    X(TRIP, 0x1A, "跳闸", "open relay")                                                        \
    X(CLOSE_ALLOW, 0x1B, "合闸允许", "allow close")                                            \
    X(CLOSE, 0x1C, "直接合闸", "close relay")                                                  \
    X(TRIP_CLOSE_ALLOW, 0x1D, "跳闸后自动合闸允许", "open relay, allow close by itself later") \
    X(TRIP_CLOSE, 0x1E, "跳闸后自动直接合闸", "open relay, close by itself later")             \
    X(ALARM_ON, 0x2A, "报警", "alarm on")                                                      \
    X(ALARM_OFF, 0x2B, "报警解除", "alarm off")                                                \
    X(KEEP_POWER, 0x3A, "保电", "keep power")                                                  \
    X(KEEP_POWER_END, 0x3B, "保电解除", "end keep power")

typedef enum dlt645_command {
#define DLT645_COMMAND_ENUM(symbol, code, zh, en) DLT645_COMMAND_##symbol = code,
    DLT645_COMMAND_LIST(DLT645_COMMAND_ENUM)
#undef DLT645_COMMAND_ENUM
} dlt645_command;

/** Bits of the error byte of an abnormal answer. X(symbol, bit, zh, en) */
#define DLT645_FAULT_LIST(X)                                        \
    X(OTHER, 0, "其他错误", "other error")                          \
    X(NO_DATA, 1, "无请求数据", "no requested data")                \
    X(AUTH, 2, "密码错/未授权", "password wrong or not authorised") \
    X(BAUD, 3, "通信速率不能更改", "baud rate cannot change")       \
    X(ZONES, 4, "年时区数超", "too many year zones")                \
    X(PERIODS, 5, "日时段数超", "too many day periods")             \
    X(TARIFFS, 6, "费率数超", "too many tariffs")

enum {
#define DLT645_FAULT_ENUM(symbol, bit, zh, en) DLT645_FAULT_##symbol = 1 << (bit),
    DLT645_FAULT_LIST(DLT645_FAULT_ENUM)
#undef DLT645_FAULT_ENUM
};

/** The same of the 1997 edition. X(symbol, bit, zh, en) */
#define DLT645_1997_FAULT_LIST(X)                        \
    X(DATA, 0, "非法数据", "illegal data")               \
    X(NO_DATA, 1, "数据标识错", "wrong data identifier") \
    X(AUTH, 2, "密码错", "password wrong")               \
    X(ZONES, 4, "年时区数超", "too many year zones")     \
    X(PERIODS, 5, "日时段数超", "too many day periods")  \
    X(TARIFFS, 6, "费率数超", "too many tariffs")

enum {
#define DLT645_FAULT_ENUM(symbol, bit, zh, en) DLT645_1997_FAULT_##symbol = 1 << (bit),
    DLT645_1997_FAULT_LIST(DLT645_FAULT_ENUM)
#undef DLT645_FAULT_ENUM
};

/** Bits of the error word of a refused security command, from public implementations of the
 * supplement. X(symbol, bit, zh, en) */
#define DLT645_SECURITY_FAULT_LIST(X)                                         \
    X(OTHER, 0, "其他错误", "other error")                                    \
    X(REPEATED, 1, "重复充值", "purchase repeated")                           \
    X(ELEMENT, 2, "ESAM验证失败", "security element refused")                 \
    X(AUTH, 3, "身份认证失败", "identity authentication failed or timed out") \
    X(CUSTOMER, 4, "客户编号不匹配", "customer number does not match")        \
    X(COUNT, 5, "充值次数错误", "purchase count wrong")                       \
    X(HOARDING, 6, "购电超囤积", "over the hoarding limit")                   \
    X(ADDRESS, 7, "地址异常", "address abnormal")                             \
    X(SUSPENDED, 8, "安全认证挂起", "remote security suspended")

enum {
#define DLT645_FAULT_ENUM(symbol, bit, zh, en) DLT645_SECURITY_FAULT_##symbol = 1 << (bit),
    DLT645_SECURITY_FAULT_LIST(DLT645_FAULT_ENUM)
#undef DLT645_FAULT_ENUM
};

/** PA and P0 P1 P2. */
typedef struct dlt645_password {
    uint8_t level;   /* PA: 0 .. 9; 98H, 99H with a security element */
    uint32_t digits; /* 24 bits, P0 lowest */
} dlt645_password;

/** Digits as sent (BCD kept), since wildcards 99H and zeros are allowed in places. */
typedef struct dlt645_time {
    uint8_t second;
    uint8_t minute;
    uint8_t hour;
    uint8_t day;
    uint8_t month;
    uint8_t year;
} dlt645_time;

/** Only the members that the function and direction name are meaningful. In the 1997 edition an
 * identifier has two bytes, there is neither an operator nor SEQ, and data holds what READ_AGAIN
 * and DEMAND_CLEAR requests carry (usually nothing). */
typedef struct dlt645_message {
    uint64_t addr;
    dlt645_function function;
    bool reply;                   /* D7: from the meter */
    bool abnormal;                /* D6 */
    bool following;               /* D5: more frames follow */
    uint16_t error;               /* abnormal: error byte; SECURITY: the two-byte word */
    uint32_t di;                  /* READ READ_NEXT WRITE PASSWORD EVENT_CLEAR SECURITY */
    uint8_t seq;                  /* READ_NEXT, both ways */
    dlt645_password password;     /* WRITE PASSWORD DEMAND_CLEAR METER_CLEAR EVENT_CLEAR CONTROL */
    dlt645_password password_new; /* PASSWORD, both ways */
    uint32_t operator_code;       /* as password, and SECURITY requests; not for PASSWORD */
    uint64_t new_addr;            /* ADDR_WRITE request, ADDR_READ answer */
    dlt645_time time;    /* TIME_BROADCAST; CONTROL: valid until; FREEZE: month day hour minute */
    uint8_t code;        /* BAUD rate bits, OUTPUT signal, CONTROL N1 (dlt645_command) */
    uint8_t code2;       /* CONTROL N2, reserved, 0 */
    uint8_t data_len;    /* READ: block count and time, or the answer; WRITE, SECURITY: payload;
                            CONTROL with a cipher in place of code, code2 and time: that and its MAC */
    const uint8_t *data; /* decoded: in the frame, which must outlive the message */
} dlt645_message;

/**
 * @return UNSUPPORTED  control code not in DLT645_FUNCTION_LIST
 *         TRUNCATED or TRAILING  data length does not fit the function
 *         MALFORMED  a request with D6 or D5 set, or an address that is not one
 */
GT_CHECKED gt_err dlt645_message_decode(const dlt645_frame *frame, dlt645_message *out);
/** The same for a frame of the 1997 edition; the function comes with DLT645_1997 on it. */
GT_CHECKED gt_err dlt645_1997_message_decode(const dlt645_frame *frame, dlt645_message *out);

/**
 * @return RANGE  a field outside its bits; SPACE  data too long for one frame
 *         UNSUPPORTED  no such function, or an answer to broadcast time, which has none
 */
GT_CHECKED gt_err dlt645_message_encode(const dlt645_message *message, dlt645_frame *out);

#endif
