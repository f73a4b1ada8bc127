/* What the data of a right frame says: the parts of each control code as fields, the values of
 * identifiers as items. */
#include "codec/dlt645/describe_priv.h"

#include "codec/dlt645/describe.h"
#include "codec/dlt645/message_priv.h"

#include <string.h>

typedef struct teller {
    codec_description *d;
    const dlt645_message *m;
    uint32_t pos; /* offset in the input of the next part */
} teller;

typedef struct code_name {
    unsigned code;
    codec_name name;
} code_name;

static codec_name name_of(const code_name *table, size_t count, unsigned code)
{
    for (size_t i = 0; i < count; i++) {
        if (table[i].code == code) {
            return table[i].name;
        }
    }
    return (codec_name){NULL, NULL};
}

#define ROW(symbol, code, zh, en) {code, {zh, en}},
#define ROW_1997(symbol, code, zh, en) {DLT645_1997 | (code), {zh, en}},
static const code_name function_names[] = {DLT645_FUNCTION_LIST(ROW)
                                               DLT645_1997_FUNCTION_LIST(ROW_1997)};
static const code_name command_names[] = {DLT645_COMMAND_LIST(ROW)};
static const code_name fault_names[] = {DLT645_FAULT_LIST(ROW)};
static const code_name fault_1997_names[] = {DLT645_1997_FAULT_LIST(ROW)};
#undef ROW_1997
#undef ROW

/* The error word of security answers, from public summaries of the prepayment supplement. */
static const code_name security_fault_names[] = {
    {0, {"其他错误", "other error"}},
    {1, {"重复充值", "recharge repeated"}},
    {2, {"ESAM验证失败", "security element refused"}},
    {3, {"身份认证失败", "identity authentication failed"}},
    {4, {"客户编号不匹配", "customer number does not match"}},
    {5, {"充值次数错误", "recharge count wrong"}},
    {6, {"购电超囤积", "over the hoarding limit"}},
    {7, {"地址异常", "address abnormal"}},
};

codec_name dlt645_function_name(unsigned function)
{
    return name_of(function_names, sizeof function_names / sizeof function_names[0], function);
}

static bool is_1997(const dlt645_message *m)
{
    return ((unsigned)m->function & DLT645_1997) != 0;
}

static void tell(teller *t, codec_field field)
{
    field.offset = t->pos;
    t->pos += field.len;
    codec_field_add(t->d, &field);
}

static void tell_hex(teller *t, codec_field field, uint64_t value)
{
    field.value = codec_text_hex(t->d, value, 2 * field.len);
    tell(t, field);
}

static void tell_digits(teller *t, codec_field field, uint64_t value)
{
    codec_text_add_hex(t->d, value, 2 * field.len);
    field.value = codec_text_end(t->d);
    tell(t, field);
}

/* Bits of an error word in both languages. */
static codec_name bits_meaning(codec_description *d, const code_name *names, size_t count,
                               unsigned bits)
{
    const char *text[2] = {NULL, NULL};
    for (unsigned language = 0; language < 2; language++) {
        const char *separator = "";
        for (size_t i = 0; i < count; i++) {
            if ((bits >> names[i].code & 1) != 0) {
                codec_text_add(d, separator);
                codec_text_add(d, language == 0 ? names[i].name.zh : names[i].name.en);
                separator = language == 0 ? "、" : ", ";
            }
        }
        text[language] = codec_text_end(d);
    }
    return (codec_name){text[0], text[1]};
}

static void tell_error(teller *t)
{
    const bool security = t->m->function == DLT645_SECURITY;
    codec_field field = {.id = "error", .name = {"错误信息字", "error"}, .len = security ? 2 : 1};
    const code_name *names = fault_names;
    size_t count = sizeof fault_names / sizeof fault_names[0];
    if (security) {
        names = security_fault_names;
        count = sizeof security_fault_names / sizeof security_fault_names[0];
    } else if (is_1997(t->m)) {
        names = fault_1997_names;
        count = sizeof fault_1997_names / sizeof fault_1997_names[0];
    }
    field.meaning = bits_meaning(t->d, names, count, t->m->error);
    tell_hex(t, field, t->m->error);
}

static void tell_di(teller *t)
{
    const bool short_di = is_1997(t->m);
    codec_field field = {
        .id = "di", .name = {"数据标识", "data identifier"}, .len = short_di ? 2 : 4};
    const dlt645_item *item =
        short_di ? dlt645_1997_item_find(t->m->di) : dlt645_item_find(t->m->di);
    if (item != NULL) {
        field.meaning = (codec_name){item->name_zh, item->name_en};
    }
    tell_digits(t, field, t->m->di);
}

static void tell_password(teller *t, const dlt645_password *password, bool is_new)
{
    tell_hex(t,
             (codec_field){.id = is_new ? "level_new" : "level",
                           .name = {is_new ? "新密级PA" : "密级PA",
                                    is_new ? "new password level" : "password level"},
                           .len = 1},
             password->level);
    tell_digits(
        t,
        (codec_field){.id = is_new ? "password_new" : "password",
                      .name = {is_new ? "新密码" : "密码", is_new ? "new password" : "password"},
                      .len = 3},
        password->digits);
}

