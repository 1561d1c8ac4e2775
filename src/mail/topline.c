#include "mail/topline.h"

#include "base/str.h"
#include "mail/fromline.h"

void
topline_begin(struct topline *t, const char *sender, time_t now)
{
	size_t n;

	topline_clear(t);
	fromline_make(*sender ? sender : "MAILER-DAEMON", now, &t->lines);
	n = t->lines.len;
	buf_printf(&t->lines, "Return-Path: <%s>\n", sender);
	/* A sender is a stranger's word, and one line is one line. */
	for (; n + 1 < t->lines.len; n++)
		if ((unsigned char)t->lines.p[n] < ' ' || t->lines.p[n] == 0x7f)
			t->lines.p[n] = '?';
}

/* Is line, the next one at the top, an old one? */
static bool
topline_is_old(struct topline *t, struct bytes line)
{
	if (t->dropped && line.len > 0 && (line.p[0] == ' ' || line.p[0] == '\t'))
		return true;
	t->dropped = bytes_starts(line, "From ") || bytes_starts_nocase(line, "Return-Path:");
	return t->dropped;
}

static void
topline_write(struct topline *t, struct buf *out)
{
	buf_bytes(out, buf_view(&t->lines));
	buf_bytes(out, buf_view(&t->held));
	buf_cut(&t->held, 0);
	t->done = true;
}

void
topline_take(struct topline *t, struct bytes text, struct buf *out)
{
	while (!t->done && text.len > 0) {
		const char *nl = memchr(text.p, '\n', text.len);
		size_t n = nl ? (size_t)(nl - text.p) + 1 : text.len;

		buf_bytes(&t->held, bytes_first(text, n));
		text = bytes_from(text, n);
		if (nl && topline_is_old(t, buf_view(&t->held)))
			buf_cut(&t->held, 0);
		else if (nl || t->held.len > TOPLINE_MAX)
			topline_write(t, out);
	}
	buf_bytes(out, text);
}

void
topline_end(struct topline *t, struct buf *out)
{
	if (!t->done)
		topline_write(t, out);
}

void
topline_clear(struct topline *t)
{
	buf_clear(&t->lines);
	buf_clear(&t->held);
	t->dropped = t->done = false;
}
