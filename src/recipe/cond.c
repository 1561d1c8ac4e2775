#include "recipe/cond.h"

#include <stdlib.h>

#include "base/str.h"
#include "recipe/condparse.h"
#include "recipe/expand.h"
#include "recipe/interp.h"
#include "recipe/progline.h"
#include "recipe/score.h"
#include "recipe/select.h"

#define COND_EXPAND_MAX 16   /* a $ condition that expands to a $ condition that ... */

/* One condition while it is looked at. */
struct cond_look {
	struct interp *in;
	struct tree *tree;            /* keeps compiled expressions */
	const struct flags *flags;
	struct bytes area[2];         /* header and body, or a value and nothing */
	struct regex_text text;
	struct buf lines;             /* a selector's lines, a program's value */
	int depth;
	bool dead;                    /* evaluation has ended */
	bool scored;                  /* a weight was seen: the sum decides */
	bool decides;                 /* about a scan that failed, */
	bool decided_before;          /* and what had been said of that */
	bool found;                   /* for explain: the expression was found, */
	struct buf seen, expanded;    /* where, and what a $ became; only kept if it is asked for */
};

#define COND_SEEN_MAX 400    /* bytes of what was looked at that explain gets */

/* Header fields folded over several lines become one line each; procmail puts one blank. */
static struct bytes
cond_header(struct interp *in)
{
	struct interp_header *h = &in->header;
	struct bytes head = in->message->head;
	size_t from = 0;

	if (h->valid && h->serial == in->message->head_serial)
		return buf_view(&h->text);
	buf_cut(&h->text, 0);
	for (size_t i = 0; i + 1 < head.len; i++) {
		if (head.p[i] != '\n' || (head.p[i + 1] != ' ' && head.p[i + 1] != '\t'))
			continue;
		buf_add(&h->text, head.p + from, i - from);
		buf_byte(&h->text, ' ');
		from = i + 1;
	}
	buf_add(&h->text, head.p + from, head.len - from);
	h->serial = in->message->head_serial;
	h->valid = true;
	return buf_view(&h->text);
}

/* A selector's lines. False: they cannot be known; look->dead when evaluation has ended. */
static bool
cond_ask(struct cond_look *look, const struct cond *c)
{
	struct interp *in = look->in;
	struct fail why = { 0 };
	struct buf arg = BUF_INIT;
	int r;

	if (c->selector == SELECT_NONE) {
		r = fail_temp(&why, "%s:%d: \"%s\" is no selector; correct the condition",
		    in->file, c->line, c->variable);
	} else {
		expand_text(in, c->argument, 0, true, &arg);
		r = in->host->lines(in->host->ctx, c->selector, arg.p, &look->lines, &why);
	}
	buf_clear(&arg);
	if (r < 0) {
		interp_fail(in, &why);
		look->dead = true;
	}
	look->area[0] = buf_view(&look->lines);
	return r == 0;
}

/* What nobody knows holds in no condition; it adds no weight either, and other weights count. */
static bool
cond_unknown(const struct cond_look *look, const struct cond *c)
{
	return c->weighted && !look->dead;
}

/* Chooses what the condition looks at. */
static bool
cond_area(struct cond_look *look, const struct cond *c)
{
	struct interp *in = look->in;
	bool head = c->area == COND_AREA_PARTS ? c->head : look->flags->head;
	bool body = c->area == COND_AREA_PARTS ? c->body : look->flags->body;

	look->area[0] = look->area[1] = (struct bytes){ "", 0 };
	if (c->area == COND_AREA_SELECTOR)
		return cond_ask(look, c);
	if (c->area == COND_AREA_VARIABLE) {
		const char *value = vars_get(&in->vars, c->variable);

		look->area[0] = bytes_of(value ? value : "");
		return true;
	}
	if (head)
		look->area[0] = in->message->head;
	if (body)
		look->area[1] = in->message->body;
	return true;
}

/* The area as expressions and programs see it: a header unfolded. */
static void
cond_unfold(struct cond_look *look, const struct cond *c)
{
	bool message = c->area == COND_AREA_FLAGS || c->area == COND_AREA_PARTS;

	if (message && look->area[0].len)
		look->area[0] = cond_header(look->in);
}

static void
cond_regex_text(struct cond_look *look, const struct cond *c)
{
	cond_unfold(look, c);
	look->text.n = 0;
	if (look->area[0].len)
		look->text.seg[look->text.n++] = look->area[0];
	if (look->area[1].len)
		look->text.seg[look->text.n++] = look->area[1];
}