static void tell_operator(teller *t)
{
    tell_digits(t,
                (codec_field){.id = "operator", .name = {"操作者代码", "operator code"}, .len = 4},
                t->m->operator_code);
}

static void tell_addr(teller *t)
{
    const bool set = !t->m->reply;
    tell_digits(
        t,
        (codec_field){.id = "new_address",
                      .name = {set ? "新地址" : "通信地址", set ? "new address" : "address"},
                      .len = 6},
        t->m->new_addr);
}

static void tell_seq(teller *t)
{
    tell_hex(t, (codec_field){.id = "seq", .name = {"帧序号", "frame number"}, .len = 1},
             t->m->seq);
}

static void time_text(codec_description *d, const dlt645_time *time)
{
    codec_text_add_hex(d, time->hour, 2);
    codec_text_add(d, ":");
    codec_text_add_hex(d, time->minute, 2);
}

/* Digits as sent: 99 is a wildcard of freezes. */
static void tell_time(teller *t, const char *id, codec_name name)
{
    const dlt645_time *time = &t->m->time;
    codec_text_add_hex(t->d, time->year, 2);
    codec_text_add(t->d, "-");
    codec_text_add_hex(t->d, time->month, 2);
    codec_text_add(t->d, "-");
    codec_text_add_hex(t->d, time->day, 2);
    codec_text_add(t->d, " ");
    time_text(t->d, time);
    codec_text_add(t->d, ":");
    codec_text_add_hex(t->d, time->second, 2);
    tell(t, (codec_field){.id = id, .name = name, .len = 6, .value = codec_text_end(t->d)});
}

static void tell_freeze(teller *t)
{
    const dlt645_time *time = &t->m->time;
    const codec_name meaning = time->month != 0x99    ? (codec_name){"按年", "yearly"}
                               : time->day != 0x99    ? (codec_name){"按月", "monthly"}
                               : time->hour != 0x99   ? (codec_name){"按日", "daily"}
                               : time->minute != 0x99 ? (codec_name){"按小时", "hourly"}
                                                      : (codec_name){"瞬时冻结", "at once"};
    codec_text_add_hex(t->d, time->month, 2);
    codec_text_add(t->d, "-");
    codec_text_add_hex(t->d, time->day, 2);
    codec_text_add(t->d, " ");
    time_text(t->d, time);
    tell(t, (codec_field){.id = "freeze_time",
                          .name = {"冻结时间", "freeze time"},
                          .len = 4,
                          .value = codec_text_end(t->d),
                          .meaning = meaning});
}

static void tell_data_raw(teller *t, const char *id, codec_name name)
{
    if (t->m->data_len == 0) {
        return;
    }
    codec_text_add_hex_bytes(t->d, t->m->data, t->m->data_len);
    tell(t, (codec_field){
                .id = id, .name = name, .len = t->m->data_len, .value = codec_text_end(t->d)});
}

/* Bits of run status word 3 that decide about light. */
static void tell_run_status(teller *t, const dlt645_value *v, uint32_t offset)
{
    static const struct {
        unsigned bit;
        const char *id;
        codec_name name;
    } bits[] = {
        {4, "04000503.4", {"继电器状态（1断开）", "Relay state (1 open)"}},
        {6, "04000503.6", {"继电器命令状态（1断开）", "Relay commanded (1 open)"}},
    };
    if (v->di != DLT645_DI_RUN_STATUS + 2 || v->absent) {
        return;
    }
    for (size_t i = 0; i < sizeof bits / sizeof bits[0]; i++) {
        codec_item_add(t->d, &(codec_item){bits[i].id, bits[i].name, offset, 2,
                                           (v->raw >> bits[i].bit & 1) != 0 ? "1" : "0", ""});
    }
}

static void tell_values(teller *t)
{
    const bool short_di = is_1997(t->m);
    const unsigned digits = short_di ? 4 : 8;
    dlt645_walk walk = short_di ? dlt645_1997_walk_of(t->m->di, t->m->data, t->m->data_len)
                                : dlt645_walk_of(t->m->di, t->m->data, t->m->data_len);
    gt_err err = GT_ERR_OK;
    dlt645_value v;
    while ((err = dlt645_walk_next(&walk, &v)) == GT_ERR_OK) {
        codec_text_add_hex(t->d, v.di, digits);
        if (v.item->format->many && v.element > 0) {
            codec_text_add(t->d, ".");
            codec_text_add_number(t->d, v.element, 1);
        }
        const uint32_t offset = t->pos + v.offset;
        codec_item item = {.id = codec_text_end(t->d), .offset = offset, .unit = v.item->unit};
        item.len = v.item->format->bytes;
        item.name = dlt645_value_name(t->d, &v);
        item.value = dlt645_value_text(t->d, &v);
        codec_item_add(t->d, &item);
        tell_run_status(t, &v, offset);
    }
    const uint32_t rest = t->pos + (uint32_t)walk.pos;
    t->pos += t->m->data_len;
    if (err == GT_ERR_NOT_FOUND) {
        return;
    }
    const uint8_t *left = t->m->data + walk.pos;
    const size_t left_len = t->m->data_len - walk.pos;
    codec_text_add_hex_bytes(t->d, left, left_len);
    const char *hex = codec_text_end(t->d);
    if (err == GT_ERR_UNKNOWN) {
        /* An identifier without a row is no fault of the frame: its bytes are shown as they are. */
        codec_text_add_hex(t->d, t->m->di, digits);
        codec_item_add(
            t->d, &(codec_item){codec_text_end(t->d),
                                {"未收录的数据项（去33H）", "Item without a row (33H removed)"},
                                rest,
                                (uint32_t)left_len,
                                hex,
                                ""});
        return;
    }
    codec_error_add(t->d, &(codec_error){err, rest, "data in the item's format", hex});
}

