#include "recipe/regex_find.h"

#include <limits.h>
#include <string.h>

/* The compiler makes vector instructions of this where there are any, and loops elsewhere. */
typedef unsigned char regex_find_vec __attribute__((vector_size(16)));

#define REGEX_FIND_STEP (2 * sizeof(regex_find_vec))

void
regex_find_add(struct regex_finder *finder, const char *s, size_t len)
{
	struct regex_literal *lit = &finder->lit[finder->count++];
	unsigned least = UINT_MAX, next = UINT_MAX;
	size_t a = 0, b = 0;

	lit->len = (uint8_t)len;
	for (size_t i = 0; i < len; i++) {
		unsigned often = regex_need_frequency((unsigned char)s[i]);

		lit->s[i] = finder->fold[(unsigned char)s[i]];
		if (often < least) {
			b = a;
			next = least;
			a = i;
			least = often;
		} else if (often < next) {
			b = i;
			next = often;
		}
	}
	lit->at[0] = (uint8_t)a;
	lit->at[1] = (uint8_t)b;
	for (int i = 0; i < 2; i++) {
		unsigned char c = lit->s[lit->at[i]];

		lit->mask[i] = finder->fold['A'] == 'a' && c >= 'a' && c <= 'z' ? 0x20 : 0;
	}
}

void
regex_find_init(struct regex_finder *finder, const struct regex_prog *prog)
{
	finder->fold = prog->fold;
	finder->count = 0;
	for (int i = 0; i < prog->need.count; i++)
		regex_find_add(finder, prog->need.lit[i].s, prog->need.lit[i].len);
}

static bool
regex_find_equal(const struct regex_finder *f, const struct regex_literal *lit,
    const unsigned char *p)
{
	for (size_t i = 0; i < lit->len; i++)
		if (f->fold[p[i]] != lit->s[i])
			return false;
	return true;
}

static const unsigned char *
regex_find_slow(const struct regex_finder *f, const struct regex_literal *lit,
    const unsigned char *p, const unsigned char *end)
{
	for (; (size_t)(end - p) >= lit->len; p++)
		if ((p[lit->at[0]] | lit->mask[0]) == lit->s[lit->at[0]] &&
		    regex_find_equal(f, lit, p))
			return p;
	return NULL;
}

static inline regex_find_vec
regex_find_load(const unsigned char *p)
{
	regex_find_vec v;

	memcpy(&v, p, sizeof v);
	return v;
}

static inline bool
regex_find_any(regex_find_vec v)
{
	uint64_t w[2];

	memcpy(w, &v, sizeof w);
	return (w[0] | w[1]) != 0;
}

/* All of [p, end) is memory we may read. */
static const unsigned char *
regex_find_in(const struct regex_finder *f, const struct regex_literal *lit,
    const unsigned char *p, const unsigned char *end)
{
	regex_find_vec m0 = (regex_find_vec){ 0 } + lit->mask[0];
	regex_find_vec m1 = (regex_find_vec){ 0 } + lit->mask[1];
	regex_find_vec c0 = (regex_find_vec){ 0 } + lit->s[lit->at[0]];
	regex_find_vec c1 = (regex_find_vec){ 0 } + lit->s[lit->at[1]];
	size_t a0 = lit->at[0], a1 = lit->at[1], half = sizeof(regex_find_vec);

	for (; (size_t)(end - p) >= REGEX_FIND_STEP + lit->len; p += REGEX_FIND_STEP) {
		regex_find_vec x = (regex_find_vec)((regex_find_load(p + a0) | m0) == c0) &
		    (regex_find_vec)((regex_find_load(p + a1) | m1) == c1);
		regex_find_vec y = (regex_find_vec)((regex_find_load(p + a0 + half) | m0) == c0) &
		    (regex_find_vec)((regex_find_load(p + a1 + half) | m1) == c1);
		const unsigned char *hit;

		if (!regex_find_any(x | y))
			continue;
		hit = regex_find_slow(f, lit, p, p + REGEX_FIND_STEP + lit->len - 1);
		if (hit)
			return hit;
	}
	return regex_find_slow(f, lit, p, end);
}

size_t
regex_find_within(const struct regex_finder *finder, int i, struct bytes text, size_t pos)
{
	const unsigned char *p = (const unsigned char *)text.p;
	const unsigned char *hit = regex_find_in(finder, &finder->lit[i], p + pos, p + text.len);

	return hit ? (size_t)(hit - p) : SIZE_MAX;
}

/* An occurrence that starts in the last bytes of the chunk at pos and goes on behind it. */
static size_t
regex_find_across(const struct regex_finder *f, const struct regex_literal *lit,
    const struct regex_text *text, size_t pos, size_t chunk)
{
	unsigned char both[2 * REGEX_NEED_LEN];
	const unsigned char *hit;
	size_t n = 0, keep = lit->len - 1U;

	if (chunk > keep) {
		pos += chunk - keep;
		chunk = keep;
	}
	while (n < chunk + keep) {
		struct bytes b = bytes_first(regex_text_chunk(text, pos + n), chunk + keep - n);

		if (b.len == 0)
			break;
		memcpy(both + n, b.p, b.len);
		n += b.len;
	}
	hit = regex_find_slow(f, lit, both, both + n);
	return hit ? pos + (size_t)(hit - both) : SIZE_MAX;
}

static size_t
regex_find_one(const struct regex_finder *f, const struct regex_literal *lit,
    const struct regex_text *text, size_t pos)
{
	struct bytes b;

	while ((b = regex_text_chunk(text, pos)).len > 0) {
		const unsigned char *p = (const unsigned char *)b.p;
		const unsigned char *hit = regex_find_in(f, lit, p, p + b.len);
		size_t across;

		if (hit)
			return pos + (size_t)(hit - p);
		across = regex_find_across(f, lit, text, pos, b.len);
		if (across != SIZE_MAX)
			return across;
		pos += b.len;
	}
	return SIZE_MAX;
}

void
regex_find_start(struct regex_walk *walk)
{
	memset(walk, 0, sizeof *walk);
}

/* walk->next[i] is the next occurrence of literal i, plus one; 0: not looked for yet. */
size_t
regex_find_next(const struct regex_finder *finder, struct regex_walk *walk,
    const struct regex_text *text, size_t pos)
{
	size_t first = SIZE_MAX;

	for (int i = 0; i < finder->count; i++) {
		size_t *next = &walk->next[i];

		if (*next != SIZE_MAX && *next <= pos) {
			*next = regex_find_one(finder, &finder->lit[i], text, pos);
			if (*next != SIZE_MAX)
				++*next;
		}
		if (*next != SIZE_MAX && *next - 1 < first)
			first = *next - 1;
	}
	return first;
}
