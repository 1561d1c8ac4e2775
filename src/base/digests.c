#include "base/digests.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct digests {
	unsigned char (*rows)[DIGESTS_SIZE];   /* open addressing; an unused row is all zero */
	size_t n_rows, used;
};

struct digests *
digests_new(void)
{
	struct digests *d = mem_zero(sizeof *d);

	d->n_rows = 64;
	d->rows = mem_array(d->n_rows, DIGESTS_SIZE);
	return d;
}

void
digests_free(struct digests **d)
{
	if (*d)
		free((*d)->rows);
	free(*d);
	*d = NULL;
}

/* The row that holds the digest, or where it belongs. */
static unsigned char *
digests_row(const struct digests *d, const unsigned char *digest)
{
	static const unsigned char none[DIGESTS_SIZE];
	uint64_t at;

	memcpy(&at, digest, sizeof at);
	for (size_t i = at & (d->n_rows - 1);; i = (i + 1) & (d->n_rows - 1))
		if (memcmp(d->rows[i], digest, DIGESTS_SIZE) == 0 ||
		    memcmp(d->rows[i], none, DIGESTS_SIZE) == 0)
			return d->rows[i];
}

static void
digests_grow(struct digests *d)
{
	unsigned char (*old)[DIGESTS_SIZE] = d->rows;
	size_t n = d->n_rows;

	d->n_rows *= 2;
	d->rows = mem_array(d->n_rows, DIGESTS_SIZE);
	for (size_t i = 0; i < n; i++)
		memcpy(digests_row(d, old[i]), old[i], DIGESTS_SIZE);
	free(old);
}

bool
digests_add(struct digests *d, const unsigned char digest[DIGESTS_SIZE])
{
	unsigned char *row = digests_row(d, digest);

	if (memcmp(row, digest, DIGESTS_SIZE) == 0)
		return false;
	memcpy(row, digest, DIGESTS_SIZE);
	if (++d->used * 2 > d->n_rows)
		digests_grow(d);
	return true;
}

bool
digests_has(const struct digests *d, const unsigned char digest[DIGESTS_SIZE])
{
	return memcmp(digests_row(d, digest), digest, DIGESTS_SIZE) == 0;
}
