#include "mime/quoted.h"

#include "base/str.h"

static int
quoted_hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = str_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Bytes of the soft line break at "=" (blanks before the line end, or the end of text), or 0. */
static size_t
quoted_soft(struct bytes s, bool blanks)
{
	size_t n = 1;

	while (blanks && n < s.len && (s.p[n] == ' ' || s.p[n] == '\t'))
		n++;
	if (n == s.len)
		return n;
	if (s.p[n] == '\r')
		return n + 1 < s.len && s.p[n + 1] == '\n' ? n + 2 : n + 1;
	return s.p[n] == '\n' ? n + 1 : 0;
}

#define QUOTED_GAP_MAX 64   /* breaks and blanks inside one escape: a bound for linear time */

/* Skips what a form allows between the characters of an escape. */
static size_t
quoted_gap(struct bytes s, size_t at, enum quoted_form form)
{
	for (int steps = 0; steps < QUOTED_GAP_MAX; steps++) {
		size_t n = 0;

		if (at < s.len && s.p[at] == '=')
			n = quoted_soft(bytes_from(s, at), true);
		if (n == 0 && form == QUOTED_JOIN_ALL && at < s.len && str_is_space(s.p[at]))
			n = 1;
		if (n == 0)
			break;
		at += n;
	}
	return at;
}

/* Bytes of the escape at "=", whose byte goes to *c; 0 if it is none. */
static size_t
quoted_escape(struct bytes s, enum quoted_form form, char *c)
{
	bool join = form == QUOTED_JOIN || form == QUOTED_JOIN_ALL;
	size_t one = join ? quoted_gap(s, 1, form) : 1, two;
	int high, low;

	if (one >= s.len || (high = quoted_hex(s.p[one])) < 0)
		return 0;
	two = join ? quoted_gap(s, one + 1, form) : one + 1;
	if (two >= s.len || (low = quoted_hex(s.p[two])) < 0)
		return 0;
	*c = (char)(high << 4 | low);
	return two + 1;
}

/* What an "=" that begins no escape stands for. Returns how much it takes. */
static size_t
quoted_other(struct bytes s, enum quoted_form form, struct buf *out)
{
	size_t soft = quoted_soft(s, form != QUOTED_EXACT);

	if (soft > 0 && form == QUOTED_HARD)
		return 1;
	if (soft > 0)
		return soft;
	if (form == QUOTED_DROP_MARK || form == QUOTED_TIGHT)
		return 1;
	if (form == QUOTED_DROP_TWO)
		return s.len > 1 && s.p[1] != '=' ? 2 : 1;
	if (form == QUOTED_DROP_ALL)
		return s.len < 3 ? s.len : 3;
	buf_byte(out, '=');
	return 1;
}

void
quoted_decode(struct bytes text, enum quoted_form form, struct buf *out)
{
	buf_room(out, text.len);
	while (text.len) {
		size_t n = 1, plain = 0;
		char c;

		while (plain < text.len && text.p[plain] != '=' && form != QUOTED_TIGHT)
			plain++;
		buf_add(out, text.p, plain);
		text = bytes_from(text, plain);
		if (text.len == 0)
			break;
		c = text.p[0];
		if (c == '=') {
			n = quoted_escape(text, form, &c);
			if (n > 0)
				buf_byte(out, c);
			else
				n = quoted_other(text, form, out);
		} else if (c > ' ' && c < 127) {
			buf_byte(out, c);
		}
		text = bytes_from(text, n);
	}
}

bool
quoted_check(struct bytes text, bool *bad_r)
{
	size_t needless = 0;
	bool odd = false;

	*bad_r = false;
	for (size_t i = 0; i < text.len; i++) {
		struct bytes rest = bytes_from(text, i);
		char c = text.p[i];

		if (c == '\r' && i + 1 < text.len && text.p[i + 1] != '\n')
			odd = true;
		if (c == '=') {
			size_t n = quoted_escape(rest, QUOTED_PLAIN, &c);

			if (n > 0 || (n = quoted_soft(rest, false)) > 0) {
				needless += n > 2 && str_is_alnum(c);
				odd |= c == '=' && n == 2 && rest.p[1] == '\r';
				i += n - 1;
				continue;
			}
			odd = true;
			*bad_r |= quoted_soft(rest, true) == 0;
		} else if ((unsigned char)c >= 127 || (c < ' ' && !str_is_space(c)) ||
		    c == '\v' || c == '\f') {
			odd = true;
		}
	}
	return odd || needless * 12 > text.len;
}
