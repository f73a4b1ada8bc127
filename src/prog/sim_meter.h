/**
 * @file sim_meter.h
 * @brief gridtill-sim meter: one meter behind a TCP port or a pseudo-terminal.
 *
 * Layer:   prog.
 */
#ifndef GT_PROG_SIM_METER_H
#define GT_PROG_SIM_METER_H

/** @param argv the words behind "meter". @return exit code of the program; complaints on stderr */
int sim_meter_main(int argc, char **argv);

#endif
