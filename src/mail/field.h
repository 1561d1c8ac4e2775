/*
 * field.h - walks the fields of a head (RFC 5322, with all that real mail does to it).
 *
 * Nothing is an error: lines that are no field (junk, "From " inside the head) are passed over with
 * their continuation lines.  The walk ends at the first empty line, with or without CR, even where
 * procmail's notion of the head goes on (NUL in the head, CRLF mail).  Linear in the head.
 */
#ifndef MAIL_FIELD_H
#define MAIL_FIELD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/bytes.h"

struct field {
	struct bytes name;    /* as written, without blanks before the colon; printable ASCII */
	struct bytes value;   /* behind the colon, folds and leading blank included,
	    last CR LF not */
	struct bytes all;     /* whole extent with its line ends */
};

/* The lines "From " and ">From " that a head may begin with, with their continuation lines. */
struct bytes field_from_lines(struct bytes head);
/* The next field of *rest, which is moved behind it; *rest starts as the head. False at the end,
 * *rest then begins with the empty line, if there is one. */
bool field_next(struct bytes *rest, struct field *f);
/* The first field of that name, letter case aside. */
bool field_find(struct bytes head, const char *name, struct field *f);
/* How many fields have that name: the hop count for "Received" or "Delivered-To". */
size_t field_count(struct bytes head, const char *name);
bool field_is(const struct field *f, const char *name);
/* Appends value on one line: line ends go, the blanks that follow them stay; none at the ends. */
void field_unfold(struct bytes value, struct buf *out);
/* Printable ASCII without colon and at least one byte (ftext, RFC 5322 3.6.8). */
bool field_is_name(struct bytes name);

#endif
