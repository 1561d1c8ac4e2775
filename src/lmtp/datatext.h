/*
 * datatext.h - the text between DATA and the lone dot, as it is stored: LF ends lines, and the dots
 * that a peer puts in front of lines are gone (RFC 5321 4.5.2).
 *
 * The end of the text is where lines end as this peer ends them, and nowhere else.  A peer that
 * writes CR LF passes a bare LF or CR on as it got it, inside a line: to take "LF . LF" for the end
 * then would let a stranger's message bring commands of its own.
 */
#ifndef LMTP_DATATEXT_H
#define LMTP_DATATEXT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/bytes.h"

enum datatext_state { DATATEXT_START, DATATEXT_DOT, DATATEXT_DOT_CR, DATATEXT_LINE, DATATEXT_CR };

struct datatext {
	enum datatext_state state;
	bool lf_ends;    /* this peer ends lines with LF: then CR LF is taken for one, too */
};

void datatext_begin(struct datatext *t, bool lf_ends);
/* Takes from *in up to the end of the text and appends to out what is to be stored. True at the
 * end: *in begins behind it. Else *in is used up. */
bool datatext_take(struct datatext *t, struct bytes *in, struct buf *out);

#endif
