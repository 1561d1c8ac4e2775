/*
 * settings.h - what the special variables of an rcfile mean to the actions, as values.
 *
 * recipe/vars.c keeps them in step with the variables (procmailrc(5) names and defaults).
 */
#ifndef CORE_SETTINGS_H
#define CORE_SETTINGS_H

#include <stdbool.h>
#include <sys/types.h>

struct settings {
	long locksleep;    /* LOCKSLEEP: seconds between attempts at a lock; default 8 */
	long locktimeout;  /* LOCKTIMEOUT: seconds after which a lock is stale; 0 never; 1024 */
	long timeout;      /* TIMEOUT: seconds a program may run; 0 for ever; 960 */
	long suspend;      /* SUSPEND: seconds between retries of fork; 16 */
	long noresretry;   /* NORESRETRY: retries; negative for ever; 4 */
	long linebuf;      /* LINEBUF: bytes of a line, at least 128; 2048 */
	mode_t umask;      /* UMASK, octal; 077 */
	const char *shell, *shellflags, *shellmetas;   /* SHELL, SHELLFLAGS "-c", SHELLMETAS */
	const char *sendmail, *sendmailflags;          /* SENDMAIL, SENDMAILFLAGS "-oi" */
	const char *msgprefix, *lockext;               /* MSGPREFIX "msg.", LOCKEXT ".lock" */
	bool verbose;      /* VERBOSE=yes|on */
	bool delivered;    /* DELIVERED=yes */
	enum { ABSTRACT_LAST, ABSTRACT_NO, ABSTRACT_ALL } logabstract;
};

#endif
