/*
 * vars.h - the variables of one run, which are also the environment of its programs.
 */
#ifndef RECIPE_VARS_H
#define RECIPE_VARS_H

#include "core/settings.h"

struct interp;

struct vars {
	char **env;      /* "NAME=value", NULL-terminated */
	bool *written;   /* of each: its value stands in an rcfile, nothing in it came with mail */
	size_t n, room;
};

void vars_init(struct vars *v);
void vars_clear(struct vars *v);
const char *vars_get(const struct vars *v, const char *name);
/* Just the value; NULL unsets. */
void vars_put(struct vars *v, const char *name, const char *value);
/* Notes that an rcfile's author wrote the whole value, until the variable gets another one. */
void vars_note_written(struct vars *v, const char *name);
bool vars_is_written(const struct vars *v, const char *name);

/* procmailrc(5)'s defaults, into variables and settings. */
void vars_defaults(struct interp *in);
/* An assignment with all it entails. */
void vars_assign(struct interp *in, const char *name, const char *value);
/* As vars_assign, but only the settings follow: nothing outside changes. */
void vars_preset(struct interp *in, const char *name, const char *value);
/* procmail's idea of a number, which may also be a word such as "yes" (1), "off" (0) or "all" (2);
 * other is returned for what is neither. */
long vars_number(const char *value, long other);

#endif
