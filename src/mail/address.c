#include "mail/address.h"

#include <stdbool.h>
#include <string.h>

#include "base/str.h"
#include "core/words.h"
#include "mail/field.h"

#define ADDRESS_WORD_MAX 256   /* bytes looked at for the end of an encoded word in a name */

/*
 * One pass over the field.  text collects words as long as "." and "@" or plain adjacency join
 * them: "a . b @ c" is one candidate, "John a@b" are two.  A candidate with an "@" is an address.
 */
struct address_parser {
	struct bytes rest;
	struct buf *out;
	size_t mark;           /* length of out when this mailbox began */
	size_t angle;          /* the same for its "<"; mark if there was none */
	struct buf text;       /* candidate, unquoted */
	size_t at;             /* offset in text behind the last bare "@", 0 none */
	bool bare;             /* text is one plain word so far: no quotes, no encoded word */
	bool joint;            /* the last token was a bare "." or "@": the next word goes on */
	bool gap;              /* white space or a comment since the last token */
	size_t words;          /* candidates without "@" in this mailbox */
	bool open_quote, open_comment;   /* one without its end was seen; do not look again */
};

static bool
address_is_special(char c)
{
	return c != '\0' && strchr("()<>[]:;@\\,.\"", c);
}

static bool
address_is_word(char c)
{
	return !str_is_space(c) && !address_is_special(c);
}

static void
address_add_local(struct bytes local, struct buf *to)
{
	bool quotes = false;

	for (size_t i = 0; i < local.len; i++)
		quotes |= !address_is_word(local.p[i]) && local.p[i] != '.';
	if (quotes)
		buf_byte(to, '"');
	for (size_t i = 0; i < local.len; i++) {
		if (local.p[i] == '"' || local.p[i] == '\\')
			buf_byte(to, '\\');
		buf_byte(to, local.p[i]);
	}
	if (quotes)
		buf_byte(to, '"');
}

/* dot-atom or "[" literal "]"; false for what can be no domain. */
static bool
address_add_domain(struct bytes domain, struct buf *to)
{
	bool literal = domain.len > 1 && domain.p[0] == '[' && domain.p[domain.len - 1] == ']';

	while (domain.len && domain.p[domain.len - 1] == '.')
		domain.len--;
	for (size_t i = 0; i < domain.len; i++) {
		if (!literal && !address_is_word(domain.p[i]) && domain.p[i] != '.')
			return false;
		buf_byte(to, str_lower(domain.p[i]));
	}
	return domain.len > 0;
}

static bool
address_has_control(struct bytes s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
			return true;
	return false;
}

static void
address_emit(struct address_parser *a)
{
	struct bytes text = buf_view(&a->text);
	struct buf line = BUF_INIT;
	bool good = a->at != 1;   /* 1: "@b" has no local part */

	address_add_local(a->at ? bytes_first(text, a->at - 1) : text, &line);
	if (good && a->at) {
		buf_byte(&line, '@');
		good = address_add_domain(bytes_from(text, a->at), &line);
	}
	if (good && !address_has_control(buf_view(&line))) {
		words_raw(buf_view(&line), a->out);
		buf_byte(a->out, '\n');
	}
	buf_clear(&line);
}

/* The candidate is complete. A lone plain word is an address ("MAILER-DAEMON") when its mailbox,
 * or its angle brackets, end with it and hold nothing else. */
static void
address_finish(struct address_parser *a, bool end)
{
	if (a->text.len) {
		if (a->at || (end && a->bare && a->words == 0 && a->out->len == a->angle))
			address_emit(a);
		a->words += a->at == 0;
	}
	buf_cut(&a->text, 0);
	a->at = 0;
	a->joint = false;
	a->bare = true;
}

/* An address in angle brackets makes those in front of them part of a name; empty ones do not. */
static void
address_settle(struct address_parser *a)
{
	size_t inside = a->out->len - a->angle;

	if (inside > 0 && a->angle > a->mark) {
		memmove(a->out->p + a->mark, a->out->p + a->angle, inside);
		buf_cut(a->out, a->mark + inside);
	}
}

static void
address_next_mailbox(struct address_parser *a)
{
	address_finish(a, true);
	address_settle(a);
	a->mark = a->angle = a->out->len;
	a->words = 0;
}

static void
address_begin_angle(struct address_parser *a)
{
	address_finish(a, false);
	address_settle(a);
	a->angle = a->out->len;
	a->words = 0;
}

/* What was read so far is a group's name, a route, or a "mailto". */
static void
address_forget(struct address_parser *a)
{
	address_finish(a, false);
	buf_cut(a->out, a->angle);
	a->words = 0;
}

static void
address_word(struct address_parser *a, struct bytes word, bool bare)
{
	if (a->gap && !a->joint)
		address_finish(a, false);
	buf_bytes(&a->text, word);
	a->bare &= bare;
	a->gap = a->joint = false;
}

