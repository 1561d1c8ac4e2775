#include "lmtp/path.h"

#include "base/str.h"

static bool
path_is_next(struct bytes b, char c)
{
	return b.len > 0 && b.p[0] == c;
}

static bool
path_is_printable(char c)
{
	return (unsigned char)c > ' ' && c != 0x7f;
}

/* A dot-string's bytes; where the dots stand is the MTA's business. */
static bool
path_is_atom(char c)
{
	return path_is_printable(c) && !strchr("<>()[]\\,;:@\"", c);
}

/* A name, or an address in brackets. */
static bool
path_is_domain(char c)
{
	return str_is_alnum(c) || (unsigned char)c >= 0x80 || (c && strchr("-._[]:", c));
}

static bool
path_domain(struct bytes *rest)
{
	size_t n = 0;

	while (n < rest->len && path_is_domain(rest->p[n]))
		n++;
	*rest = bytes_from(*rest, n);
	return n > 0;
}

/* "@a,@b:" in front of the mailbox: read, and of no meaning (RFC 5321 appendix C). */
static bool
path_route(struct bytes *rest)
{
	const char *end = rest->len ? memchr(rest->p, ':', rest->len) : NULL;

	if (!path_is_next(*rest, '@'))
		return true;
	for (const char *p = rest->p; end && p < end; p++)
		if (!path_is_domain(*p) && *p != '@' && *p != ',')
			return false;
	if (end)
		*rest = bytes_from(*rest, (size_t)(end - rest->p) + 1);
	return end != NULL;
}

static bool
path_quoted(struct bytes *rest, struct buf *local)
{
	size_t i;

	for (i = 1; i < rest->len && rest->p[i] != '"'; i++) {
		if (rest->p[i] == '\\')
			i++;
		if (i >= rest->len || (!path_is_printable(rest->p[i]) && rest->p[i] != ' '))
			return false;
		buf_byte(local, rest->p[i]);
	}
	if (i >= rest->len)
		return false;
	*rest = bytes_from(*rest, i + 1);
	return local->len > 0;
}

static bool
path_local(struct bytes *rest, struct buf *local)
{
	size_t n = 0;

	if (path_is_next(*rest, '"'))
		return path_quoted(rest, local);
	while (n < rest->len && path_is_atom(rest->p[n]))
		n++;
	buf_bytes(local, bytes_first(*rest, n));
	*rest = bytes_from(*rest, n);
	return n > 0;
}

bool
path_take(struct bytes *rest, struct bytes *mailbox_r, struct buf *local)
{
	const char *start;

	buf_cut(local, 0);
	*mailbox_r = (struct bytes){ "", 0 };
	if (!path_is_next(*rest, '<'))
		return false;
	*rest = bytes_from(*rest, 1);
	if (path_is_next(*rest, '>')) {
		*rest = bytes_from(*rest, 1);
		return true;
	}
	if (!path_route(rest))
		return false;
	start = rest->p;
	if (!path_local(rest, local))
		return false;
	if (path_is_next(*rest, '@')) {
		*rest = bytes_from(*rest, 1);
		if (!path_domain(rest))
			return false;
	}
	*mailbox_r = (struct bytes){ start, (size_t)(rest->p - start) };
	if (!path_is_next(*rest, '>'))
		return false;
	*rest = bytes_from(*rest, 1);
	return true;
}
