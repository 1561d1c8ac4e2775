/*
 * base64.h - base64 as mail programs decode it, which is in many ways once it is not well-formed.
 */
#ifndef MIME_BASE64_H
#define MIME_BASE64_H

#include "base/buf.h"
#include "base/bytes.h"

/* All forms are the same for well-formed text.  (GMime 3.2.13 is BASE64_STOP.) */
enum base64_form {
	BASE64_RESTART,     /* junk is skipped, padding ends a group, decoding goes on behind it */
	BASE64_STOP,        /* padding ends the data */
	BASE64_STOP_VALID,  /* padding ends the data where a group may end, else it is skipped */
	BASE64_ZERO,        /* "=" stands for six zero bits */
	BASE64_SKIP,        /* "=" is skipped as junk is */
	BASE64_REST,        /* padding, and what follows it on its line, ends a group */
	BASE64_LINES,       /* each line by itself; a tail too short for a byte is dropped */
	BASE64_CLEAN,       /* lines with junk are left out */
	BASE64_JUNK_STOP,   /* junk ends the data */
	BASE64_JUNK_ZERO,   /* junk stands for six zero bits */
	BASE64_URL,         /* "-" and "_" are digits (RFC 4648 5) */
	BASE64_SHIFT_1,     /* without the first one to three digits */
	BASE64_SHIFT_2,
	BASE64_SHIFT_3,
	BASE64_FORMS
};

struct base64_oddities {
	bool junk;           /* bytes that are neither alphabet, padding nor white space */
	bool after_padding;  /* more data behind padding */
	bool misaligned;     /* padding is missing, or there is too much of it */
	bool ragged;         /* a line, not the last, that does not hold whole groups */
};

/* Both append to out. */
void base64_decode(struct bytes text, struct buf *out, struct base64_oddities *odd_r);
void base64_decode_as(struct bytes text, enum base64_form form, struct buf *out);
/* True when some form differs from another. */
bool base64_check(struct bytes text, struct base64_oddities *odd_r);

#endif
