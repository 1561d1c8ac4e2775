/*
 * probe.h - can libclamav work in this directory?
 *
 * libclamav answers "clean" when it cannot write its temporary files.  Asked before and after.
 */
#ifndef SCAN_PROBE_H
#define SCAN_PROBE_H

#include <stddef.h>

#include "core/fail.h"

#define PROBE_FREE_MIN (8ul << 20)  /* bytes */

/* Makes a directory and a file in it, writes, removes both. 0 when that works and PROBE_FREE_MIN
 * plus want bytes are free, else -1 with a FAIL_SCAN. */
int probe_directory(const char *dir, size_t want, struct fail *why);

#endif
