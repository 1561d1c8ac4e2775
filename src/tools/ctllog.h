/*
 * ctllog.h - the site's mail log, wherever this system keeps it.
 *
 * Files of syslogd, the older first; where there are none, systemd's journal, facility mail.
 */
#ifndef TOOLS_CTLLOG_H
#define TOOLS_CTLLOG_H

#include <stdio.h>

#include "core/fail.h"

/* Calls with each file that is there, from its beginning. -1 with why when there is no log, or it
 * cannot be read. */
int ctllog_each(void (*call)(void *context, FILE *f), void *context, struct fail *why);

#endif
