/* What the data of a right frame says: the parts of each control code as fields, the values of
 * identifiers as items. */
#include "codec/dlt645/describe_priv.h"

#include "codec/dlt645/describe.h"
#include "codec/dlt645/message_priv.h"

#include <string.h>

enum { VALUES_AT_ONCE = 8, ANSWER_BITS = DLT645_ABNORMAL | DLT645_FOLLOWING };

typedef struct teller {
    codec_description *d;
    const dlt645_message *m;
    const items_set *own;
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
static const code_name security_fault_names[] = {DLT645_SECURITY_FAULT_LIST(ROW)};
#undef ROW_1997
#undef ROW

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
        short_di ? dlt645_1997_item_find(t->m->di) : dlt645_item_find(dlt645_values_di(t->m));
    if (item != NULL) {
        const dlt645_texts texts = dlt645_item_texts(item);
        field.meaning = (codec_name){texts.zh, texts.en};
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
    codec_text_add(d, " ");
    codec_text_add_hex(d, time->hour, 2);
    codec_text_add(d, ":");
    codec_text_add_hex(d, time->minute, 2);
}

/* Digits as sent: 99 is a wildcard of freezes. */
static void tell_moment(teller *t, codec_field field)
{
    const dlt645_time *at = &t->m->time;
    const uint32_t date = (uint32_t)at->year << 16 | (uint32_t)at->month << 8 | at->day;
    const uint32_t time = (uint32_t)at->hour << 16 | (uint32_t)at->minute << 8 | at->second;
    if (!gt_bcd_valid(date) || !gt_bcd_valid(time)) {
        codec_error_add(t->d, &(codec_error){GT_ERR_MALFORMED, t->pos, "BCD digits", field.value});
    }
    tell(t, field);
}

static void tell_time(teller *t, const char *id, codec_name name)
{
    const dlt645_time *time = &t->m->time;
    codec_text_add_hex(t->d, time->year, 2);
    codec_text_add(t->d, "-");
    codec_text_add_hex(t->d, time->month, 2);
    codec_text_add(t->d, "-");
    codec_text_add_hex(t->d, time->day, 2);
    time_text(t->d, time);
    codec_text_add(t->d, ":");
    codec_text_add_hex(t->d, time->second, 2);
    tell_moment(t, (codec_field){.id = id, .name = name, .len = 6, .value = codec_text_end(t->d)});
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
    time_text(t->d, time);
    tell_moment(t, (codec_field){.id = "freeze_time",
                                 .name = {"冻结时间", "freeze time"},
                                 .len = 4,
                                 .value = codec_text_end(t->d),
                                 .meaning = meaning});
}

/* Bytes without a meaning of their own: a field. */
static void tell_bytes(teller *t, const char *id, codec_name name, size_t from, size_t len)
{
    codec_text_add_hex_bytes(t->d, t->m->data + from, len);
    tell(t, (codec_field){
                .id = id, .name = name, .len = (uint32_t)len, .value = codec_text_end(t->d)});
}

static void tell_data_raw(teller *t, const char *id, codec_name name)
{
    if (t->m->data_len > 0) {
        tell_bytes(t, id, name, 0, t->m->data_len);
    }
}

/* Data as one item: that no row explains, or that goes on in the next frame. */
static void tell_raw_item(teller *t, const char *id, codec_name name, size_t from, size_t len)
{
    codec_text_add_hex_bytes(t->d, t->m->data + from, len);
    codec_item_add(t->d, &(codec_item){id, name, t->pos + (uint32_t)from, (uint32_t)len,
                                       codec_text_end(t->d), ""});
}

static dlt645_walk walk_of(const dlt645_message *m)
{
    const size_t len = m->data_len - dlt645_mac_len(m);
    return is_1997(m) ? dlt645_1997_walk_of(m->di, m->data, len)
                      : dlt645_walk_of(dlt645_values_di(m), m->data, len);
}

/* How the values end, and where. */
static gt_err values_check(const dlt645_message *m, size_t *out_end)
{
    dlt645_walk walk = walk_of(m);
    dlt645_value v[VALUES_AT_ONCE];
    size_t count = 0;
    gt_err err = GT_ERR_OK;
    while (err == GT_ERR_OK) {
        err = dlt645_walk_take(&walk, v, VALUES_AT_ONCE, &count);
    }
    *out_end = walk.pos;
    return err;
}

/* Bytes that stand between values: end marks of 1997, marks of the load profile. */
static void tell_marks(teller *t, size_t from, size_t to)
{
    if (from < to) {
        tell_raw_item(t, "mark", (codec_name){"标记", "mark"}, from, to - from);
    }
}

static void tell_values_good(teller *t, size_t end)
{
    dlt645_walk walk = walk_of(t->m);
    dlt645_value v[VALUES_AT_ONCE];
    size_t count = 0;
    size_t told = 0;
    walk.len = end;
    while (dlt645_walk_take(&walk, v, VALUES_AT_ONCE, &count) == GT_ERR_OK) {
        for (size_t i = 0; i < count; i++) {
            const size_t at = (size_t)(v[i].bytes - t->m->data);
            tell_marks(t, told, at);
            dlt645_value_tell(t->d, &v[i], is_1997(t->m), t->pos + (uint32_t)at);
            told = at + dlt645_value_len(&v[i]);
        }
    }
    tell_marks(t, told, end);
}

/* Values of an identifier that the meter's model has; @return false when it has it not. */
static bool tell_own(teller *t, size_t len)
{
    const dlt645_message *m = t->m;
    const unsigned edition = (unsigned)m->function & DLT645_1997;
    const items_item *item =
        items_find(t->own, (items_key){dlt645_protocol(edition), m->di, m->reply, 0});
    if (item == NULL || len == 0) {
        return false;
    }
    const codec_bytes data = {m->data, len};
    const gt_err err = items_describe(t->own, item, edition != 0 ? 4 : 8, data, t->pos, t->d);
    if (err != GT_ERR_OK) {
        codec_text_add_hex_bytes(t->d, m->data, len);
        codec_error_add(t->d, &(codec_error){err, t->pos, "data as the model's file has it",
                                             codec_text_end(t->d)});
    }
    return true;
}

static void tell_values_of(teller *t, size_t len)
{
    size_t end = 0;
    const gt_err err = values_check(t->m, &end);
    if (err == GT_ERR_TRUNCATED && t->m->following) {
        tell_raw_item(t, "data",
                      (codec_name){"数据（后续帧继续）", "data, goes on in the next frame"}, 0,
                      len);
    } else if (err == GT_ERR_NOT_FOUND || err == GT_ERR_UNKNOWN) {
        tell_values_good(t, end);
        if (end < len) { /* an identifier without a row is no fault of the frame */
            codec_text_add_hex(t->d, t->m->di, is_1997(t->m) ? 4 : 8);
            tell_raw_item(
                t, codec_text_end(t->d),
                (codec_name){"未收录的数据项（去33H）", "Item without a row (33H removed)"}, end,
                len - end);
        }
    } else {
        codec_text_add_hex_bytes(t->d, t->m->data + end, len - end);
        codec_text_add(t->d, end == len ? "end of data" : "");
        codec_error_add(t->d, &(codec_error){err, t->pos + (uint32_t)end,
                                             "data in the item's format", codec_text_end(t->d)});
    }
}

static void tell_values(teller *t)
{
    const size_t len = t->m->data_len - dlt645_mac_len(t->m);
    if (!tell_own(t, len)) {
        tell_values_of(t, len);
    }
    t->pos += (uint32_t)len;
    if (len < t->m->data_len) {
        tell_bytes(t, "mac", (codec_name){"MAC", "MAC"}, len, t->m->data_len - len);
    }
}

/* Which blocks of the load profile are asked for: how many, and from when on. */
static void tell_profile_request(teller *t)
{
    const uint8_t *at = t->m->data;
    codec_text_add_hex(t->d, at[0], 2);
    tell(t, (codec_field){.id = "blocks",
                          .name = {"负荷记录块数", "load profile blocks"},
                          .len = 1,
                          .value = codec_text_end(t->d)});
    if (t->m->data_len > 1) {
        codec_text_add_hex_bytes(t->d, at + 1, t->m->data_len - 1U);
        tell(t, (codec_field){.id = "from",
                              .name = {"起始时间（分时日月年）", "from (minute to year)"},
                              .len = t->m->data_len - 1U,
                              .value = codec_text_end(t->d)});
    }
}

static void tell_sealed(teller *t)
{
    const size_t mac = dlt645_mac_len(t->m);
    tell_bytes(t, "cipher", (codec_name){"密文", "cipher"}, 0, t->m->data_len - mac);
    tell_bytes(t, "mac", (codec_name){"MAC", "MAC"}, t->m->data_len - mac, mac);
}

static void tell_data(teller *t)
{
    const dlt645_message *m = t->m;
    switch (dlt645_content(m)) {
    case DLT645_CONTENT_VALUES:
        tell_values(t);
        break;
    case DLT645_CONTENT_CONTINUED:
        tell_raw_item(t, "data", (codec_name){"后续数据", "continued data"}, 0, m->data_len);
        t->pos += m->data_len;
        break;
    case DLT645_CONTENT_SEALED:
        tell_sealed(t);
        break;
    case DLT645_CONTENT_PROFILE:
        tell_profile_request(t);
        break;
    case DLT645_CONTENT_BYTES:
        tell_data_raw(t, "data", (codec_name){"数据", "data"});
        break;
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

/* Control code, length or address: nothing else of a frame can be wrong before its values. */
static void tell_fault(codec_description *d, gt_err err, const dlt645_frame *frame,
                       uint32_t data_at)
{
    const bool answer_only = (frame->ctrl & DLT645_REPLY) == 0 && (frame->ctrl & ANSWER_BITS) != 0;
    if (err == GT_ERR_MALFORMED && !answer_only) {
        codec_text_add_hex_bytes(d, frame->data, frame->data_len);
        codec_error_add(d, &(codec_error){err, data_at, "address: 6 bytes of BCD digits or A",
                                          codec_text_end(d)});
        return;
    }
    const bool control = err == GT_ERR_UNSUPPORTED || err == GT_ERR_MALFORMED;
    codec_text_add_hex(d, frame->ctrl, 2);
    codec_text_add(d, "H with ");
    codec_text_add_number(d, frame->data_len, 1);
    codec_text_add(d, " bytes");
    codec_error_add(d, &(codec_error){err, control ? data_at - 2 : data_at - 1,
                                      control ? "a control code of this edition"
                                              : "the data length of this control code",
                                      codec_text_end(d)});
}

void dlt645_data_describe(codec_description *d, const items_set *own, const dlt645_frame *frame,
                          unsigned edition, uint32_t data_at)
{
    dlt645_message m;
    const gt_err err = edition == DLT645_1997 ? dlt645_1997_message_decode(frame, &m)
                                              : dlt645_message_decode(frame, &m);
    teller t = {.d = d, .m = &m, .own = own, .pos = data_at};
    if (err != GT_ERR_OK) {
        tell_fault(d, err, frame, data_at);
        return;
    }
    const uint8_t *parts = dlt645_message_parts(&m);
    for (size_t i = 0; i < DLT645_PARTS_MAX && parts[i] != DLT645_PART_END; i++) {
        tell_part(&t, (dlt645_part)parts[i]);
    }
}
