/* The register map parser. One pass over the lines; each line's first word picks a handler from a
 * table, and every handler takes its words one by one with what it expects, so a refusal names
 * line, expectation and finding. Values live in value.c. */
#include "codec/modbus/map_priv.h"

#include <string.h>

enum { EXPONENT_MAX = 9 };

typedef struct keyword {
    const char *word;
    void (*parse)(map_parser *p);
} keyword;

/* No block opens before each of these lines is there, so a second one is all that can come late. */
static void once(map_parser *p, bool seen, map_word w)
{
    if (seen) {
        map_fail(p, GT_ERR_SYNTAX, "this line only once", w);
    }
}

static void parse_model(map_parser *p)
{
    /* A model has a hyphen in its name, which items have not. */
    const map_word w = map_word_take(p);
    once(p, p->has_model, w);
    bool good = w.len > 0 && w.len < MODBUS_NAME_MAX;
    for (size_t i = 0; good && i < w.len; i++) {
        good = map_is_name_char(w.at[i]) || w.at[i] == '-';
    }
    if (!good) {
        map_fail(p, GT_ERR_SYNTAX, "a model of a-z 0-9 _ -, at most 31 characters", w);
        return;
    }
    memcpy(p->map->model, w.at, w.len);
    p->map->model[w.len] = '\0';
    p->has_model = true;
    map_line_end(p);
}

/* The rest of the line, trailing blanks cut, is the text. */
static void parse_name(map_parser *p)
{
    const map_word language = map_word_take(p);
    const bool zh = map_word_is(language, "zh");
    if (!zh && !map_word_is(language, "en")) {
        map_fail(p, GT_ERR_SYNTAX, "en or zh", language);
        return;
    }
    char *out = zh ? p->map->name_zh : p->map->name_en;
    once(p, out[0] != '\0', language);
    map_blanks_skip(p);
    map_word w = p->rest;
    while (w.len > 0 && map_is_blank(w.at[w.len - 1])) {
        w.len--;
    }
    if (w.len == 0 || w.len >= MODBUS_TITLE_MAX) {
        map_fail(p, GT_ERR_SYNTAX, "a name of at most 63 bytes", w);
        return;
    }
    memcpy(out, w.at, w.len);
    out[w.len] = '\0';
}

static void parse_protocol(map_parser *p)
{
    const map_word w = map_word_take(p);
    once(p, p->has_protocol, w);
    if (!map_word_is(w, "modbus-rtu") && !map_word_is(w, "modbus-tcp")) {
        map_fail(p, GT_ERR_SYNTAX, "modbus-rtu or modbus-tcp", w);
    }
    p->has_protocol = true;
    map_line_end(p);
}

static void parse_words(map_parser *p)
{
    const map_word w = map_word_take(p);
    once(p, p->has_words, w);
    p->map->low_first = map_word_is(w, "low-first");
    if (!p->map->low_first && !map_word_is(w, "high-first")) {
        map_fail(p, GT_ERR_SYNTAX, "high-first or low-first", w);
    }
    p->has_words = true;
    map_line_end(p);
}

/* A new block with its name and first register, or NULL after a failure. */
static modbus_block *block_open(map_parser *p)
{
    modbus_map *map = p->map;
    if (!p->has_model || !p->has_protocol || !p->has_words || map->name_en[0] == '\0' ||
        map->name_zh[0] == '\0') {
        map_fail(p, GT_ERR_SYNTAX, "model, name en, name zh, protocol and words first",
                 map_word_take(p));
        return NULL;
    }
    if (map->block_count == MODBUS_BLOCKS_MAX) {
        map_fail(p, GT_ERR_SPACE, "at most 32 blocks", map_word_take(p));
        return NULL;
    }
    modbus_block *block = &map->blocks[map->block_count];
    *block = (modbus_block){.row_first = map->row_count};
    map_name_take(p, block->name);
    if (p->err == GT_ERR_OK && modbus_map_block(map, block->name) != NULL) {
        map_fail(p, GT_ERR_SYNTAX, "a block name not used before",
                 (map_word){block->name, strlen(block->name)});
    }
    block->start = map_number_take(p, UINT16_MAX, "a register 0x0000 to 0xFFFF");
    return block;
}

/* The last word of a block or repeat line, if there is one: where its numbers live. */
static void table_take(map_parser *p, modbus_block *block)
{
    static const struct {
        const char *word;
        modbus_table table;
    } tables[] = {{"", MODBUS_TABLE_ANY},
                  {"holding", MODBUS_TABLE_HOLDING},
                  {"input", MODBUS_TABLE_INPUT},
                  {"coil", MODBUS_TABLE_COIL},
                  {"discrete", MODBUS_TABLE_DISCRETE}};
    const map_word w = map_word_take(p);
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        if (map_word_is(w, tables[i].word)) {
            block->table = tables[i].table;
            return;
        }
    }
    map_fail(p, GT_ERR_SYNTAX, "holding input coil discrete or end of line", w);
}

