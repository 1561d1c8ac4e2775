#include "formail/sender.h"

#include "base/str.h"

/*
 * The fields that name a sender, and what each is worth to whom: the envelope's sender, the
 * header's (-t), or whoever sent it on (-t -a Resent-).  The first of equals wins.
 */
static const struct sender_weight {
	const char *field;
	int weight[3];   /* by enum sender_trust */
} sender_weights[] = {
	{ "From ",              { 11,  7,  4 } },
	{ "Return-Path:",       { 10,  8,  5 } },
	{ "Errors-To:",         {  9,  6,  3 } },
	{ "Return-Receipt-To:", {  8,  5,  2 } },
	{ "Path:",              {  7,  4,  1 } },
	{ "Resent-Sender:",     {  6,  1,  9 } },
	{ "Resent-From:",       {  5,  1, 10 } },
	{ "Resent-Reply-To:",   {  4,  1, 11 } },
	{ "Sender:",            {  3,  9,  6 } },
	{ "From:",              {  2, 10,  7 } },
	{ "Reply-To:",          {  1, 11,  8 } },
};

/* Each doubt about an address costs more than any field is worth; lines below the postmark cost it
 * a little. */
enum { SENDER_DOUBT = 16, SENDER_HOPS = 2 };

struct sender_scan {
	const char *p, *end;
	struct buf *out;
	bool angle;      /* between < and > */
	bool group;      /* a colon came before any dot or at sign: commas belong to a group */
	bool plain;      /* a dot or an at sign came first: no group any more */
	bool gap;        /* white space or a comment since the last token */
	bool glue;       /* the last token was a dot, an at sign, a colon: the next belongs to it */
	bool comma;      /* a comma or semicolon outside a group is part of it */
	bool over;       /* the address is complete, unless one in angle brackets follows */
};

/* Passes the comment that p points at, with the comments inside it. */
static const char *
sender_comment(const char *p, const char *end)
{
	size_t depth = 0;

	for (; p < end; p++) {
		if (*p == '\\' && p + 1 < end)
			p++;
		else if (*p == '(')
			depth++;
		else if (*p == ')' && --depth == 0)
			return p + 1;
	}
	return end;
}

/* The length of the token at p: a quoted string, a domain literal, an escaped byte or one byte. */
static size_t
sender_token(const char *p, const char *end)
{
	char close = *p == '"' ? '"' : ']';
	const char *q = p + 1;

	if (*p == '\\')
		return q < end ? 2 : 1;
	if (*p != '"' && *p != '[')
		return 1;
	for (; q < end && *q != close; q++)
		if (*q == '\\' && q + 1 < end)
			q++;
	return (size_t)((q < end ? q + 1 : end) - p);
}

static void
sender_emit(struct sender_scan *s, size_t n)
{
	if (!s->over)
		buf_add(s->out, s->p, n);
	s->p += n;
	s->gap = false;
}

/* A word, or one more piece of it. */
static void
sender_word(struct sender_scan *s)
{
	if (s->gap && !s->glue && !s->angle && *s->p != '"' && *s->p != '[') {
		s->over = true;
		s->group = s->plain = false;
	}
	sender_emit(s, sender_token(s->p, s->end));
	s->glue = false;
}

static void
sender_open(struct sender_scan *s)
{
	buf_cut(s->out, 0);
	s->p++;
	if (s->angle)
		return;
	s->angle = s->glue = true;
	s->over = s->group = s->plain = s->comma = s->gap = false;
}

static void
sender_special(struct sender_scan *s)
{
	switch (*s->p) {
	case ',': case ';':
		s->comma |= !s->group;
		break;
	case ':':
		s->group |= !s->plain;
		break;
	default:
		s->plain |= !s->group;
		break;
	}
	sender_emit(s, 1);
	s->glue = true;
}

/* One token; false at the end of the address. */
static bool
sender_step(struct sender_scan *s)
{
	bool last;

	switch (*s->p) {
	case ' ': case '\t': case '\n':
		s->gap = true;
		s->p++;
		return true;
	case '(':
		s->gap = true;
		s->p = sender_comment(s->p, s->end);
		return true;
	case '<':
		sender_open(s);
		return true;
	case '>':
		return false;
	case ',': case ';':
		if (!s->angle && !s->group)
			return false;
		last = *s->p == ';' && s->group;
		sender_special(s);
		return !last;
	case ':': case '.': case '@':
		sender_special(s);
		return true;
	default:
		sender_word(s);
		return true;
	}
}

void
sender_address(struct bytes contents, struct buf *out)
{
	struct sender_scan s = {
		.p = contents.p, .end = contents.p + contents.len, .out = out, .glue = true,
	};

	buf_cut(out, 0);
	while (s.p < s.end && sender_step(&s))
		;
	if (s.angle && s.comma) {
		char *p = buf_room(out, 2);

		memmove(p - out->len + 1, out->p, out->len);
		buf_grew(out, 2);
		out->p[0] = '<';
		out->p[out->len - 1] = '>';
	}
}

