/*
 * ctlrulecond.c - rules about conditions: what procmail's expressions do not know, and what can
 * never hold.
 */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "recipe/regex.h"
#include "recipe/select.h"
#include "tools/ctlrules.h"

/* Spellings of other dialects. Here a backslash before a letter is that letter. */
static const struct {
	const char *token, *text, *instead;
} ctlrulecond_foreign[] = {
	{ "\\d", "is the letter d here", "[0-9]" },
	{ "\\D", "is the letter D here", "[^0-9]" },
	{ "\\s", "is the letter s here", "[ \t], a blank and a tab" },
	{ "\\S", "is the letter S here", "[^ \t]" },
	{ "\\w", "is the letter w here", "[a-z0-9_]" },
	{ "\\W", "is the letter W here", "[^a-z0-9_]" },
	{ "\\b", "is the letter b here", "\\< and \\>" },
	{ "\\n", "is the letter n here", "$" },
	{ "\\t", "is the letter t here", "a tab" },
	{ "[:", "is a set of these letters here: there are no classes like [[:alpha:]]",
	  "the characters themselves, as in [a-z]" },
	{ "(?", "is a group that may be missing here: there is no (?i) and no (?:", "(" },
};

/* The next place of token in text that is no escaped backslash's. */
static const char *
ctlrulecond_find(const char *text, const char *token)
{
	for (const char *p = text; *p; p++) {
		if (strncmp(p, token, strlen(token)) == 0)
			return p;
		if (*p == '\\' && p[1])
			p++;
	}
	return NULL;
}

/* {2}, {2,} and {2,5} behind something that could be repeated; not ${1}. */
static const char *
ctlrulecond_interval(const char *text, size_t *len)
{
	for (const char *p = text; *p; p++) {
		size_t n;

		if (*p == '\\' && p[1]) {
			p++;
			continue;
		}
		if (*p != '{' || p == text || p[-1] == '$')
			continue;
		n = strspn(p + 1, "0123456789");
		if (n == 0)
			continue;
		if (p[1 + n] == ',')
			n += 1 + strspn(p + 2 + n, "0123456789");
		if (p[1 + n] != '}')
			continue;
		*len = n + 2;
		return p;
	}
	return NULL;
}

static void
ctlrulecond_syntax(struct ctlrules *r, const struct cond *c)
{
	const char *at;
	size_t len;

	for (size_t i = 0; i < sizeof ctlrulecond_foreign / sizeof ctlrulecond_foreign[0]; i++)
		if ((at = ctlrulecond_find(c->text, ctlrulecond_foreign[i].token)) != NULL
		    && !(ctlrulecond_foreign[i].token[0] == '[' && !strstr(at, ":]")))
			ctltrap_add(r->f, CTLTRAP_TRAP, "dialect", c->line,
			    bytes_of(ctlrulecond_foreign[i].token), ctlrulecond_foreign[i].text,
			    ctlrulecond_foreign[i].instead);
	at = ctlrulecond_interval(c->text, &len);
	if (at)
		ctltrap_add(r->f, CTLTRAP_TRAP, "dialect", c->line,
		    bytes_of(ctltrap_say(r->f, "%.*s", (int)len, at)), "are these characters "
		    "here: nothing is repeated", "write it as often as wanted, as in [0-9][0-9]");
}

static void
ctlrulecond_macro(struct ctlrules *r, const struct cond *c)
{
	const char *at = strstr(c->text, "^TO");

	if (!at)
		return;
	if (at[3] == ':')
		ctltrap_add(r->f, CTLTRAP_TRAP, "macro", c->line, bytes_of("^TO:"),
		    "^TO is a macro for all fields with recipients; a colon behind it never "
		    "matches what was meant", "^TO_user@example.org, or ^(To):");
	else if (at[3] != '_' && strchr(at, '@'))
		ctltrap_add(r->f, CTLTRAP_HINT, "macro", c->line, bytes_of("^TO"),
		    "also matches in the middle of an address: xme@... for me@...", "^TO_");
}