/* quoted-string; without its end the quote means nothing: it must not hide what follows it. */
static size_t
address_quoted(struct address_parser *a)
{
	struct buf text = BUF_INIT;
	size_t i = 1;

	for (; i < a->rest.len && a->rest.p[i] != '"' && !a->open_quote; i++) {
		if (a->rest.p[i] == '\\' && i + 1 < a->rest.len)
			i++;
		if (a->rest.p[i] != '\n' && a->rest.p[i] != '\r')
			buf_byte(&text, a->rest.p[i]);
	}
	a->open_quote |= i >= a->rest.len;
	if (!a->open_quote)
		address_word(a, buf_view(&text), false);
	buf_clear(&text);
	return a->open_quote ? 1 : i + 1;
}

/* comment = "(" *(ctext / comment / quoted-pair) ")", the same where it stays open. */
static size_t
address_comment(struct address_parser *a)
{
	size_t depth = 0;

	for (size_t i = 0; i < a->rest.len && !a->open_comment; i++) {
		if (a->rest.p[i] == '\\')
			i++;
		else if (a->rest.p[i] == '(')
			depth++;
		else if (a->rest.p[i] == ')' && --depth == 0)
			return i + 1;
	}
	a->open_comment = true;
	return 1;
}

/* domain-literal = "[" dtext "]", only as a domain. */
static size_t
address_literal(struct address_parser *a)
{
	size_t n = 1;

	if (a->at == 0 || a->at != a->text.len)
		return 1;
	while (n < a->rest.len && !strchr("[]<>,;\"", a->rest.p[n]))
		n++;
	if (n == a->rest.len || a->rest.p[n] != ']')
		return 1;
	for (size_t i = 0; i <= n; i++)
		if (!str_is_space(a->rest.p[i]))
			buf_byte(&a->text, a->rest.p[i]);
	a->gap = a->joint = false;
	return n + 1;
}

/* An atom, or an encoded word as a whole: "," and "@" in it are text for people. */
static size_t
address_atom(struct address_parser *a)
{
	size_t n = words_encoded_length(bytes_first(a->rest, ADDRESS_WORD_MAX));
	bool encoded = n > 0 && (a->text.len == 0 || (a->gap && !a->joint));

	for (size_t i = 0; encoded && i < n; i++)
		encoded = !str_is_space(a->rest.p[i]);
	if (!encoded)
		for (n = 0; n < a->rest.len && address_is_word(a->rest.p[n]); n++)
			;
	address_word(a, bytes_first(a->rest, n), !encoded);
	if (encoded)
		address_finish(a, false);
	return n;
}

/* "." and "@" join what stands on both sides, blanks or not. */
static size_t
address_joint(struct address_parser *a)
{
	buf_byte(&a->text, a->rest.p[0]);
	if (a->rest.p[0] == '@')
		a->at = a->text.len;
	a->joint = true;
	a->gap = false;
	return 1;
}

/* An escaped character of a local part (obs-qp, RFC 5322 4.1). */
static size_t
address_escaped(struct address_parser *a)
{
	if (a->rest.len == 1)
		return 1;
	address_word(a, bytes_first(bytes_from(a->rest, 1), 1), false);
	return 2;
}

/* One of "<>:;,)]" or white space. */
static void
address_delimiter(struct address_parser *a, char c)
{
	if (c == ',' || c == ';') {
		address_next_mailbox(a);
	} else if (c == '<') {
		address_begin_angle(a);
	} else if (c == ':') {
		address_forget(a);
	} else if (c == '>') {
		address_next_mailbox(a);
		a->words = 1;   /* words behind it are no address */
	} else {
		a->gap = true;
	}
}

/* Length of the token at the start of rest, which is dealt with. */
static size_t
address_token(struct address_parser *a)
{
	char c = a->rest.p[0];

	switch (c) {
	case '(':
		a->gap = true;
		return address_comment(a);
	case '"':
		return address_quoted(a);
	case '[':
		return address_literal(a);
	case '.':
	case '@':
		return address_joint(a);
	case '\\':
		return address_escaped(a);
	default:
		if (address_is_word(c))
			return address_atom(a);
		address_delimiter(a, c);
		return 1;
	}
}

void
address_list(struct bytes value, struct buf *out)
{
	struct address_parser a = { .rest = value, .out = out, .mark = out->len,
		.angle = out->len, .text = BUF_INIT, .bare = true };

	while (a.rest.len)
		a.rest = bytes_from(a.rest, address_token(&a));
	address_next_mailbox(&a);
	buf_clear(&a.text);
}

static bool
address_is_wanted(struct bytes name, const char *names)
{
	struct bytes rest = bytes_of(names);

	while (rest.len) {
		const char *comma = memchr(rest.p, ',', rest.len);
		size_t n = comma ? (size_t)(comma - rest.p) : rest.len;

		if (bytes_equal_nocase(name, bytes_trim(bytes_first(rest, n))))
			return true;
		rest = bytes_from(rest, n + 1);
	}
	return false;
}

void
address_fields(struct bytes head, const char *names, struct buf *out)
{
	struct bytes rest = head;
	struct field f;

	while (field_next(&rest, &f))
		if (address_is_wanted(f.name, names))
			address_list(f.value, out);
}
