/*
 * cell.h - what is left to a session, which reads what a peer sends: the descriptors it holds,
 * time, pairs of sockets, and so much memory.  No path, no connection, no program, no signal.
 *
 * A filter of our own, so that bivalve needs no library for it and a session costs microseconds to
 * close.  proc/sandbox.h is for a process that needs files.
 */
#ifndef PROC_CELL_H
#define PROC_CELL_H

#include <stddef.h>

#include "core/fail.h"

/* Closes all descriptors but 0 to keep, then the cell. memory: bytes of address space that may
 * come to what is used now; file: bytes of a file that it is handed to write to, 0 for any
 * number. A system call that is not listed ends the process (SIGSYS). -1 with why when there is
 * no filter to be had: read nothing then. */
int cell_enter(int keep, size_t memory, size_t file, struct fail *why);

#endif