static void
ctlrulecond_compile(struct ctlrules *r, const struct cond *c)
{
	const char *complaint = NULL;
	size_t at = 0;
	struct regex *re = regex_new(bytes_of(c->text), false, &complaint, &at);
	bool plain = !strstr(c->text, "^TO") && !strstr(c->text, "^FROM_");

	regex_free(&re);
	if (!complaint || strncmp(complaint, "operator", 8) == 0)
		return;
	ctltrap_add(r->f, CTLTRAP_TRAP, "expression", c->line,
	    plain ? bytes_of(arena_string(r->f->arena, c->text + (at < strlen(c->text) ? at : 0)))
	    : bytes_of(""), arena_string(r->f->arena, complaint), "");
}

/* ---- names ---- */

/* Letters to change, add or leave out: Levenshtein's distance of short words. */
static size_t
ctlrulecond_distance(struct bytes a, const char *b)
{
	size_t row[40], m = strlen(b);

	if (m >= sizeof row / sizeof row[0])
		return SIZE_MAX;
	for (size_t j = 0; j <= m; j++)
		row[j] = j;
	for (size_t i = 1; i <= a.len; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= m; j++) {
			size_t best = diagonal + (str_lower(a.p[i - 1]) != b[j - 1]);

			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[m];
}

/* "scann:virus ??", which the parser takes for an expression. */
static void
ctlrulecond_selector(struct ctlrules *r, const struct cond *c)
{
	const char *end = strstr(c->text, "??"), *near = NULL;
	size_t n = strcspn(c->text, " \t?"), best = 3;
	const char *colon = memchr(c->text, ':', n);
	struct bytes word = { c->text, n };

	if (!end || !colon || colon == c->text || c->text + n + strspn(c->text + n, " \t") != end)
		return;
	for (int i = 0; i < SELECT_COUNT; i++) {
		const struct selector_info *s = select_info((enum selector)i);
		struct bytes part = s->takes_argument
		    ? bytes_first(word, (size_t)(colon - c->text) + 1) : word;
		size_t d = ctlrulecond_distance(part, s->prefix);

		if (d < best) {
			best = d;
			near = s->prefix;
		}
	}
	if (near)
		ctltrap_add(r->f, CTLTRAP_ERROR, "selector", c->line,
		    bytes_of(ctltrap_say(r->f, "%.*s", (int)n, c->text)),
		    "is no selector: the whole line is searched for as a text",
		    ctltrap_say(r->f, "%s%s ??", near,
		    near[strlen(near) - 1] == ':' ? "Name" : ""));
}

static void
ctlrulecond_expanded(struct ctlrules *r, const struct cond *c)
{
	const struct piece *p = c->pieces;
	const struct piece *then = p ? p->next : NULL;

	const struct ctlrules_variable *v = p && p->kind == PIECE_VAR
	    ? ctlrules_variable(r, p->text) : NULL;

	if (!v || p->escaped || !then || then->kind != PIECE_TEXT)
		return;
	if ((!v->value || !str_is_alnum(v->value[0]) || strchr(v->value, ' '))
	    && strncmp(then->text + strspn(then->text, " \t"), "??", 2) == 0)
		ctltrap_add(r->f, CTLTRAP_TRAP, "dollar", c->line,
		    ctlrules_token(r, c->line, p->text), "with a $ in front the variable's "
		    "value, not its name, says what is looked at",
		    ctltrap_say(r->f, "%s ?? ...", p->text));
}

/* "$ ? program": the line is expanded, and then once more, with all that the words of the mail now
 * say to it. */
static void
ctlrulecond_twice(struct ctlrules *r, const struct cond *c)
{
	const char *name = ctlrules_stranger_in(r, c->pieces, false);

	if (name && c->text[strspn(c->text, "! \t")] == '?')
		ctltrap_add(r->f, CTLTRAP_TRAP, "unquoted", c->line,
		    ctlrules_token(r, c->line, name), "behind a $ the program's line is expanded "
		    "twice: whoever writes this can run commands, quotes do not help",
		    "? without the $");
}

/* ---- never ---- */

static void
ctlrulecond_size(struct ctlrules *r, const struct cond *c)
{
	char *end;
	double n = strtod(c->text, &end);

	if (end == c->text)
		ctltrap_add(r->f, CTLTRAP_TRAP, "size", c->line, bytes_of(c->source),
		    "< and > compare the message's size, and no number follows",
		    ctltrap_say(r->f, "()%c... to search for the character",
		    c->kind == COND_SHORTER ? '<' : '>'));
	else if (c->kind == COND_SHORTER && n <= 0 && !c->weighted && !c->negated)
		ctltrap_add(r->f, CTLTRAP_TRAP, "never", c->line, bytes_of(c->source),
		    "no message is shorter: this never holds", "");
}

/* All that these selectors can say. */
static const char *const ctlrulecond_status[] = { "clean", "infected", "unscannable", "error",
	NULL };
static const char *const ctlrulecond_class[] = { "malware", "heuristic", "pua", "macro",
	"encrypted", "limit", NULL };

static void
ctlrulecond_enumerated(struct ctlrules *r, const struct node *n, const struct cond *c)
{
	const char *const *word = c->selector == SELECT_SCAN_STATUS ? ctlrulecond_status
	    : c->selector == SELECT_SCAN_CLASS ? ctlrulecond_class : NULL;
	struct regex_text none = { { { "", 0 } }, 0 };
	bool class = c->selector == SELECT_SCAN_CLASS, some;
	struct regex *re;

	if (c->area != COND_AREA_SELECTOR || !word || c->kind != COND_REGEX)
		return;
	re = regex_new(bytes_of(c->text), n->flags && n->flags->distinguish, NULL, NULL);
	some = class && regex_search(re, &none, NULL, NULL);
	for (; *word && !some; word++) {
		struct regex_text text = { { bytes_of(ctltrap_say(r->f, "%s\n", *word)) }, 1 };

		some = regex_search(re, &text, NULL, NULL);
	}
	regex_free(&re);
	if (!some && !c->weighted)
		ctltrap_add(r->f, CTLTRAP_TRAP, "never", c->line, bytes_of(c->text), c->negated
		    ? "always holds: the selector never says so"
		    : "never holds: the selector never says so", class
		    ? "one of: malware, heuristic, pua, macro, encrypted, limit"
		    : "one of: clean, infected, unscannable, error");
}

static bool
ctlrulecond_same_area(const struct cond *a, const struct cond *b)
{
	if (a->area != b->area || a->head != b->head || a->body != b->body)
		return false;
	return !a->variable || !b->variable || strcmp(a->variable, b->variable) == 0;
}

/* Two conditions of one recipe that exclude each other. */
static void
ctlrulecond_pair(struct ctlrules *r, const struct cond *a, const struct cond *b)
{
	bool sizes = (a->kind == COND_LONGER && b->kind == COND_SHORTER)
	    || (a->kind == COND_SHORTER && b->kind == COND_LONGER);
	const struct cond *low = a->kind == COND_LONGER ? a : b;
	const struct cond *high = low == a ? b : a;
	bool never = false;

	if (a->weighted || b->weighted || !ctlrulecond_same_area(a, b))
		return;
	if (a->kind == COND_REGEX && b->kind == COND_REGEX)
		never = a->negated != b->negated && strcmp(a->text, b->text) == 0
		    && !strstr(a->text, "\\/") && a->area != COND_AREA_VARIABLE;
	if (sizes && !a->negated && !b->negated)
		never = strtod(low->text, NULL) + 1 >= strtod(high->text, NULL);
	if (never)
		ctltrap_add(r->f, CTLTRAP_TRAP, "never", b->line, bytes_of(b->source),
		    ctltrap_say(r->f, "never holds together with the condition in line %d",
		    a->line), "");
}

/* ---- what MATCH may be ---- */

/* A condition may begin with a backslash to protect what follows it: that of \/ is taken for it. */
static bool
ctlrulecond_lacks_start(const struct cond *c)
{
	const char *at = c->kind == COND_REGEX && c->text[0] == '/' ? strstr(c->source, "\\/")
	    : NULL;

	return at && (at == c->source || strchr(" \t?!", at[-1]));
}

/* Which bytes the expression behind \/ lets through: word, no blank and nothing special; name, no
 * slash either. What is not understood lets everything through. */
static void
ctlrulecond_match(struct ctlrules *r, const struct cond *c)
{
	bool dropped = ctlrulecond_lacks_start(c);
	const char *at = dropped ? c->text - 1 : ctlrulecond_find(c->text, "\\/"), *p;

	if (!at || c->kind != COND_REGEX)
		return;
	if (dropped)
		ctltrap_add(r->f, CTLTRAP_TRAP, "match-start", c->line, bytes_of("\\/"),
		    "a backslash that begins a condition is dropped: this looks for a slash, and "
		    "MATCH stays as it was", "()\\/");
	r->match_is_word = r->match_is_name = true;
	for (p = at + 2; *p; p++) {
		bool negated = p[0] == '[' && p[1] == '^', in = p[0] == '[';

		if (*p == '\\' && p[1])
			p++;
		else if (*p == '.' || negated)
			r->match_is_word = r->match_is_name = false;
		if (!in) {
			if (*p == '/')
				r->match_is_name = false;
			if (strchr(" \t;&`<>\"'", *p))
				r->match_is_word = r->match_is_name = false;
			continue;
		}
		for (p += 1 + negated; *p && (*p != ']' || p[-1] == '['); p++) {
			if (*p == '/')
				r->match_is_name = false;
			if (strchr(" \t;&|`<>\"'$", *p))
				r->match_is_word = r->match_is_name = false;
		}
		if (!*p)
			break;
	}
}

static void
ctlrulecond_scan(struct ctlrules *r, const struct cond *c)
{
	const struct selector_info *info = c->area == COND_AREA_SELECTOR
	    && c->selector != SELECT_NONE ? select_info((enum selector)c->selector) : NULL;

	if (!info || !info->needs_scan)
		return;
	if (c->selector == SELECT_SCAN_STATUS && !c->negated && strstr(c->text, "error")
	    && !strstr(c->text, "clean") && r->scan_asked)
		ctltrap_add(r->f, CTLTRAP_TRAP, "late", c->line, bytes_of(c->text),
		    "comes too late: the first other scan: condition has deferred the mail by "
		    "then", "put this recipe in front of all that ask scan:");
	r->scan_asked |= c->selector != SELECT_SCAN_STATUS;
}

void
ctlrulecond_look(struct ctlrules *r, const struct node *n)
{
	for (const struct cond *c = n->conds; c; c = c->next) {
		if (c->kind == COND_REGEX) {
			ctlrulecond_syntax(r, c);
			ctlrulecond_macro(r, c);
			ctlrulecond_compile(r, c);
			ctlrulecond_selector(r, c);
			ctlrulecond_enumerated(r, n, c);
		} else if (c->kind == COND_SHORTER || c->kind == COND_LONGER) {
			ctlrulecond_size(r, c);
		} else if (c->kind == COND_EXPAND) {
			ctlrulecond_expanded(r, c);
			ctlrulecond_twice(r, c);
		} else if (c->kind == COND_PROGRAM) {
			ctlruleact_program(r, c->program, c->line);
		}
		ctlrulecond_match(r, c);
		ctlrulecond_scan(r, c);
		for (const struct cond *other = n->conds; other != c; other = other->next)
			ctlrulecond_pair(r, other, c);
	}
}
