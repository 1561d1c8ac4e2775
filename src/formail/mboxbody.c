#include "formail/mboxbody.h"

#include "base/str.h"

/* Writes one line; false when it is an empty one. */
static bool
mboxbody_line(const struct mboxbody *how, struct bytes line, bool escape, struct buf *out)
{
	if (escape && bytes_starts(line, "From "))
		buf_byte(out, '>');
	if (how->quote && line.len > 0)
		buf_byte(out, '>');
	buf_bytes(out, line);
	buf_byte(out, '\n');
	return line.len > 0;
}

void
mboxbody_write(const struct mboxbody *how, struct bytes body, struct buf *out)
{
	bool open = false;   /* an empty line is wanted at the end */
	bool inside = false; /* a line has been begun */
	unsigned long verbatim = how->verbatim > 0 ? (unsigned long)how->verbatim : 0;
	struct bytes line, rest = body;
	size_t n;

	buf_room(out, body.len + 2);
	/* The line that showed the header to be over has been read as a line by then. */
	if (how->first && bytes_line(&rest, &line)) {
		open = mboxbody_line(how, line, how->escape && verbatim == 0, out);
		verbatim -= verbatim > line.len ? line.len + 1 : verbatim;
	}
	n = verbatim < rest.len ? verbatim : rest.len;
	if (n > 0) {
		buf_add(out, rest.p, n);
		inside = rest.p[n - 1] != '\n';
		open = inside || (n > 1 && rest.p[n - 2] != '\n');
		rest = bytes_from(rest, n);
	}
	for (; bytes_line(&rest, &line); inside = false)
		open = mboxbody_line(how, line, how->escape, out) || inside;
	if (open)
		buf_byte(out, '\n');
}
