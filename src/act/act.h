/*
 * act.h - delivering actions: each is one file with one descriptor.
 *
 * The process already has the recipient's rights.  deliver() returns 0 only when the bytes are
 * durable (act/durable.c), or -1 with why filled and nothing left behind.
 */
#ifndef ACT_ACT_H
#define ACT_ACT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "core/fail.h"
#include "core/settings.h"

/* Which programs may be started at all: bivalve.conf(5), programs = any | smrsh | none. */
enum act_programs { ACT_PROGRAMS_ANY, ACT_PROGRAMS_SMRSH, ACT_PROGRAMS_NONE };

/* What every action may use; borrowed for the call. */
struct act_env {
	const struct settings *set;
	char *const *environ;             /* for programs: the recipe's variables */
	enum act_programs programs;
	const char *smrsh;                /* path of smrsh, used with ACT_PROGRAMS_SMRSH */
	const char *confine;              /* restricted sites: mailboxes lie below; NULL: free */
	/* Asked right before bytes become visible in a mailbox: is the MTA still there? -1 and why:
	 * do not commit. NULL: always yes. */
	int (*may_commit)(void *ctx, struct fail *why);
	void *ctx;
};

/* One thing to deliver. */
struct act_job {
	struct bytes head, body;   /* what the flags h and b left of them; either may be empty */
	struct bytes mapped;       /* whole mapping of a file in which they lie, or empty: pages
	                            * that are written may be given back to the system */
	bool raw;                  /* r: add no newline, quote nothing */
	bool from_line;            /* head begins with a From_ line */
	const char *const *words;  /* NULL-terminated, expanded: folders, addresses, or argv */
	const char *command;       /* not NULL: this text goes to $SHELL $SHELLFLAGS instead */
	bool wait;                 /* w, W, or a lockfile: the exit status counts */
	bool quiet;                /* W: no word about a failing program */
	bool ignore_write_errors;  /* i */
	long content_length;       /* of the Content-Length field that is trusted, -1 none: mbox
	                            * quotes nothing in that many bytes of the body */
};

struct act_result {
	size_t size;        /* bytes written, with added newline and quotes (log abstract) */
	struct buf folder;  /* what LASTFOLDER becomes, of an mbox also on failure; init before,
	                     * clear after */
	int status;         /* exit status of the program; 0 for mailboxes */
};

struct act {
	const char *name;   /* "mbox", "maildir", "mh", "directory", "program", "forward", "null" */
	int (*deliver)(const struct act_env *, const struct act_job *, struct act_result *,
	    struct fail *why);
};

extern const struct act act_mbox, act_maildir, act_mh, act_directory, act_program, act_forward,
    act_null;

/* The action for a folder name as a recipe writes it: "/dev/null" null, "x/" maildir, "x/." MH,
 * an existing directory directory, "dir/" on an existing plain file mbox, all else mbox. */
const struct act *act_for_folder(const char *name);

#endif
