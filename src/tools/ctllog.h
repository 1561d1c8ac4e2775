/*
 * ctllog.h - the site's mail log, wherever this system keeps it.
 *
 * Files of syslogd, the older first; where there are none, systemd's journal, facility mail.  Lines
 * of a log hold what strangers wrote: root opens it, and reads it with the rights of scan_user.
 */
#ifndef TOOLS_CTLLOG_H
#define TOOLS_CTLLOG_H

#include <stdio.h>
#include <sys/types.h>

#include "core/fail.h"

#define CTLLOG_FILES 64

struct ctllog {
	FILE *file[CTLLOG_FILES];
	const char *name[CTLLOG_FILES];   /* borrowed */
	size_t n;
	pid_t journal;                    /* 0: none */
};

/* Opens the files of these names, "-" for standard input, or with n 0 the site's own log. Then this
 * process has root's rights no more. -1 with why: not to be read or cleared. */
int ctllog_open(struct ctllog *l, const char *const *names, size_t n, struct fail *why);
/* Calls with each of them, from its beginning, and closes them. -1 with why if one cannot be
 * read. */
int ctllog_read(struct ctllog *l, void (*call)(void *context, FILE *f), void *context,
    struct fail *why);

#endif
