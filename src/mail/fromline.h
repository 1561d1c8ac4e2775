/*
 * fromline.h - the From_ line (postmark) at the start of a message, as procmail -f handles it.
 */
#ifndef MAIL_FROMLINE_H
#define MAIL_FROMLINE_H

#include <stdbool.h>
#include <time.h>

#include "base/buf.h"
#include "base/bytes.h"

struct fromline {
	struct bytes sender;   /* words behind "From ", before the date; may be empty */
	struct bytes date;     /* the rest, may be empty; neither has blanks around it */
	struct bytes all;      /* the line with its LF */
};

/* False when head does not begin with "From ". */
bool fromline_parse(struct bytes head, struct fromline *f);
/* Appends "From SENDER  DATE\n" (two blanks, asctime form, local time). Control bytes of a sender
 * become '?': he is a stranger, and one line is one line. */
void fromline_make(const char *sender, time_t now, struct buf *out);
/* What -f sender does to a head: any sender replaces the From_ line, or adds one; "-" renews the
 * date only, or adds a line for user. Empty lines at the start are dropped, as in procmail; the
 * rest of head, ">From " lines included, is copied to out. */
void fromline_apply(struct bytes head, const char *sender, const char *user, time_t now,
    struct buf *out);

#endif
