/*
 * quoted.h - quoted-printable (RFC 2045 6.7) as mail programs decode it.
 */
#ifndef MIME_QUOTED_H
#define MIME_QUOTED_H

#include "base/buf.h"
#include "base/bytes.h"

/* All forms are the same for well-formed text. */
enum quoted_form {
	QUOTED_PLAIN,       /* bad escapes stay as they are; blanks may follow a soft line break */
	QUOTED_DROP_MARK,   /* of a bad escape the "=" goes */
	QUOTED_DROP_ALL,    /* a bad escape goes, with the two bytes behind its "=" */
	QUOTED_DROP_TWO,    /* the "=" of a bad escape goes, and the byte behind it, if no "=" */
	QUOTED_JOIN,        /* a soft line break may stand inside an escape */
	QUOTED_JOIN_ALL,    /* line ends and blanks, too */
	QUOTED_HARD,        /* "=" before a line end goes, the line end stays */
	QUOTED_EXACT,       /* blanks behind "=" are text: no soft line break */
	QUOTED_TIGHT,       /* controls, blanks and 8-bit bytes are left out */
	QUOTED_FORMS
};

/* Appends to out. */
void quoted_decode(struct bytes text, enum quoted_form form, struct buf *out);
/* True when some form differs from another.  *bad_r: it holds an escape that is none.  Letters and
 * digits that are escaped without need are odd, too: blanks between them may be meant to go. */
bool quoted_check(struct bytes text, bool *bad_r);

#endif
