#include "recipe/condparse.h"

#include <stdlib.h>

#include "recipe/lex.h"
#include "recipe/select.h"

/* What is still to be read of a condition; rest is NUL-terminated. */
struct condparse {
	struct tree *tree;
	struct cond *cond;
	const char *rest;
	bool again;              /* a $ expanded to this, */
	bool foreign;            /* and not all of it stands in an rcfile */
};

static void
condparse_blanks(struct condparse *cp)
{
	cp->rest += strspn(cp->rest, " \t");
}

/* weight ::= number "^" number           numbers as strtod(3) knows them, "-inf" and "0x10" too */
static void
condparse_weight(struct condparse *cp)
{
	const char *p = cp->rest;
	char *end, *exponent_end;
	double weight, exponent;

	if (!*p || !strchr("0123456789-+.,", *p))
		return;
	weight = strtod(p, &end);
	if (end == p)
		return;
	p = end + strspn(end, " \t");
	if (*p != '^')
		return;
	exponent = strtod(p + 1, &exponent_end);
	if (exponent_end == p + 1)
		return;
	cp->cond->weighted = true;
	cp->cond->weight = weight;
	cp->cond->exponent = exponent;
	cp->rest = exponent_end;
	condparse_blanks(cp);
}

/* area ::= (name | "H" | "B" | "HB" | "BH") "??" */
static bool
condparse_variable(struct condparse *cp)
{
	struct cond *c = cp->cond;
	const char *end = cp->rest;
	struct bytes name;

	while (lex_is_name((unsigned char)*end, end == cp->rest))
		end++;
	name = (struct bytes){ cp->rest, (size_t)(end - cp->rest) };
	end += strspn(end, " \t");
	if (name.len == 0 || strncmp(end, "??", 2) != 0)
		return false;
	c->head = bytes_is(name, "H") || bytes_is(name, "HB") || bytes_is(name, "BH");
	c->body = bytes_is(name, "B") || bytes_is(name, "HB") || bytes_is(name, "BH");
	c->area = c->head || c->body ? COND_AREA_PARTS : COND_AREA_VARIABLE;
	c->variable = arena_copy(cp->tree->arena, name);
	cp->rest = end + 2;
	condparse_blanks(cp);
	return true;
}

static struct piece *
condparse_expandable(struct condparse *cp, struct bytes text)
{
	struct lex lx;

	lex_init(&lx, cp->tree, text, cp->cond->line);
	return lex_pieces(&lx, LEX_QUOTED);
}

/* What was expanded already: a stranger's word in it is no variable, and no command. */
static struct piece *
condparse_literal(struct condparse *cp, struct bytes text)
{
	struct piece *p = arena_zero(cp->tree->arena, sizeof *p);

	p->kind = PIECE_TEXT;
	p->text = arena_copy(cp->tree->arena, text);
	return p;
}

/* Without the blanks at its end, and without what joins the line with the next. */
static struct bytes
condparse_word(struct bytes word)
{
	for (;;) {
		const char *last = word.p + word.len - 1;

		if (word.len > 0 && (*last == ' ' || *last == '\t'))
			word.len--;
		else if (word.len > 1 && *last == '\n' && last[-1] == '\\')
			word.len -= 2;
		else
			return word;
	}
}

/* selector ::= name ":" argument "??" */
static bool
condparse_selector(struct condparse *cp)
{
	struct cond *c = cp->cond;
	const char *end = strstr(cp->rest, "??"), *near = NULL;
	struct bytes word, arg;
	enum selector s;

	if (!end || *cp->rest < 'a' || *cp->rest > 'z')
		return false;
	word = (struct bytes){ cp->rest, (size_t)(end - cp->rest) };
	word = condparse_word(word);
	s = select_find(word, &arg, &near);
	if (s == SELECT_NONE && !near)
		return false;
	c->area = COND_AREA_SELECTOR;
	c->selector = s;
	c->variable = arena_copy(cp->tree->arena, word);
	if (s == SELECT_NONE && bytes_is(word, near))
		ast_complain(cp->tree, c->line, "\"%s\" lacks what belongs behind the colon",
		    c->variable);
	else if (s == SELECT_NONE)
		ast_complain(cp->tree, c->line, "no selector is called \"%s\"; did you mean "
		    "\"%s\"?", c->variable, near);
	else
		c->argument = cp->again ? condparse_literal(cp, arg)
		    : condparse_expandable(cp, arg);
	cp->rest = end + 2;
	condparse_blanks(cp);
	return true;
}

static void
condparse_kind(struct condparse *cp, enum cond_kind kind, const char *text)
{
	cp->cond->kind = kind;
	cp->cond->text = arena_string(cp->tree->arena, text + strspn(text, " \t"));
}

