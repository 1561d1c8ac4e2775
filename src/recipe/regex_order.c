#include "recipe/regex_order.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Up to this many nodes every thread follows its paths for itself, at the price of their square:
 * only then all of procmail's accidents are met. */
#define REGEX_ORDER_EXACT_NODES 512

/* No \/ passed yet. */
#define REGEX_ORDER_UNMARKED SIZE_MAX

/* So far behind the end of a match threads are followed before it is asked who was there before. */
#define REGEX_ORDER_NEAR 8
#define REGEX_ORDER_DEAD_BITS ((size_t)64 << 20)

/* Places are counted from the virtual newline: place p is byte p - 1 of the text. */
struct regex_thread {
	uint32_t node;
	size_t mark;
};

/* The thread pushed last runs first. */
struct regex_threads {
	struct regex_thread *thread;
	uint32_t n;
};

/* Of a count: what no thread at a place has come to a match from, a row of bits for each place, or
 * for each of so many, by node.  A row is only looked at behind the ends of all matches so far. */
struct regex_order_dead {
	uint64_t *rows;         /* NULL: none yet */
	size_t n, words, stride;
};

enum regex_order_state {
	REGEX_ORDER_RUNNING,
	REGEX_ORDER_PLAIN,      /* accepted without \/ */
	REGEX_ORDER_DONE
};

struct regex_order {
	const struct regex_prog *prog;
	bool exact;             /* every thread follows its paths for itself */
	struct regex_threads now, then;
	uint32_t *index;        /* node -> its thread in then, plus one; 0: none */
	uint32_t *stack;

	/* Nodes already reached in this step, by a thread that started with which mark. */
	uint32_t *seen, generation;
	size_t *seen_mark;

	size_t place;
	bool last;              /* the place behind which the text ends */
	bool at_end;            /* everything is read, only the end is looked for */
	unsigned char c;
	enum regex_order_state state;
	bool matched;
	size_t mark, end;       /* of the match so far */

	bool counts;            /* dead is of this text */
	struct regex_order_dead dead;
};

struct regex_order *
regex_order_new(const struct regex_prog *prog)
{
	struct regex_order *o = mem_zero(sizeof *o);

	o->prog = prog;
	o->exact = prog->n <= REGEX_ORDER_EXACT_NODES;
	o->now.thread = mem_array(prog->n, sizeof *o->now.thread);
	o->then.thread = mem_array(prog->n, sizeof *o->then.thread);
	o->index = mem_array(prog->n, sizeof *o->index);
	o->stack = mem_array(prog->n, 2 * sizeof *o->stack);
	o->seen = mem_array(prog->n, sizeof *o->seen);
	o->seen_mark = mem_array(prog->n, sizeof *o->seen_mark);
	return o;
}

void
regex_order_free(struct regex_order **order)
{
	struct regex_order *o = *order;

	if (!o)
		return;
	free(o->now.thread);
	free(o->then.thread);
	free(o->index);
	free(o->stack);
	free(o->seen);
	free(o->seen_mark);
	free(o->dead.rows);
	free(o);
	*order = NULL;
}

static void
regex_order_forget_seen(struct regex_order *o)
{
	if (++o->generation == 0) {
		memset(o->seen, 0, o->prog->n * sizeof *o->seen);
		o->generation = 1;
	}
}

static void
regex_order_push(struct regex_order *o, uint32_t node, size_t mark)
{
	struct regex_thread *t;

	if (o->index[node] != 0) {
		t = &o->then.thread[o->index[node] - 1];
		if (mark < t->mark)
			t->mark = mark;
		return;
	}
	o->then.thread[o->then.n++] = (struct regex_thread){ node, mark };
	o->index[node] = o->then.n;
}

/* Drops the threads that passed \/ later than mark, and turns the others' order around. */
static void
regex_order_prune(struct regex_threads *ts, size_t mark)
{
	uint32_t n = 0;

	for (uint32_t i = 0, k = ts->n; i + 1 < k; i++) {
		struct regex_thread t = ts->thread[i];

		ts->thread[i] = ts->thread[--k];
		ts->thread[k] = t;
	}
	for (uint32_t i = 0; i < ts->n; i++)
		if (ts->thread[i].mark <= mark)
			ts->thread[n++] = ts->thread[i];
	ts->n = n;
}

