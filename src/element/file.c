/* Files in the memory. Each has two places that take turns: a new content goes, with a number and a
 * checksum, where the older one stands, so that a cut at any byte leaves one whole content; which
 * one is the newer its number says. Commands change one file each, so every command is all or
 * nothing. */
#include "element/element_priv.h"

#include "base/sum.h"
#include "crypto/wipe.h"

#include <string.h>

enum { NUMBER_LEN = 4, CRC_LEN = 4, AROUND = NUMBER_LEN + CRC_LEN, PLACES = 2 };
#define BLANK UINT32_MAX

/* Where each file's places begin, and the end. */
enum {
#define FILE(symbol, sfi, size, readable, write, key) \
    AT_##symbol, AT_##symbol##_LAST = AT_##symbol + PLACES * ((size) + AROUND) - 1,
#include "element/file.def"
#undef FILE
    AT_END,
};

static_assert((int)AT_END <= (int)ELEMENT_NVM_SIZE, "all files fit");
#define FILE(symbol, sfi, size, readable, write, key) \
    static_assert((size) <= ELEMENT_FILE_MAX && (readable) <= (size), #symbol);
#include "element/file.def"
#undef FILE

static const uint32_t begins[ELEMENT_FILES] = {
#define FILE(symbol, sfi, size, readable, write, key) AT_##symbol,
#include "element/file.def"
#undef FILE
};

const element_file_row *element_file_row_of(element_file file)
{
    static const element_file_row rows[ELEMENT_FILES] = {
#define FILE(symbol, sfi, size, readable, write, key) \
    {sfi, size, readable, ELEMENT_WRITE_##write, ELEMENT_KEY_##key},
#include "element/file.def"
#undef FILE
    };
    GT_ASSERT((unsigned)file < ELEMENT_FILES);
    return &rows[file];
}

element_file element_file_of_sfi(uint8_t sfi)
{
    for (unsigned i = 0; i < ELEMENT_FILES; i++) {
        if (element_file_row_of((element_file)i)->sfi == sfi) {
            return (element_file)i;
        }
    }
    return ELEMENT_FILE_NONE;
}

static uint32_t place_at(element_file file, unsigned place)
{
    return begins[file] + place * (element_file_row_of(file)->size + AROUND);
}

typedef struct place {
    uint32_t number;
    bool whole;
    bool blank; /* nothing was ever begun here */
} place;

/* Layout: number, content, CRC of both. */
static gt_err place_read(const gt_nvm *nvm, element_file file, unsigned which, uint8_t *buf,
                         place *out)
{
    const size_t size = element_file_row_of(file)->size;
    GT_TRY(nvm->read(nvm->ctx, place_at(file, which), buf, size + AROUND));
    gt_rd r = gt_rd_of(buf, size + AROUND);
    place found = {.number = gt_rd_u32le(&r)};
    (void)gt_rd_take(&r, size);
    found.whole = gt_rd_u32le(&r) == gt_crc32(buf, NUMBER_LEN + size);
    found.blank = !found.whole && found.number == BLANK;
    *out = found;
    return GT_ERR_OK;
}

typedef struct survey {
    unsigned newest; /* place of the content, PLACES: none */
    uint32_t number; /* of it */
} survey;

/* Leaves the newest content, framed, in buf. */
static gt_err survey_take(const gt_nvm *nvm, element_file file, uint8_t *buf, survey *out)
{
    place found[PLACES];
    for (unsigned i = 0; i < PLACES; i++) {
        GT_TRY(place_read(nvm, file, i, buf, &found[i]));
    }
    survey s = {.newest = PLACES};
    for (unsigned i = 0; i < PLACES; i++) {
        if (found[i].whole && (s.newest == PLACES || (int32_t)(found[i].number - s.number) > 0)) {
            s = (survey){.newest = i, .number = found[i].number};
        }
    }
    if (s.newest == PLACES && !found[PLACES - 1].blank) {
        return GT_ERR_CORRUPT; /* the first content ever goes to the first place */
    }
    if (s.newest == 0) {
        GT_TRY(place_read(nvm, file, 0, buf, &found[0]));
    }
    *out = s;
    return GT_ERR_OK;
}

gt_err element_file_read(const gt_nvm *nvm, element_file file, uint8_t *out)
{
    uint8_t buf[ELEMENT_FILE_MAX + AROUND];
    survey s;
    GT_TRY(survey_take(nvm, file, buf, &s));
    const size_t size = element_file_row_of(file)->size;
    const bool found = s.newest != PLACES;
    if (!found) {
        memset(buf, 0, sizeof buf);
    }
    memcpy(out, buf + NUMBER_LEN, size);
    gt_wipe(buf, sizeof buf); /* it may be the key file */
    return found ? GT_ERR_OK : GT_ERR_NOT_FOUND;
}

gt_err element_file_write(const gt_nvm *nvm, element_file file, const uint8_t *content)
{
    uint8_t buf[ELEMENT_FILE_MAX + AROUND];
    survey s;
    GT_TRY(survey_take(nvm, file, buf, &s));
    const unsigned which = s.newest == 0 ? 1 : 0;
    const size_t size = element_file_row_of(file)->size;
    gt_wr w = gt_wr_of(buf, sizeof buf);
    gt_wr_u32le(&w, s.newest == PLACES ? 0 : s.number + 1);
    gt_wr_bytes(&w, content, size);
    gt_wr_u32le(&w, gt_crc32(buf, w.len));
    GT_ASSERT(gt_wr_done(&w) == GT_ERR_OK);
    const gt_err err = nvm->write(nvm->ctx, place_at(file, which), buf, w.len);
    gt_wipe(buf, sizeof buf);
    return err == GT_ERR_OK ? nvm->sync(nvm->ctx) : err;
}
