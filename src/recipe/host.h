/*
 * host.h - all that the language may do to the world.
 *
 * The evaluator knows no file, no program and no message format but through these callbacks: flow/
 * implements them for a delivery, tests and "bivalvectl explain" plug in their own.  Every callback
 * gets ctx; each returns 0 or -1 with why, unless it says otherwise.
 */
#ifndef RECIPE_HOST_H
#define RECIPE_HOST_H

#include <stdbool.h>

#include "base/buf.h"
#include "core/fail.h"
#include "core/message.h"
#include "core/outcome.h"
#include "core/settings.h"

struct interp;

/* A program line after expansion: words for exec, or one text for the shell. */
struct host_command {
	const char *const *argv;  /* NULL-terminated; when shell is NULL */
	const char *shell;        /* goes to $SHELL $SHELLFLAGS unchanged */
};

/* One action line, expanded, with its recipe's flags. */
enum host_action_kind { HOST_FOLDER, HOST_PROGRAM, HOST_FORWARD, HOST_FILTER, HOST_CAPTURE };

struct host_action {
	enum host_action_kind kind;
	bool head, body;            /* flags h, b: which halves are fed or filtered */
	bool raw, wait, quiet, ignore_write_errors;   /* r, w or W or a lock, W, i */
	bool copy;                  /* c: processing goes on */
	const char *const *words;   /* FOLDER: folder names; FORWARD: addresses */
	struct host_command command;    /* PROGRAM, FILTER, CAPTURE */
	const char *title;          /* of a program, for LASTFOLDER; NULL for folders */
	const char *lock;           /* local lockfile, NULL for none */
	const char *file;           /* rcfile and line of the recipe, for the log */
	int line;
};

/* One condition that was asked, for explain. */
struct host_condition {
	const char *file;
	int line;
	const char *text;         /* as the rcfile has it, without the star */
	const char *expanded;     /* what a $ made of it; NULL: there was none */
	bool held, weighted;
	double score;             /* of the recipe, so far */
	bool found;               /* the expression was found, whatever the condition wants */
	struct bytes seen;        /* the line that it was found in, or the beginning of what was
	                           * looked at; empty for a message's header or body */
	const char *match;        /* MATCH, NULL when unset */
};

struct host {
	void *ctx;

	/* Delivers, pipes or forwards the message (interp_message). lastfolder gets the text for
	 * LASTFOLDER, also of an mbox that could not be had. When no lock can be had the action is
	 * still tried, as procmail does. */
	int (*deliver)(void *ctx, const struct host_action *, struct buf *lastfolder, int *status,
	    struct fail *why);
	/* Replaces the halves that the flags name by a program's output. -1: message unchanged. */
	int (*filter)(void *ctx, const struct host_action *, struct message *, int *status,
	    struct fail *why);
	/* Standard output of a program into out (VAR=|), or of SENDMAIL (VAR=!, kind FORWARD):
	 * input as the flags say. */
	int (*capture)(void *ctx, const struct host_action *, struct buf *out, int *status,
	    struct fail *why);
	/* Backquotes: the whole message on standard input. What was read until a time-out stays in
	 * out, also when -1 is returned. */
	int (*backquote)(void *ctx, const struct host_command *, struct buf *out, int *status,
	    struct fail *why);
	/* Condition "? program": its exit status into *status. */
	int (*test)(void *ctx, const struct host_command *, const struct bytes in[2], int *status,
	    struct fail *why);
	/* All these put into *status what $? becomes: of a program that a signal ended procmail has
	 * the signal's number below zero. */

	/* Lines of a selector (recipe/select.h): text into out, which may stay empty. 1: nobody
	 * knows, and the condition does not hold, "!" or not. -1: cannot be known now; evaluation
	 * ends and the mail is deferred with why. */
	int (*lines)(void *ctx, int selector, const char *arg, struct buf *out, struct fail *why);
	/* A recipe decides what happens to mail whose scan failed (scan:status ?? error); said when
	 * lines has answered, and taken back when the recipe does not hold in the end. What was
	 * said before. */
	bool (*scan_decided)(void *ctx, bool decided);
	/* A verb (recipe/verb.h) on the message. 0: done (out->code stays OPEN for verbs that do
	 * not end processing), -1: failed, processing goes on with the next recipe. */
	int (*verb)(void *ctx, int verb, const char *text, struct message *, struct outcome *out,
	    struct fail *why);

	/* A clone (flag c on a block): 0 in the child, its process id in the parent, which holds
	 * the lockfile until clone_wait; NULL for none. */
	int (*clone)(void *ctx, const char *lock, struct fail *why);
	/* In the parent, for clones with w or a lock. */
	int (*clone_wait)(void *ctx, int pid, int *status);
	/* An rcfile for INCLUDERC or SWITCHRC: its bytes. -1: it is not there or not permitted. */
	int (*open_rcfile)(void *ctx, const char *path, struct buf *text, struct fail *why);

	/* A special variable was assigned: the world follows. value NULL: unset. */
	int (*set_maildir)(void *ctx, const char *dir, struct fail *why);  /* chdir */
	void (*set_umask)(void *ctx, unsigned mask);
	void (*set_logfile)(void *ctx, const char *path);    /* "": nothing is logged */
	void (*set_lockfile)(void *ctx, const char *path);   /* LOCKFILE; NULL or "": release */
	void (*delivered_early)(void *ctx);                  /* DELIVERED=yes */
	void (*log_text)(void *ctx, const char *text);       /* LOG= */
	const char *(*hostname)(void *ctx);                  /* HOST */
	/* A diagnostic about an rcfile: one line, no newline. verbose: only with VERBOSE=yes. */
	void (*complain)(void *ctx, bool verbose, const char *file, int line, const char *text);

	/* For explain and the log; either may be NULL. */
	void (*on_recipe)(void *ctx, const char *file, int line, bool held);
	void (*on_condition)(void *ctx, const struct host_condition *c);
};

#endif
