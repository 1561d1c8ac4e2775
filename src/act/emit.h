/*
 * emit.h - a message as the bytes that a folder or a program gets.
 *
 * Nothing is copied: a plan points into the message, and quoting happens while it is written.
 */
#ifndef ACT_EMIT_H
#define ACT_EMIT_H

#include "act/act.h"

/* MBOX quotes lines that begin with "From "; MAILDIR and FORWARD leave off the From_ line and the
 * >From lines behind it; all but MAILDIR end with an empty line, or at least a newline. */
enum emit_form { EMIT_MBOX, EMIT_FILE, EMIT_MAILDIR, EMIT_FORWARD };

#define EMIT_PARTS 3

struct emit {
	struct bytes part[EMIT_PARTS];  /* head, body, the newline that is added */
	struct bytes mapped;
	bool quote;
	size_t trusted;                 /* bytes of the body in which nothing is quoted */
};

void emit_plan(struct emit *e, const struct act_job *job, enum emit_form form);
/* Bytes of the parts; quotes come on top. */
size_t emit_size(const struct emit *e);
/* Writes all to a blocking descriptor. *written counts what arrived, also on failure: -1, errno. */
int emit_write(int fd, const struct emit *e, size_t *written);

#endif
