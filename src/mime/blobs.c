#include "mime/blobs.h"

#include <gmime/gmime.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* SHA-256: who can make two objects of one digest could hide one behind the other. */
#define BLOBS_DIGEST 32

struct blobs {
	mime_reading_fn *fn;
	void *context;
	unsigned char (*digests)[BLOBS_DIGEST];   /* open hash table; an unused row is all zero */
	size_t rows, used;
	size_t bytes, bytes_max, extra;
	bool done, over;
};

struct blobs *
blobs_new(size_t message, mime_reading_fn *fn, void *context)
{
	struct blobs *b = mem_zero(sizeof *b);

	b->fn = fn;
	b->context = context;
	b->rows = 64;
	b->digests = mem_array(b->rows, BLOBS_DIGEST);
	b->bytes_max = message * BLOBS_TIMES + BLOBS_BYTES;
	return b;
}

void
blobs_free(struct blobs **b)
{
	if (*b)
		free((*b)->digests);
	free(*b);
	*b = NULL;
}

/* The row that holds the digest, or where it belongs. */
static unsigned char *
blobs_row(struct blobs *b, const unsigned char *digest)
{
	static const unsigned char none[BLOBS_DIGEST];
	uint64_t at;

	memcpy(&at, digest, sizeof at);
	for (size_t i = at & (b->rows - 1);; i = (i + 1) & (b->rows - 1))
		if (memcmp(b->digests[i], digest, BLOBS_DIGEST) == 0 ||
		    memcmp(b->digests[i], none, BLOBS_DIGEST) == 0)
			return b->digests[i];
}

static void
blobs_grow(struct blobs *b)
{
	unsigned char (*old)[BLOBS_DIGEST] = b->digests;
	size_t rows = b->rows;

	b->rows *= 2;
	b->digests = mem_array(b->rows, BLOBS_DIGEST);
	for (size_t i = 0; i < rows; i++)
		memcpy(blobs_row(b, old[i]), old[i], BLOBS_DIGEST);
	free(old);
}

/* False: it is there already. */
static bool
blobs_add(struct blobs *b, struct bytes object)
{
	GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA256);
	unsigned char digest[BLOBS_DIGEST], *row;
	gsize size = sizeof digest;

	g_checksum_update(sum, (const guchar *)object.p, (gssize)object.len);
	g_checksum_get_digest(sum, digest, &size);
	g_checksum_free(sum);
	row = blobs_row(b, digest);
	if (memcmp(row, digest, BLOBS_DIGEST) == 0)
		return false;
	memcpy(row, digest, BLOBS_DIGEST);
	if (++b->used * 2 > b->rows)
		blobs_grow(b);
	return true;
}

void
blobs_give(struct blobs *b, struct bytes object, const char *name, bool extra)
{
	if (object.len == 0 || blobs_is_done(b) || !blobs_add(b, object))
		return;
	if (extra) {
		b->bytes += object.len;
		if (b->bytes > b->bytes_max || ++b->extra > BLOBS_EXTRA_MAX) {
			b->over = true;
			return;
		}
	}
	if (!b->fn(b->context, object, name))
		b->done = true;
}

bool
blobs_is_done(const struct blobs *b)
{
	return b->done || b->over;
}

bool
blobs_is_over(const struct blobs *b)
{
	return b->over;
}