static struct regex *
cond_regex(struct cond_look *look, struct cond *c)
{
	bool distinguish = look->flags->distinguish;
	const char *complaint = NULL;
	size_t at = 0;

	if (c->regex && c->regex_distinguish == distinguish)
		return c->regex;
	c->regex = regex_new(bytes_of(c->text), distinguish, &complaint, &at);
	c->regex_distinguish = distinguish;
	ast_keep_regex(look->tree, c->regex);
	if (!complaint)
		return c->regex;
	/* procmail takes "a++" and "?x" without a word. */
	(strncmp(complaint, "operator", 8) == 0 ? interp_verbose : interp_complain)(look->in,
	    "\"%s\": %s, at character %zu", c->text, complaint, at + 1);
	return c->regex;
}

/* MATCH becomes the bytes [from, to) of the text. */
static void
cond_set_match(struct cond_look *look, size_t from, size_t to)
{
	struct buf match = BUF_INIT;
	size_t start = 0;

	for (int i = 0; i < look->text.n; i++) {
		struct bytes seg = look->text.seg[i];
		size_t a = from > start ? from - start : 0;
		size_t b = to > start ? to - start : 0;

		b = b < seg.len ? b : seg.len;
		if (a < b)
			buf_add(&match, seg.p + a, b - a);
		start += seg.len;
	}
	vars_assign(look->in, "MATCH", match.p);
	buf_clear(&match);
}

/* A recipe that asks "is the scan's status error?", but not "is it clean?", takes the decision,
 * if it holds. */
static void
cond_note_decided(struct cond_look *look, const struct cond *c, struct regex *re)
{
	struct regex_text error = { { bytes_of("error") }, 1 };
	struct regex_text clean = { { bytes_of("clean") }, 1 };
	const struct host *host = look->in->host;

	if (look->decides || c->negated || c->area != COND_AREA_SELECTOR ||
	    c->selector != SELECT_SCAN_STATUS || !regex_search(re, &error, NULL, NULL) ||
	    regex_search(re, &clean, NULL, NULL))
		return;
	look->decides = true;
	look->decided_before = host->scan_decided(host->ctx, true);
}

/* For explain: the first line in which the expression is found by itself; of a value that it is
 * not found in, the beginning. */
static void
cond_note_seen(struct cond_look *look, const struct cond *c, struct regex *re)
{
	bool value = c->area == COND_AREA_VARIABLE || c->area == COND_AREA_SELECTOR;
	struct bytes rest, line;

	if (!look->in->host->on_condition)
		return;
	look->found = regex_search(re, &look->text, NULL, NULL);
	for (int i = 0; look->found && i < look->text.n; i++) {
		rest = look->text.seg[i];
		while (look->seen.len == 0 && bytes_line(&rest, &line)) {
			struct regex_text one = { { line }, line.len ? 1 : 0 };

			if (regex_search(re, &one, NULL, NULL))
				buf_bytes(&look->seen, bytes_first(line, COND_SEEN_MAX));
		}
	}
	if (value && look->seen.len == 0)
		buf_bytes(&look->seen, bytes_first(look->area[0], COND_SEEN_MAX));
}

static bool
cond_search(struct cond_look *look, struct cond *c)
{
	struct interp *in = look->in;
	struct regex *re = cond_regex(look, c);
	size_t from = REGEX_UNSET, to = 0;
	bool found;

	if (!cond_area(look, c))
		return cond_unknown(look, c);
	cond_note_decided(look, c, re);
	cond_regex_text(look, c);
	cond_note_seen(look, c, re);
	if (c->weighted && !c->negated) {
		in->score = score_matches(in->score, c->weight, c->exponent, re, &look->text, &from,
		    &to);
		if (from != REGEX_UNSET)
			cond_set_match(look, from, to);
		return true;
	}
	/* What is found is MATCH, even if the condition wants that it is not. */
	found = regex_search(re, &look->text, &from, &to);
	if (found && from != REGEX_UNSET)
		cond_set_match(look, from, to);
	if (c->weighted && found != c->negated)
		in->score = score_clamp(in->score + c->weight);
	return c->weighted || found != c->negated;
}

static bool
cond_size(struct cond_look *look, const struct cond *c)
{
	/* With a weight, "! >" is "<". */
	bool longer = (c->kind == COND_LONGER) != (c->weighted && c->negated);
	struct buf number = BUF_INIT;
	double limit, size;
	bool fits;

	if (!cond_area(look, c))
		return cond_unknown(look, c);
	expand_text(look->in, c->pieces, 0, false, &number);
	fits = interp_fits(look->in, number.len);
	limit = (double)strtol(number.p, NULL, 10);
	buf_clear(&number);
	if (!fits)
		return false;
	size = (double)(look->area[0].len + look->area[1].len);
	if (c->area == COND_AREA_FLAGS)
		size = (double)message_size(look->in->message);
	buf_printf(&look->seen, "%.0f bytes", size);
	if (c->weighted) {
		look->in->score = score_length(look->in->score, c->weight, c->exponent,
		    (size_t)size, limit, longer);
		return true;
	}
	return (longer ? size > limit : size < limit) != c->negated;
}

