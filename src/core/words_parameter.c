#include "core/words.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

/* Lines of words_parameter_all that are compared to avoid repeats; more make it quadratic. */
#define WORDS_ONCE_MAX 32
#define WORDS_NUMBER_DIGITS 9   /* of a piece's number; more is no piece */

/* One "key=value" of a field. */
struct words_item {
	struct bytes key, value;   /* value with its quotes and backslashes */
	bool quoted;
};

enum words_form { WORDS_FORM_NONE, WORDS_FORM_PLAIN, WORDS_FORM_EXTENDED, WORDS_FORM_PIECE };

/* A value of the wanted parameter; name, name*, name*1 or name*1* says in which form. */
struct words_piece {
	enum words_form form;
	bool extended;             /* percent-coded: the name ends with "*" */
	bool quoted;
	long number;
	size_t order;
	struct bytes value;
};

struct words_pieces {
	struct words_piece *list;
	size_t count, room;
};

/* Whole values apart from numbered pieces, each in the order they came in. */
struct words_found {
	struct words_pieces whole, parts;
};

/* comment = "(" *(ctext / comment / quoted-pair) ")"; one that stays open is none. */
static size_t
words_comment(struct bytes s)
{
	size_t depth = 0;

	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '\\')
			i++;
		else if (s.p[i] == '(')
			depth++;
		else if (s.p[i] == ')' && --depth == 0)
			return i + 1;
	}
	return 0;
}

/* White space and comments, as far as there is something to skip. *open: a comment without end was
 * seen, so that it is not looked for again from each "(". */
static struct bytes
words_skip(struct bytes s, bool *open)
{
	while (s.len) {
		size_t n = 1;

		if (s.p[0] == '(' && !*open) {
			n = words_comment(s);
			*open = n == 0;
		}
		if (n == 0 || !(str_is_space(s.p[0]) || (s.p[0] == '(' && n > 1)))
			break;
		s = bytes_from(s, n);
	}
	return s;
}

/* A key holds no blank and no comment: of "text/plain name" the last word counts, of "name (x)"
 * what is in front of the comment. Programs that read mail are as lenient. */
static struct bytes
words_key(struct bytes key)
{
	const char *comment = key.len ? memchr(key.p, '(', key.len) : NULL;

	if (comment && comment > key.p)
		key.len = (size_t)(comment - key.p);
	key = bytes_trim(key);
	for (size_t i = key.len; i > 0; i--)
		if (str_is_space(key.p[i - 1]) || key.p[i - 1] == ',')
			return bytes_from(key, i);
	return key;
}

/* From the quote at the start of s to behind the closing one; to the end where that is missing. */
static size_t
words_quoted(struct bytes s)
{
	size_t i = 1;

	while (i < s.len && s.p[i] != '"')
		i += s.p[i] == '\\' ? 2 : 1;
	return i < s.len ? i + 1 : s.len;
}

/* parameter = key "=" ( quoted-string / text up to ";" ); what has no "=" is passed over. */
static bool
words_item_next(struct bytes *rest, struct words_item *item, bool *open)
{
	while (rest->len) {
		size_t n = 0;

		*rest = words_skip(*rest, open);
		while (n < rest->len && rest->p[n] != '=' && rest->p[n] != ';')
			n++;
		item->key = words_key(bytes_first(*rest, n));
		if (n == rest->len || rest->p[n] == ';') {
			*rest = bytes_from(*rest, n + 1);
			continue;
		}
		*rest = words_skip(bytes_from(*rest, n + 1), open);
		item->quoted = rest->len && rest->p[0] == '"';
		n = item->quoted ? words_quoted(*rest) : 0;
		while (!item->quoted && n < rest->len && rest->p[n] != ';')
			n++;
		item->value = bytes_trim(bytes_first(*rest, n));
		*rest = bytes_from(*rest, n);
		return true;
	}
	return false;
}

