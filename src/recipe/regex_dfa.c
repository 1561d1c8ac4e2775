#include "recipe/regex_dfa.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* What a transition leads to, besides a state (a multiple of the stride, which is larger). */
enum regex_dfa_special {
	REGEX_DFA_UNKNOWN,
	REGEX_DFA_ACCEPT,
	REGEX_DFA_ACCEPT_BEFORE,    /* the match ended before this symbol */
	REGEX_DFA_DEAD,         /* nothing can match from here on */
	REGEX_DFA_SPECIALS
};

#define REGEX_DFA_FIRST_BYTES_MAX 3

struct regex_dfa_set {
	uint32_t *node;
	uint32_t n;
};

struct regex_dfa_state {
	size_t at;              /* its nodes: pool[at] ... */
	uint32_t n;
};

struct regex_dfa {
	const struct regex_prog *prog;

	/* The step from one set of nodes to the next. */
	struct regex_dfa_set now, then;
	uint32_t *stack;
	uint32_t *seen, generation;

	/* The states. State s is states[s >> shift], its transitions are trans[s] ... */
	unsigned shift;
	uint32_t *trans;
	struct regex_dfa_state *states;
	uint32_t nstates, state_room;
	uint32_t *pool;
	size_t pool_len, pool_room;
	uint32_t *hash;         /* state or 0 */
	uint32_t hash_size;
	uint32_t initial, base; /* 0: not made yet. base: nothing but a start is under way */

	bool first[256];        /* bytes that lead away from base */
	int nfirst;
	unsigned char only[REGEX_DFA_FIRST_BYTES_MAX];

	size_t flushed_at;      /* bytes read when the states were last thrown away */
	bool slow;              /* they did not last: this run goes on without states */
};

/* One run over one text. */
struct regex_dfa_walk {
	uint32_t state;         /* unless slow: then dfa->now */
	size_t pos;
	size_t read;
};

struct regex_dfa *
regex_dfa_new(const struct regex_prog *prog)
{
	struct regex_dfa *d = mem_zero(sizeof *d);

	d->prog = prog;
	d->shift = 2;
	while (1U << d->shift < prog->nsymbols + 2U)
		d->shift++;
	return d;
}

static void
regex_dfa_forget(struct regex_dfa *d)
{
	free(d->trans);
	free(d->states);
	free(d->pool);
	free(d->hash);
	d->trans = d->pool = d->hash = NULL;
	d->states = NULL;
	d->nstates = d->state_room = d->hash_size = 0;
	d->pool_len = d->pool_room = 0;
	d->initial = d->base = 0;
}

void
regex_dfa_free(struct regex_dfa **dfa)
{
	struct regex_dfa *d = *dfa;

	if (!d)
		return;
	regex_dfa_forget(d);
	free(d->now.node);
	free(d->then.node);
	free(d->stack);
	free(d->seen);
	free(d);
	*dfa = NULL;
}

static void
regex_dfa_prepare(struct regex_dfa *d)
{
	size_t n = d->prog->n;

	if (d->seen)
		return;
	d->seen = mem_array(n, sizeof *d->seen);
	d->stack = mem_array(n, sizeof *d->stack);
	d->now.node = mem_array(n, sizeof *d->now.node);
	d->then.node = mem_array(n, sizeof *d->then.node);
}

static void
regex_dfa_begin(struct regex_dfa *d)
{
	d->then.n = 0;
	if (++d->generation == 0) {
		memset(d->seen, 0, d->prog->n * sizeof *d->seen);
		d->generation = 1;
	}
}

/* Adds to then all that can be reached from node without eating a symbol. True: the end can. */
static bool
regex_dfa_reach(struct regex_dfa *d, uint32_t node, bool text_start)
{
	const struct regex_node *nodes = d->prog->nodes;
	uint32_t depth = 0;

	for (;;) {
		if (d->seen[node] != d->generation) {
			d->seen[node] = d->generation;
			switch (nodes[node].op) {
			case REGEX_OP_ACCEPT:
				return true;
			case REGEX_OP_SPLIT:
				d->stack[depth++] = nodes[node].alt;
				/* FALLTHROUGH */
			case REGEX_OP_JUMP:
			case REGEX_OP_MARK:
				node = nodes[node].next;
				continue;
			case REGEX_OP_TEXT_START:
				if (!text_start)
					break;
				/* FALLTHROUGH */
			default:
				d->then.node[d->then.n++] = node;
			}
		}
		if (depth == 0)
			return false;
		node = d->stack[--depth];
	}
}

