/*
 * base64.h - base64 as the most forgiving mail program decodes it.
 *
 * Bytes outside the alphabet are skipped, padding ends a group wherever it stands and decoding goes
 * on behind it, a tail too short for a byte is dropped.  (GMime 3.2.13 stops at the first padding.)
 */
#ifndef MIME_BASE64_H
#define MIME_BASE64_H

#include "base/buf.h"
#include "base/bytes.h"

struct base64_oddities {
	bool junk;           /* bytes that are neither alphabet, padding nor white space */
	bool after_padding;  /* more data behind padding */
};

/* Appends to out. */
void base64_decode(struct bytes text, struct buf *out, struct base64_oddities *odd_r);

#endif
