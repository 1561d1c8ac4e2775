/*
 * The grammar, with procmail's notions of what is wrong with it:
 *
 *	pattern     = sequence { "|" sequence }         a ")" too many ends the pattern
 *	sequence    = { simple [ "*" | "+" | "?" ] }    a second operator is an ordinary character
 *	simple      = "(" pattern ")" | "[" class "]" | "." | "^" | "$" | "^^" | "\" any | any
 *
 * Groups are kept on a stack of our own, so that the pattern cannot choose the depth of recursion.
 */
#include "recipe/regex_parse.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "recipe/regex_class.h"

/* Literals are gathered down to this depth only, which bounds the memory they take. */
#define REGEX_PARSE_NEED_DEPTH 32

/* A piece of automaton with one way in and one way out: field out (2 * node, + 1 for alt) waits for
 * what follows. A piece that ends with a \/ has a second way out, fall, that leads to what stands
 * next in the pattern, as in procmail: in "a\/|b" that is b, and "(a\/)*" is left, not repeated. */
struct regex_piece {
	uint32_t start, out;
	uint32_t fall;          /* or REGEX_NONE; equal to out where there is no other way */
	int lines;              /* newlines it can hold, up to REGEX_LINES_MANY */
};

static const struct regex_piece regex_piece_none = { REGEX_NONE, REGEX_NONE, REGEX_NONE, 0 };

/* A group being parsed. */
struct regex_frame {
	struct regex_piece seq;     /* the alternative so far; start REGEX_NONE: still empty */
	uint32_t join;              /* where the alternatives meet; its next is the way out */
	uint32_t first;             /* entry of the group */
	uint32_t other, fall;       /* fields that wait for the next alternative */
	int lines;                  /* most lines of the alternatives so far */
	bool some;                  /* an alternative is complete */
};

/* What is known of the literals in a group: of the alternative so far, and of those before it. */
struct regex_known {
	struct regex_part part, parts;
};

struct regex_parser {
	struct regex_prog *prog;
	struct bytes p;
	size_t i;
	bool fold;
	uint32_t room, class_room;
	struct regex_frame *frames;
	size_t depth, frame_room;
	uint32_t nmarks;
	bool alternatives;      /* outside of all groups */
	const char **complaint;
	size_t *at;
	struct regex_known known[REGEX_PARSE_NEED_DEPTH + 1];   /* the last serves all below */
};

static void
regex_parse_complain(struct regex_parser *rp, const char *text, size_t at)
{
	if (*rp->complaint)
		return;
	*rp->complaint = text;
	*rp->at = at;
}

static uint32_t
regex_parse_node(struct regex_parser *rp, enum regex_op op)
{
	struct regex_prog *prog = rp->prog;

	if (prog->n == rp->room) {
		rp->room = rp->room ? rp->room * 2 : 64;
		prog->nodes = mem_resize(prog->nodes, rp->room * sizeof *prog->nodes);
	}
	prog->nodes[prog->n] = (struct regex_node){ .op = op, .next = REGEX_NONE };
	prog->nodes[prog->n].alt = REGEX_NONE;
	return prog->n++;
}

static void
regex_parse_patch(struct regex_parser *rp, uint32_t out, uint32_t to)
{
	struct regex_node *node = &rp->prog->nodes[out / 2];

	if (out & 1)
		node->alt = to;
	else
		node->next = to;
}

/* The ordinary way out of the piece leads to node to; the other one stays open. */
static void
regex_parse_out(struct regex_parser *rp, const struct regex_piece *piece, uint32_t to)
{
	if (piece->out != piece->fall)
		regex_parse_patch(rp, piece->out, to);
}

static int
regex_parse_lines(int a, int b)
{
	return a + b < REGEX_LINES_MANY ? a + b : REGEX_LINES_MANY;
}

static struct regex_frame *
regex_parse_top(struct regex_parser *rp)
{
	return &rp->frames[rp->depth - 1];
}

static struct regex_known *
regex_parse_known(struct regex_parser *rp)
{
	size_t i = rp->depth - 1;

	return &rp->known[i < REGEX_PARSE_NEED_DEPTH ? i : REGEX_PARSE_NEED_DEPTH];
}

