/*
 * recipe.h - the language's front door: variables, rcfiles, evaluation.
 */
#ifndef RECIPE_RECIPE_H
#define RECIPE_RECIPE_H

#include "core/outcome.h"
#include "recipe/host.h"

/* One run of rcfiles for one recipient: variables, chain state, score. */
struct interp *interp_new(const struct host *host, struct message *message);
void interp_free(struct interp **in);

/* The variables. set follows special variables as an assignment in an rcfile does; value NULL
 * unsets. get returns NULL when unset; borrowed until that variable changes. */
void interp_set(struct interp *in, const char *name, const char *value);
const char *interp_get(const struct interp *in, const char *name);
/* Without side effects (no chdir, no LOGFILE): for defaults before anything runs. */
void interp_preset(struct interp *in, const char *name, const char *value);
/* Not even the settings follow: a variable of the environment, which recipes and programs see. */
void interp_show(struct interp *in, const char *name, const char *value);
/* NAME=value from the command line: the value is expanded as in an rcfile. 1: it is a HOST that is
 * not this one, and ends all; -1 with why when it is no assignment. */
int interp_assign_argument(struct interp *in, const char *argument, struct fail *why);
/* $1, $2 ...: NULL-terminated, borrowed for the life of in. */
void interp_arguments(struct interp *in, const char *const *argv);

/* Where evaluation is: the rcfile's name, and the line. */
const char *interp_file(const struct interp *in);
int interp_line(const struct interp *in);

/* From now on what does not fit into LINEBUF, or an rcfile whose recipes are not known for sure
 * (torn in recipe/ast.h), ends with FAILED: a site's policy that is not understood must let no mail
 * pass. Without, it is taken as procmail takes it. What that is silent about is said. */
void interp_strict(struct interp *in, bool strict);

const struct settings *interp_settings(const struct interp *in);
struct message *interp_message(struct interp *in);
/* The variables as an environment for programs; NULL-terminated, valid until the next change. */
char *const *interp_environ(struct interp *in);

/* How a file ended. */
enum interp_end {
	INTERP_FELL_OFF,    /* reached its end: nothing delivered */
	INTERP_DECIDED,     /* *out says how */
	INTERP_HOST         /* HOST does not match: go on with the next rcfile, if any */
};

/* Parses text (all of rcfile name) and runs it. Never fails on a broken file: it complains with
 * file and line through the host and goes on as procmail would. */
enum interp_end interp_run(struct interp *in, const char *name, struct bytes text,
    struct outcome *out);

/* Expands as the right side of an assignment: for DEFAULT and configuration. */
char *interp_expand(struct interp *in, const char *text);
/* A program line as behind "|": for TRAP. *command borrows from text and what is returned, which is
 * for interp_line_free. */
struct progline *interp_line_open(struct interp *in, const char *text,
    struct host_command *command);
void interp_line_free(struct progline **line);

#endif
