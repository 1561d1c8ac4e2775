#include "base/utf8.h"

#include <stddef.h>

#include "base/buf.h"

/* Bytes of a character that begins with c; 0: none does. */
static size_t
utf8_announced(unsigned char c)
{
	return c < 0x80 ? 1 : c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 0;
}

/* Unicode, table 3-7: what may stand behind the first byte depends on it. */
size_t
utf8_length(struct bytes s, uint32_t *point_r)
{
	unsigned char c = s.len ? (unsigned char)s.p[0] : 0x80;
	unsigned char low = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
	unsigned char high = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
	size_t n = utf8_announced(c);
	uint32_t point = n > 1 ? c & (0x7fu >> n) : c;

	if (n == 0 || n > s.len)
		return 0;
	for (size_t i = 1; i < n; i++) {
		c = (unsigned char)s.p[i];
		if (c < low || c > high)
			return 0;
		point = point << 6 | (c & 0x3f);
		low = 0x80;
		high = 0xbf;
	}
	if (point_r)
		*point_r = point;
	return n;
}

size_t
utf8_whole(struct bytes s)
{
	for (size_t behind = 1; behind < 4 && behind <= s.len; behind++) {
		unsigned char c = (unsigned char)s.p[s.len - behind];

		if (utf8_announced(c) > behind)
			return s.len - behind;
		if (c < 0x80 || c > 0xbf)
			break;
	}
	return s.len;
}

bool
utf8_is_hidden(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x61c
	    || (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e)
	    || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb)
	    || (c >= 0xe0000 && c <= 0xe007f);
}

void
utf8_add(struct buf *out, uint32_t c)
{
	if (c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) {
		buf_str(out, UTF8_REPLACEMENT);
		return;
	}
	if (c < 0x80) {
		buf_byte(out, (char)c);
		return;
	}
	if (c < 0x800) {
		buf_byte(out, (char)(0xc0 | c >> 6));
	} else {
		if (c < 0x10000) {
			buf_byte(out, (char)(0xe0 | c >> 12));
		} else {
			buf_byte(out, (char)(0xf0 | c >> 18));
			buf_byte(out, (char)(0x80 | (c >> 12 & 0x3f)));
		}
		buf_byte(out, (char)(0x80 | (c >> 6 & 0x3f)));
	}
	buf_byte(out, (char)(0x80 | (c & 0x3f)));
}
