#include "recipe/lex.h"

#include "base/str.h"

/* The text under construction: characters not yet made a piece, and the pieces before them. */
struct lex_out {
	struct arena *arena;
	struct piece *first, *last, **end;
	struct buf text;
	bool some;      /* text is a piece even if it is empty: a quote was seen */
	bool cut;       /* a NUL was seen: procmail's strings end there */
	bool begun;     /* inside ${...}: the word has begun in front of this text */
	bool amid;      /* the same, but a blank in front of ${ has ended that word */
	bool unbegun;   /* the last piece, ${NAME-other}, leaves a word to begin behind it */
};

static void lex_until(struct lex *, struct lex_out *, enum lex_mode, bool quoted, bool *nested);

void
lex_init(struct lex *lx, struct tree *tree, struct bytes text, int line)
{
	*lx = (struct lex){ .tree = tree, .text = text, .line = line };
}

int
lex_ahead(const struct lex *lx, size_t n)
{
	return lx->text.len - lx->pos > n ? (unsigned char)lx->text.p[lx->pos + n] : -1;
}

int
lex_peek(const struct lex *lx)
{
	return lex_ahead(lx, 0);
}

int
lex_get(struct lex *lx)
{
	int c = lex_peek(lx);

	if (c >= 0)
		lx->pos++;
	if (c == '\n')
		lx->line++;
	return c;
}

bool
lex_take(struct lex *lx, char c)
{
	if (lex_peek(lx) != (unsigned char)c)
		return false;
	lex_get(lx);
	return true;
}

void
lex_blanks(struct lex *lx)
{
	while (lex_peek(lx) == ' ' || lex_peek(lx) == '\t')
		lx->pos++;
}

void
lex_skip_line(struct lex *lx)
{
	int c;

	do
		c = lex_get(lx);
	while (c >= 0 && c != '\n');
}

bool
lex_is_name(int c, bool first)
{
	return c >= 0 && (c == '_' || (str_is_alnum((char)c) && !(first && c >= '0' && c <= '9')));
}

/* Characters of a name; digit_first: even if it begins with a digit. */
static const char *
lex_run(struct lex *lx, bool digit_first)
{
	size_t from = lx->pos;

	while (lex_is_name(lex_peek(lx), lx->pos == from && !digit_first))
		lx->pos++;
	return arena_copy(lx->tree->arena,
	    (struct bytes){ lx->text.p + from, lx->pos - from });
}

const char *
lex_name(struct lex *lx)
{
	return lex_run(lx, false);
}

struct bytes
lex_raw_line(struct lex *lx)
{
	size_t from = lx->pos;
	int c, before = 0;

	while ((c = lex_get(lx)) >= 0 && (c != '\n' || before == '\\'))
		before = c;
	return (struct bytes){ lx->text.p + from, lx->pos - from - (c == '\n') };
}

static void
lex_append(struct lex_out *out, struct piece *p)
{
	if (!p || out->cut)
		return;
	*out->end = p;
	while (p->next)
		p = p->next;
	out->last = p;
	out->end = &p->next;
	out->unbegun = false;
}

static struct piece *
lex_add(struct lex_out *out, enum piece_kind kind, struct bytes text)
{
	struct piece *p = arena_zero(out->arena, sizeof *p);

	p->kind = kind;
	p->text = arena_copy(out->arena, text);
	lex_append(out, p);
	return p;
}

static void
lex_flush(struct lex_out *out)
{
	if (out->text.len || out->some)
		lex_add(out, PIECE_TEXT, buf_view(&out->text));
	if (memchr(out->text.p, '\0', out->text.len))
		out->cut = true;
	buf_cut(&out->text, 0);
	out->some = false;
}

static struct piece *
lex_add_flushed(struct lex_out *out, enum piece_kind kind, struct bytes text)
{
	lex_flush(out);
	return lex_add(out, kind, text);
}

static bool
lex_started(const struct lex_out *out)
{
	return out->first || out->text.len || out->some;
}

/* The last thing was a blank, or there is nothing yet: a word begins here. */
static bool
lex_at_word_start(const struct lex_out *out)
{
	if (out->text.len || out->some)
		return false;
	if (!out->last)
		return !out->amid;
	return out->last->kind == PIECE_BLANK || out->unbegun;
}

