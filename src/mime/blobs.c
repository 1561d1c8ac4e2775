#include "mime/blobs.h"

#include <gmime/gmime.h>
#include <stdlib.h>

#include "base/digests.h"
#include "base/mem.h"

struct blobs {
	mime_reading_fn *fn;
	void *context;
	struct digests *seen;   /* a short hash would let one object hide behind another */
	size_t bytes, bytes_max, extra;
	bool done, over;
};

struct blobs *
blobs_new(size_t message, mime_reading_fn *fn, void *context)
{
	struct blobs *b = mem_zero(sizeof *b);

	b->fn = fn;
	b->context = context;
	b->seen = digests_new();
	b->bytes_max = message * BLOBS_TIMES + BLOBS_BYTES;
	return b;
}

void
blobs_free(struct blobs **b)
{
	if (*b)
		digests_free(&(*b)->seen);
	free(*b);
	*b = NULL;
}

/* False: it is there already. */
static bool
blobs_add(struct blobs *b, struct bytes object)
{
	GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA256);
	unsigned char digest[DIGESTS_SIZE];
	gsize size = sizeof digest;

	g_checksum_update(sum, (const guchar *)object.p, (gssize)object.len);
	g_checksum_get_digest(sum, digest, &size);
	g_checksum_free(sum);
	return digests_add(b->seen, digest);
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