/* "*" DIGITS ["*"], or "*" alone, behind the name (RFC 2231 sections 3 and 4). */
static enum words_form
words_form(struct bytes tail, struct words_piece *p)
{
	size_t n = 1;

	if (tail.len == 0)
		return WORDS_FORM_PLAIN;
	if (tail.p[0] != '*')
		return WORDS_FORM_NONE;
	while (n < tail.len && tail.p[n] >= '0' && tail.p[n] <= '9' && n <= WORDS_NUMBER_DIGITS)
		p->number = p->number * 10 + (tail.p[n++] - '0');
	tail = bytes_from(tail, n);
	p->extended = n == 1 || bytes_is(tail, "*");
	if (n == 1)
		return tail.len == 0 ? WORDS_FORM_EXTENDED : WORDS_FORM_NONE;
	return tail.len == 0 || p->extended ? WORDS_FORM_PIECE : WORDS_FORM_NONE;
}

static void
words_keep(struct words_pieces *to, struct words_piece p)
{
	if (to->count == to->room) {
		to->room = to->room ? 2 * to->room : 8;
		to->list = mem_resize(to->list, to->room * sizeof *to->list);
	}
	p.order = to->count;
	to->list[to->count++] = p;
}

static void
words_collect(struct bytes value, const char *name, struct words_found *found)
{
	struct words_item item;
	bool open = false;

	while (words_item_next(&value, &item, &open)) {
		struct words_piece p = { .value = item.value, .quoted = item.quoted };

		if (!bytes_starts_nocase(item.key, name))
			continue;
		p.form = words_form(bytes_from(item.key, strlen(name)), &p);
		if (p.form != WORDS_FORM_NONE)
			words_keep(p.form == WORDS_FORM_PIECE ? &found->parts : &found->whole, p);
	}
}

static void
words_found_clear(struct words_found *found)
{
	free(found->whole.list);
	free(found->parts.list);
}

/* Without quotes and their backslashes. keep: programs of one family take backslashes as they are,
 * since they write paths with them. */
static void
words_unquote(const struct words_piece *p, bool keep, struct buf *out)
{
	struct bytes s = p->value;

	if (!p->quoted) {
		buf_bytes(out, s);
		return;
	}
	s = bytes_from(s, 1);
	if (s.len && s.p[s.len - 1] == '"')
		s.len--;
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '\\' && !keep && i + 1 < s.len)
			i++;
		buf_byte(out, s.p[i]);
	}
}

/* charset "'" [language] "'" text (RFC 2231 section 4). Without the two quotes all is text. */
static struct bytes
words_take_charset(struct bytes s, struct bytes *charset)
{
	const char *one = s.len ? memchr(s.p, '\'', s.len) : NULL, *two;
	size_t n = one ? (size_t)(one - s.p) + 1 : 0;

	two = one ? memchr(s.p + n, '\'', s.len - n) : NULL;
	*charset = bytes_first(s, two ? n - 1 : 0);
	return two ? bytes_from(s, (size_t)(two - s.p) + 1) : s;
}

static void
words_join(const struct words_piece *list, size_t count, struct buf *out)
{
	struct buf text = BUF_INIT, bytes = BUF_INIT, charset = BUF_INIT;
	bool extended = false;

	for (size_t i = 0; i < count; i++) {
		struct bytes part, name;

		buf_cut(&text, 0);
		words_unquote(&list[i], false, &text);
		part = buf_view(&text);
		if (list[i].extended && !extended) {
			part = words_take_charset(part, &name);
			buf_bytes(&charset, name);
		}
		extended |= list[i].extended;
		if (list[i].extended)
			words_unescape(part, '%', &bytes);
		else
			buf_bytes(&bytes, part);
	}
	if (extended)
		words_to_utf8(buf_view(&charset), buf_view(&bytes), out);
	else
		words_decode(buf_view(&bytes), out);
	buf_clear(&text);
	buf_clear(&bytes);
	buf_clear(&charset);
}

