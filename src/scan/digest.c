#include "scan/digest.h"

#include <string.h>

#include "scan/library.h"

static bool
digest_bytes(struct bytes text, unsigned char digest_r[DIGEST_SIZE])
{
#if LIBRARY_HAS_LAYERS
	uint8_t *at = digest_r;
	size_t length = DIGEST_SIZE;

	return cl_hash_data_ex("sha2-256", (const uint8_t *)text.p, text.len, &at, &length,
	    CL_HASH_FLAG_NONE) == CL_SUCCESS && length == DIGEST_SIZE;
#else
	unsigned length = 0;

	return cl_sha256(text.p, text.len, digest_r, &length) && length == DIGEST_SIZE;
#endif
}

bool
digest_message(struct bytes message, unsigned char digest_r[DIGEST_SIZE])
{
	const char *nl;

	if (bytes_starts(message, "From ")) {
		nl = memchr(message.p, '\n', message.len);
		message = bytes_from(message, nl ? (size_t)(nl - message.p) + 1 : message.len);
	}
	return digest_bytes(message, digest_r);
}

bool
digest_both(struct bytes first, struct bytes second, unsigned char digest_r[DIGEST_SIZE])
{
	void *hash = cl_hash_init("sha256");

	if (!hash)
		return false;
	if (cl_update_hash(hash, first.p, first.len) != 0 ||
	    cl_update_hash(hash, second.p, second.len) != 0) {
		cl_hash_destroy(hash);
		return false;
	}
	return cl_finish_hash(hash, digest_r) == 0;
}
