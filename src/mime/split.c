#include "mime/split.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "core/words.h"

#define SPLIT_TYPE_MAX 256   /* bytes of a Content-Type that hold the type itself */

const struct split_view split_main = { .last_field = false };

/* A line that ends or begins parts. */
struct split_delimiter {
	int multipart;      /* entity; -1: the line is none */
	bool close;
};

struct split_work {
	struct split *split;
	const struct split_view *view;
	int room;
	int open[SPLIT_DEPTH_MAX + 1];   /* multiparts whose delimiters count, outermost first */
	int opens;
	int growing;                     /* the entity that the next line belongs to */
	size_t at;                       /* begin of the next line */
	struct buf value;                /* of a parameter */
};

/* The line at *at, without its LF; *at goes behind it. */
static struct bytes
split_line(struct bytes text, size_t *at)
{
	struct bytes rest = bytes_from(text, *at), line = { rest.p, 0 };

	bytes_line(&rest, &line);
	*at = (size_t)(rest.p - text.p);
	return line;
}

static bool
split_is_empty(struct bytes line)
{
	return line.len == 0 || (line.len == 1 && line.p[0] == '\r');
}

/* Where the line end in front of at begins, but not before low. */
static size_t
split_before_line_end(struct bytes text, size_t at, size_t low)
{
	if (at > low && text.p[at - 1] == '\n')
		at--;
	if (at > low && text.p[at - 1] == '\r')
		at--;
	return at;
}

bool
split_field_next(struct bytes *rest, struct split_field *f)
{
	struct bytes line, start = *rest;
	const char *colon;
	size_t end;

	if (!bytes_line(rest, &line))
		return false;
	end = line.len;
	while (rest->len && (rest->p[0] == ' ' || rest->p[0] == '\t')) {
		bytes_line(rest, &line);
		end = (size_t)(line.p - start.p) + line.len;
	}
	f->all = bytes_first(start, start.len - rest->len);
	colon = memchr(f->all.p, ':', end);
	f->name = bytes_trim(bytes_first(start, colon ? (size_t)(colon - start.p) : 0));
	f->value = bytes_first(start, end);
	if (colon)
		f->value = bytes_from(f->value, (size_t)(colon - start.p) + 1);
	if (f->value.len && f->value.p[f->value.len - 1] == '\r')
		f->value.len--;
	return true;
}

bool
split_field_is_from_line(const struct split_field *first)
{
	struct bytes rest = first->all, line;

	return (bytes_starts(rest, "From ") || bytes_starts(rest, ">From "))
	    && bytes_line(&rest, &line) && rest.len == 0;
}

bool
split_field_find(struct bytes head, const char *name, bool last, struct split_field *f)
{
	struct split_field each;
	bool found = false;

	while ((last || !found) && split_field_next(&head, &each))
		if (bytes_equal_nocase(each.name, bytes_of(name))) {
			*f = each;
			found = true;
		}
	return found;
}

void
split_type(struct bytes value, struct buf *out)
{
	size_t start = out->len, depth = 0;

	value = bytes_first(value, SPLIT_TYPE_MAX);
	for (size_t i = 0; i < value.len; i++) {
		char c = value.p[i];

		if (c == '(' || (c == ')' && depth > 0))
			depth += c == '(' ? 1 : (size_t)-1;
		else if (depth == 0 && c == ';')
			break;
		else if (depth == 0 && !str_is_space(c))
			buf_byte(out, str_lower(c));
	}
	if (out->len == start)
		buf_str(out, "text/plain");
}

static struct split_entity *
split_add(struct split_work *w, int parent, size_t delimiter, size_t begin)
{
	struct split *s = w->split;
	struct split_entity *e;

	if (s->count == w->room) {
		w->room = w->room ? 2 * w->room : 16;
		s->entities = mem_resize(s->entities, (size_t)w->room * sizeof *s->entities);
	}
	e = &s->entities[s->count++];
	*e = (struct split_entity){ .parent = parent, .delimiter = delimiter, .begin = begin };
	e->head_end = e->body = e->end = e->close = e->epilogue = begin;
	if (parent >= 0) {
		e->depth = s->entities[parent].depth + 1;
		s->entities[parent].parts++;
	}
	return e;
}

