/* The register map parser. One pass over the lines; each line's first word picks a handler from a
 * table, and every handler takes its words one by one with what it expects, so a refusal names
 * line, expectation and finding. Values live in value.c. */
#include "codec/modbus/map.h"

#include <string.h>

enum { EXPONENT_MAX = 9 };

typedef struct word {
    const char *at;
    size_t len;
} word;

typedef struct parser {
    modbus_map *map;
    const char *text;
    size_t len;
    size_t pos;
    uint32_t line;
    word rest; /* of the current line, after the words taken */
    bool has_model;
    bool has_protocol;
    bool has_words;
    modbus_map_fault fault;
    gt_err err;
} parser;

typedef struct keyword {
    const char *word;
    void (*parse)(parser *p);
} keyword;

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool word_is(word w, const char *text)
{
    return w.len == strlen(text) && memcmp(w.at, text, w.len) == 0;
}

/* The first failure stands. */
static void fail(parser *p, gt_err err, const char *expected, word found)
{
    if (p->err != GT_ERR_OK) {
        return;
    }
    p->err = err;
    p->fault.line = p->line;
    p->fault.expected = expected;
    const char *at = found.len > 0 ? found.at : "end of line";
    size_t len = found.len > 0 ? found.len : strlen(at);
    if (len >= MODBUS_FOUND_MAX) {
        len = MODBUS_FOUND_MAX - 1;
    }
    memcpy(p->fault.found, at, len);
    p->fault.found[len] = '\0';
}

static void skip_blanks(parser *p)
{
    while (p->rest.len > 0 && is_blank(p->rest.at[0])) {
        p->rest.at++;
        p->rest.len--;
    }
}

/* Next word of the line; empty at its end. */
static word word_take(parser *p)
{
    skip_blanks(p);
    word w = {p->rest.at, 0};
    while (w.len < p->rest.len && !is_blank(w.at[w.len])) {
        w.len++;
    }
    p->rest.at += w.len;
    p->rest.len -= w.len;
    return w;
}

static int digit_of(char c, unsigned base)
{
    const int value = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    return value < (int)base ? value : -1;
}

/* 0x.. or decimal, 0 .. max. */
static uint16_t number_of(parser *p, word w, uint32_t max, const char *expected)
{
    const bool hex = w.len > 2 && w.at[0] == '0' && (w.at[1] == 'x' || w.at[1] == 'X');
    const unsigned base = hex ? 16 : 10;
    uint32_t value = 0;
    bool good = w.len > 0;
    for (size_t i = hex ? 2 : 0; good && i < w.len; i++) {
        const int digit = digit_of(w.at[i], base);
        value = value * base + (uint32_t)(digit < 0 ? 0 : digit);
        good = digit >= 0 && value <= max;
    }
    if (!good) {
        fail(p, GT_ERR_SYNTAX, expected, w);
        return 0;
    }
    return (uint16_t)value;
}

static uint16_t number_take(parser *p, uint32_t max, const char *expected)
{
    return number_of(p, word_take(p), max, expected);
}

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

static void name_take(parser *p, char out[MODBUS_NAME_MAX])
{
    static const char expected[] = "a name of a-z 0-9 _, at most 31 characters";
    const word w = word_take(p);
    bool good = w.len > 0 && w.len < MODBUS_NAME_MAX;
    for (size_t i = 0; good && i < w.len; i++) {
        good = is_name_char(w.at[i]);
    }
    if (!good) {
        fail(p, GT_ERR_SYNTAX, expected, w);
        return;
    }
    memcpy(out, w.at, w.len);
    out[w.len] = '\0';
}

static void line_end(parser *p)
{
    const word w = word_take(p);
    if (w.len > 0) {
        fail(p, GT_ERR_SYNTAX, "end of line", w);
    }
}

static void before_blocks(parser *p, bool seen, word w)
{
    if (seen) {
        fail(p, GT_ERR_SYNTAX, "this line only once", w);
    } else if (p->map->block_count > 0) {
        fail(p, GT_ERR_SYNTAX, "this line before the first block", w);
    }
}

static void parse_model(parser *p)
{
    /* A model has a hyphen in its name, which items have not. */
    const word w = word_take(p);
    before_blocks(p, p->has_model, w);
    bool good = w.len > 0 && w.len < MODBUS_NAME_MAX;
    for (size_t i = 0; good && i < w.len; i++) {
        good = is_name_char(w.at[i]) || w.at[i] == '-';
    }
    if (!good) {
        fail(p, GT_ERR_SYNTAX, "a model of a-z 0-9 _ -, at most 31 characters", w);
        return;
    }
    memcpy(p->map->model, w.at, w.len);
    p->map->model[w.len] = '\0';
    p->has_model = true;
    line_end(p);
}

