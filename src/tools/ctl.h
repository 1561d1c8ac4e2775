/*
 * ctl.h - what the commands of bivalvectl share: the descriptor, and how options are read.
 *
 * A command is a file ctl_NAME.c with one descriptor of that name, and a row of the table in ctl.c.
 * Help, shell completion and the test of the manual page are made from the descriptors.
 */
#ifndef TOOLS_CTL_H
#define TOOLS_CTL_H

#include <stdbool.h>

#include "core/conf.h"
#include "core/fail.h"

struct ctl_option {
	char letter;             /* 0: none */
	const char *name;        /* without "--" */
	const char *argument;    /* NULL: takes none */
	const char *text;
};

struct ctl_command {
	const char *name;
	const char *summary;               /* one line, for the list of commands */
	const char *usage;                 /* what stands behind the name */
	const struct ctl_option *options;  /* up to one with a NULL name; NULL: none */
	const char *const *words;          /* what may stand first; NULL-terminated; or NULL */
	/* argv[0] is the command's name. Returns the exit status. --help never comes here. */
	int (*run)(int argc, char **argv);
};

extern const struct ctl_command *const ctl_commands[];   /* ends with NULL */

/* Goes through the words of a command line. Options may stand anywhere before "--". */
struct ctl_scan {
	const struct ctl_option *options;
	int argc, at;
	char **argv;
	const char *value;       /* of the last option */
	bool plain;              /* behind "--" */
};

#define CTL_END (-1)
#define CTL_BAD (-2)             /* why says it */
#define CTL_WORD (-3)            /* value is a word that is no option */

void ctl_scan(struct ctl_scan *s, const struct ctl_command *c, int argc, char **argv);
/* The row of the next option in options, or one of the above. */
int ctl_next(struct ctl_scan *s, struct fail *why);

/* Prints why to standard error, as this command's, and returns its exit status. */
int ctl_fail(const struct ctl_command *c, const struct fail *why);
/* Writes all of out to standard output; an exit status. */
struct buf;
int ctl_print(const struct ctl_command *c, const struct buf *out);
/* The site's configuration, or path if it is not NULL. -1 with why. */
int ctl_conf(const char *path, struct conf *conf, struct fail *why);
/* How the command is called, its options; in at most 24 lines. */
void ctl_usage(const struct ctl_command *c, struct buf *out);

/* Exit statuses of all commands; trouble of its own has those of sysexits(3). */
enum ctl_status { CTL_OK = 0, CTL_NO = 1, CTL_WORSE = 2 };

#endif
