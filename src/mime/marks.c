#include "mime/marks.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "core/words.h"

#define MARKS_LENGTH_MAX 1000     /* bytes of a boundary */
#define MARKS_DECLARED_MAX 200    /* times that a boundary may be declared */
#define MARKS_VALUE_MAX 2000      /* bytes of a declaration */
#define MARKS_GLUED_MIN 3         /* a shorter boundary counts at the beginning of a line only */
#define MARKS_LINES_MAX 256       /* different lines "--x" that are counted */

static bool
marks_occurs(struct bytes text, struct bytes boundary)
{
	const char *p = text.p, *end = text.p + text.len;

	while (p < end && (p = memmem(p, (size_t)(end - p), "--", 2)) != NULL) {
		if ((size_t)(end - p) >= boundary.len + 2 &&
		    memcmp(p + 2, boundary.p, boundary.len) == 0)
			return true;
		p++;
	}
	return false;
}

static bool
marks_has(const struct marks *m, struct bytes boundary)
{
	for (int i = 0; i < m->boundary_count; i++)
		if (m->boundaries[i].len == boundary.len &&
		    memcmp(m->boundaries[i].p, boundary.p, boundary.len) == 0)
			return true;
	return false;
}

static void
marks_boundary(struct marks *m, struct bytes text, struct bytes boundary, bool seen)
{
	if (boundary.len == 0 || boundary.len > MARKS_LENGTH_MAX || marks_has(m, boundary))
		return;
	if (m->boundary_count == MARKS_BOUNDARIES_MAX || m->tests == MARKS_TESTS_MAX) {
		m->too_many = true;
		return;
	}
	if (!seen && !marks_occurs(text, boundary)) {
		m->tests++;
		return;
	}
	m->boundaries[m->boundary_count++] = (struct bytes){
		arena_copy(m->arena, boundary), boundary.len };
}

/* Up to the first byte of any of these. */
static struct bytes
marks_until(struct bytes s, const char *ends)
{
	size_t n = 0;

	while (n < s.len && !(s.p[n] && strchr(ends, s.p[n])))
		n++;
	return bytes_first(s, n);
}

/* With comments and the bytes in drop left out. */
static void
marks_without(struct bytes s, const char *drop, bool comments, struct buf *out)
{
	int depth = 0;

	buf_cut(out, 0);
	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i];

		if (comments && (c == '(' || (c == ')' && depth > 0)))
			depth += c == '(' ? 1 : -1;
		else if (depth == 0 && c && !strchr(drop, c))
			buf_byte(out, c);
	}
}

/* What a program may make of the text behind "boundary=". */
static void
marks_value(struct marks *m, struct bytes text, struct bytes value)
{
	static const char *const ends[] = { ";", "; \t\r\n", ";,", ";(", "\"", "'", "\r\n", "\\" };
	struct buf clean = BUF_INIT;
	struct bytes v;

	for (int comments = 0; comments < 2; comments++) {
		marks_without(value, "\"\\", comments, &clean);
		for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
			v = marks_until(buf_view(&clean), ends[i]);
			marks_boundary(m, text, bytes_trim(v), false);
		}
	}
	value = bytes_trim(value);
	marks_boundary(m, text, bytes_trim(marks_until(value, ";")), false);
	while (value.len && strchr("\"' \t", value.p[0]))
		value = bytes_from(value, 1);
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		v = marks_until(value, ends[i]);
		marks_boundary(m, text, v, false);
		marks_boundary(m, text, bytes_trim(v), false);
	}
	buf_clear(&clean);
}

/* Is that '=foo' or '="foo"', which nobody reads in another way? */
static bool
marks_is_simple(struct bytes s)
{
	bool quoted;
	size_t n = 0;

	if (!bytes_starts_nocase(s, "boundary="))
		return false;
	s = bytes_from(s, sizeof "boundary=" - 1);
	quoted = s.len > 0 && s.p[0] == '"';
	s = bytes_from(s, quoted);
	while (n < s.len && s.p[n] > ' ' && !strchr("\"\\;(),'", s.p[n]))
		n++;
	if (quoted) {
		if (n == s.len || s.p[n] != '"')
			return false;
		n++;
	}
	s = bytes_trim(bytes_from(s, n));
	return s.len == 0 || s.p[0] == ';';
}

/* text begins with "bound". */
static void
marks_declared(struct marks *m, struct bytes text, struct bytes field)
{
	struct buf all = BUF_INIT, clean = BUF_INIT;
	struct bytes line, rest;
	const char *equals;

	marks_without(field, "\\\r\n", false, &clean);
	words_parameter_all(field, "boundary", &all);
	words_parameter_all(buf_view(&clean), "boundary", &all);
	rest = buf_view(&all);
	while (bytes_line(&rest, &line)) {
		marks_boundary(m, text, line, false);
		marks_boundary(m, text, bytes_trim(line), false);
	}
	equals = memchr(field.p, '=', field.len);
	if (equals && !marks_is_simple(field))
		marks_value(m, text, bytes_from(field, (size_t)(equals - field.p) + 1));
	buf_clear(&all);
	buf_clear(&clean);
}

