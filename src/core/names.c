#include "core/names.h"

#include <stdlib.h>
#include <sys/random.h>

#include "base/mem.h"

#define NAMES_SLOTS_FIRST 256  /* few messages have more than a hundred */

/* Open addressing, half full at most. */
struct names {
	uint64_t seed;
	size_t count, n_slots;
	uint64_t *slots;     /* hashes, 0: free */
};

struct names *
names_new(void)
{
	struct names *n = mem_zero(sizeof *n);

	/* Without it a sender could choose names that all fall together. */
	if (getrandom(&n->seed, sizeof n->seed, GRND_NONBLOCK) < 0)
		n->seed = (uint64_t)(uintptr_t)n;
	n->n_slots = NAMES_SLOTS_FIRST;
	n->slots = mem_array(n->n_slots, sizeof *n->slots);
	return n;
}

void
names_free(struct names **n)
{
	if (*n)
		free((*n)->slots);
	free(*n);
	*n = NULL;
}

/* FNV-1a with a seed and a final mix.  64 bits stand for the name itself: two of 65536 names share
 * one with a chance of one in ten thousand million, and a lost name is all that happens then. */
static uint64_t
names_hash(const struct names *n, struct bytes b)
{
	uint64_t h = 0xcbf29ce484222325u ^ n->seed;

	for (size_t i = 0; i < b.len; i++)
		h = (h ^ (unsigned char)b.p[i]) * 0x100000001b3u;
	h ^= h >> 32;
	h *= 0x9e3779b97f4a7c15u;
	h ^= h >> 29;
	return h ? h : 1;
}

/* Where the hash is, or belongs. */
static uint64_t *
names_slot(const struct names *n, uint64_t hash)
{
	size_t i = hash % n->n_slots;

	while (n->slots[i] && n->slots[i] != hash)
		i = (i + 1) % n->n_slots;
	return &n->slots[i];
}

static void
names_grow(struct names *n)
{
	uint64_t *old = n->slots;
	size_t n_old = n->n_slots;

	n->n_slots *= 2;
	n->slots = mem_array(n->n_slots, sizeof *n->slots);
	for (size_t i = 0; i < n_old; i++)
		if (old[i])
			*names_slot(n, old[i]) = old[i];
	free(old);
}

bool
names_add(struct names *n, struct bytes line)
{
	uint64_t hash = names_hash(n, line), *slot = names_slot(n, hash);

	if (*slot || names_full(n))
		return false;
	*slot = hash;
	if (++n->count * 2 > n->n_slots)
		names_grow(n);
	return true;
}

bool
names_full(const struct names *n)
{
	return n->count >= NAMES_MAX;
}
