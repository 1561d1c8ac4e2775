#include "mime/base64.h"

#include "base/str.h"
#include "core/words.h"

enum base64_pad { PAD_RESTART, PAD_STOP, PAD_STOP_VALID, PAD_ZERO, PAD_SKIP, PAD_REST };
enum base64_junk { JUNK_SKIP, JUNK_STOP, JUNK_ZERO, JUNK_LINE };

struct base64_rules {
	enum base64_pad pad;
	enum base64_junk junk;
	bool lines, url;
	int shift;
};

static const struct base64_rules base64_rules[BASE64_FORMS] = {
	[BASE64_RESTART] = { .pad = PAD_RESTART },
	[BASE64_STOP] = { .pad = PAD_STOP },
	[BASE64_STOP_VALID] = { .pad = PAD_STOP_VALID },
	[BASE64_ZERO] = { .pad = PAD_ZERO },
	[BASE64_SKIP] = { .pad = PAD_SKIP },
	[BASE64_REST] = { .pad = PAD_REST },
	[BASE64_LINES] = { .lines = true },
	[BASE64_CLEAN] = { .junk = JUNK_LINE },
	[BASE64_JUNK_STOP] = { .junk = JUNK_STOP },
	[BASE64_JUNK_ZERO] = { .junk = JUNK_ZERO },
	[BASE64_URL] = { .url = true },
	[BASE64_SHIFT_1] = { .shift = 1 },
	[BASE64_SHIFT_2] = { .shift = 2 },
	[BASE64_SHIFT_3] = { .shift = 3 },
};

enum { VALUE_JUNK = -1, VALUE_SPACE = -2, VALUE_PAD = -3 };

static int
base64_value(char c)
{
	const int value = words_base64_value(c);

	if (value >= 0)
		return value;
	return c == '=' ? VALUE_PAD : str_is_space(c) ? VALUE_SPACE : VALUE_JUNK;
}

static const signed char *
base64_table(void)
{
	static signed char table[256];
	static bool ready;

	for (int i = 0; i < 256 && !ready; i++)
		table[i] = (signed char)base64_value((char)i);
	ready = true;
	return table;
}

struct base64_state {
	char *to;
	unsigned bits;
	int have;     /* digits of the present group */
};

static inline void
base64_digit(struct base64_state *s, int value)
{
	s->bits = s->bits << 6 | (unsigned)value;
	if (++s->have < 4)
		return;
	*s->to++ = (char)(s->bits >> 16);
	*s->to++ = (char)(s->bits >> 8);
	*s->to++ = (char)s->bits;
	s->have = 0;
}

/* The bytes that fewer than four digits stand for. */
static void
base64_flush(struct base64_state *s)
{
	if (s->have == 2) {
		*s->to++ = (char)(s->bits >> 4);
	} else if (s->have == 3) {
		*s->to++ = (char)(s->bits >> 10);
		*s->to++ = (char)(s->bits >> 2);
	}
	s->have = 0;
}

/* Offset of the line end at or behind at. */
static size_t
base64_line_end(struct bytes text, size_t at)
{
	const char *nl = at < text.len ? memchr(text.p + at, '\n', text.len - at) : NULL;

	return nl ? (size_t)(nl - text.p) : text.len;
}

/* One "=" at *i. False: the data end here. */
static bool
base64_pad(struct base64_state *s, enum base64_pad rule, struct bytes text, size_t *i)
{
	switch (rule) {
	case PAD_ZERO:
		base64_digit(s, 0);
		return true;
	case PAD_SKIP:
		return true;
	case PAD_STOP:
		return false;
	case PAD_STOP_VALID:
		return !(s->have == 3 || (s->have == 2 && *i + 1 < text.len &&
		    text.p[*i + 1] == '='));
	case PAD_REST:
		*i = base64_line_end(text, *i);
		break;
	case PAD_RESTART:
		break;
	}
	base64_flush(s);
	return true;
}

static bool
base64_line_has_junk(struct bytes text, size_t at, const signed char *table)
{
	for (; at < text.len && text.p[at] != '\n'; at++)
		if (table[(unsigned char)text.p[at]] == VALUE_JUNK)
			return true;
	return false;
}

static void
base64_run(struct base64_state *s, const struct base64_rules *r, struct bytes text)
{
	const signed char *table = base64_table();
	int skip = r->shift;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.p[i];
		int v = table[(unsigned char)c];

		if (r->junk == JUNK_LINE && (i == 0 || text.p[i - 1] == '\n') &&
		    base64_line_has_junk(text, i, table)) {
			i = base64_line_end(text, i);
			continue;
		}
		if (r->url && (c == '-' || c == '_'))
			v = c == '-' ? 62 : 63;
		if (v == VALUE_JUNK && r->junk == JUNK_ZERO)
			v = 0;
		if (v >= 0 && skip > 0)
			skip--;
		else if (v >= 0)
			base64_digit(s, v);
		else if (v == VALUE_PAD && !base64_pad(s, r->pad, text, &i))
			break;
		else if (v == VALUE_JUNK && r->junk == JUNK_STOP)
			break;
		else if (r->lines && c == '\n')
			base64_flush(s);
	}
	base64_flush(s);
}

void
base64_decode_as(struct bytes text, enum base64_form form, struct buf *out)
{
	/* A flush makes at most one byte of each digit. */
	char *start = buf_room(out, text.len + 3);
	struct base64_state s = { .to = start };

	base64_run(&s, &base64_rules[form], text);
	buf_grew(out, (size_t)(s.to - start));
}

bool
base64_check(struct bytes text, struct base64_oddities *odd_r)
{
	const signed char *table = base64_table();
	struct base64_oddities odd = { false, false, false, false };
	size_t digits = 0, pads = 0, lines_end = 0;

	for (size_t i = 0; i < text.len; i++) {
		int v = table[(unsigned char)text.p[i]];

		if (v >= 0) {
			odd.after_padding |= pads > 0;
			odd.ragged |= lines_end % 4 != 0;
			digits++;
		} else if (v == VALUE_PAD) {
			pads++;
		} else if (v == VALUE_JUNK) {
			odd.junk = true;
		} else if (text.p[i] == '\n') {
			lines_end = digits;
		}
	}
	odd.misaligned = digits % 4 == 0 ? pads > 0 : digits % 4 + pads != 4;
	*odd_r = odd;
	return odd.junk || odd.after_padding || odd.misaligned || odd.ragged;
}

void
base64_decode(struct bytes text, struct buf *out, struct base64_oddities *odd_r)
{
	base64_check(text, odd_r);
	base64_decode_as(text, BASE64_RESTART, out);
}
