#include "recipe/expand.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "recipe/interp.h"
#include "recipe/progline.h"

/* Where expanded text goes: one text, or words. */
struct expand {
	struct interp *in;
	struct buf *out;
	struct expand_words *words;   /* NULL: one text */
	bool keep_blanks;
	bool inside;                  /* a word is begun */
	size_t word;                  /* where the current word begins in out */
	const struct piece *args;     /* the "$@" that is expanded */
	size_t before;                /* bytes of the line in front of out */
	bool written;                 /* the text at hand stands in an rcfile */
	bool all_written;             /* and so did all before it */
	bool foreign;                 /* what came with the mail may begin a word */
	size_t option;                /* where expand_words.option begins in out, counted from 1 */
};

static void expand_pieces(struct expand *ex, const struct piece *p);

static void
expand_end_word(struct expand *ex)
{
	if (!ex->inside)
		return;
	buf_byte(ex->out, '\0');
	ex->words->n++;
	ex->word = ex->out->len;
	ex->inside = false;
}

/* Would text begin a word, or an option, once what is in out so far is cut at blanks? */
static bool
expand_begins_word(const struct expand *ex, const char *text, size_t len)
{
	const struct buf *out = ex->out;

	if (*text == '-' && (out->len == 0 || strchr(" \t\n", out->p[out->len - 1])))
		return true;
	for (size_t i = 0; i < len; i++)
		if (text[i] == ' ' || text[i] == '\t' || text[i] == '\n')
			return true;
	return false;
}

static void
expand_whole(struct expand *ex, const char *text, size_t len)
{
	if (len && !ex->written) {
		ex->all_written = false;
		ex->foreign |= expand_begins_word(ex, text, len);
		if (*text == '-' && ex->out->len == ex->word && !ex->option)
			ex->option = ex->word + 1;
	}
	buf_add(ex->out, text, len);
	ex->inside = true;
}

/* What a variable or a program gave, outside quotes: white space separates words. */
static void
expand_split(struct expand *ex, const char *text)
{
	while (*text) {
		size_t n = strcspn(text, " \t\n");

		if (n)
			expand_whole(ex, text, n);
		text += n;
		n = strspn(text, " \t\n");
		if (n)
			expand_end_word(ex);
		text += n;
	}
}

static void
expand_value(struct expand *ex, const struct piece *p, const char *text)
{
	if (ex->words && !p->quoted && !p->escaped)
		expand_split(ex, text);
	else
		expand_whole(ex, text, strlen(text));
}

static const char *
expand_number(struct expand *ex, char *to, size_t size, long n)
{
	(void)ex;
	snprintf(to, size, "%ld", n);
	return to;
}

/* $= as procmail shows it: cut, but what is above zero is not shown as zero. */
static long
expand_score(double score)
{
	if (score > 0 && score < 1)
		return 1;
	return isnan(score) ? LONG_MIN : (long)score; /* what no number becomes is ours to say */
}

/* NULL: unset. scratch: for numbers. */
static const char *
expand_special(struct expand *ex, char name, char *scratch, size_t size)
{
	const struct interp *in = ex->in;
	size_t i;

	switch (name) {
	case '$':
		return expand_number(ex, scratch, size, (long)getpid());
	case '#':
		return expand_number(ex, scratch, size, (long)(in->argc - in->shifted));
	case '?':
		return expand_number(ex, scratch, size, in->status);
	case '=':
		return expand_number(ex, scratch, size, expand_score(in->score));
	case '_':
		return in->file;
	case '-':
		return vars_get(&in->vars, "LASTFOLDER");
	case '0':
		return "procmail";
	}
	i = in->shifted + (size_t)(name - '1');
	return i < in->argc ? in->argv[i] : NULL;
}

/* $\NAME: every character that means something to a regular expression loses it. */
static void
expand_escaped(struct expand *ex, const char *value)
{
	expand_whole(ex, "()", 2);
	for (; *value; value++) {
		if (strchr("(|)*?+.^$[\\", *value))
			buf_byte(ex->out, '\\');
		buf_byte(ex->out, *value);
	}
}

static void
expand_blank(struct expand *ex, const struct piece *p)
{
	if (ex->words)
		expand_end_word(ex);
	else if (ex->keep_blanks)
		buf_str(ex->out, p->text);
	else
		buf_byte(ex->out, ' ');
}

/* An alternative that is passed over, but never closed: procmail runs and expands nothing of it,
 * and keeps its characters. */
static void
expand_passed_over(struct expand *ex, const struct piece *p)
{
	for (; p; p = p->next) {
		if (p->kind == PIECE_TEXT)
			expand_whole(ex, p->text, strlen(p->text));
		else if (p->kind == PIECE_BLANK)
			expand_blank(ex, p);
		else
			expand_passed_over(ex, p->other);
	}
}