/* What procmail makes of a bad ${A#x} is the text behind the offending character. */
static void
lex_bad_substitution(struct lex *lx, const char *name)
{
	ast_complain(lx->tree, lx->line, "bad substitution of \"%s\": only ${NAME}, ${NAME-text}, "
	    "${NAME:-text}, ${NAME+text} and ${NAME:+text} are known", name);
	lex_get(lx);
}

/* test ::= "}" | "-" | ":-" | "+" | ":+"        false: none of these */
static bool
lex_test(struct lex *lx, enum piece_test *test)
{
	bool colon = lex_take(lx, ':');

	if (!colon && lex_take(lx, '}'))
		*test = PIECE_PLAIN;
	else if (lex_take(lx, '-'))
		*test = colon ? PIECE_IF_EMPTY : PIECE_IF_UNSET;
	else if (lex_take(lx, '+'))
		*test = colon ? PIECE_IF_FULL : PIECE_IF_SET;
	else
		return false;
	return true;
}

static void
lex_out_init(struct lex_out *out, struct arena *arena)
{
	*out = (struct lex_out){ .arena = arena, .text = BUF_INIT };
	out->end = &out->first;
}

static void
lex_alternative(struct lex *lx, struct lex_out *out, enum lex_mode mode, struct piece *var)
{
	struct lex_out inner;
	bool closed = false, unbegun;

	if (lx->depth >= LEX_DEPTH_MAX) {
		ast_complain(lx->tree, lx->line, "${...} nested more than %d deep: ignored from "
		    "here on", LEX_DEPTH_MAX);
		return;
	}
	lx->depth++;
	lex_out_init(&inner, out->arena);
	inner.begun = out->begun || lex_started(out);
	inner.amid = var->quoted || !lex_at_word_start(out);
	lex_until(lx, &inner, mode, var->quoted, &closed);
	lx->depth--;
	unbegun = lex_at_word_start(&inner);
	buf_clear(&inner.text);
	var->other = inner.first;
	var->unclosed = !closed;
	lex_append(out, var);
	out->unbegun = unbegun;
}

/* braced ::= "${" name [test text] "}"      ${-text}: of no variable, which is unset */
static void
lex_braced(struct lex *lx, struct lex_out *out, enum lex_mode mode, bool quoted)
{
	int c = lex_peek(lx);
	bool digit = c >= '0' && c <= '9';
	const char *name = lex_run(lx, digit);
	struct piece *p;
	enum piece_test test;

	lex_flush(out);
	if ((!*name && lex_peek(lx) == '}') || (digit && name[1]) || !lex_test(lx, &test)) {
		lex_bad_substitution(lx, name);
		return;
	}
	if (test == PIECE_PLAIN) {
		p = lex_add(out, digit ? PIECE_SPECIAL : PIECE_VAR, bytes_of(name));
		p->quoted = quoted;
		return;
	}
	p = arena_zero(out->arena, sizeof *p);
	*p = (struct piece){ .kind = digit ? PIECE_SPECIAL : PIECE_VAR, .test = test,
	    .quoted = quoted, .text = name };
	lex_alternative(lx, out, mode, p);
}

/* "$@" stands for the arguments only where it ends a word. */
static bool
lex_ends_quoted_word(const struct lex *lx)
{
	int c = lex_ahead(lx, 1);

	return lex_peek(lx) == '"' && (c < 0 || c == ' ' || c == '\t' || c == '\n');
}

