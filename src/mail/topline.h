/*
 * topline.h - the lines that final delivery puts in front of a message: From_ and Return-Path (RFC
 * 5321 4.4).  Those that the MTA has written there itself are replaced, so that each stands there
 * once.  Works on a message that comes in pieces.
 */
#ifndef MAIL_TOPLINE_H
#define MAIL_TOPLINE_H

#include <stdbool.h>
#include <time.h>

#include "base/buf.h"
#include "base/bytes.h"

#define TOPLINE_MAX 8192   /* bytes at the top that are looked through for old ones */

struct topline {
	struct buf lines;     /* ours, until they are written */
	struct buf held;      /* the message's first lines, as long as they may be old ones */
	bool dropped;         /* the last line went: so do those that continue it */
	bool done;
};

/* sender: "" for the null sender. */
void topline_begin(struct topline *t, const char *sender, time_t now);
/* Appends to out what is to be stored, now that text has come. */
void topline_take(struct topline *t, struct bytes text, struct buf *out);
/* The message has ended: appends what was held back. */
void topline_end(struct topline *t, struct buf *out);
void topline_clear(struct topline *t);

#endif