static int
words_by_number(const void *a, const void *b)
{
	const struct words_piece *x = a, *y = b;

	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static void
words_sort(struct words_pieces *parts)
{
	if (parts->count)
		qsort(parts->list, parts->count, sizeof *parts->list, words_by_number);
}

/* Keeps numbers 0, 1, 2 ... once each, up to the first gap, of pieces in order of number. */
static size_t
words_canonical(struct words_pieces *parts)
{
	size_t n = 0;

	for (size_t i = 0; i < parts->count && parts->list[i].number <= (long)n; i++)
		if (parts->list[i].number == (long)n)
			parts->list[n++] = parts->list[i];
	return n;
}

/* The value that counts of those in one piece: the first extended one, else the first; or NULL. */
static const struct words_piece *
words_best_whole(const struct words_pieces *whole)
{
	for (size_t i = 0; i < whole->count; i++)
		if (whole->list[i].form == WORDS_FORM_EXTENDED)
			return &whole->list[i];
	return whole->count ? &whole->list[0] : NULL;
}

bool
words_parameter(struct bytes value, const char *name, struct buf *out)
{
	struct words_found found = { 0 };
	const struct words_piece *best;
	size_t start = out->len, n;
	bool any;

	words_collect(value, name, &found);
	any = found.whole.count + found.parts.count > 0;
	words_sort(&found.parts);
	best = words_best_whole(&found.whole);
	n = best && best->form == WORDS_FORM_EXTENDED ? 0 : words_canonical(&found.parts);
	if (n > 0)
		words_join(found.parts.list, n, out);
	else if (best)
		words_join(best, 1, out);
	else
		words_join(found.parts.list, found.parts.count, out);
	words_one_line(out, start);
	words_found_clear(&found);
	return any;
}

/* Lines added so far, to leave repeats out. */
struct words_lines {
	struct buf *out;
	size_t at[WORDS_ONCE_MAX], len[WORDS_ONCE_MAX], count;
};

/* Ends the line that begins at start, or takes it back if it is empty or there already. */
static void
words_end_line(struct words_lines *l, size_t start)
{
	size_t n = l->out->len - start;

	words_one_line(l->out, start);
	for (size_t i = 0; i < l->count; i++)
		if (l->len[i] == n && memcmp(l->out->p + l->at[i], l->out->p + start, n) == 0)
			n = 0;
	if (n == 0) {
		buf_cut(l->out, start);
		return;
	}
	if (l->count < WORDS_ONCE_MAX) {
		l->at[l->count] = start;
		l->len[l->count++] = n;
	}
	buf_byte(l->out, '\n');
}

static void
words_line(struct words_lines *l, const struct words_piece *list, size_t count)
{
	size_t start = l->out->len;

	words_join(list, count, l->out);
	words_end_line(l, start);
}

/* Other things that programs make of a plain value. */
static void
words_plain_variants(struct words_lines *l, const struct words_piece *p)
{
	struct buf text = BUF_INIT, other = BUF_INIT;
	size_t start = l->out->len, n = 0;

	words_unquote(p, true, &text);
	words_decode(buf_view(&text), l->out);
	words_end_line(l, start);
	if (memchr(text.p, '%', text.len)) {
		words_unescape(buf_view(&text), '%', &other);
		start = l->out->len;
		words_decode(buf_view(&other), l->out);
		words_end_line(l, start);
	}
	while (!p->quoted && n < text.len && !str_is_space(text.p[n]) && text.p[n] != '(')
		n++;
	if (n > 0 && n < text.len) {
		start = l->out->len;
		words_decode(bytes_first(buf_view(&text), n), l->out);
		words_end_line(l, start);
	}
	buf_clear(&text);
	buf_clear(&other);
}

void
words_parameter_all(struct bytes value, const char *name, struct buf *out)
{
	struct words_found found = { 0 };
	struct words_lines lines = { .out = out };

	words_collect(value, name, &found);
	for (size_t i = 0; i < found.whole.count; i++) {
		words_line(&lines, &found.whole.list[i], 1);
		if (found.whole.list[i].form == WORDS_FORM_PLAIN)
			words_plain_variants(&lines, &found.whole.list[i]);
	}
	if (found.parts.count) {
		words_line(&lines, found.parts.list, found.parts.count);
		words_sort(&found.parts);
		words_line(&lines, found.parts.list, found.parts.count);
		words_line(&lines, found.parts.list, words_canonical(&found.parts));
	}
	words_found_clear(&found);
}