static bool
cond_program(struct cond_look *look, const struct cond *c)
{
	struct interp *in = look->in;
	struct progline line;
	struct fail why = { 0 };
	int status = 0;
	bool fits;

	if (!cond_area(look, c))
		return cond_unknown(look, c);
	cond_unfold(look, c);
	fits = progline_prepare(in, c->program, true, &line);
	if (fits && in->host->test(in->host->ctx, &line.host, look->area, &status, &why) < 0) {
		interp_complain(in, "%s", why.text);
		status = status ? status : 127;
	}
	progline_clear(&line);
	if (!fits)
		return false;
	in->status = status;
	buf_printf(&look->seen, "exit status %d", status);
	if (!c->weighted || status < 0) /* one that was ended by a signal has no weight */
		return (status == 0) != c->negated;
	if (c->negated)
		in->score = score_count(in->score, c->weight, c->exponent,
		    status > 0 ? (unsigned long)status : 0);
	else
		in->score = score_clamp(in->score + (status == 0 ? c->weight : c->exponent));
	return true;
}

static bool cond_holds(struct cond_look *look, struct cond *c);

/* $: the rest is expanded and read again, with what was already read before it still valid. */
static bool
cond_expanded(struct cond_look *look, const struct cond *c)
{
	struct tree *outer = look->tree, *tree = ast_new(outer->file);
	struct buf text = BUF_INIT;
	struct cond *again;
	bool holds = false, foreign;

	foreign = !expand_text(look->in, c->pieces, 0, false, &text);
	buf_cut(&look->expanded, 0);
	buf_bytes(&look->expanded, bytes_first(buf_view(&text), COND_SEEN_MAX));
	if (look->depth < COND_EXPAND_MAX && interp_fits(look->in, text.len)) {
		again = condparse_again(tree, buf_view(&text), foreign, c);
		look->tree = tree;
		look->depth++;
		holds = cond_holds(look, again);
		look->depth--;
		look->tree = outer;
	}
	buf_clear(&text);
	ast_free(&tree);
	return holds;
}

static bool
cond_holds(struct cond_look *look, struct cond *c)
{
	struct interp *in = look->in;

	look->scored |= c->weighted; /* a weight may stand behind a $ only */
	if (c->weighted && in->score >= SCORE_MAX)
		return true;
	switch (c->kind) {
	case COND_EMPTY:
	case COND_REGEX:
		return cond_search(look, c);
	case COND_SHORTER:
	case COND_LONGER:
		return cond_size(look, c);
	case COND_PROGRAM:
		return cond_program(look, c);
	case COND_EXPAND:
		return cond_expanded(look, c);
	}
	return false;
}

static void
cond_report(const struct cond_look *look, const struct cond *c, bool holds)
{
	struct interp *in = look->in;
	struct host_condition said = { .file = in->file, .line = c->line, .text = c->source,
		.expanded = c->kind == COND_EXPAND ? look->expanded.p : NULL, .held = holds,
		.weighted = look->scored, .score = in->score, .found = look->found,
		.seen = buf_view(&look->seen), .match = vars_get(&in->vars, "MATCH") };

	if (in->host->on_condition)
		in->host->on_condition(in->host->ctx, &said);
}

bool
cond_all(struct interp *in, struct tree *tree, struct cond *conds, const struct flags *flags)
{
	struct cond_look look = { .in = in, .tree = tree, .flags = flags, .lines = BUF_INIT,
		.seen = BUF_INIT, .expanded = BUF_INIT };
	bool holds = true;

	in->score = 0;
	for (struct cond *c = conds; c && holds; c = c->next) {
		in->line = c->line;
		look.found = false;
		holds = interp_fits(in, c->length) && cond_holds(&look, c);
		cond_report(&look, c, holds);
		if (look.scored && in->score <= SCORE_MIN)
			holds = false;
		buf_clear(&look.lines);
		buf_clear(&look.seen);
	}
	buf_clear(&look.expanded);
	holds = holds && !(look.scored && in->score <= 0);
	if (look.decides && !holds)
		in->host->scan_decided(in->host->ctx, look.decided_before);
	return holds;
}
