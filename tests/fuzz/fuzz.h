/*
 * fuzz.h - what the fuzz targets share.  Each defines LLVMFuzzerTestOneInput (libFuzzer's name) and
 * returns 0; what it finds are crashes, sanitizer reports, failed assertions and inputs that take
 * long.  replay.c is a main without libFuzzer that gives a target the files it is named.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The input as a run of bytes. */
static inline struct bytes
fuzz_bytes(const uint8_t *data, size_t size)
{
	return (struct bytes){ size ? (const char *)data : "", size };
}

/* Cuts off the part in front of the first sep, which goes too; all of it where there is none. */
static inline struct bytes
fuzz_part(struct bytes *rest, char sep)
{
	const char *end = rest->len ? memchr(rest->p, sep, rest->len) : NULL;
	struct bytes part = bytes_first(*rest, end ? (size_t)(end - rest->p) : rest->len);

	*rest = bytes_from(*rest, part.len + (end ? 1 : 0));
	return part;
}

static inline void
fuzz_check(bool holds)
{
	if (!holds)
		abort();
}

#endif
