/*
 * progline.h - a program line made ready for the host: for the shell, or as words.
 */
#ifndef RECIPE_PROGLINE_H
#define RECIPE_PROGLINE_H

#include "recipe/expand.h"
#include "recipe/host.h"

struct progline {
	struct host_command host;
	struct expand_words words;   /* what host.argv points to */
};

/* procmailrc(5), SHELLMETAS. arguments: "$@" becomes them. False: it does not fit into LINEBUF;
 * clear it all the same. Words that do not fit once they are expanded go to the shell instead. */
bool progline_prepare(struct interp *in, const struct program *program, bool arguments,
    struct progline *line);
void progline_clear(struct progline *line);
/* Output of a program in backquotes, without the newlines at its end. */
void progline_backquote(struct interp *in, const struct program *program, struct buf *out);

#endif