/* The rest of the field that rest begins with, folds included. */
static struct bytes
marks_field(struct bytes rest)
{
	size_t n = 0;

	rest = bytes_first(rest, MARKS_VALUE_MAX);
	while (n < rest.len && !(rest.p[n] == '\n' && !(n + 1 < rest.len &&
	    (rest.p[n + 1] == ' ' || rest.p[n + 1] == '\t'))))
		n++;
	return bytes_first(rest, n);
}

static void
marks_declarations(struct marks *m, struct bytes text)
{
	int declared = 0;

	for (size_t i = 0; i + 5 < text.len; i++) {
		if ((text.p[i] | 0x20) != 'b' ||
		    !bytes_starts_nocase(bytes_from(text, i), "bound"))
			continue;
		if (++declared > MARKS_DECLARED_MAX || m->too_many) {
			m->too_many = true;
			return;
		}
		marks_declared(m, text, marks_field(bytes_from(text, i)));
		i += 4;
	}
}

/* Lines "--x" that come again: in mail without headers nothing else tells a delimiter. */
struct marks_lines {
	struct bytes line[MARKS_LINES_MAX];
	int count;
};

static bool
marks_again(struct marks_lines *l, struct bytes line)
{
	for (int i = 0; i < l->count; i++)
		if (l->line[i].len <= line.len &&
		    memcmp(l->line[i].p, line.p, l->line[i].len) == 0 &&
		    (l->line[i].len == line.len ||
		    bytes_is(bytes_from(line, l->line[i].len), "--")))
			return true;
	if (l->count < MARKS_LINES_MAX)
		l->line[l->count++] = line;
	return false;
}

static bool
marks_is_field(struct bytes line)
{
	return bytes_starts_nocase(bytes_trim(line), "content-") ||
	    bytes_starts_nocase(bytes_trim(line), "mime-version");
}

/* line stands in front of next. */
static void
marks_line(struct marks *m, struct bytes text, struct bytes line, struct bytes next,
    struct marks_lines *lines)
{
	const char *dashes = line.len ? memmem(line.p, line.len, "--", 2) : NULL;
	struct bytes x;

	if (!dashes)
		return;
	x = bytes_trim(bytes_from(line, (size_t)(dashes - line.p) + 2));
	if (x.len == 0 || x.len > MARKS_LENGTH_MAX)
		return;
	if (marks_is_field(next))
		marks_boundary(m, text, x, true);
	else if (dashes == line.p && x.p[0] != '-' && marks_again(lines, x))
		marks_boundary(m, text, bytes_first(x, x.len - (x.len > 2 &&
		    bytes_is(bytes_from(x, x.len - 2), "--") ? 2 : 0)), true);
}

static void
marks_lines(struct marks *m, struct bytes text)
{
	struct marks_lines *lines = mem_zero(sizeof *lines);
	struct bytes rest = text, line = { text.p, 0 }, next;

	while (bytes_line(&rest, &next)) {
		marks_line(m, text, line, next, lines);
		line = next;
	}
	free(lines);
}

static void
marks_add(struct marks *m, size_t max, struct marks_mark mark)
{
	if (m->count == max) {
		m->too_many = true;
		return;
	}
	if (m->count == m->room) {
		m->room = m->room ? 2 * m->room : 64;
		m->list = mem_resize(m->list, m->room * sizeof *m->list);
	}
	m->list[m->count++] = mark;
}

/* The mark whose "--" is at that offset; false if there is none. */
static bool
marks_at(const struct marks *m, struct bytes text, size_t at, struct marks_mark *mark)
{
	struct bytes rest = bytes_from(text, at + 2), line, tail;
	bool first = at == 0 || text.p[at - 1] == '\n';
	int best = -1;

	for (int i = 0; i < m->boundary_count; i++) {
		struct bytes b = m->boundaries[i];

		if (b.len <= rest.len && memcmp(b.p, rest.p, b.len) == 0 &&
		    (first || b.len >= MARKS_GLUED_MIN) &&
		    (best < 0 || b.len > m->boundaries[best].len))
			best = i;
	}
	if (best < 0)
		return false;
	bytes_line(&rest, &line);
	tail = bytes_from(line, m->boundaries[best].len);
	if (bytes_starts(tail, "--"))
		tail = bytes_from(tail, 2);
	*mark = (struct marks_mark){ .begin = at, .boundary = best,
		.strict = first && bytes_trim(tail).len == 0 };
	mark->end = text.len - rest.len;
	if (mark->begin > 0 && text.p[mark->begin - 1] == '\n')
		mark->begin--;
	if (mark->begin > 0 && text.p[mark->begin - 1] == '\r')
		mark->begin--;
	return true;
}

void
marks_find(struct marks *m, struct bytes text, size_t max)
{
	size_t at = 0;

	*m = (struct marks){ .arena = arena_new() };
	marks_lines(m, text);
	marks_declarations(m, text);
	while (at < text.len && !m->too_many) {
		const char *p = memmem(text.p + at, text.len - at, "--", 2);
		struct marks_mark mark;

		if (!p)
			return;
		at = (size_t)(p - text.p);
		if (!marks_at(m, text, at, &mark)) {
			at++;
			continue;
		}
		if (m->count > 0 && mark.begin < m->list[m->count - 1].end)
			mark.begin = m->list[m->count - 1].end;
		marks_add(m, max, mark);
		at = mark.end;
	}
}

void
marks_clear(struct marks *m)
{
	free(m->list);
	arena_free(&m->arena);
	m->count = 0;
}
