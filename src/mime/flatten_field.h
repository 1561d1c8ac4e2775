/*
 * flatten_field.h - the fields of a header in the one form that every program reads alike.
 */
#ifndef MIME_FLATTEN_FIELD_H
#define MIME_FLATTEN_FIELD_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "mime/split.h"

/* What to do with a field of a message's header. */
enum flatten_field {
	FLATTEN_FIELD_KEEP,   /* as it is: nobody stumbles over it */
	FLATTEN_FIELD_MEND,   /* flatten_field_mend makes it so */
	FLATTEN_FIELD_BODY,   /* it says what the body is: a new one takes its place */
	FLATTEN_FIELD_JUNK    /* it is none */
};

/* first: it is the first line of the message. eol: how the message's lines end. */
enum flatten_field flatten_field_kind(const struct split_field *f, bool first, const char *eol);
/* Appends the field in a clean form, with its line end. */
void flatten_field_mend(const struct split_field *f, const char *eol, struct buf *out);

/* The fields that say what a part is, from those it has (head), for the type it gets; each once, in
 * clean form.  boundary: of a multipart, else NULL; encoding: NULL for none. attach: without a
 * disposition of its own it is an attachment. */
struct flatten_part {
	const char *type;
	const char *boundary;
	const char *encoding;
	bool attach;
};
void flatten_field_part(struct bytes head, const struct flatten_part *part, const char *eol,
    struct buf *out);
/* Appends the name as a parameter, ";" in front of it; nothing if no name is left of it. */
void flatten_field_name(const char *parameter, struct bytes name, const char *eol,
    struct buf *out);

/* Appends "type/subtype" of that header, "" if it is not well-formed; word: the transfer encoding
 * without what may stand around it, in lower case. */
void flatten_field_type(struct bytes head, bool digest, struct buf *out);
void flatten_field_encoding(struct bytes head, struct buf *word, bool *odd_r);

#endif
