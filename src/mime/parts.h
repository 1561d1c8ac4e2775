/*
 * parts.h - the tree that GMime makes of a message, walked with a bound on depth and number.
 */
#ifndef MIME_PARTS_H
#define MIME_PARTS_H

#include <gmime/gmime.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/bytes.h"

struct parts_walk;
/* Called for each object, outermost first. */
typedef void parts_fn(struct parts_walk *walk, GMimeObject *object, int depth);

struct parts_walk {
	parts_fn *fn;
	void *context;
	int count;              /* objects seen so far, across walks */
	bool too_deep, too_many;
	bool stop;              /* fn sets it: nothing more is visited */
};

/* Parses text, which must outlive the message, without copying it. NULL: GMime sees no message.
 * warn may be NULL. *too_heavy_r: it was not even tried (weigh.h). parts_unref it when done. */
GMimeMessage *parts_parse(struct bytes text, GMimeParserWarningFunc warn, void *context,
	bool *too_heavy_r);
void parts_unref(GMimeMessage **message);
void parts_walk(struct parts_walk *walk, GMimeMessage *message, int depth);

/* The encoded bytes of a leaf, as they are in the message; a view where GMime has one, else a copy
 * in copy. */
struct bytes parts_raw(GMimePart *part, struct buf *copy);
/* Decodes what parts_raw gave as the part's transfer encoding says, into out. Empty and false for
 * encodings that leave bytes as they are: the raw ones are the content. */
bool parts_decode(GMimePart *part, struct bytes raw, struct buf *out);
/* Calls fn with each value of that field of the object itself (repeated fields, raw text). */
typedef void parts_field_fn(void *context, struct bytes value);
int parts_fields(GMimeObject *object, const char *name, parts_field_fn *fn, void *context);
/* The file names that some program may show, one a line. */
void parts_names(GMimeObject *object, struct buf *out);

#endif
