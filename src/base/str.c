#include "base/str.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool
str_long(const char *s, long min, long max, long *out)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(s, &end, 10);
	if (end == s || *end || errno || n < min || n > max)
		return false;
	*out = n;
	return true;
}

char
str_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool
str_is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

bool
str_is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (str_lower(c) >= 'a' && str_lower(c) <= 'z');
}

bool
bytes_equal_nocase(struct bytes a, struct bytes b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (str_lower(a.p[i]) != str_lower(b.p[i]))
			return false;
	return true;
}

bool
bytes_starts_nocase(struct bytes b, const char *s)
{
	size_t n = strlen(s);

	return b.len >= n && bytes_equal_nocase(bytes_first(b, n), (struct bytes){ s, n });
}

struct bytes
bytes_trim(struct bytes b)
{
	while (b.len && str_is_space(b.p[0]))
		b = bytes_from(b, 1);
	while (b.len && str_is_space(b.p[b.len - 1]))
		b.len--;
	return b;
}

struct bytes
bytes_word(struct bytes *rest)
{
	struct bytes word;
	size_t n = 0;

	*rest = bytes_trim(*rest);
	while (n < rest->len && !str_is_space(rest->p[n]))
		n++;
	word = bytes_first(*rest, n);
	*rest = bytes_trim(bytes_from(*rest, n));
	return word;
}

bool
bytes_line(struct bytes *rest, struct bytes *line)
{
	const char *nl;

	if (rest->len == 0)
		return false;
	nl = memchr(rest->p, '\n', rest->len);
	*line = bytes_first(*rest, nl ? (size_t)(nl - rest->p) : rest->len);
	*rest = bytes_from(*rest, line->len + (nl ? 1 : 0));
	return true;
}