/* dollar ::= "$" (braced | name | digit | special | "\" name); any other $ is just a $ */
static void
lex_dollar(struct lex *lx, struct lex_out *out, enum lex_mode mode, bool quoted)
{
	struct piece *p = NULL;
	int c;

	lex_get(lx);
	c = lex_peek(lx);
	if (lex_take(lx, '{')) {
		lex_braced(lx, out, mode, quoted);
	} else if (c == '@') {
		lex_get(lx);
		if (quoted) {
			lex_add_flushed(out, PIECE_ARGS, bytes_of(""))->quoted =
			    lex_ends_quoted_word(lx);
		} else {
			buf_byte(&out->text, '@');
		}
	} else if (c > 0 && (strchr("$#?_-=", c) || (c >= '0' && c <= '9'))) {
		char name = (char)lex_get(lx);

		p = lex_add_flushed(out, PIECE_SPECIAL, (struct bytes){ &name, 1 });
	} else if (c == '\\' && lex_is_name(lex_ahead(lx, 1), false)) {
		char digit = (char)lex_ahead(lx, 1);

		lex_get(lx);
		if (lex_is_name(digit, true)) {
			p = lex_add_flushed(out, PIECE_VAR, bytes_of(lex_name(lx)));
		} else {
			lex_get(lx);
			p = lex_add_flushed(out, PIECE_SPECIAL, (struct bytes){ &digit, 1 });
		}
		p->escaped = true;
	} else if (lex_is_name(c, true)) {
		p = lex_add_flushed(out, PIECE_VAR, bytes_of(lex_name(lx)));
	} else {
		buf_byte(&out->text, '$');
	}
	if (p)
		p->quoted = quoted;
}

/*
 * command ::= "`" text "`"
 * In double quotes a bare " ends it too: that is how procmail reads "`echo "x"`".
 */
static void
lex_command(struct lex *lx, struct lex_out *out, bool quoted)
{
	struct buf line = BUF_INIT;
	struct piece *p;
	int c, number = lx->line;

	lex_get(lx);
	while ((c = lex_get(lx)) >= 0 && c != '`' && !(quoted && c == '"')) {
		int next = lex_peek(lx);

		if (c == '\\' && next == '\n') {
			lex_get(lx);
			continue;
		}
		if (c == '\\' && next >= 0 && (strchr("`\\$", next) || (quoted && next == '"')))
			c = lex_get(lx);
		buf_byte(&line, (char)c);
	}
	if (c != '`') {
		struct complaint *missing = ast_complain(lx->tree, number,
		    "closing backquote is missing");

		lx->unclosed = c < 0 ? missing : NULL;
	}
	p = lex_add_flushed(out, PIECE_COMMAND, bytes_of(""));
	p->quoted = quoted;
	p->program = lex_program(lx->tree, buf_view(&line), number, lx->depth + 1);
	buf_clear(&line);
}

static void
lex_single_quoted(struct lex *lx, struct lex_out *out)
{
	int c, number = lx->line;

	lex_get(lx);
	out->some = true;
	while ((c = lex_get(lx)) >= 0 && c != '\'')
		buf_byte(&out->text, (char)c);
	if (c < 0)
		lx->unclosed = ast_complain(lx->tree, number,
		    "closing ' is missing: the rest was taken for a text");
}

/* Behind a backslash: in quotes it stays unless it has something to do, outside it goes, except in
 * front of a # that could not begin a comment. */
static void
lex_backslash(struct lex *lx, struct lex_out *out, bool quoted, bool nested)
{
	int c;

	lex_get(lx);
	c = lex_get(lx);
	if (c == '\n')
		return;
	if (c < 0) {
		buf_byte(&out->text, '\\');
		return;
	}
	if (quoted ? !(c && strchr("$\"\\`", c)) && !(nested && c == '}') :
	    c == '#' && !lex_at_word_start(out))
		buf_byte(&out->text, '\\');
	buf_byte(&out->text, (char)c);
}

/* White space outside quotes. False: the text ends here. */
static bool
lex_white(struct lex *lx, struct lex_out *out, enum lex_mode mode, bool nested)
{
	size_t from = lx->pos;
	int c;
	bool started = lex_started(out) || out->begun || (nested && mode != LEX_WORD);

	if (lex_peek(lx) == '\n' && mode != LEX_VERB)
		return false;
	if (mode == LEX_WORD && started)
		return false;
	/* A verb's text is a whole line, in which a line break may stand behind two backslashes. */
	while ((c = lex_peek(lx)) == ' ' || c == '\t' || (c == '\n' && mode == LEX_VERB))
		lex_get(lx);
	if (started && mode != LEX_WORD)
		lex_add_flushed(out, PIECE_BLANK,
		    (struct bytes){ lx->text.p + from, lx->pos - from });
	return true;
}

/* In a verb's line an apostrophe is mostly an apostrophe. */
static bool
lex_quote_is_plain(const struct lex *lx, enum lex_mode mode, char quote)
{
	return mode == LEX_VERB && !memchr(lx->text.p + lx->pos + 1, quote,
	    lx->text.len - lx->pos - 1);
}

