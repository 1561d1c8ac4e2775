/*
 * command.h - starts a program for a recipe: feeds it, caps it, times it, ends it.
 *
 * The child gets its own process group, default signals, no descriptor but 0, 1, 2, the recipe's
 * environment; on TIMEOUT the whole group is sent TERM, then KILL.  Restricted sites (act_env)
 * go through smrsh or get nothing at all.
 */
#ifndef ACT_COMMAND_H
#define ACT_COMMAND_H

#include "act/act.h"

struct command {
	const char *const *argv;  /* NULL-terminated; used when shell is NULL */
	const char *shell;        /* a command line for $SHELL $SHELLFLAGS, unchanged */
	struct bytes in[3];       /* standard input: one after the other */
	int out_fd;               /* the program's standard output; -1: /dev/null */
	bool wait;                /* false: only write errors and a failed start count */
	bool quiet;
	bool ignore_write_errors;
	bool background;          /* do not wait at all once it has its input (not under a lock) */
	bool may_outlast;         /* once it has its input, TIMEOUT leaves it alone */
};

enum command_end { COMMAND_EXITED, COMMAND_SIGNALLED, COMMAND_TIMED_OUT, COMMAND_NOT_STARTED };

struct command_result {
	enum command_end end;
	int status;           /* exit status; 128 + signal; 127 not started */
	bool input_unread;    /* it ended or closed its input before all was written */
};

/* What $? becomes: the exit status, or, as in procmail, the signal's number below zero; as a byte
 * where procmail has a process in between (filters, captures, backquotes), which then says
 * EX_UNAVAILABLE after TIMEOUT. */
int command_number(const struct command_result *r);
int command_byte(const struct command_result *r);

/* Input that fits into the pipe is there before the program starts, so a program that ends without
 * reading it never fails by chance.  SIGPIPE must be ignored (undo_on_signals does that).  What the
 * kernel does not execute, such as a script without x permission, is given to /bin/sh.
 *
 * 0 when the program did what was asked of it (see wait and ignore_write_errors), else -1 with why
 * (FAIL_TEMP) in words that name the program. *r is filled either way. */
int command_run(const struct act_env *env, const struct command *cmd, struct command_result *r,
    struct fail *why);
/* The same with the program's standard output in *out, up to max bytes (more is FAIL_TEMP). */
int command_capture(const struct act_env *env, const struct command *cmd, size_t max,
    struct buf *out, struct command_result *r, struct fail *why);

#endif
