/*
 * resident.h - the way to the resident scanner from a process that has a message to be read.
 */
#ifndef PROC_RESIDENT_H
#define PROC_RESIDENT_H

#include <stdbool.h>

#include "core/conf.h"
#include "core/fail.h"

/* A stream socket that speaks core/report.h with a scanner that holds the message, yours to close.
 * -1 with *absent_r: there is no resident, and the configuration lets us start a scanner of our
 * own.  -1 with why (FAIL_SCAN): it is needed and not there, it is busy, or it does not answer.
 * Waits for scan_wait seconds. message_fd borrowed. */
int resident_scanner(const struct conf *conf, int message_fd, bool *absent_r, struct fail *why);

#endif