/* Data that holds values of the identifier; other data is shown as bytes. */
static bool has_values(const dlt645_message *m)
{
    const bool read = m->function == DLT645_READ || m->function == DLT645_READ_NEXT ||
                      m->function == DLT645_1997_READ || m->function == DLT645_1997_READ_NEXT ||
                      m->function == DLT645_1997_READ_AGAIN;
    const bool write = m->function == DLT645_WRITE || m->function == DLT645_1997_WRITE;
    return read ? m->reply : write;
}

static void tell_data(teller *t)
{
    if (has_values(t->m)) {
        tell_values(t);
    } else if (t->m->function == DLT645_READ) {
        tell_data_raw(t, "block",
                      (codec_name){"负荷记录块数及时间", "load profile blocks and time"});
    } else {
        tell_data_raw(t, "data", (codec_name){"数据", "data"});
    }
}

static void tell_code(teller *t)
{
    codec_field field = {.id = "code", .name = {"特征字", "code"}, .len = 1};
    if (t->m->function == DLT645_CONTROL) {
        field.id = "command";
        field.name = (codec_name){"控制命令N1", "command N1"};
        field.meaning =
            name_of(command_names, sizeof command_names / sizeof command_names[0], t->m->code);
    }
    tell_hex(t, field, t->m->code);
}

static void tell_part(teller *t, dlt645_part part)
{
    const dlt645_message *m = t->m;
    switch (part) {
    case DLT645_PART_DI:
    case DLT645_PART_DI_SHORT:
        tell_di(t);
        break;
    case DLT645_PART_PASSWORD:
        tell_password(t, &m->password, false);
        break;
    case DLT645_PART_PASSWORD_NEW:
        tell_password(t, &m->password_new, true);
        break;
    case DLT645_PART_OPERATOR:
        tell_operator(t);
        break;
    case DLT645_PART_ADDR:
        tell_addr(t);
        break;
    case DLT645_PART_TIME:
        if (m->function == DLT645_CONTROL) {
            tell_time(t, "valid_until", (codec_name){"命令有效截止时间", "valid until"});
        } else {
            tell_time(t, "time", (codec_name){"时间", "time"});
        }
        break;
    case DLT645_PART_FREEZE:
        tell_freeze(t);
        break;
    case DLT645_PART_CODE:
        tell_code(t);
        break;
    case DLT645_PART_CODE2:
        tell_hex(t, (codec_field){.id = "reserved", .name = {"保留N2", "reserved N2"}, .len = 1},
                 m->code2);
        break;
    case DLT645_PART_DATA:
        tell_data(t);
        break;
    case DLT645_PART_DATA_SEQ:
        tell_data(t);
        tell_seq(t);
        break;
    case DLT645_PART_SEQ:
        tell_seq(t);
        break;
    case DLT645_PART_ERROR:
    case DLT645_PART_ERROR_WORD:
        tell_error(t);
        break;
    case DLT645_PART_NEVER:
    case DLT645_PART_END:
        break;
    }
}

void dlt645_data_describe(codec_description *d, const dlt645_frame *frame, unsigned edition,
                          uint32_t data_at)
{
    dlt645_message m;
    const gt_err err = edition == DLT645_1997 ? dlt645_1997_message_decode(frame, &m)
                                              : dlt645_message_decode(frame, &m);
    teller t = {.d = d, .m = &m, .pos = data_at};
    if (err != GT_ERR_OK) {
        const bool control = err == GT_ERR_UNSUPPORTED || err == GT_ERR_MALFORMED;
        codec_text_add_hex(d, frame->ctrl, 2);
        codec_text_add(d, "H with ");
        codec_text_add_number(d, frame->data_len, 1);
        codec_text_add(d, " bytes");
        codec_error_add(d, &(codec_error){err, control ? data_at - 2 : data_at - 1,
                                          control ? "a control code of this edition"
                                                  : "the data length of this control code",
                                          codec_text_end(d)});
        return;
    }
    const dlt645_part *parts = dlt645_message_parts((unsigned)m.function, m.reply, m.abnormal);
    for (size_t i = 0; i < DLT645_PARTS_MAX && parts[i] != DLT645_PART_END; i++) {
        tell_part(&t, parts[i]);
    }
}
