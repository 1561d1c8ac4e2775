#include "recipe/regex_text.h"

#include <string.h>

size_t
regex_text_length(const struct regex_text *text)
{
	size_t n = 0;

	for (int i = 0; i < text->n; i++)
		n += text->seg[i].len;
	return n;
}

struct bytes
regex_text_chunk(const struct regex_text *text, size_t pos)
{
	for (int i = 0; i < text->n; i++) {
		if (pos < text->seg[i].len)
			return bytes_from(text->seg[i], pos);
		pos -= text->seg[i].len;
	}
	return (struct bytes){ "", 0 };
}

unsigned char
regex_text_at(const struct regex_text *text, size_t pos)
{
	return (unsigned char)regex_text_chunk(text, pos).p[0];
}

/* The piece of the text that ends at pos and starts with its segment, or at least. */
static struct bytes
regex_text_before(const struct regex_text *text, size_t pos, size_t least)
{
	size_t start = 0;
	int i = 0;

	while (start + text->seg[i].len < pos)
		start += text->seg[i++].len;
	if (start > least)
		least = start;
	return bytes_from(bytes_first(text->seg[i], pos - start), least - start);
}

size_t
regex_text_back(const struct regex_text *text, size_t pos, size_t least, int count)
{
	while (pos > least) {
		struct bytes b = regex_text_before(text, pos, least);
		const char *nl = memrchr(b.p, '\n', b.len);

		if (!nl) {
			pos -= b.len;
			continue;
		}
		pos -= b.len - (size_t)(nl - b.p);
		if (--count == 0)
			return pos + 1;
	}
	return pos;
}

size_t
regex_text_forward(const struct regex_text *text, size_t pos, int count)
{
	struct bytes b;

	while ((b = regex_text_chunk(text, pos)).len > 0) {
		const char *nl = memchr(b.p, '\n', b.len);

		if (!nl) {
			pos += b.len;
			continue;
		}
		pos += (size_t)(nl - b.p) + 1;
		if (--count == 0)
			break;
	}
	return pos;
}