/* How doubtful an address looks, in steps of SENDER_DOUBT. */
static int
sender_doubt(const struct buf *a)
{
	bool at = memchr(a->p, '@', a->len), bang = memchr(a->p, '!', a->len);

	if (!at && !bang && !memchr(a->p, '/', a->len))
		return 4;
	if (memmem(a->p, a->len, ".UUCP", 5))
		return 3;
	if (at && !memchr(a->p, '.', a->len))
		return 2;
	return bang ? 1 : 0;
}

/* The bytes of s before its first blank; false when there is none. */
static bool
sender_word_of(struct bytes s, struct bytes *word)
{
	const char *blank = s.len ? memchr(s.p, ' ', s.len) : NULL;

	*word = bytes_first(s, blank ? (size_t)(blank - s.p) : s.len);
	return blank;
}

/* Adds the host that a line of a postmark names, with a bang. */
static void
sender_host(struct bytes line, struct buf *path)
{
	static const char remote[] = " remote from ";
	const char *p = line.len ? memmem(line.p, line.len, remote, sizeof(remote) - 1) : NULL;

	if (!p)
		return;
	buf_bytes(path, bytes_from(line, (size_t)(p - line.p) + sizeof(remote) - 1));
	buf_byte(path, '!');
}

/* "From " and the lines below it: the address in the last, behind the path of the hosts that each
 * "remote from" names unless it has a domain.  It is read as if it stood in angle brackets, but for
 * one that ends its line. */
static void
sender_from_line(struct bytes text, struct buf *out)
{
	struct bytes line, tag, last = { 0 };
	struct buf path = BUF_INIT;
	bool ended = false, first = true;

	buf_byte(&path, '<');
	for (size_t i = 0; bytes_line(&text, &line); i++) {
		if (!sender_word_of(line, &tag))
			continue;
		line = bytes_from(line, tag.len);
		ended = sender_word_of(bytes_from(line, 1), &last);
		if (!ended)
			last.len += text.len + (text.len > 0);
		/* The blank before the very first word does not begin " remote from ". */
		sender_host(bytes_from(line, first), &path);
		first = i == 0 && line.len == 1;
	}
	if (ended) {
		if (memchr(last.p, '@', last.len))
			buf_cut(&path, 1);
		buf_bytes(&path, last);
		last = buf_view(&path);
	}
	sender_address(last, out);
	buf_clear(&path);
}

static const struct sender_weight *
sender_weight(const struct hfield *f)
{
	for (size_t i = 0; i < sizeof(sender_weights) / sizeof(*sender_weights); i++)
		if (hfield_is(f, sender_weights[i].field))
			return &sender_weights[i];
	return NULL;
}

/* What formail sees of a field: up to a NUL. */
static struct bytes
sender_visible(struct bytes s)
{
	return bytes_first(s, s.len ? strnlen(s.p, s.len) : 0);
}

/* A Return-Path with something in it but no address: a bounce, and whatever else the header says
 * nobody is to be answered. */
static bool
sender_is_null(const struct hfield *f)
{
	return hfield_is(f, "Return-Path:") && bytes_trim(sender_visible(hfield_value(f))).len > 0;
}

/* The address in f into *out, and what it is worth. */
static int
sender_value(const struct hfield *f, const struct sender_weight *w, enum sender_trust trust,
    struct buf *out)
{
	bool from = hfield_is_from_line(f);
	struct bytes text = sender_visible(bytes_first(f->text, f->text.len - 1));

	if (from)
		sender_from_line(text, out);
	else
		sender_address(bytes_from(text, f->name), out);
	return w->weight[trust] - SENDER_DOUBT * sender_doubt(out)
	    - (from && memchr(text.p, '\n', text.len) ? SENDER_HOPS : 0);
}

bool
sender_find(const struct hfields *h, enum sender_trust trust, struct buf *out)
{
	struct buf address = BUF_INIT, swap;
	int best = 0, value;
	bool found = false;

	for (size_t i = 0; i < h->count; i++) {
		const struct sender_weight *w = sender_weight(&h->list[i]);

		if (!w)
			continue;
		value = sender_value(&h->list[i], w, trust, &address);
		if (address.len == 0 && sender_is_null(&h->list[i])) {
			buf_cut(out, 0);
			buf_str(out, "<>");
			found = true;
			break;
		}
		if (address.len == 0 || (found && value <= best))
			continue;
		found = true;
		best = value;
		swap = *out;
		*out = address;
		address = swap;
	}
	buf_clear(&address);
	return found;
}
