#include "mime/base64.h"

#include "base/str.h"

static int
base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* The bytes that fewer than four characters stand for. */
static char *
base64_flush(char *to, unsigned bits, int have)
{
	if (have == 2) {
		*to++ = (char)(bits >> 4);
	} else if (have == 3) {
		*to++ = (char)(bits >> 10);
		*to++ = (char)(bits >> 2);
	}
	return to;
}

void
base64_decode(struct bytes text, struct buf *out, struct base64_oddities *odd_r)
{
	char *start = buf_room(out, text.len / 4 * 3 + 3), *to = start;
	bool padded = false;
	unsigned bits = 0;
	int have = 0;

	*odd_r = (struct base64_oddities){ false, false };
	for (size_t i = 0; i < text.len; i++) {
		int v = base64_value(text.p[i]);

		if (v >= 0) {
			odd_r->after_padding |= padded;
			bits = bits << 6 | (unsigned)v;
			if (++have == 4) {
				*to++ = (char)(bits >> 16);
				*to++ = (char)(bits >> 8);
				*to++ = (char)bits;
				have = 0;
			}
		} else if (text.p[i] == '=') {
			to = base64_flush(to, bits, have);
			have = 0;
			padded = true;
		} else if (!str_is_space(text.p[i])) {
			odd_r->junk = true;
		}
	}
	to = base64_flush(to, bits, have);
	buf_grew(out, (size_t)(to - start));
}
