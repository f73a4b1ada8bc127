/* Words of a map's lines, one by one, with what was expected where one is wrong. */
#ifndef GT_CODEC_MODBUS_MAP_PRIV_H
#define GT_CODEC_MODBUS_MAP_PRIV_H

#include "codec/modbus/map.h"

typedef struct map_word {
    const char *at;
    size_t len;
} map_word;

typedef struct map_parser {
    modbus_map *map;
    const char *text;
    size_t len;
    size_t pos;
    uint32_t line;
    map_word rest; /* of the current line, after the words taken */
    bool has_model;
    bool has_protocol;
    bool has_words;
    modbus_map_fault fault;
    gt_err err;
} map_parser;

bool map_is_blank(char c);
bool map_is_name_char(char c);
bool map_word_is(map_word w, const char *text);
/** The first failure stands. */
void map_fail(map_parser *p, gt_err err, const char *expected, map_word found);
void map_blanks_skip(map_parser *p);
/** Next word of the line; empty at its end. */
map_word map_word_take(map_parser *p);
/** 0x.. or decimal, 0 .. max; 0 after a failure. */
uint16_t map_number_of(map_parser *p, map_word w, uint32_t max, const char *expected);
/** The next word as such a number. */
uint16_t map_number_take(map_parser *p, uint32_t max, const char *expected);
/** 1 .. max. */
uint16_t map_count_of(map_parser *p, map_word w, uint32_t max, const char *expected);
void map_name_take(map_parser *p, char out[MODBUS_NAME_MAX]);
void map_line_end(map_parser *p);

#endif
