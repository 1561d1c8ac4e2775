#include "lmtp/datatext.h"

void
datatext_begin(struct datatext *t, bool lf_ends)
{
	*t = (struct datatext){ DATATEXT_START, lf_ends };
}

/* The inside of a line up to the byte that may end it, in one piece. */
static void
datatext_run(struct datatext *t, struct bytes *in, struct buf *out)
{
	const char *end = memchr(in->p, t->lf_ends ? '\n' : '\r', in->len);
	size_t n = end ? (size_t)(end - in->p) : in->len;

	/* Where LF ends lines the CR in front of it belongs to the end; it may be the last byte. */
	if (t->lf_ends && n > 0 && in->p[n - 1] == '\r')
		n--;
	buf_add(out, in->p, n);
	*in = bytes_from(*in, n);
}

/* What a byte inside a line does, or behind what has turned out to be inside one. */
static void
datatext_inside(struct datatext *t, char c, struct buf *out)
{
	if (c == '\r') {
		t->state = DATATEXT_CR;
		return;
	}
	buf_byte(out, c);
	t->state = c == '\n' && t->lf_ends ? DATATEXT_START : DATATEXT_LINE;
}

/* True at the end of the text. */
static bool
datatext_byte(struct datatext *t, char c, struct buf *out)
{
	switch (t->state) {
	case DATATEXT_START:
		if (c == '.')
			t->state = DATATEXT_DOT;
		else
			datatext_inside(t, c, out);
		return false;
	case DATATEXT_DOT:
		if (c == '\n' && t->lf_ends)
			return true;
		if (c == '\r')
			t->state = DATATEXT_DOT_CR;
		else
			datatext_inside(t, c, out);
		return false;
	case DATATEXT_DOT_CR:
	case DATATEXT_CR:
		if (c == '\n' && t->state == DATATEXT_DOT_CR)
			return true;
		if (c == '\n') {
			buf_byte(out, '\n');
			t->state = DATATEXT_START;
			return false;
		}
		buf_byte(out, '\r');
		datatext_inside(t, c, out);
		return false;
	case DATATEXT_LINE:
		break;
	}
	datatext_inside(t, c, out);
	return false;
}

bool
datatext_take(struct datatext *t, struct bytes *in, struct buf *out)
{
	while (in->len > 0) {
		char c;

		if (t->state == DATATEXT_LINE)
			datatext_run(t, in, out);
		if (in->len == 0)
			break;
		c = in->p[0];
		*in = bytes_from(*in, 1);
		if (datatext_byte(t, c, out))
			return true;
	}
	return false;
}
