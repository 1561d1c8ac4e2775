/*
 * A shallow walk over the grammar of regex_parse.c. It need not understand everything, but what it
 * takes for granted must be so: patterns with any mistake in them are left to the parser, which
 * complains.
 */
#include "recipe/regex_glance.h"

#include <string.h>

#include "recipe/regex_class.h"
#include "recipe/regex_macro.h"

struct regex_glancer {
	struct bytes p;
	size_t i;
	size_t depth;           /* of groups */
	bool operand;           /* something stands before i that an operator can repeat */
	bool broken;            /* a newline may stand between the last literal and i */
	bool at_start;          /* of the alternative, but for a ^ */
	bool caret;
	bool daemon;

	struct {
		size_t at, len; /* of the literals: bytes of text */
		uint8_t way;
		bool broken, anchored;
	} lit[REGEX_NEED_COUNT];
	size_t nlit;
	unsigned char text[REGEX_NEED_COUNT * REGEX_NEED_LEN];
	size_t ntext;
	bool open;              /* the last literal goes on */
	size_t way;
	bool many;              /* more alternatives than we keep */
};

static int
regex_glance_peek(const struct regex_glancer *gl, size_t ahead)
{
	return gl->p.len - gl->i > ahead ? (unsigned char)gl->p.p[gl->i + ahead] : -1;
}

/* What may match a newline, which ends a literal and maybe the line that it is on. */
static void
regex_glance_newline(struct regex_glancer *gl)
{
	gl->open = false;
	gl->broken = true;
}

static void
regex_glance_literal(struct regex_glancer *gl, unsigned char c)
{
	bool fresh = !gl->open || gl->lit[gl->nlit - 1].len == REGEX_NEED_LEN;

	if (gl->depth > 0)
		return;
	if (fresh && gl->nlit == REGEX_NEED_COUNT) {
		gl->open = false;
		return;
	}
	if (fresh) {
		gl->lit[gl->nlit].at = gl->ntext;
		gl->lit[gl->nlit].len = 0;
		gl->lit[gl->nlit].way = (uint8_t)gl->way;
		gl->lit[gl->nlit].broken = gl->broken;
		gl->lit[gl->nlit++].anchored = gl->caret;
		gl->open = true;
		gl->broken = false;
	}
	gl->text[gl->ntext++] = c;
	gl->lit[gl->nlit - 1].len++;
}

static bool
regex_glance_is_operator(int c)
{
	return c == '*' || c == '+' || c == '?';
}

/* One byte that stands for itself; the operator behind it is looked at already. */
static void
regex_glance_byte(struct regex_glancer *gl, unsigned char c)
{
	int next = regex_glance_peek(gl, 0);

	if (c == '\n') {
		regex_glance_newline(gl);
		return;
	}
	if (next == '*' || next == '?')
		gl->open = false;
	else
		regex_glance_literal(gl, c);
	if (next == '+')
		gl->open = false;
}

/* Behind the [. False: the class does not end, or a macro stands in it. */
static bool
regex_glance_class(struct regex_glancer *gl)
{
	bool have = false, low = false, range = false;
	bool inverse = regex_glance_peek(gl, 0) == '^', macro = false;
	size_t start = gl->i;

	gl->i += inverse;
	for (;; gl->i++) {
		int c = regex_glance_peek(gl, 0), next = regex_glance_peek(gl, 1);

		if (c < 0)
			return false;
		if (c == ']' && have)
			break;
		if (c == '-' && have && next >= 0 && next != ']') {
			range = true;
			gl->i++;
			c = next;
		}
		low = low || c <= '\n';
		have = true;
	}
	for (size_t i = start; i < gl->i; i++)
		macro = macro || (gl->p.p[i] == '^'
		    && regex_macro_name(bytes_from(gl->p, i), &gl->daemon));
	gl->i++;
	if (low && !inverse && (range || memchr(gl->p.p + start, '\n', gl->i - start)))
		regex_glance_newline(gl);
	gl->open = false;
	return !macro;
}

static bool
regex_glance_escape(struct regex_glancer *gl)
{
	int c = regex_glance_peek(gl, 0);

	if (c < 0 || (c == '^' && regex_macro_name(bytes_from(gl->p, gl->i), &gl->daemon)))
		return false;
	gl->i++;
	if (c == '/') {
		gl->open = false;
		return !regex_glance_is_operator(regex_glance_peek(gl, 0));
	}
	if (c == '<' || c == '>')
		regex_glance_newline(gl);
	else
		regex_glance_byte(gl, (unsigned char)c);
	return true;
}

/* Behind the ^. */
static void
regex_glance_caret(struct regex_glancer *gl)
{
	size_t name = regex_macro_name(bytes_from(gl->p, gl->i - 1), &gl->daemon);
	bool other = false;

	regex_glance_newline(gl);
	if (name > 0)
		gl->i += name - 1;
	else if (regex_glance_peek(gl, 0) == '^'
	    && regex_macro_name(bytes_from(gl->p, gl->i), &other) == 0)
		gl->i++;
	else
		gl->caret = gl->at_start && gl->depth == 0
		    && !regex_glance_is_operator(regex_glance_peek(gl, 0));
}