static void
regex_parse_open(struct regex_parser *rp)
{
	struct regex_frame *f;

	if (rp->depth == rp->frame_room) {
		rp->frame_room = rp->frame_room ? rp->frame_room * 2 : 8;
		rp->frames = mem_resize(rp->frames, rp->frame_room * sizeof *rp->frames);
	}
	rp->depth++;
	f = regex_parse_top(rp);
	f->seq = regex_piece_none;
	f->join = regex_parse_node(rp, REGEX_OP_JUMP);
	f->first = f->other = f->fall = REGEX_NONE;
	f->lines = 0;
	f->some = false;
	regex_need_empty(&regex_parse_known(rp)->part);
}

/* The alternative is complete: it leads to the join. more: another one follows. As with procmail
 * an empty one is tried after those that follow it, which matters to MATCH only. */
static void
regex_parse_alternative(struct regex_parser *rp, bool more)
{
	struct regex_frame *f = regex_parse_top(rp);
	struct regex_known *known = regex_parse_known(rp);
	uint32_t entry = f->join, other = REGEX_NONE;
	bool empty = f->seq.start == REGEX_NONE;

	if (!empty) {
		entry = f->seq.start;
		regex_parse_out(rp, &f->seq, f->join);
	} else if (!more) {
		entry = regex_parse_node(rp, REGEX_OP_EMPTY);
		rp->prog->nodes[entry].next = f->join;
	}
	if (more) {
		uint32_t split = regex_parse_node(rp, REGEX_OP_SPLIT);

		regex_parse_patch(rp, split * 2 + empty, entry);
		other = split * 2 + !empty;
		entry = split;
	}
	if (f->other != REGEX_NONE)
		regex_parse_patch(rp, f->other, entry);
	else
		f->first = entry;
	f->other = other;
	if (f->fall != REGEX_NONE)
		regex_parse_patch(rp, f->fall, entry);
	f->fall = f->seq.fall;
	if (f->seq.lines > f->lines)
		f->lines = f->seq.lines;
	if (f->some)
		regex_need_either(&known->parts, &known->part);
	else
		known->parts = known->part;
	f->some = true;
	f->seq = regex_piece_none;
	regex_need_empty(&known->part);
}

static void
regex_parse_bar(struct regex_parser *rp)
{
	if (rp->depth == 1) {
		rp->alternatives = true;
		rp->prog->odd_mark |= rp->prog->has_mark;
	}
	regex_parse_alternative(rp, true);
}

/* Takes the innermost group off the stack. */
static struct regex_piece
regex_parse_close(struct regex_parser *rp, struct regex_part *part)
{
	struct regex_frame *f;

	regex_parse_alternative(rp, false);
	f = regex_parse_top(rp);
	*part = regex_parse_known(rp)->parts;
	if (rp->depth > REGEX_PARSE_NEED_DEPTH)
		regex_need_any(part);
	rp->depth--;
	return (struct regex_piece){ f->first, f->join * 2, f->fall, f->lines };
}

static struct regex_piece
regex_parse_single(struct regex_parser *rp, enum regex_op op, int lines)
{
	uint32_t n = regex_parse_node(rp, op);

	return (struct regex_piece){ n, n * 2, op == REGEX_OP_MARK ? n * 2 : REGEX_NONE, lines };
}

static struct regex_piece
regex_parse_byte(struct regex_parser *rp, unsigned char c, struct regex_part *part)
{
	struct regex_piece piece = regex_parse_single(rp, REGEX_OP_BYTE, c == '\n');

	c = rp->prog->fold[c];
	rp->prog->nodes[piece.start].byte = c;
	if (c == '\n')
		regex_need_any(part);
	else
		regex_need_bytes(part, &c, 1);
	return piece;
}