/* Does line, behind its "--", begin with that boundary, and with nothing else but "--" and blanks
 * behind it? */
static bool
split_matches(const struct split_work *w, struct bytes line, struct bytes boundary, bool *close_r)
{
	if (line.len < boundary.len || memcmp(line.p, boundary.p, boundary.len) != 0)
		return false;
	line = bytes_from(line, boundary.len);
	*close_r = bytes_starts(line, "--");
	if (*close_r && !w->view->prefix)
		line = bytes_from(line, 2);
	return w->view->prefix || bytes_trim(line).len == 0;
}

/* The innermost multipart counts: with equal or nested boundaries the outer one is not closed. */
static struct split_delimiter
split_delimiter(const struct split_work *w, struct bytes line)
{
	struct split_delimiter d = { -1, false };

	if (w->opens == 0 || !bytes_starts(line, "--"))
		return d;
	line = bytes_from(line, 2);
	for (int i = w->opens; i-- > 0 && d.multipart < 0;)
		if (split_matches(w, line, w->split->entities[w->open[i]].boundary, &d.close))
			d.multipart = w->open[i];
	return d;
}

static bool
split_boundary(struct split_work *w, struct bytes value)
{
	struct buf *out = &w->value;
	struct bytes rest, line = { "", 0 };

	buf_cut(out, 0);
	if (!w->view->last_parameter)
		return words_parameter(value, "boundary", out) && out->len > 0 &&
		    out->len <= SPLIT_BOUNDARY_MAX;
	words_parameter_all(value, "boundary", out);
	rest = buf_view(out);
	while (bytes_line(&rest, &line))
		;
	memmove(out->p, line.p, line.len);
	buf_cut(out, line.len);
	return out->len > 0 && out->len <= SPLIT_BOUNDARY_MAX;
}

static bool
split_is_encoded(const struct split_work *w, struct bytes head)
{
	struct split_field f;
	struct bytes value;

	if (!split_field_find(head, "Content-Transfer-Encoding", w->view->last_field, &f))
		return false;
	value = bytes_trim(f.value);
	return bytes_starts_nocase(value, "base64") || bytes_starts_nocase(value, "quoted") ||
	    bytes_starts_nocase(value, "x-");
}

/* What the header of that entity says it is; a multipart is open then. */
static enum split_kind
split_kind(struct split_work *w, int entity)
{
	struct split *s = w->split;
	struct split_entity *e = &s->entities[entity];
	struct buf type = BUF_INIT;
	struct split_field f;
	enum split_kind kind = SPLIT_LEAF;

	if (!split_field_find(split_head(s, entity), "Content-Type", w->view->last_field, &f)) {
		if (e->parent >= 0 && s->entities[e->parent].digest)
			kind = SPLIT_MESSAGE;
	} else {
		split_type(f.value, &type);
		if (bytes_starts(buf_view(&type), "multipart/") && split_boundary(w, f.value))
			kind = SPLIT_MULTIPART;
		else if (bytes_is(buf_view(&type), "message/rfc822") ||
		    bytes_is(buf_view(&type), "message/global"))
			kind = SPLIT_MESSAGE;
	}
	if (kind == SPLIT_MESSAGE && split_is_encoded(w, split_head(s, entity)))
		kind = SPLIT_LEAF;
	if (kind != SPLIT_LEAF && e->depth >= SPLIT_DEPTH_MAX) {
		s->too_deep = true;
		kind = SPLIT_LEAF;
	}
	if (kind == SPLIT_MULTIPART) {
		e->digest = bytes_is(buf_view(&type), "multipart/digest");
		e->boundary = (struct bytes){ arena_copy(s->arena, buf_view(&w->value)),
			w->value.len };
		w->open[w->opens++] = entity;
	}
	buf_clear(&type);
	return kind;
}

/* Is line part of a header? A view may let anything else begin the body. */
static bool
split_is_head(const struct split_work *w, struct bytes line, bool first)
{
	if (!w->view->junk_ends_head || line.p[0] == ' ' || line.p[0] == '\t')
		return true;
	if (first && (bytes_starts(line, "From ") || bytes_starts(line, ">From ")))
		return true;
	return memchr(line.p, ':', line.len) != NULL;
}

