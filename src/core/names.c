#include "core/names.h"

#include <stdlib.h>
#include <sys/random.h>

#include "base/mem.h"

/* Open addressing, half full at most. */
#define NAMES_SLOTS (NAMES_MAX * 2u)

struct names {
	uint64_t seed;
	size_t count;
	uint64_t slots[NAMES_SLOTS]; /* hashes, 0: free */
};

struct names *
names_new(void)
{
	struct names *n = mem_zero(sizeof *n);

	/* Without it a sender could choose names that all fall together. */
	if (getrandom(&n->seed, sizeof n->seed, GRND_NONBLOCK) < 0)
		n->seed = (uint64_t)(uintptr_t)n;
	return n;
}

void
names_free(struct names **n)
{
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

bool
names_add(struct names *n, struct bytes line)
{
	uint64_t h = names_hash(n, line);
	size_t i = h % NAMES_SLOTS;

	for (; n->slots[i]; i = (i + 1) % NAMES_SLOTS)
		if (n->slots[i] == h)
			return false;
	if (names_full(n))
		return false;
	n->slots[i] = h;
	n->count++;
	return true;
}

bool
names_full(const struct names *n)
{
	return n->count >= NAMES_MAX;
}
