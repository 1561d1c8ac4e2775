#include "scan/digest.h"

#include <clamav.h>
#include <string.h>

bool
digest_message(struct bytes message, unsigned char digest_r[DIGEST_SIZE])
{
	unsigned length = 0;
	const char *nl;

	if (bytes_starts(message, "From ")) {
		nl = memchr(message.p, '\n', message.len);
		message = bytes_from(message, nl ? (size_t)(nl - message.p) + 1 : message.len);
	}
	return cl_sha256(message.p, message.len, digest_r, &length) && length == DIGEST_SIZE;
}