static struct regex_piece
regex_parse_set(struct regex_parser *rp, const struct regex_class *set, struct regex_part *part)
{
	struct regex_prog *prog = rp->prog;
	bool newline = regex_class_has(set, '\n');
	struct regex_piece piece = regex_parse_single(rp, REGEX_OP_CLASS, newline);
	unsigned char members[REGEX_NEED_COUNT];
	size_t n = regex_class_members(set, prog->fold, members, REGEX_NEED_COUNT);

	if (prog->nclasses == rp->class_room) {
		rp->class_room = rp->class_room ? rp->class_room * 2 : 8;
		prog->classes = mem_resize(prog->classes, rp->class_room * sizeof *prog->classes);
	}
	prog->nodes[piece.start].set = prog->nclasses;
	prog->classes[prog->nclasses++] = *set;
	if (newline || n == 0 || n > REGEX_NEED_COUNT)
		regex_need_any(part);
	else
		regex_need_bytes(part, members, n);
	return piece;
}

static struct regex_piece
regex_parse_bracket(struct regex_parser *rp, struct regex_part *part)
{
	struct regex_class set;
	size_t at = rp->i;
	bool closed;

	rp->i = regex_class_parse(rp->p, at, rp->fold, &set, &closed);
	if (!closed)
		regex_parse_complain(rp, "missing ]", at);
	return regex_parse_set(rp, &set, part);
}

static struct regex_piece
regex_parse_escape(struct regex_parser *rp, struct regex_part *part)
{
	struct regex_class set;

	if (rp->i + 1 == rp->p.len) {
		regex_parse_complain(rp, "backslash at the end", rp->i);
		return regex_parse_byte(rp, (unsigned char)rp->p.p[rp->i++], part);
	}
	rp->i += 2;
	switch (rp->p.p[rp->i - 1]) {
	case '/':
		rp->prog->has_mark = true;
		if (++rp->nmarks > 1 || rp->depth > 1 || rp->alternatives)
			rp->prog->odd_mark = true;
		regex_need_empty(part);
		return regex_parse_single(rp, REGEX_OP_MARK, 0);
	case '<':
	case '>':
		regex_class_no_word(&set);
		return regex_parse_set(rp, &set, part);
	}
	return regex_parse_byte(rp, (unsigned char)rp->p.p[rp->i - 1], part);
}

/* Everything simple but a group. */
static struct regex_piece
regex_parse_simple(struct regex_parser *rp, struct regex_part *part)
{
	struct regex_class set = { { 0 } };
	char c = rp->p.p[rp->i];

	switch (c) {
	case '[':
		return regex_parse_bracket(rp, part);
	case '\\':
		return regex_parse_escape(rp, part);
	case '.':
		rp->i++;
		memset(&set, 0xff, sizeof set);
		regex_class_put(&set, '\n', false);
		return regex_parse_set(rp, &set, part);
	case '^':
		if (rp->i + 1 < rp->p.len && rp->p.p[rp->i + 1] == '^') {
			rp->i += 2;
			regex_need_any(part);
			return regex_parse_single(rp, REGEX_OP_TEXT_START, 1);
		}
		/* FALLTHROUGH */
	case '$':
		c = '\n';
		break;
	case '*':
	case '+':
	case '?':
		regex_parse_complain(rp, "operator without operand is taken literally", rp->i);
		break;
	}
	rp->i++;
	return regex_parse_byte(rp, (unsigned char)c, part);
}

/* Applies the operator that follows the piece, if any. */
static void
regex_parse_operator(struct regex_parser *rp, struct regex_piece *piece, struct regex_part *part)
{
	struct regex_part empty;
	uint32_t split, join;
	char op = rp->i < rp->p.len ? rp->p.p[rp->i] : '\0';

	if (op != '*' && op != '+' && op != '?')
		return;
	rp->i++;
	rp->prog->odd_mark |= piece->fall != REGEX_NONE;
	split = regex_parse_node(rp, REGEX_OP_SPLIT);
	if (op != '?' && piece->lines > 0)
		piece->lines = REGEX_LINES_MANY;
	switch (op) {
	case '*':
		rp->prog->nodes[split].next = piece->start;
		regex_parse_out(rp, piece, split);
		piece->start = split;
		piece->out = split * 2 + 1;
		regex_need_any(part);
		break;
	case '+':
		rp->prog->nodes[split].alt = piece->start;
		regex_parse_out(rp, piece, split);
		if (piece->fall != REGEX_NONE)
			regex_parse_patch(rp, piece->fall, split);
		piece->out = split * 2;
		piece->fall = REGEX_NONE;
		regex_need_repeat(part);
		break;
	case '?':
		join = regex_parse_node(rp, REGEX_OP_JUMP);
		rp->prog->nodes[split].next = piece->start;
		rp->prog->nodes[split].alt = join;
		regex_parse_out(rp, piece, join);
		piece->start = split;
		piece->out = join * 2;
		regex_need_empty(&empty);
		regex_need_either(part, &empty);
		break;
	}
}

