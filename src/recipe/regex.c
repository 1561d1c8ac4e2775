#include "recipe/regex.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "recipe/regex_dfa.h"
#include "recipe/regex_find.h"
#include "recipe/regex_glance.h"
#include "recipe/regex_macro.h"
#include "recipe/regex_order.h"
#include "recipe/regex_parse.h"

/* Texts up to this length get a glance; to run over longer ones costs more than to compile. */
#define REGEX_GLANCE_MAX 65536

/* Where the line of [from, next) ends, and the lines that a match in it may go on into. */
struct regex_line {
	size_t from, next, end;
};

struct regex_machine {
	struct regex_prog prog;
	struct regex_finder finder;
	struct regex_dfa *dfa;          /* made when it is to run */
	struct regex_order *order;      /* made when MATCH is asked for */
	/* Of the search, or of all of a count's searches: what one had to look far for. */
	struct regex_walk walk;
	struct regex_line line;
};

struct regex {
	struct regex_glance glance;
	struct regex_machine *machine;  /* made when a glance does not settle it */
	bool case_sensitive;
	size_t len;
	char pattern[];
};

static struct regex_machine *
regex_compile(const struct regex *re, const char **complaint, size_t *at)
{
	struct regex_machine *m = mem_zero(sizeof *m);
	struct buf expanded = BUF_INIT;
	bool daemon;

	regex_macro_expand((struct bytes){ re->pattern, re->len }, &expanded, &daemon);
	regex_parse(&m->prog, buf_view(&expanded), re->case_sensitive && !daemon, complaint, at);
	buf_clear(&expanded);
	regex_find_init(&m->finder, &m->prog);
	return m;
}

struct regex *
regex_new(struct bytes pattern, bool case_sensitive, const char **complaint, size_t *at)
{
	size_t len = bytes_first(pattern, REGEX_PATTERN_MAX).len, where = 0;
	struct regex *re = mem_zero(sizeof *re + len);
	const char *what = NULL;

	re->case_sensitive = case_sensitive;
	re->len = len;
	memcpy(re->pattern, pattern.p, len);
	if (!regex_glance_read(&re->glance, bytes_first(pattern, len), case_sensitive))
		re->machine = regex_compile(re, &what, &where);
	if (!what && pattern.len > REGEX_PATTERN_MAX) {
		what = "pattern is too long, the rest is ignored";
		where = REGEX_PATTERN_MAX;
	}
	if (complaint)
		*complaint = what;
	if (at)
		*at = where;
	return re;
}

void
regex_free(struct regex **re)
{
	struct regex_machine *m = *re ? (*re)->machine : NULL;

	if (m) {
		regex_dfa_free(&m->dfa);
		regex_order_free(&m->order);
		regex_parse_clear(&m->prog);
	}
	free(m);
	free(*re);
	*re = NULL;
}

/* Is the text worth running the automaton?  It is compiled then. */
static bool
regex_is_ready(struct regex *re, const struct regex_text *text, size_t length)
{
	const char *complaint;
	size_t at;

	if (re->machine)
		return true;
	if (length <= REGEX_GLANCE_MAX && regex_glance_rules_out(&re->glance, text))
		return false;
	re->machine = regex_compile(re, &complaint, &at);
	return true;
}

static bool
regex_run(struct regex_machine *m, const struct regex_text *text, size_t from, size_t to,
    size_t *end_r)
{
	if (!m->dfa) {
		regex_parse_symbols(&m->prog);
		m->dfa = regex_dfa_new(&m->prog);
	}
	return regex_dfa_run(m->dfa, text, from, to, end_r);
}

/* Many matches on one long line must not look for its end each. */
static void
regex_find_line(struct regex_line *line, const struct regex_text *text, size_t pos, int lines)
{
	if (pos >= line->from && pos < line->next)
		return;
	line->from = pos;
	line->next = regex_text_forward(text, pos, 1);
	line->end = lines > 1 ? regex_text_forward(text, pos, lines) : line->next;
}

