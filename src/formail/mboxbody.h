/*
 * mboxbody.h - the body as formail passes it on: lines that look like postmarks escaped, an empty
 * line at the end.
 */
#ifndef FORMAIL_MBOXBODY_H
#define FORMAIL_MBOXBODY_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/bytes.h"

struct mboxbody {
	bool escape;          /* ">" before "From " */
	bool quote;           /* ">" before every line that is not empty */
	bool first;           /* no empty line ends the header: its first line is still one */
	long verbatim;        /* that many bytes are passed as they are (Content-Length); or <= 0 */
};

void mboxbody_write(const struct mboxbody *how, struct bytes body, struct buf *out);

#endif
