#include "recipe/parse.h"

#include <stdlib.h>

#include "base/str.h"
#include "recipe/condparse.h"
#include "recipe/lex.h"
#include "recipe/verb.h"

/* A block that is still open, or the file itself at the bottom. */
struct parse_level {
	struct node **end;       /* where the next statement goes */
	struct action *block;    /* NULL: the file */
};

struct parse {
	struct lex lx;
	struct tree *tree;
	struct parse_level *levels;
	size_t nlevels, room;
};

static void
parse_push(struct parse *ps, struct node **end, struct action *block)
{
	if (ps->nlevels == ps->room) {
		ps->room = ps->room ? 2 * ps->room : 8;
		ps->levels = mem_resize(ps->levels, ps->room * sizeof *ps->levels);
	}
	ps->levels[ps->nlevels++] = (struct parse_level){ end, block };
}

static struct node *
parse_node(struct parse *ps, enum node_kind kind)
{
	struct parse_level *level = &ps->levels[ps->nlevels - 1];
	struct node *n = arena_zero(ps->tree->arena, sizeof *n);

	n->kind = kind;
	n->line = ps->lx.line;
	*level->end = n;
	level->end = &n->next;
	return n;
}

/* Is one of its lines, behind the first, that of a recipe? */
static bool
parse_has_recipe(struct bytes text)
{
	const char *nl;

	while ((nl = memchr(text.p, '\n', text.len)) != NULL) {
		text = bytes_from(text, (size_t)(nl - text.p) + 1);
		while (text.len > 0 && (*text.p == ' ' || *text.p == '\t'))
			text = bytes_from(text, 1);
		if (bytes_starts(text, ":0"))
			return true;
	}
	return false;
}

/* A text that takes the rest of the file, or the next recipe: where it was meant to end, nobody
 * knows. The quote that is missing may be one of an earlier line. */
static void
parse_check_quotes(struct parse *ps, struct bytes text, int line)
{
	struct tree *tree = ps->tree;
	struct complaint *c = ps->lx.unclosed;

	if (c && c->line != line)
		c->text = arena_printf(tree->arena, "%s; the text begins in line %d", c->text,
		    line);
	if (!c && parse_has_recipe(text))
		c = ast_hint(tree, line, "this text goes on over a recipe: it lacks a closing "
		    "quote, or a backslash at the end of its line joins them");
	if (c)
		ast_torn(tree, c);
}

/* Text of the file to be expanded later; its length there. */
static struct piece *
parse_pieces(struct parse *ps, enum lex_mode mode, size_t *length_r)
{
	struct lex *lx = &ps->lx;
	size_t from = lx->pos;
	int line = lx->line;
	struct piece *p = lex_pieces(lx, mode);

	*length_r = lx->pos - from;
	parse_check_quotes(ps, (struct bytes){ lx->text.p + from, *length_r }, line);
	return p;
}

/* assignment ::= name [ "=" word ]           without "=": unset */
static void
parse_assignment(struct parse *ps)
{
	struct lex *lx = &ps->lx;
	struct node *n;
	const char *name = lex_name(lx);
	int c = lex_peek(lx);

	if (c != ' ' && c != '\t' && c != '\n' && c != '=') {
		ast_complain(ps->tree, lx->line, "skipped \"%s\": neither an assignment nor a "
		    "recipe", name);
		return;
	}
	n = parse_node(ps, NODE_UNSET);
	n->name = name;
	lex_blanks(lx);
	if (!lex_take(lx, '='))
		return;
	n->kind = NODE_ASSIGN;
	n->value = parse_pieces(ps, LEX_WORD, &n->length);
}

static void
parse_junk(struct parse *ps)
{
	struct lex *lx = &ps->lx;
	const char *from = lx->text.p + lx->pos;
	int line = lx->line;
	struct complaint *c;

	lex_skip_line(lx);
	c = ast_complain(ps->tree, line, "skipped \"%.*s\": neither an assignment nor a recipe",
	    (int)strcspn(arena_copy(ps->tree->arena, (struct bytes){ from,
	    (size_t)(lx->text.p + lx->pos - from) }), "\r\n"), from);
	/* A condition: what it was to decide is decided without it. */
	if (*from == '*')
		ast_torn(ps->tree, c);
}