/* "<" or ">", and behind it what is expanded into the number. */
static void
condparse_size(struct condparse *cp, enum cond_kind kind)
{
	struct lex lx;

	condparse_kind(cp, kind, cp->rest + 1);
	cp->cond->pieces = condparse_literal(cp, bytes_of(cp->cond->text));
	if (cp->foreign)
		return;
	lex_init(&lx, cp->tree, bytes_of(cp->cond->text), cp->cond->line);
	cp->cond->pieces = lex_pieces(&lx, LEX_LINE);
}

/* Continued lines, without the blanks the next line begins with. A newline that has lost its
 * backslash, which began the expression, stays. */
static const char *
condparse_join(struct arena *arena, const char *raw)
{
	char *to = arena_string(arena, raw), *start = to;

	while (*raw) {
		if (raw[0] == '\\' && raw[1] == '\n')
			raw++;
		else
			*to++ = *raw;
		if (*raw++ == '\n')
			raw += strspn(raw, " \t");
	}
	*to = '\0';
	return start;
}

/* The expression without the backslash it begins with, which however keeps what follows from being
 * one of the abbreviations, as in procmail: "\\^TO_" looks for that text. */
static const char *
condparse_regex(struct arena *arena, const char *raw)
{
	bool escaped = *raw == '\\' && raw[1] == '^' && (raw[2] == 'T' || raw[2] == 'F');
	const char *text = condparse_join(arena, raw + (*raw == '\\'));

	return escaped ? arena_printf(arena, "(^)%s", text + 1) : text;
}

/*
 * test ::= "$" text | "?" program | "<" number | ">" number | ["\"] regexp | nothing
 * Before it, in any order, can stand a weight, "!" and areas, of which the last counts.
 */
static void
condparse_test(struct condparse *cp)
{
	struct cond *c = cp->cond;

	for (;;) {
		if (!c->weighted)
			condparse_weight(cp);
		if (*cp->rest == '!') {
			c->negated = !c->negated;
			cp->rest++;
			condparse_blanks(cp);
		} else if (!condparse_variable(cp) && !condparse_selector(cp)) {
			break;
		}
	}
	c->text = cp->rest;
	switch (*cp->rest == '$' && cp->foreign ? '^' : *cp->rest) {
	case '\0':
		c->kind = COND_EMPTY;
		break;
	case '$':
		condparse_kind(cp, COND_EXPAND, cp->rest + 1);
		c->text = condparse_join(cp->tree->arena, c->text);
		c->pieces = condparse_expandable(cp, bytes_of(c->text));
		break;
	case '?':
		condparse_kind(cp, COND_PROGRAM, cp->rest + 1);
		c->program = lex_program(cp->tree, bytes_of(c->text), c->line, 0);
		break;
	case '<':
		condparse_size(cp, COND_SHORTER);
		break;
	case '>':
		condparse_size(cp, COND_LONGER);
		break;
	default:
		c->kind = COND_REGEX;
		c->text = condparse_regex(cp->tree->arena, c->text);
	}
}

/* What was read before a $ holds for what it expands to, unless that says otherwise. */
static void
condparse_inherit(struct cond *again, const struct cond *before)
{
	again->negated ^= before->negated;
	if (!again->weighted && before->weighted) {
		again->weighted = true;
		again->weight = before->weight;
		again->exponent = before->exponent;
	}
	if (again->area == COND_AREA_FLAGS) {
		again->area = before->area;
		again->head = before->head;
		again->body = before->body;
		again->variable = before->variable;
		again->selector = before->selector;
		again->argument = before->argument;
	}
}

static struct cond *
condparse_all(struct condparse *cp, struct bytes raw, int line)
{
	char *text = arena_copy(cp->tree->arena, raw), *end = text + strlen(text);

	while (end > text && (end[-1] == ' ' || end[-1] == '\t'))
		*--end = '\0';
	cp->cond = arena_zero(cp->tree->arena, sizeof *cp->cond);
	cp->cond->line = line;
	cp->cond->length = raw.len;
	cp->rest = text;
	condparse_blanks(cp);
	cp->cond->source = cp->rest;
	condparse_test(cp);
	return cp->cond;
}

struct cond *
condparse(struct tree *tree, struct bytes raw, int line)
{
	struct condparse cp = { .tree = tree };

	return condparse_all(&cp, raw, line);
}

struct cond *
condparse_again(struct tree *tree, struct bytes text, bool foreign, const struct cond *before)
{
	struct condparse cp = { .tree = tree, .again = true, .foreign = foreign };
	struct cond *again = condparse_all(&cp, text, before->line);

	condparse_inherit(again, before);
	return again;
}