/* Reads the header of the newest entity, up to its empty line or to a delimiter of an open
 * multipart, which ends the entity, too. */
static void
split_read_head(struct split_work *w)
{
	struct bytes text = w->split->text;
	struct split_entity *e = &w->split->entities[w->split->count - 1];
	bool first = true;

	while (w->at < text.len) {
		size_t next = w->at;
		struct bytes line = split_line(text, &next);

		if (split_is_empty(line)) {
			e->head_end = w->at;
			e->body = e->end = w->at = next;
			return;
		}
		if (split_delimiter(w, line).multipart >= 0 || !split_is_head(w, line, first))
			break;
		w->at = next;
		first = false;
	}
	e->head_end = e->body = e->end = w->at;
}

/* An entity whose header begins at w->at, and the messages that stand directly inside it. */
static void
split_begin(struct split_work *w, int parent, size_t delimiter)
{
	enum split_kind kind;

	do {
		int entity = w->split->count;

		split_add(w, parent, delimiter, w->at);
		split_read_head(w);
		kind = split_kind(w, entity);
		w->split->entities[entity].kind = kind;
		w->growing = parent = entity;
		delimiter = w->at;
		if (kind == SPLIT_MESSAGE && w->split->count >= SPLIT_ENTITIES_MAX) {
			w->split->too_many = true;
			w->split->entities[entity].kind = kind = SPLIT_LEAF;
		}
	} while (kind == SPLIT_MESSAGE);
}

/* What grows, and all around it up to multipart (-1: to the root), ends at that offset. */
static void
split_end(struct split_work *w, int multipart, size_t at)
{
	for (int i = w->growing; i != multipart; i = w->split->entities[i].parent) {
		struct split_entity *e = &w->split->entities[i];

		e->end = at > e->body ? at : e->body;
		if (e->epilogue == e->begin)
			e->close = e->epilogue = e->end;
	}
	while (w->opens > 0 && w->open[w->opens - 1] != multipart)
		w->opens--;
}

static void
split_at_delimiter(struct split_work *w, struct split_delimiter d, size_t line)
{
	struct split *s = w->split;
	const struct split_entity *e = &s->entities[w->growing];
	size_t low = e->epilogue > e->body ? e->epilogue : e->body;
	size_t before = split_before_line_end(s->text, line, low);

	split_end(w, d.multipart, before);
	if (d.close) {
		s->entities[d.multipart].close = before;
		s->entities[d.multipart].epilogue = w->at;
		w->growing = d.multipart;
		w->opens--;
	} else if (s->count < SPLIT_ENTITIES_MAX) {
		split_begin(w, d.multipart, before);
	} else {
		s->too_many = true;
		w->growing = d.multipart;
	}
}

struct split *
split_new(struct bytes text, const struct split_view *view)
{
	struct split_work w = { .view = view, .value = BUF_INIT };

	w.split = mem_zero(sizeof *w.split);
	w.split->text = text;
	w.split->arena = arena_new();
	split_begin(&w, -1, 0);
	while (w.at < text.len) {
		size_t start = w.at;
		struct split_delimiter d = split_delimiter(&w, split_line(text, &w.at));

		if (d.multipart >= 0)
			split_at_delimiter(&w, d, start);
	}
	split_end(&w, -1, text.len);
	buf_clear(&w.value);
	return w.split;
}

void
split_free(struct split **s)
{
	if (!*s)
		return;
	free((*s)->entities);
	arena_free(&(*s)->arena);
	free(*s);
	*s = NULL;
}

struct bytes
split_head(const struct split *s, int entity)
{
	const struct split_entity *e = &s->entities[entity];

	return bytes_first(bytes_from(s->text, e->begin), e->head_end - e->begin);
}

struct bytes
split_body(const struct split *s, int entity)
{
	const struct split_entity *e = &s->entities[entity];

	return bytes_first(bytes_from(s->text, e->body), e->end - e->body);
}