static void
expand_variable(struct expand *ex, const struct piece *p)
{
	char scratch[24];
	const char *value = p->kind == PIECE_VAR ? vars_get(&ex->in->vars, p->text) :
	    expand_special(ex, *p->text, scratch, sizeof scratch);
	bool set = value, full = value && *value;

	ex->written = p->kind == PIECE_VAR && vars_is_written(&ex->in->vars, p->text);
	if ((p->test == PIECE_IF_UNSET && !set) || (p->test == PIECE_IF_EMPTY && !full) ||
	    (p->test == PIECE_IF_SET && set) || (p->test == PIECE_IF_FULL && full)) {
		expand_pieces(ex, p->other);
		return;
	}
	if (p->unclosed)
		expand_passed_over(ex, p->other);
	if (p->unclosed || p->test == PIECE_IF_SET || p->test == PIECE_IF_FULL)
		return;
	if (p->escaped)
		expand_escaped(ex, value ? value : "");
	else
		expand_value(ex, p, value ? value : "");
}

/* "$@": every argument a word of its own, instead of the word that ends here. */
static void
expand_arguments(struct expand *ex, const struct piece *p)
{
	const struct interp *in = ex->in;
	struct expand_words *w = ex->words;

	ex->inside = true;
	ex->written = false;
	if (p != ex->args || in->shifted == in->argc)
		return;
	buf_bytes(&w->args_shown, bytes_from(buf_view(ex->out), ex->word));
	buf_cut(ex->out, ex->word);
	w->args_at = w->n;
	for (size_t i = in->shifted; i < in->argc; i++) {
		if (i > in->shifted)
			expand_end_word(ex);
		expand_whole(ex, in->argv[i], strlen(in->argv[i]));
	}
	w->args_n = in->argc - in->shifted;
}

static void
expand_command(struct expand *ex, const struct piece *p)
{
	struct buf out = BUF_INIT;

	progline_backquote(ex->in, p->program, &out);
	if (!interp_fits(ex->in, ex->before + ex->out->len + out.len)) {
		size_t room = (size_t)ex->in->settings.linebuf - 2,
		       used = ex->before + ex->out->len;

		buf_cut(&out, used < room ? room - used : 0);
	}
	ex->written = false;
	expand_value(ex, p, out.p);
	buf_clear(&out);
}

/* Recursion is as deep as ${...} nests, which the lexer bounds. */
static void
expand_pieces(struct expand *ex, const struct piece *p)
{
	for (; p; p = p->next) {
		switch (p->kind) {
		case PIECE_TEXT:
			ex->written = true;
			expand_whole(ex, p->text, strlen(p->text));
			ex->inside = !p->prefix;
			break;
		case PIECE_BLANK:
			expand_blank(ex, p);
			break;
		case PIECE_VAR:
		case PIECE_SPECIAL:
			expand_variable(ex, p);
			break;
		case PIECE_ARGS:
			expand_arguments(ex, p);
			break;
		case PIECE_COMMAND:
			expand_command(ex, p);
			break;
		}
	}
}

bool
expand_text(struct interp *in, const struct piece *pieces, size_t before, bool keep_blanks,
    struct buf *out)
{
	struct expand ex = { .in = in, .out = out, .keep_blanks = keep_blanks };

	ex.before = before;
	ex.all_written = true;
	expand_pieces(&ex, pieces);
	in->foreign_words = ex.foreign;
	return ex.all_written;
}

void
expand_words(struct interp *in, const struct piece *pieces, bool arguments,
    struct expand_words *out)
{
	struct expand ex = { .in = in, .out = &out->text, .words = out };
	const char *p;

	*out = (struct expand_words){ .text = BUF_INIT, .args_shown = BUF_INIT };
	for (const struct piece *q = pieces; q && arguments; q = q->next)
		if (q->kind == PIECE_ARGS)
			ex.args = q->quoted ? q : NULL;
	expand_pieces(&ex, pieces);
	ex.inside = ex.inside || (pieces && pieces->prefix && out->n == 0);
	expand_end_word(&ex);
	out->argv = mem_array(out->n + 1, sizeof *out->argv);
	p = out->text.p;
	for (size_t i = 0; i < out->n; i++) {
		out->argv[i] = p;
		p += strlen(p) + 1;
	}
	out->option = ex.option ? out->text.p + ex.option - 1 : NULL;
}

void
expand_words_clear(struct expand_words *words)
{
	buf_clear(&words->text);
	buf_clear(&words->args_shown);
	free(words->argv);
	words->argv = NULL;
	words->n = 0;
}
