#include "scan/layers.h"

#include <stdlib.h>

#include "base/digests.h"
#include "base/mem.h"
#include "base/str.h"
#include "scan/digest.h"

struct layers {
	struct digests *seen;
};

struct layers *
layers_new(void)
{
	struct layers *l = mem_zero(sizeof *l);

	l->seen = digests_new();
	return l;
}

void
layers_free(struct layers **l)
{
	if (*l)
		digests_free(&(*l)->seen);
	free(*l);
	*l = NULL;
}

bool
layers_add(struct layers *l, struct bytes content, unsigned char digest[DIGEST_SIZE])
{
	if (content.len == 0 || !digest_both(content, bytes_of(""), digest))
		return false;
	digests_add(l->seen, digest);
	return true;
}

static bool
layers_has_both(const struct layers *l, struct bytes content, const char *behind)
{
	unsigned char digest[DIGEST_SIZE];

	return digest_both(content, bytes_of(behind), digest) && digests_has(l->seen, digest);
}

bool
layers_has(const struct layers *l, struct bytes content)
{
	return layers_has_both(l, content, "");
}

bool
layers_has_line(const struct layers *l, struct bytes content)
{
	return layers_has_both(l, content, "\n") || layers_has_both(l, content, "\r\n");
}