/* The rest of the line, trailing blanks cut, is the text. */
static void parse_name(parser *p)
{
    const word language = word_take(p);
    const bool zh = word_is(language, "zh");
    if (!zh && !word_is(language, "en")) {
        fail(p, GT_ERR_SYNTAX, "en or zh", language);
        return;
    }
    char *out = zh ? p->map->name_zh : p->map->name_en;
    before_blocks(p, out[0] != '\0', language);
    skip_blanks(p);
    word w = p->rest;
    while (w.len > 0 && is_blank(w.at[w.len - 1])) {
        w.len--;
    }
    if (w.len == 0 || w.len >= MODBUS_TITLE_MAX) {
        fail(p, GT_ERR_SYNTAX, "a name of at most 63 bytes", w);
        return;
    }
    memcpy(out, w.at, w.len);
    out[w.len] = '\0';
}

static void parse_protocol(parser *p)
{
    const word w = word_take(p);
    before_blocks(p, p->has_protocol, w);
    if (!word_is(w, "modbus-rtu")) {
        fail(p, GT_ERR_SYNTAX, "modbus-rtu", w);
    }
    p->has_protocol = true;
    line_end(p);
}

static void parse_words(parser *p)
{
    const word w = word_take(p);
    before_blocks(p, p->has_words, w);
    p->map->low_first = word_is(w, "low-first");
    if (!p->map->low_first && !word_is(w, "high-first")) {
        fail(p, GT_ERR_SYNTAX, "high-first or low-first", w);
    }
    p->has_words = true;
    line_end(p);
}

/* A new block with its name and first register, or NULL after a failure. */
static modbus_block *block_open(parser *p)
{
    modbus_map *map = p->map;
    if (!p->has_model || !p->has_protocol || !p->has_words || map->name_en[0] == '\0' ||
        map->name_zh[0] == '\0') {
        fail(p, GT_ERR_SYNTAX, "model, name en, name zh, protocol and words first", word_take(p));
        return NULL;
    }
    if (map->block_count == MODBUS_BLOCKS_MAX) {
        fail(p, GT_ERR_SPACE, "at most 32 blocks", word_take(p));
        return NULL;
    }
    modbus_block *block = &map->blocks[map->block_count];
    *block = (modbus_block){.row_first = map->row_count};
    name_take(p, block->name);
    if (p->err == GT_ERR_OK && modbus_map_block(map, block->name) != NULL) {
        fail(p, GT_ERR_SYNTAX, "a block name not used before",
             (word){block->name, strlen(block->name)});
    }
    block->start = number_take(p, UINT16_MAX, "a register 0x0000 to 0xFFFF");
    return block;
}

static void block_close(parser *p, const modbus_block *block)
{
    const uint32_t end = (uint32_t)block->start + (uint32_t)block->records * block->stride;
    if (end > UINT16_MAX + 1U) {
        fail(p, GT_ERR_SYNTAX, "a block that ends at 0xFFFF or before",
             (word){block->name, strlen(block->name)});
    }
    line_end(p);
    if (p->err == GT_ERR_OK) {
        p->map->block_count++;
    }
}

/* 1 .. max. */
static uint16_t count_take(parser *p, uint32_t max, const char *expected)
{
    const word w = word_take(p);
    const uint16_t count = number_of(p, w, max, expected);
    if (count == 0) {
        fail(p, GT_ERR_SYNTAX, expected, w);
    }
    return count;
}

static void parse_block(parser *p)
{
    modbus_block *block = block_open(p);
    if (block == NULL) {
        return;
    }
    block->records = 1;
    block->stride = count_take(p, MODBUS_READ_MAX, "1 to 125 registers");
    block_close(p, block);
}

static void parse_repeat(parser *p)
{
    modbus_block *block = block_open(p);
    if (block == NULL) {
        return;
    }
    block->repeat = true;
    block->records = count_take(p, UINT16_MAX, "1 to 65535 records");
    block->stride = count_take(p, MODBUS_READ_MAX, "a stride of 1 to 125 registers");
    block_close(p, block);
}

/* The block that value and bit lines belong to: the last one. */
static const modbus_block *block_current(parser *p)
{
    if (p->map->block_count == 0) {
        fail(p, GT_ERR_SYNTAX, "a block or repeat line first", word_take(p));
        return NULL;
    }
    if (p->map->row_count == MODBUS_ROWS_MAX) {
        fail(p, GT_ERR_SPACE, "at most 256 value and bit lines", word_take(p));
        return NULL;
    }
    return &p->map->blocks[p->map->block_count - 1];
}

/* REGISTER within a block, +OFFSET within a repeat -> offset. */
static word offset_take(parser *p, const modbus_block *block, modbus_row *row)
{
    const word w = word_take(p);
    if (block->repeat) {
        static const char expected[] = "+ and an offset within the record";
        if (w.len == 0 || w.at[0] != '+') {
            fail(p, GT_ERR_SYNTAX, expected, w);
        } else {
            row->offset = number_of(p, (word){w.at + 1, w.len - 1}, UINT16_MAX, expected);
        }
        return w;
    }
    const uint16_t reg = number_of(p, w, UINT16_MAX, "a register 0x0000 to 0xFFFF");
    if (reg < block->start) {
        fail(p, GT_ERR_SYNTAX, "a register within the block above", w);
    }
    row->offset = (uint16_t)(reg - block->start);
    return w;
}

