#include "slowregex.h"

#include <stdint.h>
#include <string.h>

#include "base/str.h"

#define SLOWREGEX_DEPTH 40
#define SLOWREGEX_NODES (3 * SLOWREGEX_PATTERN_MAX + 8)

enum slow_kind { SLOW_SET, SLOW_ANCHOR, SLOW_MARK, SLOW_ALTERNATIVES, SLOW_SEQUENCE, SLOW_REPEAT };

struct slow_node {
	enum slow_kind kind;
	char op;                 /* SLOW_REPEAT: * + ? */
	bool set[256];           /* SLOW_SET */
	int child, next;         /* 0: none */
};

/* One place in front of each byte of newline + text + newline, and one behind. */
struct slow_places {
	bool at[SLOWREGEX_TEXT_MAX + 3];
};

struct slow {
	const char *p, *end;
	bool case_sensitive, odd;
	int marks, n;
	struct slow_node node[SLOWREGEX_NODES];
	char text[SLOWREGEX_TEXT_MAX + 2];
	size_t len;
};

/* ---- the pattern ---- */

static int slow_alternatives(struct slow *s, int depth);

static int
slow_new(struct slow *s, enum slow_kind kind)
{
	int i = ++s->n;

	memset(&s->node[i], 0, sizeof s->node[i]);
	s->node[i].kind = kind;
	return i;
}

static char
slow_peek(const struct slow *s)
{
	return s->p < s->end ? *s->p : '\0';
}

static void
slow_add(const struct slow *s, bool set[256], char c)
{
	set[(unsigned char)c] = true;
	if (s->case_sensitive)
		return;
	if (c >= 'a' && c <= 'z')
		set[(unsigned char)(c - 'a' + 'A')] = true;
	set[(unsigned char)str_lower(c)] = true;
}

static void
slow_negate(bool set[256])
{
	for (int i = 0; i < 256; i++)
		set[i] = !set[i];
}

static int
slow_class(struct slow *s)
{
	int node = slow_new(s, SLOW_SET), last = -1;
	bool *set = s->node[node].set, negated = slow_peek(s) == '^';

	s->p += negated;
	while (s->p < s->end && (*s->p != ']' || last < 0)) {
		char c = *s->p++;

		if (c == '-' && last >= 0 && s->p < s->end && *s->p != ']') {
			c = *s->p++;
			for (int k = last + 1; k < (unsigned char)c; k++)
				slow_add(s, set, (char)k);
		}
		slow_add(s, set, c);
		last = (unsigned char)c;
	}
	s->p += s->p < s->end;
	if (negated) {
		set['\n'] = true;
		slow_negate(set);
	}
	return node;
}

static int
slow_letter(struct slow *s, char c)
{
	int node = slow_new(s, SLOW_SET);

	slow_add(s, s->node[node].set, c);
	return node;
}

/* What a backslash makes of the character behind it. */
static int
slow_escape(struct slow *s, int depth)
{
	char c = *s->p++;
	int node;

	if (c == '/') {
		s->odd |= depth > 0 || ++s->marks > 1;
		return slow_new(s, SLOW_MARK);
	}
	if (c != '<' && c != '>')
		return slow_letter(s, c);
	node = slow_new(s, SLOW_SET);
	for (int k = 0; k < 256; k++)
		s->node[node].set[k] = !((k >= 'a' && k <= 'z') || (k >= 'A' && k <= 'Z') ||
		    (k >= '0' && k <= '9') || k == '_');
	return node;
}

static int
slow_simple(struct slow *s, int depth)
{
	char c = *s->p++;
	int node;

	if (c == '(')
		return slow_alternatives(s, depth + 1);
	if (c == '[')
		return slow_class(s);
	if (c == '\\' && s->p < s->end)
		return slow_escape(s, depth);
	if (c == '^' && slow_peek(s) == '^') {
		s->p++;
		return slow_new(s, SLOW_ANCHOR);
	}
	if (c == '^' || c == '$')
		return slow_letter(s, '\n');
	node = slow_letter(s, c);
	if (c == '.') {
		memset(s->node[node].set, true, sizeof s->node[node].set);
		s->node[node].set['\n'] = false;
	}
	return node;
}

static int
slow_sequence(struct slow *s, int depth)
{
	int node = slow_new(s, SLOW_SEQUENCE), last = 0, one, repeat;

	while (s->p < s->end && *s->p != '|' && *s->p != ')') {
		one = slow_simple(s, depth);
		if (s->p < s->end && (*s->p == '*' || *s->p == '+' || *s->p == '?')) {
			s->odd |= s->node[one].kind == SLOW_MARK;
			repeat = slow_new(s, SLOW_REPEAT);
			s->node[repeat].op = *s->p++;
			s->node[repeat].child = one;
			one = repeat;
		}
		*(last ? &s->node[last].next : &s->node[node].child) = one;
		last = one;
	}
	return node;
}

static int
slow_alternatives(struct slow *s, int depth)
{
	int node = slow_new(s, SLOW_ALTERNATIVES), last, more;

	if (depth > SLOWREGEX_DEPTH) {
		s->odd = true;
		s->p = s->end;
		return node;
	}
	last = s->node[node].child = slow_sequence(s, depth);
	while (slow_peek(s) == '|') {
		s->p++;
		more = slow_sequence(s, depth);
		s->node[last].next = more;
		last = more;
		if (depth == 0 && s->marks > 0)
			s->odd = true;
	}
	if (slow_peek(s) == ')' && depth > 0)
		s->p++;
	return node;
}

