#include "formail/hfield.h"

#include <stdlib.h>

#include "base/str.h"

void
hfields_clear(struct hfields *h)
{
	free(h->list);
	*h = (struct hfields){ 0 };
}

void
hfields_add(struct hfields *h, struct bytes text, size_t name)
{
	if (h->count == h->room) {
		h->room = h->room ? 2 * h->room : 64;
		h->list = mem_resize(h->list, h->room * sizeof(*h->list));
	}
	h->list[h->count++] = (struct hfield){ .text = text, .name = name };
}

void
hfields_put(struct hfields *h, const char *name, struct bytes contents)
{
	size_t n = strlen(name), contents_at;
	char *p = arena_zero(h->arena, n + contents.len + 2);

	memcpy(p, name, n);
	if (contents.len)
		memcpy(p + n, contents.p, contents.len);
	p[n + contents.len] = '\n';
	hfields_add(h, (struct bytes){ p, n + contents.len + 1 },
	    hfield_name(bytes_of(name), &contents_at) ? contents_at : n);
}

void
hfields_sweep(struct hfields *h)
{
	size_t kept = 0;

	for (size_t i = 0; i < h->count; i++)
		if (!h->list[i].gone)
			h->list[kept++] = h->list[i];
	h->count = kept;
}

size_t
hfield_name(struct bytes text, size_t *contents)
{
	size_t n = 0, colon;

	while (n < text.len && (unsigned char)text.p[n] > ' ' && text.p[n] != '\177'
	    && text.p[n] != ':')
		n++;
	for (colon = n; colon < text.len && hfield_is_blank(text.p[colon]); colon++)
		;
	if (n == 0 || colon == text.len || text.p[colon] != ':')
		return 0;
	*contents = colon + 1;
	return n + 1;
}

/* The length of the line at p with its LF, if it has one. */
static size_t
hfield_line(const char *p, const char *end)
{
	const char *nl = p < end ? memchr(p, '\n', (size_t)(end - p)) : NULL;

	return (size_t)((nl ? nl + 1 : end) - p);
}

/* Takes a field as it stands in the input; copied when blanks before its colon or the missing last
 * LF make it differ from what formail sees. */
static void
hfields_take(struct hfields *h, struct bytes raw, size_t name, size_t contents)
{
	bool ended = raw.p[raw.len - 1] == '\n';
	size_t rest = raw.len - contents;
	char *p;

	if (name == contents && ended) {
		hfields_add(h, raw, name);
		return;
	}
	p = arena_zero(h->arena, name + rest + 1);
	memcpy(p, raw.p, name);
	if (name != contents)
		p[name - 1] = ':';
	memcpy(p + name, raw.p + contents, rest);
	p[name + rest] = '\n';
	hfields_add(h, (struct bytes){ p, name + rest + !ended }, name);
}

/* The "From " line at p and the lines below that begin with '>', as hops made them; 0: none. */
static size_t
hfield_from_length(const char *p, const char *end)
{
	const char *q = p;

	if (!bytes_starts((struct bytes){ p, (size_t)(end - p) }, "From "))
		return 0;
	do
		q += hfield_line(q, end);
	while (q < end && *q == '>');
	return (size_t)(q - p);
}

/* The field at p with its continuation lines; 0: there is none. */
static size_t
hfield_length(const char *p, const char *end, size_t *name, size_t *contents)
{
	const char *q = p + hfield_line(p, end);

	*name = hfield_name((struct bytes){ p, (size_t)(q - p) }, contents);
	if (*name == 0)
		return 0;
	while (q < end && hfield_is_blank(*q))
		q += hfield_line(q, end);
	return (size_t)(q - p);
}