/* The flags up to a colon; an unknown letter ends them (and hides a lockfile behind it). */
static const char *
parse_letters(struct flags *f, const char *p, const char *end)
{
	for (; p < end; p++) {
		switch (*p) {
		case 'H': f->head = true; break;
		case 'B': f->body = true; break;
		case 'D': f->distinguish = true; break;
		case 'A': f->and_then = true; break;
		case 'a': f->and_ok = true; break;
		case 'E': f->or_else = true; break;
		case 'e': f->or_error = true; break;
		case 'h': f->feed_head = true; break;
		case 'b': f->feed_body = true; break;
		case 'f': f->filter = true; break;
		case 'c': f->copy = true; break;
		case 'w': f->wait = true; break;
		case 'W': f->quiet = true; break;
		case 'i': f->ignore = true; break;
		case 'r': f->raw = true; break;
		case ' ': case '\t': case '\0': break;
		default: return p;
		}
	}
	return p;
}

/* The number in front of the flags, which may have a sign; -1: there is none. */
static const char *
parse_number(const char *p, long *n)
{
	char *end;

	*n = strtol(p, &end, 10);
	if (end == p)
		*n = -1;
	return end;
}

static const char *
parse_word_starts(const char *p, const char *end)
{
	while (p < end && !*p)
		p++;
	return p;
}

/* flags ::= [number] letters [ ":" [lockfile] ]     lockfile ::= the rest of its word, or a word */
struct flags *
parse_flags(struct tree *tree, struct bytes words, int line)
{
	struct flags *f = arena_zero(tree->arena, sizeof *f);
	const char *p = arena_copy(tree->arena, words), *end = p + words.len;
	long count;

	p = parse_word_starts(p, end);
	p = parse_letters(f, parse_number(p, &count), end);
	if (*p == ':') {
		f->lock = true;
		p = parse_word_starts(p + 1, end);
		if (p < end)
			f->lockname = p;
		p = parse_word_starts(p + strlen(p), end);
	}
	if (p < end)
		ast_complain(tree, line, "\"%s\" after the recipe's flags was ignored", p);
	if (!f->head && !f->body)
		f->head = true;
	if (!f->feed_head && !f->feed_body)
		f->feed_head = f->feed_body = true;
	return f;
}

/* Conditions without a star: as many as the number says; where there is none one, or none when the
 * recipe depends on the one before. */
static long
parse_old_count(struct bytes words)
{
	struct flags f = { 0 };
	long n;
	const char *p = parse_number(words.p, &n);

	if (n >= 0)
		return n;
	parse_letters(&f, p, words.p + words.len);
	return !f.and_then && !f.and_ok && !f.or_else && !f.or_error;
}

/*
 * conditions ::= { "*" text NEWLINE | comment | NEWLINE }, old style: text NEWLINE
 * False: behind an empty line the next recipe begins, where an action should stand.
 */
static bool
parse_conditions(struct parse *ps, struct node *n, long old)
{
	struct lex *lx = &ps->lx;
	struct cond **end = &n->conds;
	bool gap = false;

	for (;; old -= old > 0) {
		int line = lx->line;

		lex_blanks(lx);
		if (lex_peek(lx) < 0)
			return true;
		if (!lex_take(lx, '*') && old <= 0) {
			if (lex_peek(lx) != '#' && lex_peek(lx) != '\n')
				return !(gap && lex_peek(lx) == ':');
			gap |= lex_peek(lx) == '\n';
			lex_skip_line(lx);
			continue;
		}
		lex_blanks(lx);
		*end = condparse(ps->tree, lex_continued(ps->tree->arena, lex_raw_line(lx)), line);
		end = &(*end)->next;
	}
}

/* The words of one text, a NUL between them, when nothing in them has to be expanded. */
static struct bytes
parse_constant(struct parse *ps, const struct piece *p)
{
	struct buf out = BUF_INIT;
	struct bytes words;

	for (; p; p = p->next) {
		if (p->kind == PIECE_BLANK)
			buf_byte(&out, '\0');
		else
			buf_str(&out, p->text);
	}
	words = (struct bytes){ arena_copy(ps->tree->arena, buf_view(&out)), out.len };
	buf_clear(&out);
	return words;
}

static bool
parse_is_all_blank(struct bytes text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.p[i] != ' ' && text.p[i] != '\t')
			return false;
	return true;
}

/* program ::= "|" line */
static void
parse_program(struct parse *ps, struct action *a)
{
	struct bytes line = lex_continued(ps->tree->arena, lex_raw_line(&ps->lx));

	a->length = line.len;
	if (a->kind == ACTION_PROGRAM && parse_is_all_blank(line))
		a->kind = ACTION_STDOUT;
	else
		a->program = lex_program(ps->tree, line, a->line, 0);
}