static void type_take(parser *p, modbus_row *row)
{
    static const struct {
        const char *word;
        modbus_type type;
    } types[] = {
#define MODBUS_TYPE_WORD(symbol, word, registers) {word, MODBUS_TYPE_##symbol},
        MODBUS_TYPE_LIST(MODBUS_TYPE_WORD)
#undef MODBUS_TYPE_WORD
    };
    const word w = word_take(p);
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (types[i].type != MODBUS_TYPE_BIT && word_is(w, types[i].word)) {
            row->type = types[i].type;
            return;
        }
    }
    fail(p, GT_ERR_SYNTAX, "u16 s16 u32 s32 bcd6 clock ymdh ymdhms or mac", w);
}

/* 1, 10, 100 .. or 0.1, 0.01 .. */
static void scale_take(parser *p, modbus_row *row)
{
    const word w = word_take(p);
    const bool fraction = w.len > 2 && w.at[0] == '0' && w.at[1] == '.';
    const size_t one = fraction ? w.len - 1 : 0;
    bool good = w.len > 0 && w.len <= (fraction ? EXPONENT_MAX + 2U : EXPONENT_MAX + 1U);
    for (size_t i = fraction ? 2 : 0; good && i < w.len; i++) {
        good = w.at[i] == (i == one ? '1' : '0');
    }
    if (!good) {
        fail(p, GT_ERR_SYNTAX, "a scale that is a power of ten: 1, 10, 0.1, 0.01 ...", w);
        return;
    }
    row->exponent = (int8_t)(fraction ? -(int)(w.len - 2) : (int)w.len - 1);
}

static void unit_take(parser *p, modbus_row *row)
{
    const word w = word_take(p);
    if (w.len == 0 || w.len >= MODBUS_UNIT_TEXT_MAX) {
        fail(p, GT_ERR_SYNTAX, "a unit of at most 15 bytes, or -", w);
    } else if (!word_is(w, "-")) {
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

static void row_add(parser *p, const modbus_block *block, const modbus_row *row, word at)
{
    if (row->offset + modbus_row_registers(row) > block->stride) {
        fail(p, GT_ERR_SYNTAX, "registers within the block above", at);
    }
    for (uint16_t i = block->row_first; i < p->map->row_count; i++) {
        if (rows_overlap(&p->map->rows[i], row)) {
            fail(p, GT_ERR_SYNTAX, "registers or a bit not used by a line above", at);
        }
    }
    if (p->err == GT_ERR_OK && modbus_map_row(p->map, block, row->item) != NULL) {
        fail(p, GT_ERR_SYNTAX, "an item not used before in this block", at);
    }
    line_end(p);
    if (p->err == GT_ERR_OK) {
        p->map->rows[p->map->row_count++] = *row;
        p->map->blocks[p->map->block_count - 1].row_count++;
    }
}

static void parse_value(parser *p)
{
    const modbus_block *block = block_current(p);
    if (block == NULL) {
        return;
    }
    modbus_row row = {.block = (uint8_t)(p->map->block_count - 1)};
    const word at = offset_take(p, block, &row);
    type_take(p, &row);
    name_take(p, row.item);
    scale_take(p, &row);
    unit_take(p, &row);
    row_add(p, block, &row, at);
}

static void parse_bit(parser *p)
{
    const modbus_block *block = block_current(p);
    if (block == NULL) {
        return;
    }
    modbus_row row = {.type = MODBUS_TYPE_BIT, .block = (uint8_t)(p->map->block_count - 1)};
    const word at = offset_take(p, block, &row);
    row.bit = (uint8_t)number_take(p, 15, "a bit 0 to 15");
    name_take(p, row.item);
    row_add(p, block, &row, at);
}

/* The next line into p->rest; false at the end of the text. */
static bool line_take(parser *p)
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
    p->rest = (word){at, len};
    return true;
}

static void line_parse(parser *p)
{
    static const keyword keywords[] = {
        {"model", parse_model}, {"name", parse_name},   {"protocol", parse_protocol},
        {"words", parse_words}, {"block", parse_block}, {"repeat", parse_repeat},
        {"value", parse_value}, {"bit", parse_bit},
    };
    if (memchr(p->rest.at, '\0', p->rest.len) != NULL) {
        fail(p, GT_ERR_SYNTAX, "text without zero bytes", (word){"zero byte", 9});
        return;
    }
    const word first = word_take(p);
    if (first.len == 0 || first.at[0] == '#') {
        return;
    }
    for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++) {
        if (word_is(first, keywords[i].word)) {
            keywords[i].parse(p);
            return;
        }
    }
    fail(p, GT_ERR_SYNTAX, "model name protocol words block repeat value bit or #", first);
}

gt_err modbus_map_parse(const char *text, size_t len, modbus_map *out, modbus_map_fault *fault)
{
    memset(out, 0, sizeof *out);
    parser p = {.map = out, .text = text, .len = len};
    while (p.err == GT_ERR_OK && line_take(&p)) {
        line_parse(&p);
    }
    if (p.err == GT_ERR_OK && out->row_count == 0) {
        fail(&p, GT_ERR_SYNTAX, "at least one block with a value", (word){"end of file", 11});
    }
    if (p.err != GT_ERR_OK) {
        *fault = p.fault;
    }
    return p.err;
}