/* ---- the text ---- */

static bool
slow_join(const struct slow *s, struct slow_places *all, const struct slow_places *more)
{
	bool grown = false;

	for (size_t i = 0; i <= s->len; i++) {
		grown |= more->at[i] && !all->at[i];
		all->at[i] |= more->at[i];
	}
	return grown;
}

static struct slow_places slow_ends(struct slow *s, int node, struct slow_places at, bool tail);

static struct slow_places
slow_in_turn(struct slow *s, int node, struct slow_places at, bool tail)
{
	for (; node; node = s->node[node].next)
		at = slow_ends(s, node, at, tail && !s->node[node].next);
	return at;
}

static struct slow_places
slow_repeated(struct slow *s, const struct slow_node *n, struct slow_places at, bool tail)
{
	struct slow_places out = { { false } }, more;

	if (n->op == '?') {
		more = slow_ends(s, n->child, at, tail);
		slow_join(s, &at, &more);
		return at;
	}
	if (n->op == '*')
		out = at;
	more = slow_ends(s, n->child, at, false);
	while (slow_join(s, &out, &more))
		more = slow_ends(s, n->child, out, false);
	return out;
}

/* Where a node can end that starts at one of these places; tail: nothing comes behind it. */
static struct slow_places
slow_ends(struct slow *s, int node, struct slow_places at, bool tail)
{
	const struct slow_node *n = &s->node[node];
	struct slow_places out = { { false } }, one;

	switch (n->kind) {
	case SLOW_SET:
		for (size_t i = 0; i < s->len; i++)
			out.at[i + 1] = at.at[i] && n->set[(unsigned char)s->text[i]];
		return out;
	case SLOW_ANCHOR:
		out.at[1] = at.at[0];
		if (tail)
			out.at[s->len - 1] |= at.at[s->len - 1];
		return out;
	case SLOW_ALTERNATIVES:
		for (int c = n->child; c; c = s->node[c].next) {
			one = slow_ends(s, c, at, tail);
			slow_join(s, &out, &one);
		}
		return out;
	case SLOW_SEQUENCE:
		return slow_in_turn(s, n->child, at, tail);
	case SLOW_REPEAT:
		return slow_repeated(s, n, at, tail);
	default:
		return at; /* the mark itself */
	}
}

static bool
slow_any(const struct slow *s, const struct slow_places *p, size_t *last_r)
{
	bool any = false;

	for (size_t i = 0; i <= s->len; i++)
		if (p->at[i]) {
			any = true;
			*last_r = i;
		}
	return any;
}

/* The first place where what is left of the mark can end and what is right of it can start. */
static bool
slow_find_mark(struct slow *s, int sequence, struct slowregex_match *m)
{
	struct slow_places left, one;
	size_t text = s->len - 2, to;
	int before = 0, mark = s->node[sequence].child;

	for (; s->node[mark].kind != SLOW_MARK; mark = s->node[mark].next)
		before = mark;
	*(before ? &s->node[before].next : &s->node[sequence].child) = 0;
	memset(&left, true, sizeof left);
	left = slow_in_turn(s, s->node[sequence].child, left, false);
	for (size_t i = 0; i <= s->len; i++) {
		memset(&one, 0, sizeof one);
		one.at[i] = true;
		if (!left.at[i])
			continue;
		one = slow_in_turn(s, s->node[mark].next, one, true);
		if (!slow_any(s, &one, &to))
			continue;
		m->set = i <= text + 1;
		m->from = i > 0 ? i - 1 : 0;
		m->to = to - 1 < text ? to - 1 : text;
		if (to == 0 || m->to < m->from)
			m->to = m->from;
		return true;
	}
	return false;
}

static bool
slow_has(struct bytes pattern, const char *text)
{
	return memmem(pattern.p, pattern.len, text, strlen(text)) != NULL;
}

enum slowregex_answer
slowregex_search(struct bytes pattern, bool case_sensitive, struct bytes text,
    struct slowregex_match *match)
{
	static struct slow s;
	struct slow_places all;
	size_t last;
	int top;

	if (pattern.len > SLOWREGEX_PATTERN_MAX || text.len > SLOWREGEX_TEXT_MAX ||
	    slow_has(pattern, "^TO") || slow_has(pattern, "^FROM_"))
		return SLOWREGEX_UNKNOWN;
	s = (struct slow){ .p = pattern.p, .end = pattern.p + pattern.len,
		.case_sensitive = case_sensitive, .len = text.len + 2 };
	memset(s.text, '\n', s.len);
	memcpy(s.text + 1, text.p, text.len);
	top = slow_alternatives(&s, 0);
	if (s.odd)
		return SLOWREGEX_UNKNOWN;
	*match = (struct slowregex_match){ .set = false };
	if (s.marks > 0)
		return slow_find_mark(&s, s.node[top].child, match) ? SLOWREGEX_YES : SLOWREGEX_NO;
	memset(&all, true, sizeof all);
	all = slow_ends(&s, top, all, true);
	return slow_any(&s, &all, &last) ? SLOWREGEX_YES : SLOWREGEX_NO;
}