/* Addresses, or folders. */
static void
parse_words(struct parse *ps, struct action *a)
{
	a->words = parse_pieces(ps, LEX_LINE, &a->length);
}

/* verb ::= "@" name text NEWLINE */
static void
parse_verb(struct parse *ps, struct action *a)
{
	struct bytes line = lex_raw_line(&ps->lx), text = { 0 };
	const char *near = NULL;
	struct lex lx;
	size_t n = 0;

	a->kind = ACTION_VERB;
	a->length = line.len;
	a->verb = verb_find(line, &text, &near);
	while (n < line.len && line.p[n] != ' ' && line.p[n] != '\t')
		n++;
	a->name = arena_copy(ps->tree->arena, bytes_first(line, n));
	if (a->verb == VERB_NONE)
		ast_complain(ps->tree, a->line, "no verb is called \"@%s\"%s%s%s; the mail "
		    "waits for a correction (a mailbox of that name: ./@%s)", a->name,
		    near ? "; did you mean \"@" : "", near ? near : "", near ? "\"" : "", a->name);
	lex_init(&lx, ps->tree, text, a->line);
	a->words = lex_pieces(&lx, LEX_VERB);
}

/*
 * capture ::= name "=" [blanks] ("|" line | "!" words)           Not taken: false.
 * With a blank before the = the program runs, but the variable does not get what it says.
 */
static bool
parse_capture(struct parse *ps, struct action *a)
{
	struct lex before = ps->lx;
	const char *name = lex_name(&ps->lx);
	bool blank = *name && lex_peek(&ps->lx) != '=';

	lex_blanks(&ps->lx);
	if (*name && lex_take(&ps->lx, '=')) {
		lex_blanks(&ps->lx);
		if (lex_take(&ps->lx, '|')) {
			a->kind = ACTION_CAPTURE;
			parse_program(ps, a);
		} else if (lex_take(&ps->lx, '!')) {
			a->kind = ACTION_CAPTURE_FORWARD;
			parse_words(ps, a);
		}
		if (a->kind != ACTION_NONE) {
			a->variable = blank ? NULL : name;
			if (blank)
				ast_complain(ps->tree, a->line, "the blank before = keeps the "
				    "program's output from %s; write %s=|", name, name);
			return true;
		}
	}
	ps->lx = before;
	return false;
}

/* folders ::= words
 * procmail first takes what could be a variable's name, and then begins anew, as if no word had
 * begun yet: a # right behind it begins a comment, and blanks that $MATCH begins with part nothing.
 */
static void
parse_folders(struct parse *ps, struct action *a)
{
	struct lex *lx = &ps->lx, before = *lx;
	struct piece *prefix;
	const char *name = lex_name(lx);
	int c = lex_peek(lx);

	a->kind = ACTION_FOLDER;
	if (!*name || c < 0 || c == ' ' || c == '\t' || c == '\n') {
		*lx = before;
		parse_words(ps, a);
		return;
	}
	prefix = arena_zero(ps->tree->arena, sizeof *prefix);
	*prefix = (struct piece){ .kind = PIECE_TEXT, .text = name, .prefix = true };
	parse_words(ps, a);
	prefix->next = a->words;
	a->words = prefix;
	a->length += strlen(name);
}

static void
parse_check_folder(struct parse *ps)
{
	const struct lex *lx = &ps->lx;

	if (bytes_starts(bytes_from(lx->text, lx->pos), ":0"))
		ast_torn(ps->tree, ast_hint(ps->tree, lx->line, "this line is the folder of the "
		    "recipe before it, which has no action line of its own"));
}

static bool
parse_is_block(struct parse *ps)
{
	int c = lex_ahead(&ps->lx, 1);

	return lex_peek(&ps->lx) == '{' && (c == ' ' || c == '\t' || c == '\n' || c < 0);
}

/* action ::= "!" words | "|" line | name "=|" line | "@" line | "{" | words */
static void
parse_action(struct parse *ps, struct node *n)
{
	struct lex *lx = &ps->lx;
	struct action *a = &n->action;

	a->line = lx->line;
	if (lex_peek(lx) < 0) {
		a->kind = ACTION_NONE;
		a->cut_off = true;
		ast_torn(ps->tree, ast_complain(ps->tree, n->line,
		    "the recipe has no action line"));
	} else if (parse_is_block(ps)) {
		a->kind = ACTION_BLOCK;
		parse_push(ps, &a->block, a);
		lex_get(lx);
	} else if (lex_take(lx, '|')) {
		a->kind = ACTION_PROGRAM;
		parse_program(ps, a);
	} else if (lex_take(lx, '@')) {
		parse_verb(ps, a);
	} else if (lex_take(lx, '!')) {
		a->kind = ACTION_FORWARD;
		parse_words(ps, a);
	} else if (!parse_capture(ps, a)) {
		parse_check_folder(ps);
		parse_folders(ps, a);
	}
}