static void
regex_parse_append(struct regex_parser *rp, struct regex_piece piece, const struct regex_part *part)
{
	struct regex_frame *f = regex_parse_top(rp);

	if (f->seq.start == REGEX_NONE)
		f->seq.start = piece.start;
	else
		regex_parse_out(rp, &f->seq, piece.start);
	if (f->seq.fall != REGEX_NONE)
		regex_parse_patch(rp, f->seq.fall, piece.start);
	f->seq.out = piece.out;
	f->seq.fall = piece.fall;
	f->seq.lines = regex_parse_lines(f->seq.lines, piece.lines);
	if (rp->depth <= REGEX_PARSE_NEED_DEPTH)
		regex_need_append(&regex_parse_known(rp)->part, part);
}

/* All of it; returns the group around everything. */
static struct regex_piece
regex_parse_pattern(struct regex_parser *rp, struct regex_part *part)
{
	struct regex_piece piece;

	regex_parse_open(rp);
	while (rp->i < rp->p.len) {
		char c = rp->p.p[rp->i];

		if (c == '|') {
			rp->i++;
			regex_parse_bar(rp);
			continue;
		}
		if (c == '(') {
			rp->i++;
			regex_parse_open(rp);
			continue;
		}
		if (c == ')' && rp->depth == 1) {
			regex_parse_complain(rp, "unmatched ), the rest is ignored", rp->i);
			break;
		}
		if (c == ')') {
			rp->i++;
			piece = regex_parse_close(rp, part);
		} else {
			piece = regex_parse_simple(rp, part);
		}
		regex_parse_operator(rp, &piece, part);
		regex_parse_append(rp, piece, part);
	}
	if (rp->depth > 1)
		regex_parse_complain(rp, "missing )", rp->p.len);
	while (rp->depth > 1) {
		piece = regex_parse_close(rp, part);
		regex_parse_append(rp, piece, part);
	}
	return regex_parse_close(rp, part);
}

/* Where a chain of jumps ends; the chain is shortened, so that all look-ups together are linear. */
static uint32_t
regex_parse_target(struct regex_prog *prog, uint32_t n)
{
	uint32_t to = n, next;

	while (prog->nodes[to].op == REGEX_OP_JUMP)
		to = prog->nodes[to].next;
	for (; n != to; n = next) {
		next = prog->nodes[n].next;
		prog->nodes[n].next = to;
	}
	return to;
}

/* Takes the jumps out. */
static void
regex_parse_link(struct regex_prog *prog)
{
	for (uint32_t i = 0; i < prog->n; i++) {
		struct regex_node *node = &prog->nodes[i];

		if (node->op == REGEX_OP_ACCEPT)
			continue;
		node->next = regex_parse_target(prog, node->next);
		if (node->op == REGEX_OP_SPLIT)
			node->alt = regex_parse_target(prog, node->alt);
	}
	prog->start = regex_parse_target(prog, prog->start);
}

/* ^^ means the end of the text where nothing can follow it, and its start elsewhere. An empty
 * group after it is something. */
static void
regex_parse_anchors(struct regex_prog *prog)
{
	for (uint32_t i = 0; i < prog->n; i++) {
		struct regex_node *node = &prog->nodes[i];

		if (node->op == REGEX_OP_TEXT_START &&
		    prog->nodes[node->next].op == REGEX_OP_ACCEPT)
			node->op = REGEX_OP_TEXT_END;
		if (node->op == REGEX_OP_EMPTY)
			node->op = REGEX_OP_JUMP;
	}
}

