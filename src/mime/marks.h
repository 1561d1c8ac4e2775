/*
 * marks.h - every line of a message that some mail program may take for a delimiter.
 */
#ifndef MIME_MARKS_H
#define MIME_MARKS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "base/mem.h"

#define MARKS_BOUNDARIES_MAX 64
#define MARKS_TESTS_MAX 200   /* boundaries that were declared and do not occur */

/* [begin, end) goes away where the message is cut: line end, "--", boundary, rest of the line. */
struct marks_mark {
	size_t begin, end;
	int boundary;      /* index */
	bool strict;       /* as RFC 2046 has it; else glued, indented, or with more behind it */
};

struct marks {
	struct bytes boundaries[MARKS_BOUNDARIES_MAX];
	int boundary_count;
	int tests;
	struct marks_mark *list;   /* in order, disjoint */
	size_t count, room;
	bool too_many;             /* of either */
	struct arena *arena;       /* holds boundaries */
};

/* Boundaries are those that are declared in any field and form, lines "--x" in front of a field of
 * MIME, and lines "--x" that come twice.  Linear in text. max: marks. */
void marks_find(struct marks *m, struct bytes text, size_t max);
void marks_clear(struct marks *m);

#endif
