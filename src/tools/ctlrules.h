/*
 * ctlrules.h - the rules about rcfiles, beyond what the parser complains of.
 */
#ifndef TOOLS_CTLRULES_H
#define TOOLS_CTLRULES_H

#include <sys/stat.h>

#include "tools/ctltrap.h"

/* Adds what it finds to f, and to the files that f includes, which it appends to f's list. */
void ctlrules_look(struct ctltrap_file *f);

/* ---- for the files of rules alone ---- */

struct ctlrules_variable {
	const char *name;
	const char *value;           /* NULL: only known at run time */
	bool stranger;               /* holds what a stranger wrote */
};

struct ctlrules {
	struct ctltrap_file *f;      /* the one that is being read */
	const char *home;            /* what $HOME is; NULL: each user's own */
	struct ctlrules_variable *vars;
	size_t nvars;
	bool match_is_word;          /* the last \/ lets no blank and nothing special through */
	bool match_is_name;          /* nor a slash */
	bool scan_asked;             /* a scan: condition stands before */
	bool lockfile;               /* LOCKFILE is held */
	bool clone;                  /* inside a block with c: another process has the mail, too */
};

/* The last value assigned, NULL where none is. */
const struct ctlrules_variable *ctlrules_variable(const struct ctlrules *r, const char *name);
/* Does that variable, as it is now, hold a stranger's words? */
bool ctlrules_is_stranger(const struct ctlrules *r, const char *name);
/* The first stranger's variable in the pieces, NULL if there is none; unquoted: only such that are
 * split into words. */
const char *ctlrules_stranger_in(const struct ctlrules *r, const struct piece *p, bool unquoted);
/* All of pieces as text when it is constant but for variables whose value is known. */
bool ctlrules_constant(const struct ctlrules *r, const struct piece *p, struct buf *out);
/* "$NAME" as the line has it: token to point at. */
struct bytes ctlrules_token(struct ctlrules *r, int line, const char *name);

/* ctlruleinc.c: the files of INCLUDERC and SWITCHRC. */
bool ctlruleinc_is(const struct node *n);
/* The path of the file that value names; NULL where none would be read, or it is not known. */
const char *ctlruleinc_look(struct ctlrules *r, const struct node *n, const char *value,
    bool conditional, struct stat *st_r);
void ctlruleinc_loop(struct ctlrules *r, const struct node *n);
/* n stands behind left, which leaves the file. */
void ctlruleinc_behind(struct ctlrules *r, const struct node *n, const struct node *left);
/* ctlrulecond.c: the conditions of a recipe. */
void ctlrulecond_look(struct ctlrules *r, const struct node *n);
/* ctlruleact.c: its action; flags are known. */
void ctlruleact_look(struct ctlrules *r, const struct node *n);
void ctlruleact_program(struct ctlrules *r, const struct program *p, int line);

#endif