/* The bytes of one symbol while symbols are split; fold has made capitals small. */
struct regex_symbols {
	struct regex_class of[256];
	uint16_t n;
};

/* Splits symbols so that set is a union of them. */
static void
regex_parse_refine(struct regex_symbols *symbols, const struct regex_class *set)
{
	for (uint16_t s = 0, n = symbols->n; s < n; s++) {
		struct regex_class *old = &symbols->of[s], in;
		uint64_t inside = 0, outside = 0;

		for (int i = 0; i < 4; i++) {
			in.bits[i] = old->bits[i] & set->bits[i];
			inside |= in.bits[i];
			outside |= old->bits[i] & ~set->bits[i];
		}
		if (!inside || !outside)
			continue;
		for (int i = 0; i < 4; i++)
			old->bits[i] &= ~in.bits[i];
		symbols->of[symbols->n++] = in;
	}
}

/* All bytes that texts have once they are folded, as one symbol. */
static void
regex_parse_one_symbol(const struct regex_prog *prog, struct regex_symbols *symbols)
{
	memset(&symbols->of[0], 0xff, sizeof symbols->of[0]);
	for (int c = 'A'; c <= 'Z' && prog->fold[c] != c; c++)
		regex_class_put(&symbols->of[0], (unsigned char)c, false);
	symbols->n = 1;
}

void
regex_parse_symbols(struct regex_prog *prog)
{
	struct regex_symbols symbols;
	struct regex_class one, seen = { { 0 } };

	regex_parse_one_symbol(prog, &symbols);
	for (uint32_t i = 0; i < prog->n; i++) {
		const struct regex_node *node = &prog->nodes[i];

		if (node->op != REGEX_OP_BYTE || regex_class_has(&seen, node->byte))
			continue;
		regex_class_put(&seen, node->byte, true);
		memset(&one, 0, sizeof one);
		regex_class_put(&one, node->byte, true);
		regex_parse_refine(&symbols, &one);
	}
	for (uint32_t i = 0; i < prog->nclasses && symbols.n < 256; i++)
		regex_parse_refine(&symbols, &prog->classes[i]);
	prog->nsymbols = symbols.n;
	for (uint16_t s = 0; s < symbols.n; s++)
		for (int i = 0; i < 4; i++)
			for (uint64_t bits = symbols.of[s].bits[i]; bits; bits &= bits - 1) {
				int c = i * 64 + __builtin_ctzll(bits);

				prog->symbol[c] = s;
				prog->sample[s] = (uint8_t)c;
			}
	for (int c = 0; c < 256; c++)
		prog->symbol[c] = prog->symbol[prog->fold[c]];
}

void
regex_parse(struct regex_prog *prog, struct bytes pattern, bool case_sensitive,
    const char **complaint, size_t *at)
{
	struct regex_parser rp;
	struct regex_part part;
	struct regex_piece piece;
	uint32_t accept;

	/* Each group's known is set when it is opened. */
	memset(&rp, 0, offsetof(struct regex_parser, known));
	rp.prog = prog;
	rp.p = pattern;
	rp.fold = !case_sensitive;
	rp.complaint = complaint;
	rp.at = at;
	memset(prog, 0, sizeof *prog);
	prog->fold = regex_class_fold(rp.fold);
	*complaint = NULL;
	*at = 0;
	piece = regex_parse_pattern(&rp, &part);
	accept = regex_parse_node(&rp, REGEX_OP_ACCEPT);
	regex_parse_out(&rp, &piece, accept);
	if (piece.fall != REGEX_NONE)
		regex_parse_patch(&rp, piece.fall, accept);
	prog->start = piece.start;
	prog->lines = prog->odd_mark ? REGEX_LINES_MANY : piece.lines;
	prog->need = regex_need_result(&part);
	regex_parse_link(prog);
	regex_parse_anchors(prog);
	regex_parse_link(prog);
	free(rp.frames);
}

void
regex_parse_clear(struct regex_prog *prog)
{
	free(prog->nodes);
	free(prog->classes);
	prog->nodes = NULL;
	prog->classes = NULL;
}
