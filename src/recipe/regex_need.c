#include "recipe/regex_need.h"

#include <limits.h>
#include <string.h>

/* Occurrences per 1000 bytes of mail for lower case letters and some others; 0 is a default. */
static const unsigned char regex_need_common[128] = {
	[' '] = 150, ['a'] = 62, ['b'] = 14, ['c'] = 27, ['d'] = 32, ['e'] = 95, ['f'] = 18,
	['g'] = 18, ['h'] = 38, ['i'] = 58, ['j'] = 3,
	['k'] = 9, ['l'] = 36, ['m'] = 28, ['n'] = 56,
	['o'] = 62, ['p'] = 22, ['q'] = 2, ['r'] = 54,
	['s'] = 55, ['t'] = 75, ['u'] = 26, ['v'] = 10,
	['w'] = 18, ['x'] = 5, ['y'] = 16, ['z'] = 4,
	['0'] = 20, ['1'] = 14, ['2'] = 14, ['3'] = 12,
	['4'] = 8, ['5'] = 8, ['6'] = 8, ['7'] = 8, ['8'] = 8, ['9'] = 8, ['.'] = 18, [','] = 8,
	['-'] = 12, [':'] = 10, ['='] = 20, ['/'] = 14,
	['<'] = 12, ['>'] = 12, ['"'] = 8, ['@'] = 5,
	['_'] = 4, [';'] = 6, ['&'] = 4, ['('] = 3, [')'] = 3, ['\r'] = 20, ['\t'] = 8,
};

unsigned
regex_need_frequency(unsigned char c)
{
	if (c >= 'A' && c <= 'Z')
		c += 'a' - 'A';
	if (c < 128 && regex_need_common[c] > 0)
		return regex_need_common[c];
	return 2;
}

void
regex_need_empty(struct regex_part *part)
{
	part->exact = true;
	part->run.count = 1;
	part->run.lit[0].len = 0;
	part->best.count = 0;
}

void
regex_need_any(struct regex_part *part)
{
	regex_need_empty(part);
	part->exact = false;
}

void
regex_need_bytes(struct regex_part *part, const unsigned char *c, size_t count)
{
	regex_need_empty(part);
	part->run.count = (uint8_t)count;
	for (size_t i = 0; i < count; i++) {
		part->run.lit[i].len = 1;
		part->run.lit[i].s[0] = (char)c[i];
	}
}

unsigned long
regex_need_chance(const char *s, size_t len)
{
	unsigned long chance = 1000000;

	for (size_t k = 0; k < len && chance > 0; k++)
		chance = chance * regex_need_frequency((unsigned char)s[k]) / 1000;
	return chance;
}

/* A field's name is rare among letters, but every message has it. */
#define REGEX_NEED_NAME 5000

/* How many hits per million bytes are to be expected, plus the price of looking; less is better. */
static unsigned long
regex_need_cost(const struct regex_need *need)
{
	unsigned long cost = 0;

	if (need->count == 0)
		return ULONG_MAX;
	for (int i = 0; i < need->count; i++) {
		if (need->lit[i].len == 0)
			return ULONG_MAX;
		cost += 500 + regex_need_chance(need->lit[i].s, need->lit[i].len);
		if (need->lit[i].s[need->lit[i].len - 1] == ':')
			cost += REGEX_NEED_NAME;
	}
	return cost;
}

static void
regex_need_better(struct regex_need *best, const struct regex_need *other)
{
	if (regex_need_cost(other) < regex_need_cost(best))
		*best = *other;
}

/* run becomes every string of run followed by every string of tail, if that fits. */
static bool
regex_need_product(struct regex_need *run, const struct regex_need *tail)
{
	struct regex_need out = { .count = 0 };

	if (run->count * tail->count > REGEX_NEED_COUNT)
		return false;
	for (int i = 0; i < run->count; i++)
		for (int k = 0; k < tail->count; k++) {
			size_t a = run->lit[i].len, b = tail->lit[k].len;

			if (a + b > REGEX_NEED_LEN)
				return false;
			memcpy(out.lit[out.count].s, run->lit[i].s, a);
			memcpy(out.lit[out.count].s + a, tail->lit[k].s, b);
			out.lit[out.count++].len = (uint8_t)(a + b);
		}
	*run = out;
	return true;
}

void
regex_need_append(struct regex_part *a, const struct regex_part *b)
{
	if (b->exact && regex_need_product(&a->run, &b->run))
		return;
	/* Where b cannot be joined, the run ends and a new one starts with b's own. */
	regex_need_better(&a->best, &a->run);
	regex_need_better(&a->best, &b->best);
	a->run = b->run;
	a->exact = false;
}

static bool
regex_need_union(struct regex_need *a, const struct regex_need *b)
{
	if (a->count == 0 || b->count == 0 || a->count + b->count > REGEX_NEED_COUNT)
		return false;
	memcpy(a->lit + a->count, b->lit, b->count * sizeof b->lit[0]);
	a->count = (uint8_t)(a->count + b->count);
	return true;
}

void
regex_need_either(struct regex_part *a, const struct regex_part *b)
{
	struct regex_need other = regex_need_result(b);

	if (a->exact && b->exact && regex_need_union(&a->run, &b->run))
		return;
	a->best = regex_need_result(a);
	if (!regex_need_union(&a->best, &other))
		a->best.count = 0;
	a->exact = false;
	a->run.count = 1;
	a->run.lit[0].len = 0;
}

void
regex_need_repeat(struct regex_part *a)
{
	a->best = regex_need_result(a);
	a->exact = false;
	a->run.count = 1;
	a->run.lit[0].len = 0;
}

struct regex_need
regex_need_result(const struct regex_part *part)
{
	struct regex_need need = part->best;

	regex_need_better(&need, &part->run);
	return need;
}