/* Matches that hold few newlines lie in the lines around a literal that all matches need. */
static bool
regex_near_literal(struct regex_machine *m, const struct regex_text *text, size_t from,
    size_t length, size_t *end_r)
{
	int lines = m->prog.lines + 1;
	size_t pos = from;

	while ((pos = regex_find_next(&m->finder, &m->walk, text, pos)) != SIZE_MAX) {
		size_t begin = regex_text_back(text, pos, from, lines);

		regex_find_line(&m->line, text, pos, lines);
		if (regex_run(m, text, begin, m->line.end, end_r))
			return true;
		/* The literals on the same line have the same lines around them. */
		pos = m->line.next;
		if (pos == length)
			break;
	}
	return false;
}

/* Does it match, and where is the first end of a match?  From anywhere but 0 it goes on with what
 * searches before have found: a literal that is not there would be looked for with each match. */
static bool
regex_first_end(struct regex *re, const struct regex_text *text, size_t from, size_t *end_r)
{
	size_t length = regex_text_length(text);
	struct regex_machine *m;

	if (!regex_is_ready(re, text, length))
		return false;
	m = re->machine;
	if (from == 0) {
		regex_find_start(&m->walk);
		m->line = (struct regex_line){ 0, 0, 0 };
	}
	if (m->finder.count > 0) {
		if (m->prog.lines < REGEX_LINES_MANY)
			return regex_near_literal(m, text, from, length, end_r);
		if (regex_find_next(&m->finder, &m->walk, text, from) == SIZE_MAX)
			return false;
	}
	return regex_run(m, text, from, length, end_r);
}

/* The match that sets MATCH: none starts before the lines around the first end. */
static bool
regex_ordered(struct regex_machine *m, const struct regex_text *text, size_t from, bool counts,
    size_t first_end, struct regex_order_match *match)
{
	if (!m->order)
		m->order = regex_order_new(&m->prog);
	if (!counts || from == 0)
		regex_order_begin(m->order, counts);
	if (m->prog.lines < REGEX_LINES_MANY && !m->prog.odd_mark) {
		size_t length = regex_text_length(text);

		from = regex_text_back(text, first_end < length ? first_end : length, from,
		    m->prog.lines + 1);
	}
	return regex_order_run(m->order, text, from, match);
}

/* The span of MATCH lies in the text, whose virtual newlines a match may take in. */
static void
regex_set_match(struct regex_order_match m, size_t length, size_t *from_r, size_t *to_r)
{
	if (m.to > length)
		m.to = length;
	if (m.from > m.to)
		m = (struct regex_order_match){ REGEX_UNSET, length };
	*from_r = m.from;
	*to_r = m.to;
}

bool
regex_search(struct regex *re, const struct regex_text *text, size_t *match_from, size_t *match_to)
{
	size_t length = regex_text_length(text), end, from, to;
	struct regex_order_match m = { REGEX_UNSET, 0 };

	if (!regex_first_end(re, text, 0, &end))
		return false;
	if (!match_from && !match_to)
		return true;
	if (re->machine->prog.has_mark)
		regex_ordered(re->machine, text, 0, false, end, &m);
	regex_set_match(m, length, match_from ? match_from : &from, match_to ? match_to : &to);
	return true;
}

bool
regex_next(struct regex *re, const struct regex_text *text, size_t *pos, struct regex_match *match)
{
	size_t length = regex_text_length(text), end;
	struct regex_order_match m = { REGEX_UNSET, 0 };

	if (*pos > length || !regex_first_end(re, text, *pos, &end))
		return false;
	if (re->machine->prog.has_mark) {
		if (!regex_ordered(re->machine, text, *pos, true, end, &m))
			return false;
		end = m.to;
	} else if (*pos == length && length > 0 && regex_text_at(text, length - 1) != '\n') {
		/* The newline read before pos is none of the text: see regex_order.c. */
		end++;
	}
	regex_set_match(m, length, &match->from, &match->to);
	match->empty = end <= *pos;
	/* Behind both virtual newlines is behind the end, too. */
	*pos = end > length ? length + 1 : end;
	return true;
}