/* What follows the count's word, then the count itself, whose limit depends on it. */
static void block_close(map_parser *p, modbus_block *block, map_word stride)
{
    table_take(p, block);
    const bool bits = modbus_block_of_bits(block);
    block->stride = map_count_of(p, stride, bits ? MODBUS_BITS_MAX : MODBUS_READ_MAX,
                                 bits            ? "1 to 2000 coils"
                                 : block->repeat ? "a stride of 1 to 125 registers"
                                                 : "1 to 125 registers");
    const uint32_t end = (uint32_t)block->start + (uint32_t)block->records * block->stride;
    if (end > UINT16_MAX + 1U) {
        map_fail(p, GT_ERR_SYNTAX, "a block that ends at 0xFFFF or before",
                 (map_word){block->name, strlen(block->name)});
    }
    map_line_end(p);
    if (p->err == GT_ERR_OK) {
        p->map->block_count++;
    }
}

static void parse_block(map_parser *p)
{
    modbus_block *block = block_open(p);
    if (block == NULL) {
        return;
    }
    block->records = 1;
    block_close(p, block, map_word_take(p));
}

static void parse_repeat(map_parser *p)
{
    modbus_block *block = block_open(p);
    if (block == NULL) {
        return;
    }
    block->repeat = true;
    block->records = map_count_of(p, map_word_take(p), UINT16_MAX, "1 to 65535 records");
    block_close(p, block, map_word_take(p));
}

/* The block that value, bit and coil lines belong to: the last one, of the kind they need. */
static const modbus_block *block_current(map_parser *p, bool of_bits)
{
    if (p->map->block_count == 0) {
        map_fail(p, GT_ERR_SYNTAX, "a block or repeat line first", map_word_take(p));
        return NULL;
    }
    if (p->map->row_count == MODBUS_ROWS_MAX) {
        map_fail(p, GT_ERR_SPACE, "at most 256 value, bit and coil lines", map_word_take(p));
        return NULL;
    }
    const modbus_block *block = &p->map->blocks[p->map->block_count - 1];
    if (modbus_block_of_bits(block) != of_bits) {
        map_fail(p, GT_ERR_SYNTAX,
                 of_bits ? "coil lines in a coil or discrete block only"
                         : "coil lines only in a coil or discrete block",
                 map_word_take(p));
        return NULL;
    }
    return block;
}

/* REGISTER within a block, +OFFSET within a repeat -> offset. */
static map_word offset_take(map_parser *p, const modbus_block *block, modbus_row *row)
{
    const map_word w = map_word_take(p);
    if (block->repeat) {
        static const char expected[] = "+ and an offset within the record";
        if (w.len == 0 || w.at[0] != '+') {
            map_fail(p, GT_ERR_SYNTAX, expected, w);
        } else {
            row->offset = map_number_of(p, (map_word){w.at + 1, w.len - 1}, UINT16_MAX, expected);
        }
        return w;
    }
    const uint16_t reg = map_number_of(p, w, UINT16_MAX, "a register 0x0000 to 0xFFFF");
    if (reg < block->start) {
        map_fail(p, GT_ERR_SYNTAX, "a register within the block above", w);
    }
    row->offset = (uint16_t)(reg - block->start);
    return w;
}

static void type_take(map_parser *p, modbus_row *row)
{
    static const struct {
        const char *word;
        modbus_type type;
    } types[] = {
#define MODBUS_TYPE_WORD(symbol, word, registers) {word, MODBUS_TYPE_##symbol},
        MODBUS_TYPE_LIST(MODBUS_TYPE_WORD)
#undef MODBUS_TYPE_WORD
    };
    const map_word w = map_word_take(p);
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (types[i].type != MODBUS_TYPE_BIT && map_word_is(w, types[i].word)) {
            row->type = types[i].type;
            return;
        }
    }
    map_fail(p, GT_ERR_SYNTAX, "u16 s16 u32 s32 u64 s64 f32 f32m bcd6 clock ymdh ymdhms or mac", w);
}

/* 1, 10, 100 .. or 0.1, 0.01 .. */
static void scale_take(map_parser *p, modbus_row *row)
{
    const map_word w = map_word_take(p);
    const bool fraction = w.len > 2 && w.at[0] == '0' && w.at[1] == '.';
    const size_t one = fraction ? w.len - 1 : 0;
    bool good = w.len > 0 && w.len <= (fraction ? EXPONENT_MAX + 2U : EXPONENT_MAX + 1U);
    for (size_t i = fraction ? 2 : 0; good && i < w.len; i++) {
        good = w.at[i] == (i == one ? '1' : '0');
    }
    if (!good) {
        map_fail(p, GT_ERR_SYNTAX, "a scale that is a power of ten: 1, 10, 0.1, 0.01 ...", w);
        return;
    }
    row->exponent = (int8_t)(fraction ? -(int)(w.len - 2) : (int)w.len - 1);
}

