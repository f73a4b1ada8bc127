/**
 * @file eeprom.h
 * @brief A simulated EEPROM behind port/nvm.h that can lose power at any byte.
 *
 * Layer:   sim.
 * Writes since the last sync sit in a queue with what they replaced: at a power cut each survives
 * whole, up to some byte, or not at all, as the seed decides.
 */
#ifndef GT_SIM_EEPROM_H
#define GT_SIM_EEPROM_H

#include "port/nvm.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SIM_EEPROM_SIZE = 131072, /* the small profile of a meter, with room */
    SIM_EEPROM_QUEUE = 16,
    SIM_EEPROM_UNDO = 4096, /* bytes replaced by the writes in the queue */
    SIM_EEPROM_NO_CUT = 0,
};

typedef struct sim_eeprom {
    uint8_t *large; /* the caller's bytes; NULL: cells */
    uint32_t size;
    struct {
        uint32_t at;
        uint32_t len;
    } queue[SIM_EEPROM_QUEUE]; /* writes not yet synced, oldest first */
    uint32_t queued;
    uint32_t undone; /* bytes in undo */
    uint64_t seed;
    uint64_t bytes;  /* written ever */
    uint64_t writes; /* calls */
    uint64_t syncs;
    uint64_t cut_byte; /* power goes when this many bytes have been written; 0: never */
    bool dead;         /* the power is off: every call answers IO */
    uint8_t undo[SIM_EEPROM_UNDO];
    uint8_t cells[SIM_EEPROM_SIZE];
} sim_eeprom;

/** A blank chip (all FFH) of SIM_EEPROM_SIZE bytes. */
void sim_eeprom_init(sim_eeprom *e, uint64_t seed);
/** A blank chip of another size, in the caller's bytes. */
void sim_eeprom_init_large(sim_eeprom *e, uint64_t seed, uint8_t *cells, uint32_t size);
gt_nvm sim_eeprom_port(sim_eeprom *e);
/** Power goes while the @p byte-th byte from now is written (1: before the first is whole). */
void sim_eeprom_cut_after(sim_eeprom *e, uint64_t byte);
/** Power goes now: unsynced writes survive whole, in part, or not. */
void sim_eeprom_cut(sim_eeprom *e);
/** Power is back; reads see what survived. */
void sim_eeprom_restore(sim_eeprom *e);

#endif
