/*
 * trial.h - a delivery that is only thought through: for explain and test.
 *
 * The recipes run as they would, against the real files; but no mailbox, log, lock, quarantine or
 * cache is written, and no program is started that delivers.  Other programs (filters, conditions,
 * backquotes) are only started if asked; formail's plain calls need none.
 */
#ifndef FLOW_TRIAL_H
#define FLOW_TRIAL_H

#include <stdbool.h>

#include "base/buf.h"
#include "core/fail.h"

enum trial_what {
	TRIAL_RECIPE,      /* a recipe was looked at: held */
	TRIAL_CONDITION,   /* a condition was: condition says more */
	TRIAL_ACTION,      /* mail would go to text: kind and copy tell how; held: it would work */
	TRIAL_CHANGE,      /* a verb or filter changed the message: text */
	TRIAL_PROGRAM,     /* a program: text; held: it was started */
	TRIAL_COPY,        /* a block with c, worked on by a process of its own: text is what its
	                    * on_copy_end wrote */
	TRIAL_SAY          /* a diagnostic or a LOG: text */
};

struct host_condition;

struct trial_event {
	enum trial_what what;
	const char *file;
	int line;
	bool held, copy;
	const char *kind;  /* mbox, maildir, mh, directory, null, forward, program, or a verb */
	struct bytes text;
	const struct host_condition *condition;
};

struct trial {
	void *ctx;
	bool run_programs;
	bool no_scan;             /* the scanner is not asked for a verdict: nothing was found */
	bool unknown;             /* an answer was assumed, since a program was not started */
	void (*event)(void *ctx, const struct trial_event *e);
	/* In the process of a copy: at its beginning; and at its end, with its outcome, to be
	 * written into out, which becomes the text of TRIAL_COPY. */
	void (*on_copy)(void *ctx);
	void (*on_copy_end)(void *ctx, struct buf *out);
	int copy_fd;              /* for trial.c */
};

#endif