static void unit_take(map_parser *p, modbus_row *row)
{
    const map_word w = map_word_take(p);
    if (w.len == 0 || w.len >= MODBUS_UNIT_TEXT_MAX) {
        map_fail(p, GT_ERR_SYNTAX, "a unit of at most 15 bytes, or -", w);
    } else if (!map_word_is(w, "-")) {
        memcpy(row->unit, w.at, w.len);
    }
}

static bool rows_overlap(const modbus_row *a, const modbus_row *b)
{
    if (a->type == MODBUS_TYPE_BIT && b->type == MODBUS_TYPE_BIT) {
        return a->offset == b->offset && a->bit == b->bit;
    }
    return a->offset < b->offset + modbus_row_registers(b) &&
           b->offset < a->offset + modbus_row_registers(a);
}

static void row_add(map_parser *p, const modbus_block *block, const modbus_row *row, map_word at)
{
    if (row->offset + modbus_row_registers(row) > block->stride) {
        map_fail(p, GT_ERR_SYNTAX, "registers within the block above", at);
    }
    for (uint16_t i = block->row_first; i < p->map->row_count; i++) {
        if (rows_overlap(&p->map->rows[i], row)) {
            map_fail(p, GT_ERR_SYNTAX, "registers or a bit not used by a line above", at);
        }
    }
    if (p->err == GT_ERR_OK && modbus_map_row(p->map, block, row->item) != NULL) {
        map_fail(p, GT_ERR_SYNTAX, "an item not used before in this block", at);
    }
    map_line_end(p);
    if (p->err == GT_ERR_OK) {
        p->map->rows[p->map->row_count++] = *row;
        p->map->blocks[p->map->block_count - 1].row_count++;
    }
}

static void parse_value(map_parser *p)
{
    const modbus_block *block = block_current(p, false);
    if (block == NULL) {
        return;
    }
    modbus_row row = {.block = (uint8_t)(p->map->block_count - 1)};
    const map_word at = offset_take(p, block, &row);
    type_take(p, &row);
    map_name_take(p, row.item);
    scale_take(p, &row);
    unit_take(p, &row);
    row_add(p, block, &row, at);
}

static void parse_bit(map_parser *p)
{
    const modbus_block *block = block_current(p, false);
    if (block == NULL) {
        return;
    }
    modbus_row row = {.type = MODBUS_TYPE_BIT, .block = (uint8_t)(p->map->block_count - 1)};
    const map_word at = offset_take(p, block, &row);
    row.bit = (uint8_t)map_number_take(p, 15, "a bit 0 to 15");
    map_name_take(p, row.item);
    row_add(p, block, &row, at);
}

static void parse_coil(map_parser *p)
{
    const modbus_block *block = block_current(p, true);
    if (block == NULL) {
        return;
    }
    modbus_row row = {.type = MODBUS_TYPE_BIT, .block = (uint8_t)(p->map->block_count - 1)};
    const map_word at = offset_take(p, block, &row);
    map_name_take(p, row.item);
    row_add(p, block, &row, at);
}

/* The next line into p->rest; false at the end of the text. */
static bool line_take(map_parser *p)
{
    if (p->pos >= p->len) {
        return false;
    }
    const char *at = p->text + p->pos;
    const char *end = memchr(at, '\n', p->len - p->pos);
    size_t len = end != NULL ? (size_t)(end - at) : p->len - p->pos;
    p->pos += len + 1;
    p->line++;
    if (len > 0 && at[len - 1] == '\r') {
        len--;
    }
    p->rest = (map_word){at, len};
    return true;
}

static void line_parse(map_parser *p)
{
    static const keyword keywords[] = {
        {"model", parse_model}, {"name", parse_name},   {"protocol", parse_protocol},
        {"words", parse_words}, {"block", parse_block}, {"repeat", parse_repeat},
        {"value", parse_value}, {"bit", parse_bit},     {"coil", parse_coil},
    };
    if (memchr(p->rest.at, '\0', p->rest.len) != NULL) {
        map_fail(p, GT_ERR_SYNTAX, "text without zero bytes", (map_word){"zero byte", 9});
        return;
    }
    const map_word first = map_word_take(p);
    if (first.len == 0 || first.at[0] == '#') {
        return;
    }
    for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++) {
        if (map_word_is(first, keywords[i].word)) {
            keywords[i].parse(p);
            return;
        }
    }
    map_fail(p, GT_ERR_SYNTAX, "model name protocol words block repeat value bit coil or #", first);
}

gt_err modbus_map_parse(const char *text, size_t len, modbus_map *out, modbus_map_fault *fault)
{
    memset(out, 0, sizeof *out);
    map_parser p = {.map = out, .text = text, .len = len};
    while (p.err == GT_ERR_OK && line_take(&p)) {
        line_parse(&p);
    }
    if (p.err == GT_ERR_OK && out->row_count == 0) {
        map_fail(&p, GT_ERR_SYNTAX, "at least one block with a value",
                 (map_word){"end of file", 11});
    }
    if (p.err != GT_ERR_OK) {
        *fault = p.fault;
    }
    return p.err;
}