/* One step outside quotes; false: the text ends here. */
static bool
lex_plain(struct lex *lx, struct lex_out *out, enum lex_mode mode, bool nested, bool *quote)
{
	int c = lex_peek(lx);

	switch (c) {
	case '\n': case ' ': case '\t':
		return lex_white(lx, out, mode, nested);
	case '#':
		/* Inside ${...} too: the ${ is then never closed, and the text ends with it. */
		if ((mode != LEX_LINE && mode != LEX_WORD) || !lex_at_word_start(out))
			break;
		while (mode == LEX_LINE && lex_peek(lx) >= 0 && lex_peek(lx) != '\n')
			lex_get(lx);
		return false;
	case '\'':
		if (lex_quote_is_plain(lx, mode, '\''))
			break;
		lex_single_quoted(lx, out);
		return true;
	case '"':
		if (lex_quote_is_plain(lx, mode, '"'))
			break;
		lex_get(lx);
		out->some = *quote = true;
		return true;
	}
	buf_byte(&out->text, (char)lex_get(lx));
	return true;
}

/*
 * The text up to where it ends. quoted: all of it stands in double quotes. nested (or NULL): inside
 * ${...}, a closing brace ends it and sets *nested.
 */
static void
lex_until(struct lex *lx, struct lex_out *out, enum lex_mode mode, bool quoted, bool *nested)
{
	/* Double quotes that were opened in this text; of a condition's, before it begins. */
	bool quote = mode == LEX_QUOTED && !nested;
	int c, opened = lx->line;

	while ((c = lex_peek(lx)) >= 0) {
		if (c == '}' && nested && !quote) {
			lex_get(lx);
			*nested = true;
			break;
		}
		if (c == '\\') {
			lex_backslash(lx, out, quoted || quote, nested);
		} else if (c == '$') {
			lex_dollar(lx, out, mode, quoted || quote);
		} else if (c == '`') {
			lex_command(lx, out, quoted || quote);
		} else if (quote && c == '"') {
			lex_get(lx);
			quote = false;
		} else if (quoted || quote) {
			buf_byte(&out->text, (char)lex_get(lx));
		} else {
			opened = lx->line;
			if (!lex_plain(lx, out, mode, nested, &quote))
				break;
		}
	}
	if (quote && mode != LEX_QUOTED)
		lx->unclosed = ast_complain(lx->tree, opened,
		    "closing \" is missing: the rest was taken for a text");
	lex_flush(out);
}

struct piece *
lex_pieces(struct lex *lx, enum lex_mode mode)
{
	struct lex_out out;

	lx->unclosed = NULL;
	lex_out_init(&out, lx->tree->arena);
	lex_until(lx, &out, mode, false, NULL);
	buf_clear(&out.text);
	return out.first;
}

struct bytes
lex_continued(struct arena *arena, struct bytes line)
{
	char *to = arena_copy(arena, line), *start = to;

	for (size_t i = 0; i < line.len; i++)
		if (line.p[i] != '\\' || (i > 0 && line.p[i - 1] != '\n') ||
		    i + 1 == line.len || line.p[i + 1] != '\n')
			*to++ = line.p[i];
	*to = '\0';
	return (struct bytes){ start, (size_t)(to - start) };
}

struct program *
lex_program(struct tree *tree, struct bytes line, int number, int depth)
{
	struct program *p = arena_zero(tree->arena, sizeof *p);
	struct complaint **before = tree->complaints_end;
	struct lex lx;

	p->line = arena_copy(tree->arena, line);
	if (depth > LEX_DEPTH_MAX) {
		ast_complain(tree, number, "backquotes nested more than %d deep", LEX_DEPTH_MAX);
		return p;
	}
	lex_init(&lx, tree, bytes_of(p->line), number);
	lx.depth = depth;
	p->words = lex_pieces(&lx, LEX_LINE);
	p->unclosed = lx.unclosed;
	if (p->unclosed) {
		/* Only who splits the line into words has reason to complain; the shell may not. */
		*before = NULL;
		tree->complaints_end = before;
	}
	return p;
}