/* Does the node eat the symbol?  The two behind the byte classes are the virtual newlines. */
static bool
regex_dfa_eats(const struct regex_prog *prog, const struct regex_node *node, unsigned symbol)
{
	unsigned char c = symbol < prog->nsymbols ? prog->sample[symbol] : '\n';

	switch (node->op) {
	case REGEX_OP_BYTE:
		return node->byte == c;
	case REGEX_OP_CLASS:
		return regex_class_has(&prog->classes[node->set], c);
	case REGEX_OP_TEXT_START:
	case REGEX_OP_TEXT_END:
		return symbol == prog->nsymbols;
	}
	return false;
}

/* then becomes what follows the nodes over the symbol, unless a match ends there. */
static enum regex_dfa_special
regex_dfa_advance(struct regex_dfa *d, const uint32_t *node, uint32_t n, unsigned symbol)
{
	const struct regex_prog *prog = d->prog;
	bool at_end = symbol == prog->nsymbols + 1U;

	regex_dfa_begin(d);
	for (uint32_t i = 0; at_end && i < n; i++)
		if (prog->nodes[node[i]].op == REGEX_OP_TEXT_END)
			return REGEX_DFA_ACCEPT_BEFORE;
	for (uint32_t i = 0; i < n; i++) {
		const struct regex_node *nd = &prog->nodes[node[i]];

		if (regex_dfa_eats(prog, nd, symbol) && regex_dfa_reach(d, nd->next, false))
			return REGEX_DFA_ACCEPT;
	}
	if (!at_end && regex_dfa_reach(d, prog->start, false))
		return REGEX_DFA_ACCEPT;
	return REGEX_DFA_UNKNOWN;
}

