/*
 * bytes.h - a borrowed run of bytes, possibly with NULs; never freed through this.
 */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct bytes {
	const char *p;
	size_t len;
};

static inline struct bytes
bytes_of(const char *s)
{
	return (struct bytes){ s, s ? strlen(s) : 0 };
}

/* The bytes from offset on; empty when offset is past the end. */
static inline struct bytes
bytes_from(struct bytes b, size_t offset)
{
	if (offset > b.len)
		offset = b.len;
	return (struct bytes){ b.p + offset, b.len - offset };
}

static inline struct bytes
bytes_first(struct bytes b, size_t len)
{
	return (struct bytes){ b.p, len < b.len ? len : b.len };
}

static inline bool
bytes_is(struct bytes b, const char *s)
{
	return b.len == strlen(s) && memcmp(b.p, s, b.len) == 0;
}

static inline bool
bytes_starts(struct bytes b, const char *s)
{
	size_t n = strlen(s);

	return b.len >= n && memcmp(b.p, s, n) == 0;
}

#endif