static void
regex_order_accept(struct regex_order *o, size_t mark)
{
	if (mark == REGEX_ORDER_UNMARKED) {
		o->state = REGEX_ORDER_PLAIN;
		o->end = o->place;
		return;
	}
	if (o->matched && o->end == o->place && o->mark == mark)
		return;
	o->matched = true;
	o->mark = mark;
	o->end = o->place;
	regex_order_prune(&o->now, mark);
	for (uint32_t i = 0; i < o->then.n; i++)
		o->index[o->then.thread[i].node] = 0;
	regex_order_prune(&o->then, mark);
	for (uint32_t i = 0; i < o->then.n; i++)
		o->index[o->then.thread[i].node] = i + 1;
}

/* Does the node eat the byte at this place? */
static bool
regex_order_eats(const struct regex_order *o, const struct regex_node *node)
{
	switch (node->op) {
	case REGEX_OP_BYTE:
		return o->prog->fold[o->c] == node->byte;
	case REGEX_OP_CLASS:
		return regex_class_has(&o->prog->classes[node->set], o->c);
	case REGEX_OP_TEXT_START:
	case REGEX_OP_TEXT_END:
		return o->place == 0;
	}
	return false;
}

/* One node of a thread; true with the node to go on with at once. */
static bool
regex_order_node(struct regex_order *o, uint32_t *node, size_t *mark, uint32_t *depth)
{
	const struct regex_node *nd = &o->prog->nodes[*node];

	switch (nd->op) {
	case REGEX_OP_SPLIT:
		o->stack[(*depth)++] = nd->alt;
		break;
	case REGEX_OP_MARK:
		if (!o->matched)
			*mark = o->place;
		break;
	case REGEX_OP_JUMP:
		break;
	case REGEX_OP_ACCEPT:
		regex_order_accept(o, *mark);
		return false;
	case REGEX_OP_TEXT_END:
		if (o->last) {
			regex_order_accept(o, *mark);
			return false;
		}
		/* FALLTHROUGH */
	default:
		if (!o->at_end && regex_order_eats(o, nd))
			regex_order_push(o, *node, *mark);
		return false;
	}
	*node = nd->next;
	return true;
}

/* Follows all that node leads to without eating. The mark stays with what is tried later: see
 * regex_order.h. */
static void
regex_order_follow(struct regex_order *o, uint32_t node, size_t mark)
{
	size_t first = mark;
	uint32_t depth = 0;

	if (o->exact)
		regex_order_forget_seen(o);
	for (;;) {
		bool on = false;

		if (o->seen[node] != o->generation || first < o->seen_mark[node]) {
			o->seen[node] = o->generation;
			o->seen_mark[node] = first;
			on = regex_order_node(o, &node, &mark, &depth);
		}
		if (o->state != REGEX_ORDER_RUNNING)
			return;
		if (on)
			continue;
		if (depth == 0)
			return;
		node = o->stack[--depth];
	}
}

/* The row of the place, NULL if it has none. */
static uint64_t *
regex_order_row(const struct regex_order_dead *d, size_t place)
{
	if (!d->rows || place % d->stride != 0 || place / d->stride >= d->n)
		return NULL;
	return d->rows + place / d->stride * d->words;
}

static void
regex_order_dead_begin(struct regex_order *o, size_t length)
{
	struct regex_order_dead *d = &o->dead;

	d->words = (o->prog->n + 63) / 64;
	d->stride = 1 + d->words * 64 * length / REGEX_ORDER_DEAD_BITS;
	d->n = (length + 2) / d->stride + 1;
	d->rows = mem_array(d->n * d->words, sizeof *d->rows);
}

/* Have all threads been here before, and come to nothing?  If they come to something now they are
 * taken for dead wrongly, but before the end of this match, where nobody looks any more. */
