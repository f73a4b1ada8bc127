/* A line master fed arbitrary bytes at arbitrary times, with requests under way: it must never
 * stand still, never send two requests at once, and end every request exactly once. */
#include "bus/line.h"

#include "base/sum.h"

#include <stdlib.h>
#include <string.h>

enum { MEMORY = 1 << 16, FUZZ_MS = 1000, STEPS_MAX = 100000, PIECE_MAX = 15 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
    if (condition == 0) {
        abort();
    }
}

static void submit(line *l, uint8_t unit, uint8_t reg, unsigned *open)
{
    line_request q = {.priority = reg % 2 == 0 ? LINE_COMMAND : LINE_COLLECT,
                      .attempts = (uint8_t)(1 + reg % 3),
                      .len = 8,
                      .bytes = {unit, 3, 0, reg, 0, 1}};
    const uint16_t crc = gt_crc16_modbus(q.bytes, 6);
    q.bytes[6] = (uint8_t)crc;
    q.bytes[7] = (uint8_t)(crc >> 8);
    if (line_submit(l, &q) == GT_ERR_OK) {
        (*open)++;
    }
}

static void step(line *l, const line_input *in, gt_mono now, unsigned *open)
{
    line_output out;
    line_step(l, in, now, &out);
    if (out.outcome.present) {
        require(*open > 0);
        (*open)--;
        require(out.outcome.len <= LINE_REPLY_MAX);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t memory[MEMORY];
    static const line_input opened = {.event = LINE_OPENED};
    static const line_input closed = {.event = LINE_CLOSED};
    static const line_input tick = {.event = LINE_TICK};
    gt_arena arena = gt_arena_of(memory, sizeof memory);
    line *l = NULL;
    unsigned open = 0;
    gt_mono now = {0};
    require(line_create(&arena, &(line_cfg){9600, 10}, &l) == GT_ERR_OK);
    step(l, &opened, now, &open);
    for (size_t at = 0; at + 2 < size;) {
        /* one head byte: what happens; then its bytes */
        const uint8_t head = data[at++];
        const size_t len = head & PIECE_MAX;
        if ((head & 0x80) != 0) {
            submit(l, (uint8_t)(data[at] & 3), data[at + 1], &open);
            at += 2;
        }
        now.us += (head & 0x70) * FUZZ_MS / 4;
        const size_t piece = len < size - at ? len : size - at;
        step(l, &(line_input){LINE_BYTES, data + at, piece}, now, &open);
        at += piece;
    }
    for (unsigned i = 0; open > 0; i++) {
        require(i < STEPS_MAX);
        const gt_mono due = line_deadline(l);
        require(due.us != GT_MONO_NEVER.us); /* requests wait: time must be able to end them */
        now.us = due.us > now.us ? due.us : now.us;
        step(l, i == STEPS_MAX / 2 ? &closed : &tick, now, &open);
    }
    require(line_is_idle(l));
    return 0;
}