static int
regex_dfa_order(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static void
regex_dfa_sort(struct regex_dfa_set *set)
{
	if (set->n > 32) {
		qsort(set->node, set->n, sizeof *set->node, regex_dfa_order);
		return;
	}
	for (uint32_t i = 1; i < set->n; i++) {
		uint32_t v = set->node[i], k = i;

		for (; k > 0 && set->node[k - 1] > v; k--)
			set->node[k] = set->node[k - 1];
		set->node[k] = v;
	}
}

static uint32_t
regex_dfa_hash(const uint32_t *node, uint32_t n)
{
	uint32_t h = 2166136261U;

	for (uint32_t i = 0; i < n; i++)
		h = (h ^ node[i]) * 16777619U;
	return h ^ h >> 15;
}

static void
regex_dfa_rehash(struct regex_dfa *d)
{
	d->hash_size = d->hash_size ? d->hash_size * 2 : 64;
	free(d->hash);
	d->hash = mem_array(d->hash_size, sizeof *d->hash);
	for (uint32_t s = 1; s <= d->nstates; s++) {
		uint32_t h = regex_dfa_hash(d->pool + d->states[s].at, d->states[s].n);

		while (d->hash[h & (d->hash_size - 1)] != 0)
			h++;
		d->hash[h & (d->hash_size - 1)] = s;
	}
}

static size_t
regex_dfa_size(const struct regex_dfa *d)
{
	return ((size_t)(d->nstates + 2) << d->shift) * sizeof *d->trans +
	    (d->pool_len + d->then.n) * sizeof *d->pool + d->nstates * 2 * sizeof *d->states;
}

/* Makes a state of then, which is not among the states yet. */
static uint32_t
regex_dfa_add(struct regex_dfa *d)
{
	uint32_t s = ++d->nstates;

	if (s >= d->state_room) {
		d->state_room = d->state_room ? d->state_room * 2 : 8;
		d->states = mem_resize(d->states, d->state_room * sizeof *d->states);
		d->trans = mem_resize(d->trans,
		    ((size_t)d->state_room << d->shift) * sizeof *d->trans);
	}
	if (d->pool_len + d->then.n > d->pool_room) {
		d->pool_room = (d->pool_len + d->then.n) * 2;
		d->pool = mem_resize(d->pool, d->pool_room * sizeof *d->pool);
	}
	d->states[s] = (struct regex_dfa_state){ d->pool_len, d->then.n };
	memcpy(d->pool + d->pool_len, d->then.node, d->then.n * sizeof *d->pool);
	d->pool_len += d->then.n;
	memset(d->trans + ((size_t)s << d->shift), 0, sizeof *d->trans << d->shift);
	return s;
}

/* The state for then: an old one or a new one. 0: there is no room for it. */
static uint32_t
regex_dfa_intern(struct regex_dfa *d)
{
	uint32_t h, s;

	if (d->then.n == 0)
		return REGEX_DFA_DEAD;
	if (d->hash_size < 2 * (d->nstates + 1))
		regex_dfa_rehash(d);
	regex_dfa_sort(&d->then);
	h = regex_dfa_hash(d->then.node, d->then.n);
	while ((s = d->hash[h & (d->hash_size - 1)]) != 0) {
		if (d->states[s].n == d->then.n && memcmp(d->pool + d->states[s].at,
		    d->then.node, d->then.n * sizeof *d->then.node) == 0)
			return s << d->shift;
		h++;
	}
	if (regex_dfa_size(d) > REGEX_DFA_BUDGET)
		return 0;
	s = regex_dfa_add(d);
	d->hash[h & (d->hash_size - 1)] = s;
	return s << d->shift;
}

/* Which bytes lead away from the state where no match is under way. */
static void
regex_dfa_firsts(struct regex_dfa *d)
{
	const struct regex_prog *prog = d->prog;
	bool eaten[256] = { false };

	for (unsigned s = 0; s < prog->nsymbols; s++)
		for (uint32_t i = 0; i < d->then.n && !eaten[s]; i++)
			eaten[s] = regex_dfa_eats(prog, &prog->nodes[d->then.node[i]], s);
	d->nfirst = 0;
	for (int c = 0; c < 256; c++) {
		d->first[c] = eaten[prog->symbol[c]];
		if (d->first[c] && d->nfirst < REGEX_DFA_FIRST_BYTES_MAX)
			d->only[d->nfirst] = (unsigned char)c;
		d->nfirst += d->first[c];
	}
}

/* Makes the states a run starts with. True: the empty text matches. */
static bool
regex_dfa_start(struct regex_dfa *d)
{
	regex_dfa_begin(d);
	if (regex_dfa_reach(d, d->prog->start, false))
		return true;
	if (d->nfirst == 0)
		regex_dfa_firsts(d);
	d->base = regex_dfa_intern(d);
	regex_dfa_begin(d);
	regex_dfa_reach(d, d->prog->start, true);
	d->initial = regex_dfa_intern(d);
	return false;
}

static void
regex_dfa_swap(struct regex_dfa *d)
{
	struct regex_dfa_set set = d->now;

	d->now = d->then;
	d->then = set;
}

/* The states have outgrown their memory: start anew, or go on without any when the last ones were
 * hardly used. */
static uint32_t
regex_dfa_flush(struct regex_dfa *d, struct regex_dfa_walk *w)
{
	bool wasted = w->read - d->flushed_at < (size_t)d->nstates * 16;
	uint32_t s;

	d->flushed_at = w->read;
	regex_dfa_swap(d);
	regex_dfa_forget(d);
	if (!wasted && !regex_dfa_start(d)) {
		regex_dfa_swap(d);
		if ((s = regex_dfa_intern(d)) != 0)
			return s;
		regex_dfa_swap(d);
	}
	d->slow = true;
	return 0;
}

/* The transition that is not known yet. */
static uint32_t
regex_dfa_learn(struct regex_dfa *d, struct regex_dfa_walk *w, unsigned symbol)
{
	const struct regex_dfa_state *from = &d->states[w->state >> d->shift];
	uint32_t s;

	s = regex_dfa_advance(d, d->pool + from->at, from->n, symbol);
	if (s == REGEX_DFA_UNKNOWN && (s = regex_dfa_intern(d)) == 0)
		return regex_dfa_flush(d, w);
	d->trans[w->state + symbol] = s;
	return s;
}

/* One symbol, as it comes. Returns UNKNOWN as long as not all is said. */
static uint32_t
regex_dfa_step(struct regex_dfa *d, struct regex_dfa_walk *w, unsigned symbol)
{
	uint32_t s;

	if (d->slow) {
		s = regex_dfa_advance(d, d->now.node, d->now.n, symbol);
		if (s != REGEX_DFA_UNKNOWN)
			return s;
		regex_dfa_swap(d);
		return d->now.n == 0 ? REGEX_DFA_DEAD : REGEX_DFA_UNKNOWN;
	}
	s = d->trans[w->state + symbol];
	if (s == REGEX_DFA_UNKNOWN)
		s = regex_dfa_learn(d, w, symbol);
	if (s != REGEX_DFA_UNKNOWN && s < REGEX_DFA_SPECIALS)
		return s;
	w->state = s;
	return REGEX_DFA_UNKNOWN;
}

/* Where the next byte is that leads away from base. */
static const unsigned char *
regex_dfa_skip(const struct regex_dfa *d, const unsigned char *p, const unsigned char *end)
{
	const bool *first = d->first;

	if (d->nfirst == 1) {
		const unsigned char *hit = memchr(p, d->only[0], (size_t)(end - p));

		return hit ? hit : end;
	}
	for (; end - p >= 4; p += 4) {
		if (first[p[0]])
			return p;
		if (first[p[1]])
			return p + 1;
		if (first[p[2]])
			return p + 2;
		if (first[p[3]])
			return p + 3;
	}
	while (p < end && !first[*p])
		p++;
	return p;
}

/* Runs over known transitions; stops at the end or before the byte whose transition is special. */
static const unsigned char *
regex_dfa_glide(const struct regex_dfa *d, struct regex_dfa_walk *w, const unsigned char *p,
    const unsigned char *end)
{
	const uint32_t *trans = d->trans;
	const uint16_t *symbol = d->prog->symbol;
	uint32_t s = w->state, base = d->base, next;

	while (p < end) {
		if (s == base && (p = regex_dfa_skip(d, p, end)) == end)
			break;
		next = trans[s + symbol[*p]];
		if (next < REGEX_DFA_SPECIALS)
			break;
		s = next;
		p++;
	}
	w->state = s;
	return p;
}

static uint32_t
regex_dfa_bytes(struct regex_dfa *d, struct regex_dfa_walk *w, struct bytes b)
{
	const unsigned char *p = (const unsigned char *)b.p, *end = p + b.len, *was;
	uint32_t s;

	while (p < end) {
		was = p;
		if (!d->slow)
			p = regex_dfa_glide(d, w, p, end);
		w->read += (size_t)(p - was);
		w->pos += (size_t)(p - was);
		if (p == end)
			break;
		s = regex_dfa_step(d, w, d->prog->symbol[*p++]);
		w->read++;
		w->pos++;
		if (s != REGEX_DFA_UNKNOWN)
			return s;
	}
	return REGEX_DFA_UNKNOWN;
}

/* The newline before from, where there is one, virtual or not. */
static uint32_t
regex_dfa_lead(struct regex_dfa *d, struct regex_dfa_walk *w, const struct regex_text *text,
    size_t length)
{
	if (w->pos == 0)
		return regex_dfa_step(d, w, d->prog->nsymbols);
	if (w->pos == length || regex_text_at(text, w->pos - 1) == '\n')
		return regex_dfa_step(d, w, d->prog->symbol['\n']);
	return REGEX_DFA_UNKNOWN;
}

static uint32_t
regex_dfa_walk(struct regex_dfa *d, struct regex_dfa_walk *w, const struct regex_text *text,
    size_t to)
{
	size_t length = regex_text_length(text);
	uint32_t s = regex_dfa_lead(d, w, text, length);

	while (s == REGEX_DFA_UNKNOWN && w->pos < to)
		s = regex_dfa_bytes(d, w, bytes_first(regex_text_chunk(text, w->pos), to - w->pos));
	if (s == REGEX_DFA_UNKNOWN && to == length) {
		s = regex_dfa_step(d, w, d->prog->nsymbols + 1U);
		w->pos += s == REGEX_DFA_ACCEPT;
	}
	return s;
}

bool
regex_dfa_run(struct regex_dfa *d, const struct regex_text *text, size_t from, size_t to,
    size_t *end_r)
{
	struct regex_dfa_walk w = { .pos = from };
	uint32_t s;

	regex_dfa_prepare(d);
	*end_r = from;
	d->flushed_at = 0;
	d->slow = false;
	if (d->initial == 0 && regex_dfa_start(d))
		return true;
	if (d->initial == 0 || d->base == 0) {
		/* One state alone is too large. */
		regex_dfa_begin(d);
		regex_dfa_reach(d, d->prog->start, true);
		regex_dfa_swap(d);
		d->slow = true;
	}
	w.state = d->initial;
	if (w.state == REGEX_DFA_DEAD)
		return false;
	s = regex_dfa_walk(d, &w, text, to);
	if (s != REGEX_DFA_ACCEPT && s != REGEX_DFA_ACCEPT_BEFORE)
		return false;
	*end_r = w.pos;
	return true;
}