static bool
regex_order_is_dead(struct regex_order *o, size_t length)
{
	uint64_t *row, news = 0;

	if (!o->matched || o->place - o->end < REGEX_ORDER_NEAR)
		return false;
	if (!o->dead.rows)
		regex_order_dead_begin(o, length);
	row = regex_order_row(&o->dead, o->place);
	for (uint32_t i = 0; row && i < o->then.n; i++) {
		uint32_t node = o->then.thread[i].node;
		uint64_t bit = (uint64_t)1 << (node & 63);

		news |= ~row[node >> 6] & bit;
		row[node >> 6] |= bit;
	}
	return row && news == 0;
}

static void
regex_order_step(struct regex_order *o)
{
	struct regex_threads done = o->now;

	o->now = o->then;
	o->then = done;
	o->then.n = 0;
	for (uint32_t i = 0; i < o->now.n; i++)
		o->index[o->now.thread[i].node] = 0;
	regex_order_forget_seen(o);
	if (!o->matched && !o->last && !o->at_end)
		regex_order_follow(o, o->prog->start, REGEX_ORDER_UNMARKED);
	while (o->now.n > 0 && o->state == REGEX_ORDER_RUNNING) {
		struct regex_thread t = o->now.thread[--o->now.n];

		regex_order_follow(o, o->prog->nodes[t.node].next, t.mark);
	}
	if (o->matched && o->then.n == 0)
		o->state = REGEX_ORDER_DONE;
	o->place++;
}

static void
regex_order_bytes(struct regex_order *o, struct bytes b, size_t length)
{
	for (size_t i = 0; i < b.len && o->state == REGEX_ORDER_RUNNING; i++) {
		o->c = (unsigned char)b.p[i];
		regex_order_step(o);
		if (o->counts && o->state == REGEX_ORDER_RUNNING && regex_order_is_dead(o, length))
			o->state = REGEX_ORDER_DONE;
	}
}

/* The virtual newline behind the text, and then a look at who is through. */
static void
regex_order_ending(struct regex_order *o)
{
	o->c = '\n';
	o->last = true;
	if (o->state == REGEX_ORDER_RUNNING)
		regex_order_step(o);
	o->last = false;
	o->at_end = true;
	if (o->state == REGEX_ORDER_RUNNING)
		regex_order_step(o);
}

static void
regex_order_reset(struct regex_order *o)
{
	memset(o->index, 0, o->prog->n * sizeof *o->index);
	o->now.n = o->then.n = 0;
	o->last = o->at_end = o->matched = false;
	o->state = REGEX_ORDER_RUNNING;
}

/* The newline before from, where there is one, virtual or not. At the end of a text without a final
 * newline, where only the search for a further match of a score can start, procmail reads one too,
 * and takes it for the one behind the text. */
static void
regex_order_lead(struct regex_order *o, const struct regex_text *text, size_t from, size_t length)
{
	bool newline = from == 0 || regex_text_at(text, from - 1) == '\n';

	o->place = from;
	o->c = '\n';
	if (!newline && from == length)
		o->place++;
	if (newline || from == length)
		regex_order_step(o);
	else
		o->place++;
}

void
regex_order_begin(struct regex_order *o, bool counts)
{
	free(o->dead.rows);
	o->dead.rows = NULL;
	o->counts = counts;
}

bool
regex_order_run(struct regex_order *o, const struct regex_text *text, size_t from,
    struct regex_order_match *match_r)
{
	size_t length = regex_text_length(text), pos = from;

	regex_order_reset(o);
	regex_order_lead(o, text, from, length);
	while (o->state == REGEX_ORDER_RUNNING && pos < length) {
		struct bytes b = regex_text_chunk(text, pos);

		regex_order_bytes(o, b, length);
		pos += b.len;
	}
	regex_order_ending(o);
	if (o->state != REGEX_ORDER_PLAIN && !o->matched)
		return false;
	match_r->from = REGEX_UNSET;
	match_r->to = o->end > 0 ? o->end - 1 : 0;
	if (o->state == REGEX_ORDER_PLAIN)
		return true;
	if (o->mark > length + 1)
		return true;
	match_r->from = o->mark > 0 ? o->mark - 1 : 0;
	if (match_r->to > length)
		match_r->to = length;
	return true;
}
