#include "mail/field.h"

#include "base/str.h"
#include "core/words.h"

static bool
field_is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Bytes of the line at the start of text and of those that continue it, line ends included. */
static size_t
field_extent(struct bytes text)
{
	struct bytes rest = text, line;

	do
		bytes_line(&rest, &line);
	while (rest.len && field_is_blank(rest.p[0]));
	return text.len - rest.len;
}

/* A CR that is the last byte would become an empty line as soon as something ends its line. */
static bool
field_is_end(struct bytes text)
{
	return text.len == 0 || text.p[0] == '\n' || bytes_starts(text, "\r\n")
	    || bytes_is(text, "\r");
}

struct bytes
field_from_lines(struct bytes head)
{
	struct bytes rest = head;

	while (bytes_starts(rest, "From ") || bytes_starts(rest, ">From "))
		rest = bytes_from(rest, field_extent(rest));
	return bytes_first(head, head.len - rest.len);
}

bool
field_is_name(struct bytes name)
{
	for (size_t i = 0; i < name.len; i++)
		if (name.p[i] <= ' ' || name.p[i] > '~' || name.p[i] == ':')
			return false;
	return name.len > 0;
}

/* field = name *WSP ":" value (the blanks: RFC 5322 4.5.8) */
static bool
field_parse(struct bytes all, struct field *f)
{
	struct bytes line, rest = all;
	const char *colon;
	size_t n, end = all.len;

	bytes_line(&rest, &line);
	colon = memchr(line.p, ':', line.len);
	if (!colon)
		return false;
	n = (size_t)(colon - line.p);
	f->all = all;
	f->name = bytes_first(line, n);
	while (f->name.len && field_is_blank(f->name.p[f->name.len - 1]))
		f->name.len--;
	if (end && all.p[end - 1] == '\n')
		end--;
	if (end > n + 1 && all.p[end - 1] == '\r')
		end--;
	f->value = bytes_from(bytes_first(all, end), n + 1);
	return field_is_name(f->name);
}

bool
field_next(struct bytes *rest, struct field *f)
{
	while (!field_is_end(*rest)) {
		struct bytes all = bytes_first(*rest, field_extent(*rest));

		*rest = bytes_from(*rest, all.len);
		if (field_parse(all, f))
			return true;
	}
	return false;
}

bool
field_is(const struct field *f, const char *name)
{
	return bytes_equal_nocase(f->name, bytes_of(name));
}

bool
field_find(struct bytes head, const char *name, struct field *f)
{
	struct bytes rest = head;

	while (field_next(&rest, f))
		if (field_is(f, name))
			return true;
	return false;
}

size_t
field_count(struct bytes head, const char *name)
{
	struct bytes rest = head;
	struct field f;
	size_t n = 0;

	while (field_next(&rest, &f))
		n += field_is(&f, name);
	return n;
}

void
field_unfold(struct bytes value, struct buf *out)
{
	words_unfold(value, out);
}