/* recipe ::= ":" flags NEWLINE conditions action */
static void
parse_recipe(struct parse *ps)
{
	struct lex *lx = &ps->lx;
	struct node *n = parse_node(ps, NODE_RECIPE);
	struct bytes words;

	lex_get(lx);
	n->value = parse_pieces(ps, LEX_LINE, &n->length);
	lex_take(lx, '\n');
	words = parse_constant(ps, n->value);
	if (ast_is_constant(n->value))
		n->flags = parse_flags(ps->tree, words, n->line);
	if (parse_conditions(ps, n, parse_old_count(words)))
		parse_action(ps, n);
	else
		ast_torn(ps->tree, ast_complain(ps->tree, n->line,
		    "the recipe has no action line"));
}

/*
 * stray ::= "@" name text NEWLINE                False, nothing taken: it is no verb's name.
 * As junk it would be skipped, and what it was meant for would pass. A brace at the end closes the
 * block, as it was meant to.
 */
static bool
parse_stray(struct parse *ps)
{
	struct lex *lx = &ps->lx, before = *lx, behind;
	struct bytes line, text;
	const char *near;
	struct node *n;
	enum verb verb;

	lex_get(lx);
	line = lex_raw_line(lx);
	behind = *lx;
	*lx = before;
	verb = verb_find(line, &text, &near);
	if (verb == VERB_NONE)
		return false;
	n = parse_node(ps, NODE_STRAY);
	n->name = verb_info(verb)->name;
	ast_complain(ps->tree, n->line, "\"@%s\" stands outside a recipe, and the mail waits for a "
	    "correction: each verb needs a line \":0\" of its own in front", n->name);
	line = bytes_trim(line);
	if (ps->nlevels > 1 && line.p[line.len - 1] == '}')
		while (lx->text.p + lx->pos < line.p + line.len - 1)
			lex_get(lx);
	else
		*lx = behind;
	return true;
}

static void
parse_close(struct parse *ps)
{
	if (ps->nlevels > 1)
		ps->levels[--ps->nlevels].block->closed = true;
	else
		ast_complain(ps->tree, ps->lx.line, "closing brace without an open block");
	lex_get(&ps->lx);
}

/* statement ::= comment | recipe | "}" | assignment | stray | junk          false: end of file */
static bool
parse_statement(struct parse *ps)
{
	struct lex *lx = &ps->lx;
	int c;

	while ((c = lex_peek(lx)) == ' ' || c == '\t' || c == '\n')
		lex_get(lx);
	if (c < 0)
		return false;
	if (c == '#')
		lex_skip_line(lx);
	else if (c == ':')
		parse_recipe(ps);
	else if (c == '}')
		parse_close(ps);
	else if (lex_is_name(c, true))
		parse_assignment(ps);
	else if (c != '@' || !parse_stray(ps))
		parse_junk(ps);
	return true;
}

/* What editors leave in a file, and what procmail trips over without a word. */
static void
parse_check_encoding(struct tree *tree, struct bytes text)
{
	const char *nl = text.len ? memchr(text.p, '\n', text.len) : NULL;

	if (bytes_starts(text, "\xef\xbb\xbf"))
		ast_torn(tree, ast_complain(tree, 1, "the file begins with a byte order mark, "
		    "which spoils its first line; save it as plain UTF-8 without one"));
	if (nl && nl > text.p && nl[-1] == '\r')
		ast_torn(tree, ast_complain(tree, 1,
		    "the lines end with CR LF, and the CR counts as part of every "
		    "value and condition; convert the file: tr -d '\\r' <old >new"));
}

struct tree *
parse(const char *file, struct bytes text)
{
	struct parse ps = { .tree = ast_new(file) };

	parse_check_encoding(ps.tree, text);
	lex_init(&ps.lx, ps.tree, text, 1);
	parse_push(&ps, &ps.tree->first, NULL);
	while (parse_statement(&ps))
		;
	while (ps.nlevels > 1)
		ast_torn(ps.tree, ast_hint(ps.tree, ps.levels[--ps.nlevels].block->line,
		    "this block is never closed: it lacks a line with a closing brace"));
	free(ps.levels);
	return ps.tree;
}
