/*
 * split.h - a message as ranges of bytes: which entity begins and ends where (RFC 2045, 2046).
 *
 * No library: nothing is decoded and nothing copied, so that a range can be taken out and all other
 * bytes stay as they came.  Any bytes are a message.  Linear in the message; entities and depth are
 * bounded.  What mail programs read differently is a matter of the view.
 */
#ifndef MIME_SPLIT_H
#define MIME_SPLIT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/bytes.h"

#define SPLIT_DEPTH_MAX 100      /* levels; a deeper entity stays a leaf */
#define SPLIT_ENTITIES_MAX 10000
#define SPLIT_BOUNDARY_MAX 1000  /* bytes; RFC 2046 allows 70 */

enum split_kind {
	SPLIT_LEAF,
	SPLIT_MULTIPART,    /* its children are its parts */
	SPLIT_MESSAGE       /* message/rfc822 or global, not encoded: one child, its root */
};

/* Offsets into the message.  begin <= head_end <= body <= end.
 *
 * The delimiter line of a part is [delimiter, begin): it holds the line end in front of "--",
 * which belongs to it (RFC 2046 5.1.1), and its own.  Empty for the root and for the message
 * within a SPLIT_MESSAGE.
 *
 * A multipart's preamble is [body, the first part's delimiter), or up to close, or up to end; its
 * closing delimiter line is [close, epilogue), cut like a part's, and its epilogue [epilogue, end).
 * Without closing delimiter close == epilogue == end. */
struct split_entity {
	enum split_kind kind;
	int parent;          /* index; -1 for the root, which is entity 0 */
	int depth;           /* 0 for the root */
	int parts;           /* children */
	bool digest;         /* multipart/digest: a part is a message unless it says otherwise */
	size_t delimiter;
	size_t begin;        /* the header; a From_ line in front of the root's is part of it */
	size_t head_end;     /* behind the last field, where the empty line begins */
	size_t body;         /* behind the empty line */
	size_t end;
	size_t close, epilogue;
	struct bytes boundary;  /* of a multipart; points into the split's own memory */
};

/* What a program makes of what is not well-formed. */
struct split_view {
	bool last_field;      /* of repeated fields the last counts, else the first */
	bool last_parameter;  /* of several boundaries in one field the last counts */
	bool prefix;          /* "--fooX" is a delimiter of the boundary "foo" */
	bool junk_ends_head;  /* a line that is no field ends the header and begins the body */
};

/* The view nearest to the standard, which is GMime's as well. */
extern const struct split_view split_main;

struct split {
	struct bytes text;               /* the message; borrowed */
	struct split_entity *entities;   /* in the order of the message: parents before children */
	int count;
	bool too_many, too_deep;         /* a bound was met: some leaf was not taken apart */
	struct arena *arena;
};

/* Never NULL; split_free it before text goes away. */
struct split *split_new(struct bytes text, const struct split_view *view);
void split_free(struct split **s);

/* The header of an entity without its empty line, and the body. */
struct bytes split_head(const struct split *s, int entity);
struct bytes split_body(const struct split *s, int entity);

/* One field of a header.  A line that is none (no colon) is told with an empty name. */
struct split_field {
	struct bytes name;   /* as written, without blanks at its ends */
	struct bytes value;  /* behind the colon, folds included, last line end not */
	struct bytes all;    /* whole extent with line ends */
};

/* Takes the next field, with its continuation lines, off *rest; false at its end. */
bool split_field_next(struct bytes *rest, struct split_field *f);
/* Is the first field of a head what an mbox or an MTA writes in front of it?  One line: a second
 * one that continues it is a trick, and readers part over it. */
bool split_field_is_from_line(const struct split_field *first);
/* The first or last field of that name in head. */
bool split_field_find(struct bytes head, const char *name, bool last, struct split_field *f);
/* "type/subtype" in lower case, without comments and white space, at the front of a Content-Type
 * value; "text/plain" if there is nothing. */
void split_type(struct bytes value, struct buf *out);

#endif