bool
hfields_read(struct hfields *h, struct bytes text, size_t *used, bool *ended)
{
	const char *p = text.p, *end = text.p + text.len;
	size_t n, name, contents;

	while (p < end && *p == '\n')
		p++;
	/* "From : x" looks like both, and is taken for a field. */
	n = hfield_length(p, end, &name, &contents) ? 0 : hfield_from_length(p, end);
	if (n > 0)
		hfields_take(h, (struct bytes){ p, n }, 5, 5);
	for (p += n; p < end; p += n) {
		n = hfield_length(p, end, &name, &contents);
		if (n == 0)
			break;
		hfields_take(h, (struct bytes){ p, n }, name, contents);
	}
	*ended = p == end || *p == '\n';
	*used = (size_t)(p - text.p) + (p < end && *ended);
	return p < end && memchr(p, '\n', (size_t)(end - p));
}

bool
hfield_is(const struct hfield *f, const char *name)
{
	return f->name == strlen(name) && bytes_starts_nocase(f->text, name);
}

bool
hfield_is_from_line(const struct hfield *f)
{
	return hfield_is(f, "From ");
}

bool
hfield_is_blank(char c)
{
	return c == ' ' || c == '\t';
}

struct bytes
hfield_contents(const struct hfield *f)
{
	return bytes_from(f->text, f->name);
}

struct bytes
hfield_value(const struct hfield *f)
{
	struct bytes c = hfield_contents(f);

	return bytes_first(c, c.len - 1);
}

static struct bytes
hfields_blank_first(struct hfields *h, struct bytes v)
{
	char *p;

	if (hfield_is_blank(v.p[0]))
		return v;
	p = arena_zero(h->arena, v.len + 1);
	p[0] = ' ';
	memcpy(p + 1, v.p, v.len);
	return (struct bytes){ p, v.len + 1 };
}

struct bytes
hfields_value(struct hfields *h, const char *name, enum hfield_which which)
{
	for (size_t i = 0; i < h->count; i++) {
		const struct hfield *f = &h->list[which == HFIELD_FIRST ? i : h->count - 1 - i];
		struct bytes v = hfield_value(f);

		if (!hfield_is(f, name) || (v.len == 0 && which == HFIELD_LAST))
			continue;
		if (v.len == 0)
			break;
		if (v.len > 1 || !h->zap || !hfield_is_blank(v.p[0]))
			return hfields_blank_first(h, v);
	}
	return (struct bytes){ 0 };
}

void
hfield_rename(struct hfields *h, struct hfield *f, size_t old, struct bytes name)
{
	struct bytes rest = bytes_from(f->text, old);
	bool from = hfield_is_from_line(f);
	char *p = arena_zero(h->arena, name.len + rest.len + 1);

	memcpy(p, name.p, name.len);
	memcpy(p + name.len, rest.p, rest.len);
	/* The lines of a postmark become those of a field: RFC 822 continuations. */
	for (size_t i = 0; from && i + 1 < rest.len; i++)
		if (rest.p[i] == '\n' && rest.p[i + 1] == '>')
			p[name.len + i + 1] = ' ';
	f->text = (struct bytes){ p, name.len + rest.len };
	f->name = name.len + (f->name - old);
}

void
hfield_concatenate(struct hfields *h, struct hfield *f)
{
	size_t last = f->text.len - 1;
	char *p, *q;

	if (!memchr(f->text.p, '\n', last))
		return;
	p = arena_copy(h->arena, f->text);
	for (q = p; (q = memchr(q, '\n', last - (size_t)(q - p)));)
		*q++ = ' ';
	f->text.p = p;
}

static bool
hfield_has_colon(const struct hfield *f)
{
	return f->name > 0 && f->text.p[f->name - 1] == ':';
}

void
hfield_space(struct hfields *h, struct hfield *f)
{
	struct bytes c = hfield_contents(f);
	char *p;

	if (!hfield_has_colon(f) || c.len == 1 || hfield_is_blank(c.p[0]))
		return;
	p = arena_zero(h->arena, f->text.len + 1);
	memcpy(p, f->text.p, f->name);
	p[f->name] = ' ';
	memcpy(p + f->name + 1, c.p, c.len);
	f->text = (struct bytes){ p, f->text.len + 1 };
}

void
hfield_zap(struct hfield *f)
{
	struct bytes c = hfield_contents(f);

	if (hfield_has_colon(f) && (c.len == 1 || (c.len == 2 && hfield_is_blank(c.p[0]))))
		f->gone = true;
}