static void
regex_glance_bar(struct regex_glancer *gl)
{
	if (gl->depth > 0)
		return;
	gl->many = gl->many || gl->way + 1 == REGEX_GLANCE_WAYS;
	gl->way += !gl->many;
	gl->at_start = true;
}

/* All that is no operator. False: leave it to the parser. */
static bool
regex_glance_simple(struct regex_glancer *gl)
{
	int c = regex_glance_peek(gl, 0);
	bool was_start = gl->at_start;

	gl->i++;
	gl->at_start = false;
	gl->operand = true;
	if (c != '^' && c != '$' && c != '\\' && c != '\n' && !strchr("()|[.", c)) {
		regex_glance_byte(gl, (unsigned char)c);
		gl->caret = false;
		return true;
	}
	gl->caret = false;
	switch (c) {
	case '\\':
		return regex_glance_escape(gl);
	case '[':
		return regex_glance_class(gl);
	case '^':
		gl->at_start = was_start;
		regex_glance_caret(gl);
		gl->at_start = false;
		return true;
	case '$':
	case '\n':
		regex_glance_newline(gl);
		return true;
	case '(':
		gl->depth++;
		gl->operand = false;
		break;
	case ')':
		if (gl->depth == 0)
			return false;
		gl->depth--;
		break;
	case '|':
		gl->operand = false;
		regex_glance_bar(gl);
		break;
	}
	gl->open = false;
	return true;
}

static bool
regex_glance_walk(struct regex_glancer *gl)
{
	while (gl->i < gl->p.len) {
		if (regex_glance_is_operator(regex_glance_peek(gl, 0))) {
			if (!gl->operand)
				return false;
			gl->operand = false;
			gl->i++;
		} else if (!regex_glance_simple(gl)) {
			return false;
		}
	}
	return gl->depth == 0;
}

/* Every alternative must hold something, or nothing is known. */
static void
regex_glance_result(const struct regex_glancer *gl, struct regex_glance *g)
{
	unsigned long least = 0;

	for (size_t i = 0; i < gl->nlit; i++) {
		struct regex_glance_way *w = &g->way[gl->lit[i].way];
		const char *s = (const char *)gl->text + gl->lit[i].at;
		unsigned long chance = regex_need_chance(s, gl->lit[i].len);

		regex_find_add(&g->finder, s, gl->lit[i].len);
		if (w->count++ == 0) {
			w->first = (uint8_t)i;
			w->anchored = gl->lit[i].anchored;
			w->line = true;
		} else if (gl->lit[i].broken) {
			w->line = false;
		}
		if (w->count == 1 || chance < least) {
			w->rarest = (uint8_t)i;
			least = chance;
		}
	}
	g->ways = (uint8_t)(gl->way + 1);
	for (size_t k = 0; k <= gl->way; k++)
		if (g->way[k].count == 0)
			g->ways = 0;
	if (gl->many)
		g->ways = 0;
}

bool
regex_glance_read(struct regex_glance *g, struct bytes pattern, bool case_sensitive)
{
	struct regex_glancer gl;

	memset(&gl, 0, offsetof(struct regex_glancer, lit));
	gl.p = pattern;
	gl.at_start = true;
	gl.nlit = gl.ntext = gl.way = 0;
	gl.open = gl.many = false;
	if (!regex_glance_walk(&gl))
		return false;
	g->finder.fold = regex_class_fold(!case_sensitive || gl.daemon);
	g->finder.count = 0;
	memset(g->way, 0, sizeof g->way);
	regex_glance_result(&gl, g);
	return true;
}

/* All literals of the alternative in the line, one behind the other? */
static bool
regex_glance_on_line(const struct regex_glance *g, const struct regex_glance_way *w,
    struct bytes line)
{
	size_t pos = 0;

	for (int i = w->first; i < w->first + w->count; i++) {
		pos = regex_find_within(&g->finder, i, line, pos);
		if (pos == SIZE_MAX || (pos > 0 && w->anchored && i == w->first))
			return false;
		pos += g->finder.lit[i].len;
	}
	return true;
}

static bool
regex_glance_way_fits(const struct regex_glance *g, const struct regex_glance_way *w,
    struct bytes text)
{
	size_t pos = 0;

	if (!w->line) {
		for (int i = w->first; i < w->first + w->count; i++)
			if (regex_find_within(&g->finder, i, text, 0) == SIZE_MAX)
				return false;
		return true;
	}
	while ((pos = regex_find_within(&g->finder, w->rarest, text, pos)) != SIZE_MAX) {
		const char *before = memrchr(text.p, '\n', pos);
		const char *after = memchr(text.p + pos, '\n', text.len - pos);
		size_t from = before ? (size_t)(before - text.p) + 1 : 0;
		size_t to = after ? (size_t)(after - text.p) : text.len;

		if (regex_glance_on_line(g, w, (struct bytes){ text.p + from, to - from }))
			return true;
		pos = to;
	}
	return false;
}

bool
regex_glance_rules_out(const struct regex_glance *g, const struct regex_text *text)
{
	struct bytes whole = text->n > 0 ? text->seg[0] : (struct bytes){ "", 0 };

	if (g->ways == 0 || text->n > 1)
		return false;
	for (int k = 0; k < g->ways; k++)
		if (regex_glance_way_fits(g, &g->way[k], whole))
			return false;
	return true;
}
